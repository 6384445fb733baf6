use polysim_base::InvalidOctets;

use super::MESSAGE_LEN_MAX;
use crate::InvalidSim;

/// Why octets are no message.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// More octets than a message can have.
    #[error("{len} octets, a message has at most {MESSAGE_LEN_MAX}")]
    TooLong {
        /// Octets there are.
        len: usize,
    },
    /// Another release has made it.
    #[error("a message of version {found} is not known here: update the older side")]
    Version {
        /// The version.
        found: u8,
    },
    /// Not what is expected at some octet.
    #[error(transparent)]
    Octets(#[from] InvalidOctets),
    /// The set in it cannot be read.
    #[error(transparent)]
    Sim(#[from] InvalidSim),
}
