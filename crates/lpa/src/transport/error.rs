//! Why a card does not do what it is asked.

use core::fmt;

use polysim_apdu::{ApduError, Status};

/// Why a card does not do what it is asked.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// The way to the card failed, or it did not answer in time. It may have done what it was asked.
    #[error("the card does not answer: see that it is in its place, and try again")]
    NoAnswer,
    /// The card was reset before it answered. It may have done what it was asked.
    #[error("the card was reset meanwhile: see what it has, and try again")]
    Reset,
    /// No application on this card is an ISD-R.
    #[error("this card is no eUICC: no ISD-R answers to any of the identifiers that were tried")]
    NoIsdr,
    /// The card gives no logical channel.
    #[error(
        "the card gives no channel to its ISD-R: reset it, or close other programs that use it"
    )]
    NoChannel,
    /// The card refuses, and has not done what it was asked.
    #[error("the card refused: {0}")]
    Refused(Refusal),
    /// The card answers without end.
    #[error("the card does not come to an end: {limit} octets are the most that is read; reset it")]
    Endless {
        /// How many octets.
        limit: usize,
    },
    /// What is asked does not fit into a chain of commands.
    #[error("{length} octets are more than one chain of commands carries: {limit} is the most")]
    TooLong {
        /// How many octets.
        length: usize,
        /// How many fit.
        limit: usize,
    },
    /// No response of a card.
    #[error(transparent)]
    Apdu(#[from] ApduError),
}

impl CardError {
    /// Returns whether the card has certainly not done what it was asked.
    #[must_use]
    pub const fn is_certain(&self) -> bool {
        match self {
            Self::NoIsdr | Self::NoChannel | Self::Refused(_) | Self::TooLong { .. } => true,
            Self::NoAnswer | Self::Reset | Self::Endless { .. } | Self::Apdu(_) => false,
        }
    }
}

/// The status word of a card that refuses, and what to do about it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Refusal(pub u16);

impl Refusal {
    /// `6985`: some eUICCs do nothing between a change of profile and the next reset.
    pub const CONDITIONS_NOT_SATISFIED: Self = Self(0x6985);
    /// `6A88`: the eUICC does not have this function.
    pub const NO_SUCH_DATA: Self = Self(0x6A88);
    /// `6982`: this is not allowed on this channel.
    pub const SECURITY_STATUS: Self = Self(0x6982);

    /// Says what to do.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self.0 {
            0x6985 => "reset the card, and try again",
            0x6A88 | 0x6D00 | 0x6E00 => "this eUICC does not have this function",
            0x6982 => "the ISD-R is not selected on this channel, or another program holds it",
            0x6A80 => "the eUICC cannot read what it was sent",
            0x6700 => "the block is too long or too short: choose a smaller block size",
            0x6A84 => "the eUICC has not enough memory: delete a profile",
            0x6881 => "the card has no such channel: open it anew",
            0x6A81 => "no channel is free: close other programs that use the card",
            0x6A82 => "there is no such application",
            0x9300 => "the card is busy with its toolkit: try again later",
            0x6400 | 0x6581 | 0x6F00 => "the eUICC failed: reset it, and see what it has",
            _ => "reset the card, and see what it has",
        }
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        Self(status.into())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:04X}): {}", Status::from(self.0), self.0, self.advice())
    }
}
