//! What goes in and out of a server.

use alloc::vec::Vec;

use polysim_apdu::{CardReply, CardSignal};

use crate::sap::{DisconnectionType, MessageError, StatusChange};

/// What reaches a server.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum ServerInput {
    /// A link to a client is there. What was of another one before is as if lost.
    LinkUp,
    /// It is lost, or was shut: the card is switched off at once.
    LinkLost,
    /// Octets of the client.
    Octets(Vec<u8>),
    /// What the card says.
    Card(CardReply),
    /// Something happened to the card that does not show at its contacts.
    Changed(StatusChange),
    /// A call is made with the card at this end; it has ended. Not while a client is connected.
    Call(bool),
    /// Send the client away.
    Disconnect(DisconnectionType),
}

/// What leaves a server.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum ServerOutput {
    /// Octets to the client: one whole message.
    Octets(Vec<u8>),
    /// To the card.
    Card(CardSignal),
    /// Something happened.
    Tell(ServerEvent),
}

/// What happened.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ServerEvent {
    /// The client has the card.
    Connected,
    /// It has it no more, and the card is off.
    Disconnected(ServerEnd),
    /// The link was not used for 30 seconds: shut it.
    Unused,
    /// A request was answered with `ERROR_RESP`, or by saying that the client cannot connect.
    Refused(Refusal),
}

/// Why a client has the card no more.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ServerEnd {
    /// It has disconnected.
    Client,
    /// It was sent away. Shut the link.
    SentAway,
    /// The link is lost.
    LinkLost,
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Refusal {
    /// It cannot be read.
    Unreadable(MessageError),
    /// It is nothing that a client says.
    NoRequest,
    /// It is not allowed in this state of the connection.
    State,
    /// Another one is in flight that it does not go before.
    InFlight,
    /// The client wants to connect with messages that are too long, or too short for a card.
    Size(u16),
}

/// Why a server wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ServerTimer {
    /// The link has not been used for too long.
    Unused,
    /// The client was asked to leave and has not.
    Graceful,
    /// The card does not answer.
    Card,
}
