use polysim_apdu::contact::ContactError;
use polysim_apdu::{ApduError, Status};
use polysim_cat::TooLong;
use polysim_ota::sms::CarryError;

use crate::wire::WireError;

/// Why a tool could not do its work at a card.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OnSiteError {
    /// The way to the card failed; whoever runs the flow knows why.
    #[error("the card does not answer: see that it is in its place, and try again")]
    NoAnswer,
    /// No application has that identifier.
    #[error("this card has no card-writing applet of that identifier: see what EF.DIR names")]
    NoApplet,
    /// The applet cannot be reached beside what the modem does.
    #[error("this modem gives no channel to an application: put the card into a reader for this")]
    NoChannel,
    /// The applet has no pair.
    #[error("the card has not been in a device yet: switch the device on once with the card in it")]
    NoPair,
    /// The card refuses.
    #[error("the card refused {command}: {status} ({:04X})", u16::from(*status))]
    Refused {
        /// What was asked.
        command: &'static str,
        /// How the card answered.
        status: Status,
    },
    /// The toolkit of the card is at work on something else, and stays so.
    #[error("the card is busy ({tries} tries): wait until its device has finished, and try again")]
    Busy {
        /// How often it was tried.
        tries: u8,
    },
    /// The card answers or asks without end.
    #[error("the card does not come to an end: {limit} commands were not enough; reset it")]
    Endless {
        /// How many commands were spent.
        limit: usize,
    },
    /// No response of a card.
    #[error(transparent)]
    Apdu(#[from] ApduError),
    /// The applet says something that is not known here.
    #[error("the applet's answer cannot be read: {0}")]
    Answer(#[from] WireError),
    /// The packet cannot be put into messages.
    #[error(transparent)]
    Packet(#[from] CarryError),
    /// A message that no command carries.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}

impl From<ContactError> for OnSiteError {
    fn from(error: ContactError) -> Self {
        match error {
            ContactError::NoAnswer => Self::NoAnswer,
            ContactError::NoApplication => Self::NoApplet,
            ContactError::NoChannel => Self::NoChannel,
            ContactError::Refused(status) => Self::Refused { command: "SELECT", status },
            ContactError::Endless { limit } => Self::Endless { limit },
            ContactError::Apdu(error) => Self::Apdu(error),
        }
    }
}
