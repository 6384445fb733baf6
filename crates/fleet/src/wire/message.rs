//! Texts, as sites, terminals and the exchange speak of them.

use super::lease::LeaseClaim;
use crate::{TerminalId, UserId};
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// A site remembers what became of so many texts of each terminal, those with the highest numbers.
/// A terminal names no text so far after one that is open, so what a site has forgotten is over.
pub(crate) const TEXTS_KNOWN: u16 = 256;

/// Names a text that a terminal sends, for good.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct MessageId {
    /// Whose it is.
    pub user: UserId,
    /// Which terminal.
    pub terminal: TerminalId,
    /// Counts the texts of that terminal, over all its lives.
    pub number: u64,
}

/// A TPDU that has come for a SIM.
///
/// It is told from others by SIM, octets and ordinal: the same octets listed twice in one life of
/// a modem are two texts, listed again in the next life they are the same.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct ReceivedText {
    /// For which SIM.
    pub claim: LeaseClaim,
    /// The SMS-DELIVER with the service centre's address, as it came.
    pub pdu: Vec<u8>,
    /// Which one of those with the same octets, in this life of the modem; from 0.
    pub ordinal: u16,
}

/// A delivery report that has come for a SIM.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct StatusReport {
    /// For which SIM.
    pub claim: LeaseClaim,
    /// The SMS-STATUS-REPORT with the service centre's address, as it came.
    pub pdu: Vec<u8>,
    /// Which one of those with the same octets, in this life of the modem; from 0.
    pub ordinal: u16,
}

/// What became of a text that a terminal wanted to send. Said once when the modem is about to get
/// it (all parts [`PartOutcome::Pending`]), and once more when it is known.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct TextOutcome {
    /// With which SIM.
    pub claim: LeaseClaim,
    /// Which text.
    pub message: MessageId,
    /// To whom.
    pub to: String,
    /// Whether a delivery report was asked for.
    pub report: bool,
    /// When the modem got it, seconds since 1970.
    pub unix_s: u64,
    /// Part by part.
    pub parts: Vec<PartOutcome>,
}

/// What became of one part of a text.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum PartOutcome {
    /// The modem is at it.
    Pending,
    /// The service centre took it.
    Sent {
        /// TP-MR, which a delivery report repeats.
        reference: u8,
    },
    /// It was certainly not sent.
    Failed {
        /// The `+CMS ERROR` number, where there is one.
        cause: Option<u16>,
    },
    /// It may or may not have been sent; nobody sends it again.
    Unknown,
}

/// What is known of a text that a terminal has sent: the sum over its parts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum TextState {
    /// A modem is at it.
    Submitting,
    /// At least one part may or may not have been sent, and none has certainly failed.
    Unknown,
    /// The service centre has it.
    Sent,
    /// The recipient has all of it.
    Delivered,
    /// At least one part was certainly not sent, or will not be delivered.
    Failed,
}

impl TextState {
    /// Returns whether a text of this state may come to that one. There is no way back: what is
    /// told late is told apart from what is new.
    #[must_use]
    pub const fn may_become(self, to: Self) -> bool {
        match self {
            Self::Submitting => !matches!(to, Self::Submitting),
            Self::Unknown => matches!(to, Self::Sent | Self::Delivered | Self::Failed),
            Self::Sent => matches!(to, Self::Delivered | Self::Failed),
            Self::Failed => matches!(to, Self::Delivered),
            Self::Delivered => false,
        }
    }
}
