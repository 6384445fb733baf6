//! What makes an agent on a card: who it is, how it works, and whom it can reach.

use std::collections::BTreeMap;
use std::sync::Arc;

use polysim_base::Msisdn;
use polysim_lpa::LpaConfig;
use polysim_steering::agent::{AgentConfig, Identity};

/// An IPv4 address and a TCP port.
pub type Place = ([u8; 4], u16);

/// Whom the agents of many cards can reach, and how.
#[derive(Clone, Debug)]
pub struct AgentSite {
    /// The access point of their data connections; empty for the one of the subscription.
    pub access_point: String,
    /// Where the management platform waits for connections.
    pub platform: Place,
    /// The number to which texts for the platform go, and from which its own come.
    pub platform_number: Msisdn,
    /// Where servers wait, by their host names: what a name server would say.
    pub servers: BTreeMap<String, Place>,
}

/// An agent for one card.
#[derive(Clone, Debug)]
pub struct AgentSetup {
    /// Who it is.
    pub identity: Identity,
    /// How it works.
    pub config: Arc<AgentConfig>,
    /// How its profile assistant works.
    pub assistant: Arc<LpaConfig>,
    /// Whom it can reach.
    pub site: Arc<AgentSite>,
}
