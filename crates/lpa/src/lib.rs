//! The local profile assistant (LPA): what brings profiles onto an eUICC and manages them there.
//!
//! [`Lpa`] is a machine between an eUICC, the servers of remote provisioning, and whoever gives it
//! [commands](LpaCommand): a person or another machine. It asks the card one ES10 function at a time
//! ([`LpaOutput::Card`]) and servers one ES9+ or ES11 function at a time ([`LpaOutput::Server`]).
//! [`transport`] brings ES10 functions to a card as APDUs.
//!
//! # Contract
//! - Whoever gives a command chooses its [`CommandId`] and gets one [`LpaEvent::Finished`] for it, or
//!   the same one again after a crash. Commands wait for each other. Those that had not begun are
//!   gone after a crash, and are given again; one that is given again while it is open is the same one.
//! - A download is written down before it begins ([`LpaRecord`]). After a crash it goes on by itself
//!   at [`LpaTimer::Recover`]: with a new session for the same order, with what the eUICC says of the
//!   installation, or it is cleaned up. After an answer of the card was lost, the eUICC is asked what
//!   is, before anything is done again.
//! - A notification is removed from the eUICC after its server has taken it, and not before.
//! - Asks carry an [`AskNumber`]; an answer with another number than the one that is awaited, as a late
//!   or doubled one, is dropped.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod command;
mod config;
mod error;
mod event;
mod flow;
mod machine;
mod message;
mod outcome;
mod record;
#[cfg(test)]
mod tests;
pub mod transport;

pub use command::{
    CommandId, Decide, Decision, Discover, Download, LpaCommand, Source, Withdrawal,
};
pub use config::LpaConfig;
pub use error::{LpaError, WrongServer};
pub use event::{LpaEvent, NotificationReport, Question, Stage, Taken};
pub use machine::{COMMANDS_MAX, Lpa};
pub use message::{AskNumber, LpaInput, LpaOutput, LpaTimer};
pub use outcome::{EuiccStatus, Installed, LpaDone};

pub use record::{LpaRecord, OpenOrder, Order, OrderStage, Settled};
