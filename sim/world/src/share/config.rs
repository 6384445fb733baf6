//! Groups of phones that share a virtual SIM: plain data, names resolved, everything by index.

use crate::config::{ClockConfig, LatencyRange, LinkQuality};
use crate::links::LinkTable;
use polysim_share::Timing;
use polysim_share::master::{Consent, Mode, Way};

/// The groups of a world, and what is between their devices.
#[derive(Clone, Debug, Default)]
pub struct ShareConfig {
    /// The names of the spots. Two devices are in range of each other at the same one.
    pub spots: Vec<String>,
    /// The groups.
    pub groups: Vec<ShareGroupConfig>,
    /// What links are like while devices are in range.
    pub links: ShareLinks,
    /// How long a device takes to make records durable.
    pub sync: LatencyRange,
}

/// A group: a master and its slaves. The master's phone has the subscription of its
/// [`PhoneConfig`](crate::PhoneConfig); the phones of slaves have no card of their own.
#[derive(Clone, Debug)]
pub struct ShareGroupConfig {
    /// Its name in traces.
    pub name: String,
    /// The phone of the master, by index.
    pub master: usize,
    /// The slaves.
    pub slaves: Vec<ShareSlaveConfig>,
    /// Whether parameters are copied, or the card stays.
    pub mode: Mode,
    /// How parameters are transferred.
    pub way: Way,
    /// What the user of the master is asked.
    pub consent: Consent,
    /// How long what may take.
    pub timing: Timing,
    /// Whether the master's own modem has the subscription at first.
    pub own: bool,
    /// How the master's clock goes.
    pub clock: ClockConfig,
    /// Where the master is at first, by index of the spots.
    pub spot: usize,
}

/// A slave of a group.
#[derive(Clone, Debug)]
pub struct ShareSlaveConfig {
    /// Its phone, by index.
    pub phone: usize,
    /// Whether it wants the subscription whenever it is connected, or only when its user says so.
    pub wants: bool,
    /// Whether it is paired at first.
    pub paired: bool,
    /// How its clock goes.
    pub clock: ClockConfig,
    /// Where it is at first, by index of the spots.
    pub spot: usize,
}

/// The links: all are alike but those that are not. Their ends are phones, by index.
#[derive(Clone, Debug, Default)]
pub struct ShareLinks {
    /// What links are like.
    pub usual: LinkQuality,
    /// The links from one phone to another one that are not as the rest.
    pub overrides: Vec<(usize, usize, LinkQuality)>,
}

impl LinkTable for ShareLinks {
    type Node = usize;

    fn own(&self, from: usize, to: usize) -> LinkQuality {
        let other = self.overrides.iter().rfind(|(a, b, _)| (*a, *b) == (from, to));
        other.map_or(self.usual, |(_, _, link)| *link)
    }

    fn number(phone: usize) -> u64 {
        /// Beyond the numbers of all other nodes that are linked.
        const KIND: u64 = 14;
        (KIND << 32) | u64::try_from(phone).unwrap_or(u64::MAX)
    }
}
