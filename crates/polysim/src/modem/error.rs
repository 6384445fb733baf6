use polysim_at::InvalidText;
use polysim_base::Duration;
use polysim_modem::{ModemError, RegistrationState};
use polysim_sms::InvalidAddress;

/// Why a modem did not do what was asked.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModemFault {
    /// The modem was closed: open it anew.
    #[error("the modem was closed")]
    Closed,
    /// The modem or the network refused, or did not answer.
    #[error(transparent)]
    Modem(#[from] ModemError),
    /// No number to send a text to.
    #[error("no number: {0}")]
    Number(#[from] InvalidAddress),
    /// What cannot stand in an AT command.
    #[error("not allowed in a command: {0}")]
    Argument(#[from] InvalidText),
    /// A character that is no tone: `0` to `9`, `*`, `#`, `A` to `D`.
    #[error("{tone:?} is no tone: 0 to 9, *, # and A to D are")]
    Tone {
        /// The character.
        tone: char,
    },
    /// Not registered in time.
    #[error("not registered within {within}: {:?}", state.status)]
    NotRegistered {
        /// How long it was waited for.
        within: Duration,
        /// The registration now.
        state: RegistrationState,
    },
    /// The network did not answer a USSD string in time.
    #[error("the network did not answer within {within}")]
    NoUssdAnswer {
        /// How long it was waited for.
        within: Duration,
    },
    /// The machine answered another thing than what was asked.
    #[error("no answer to {asked}")]
    WrongReply {
        /// What was asked.
        asked: &'static str,
    },
}
