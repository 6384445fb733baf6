//! Remote scripts: what the secured data of a command says, and of its answer (TS 102.226, 5).

mod compact;
mod expanded;
mod expanded_response;
mod template;

pub use compact::{CompactResponse, CompactScript, Management};
pub use expanded::{
    Action, ActionCommand, ActionRecord, Chaining, ErrorAction, ExpandedScript, Step,
};
pub use expanded_response::{BadFormat, ChainingFailure, ExpandedResponse, Finding, StepResponse};
pub use template::LengthCoding;

use polysim_apdu::ApduError;
use polysim_base::tlv::TlvError;

/// Why octets are no script, or no answer to one. Positions count from the start of the script.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// A command or an answer runs past the end.
    #[error("octet {at}: {needed} octets are needed, {left} are left")]
    Truncated {
        /// Where it begins.
        at: usize,
        /// Octets it needs.
        needed: usize,
        /// Octets there are.
        left: usize,
    },
    /// The octets are no BER-TLV objects.
    #[error(transparent)]
    Tlv(#[from] TlvError),
    /// An object that does not belong here.
    #[error("octet {at}: tag {tag:X} does not belong here")]
    Tag {
        /// Where it begins.
        at: usize,
        /// Its tag.
        tag: u32,
    },
    /// An object whose value is not one of those it can have.
    #[error("octet {at}: the value of tag {tag:X} is reserved or has a wrong length")]
    Value {
        /// Where it begins.
        at: usize,
        /// Its tag.
        tag: u32,
    },
    /// Octets behind the end of the script.
    #[error("octet {at}: octets behind the end of the script")]
    Trailing {
        /// Where they begin.
        at: usize,
    },
    /// A command that is no APDU.
    #[error("octet {at}: {error}")]
    Apdu {
        /// Where it begins.
        at: usize,
        /// What is wrong.
        error: ApduError,
    },
}
