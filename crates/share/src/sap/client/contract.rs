//! What goes in and out of a client.

use alloc::vec::Vec;

use polysim_apdu::{CardReply, CardSignal};

use crate::sap::{ConnectionStatus, MessageError, StatusChange};

/// What reaches a client.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum ClientInput {
    /// The link is there: connect. After a link that was to be shut, another one is needed.
    Connect,
    /// Disconnect.
    Disconnect,
    /// The link is lost: the card is gone at once.
    LinkLost,
    /// Octets of the server.
    Octets(Vec<u8>),
    /// What the terminal does to the card that it believes in its slot. One command at a time; a second
    /// one waits for the answer to the first.
    Terminal(CardSignal),
}

/// What leaves a client.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum ClientOutput {
    /// Octets to the server: one whole message.
    Octets(Vec<u8>),
    /// What the terminal sees of the card.
    Terminal(CardReply),
    /// Something happened.
    Tell(ClientEvent),
}

/// What happened.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ClientEvent {
    /// The card can be used.
    Connected,
    /// A call is made with the card at the server's end. The card can be used when it has ended.
    OngoingCall,
    /// The server asks to leave: finish, then switch the card off or disconnect, within 30 seconds.
    AskedToLeave,
    /// There is no connection any more, or there was none.
    Disconnected(ClientEnd),
    /// The server says what happened to the card.
    Status(StatusChange),
    /// The server refused what was asked with `ERROR_RESP`.
    Refused,
    /// The server says something that cannot be read.
    Unreadable(MessageError),
    /// The terminal sent a third command while two were not answered; it was dropped.
    Overrun,
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ClientEnd {
    /// It was ended here.
    Left,
    /// The server has ended it: shut the link.
    SentAway,
    /// The link is lost.
    LinkLost,
    /// The server does not answer: shut the link.
    NoAnswer,
    /// The server did not let it connect.
    Refused(ConnectionStatus),
}

/// Why a client wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ClientTimer {
    /// The server does not answer.
    Answer,
    /// The terminal is to be asked for more time.
    MoreTime,
}
