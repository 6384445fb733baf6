//! eSIMs that are steered in a world: SM-DP+, SM-DS, management platforms, eUICCs and their agents.
//!
//! The machines are those of `polysim-smdp` and `polysim-steering`; here they get disks, clocks, links
//! and crashes, and the networks and devices at the other end.

mod act;
mod action;
mod build;
mod cards;
mod config;
mod front;
mod host;
mod message;
mod operator;
mod package;
mod pki;
mod state;
mod system;
mod tell;
#[cfg(test)]
mod tests;
mod truth;
mod watch;

pub use action::{SteeringAction, SteeringFault};
pub(crate) use cards::Factory;
pub use config::{
    AdvisorNodeConfig, AgentPlace, AgentPolicy, EuiccPhoneConfig, EuiccVariant, ServiceConfig,
    ServiceKind, SmdpNodeConfig, SteeringConfig, SteeringLinks, SteeringNode, StockConfig,
};
pub(crate) use host::{HostAgent, is_for_agent};
pub(crate) use message::SteeringMessage;
pub use state::SERVICE_STATE;
pub(crate) use system::Steering;
pub(crate) use truth::NAMES as STEERING_INVARIANTS;
