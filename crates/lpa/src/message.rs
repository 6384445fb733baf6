//! What passes between an assistant and what is around it.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use polysim_rsp::es9;

use crate::transport::CardError;
use crate::{CommandId, Decision, LpaCommand, LpaEvent, Withdrawal};

/// Numbers what is asked of the card and of servers, so that an answer is taken for its own question
/// alone. No number comes twice in one life of an assistant, nor in two.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AskNumber(pub u64);

/// What reaches an assistant.
#[derive(Clone, Debug)]
pub enum LpaInput {
    /// Do this.
    Command {
        /// Names the command.
        id: CommandId,
        /// What to do.
        command: Box<LpaCommand>,
    },
    /// Give a command up. A download is given up on card and server, at its next step; what cannot be
    /// undone goes on, and says so by its result.
    Cancel {
        /// Which.
        id: CommandId,
        /// Why.
        why: Withdrawal,
    },
    /// The answer to an [`LpaEvent::Asked`].
    Decided {
        /// Of which command.
        id: CommandId,
        /// What was decided.
        decision: Decision,
    },
    /// The answer to an [`LpaOutput::Card`].
    Card {
        /// To which.
        number: AskNumber,
        /// The response of the function as DER, which is empty where a segment of a package is not
        /// the last one; or why there is none.
        reply: Result<Vec<u8>, CardError>,
    },
    /// The answer to an [`LpaOutput::Server`].
    Server {
        /// To which.
        number: AskNumber,
        /// What the server says, or why it says nothing.
        answer: Result<es9::Answer, es9::Failure>,
    },
    /// The card was reset, whoever caused it: what was open on it is gone.
    CardReset,
}

/// What leaves an assistant. `Debug` shows a function of the card as its length: it may carry a
/// matching identifier or the digest of a confirmation code.
#[derive(Clone, Eq, PartialEq)]
pub enum LpaOutput {
    /// Ask the card for a function of ES10: one command TLV, or one segment of a bound profile
    /// package. [`transport`](crate::transport) does it over APDUs.
    Card {
        /// Names the ask.
        number: AskNumber,
        /// The data of the STORE DATA commands.
        function: Vec<u8>,
    },
    /// Reset the card, and say [`LpaInput::CardReset`] when it is done: the eUICC does not work
    /// before.
    ResetCard,
    /// Ask a server for a function of ES9+ or ES11.
    Server {
        /// Names the ask.
        number: AskNumber,
        /// The server's host name; a port may follow it.
        address: String,
        /// What is asked.
        request: Box<es9::Request>,
    },
    /// Tell whoever gave the command.
    Event(Box<LpaEvent>),
}

impl fmt::Debug for LpaOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Card { number, function } => f
                .debug_struct("Card")
                .field("number", number)
                .field("octets", &function.len())
                .finish(),
            Self::ResetCard => f.write_str("ResetCard"),
            Self::Server { number, address, request } => f
                .debug_struct("Server")
                .field("number", number)
                .field("address", address)
                .field("request", request)
                .finish(),
            Self::Event(event) => f.debug_tuple("Event").field(event).finish(),
        }
    }
}

/// Why an assistant wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum LpaTimer {
    /// Card, server or person have not answered in time.
    AnswerOverdue,
    /// A pause before the next try is over.
    PauseOver,
    /// Something was open when the assistant stopped, and goes on.
    Recover,
    /// Notifications are delivered.
    Notifications,
}
