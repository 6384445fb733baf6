//! A fleet in a world: servers, sites, terminals, bank cards, and what is between them.
//!
//! The machines are those of `polysim-fleet`; here they get disks, clocks, links and crashes. The
//! modems of sites are phones of the world without user and card, behind all others.

mod act;
mod action;
mod build;
mod card;
mod config;
mod invariants;
mod ledger;
mod message;
mod names;
mod query;
mod server;
mod serving;
mod state;
mod system;
mod tell;
#[cfg(test)]
mod tests;
mod truth;
mod words;

pub use action::{FleetAction, FleetFault, Speaker};
pub(crate) use build::driver;
pub use config::{
    FleetConfig, FleetLinks, FleetNode, FleetPlanConfig, FleetSiteConfig, FleetUserConfig,
    PoolModemConfig, RangeConfig, ServerConfig, SimConfig, SiteTiming, Succession,
    TerminalNodeConfig, TerminalTiming,
};
pub(crate) use invariants::NAMES as FLEET_INVARIANTS;
pub(crate) use message::{Apdu, FleetMessage};
pub(crate) use names::FleetNames;
pub use state::{MODEM_STATE, SERVER_STATE, SIM_STATE, SITE_STATE, TERMINAL_STATE, Thing};
pub(crate) use system::Fleet;
