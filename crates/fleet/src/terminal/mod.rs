//! The terminal: what a user calls and texts with.
//!
//! A [`Terminal`] takes the wishes of its user and sees to them by two exchanges on the wire: a
//! server names the modem that serves a SIM, and that modem does the rest. It keeps what the server
//! named, so that later wishes go straight to the modem; a modem that does not serve the SIM any
//! more says so, and the terminal asks the server again.
//!
//! All that it sends may be lost, doubled or overtaken. What is harmless to repeat is repeated. A
//! call, a USSD code, tones and APDUs are not: without an answer nobody knows whether the modem has
//! done it, and it is the user who decides.
//!
//! # What is kept
//! Texts are kept before they are sent, under a name that they never lose, until a modem has taken
//! them: so each is sent at least as long as the terminal lives again, and a site sends it once.
//! Which modem may have a text is kept, too: it is asked for as long as it takes, and another one
//! only when it has said that it never had it. So no two sites send it.
//! What has come is kept before it is told: a crash between the two loses only the telling, and
//! [`Terminal::inbox`] has it.

mod answers;
mod api;
mod calls;
mod dialogues;
mod events;
mod exchange;
mod follow;
mod job;
mod leader;
mod machine;
mod mailbox;
mod names;
mod outbox;
mod placements;
mod record;
mod wishes;

#[cfg(test)]
mod tests;

pub use api::{
    TerminalConfig, TerminalEvent, TerminalInput, TerminalOutput, TerminalWish, WishError,
};
pub use machine::{Terminal, TerminalTimer};
pub use record::{OutgoingText, TerminalRecord, TextOver};
