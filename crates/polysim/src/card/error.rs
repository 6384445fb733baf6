use polysim_apdu::ef::EfError;
use polysim_apdu::{ApduError, AuthenticateError, FileStructure, KeyRef, Status};
use polysim_base::Hex;
use polysim_hal::CardError;

/// Why the card did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardFault {
    /// The card was reset by another program, or by the modem that holds it: what was selected,
    /// verified and opened is gone. It is told once; select the file again, and verify the PIN.
    #[error("the card was reset meanwhile: select the file again, and verify the PIN again")]
    Reset,
    /// The way to the card failed.
    #[error(transparent)]
    Link(#[from] CardError),
    /// The card refused.
    #[error("the card refused {command}: {status} ({:04X})", u16::from(*status))]
    Refused {
        /// What was asked.
        command: &'static str,
        /// How the card answered.
        status: Status,
    },
    /// The response does not end.
    #[error("a response of more than {limit} bytes, or in more than {exchanges} pieces")]
    Endless {
        /// Most bytes of a response.
        limit: usize,
        /// Most commands spent on one response.
        exchanges: usize,
    },
    /// The card gives more or fewer bytes than the file has.
    #[error("{len} bytes where the file has {expected}")]
    WrongLength {
        /// Bytes that came.
        len: usize,
        /// Bytes expected.
        expected: usize,
    },
    /// The file is of another kind than what was asked of it.
    #[error("not possible with a file of this kind ({structure:?})")]
    Structure {
        /// The kind that it is of.
        structure: FileStructure,
    },
    /// The place is beyond what a command can reach.
    #[error("offset {offset} is beyond the {limit} bytes that a command reaches")]
    Offset {
        /// The place.
        offset: usize,
        /// The last place.
        limit: usize,
    },
    /// The card has no such application.
    #[error("no application {} is on this card", Hex(aid))]
    NoApplication {
        /// The identifier, or the beginning of it.
        aid: Vec<u8>,
    },
    /// Few tries are left, or the card does not tell how many: the PIN was not presented.
    #[error("{key} was not presented: {}", at_risk(*tries_left))]
    PinAtRisk {
        /// Which PIN.
        key: KeyRef,
        /// Tries left, if the card tells.
        tries_left: Option<u8>,
    },
    /// The PIN is wrong.
    #[error("{key} is wrong, {tries_left} tries are left: check it before you go on")]
    PinWrong {
        /// Which PIN.
        key: KeyRef,
        /// Tries left.
        tries_left: u8,
    },
    /// No tries are left.
    #[error("{key} is blocked: it takes the unblocking code (PUK) to set a new one")]
    PinBlocked {
        /// Which PIN.
        key: KeyRef,
    },
    /// The contents of the file cannot be read.
    #[error(transparent)]
    Contents(#[from] EfError),
    /// The answer to AUTHENTICATE cannot be read.
    #[error(transparent)]
    Authenticate(#[from] AuthenticateError),
    /// Neither command nor response of a card.
    #[error(transparent)]
    Apdu(#[from] ApduError),
}

fn at_risk(tries_left: Option<u8>) -> String {
    match tries_left {
        Some(left) => format!("only {left} tries are left, and a phone should have the last ones"),
        None => "the card does not tell how many tries are left".into(),
    }
}
