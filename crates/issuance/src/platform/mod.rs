//! The card-writing platform: it binds cards to devices, and writes subscriptions into them.
//!
//! [`Platform`] is a fold over its records: what was acknowledged is in them, and so is each
//! counter before a packet leaves under it. Configuration and keys are not; a platform is rebuilt
//! with those that it had.
//!
//! A write goes: checks; [`PlatformOutput::Provision`] until the operator has answered; tries, each
//! under a new counter, until the card has proved or refused it; then the wait for its effect.
//! It has come to nothing only where it is certain that the card has what it had: the card says
//! so, or no try can have been carried out. Until then it is pending, and is asked for now and
//! then.

mod bind;
mod contract;
mod effect;
mod machine;
mod order;
mod proof;
mod rate;
mod record;
mod rows;
mod send;
mod state;
#[cfg(test)]
mod tests;
mod uplink;
mod write;

pub use contract::{
    Alarm, BindingRow, CardState, Fate, ImportConflict, Network, PlatformConfig, PlatformInput,
    PlatformOutput, Policy, Retry, StreamEvent,
};
pub use machine::{Platform, PlatformTimer};
pub use record::{Change, End, PlatformRecord, TryFate, Way, Write};
