//! Calls and texts over data in a world.
//!
//! The machines are those of `polysim-courier`; here they get disks, clocks, links that have a rate,
//! crashes, the texts of a service centre, and the modems and users of phones.

mod act;
mod action;
mod build;
mod config;
mod message;
mod octets;
mod state;
mod system;
mod tell;
#[cfg(test)]
mod tests;
mod texts;
mod tie;
mod truth;
mod user;

pub use action::{CourierAction, CourierFault, CourierMatter};
pub use config::{
    CourierConfig, CourierDeviceConfig, CourierEnd, CourierLinks, CourierServerConfig, CourierUser,
};
pub(crate) use message::CourierMessage;
pub use state::COURIER_STATE;
pub(crate) use system::Courier;
pub(crate) use tell::Counts as CourierCounts;
pub(crate) use truth::NAMES as COURIER_INVARIANTS;
