use polysim_at::{CmeError, CmsError, InvalidText, PinStatus};
use polysim_sms::SegmentError;
use thiserror::Error;

use super::CallEnd;

/// Why a command was not done.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ModemError {
    /// Too many commands wait already.
    #[error("{limit} commands wait already")]
    QueueFull {
        /// The limit.
        limit: usize,
    },
    /// The port is closed or was lost meanwhile.
    #[error("the port is closed")]
    PortLost,
    /// The modem was reset meanwhile; whether the command took effect is not known.
    #[error("the modem was reset")]
    Reset,
    /// No answer in time; whether the command took effect is not known.
    #[error("no answer in time")]
    Timeout,
    /// The modem answers nothing at all.
    #[error("the modem does not answer")]
    Unresponsive,
    /// `ERROR`.
    #[error("the modem refused without a cause")]
    Refused,
    /// `+CME ERROR`.
    #[error("the modem refused: {0}")]
    Cme(CmeError),
    /// `+CMS ERROR`.
    #[error("the modem refused: {0}")]
    Cms(CmsError),
    /// The answer cannot be read.
    #[error("the answer to {command} cannot be read")]
    BadAnswer {
        /// Name of the command.
        command: &'static str,
    },
    /// The answer is longer than the limit.
    #[error("the answer is longer than {limit} bytes")]
    AnswerTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The card asks for something that was not given or may not be tried.
    #[error("the card needs {needed:?}")]
    PinRequired {
        /// What it waits for.
        needed: PinStatus,
        /// Attempts left, if known.
        attempts_left: Option<u8>,
    },
    /// The card refused this PIN before; it is not entered again.
    #[error("the card refused this PIN before")]
    PinRefusedBefore,
    /// The call ended instead of being set up.
    #[error("the call ended: {0:?}")]
    CallEnded(CallEnd),
    /// There is no such call.
    #[error("there is no such call")]
    NoSuchCall,
    /// The channel was opened in an earlier life of the card.
    #[error("the channel was opened before the modem was reset")]
    StaleChannel,
    /// The card refused.
    #[error("the card refused with {:02X}{:02X}", status[0], status[1])]
    Card {
        /// SW1 and SW2.
        status: [u8; 2],
    },
    /// The text cannot be cut into parts.
    #[error("text: {0}")]
    Text(#[from] SegmentError),
    /// An argument cannot be put on the wire.
    #[error("argument: {0}")]
    Argument(#[from] InvalidText),
    /// A raw command that needs a prompt, or would end the AT dialogue.
    #[error("this command cannot be sent raw")]
    NotRaw,
}
