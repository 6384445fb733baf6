use super::WishError;
use crate::ModemId;
use crate::wire::{MailItem, Target, text};
use alloc::string::String;
use polysim_base::{Iccid, Msisdn};
use polysim_lease::Epoch;
use serde::{Deserialize, Serialize};

/// What a terminal keeps. Its durable state is the fold over these.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum TerminalRecord {
    /// Requests of numbers below this may have been named: none is named so again.
    Requests(u32),
    /// This has come; what is asked for next follows it.
    Mail(MailItem),
    /// The user wishes to send a text.
    Text(OutgoingText),
    /// A text is about to go to this modem, by this lease: it goes nowhere else before that modem
    /// has said that it never had it, and with no other SIM at all.
    Aimed {
        /// Which text.
        number: u64,
        /// Which modem.
        modem: ModemId,
        /// With which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// By which lease.
        epoch: Epoch,
    },
    /// A text needs nothing more of the terminal.
    Over {
        /// Which text.
        number: u64,
        /// What became of it.
        over: TextOver,
    },
}

/// A text that the user wishes to send.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct OutgoingText {
    /// The number in its [`MessageId`](crate::wire::MessageId).
    pub number: u64,
    /// The wish.
    pub wish: u64,
    /// With which SIM.
    pub sim: Target,
    /// To whom.
    #[serde(with = "text")]
    pub to: Msisdn,
    /// What it says.
    pub body: String,
    /// Whether to hear of the delivery.
    pub report: bool,
}

/// What became of a text, as far as the terminal has to do with it.
pub type TextOver = Result<(), WishError>;
