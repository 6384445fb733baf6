//! The simulated mobile networks: regions, cells, operators, authentication, texts, calls, USSD,
//! data.
//!
//! A [`Region`] is a set of cells; devices speak to it in the messages of [`air`]. Each operator
//! has a [`Core`], which serves the devices on its cells and is home to its own subscribers. Cores
//! know each other by [`CoreMessage`]s only. Both are pure machines (`polysim_base::Machine`): a
//! world carries their outputs to where they belong.
//!
//! ```text
//! device ── Uplink ──> Region ── RadioMessage ──> Core (serving) ── CoreMessage ──> Core (home)
//! device <── Downlink ── Region <── Downlink ── Core (serving) <── CoreMessage ── Core (home)
//!                                               Core (serving) <──── streams ───> outside
//! ```
//!
//! One registration per subscription: the home side ends the old registration, and waits until it
//! has ended, before it acknowledges a new one.
extern crate alloc;

pub mod air;
mod calls;
mod clock;
mod config;
mod deadlines;
mod directory;
mod event;
mod ids;
mod lookup;
mod message;
mod network;
mod numbering;
pub mod operators;
mod packet;
mod radio_table;
mod region;
mod services;
mod slab;
mod smsc;
mod stream;
mod tariff;
#[cfg(test)]
mod tests;
mod ussd;

pub use config::{
    Entitlement, InvalidPrefix, Keys, NumberPrefix, OperatorConfig, Partners, RoamingPolicy,
    SmscConfig, SubscriberConfig, derived_algorithm, derived_keys,
};
pub use directory::{Directory, Outsider};
pub use event::{
    AuthenticationFailure, CallEvent, Cdr, Detachment, NetworkEvent, Observe, SmsEvent,
};
pub use ids::{CallRef, OperatorId, Party, Place, RegionId, StreamRef};
pub use message::{
    Ask, CallMessage, Charge, CoreMessage, Grant, LegMessage, LegSetup, MtSmError, Profile,
    RegistrationMessage, Resync, Routing, RoutingReason, SessionMessage, SmRoute, SmRouteError,
    SmsMessage, Ticket, Vector,
};
pub use network::{
    Core, CoreCommand, CoreCounters, CoreFault, CoreInput, CoreOutput, CoreSettings, CoreTimer,
    OutsideSms, SubscriberExists, SubscriberView, VisitorView,
};
pub use region::{
    CellConfig, RadioMessage, Region, RegionConfig, RegionInput, RegionOutput, RegionTimer,
};
pub use tariff::{Money, Tariff, TimePrice, Usage};
