//! Cards opened over the air in a world: card-writing platforms, business platforms, tools on site.
//!
//! The machines are those of `polysim-issuance`; here they get disks, clocks, links and crashes, and
//! service centres, registers and devices at the other end.

mod act;
mod action;
mod attack;
mod build;
mod cards;
mod config;
mod customer;
mod message;
mod operator;
mod state;
mod streams;
mod system;
mod tell;
mod texts;
mod tool;
mod truth;
mod watch;

pub use action::{Attack, IssuanceAction, IssuanceFault};
pub(crate) use build::{Opening, opening};
pub use config::{
    BusinessNodeConfig, IssuanceConfig, IssuanceLinks, IssuanceNode, OpenBearer, OpenCardConfig,
    OtaAlgorithm, PlatformNodeConfig,
};
pub(crate) use message::IssuanceMessage;
pub(crate) use operator::outside;
pub use state::{BUSINESS_STATE, PLATFORM_STATE};
pub(crate) use system::Issuance;
pub(crate) use truth::NAMES as ISSUANCE_INVARIANTS;
pub(crate) use watch::shows;
