//! The simulated modem: the device side of AT, one card slot, one radio.
//!
//! A [`Baseband`] is a [`Machine`](polysim_base::Machine) between hosts on its AT ports, a card
//! and the air. It behaves by the standards; where makes differ, a [`Model`] says so as data.
//!
//! - `port`: line discipline, settings of one port, data mode.
//! - `command`: what each command does, by family.
//! - `card`: the slot, the start of a card, and procedures with it.
//! - `radio`: choosing a network, registering, causes of refusal.
//! - `sms`, `call` with its speech, `ussd`, `service`, `packet`: what a network offers.
//! - `toolkit`: what the card asks and is told.
//! - `urc`: unsolicited results; `model`: quirks.
//!
//! Ports have their own settings and share one modem. A command that waits for card or network
//! blocks only its port. Rarely used state is boxed and given back: an idle device is small.

mod baseband;
mod call;
mod card;
mod charset;
mod clock;
mod command;
mod config;
mod core;
mod deadline;
mod effects;
mod message;
mod model;
mod packet;
mod port;
mod radio;
mod rare;
mod service;
mod sms;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
mod timer;
mod toolkit;
mod urc;
mod ussd;

pub use baseband::{Baseband, RegistrationState};
pub use config::{BasebandConfig, PORTS_MAX, RatSet};
pub use message::{BasebandEvent, BasebandInput, BasebandOutput, CardToTerminal, TerminalToCard};
pub use model::{
    FileStatusForm, IccidForm, Model, SessionHandles, SpeechPort, StoreSizes, VendorAnswer,
    VendorCommand,
};
pub use radio::RadioTimer;
pub use timer::BasebandTimer;

#[cfg(test)]
mod tests;
