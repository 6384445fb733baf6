//! Builds and runs a simulated world: phones, cards, networks, invariants.
//!
//! A [`WorldConfig`] says what there is; a [`Simulation`] runs it, takes [`Action`]s and tells
//! [`Event`]s. Every phone is three machines: software that drives a modem (`polysim-modem`), the
//! modem (`polysim-baseband`) and the card (`polysim-card`). They speak AT and APDUs to each other.

mod act;
mod action;
mod build;
mod config;
mod decode;
mod event;
mod invariants;
mod message;
mod network;
mod node;
mod observer;
mod outside;
mod paths;
mod phone;
mod simulation;
mod storm;
mod user;
mod world;

pub use action::{Action, Fault, ForwardWhen, Party};
pub use build::{BuildError, MODELS};
pub use config::{
    CellConfig, LatencyRange, OperatorConfig, PhoneConfig, RegionConfig, Tariff, WorldConfig,
};
pub use event::{EVENTS, Event, EventKind, Value};
pub use invariants::{INVARIANTS, Violation};
pub use simulation::{PHONE_STATE, Simulation};
pub use storm::{AttachStorm, StormReport};
