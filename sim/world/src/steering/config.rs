//! What steers eSIMs in a world: plain data, names resolved, everything by index.

use crate::config::{ClockConfig, LatencyRange, LinkQuality};
use crate::links::LinkTable;
use polysim_base::{Duration, Msisdn};
use polysim_steering::agent::Retry;
use polysim_steering::wire::Order;

/// Servers of remote provisioning, management platforms, and what is between them and the operators.
#[derive(Clone, Debug, Default)]
pub struct SteeringConfig {
    /// The servers and platforms.
    pub services: Vec<ServiceConfig>,
    /// What is between the nodes.
    pub links: SteeringLinks,
    /// How long a disk takes to make records durable.
    pub sync: LatencyRange,
}

/// A server or a platform.
#[derive(Clone, Debug)]
pub struct ServiceConfig {
    /// Its name in traces.
    pub name: String,
    /// How its clock goes.
    pub clock: ClockConfig,
    /// What it is.
    pub kind: ServiceKind,
}

/// What a server is.
#[derive(Clone, Debug)]
pub enum ServiceKind {
    /// An SM-DP+.
    Smdp(SmdpNodeConfig),
    /// An SM-DS.
    Smds,
    /// A management platform.
    Advisor(Box<AdvisorNodeConfig>),
}

/// An SM-DP+.
#[derive(Clone, Debug)]
pub struct SmdpNodeConfig {
    /// Its profiles.
    pub stock: Vec<StockConfig>,
    /// How long an order may be downloaded.
    pub order_lifetime: Duration,
    /// How long a device may take from one request of a session to the next.
    pub session_lifetime: Duration,
}

/// Profiles of one operator.
#[derive(Clone, Debug)]
pub struct StockConfig {
    /// Whose, by index.
    pub operator: usize,
    /// How many.
    pub count: u32,
    /// The subscriber number of the first one: the last digits of its IMSI and of its number.
    pub first: u32,
}

/// A management platform.
#[derive(Clone, Debug)]
pub struct AdvisorNodeConfig {
    /// The operators that it works with, by index. Operator number `n` of the platform is operator `n`
    /// of the world.
    pub operators: Vec<usize>,
    /// Which operators are cheap in which region, both by index. The first region that hears the
    /// network of the device counts.
    pub answers: Vec<(usize, Vec<usize>)>,
    /// Which are cheap anywhere else.
    pub elsewhere: Vec<usize>,
    /// What lists are ordered by; as the device wants it where this says nothing.
    pub order: Option<Order>,
    /// Which operators devices may have, by index; all without.
    pub entitled: Option<Vec<usize>>,
    /// How many downloads a device may have in a month.
    pub downloads_per_month: u16,
    /// Agents may delete profiles that they have downloaded.
    pub make_room: bool,
    /// After how long an operator that does not answer is asked again.
    pub retry: Duration,
    /// After how long an order whose profile was not installed is taken back.
    pub order_age_max: Duration,
}

/// An eUICC in a phone, in the place of a card with one subscription.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EuiccPhoneConfig {
    /// The operators whose profiles it has beside the phone's own one.
    pub presets: Vec<usize>,
    /// Octets of its memory.
    pub memory: u32,
    /// Where it differs from the standard.
    pub variant: EuiccVariant,
    /// Where the agent is, if there is one.
    pub agent: Option<AgentPlace>,
    /// The platform that the agent asks, by index among the services.
    pub advisor: usize,
    /// How the agent works.
    pub policy: AgentPolicy,
}

/// Where eUICCs differ from the standard.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum EuiccVariant {
    /// Nowhere.
    #[default]
    Standard,
    /// Without REFRESH it refuses everything until it is reset.
    ResetNeeded,
    /// It never asks for a REFRESH.
    NoRefresh,
}

/// Where an agent is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AgentPlace {
    /// On the eUICC, at the level of its operating system.
    Card,
    /// On the device's host.
    Host,
}

/// How an agent works.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AgentPolicy {
    /// How often it looks where it is.
    pub check_every: Duration,
    /// For how long the device must be away.
    pub away_dwell: Duration,
    /// For how long the home network must be received.
    pub home_dwell: Duration,
    /// How strongly, in dBm.
    pub home_level_dbm: i16,
    /// The time between two switches, at least.
    pub switch_gap: Duration,
    /// The same for a device that goes back and forth.
    pub switch_gap_max: Duration,
    /// For how long an enabled profile may look for service.
    pub attach_deadline: Duration,
    /// What lists are ordered by.
    pub order: Order,
    /// How old a stored list may be.
    pub list_age_max: Duration,
    /// Without platform and list, the presets are tried.
    pub presets_alone: bool,
    /// How often the platform is asked.
    pub retry: Retry,
    /// How long it rests after nothing has worked.
    pub pause: Duration,
    /// The longest rest.
    pub pause_max: Duration,
    /// Downloads in a month, at most.
    pub downloads_per_month: u16,
    /// It deletes what it has downloaded whenever memory is short.
    pub makes_room: bool,
}

/// An end of a link.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum SteeringNode {
    /// A server or a platform, by index.
    Service(usize),
    /// An operator, by index.
    Operator(usize),
}

/// The links: all are alike but those that are not.
#[derive(Clone, Debug, Default)]
pub struct SteeringLinks {
    /// What links are like.
    pub usual: LinkQuality,
    /// The links from one node to another one that are not as the rest.
    pub overrides: Vec<(SteeringNode, SteeringNode, LinkQuality)>,
}

impl LinkTable for SteeringLinks {
    type Node = SteeringNode;

    fn own(&self, from: SteeringNode, to: SteeringNode) -> LinkQuality {
        let other = self.overrides.iter().rfind(|(a, b, _)| (*a, *b) == (from, to));
        other.map_or(self.usual, |(_, _, link)| *link)
    }

    fn number(node: SteeringNode) -> u64 {
        let (kind, index) = match node {
            SteeringNode::Operator(index) => (2, index),
            SteeringNode::Service(index) => (12, index),
        };
        (kind << 32) | u64::try_from(index).unwrap_or(u64::MAX)
    }
}

impl SteeringConfig {
    /// Returns the number of a management platform: texts of devices go there, and its own come from
    /// it.
    #[must_use]
    pub fn number(service: usize) -> Option<Msisdn> {
        Msisdn::parse(&format!("+8835101{:06}", service % 1_000_000)).ok()
    }

    /// Returns the address and port at which a service waits for connections of devices.
    #[must_use]
    pub fn address(service: usize) -> ([u8; 4], u16) {
        /// An address of the block for examples (RFC 5737).
        const FIRST: [u8; 4] = [198, 51, 100, 1];
        let port = u16::try_from(service).unwrap_or(u16::MAX).saturating_add(7_000);
        (FIRST, port)
    }

    /// Returns the host name of a service.
    #[must_use]
    pub fn host(&self, service: usize) -> String {
        let name = self.services.get(service).map_or("", |service| &service.name);
        format!("{name}.example")
    }
}
