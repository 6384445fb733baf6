//! The SIM Access Profile (Bluetooth SIG, version 1.1): messages, client and server.
//!
//! The card stays at the [`Server`]; the terminal, whose modem uses it, has the [`Client`]. Both speak
//! [`CardSignal`](polysim_apdu::CardSignal) and [`CardReply`](polysim_apdu::CardReply) with the card and
//! with the modem, and [`Message`]s with each other over a reliable stream of octets, which may be split
//! anywhere: a [`MessageReader`] puts them together.
//!
//! One request is in flight at a time. Switching the card off goes before anything that is in flight,
//! a reset before an APDU; what is overtaken so is answered no more. Any other request meanwhile, one in
//! the wrong state, and one that cannot be read get `ERROR_RESP`.
//!
//! When the link is lost, the server switches the card off and the client takes it from its terminal, at
//! once.

mod client;
mod code;
mod error;
mod message;
mod parameter;
mod payload;
mod reader;
mod server;
mod size;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
#[cfg(test)]
mod tests;

pub use client::{Client, ClientEnd, ClientEvent, ClientInput, ClientOutput, ClientTimer};
pub use code::{
    CardReaderStatus, ConnectionStatus, DisconnectionType, Failure, StatusChange, TransportProtocol,
};
pub use error::MessageError;
pub use message::{CommandApdu, Message};
pub use parameter::ParameterId;
pub use payload::{InvalidPayload, Payload};
pub use reader::MessageReader;
pub use server::{Refusal, Server, ServerEnd, ServerEvent, ServerInput, ServerOutput, ServerTimer};
pub use size::{InvalidSize, MaxMsgSize};
