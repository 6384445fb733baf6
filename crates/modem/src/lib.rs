//! The host side of a modem, as a machine: command queue, registration, texts, calls, USSD, card.
//!
//! [`Modem`] talks AT text to one modem over one port. It is given bytes and commands, and gives
//! bytes, the outcome of each command, and events:
//!
//! ```
//! use polysim_base::{Instant, Machine, Out};
//! use polysim_modem::{Config, Modem, ModemCommand, ModemInput, ModemOutput, Timer};
//!
//! let mut modem = Modem::new(Config::lean());
//! let command = ModemCommand::Initialise { pin: None };
//! modem.handle(Instant::ZERO, ModemInput::Command { id: 1, command });
//! let sent = modem.poll_output();
//! assert_eq!(sent, Some(Out::Do(ModemOutput::Bytes(b"ATE0\r".to_vec()))));
//! assert!(matches!(modem.poll_timeout(), Some((_, Timer::FinalResult))));
//! ```
//!
//! # What holds
//! - Each command gets exactly one `Done`, whatever the modem does.
//! - One command is in flight; what the modem tells meanwhile is work for later, bounded and
//!   without duplicates, and never causes a command while a line is being read.
//! - An answer belongs to the command that caused it, or is dropped and counted. After a
//!   deadline the line is synchronised again before the next command.
//! - A part of a text is submitted at most once. It is `Sent`, `Failed` or `Unknown`; what is
//!   unknown is never sent again by itself.
//! - A received text is deleted or acknowledged only after the owner has said that it is
//!   recorded, and only where it still is what was recorded.
//! - A PIN is never entered twice after it was refused, nor with two attempts left or fewer.
//! - Texts are handled as PDUs only, and commands are made from typed values only.
//!
//! # What the owner does
//! It records each [`TextReceived`], [`StatusReportReceived`] and [`UnreadableText`] by its PDU
//! and then gives [`ModemInput::Recorded`]. After a crash of its own it starts with a fresh
//! machine: what was not deleted comes again with a new [`TextId`], so a text that was recorded
//! but not yet deleted comes twice, and is told by its PDU. Parts of long texts that were deleted
//! before do not come again: the owner puts those together from its records.
#![no_std]

extern crate alloc;
#[cfg(any(test, feature = "testkit"))]
extern crate std;

mod api;
mod call;
mod card;
mod chore;
mod counters;
mod engine;
mod init;
mod job;
mod link;
mod machine;
mod query;
mod registration;
mod setting;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
#[cfg(test)]
mod tests;
mod text;
mod timer;
mod unsolicited;

pub use api::*;
pub use counters::Counters;
pub use machine::{Modem, ModemInput, ModemOutput};
pub use timer::Timer;
