//! What opens cards in a world: plain data, names resolved, everything by index.

use crate::config::{ClockConfig, LatencyRange, LinkQuality};
use crate::links::LinkTable;
use polysim_base::{Duration, Imsi, Msisdn};
use polysim_issuance::business::Pooled;
use polysim_issuance::platform::{Policy, Retry};
use polysim_ota::Spi;

/// Card-writing platforms, business platforms, and what is between them and the operators.
#[derive(Clone, Debug, Default)]
pub struct IssuanceConfig {
    /// The card-writing platforms.
    pub platforms: Vec<PlatformNodeConfig>,
    /// The business platforms.
    pub businesses: Vec<BusinessNodeConfig>,
    /// What is between the nodes.
    pub links: IssuanceLinks,
    /// How long a disk takes to make records durable.
    pub sync: LatencyRange,
}

/// A card-writing platform.
#[derive(Clone, Debug)]
pub struct PlatformNodeConfig {
    /// Its name in traces.
    pub name: String,
    /// How its clock goes.
    pub clock: ClockConfig,
    /// How its packets are secured.
    pub spi: Spi,
    /// How often a message is said again.
    pub retry: Retry,
    /// How long a service centre keeps its texts.
    pub validity: Duration,
    /// How long a write may be without effect until there is an alarm.
    pub pending_alarm: Duration,
    /// The most texts in a second.
    pub texts_per_s: u32,
    /// What happens to a card that has moved to another device.
    pub moved: Policy,
    /// What happens to a device that is bound to another card.
    pub conflict: Policy,
}

/// A business platform.
#[derive(Clone, Debug)]
pub struct BusinessNodeConfig {
    /// Its name in traces.
    pub name: String,
    /// How its clock goes.
    pub clock: ClockConfig,
    /// The card-writing platform that it asks.
    pub platform: usize,
    /// The numbers that it may give out; operators by their names in the world.
    pub pool: Vec<Pooled>,
    /// After how long it asks again.
    pub patience: Duration,
    /// How long a number that was released rests.
    pub rest: Duration,
}

/// A card that can be opened over the air: it has keys, and an applet if so wished.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OpenCardConfig {
    /// The platform that knows its keys.
    pub platform: usize,
    /// Whether it has the applet.
    pub applet: bool,
    /// Whether it has the phone's subscription at first: the seed. It is blank otherwise.
    pub seed: bool,
    /// How its applet reaches the platform.
    pub bearer: OpenBearer,
    /// The subscriptions whose keys it holds beside the seed's, from number 1 on.
    pub preloaded: Vec<Imsi>,
    /// For how long a new subscription may fail until the card goes back, in minutes.
    pub trial_min: u16,
    /// The algorithm of its keys.
    pub keys: OtaAlgorithm,
}

/// How an applet reaches its platform.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OpenBearer {
    /// By short messages.
    #[default]
    Text,
    /// Over a TCP connection.
    Channel,
}

/// The algorithm of the keys for secured packets.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OtaAlgorithm {
    /// AES with 128 bits.
    #[default]
    Aes,
    /// Triple DES with two keys.
    TripleDes,
}

/// An end of a link.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum IssuanceNode {
    /// A card-writing platform, by index.
    Platform(usize),
    /// A business platform, by index.
    Business(usize),
    /// An operator, by index.
    Operator(usize),
}

/// The links: all are alike but those that are not.
#[derive(Clone, Debug, Default)]
pub struct IssuanceLinks {
    /// What links are like.
    pub usual: LinkQuality,
    /// The links from one node to another one that are not as the rest.
    pub overrides: Vec<(IssuanceNode, IssuanceNode, LinkQuality)>,
}

impl LinkTable for IssuanceLinks {
    type Node = IssuanceNode;

    fn own(&self, from: IssuanceNode, to: IssuanceNode) -> LinkQuality {
        let other = self.overrides.iter().rfind(|(a, b, _)| (*a, *b) == (from, to));
        other.map_or(self.usual, |(_, _, link)| *link)
    }

    fn number(node: IssuanceNode) -> u64 {
        let (kind, index) = match node {
            IssuanceNode::Operator(index) => (2, index),
            IssuanceNode::Platform(index) => (10, index),
            IssuanceNode::Business(index) => (11, index),
        };
        (kind << 32) | u64::try_from(index).unwrap_or(u64::MAX)
    }
}

impl IssuanceConfig {
    /// Returns the number of a platform: texts of cards go there, and its own come from it.
    #[must_use]
    pub fn number(platform: usize) -> Option<Msisdn> {
        Msisdn::parse(&format!("+8835100{:06}", platform % 1_000_000)).ok()
    }

    /// Returns the address and port at which a platform waits for connections of cards.
    #[must_use]
    pub fn address(platform: usize) -> ([u8; 4], u16) {
        /// An address of the block for examples (RFC 5737).
        const FIRST: [u8; 4] = [192, 0, 2, 1];
        let port = u16::try_from(platform).unwrap_or(u16::MAX).saturating_add(5_000);
        (FIRST, port)
    }
}
