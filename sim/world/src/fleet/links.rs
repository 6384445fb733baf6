//! What is between the nodes of a fleet: one link for each direction of each pair.

use super::action::FleetFault;
use super::config::{FleetLink, FleetLinks, FleetNode};
use polysim_base::{Instant, Purpose, Stream};
use polysim_kernel::{Link, LinkConfig, Transit};
use std::collections::{BTreeMap, BTreeSet};

/// The links of a fleet.
#[derive(Debug)]
pub(crate) struct Links {
    seed: u64,
    config: FleetLinks,
    links: BTreeMap<(FleetNode, FleetNode), (FleetLink, Link)>,
    cuts: BTreeSet<(FleetNode, FleetNode)>,
}

impl Links {
    pub(crate) const fn new(seed: u64, config: FleetLinks) -> Self {
        Self { seed, config, links: BTreeMap::new(), cuts: BTreeSet::new() }
    }

    /// Decides what becomes of a message sent now.
    pub(crate) fn transmit(&mut self, now: Instant, from: FleetNode, to: FleetNode) -> Transit {
        let cut = self.is_cut(from, to);
        let (_, link) = self.link(from, to);
        link.partition(cut);
        link.transmit(now)
    }

    /// Returns whether nothing comes through.
    pub(crate) fn is_cut(&self, from: FleetNode, to: FleetNode) -> bool {
        self.cuts.contains(&(from, to))
    }

    /// Returns whether no link is cut.
    pub(crate) fn are_whole(&self) -> bool {
        self.cuts.is_empty()
    }

    /// Begins or ends a fault of a link; returns whether it was one.
    pub(crate) fn fault(&mut self, fault: &FleetFault, on: bool) -> bool {
        match fault {
            FleetFault::LinkCut { from, to, both_ways } => {
                self.cut(*from, *to, on);
                if *both_ways {
                    self.cut(*to, *from, on);
                }
            }
            FleetFault::LinkLoss { from, to, ppm } => {
                self.change(*from, *to, |link, own| {
                    link.loss_ppm = if on { *ppm } else { own.loss_ppm }
                });
            }
            FleetFault::LinkDelay { from, to, latency } => {
                self.change(*from, *to, |link, own| {
                    link.latency = if on { *latency } else { own.latency }
                });
            }
            FleetFault::LinkDuplicate { from, to, ppm } => {
                self.change(*from, *to, |link, own| {
                    link.duplicate_ppm = if on { *ppm } else { own.duplicate_ppm };
                });
            }
            FleetFault::LinkReorder { from, to, ppm } => {
                self.change(*from, *to, |link, own| {
                    link.reorder_ppm = if on { *ppm } else { own.reorder_ppm };
                });
            }
            FleetFault::ServerCrash { .. }
            | FleetFault::SiteCrash { .. }
            | FleetFault::TerminalCrash { .. }
            | FleetFault::CardMute { .. }
            | FleetFault::CardSlow { .. }
            | FleetFault::ClockJump { .. }
            | FleetFault::ClockSkew { .. } => return false,
        }
        true
    }

    fn cut(&mut self, from: FleetNode, to: FleetNode, on: bool) {
        if on {
            self.cuts.insert((from, to));
        } else {
            self.cuts.remove(&(from, to));
        }
    }

    fn change(&mut self, a: FleetNode, b: FleetNode, change: impl Fn(&mut FleetLink, FleetLink)) {
        for (from, to) in [(a, b), (b, a)] {
            let own = self.own(from, to);
            let (config, link) = self.link(from, to);
            change(config, own);
            link.configure(settings(*config));
        }
    }

    fn link(&mut self, from: FleetNode, to: FleetNode) -> &mut (FleetLink, Link) {
        let (seed, own) = (self.seed, self.own(from, to));
        self.links.entry((from, to)).or_insert_with(|| {
            let entity = number(from).rotate_left(32) ^ number(to).wrapping_mul(0x9E37_79B9);
            (own, Link::new(settings(own), Stream::derive(seed, entity, Purpose::Link, 0)))
        })
    }

    /// Returns how a link is without faults.
    fn own(&self, from: FleetNode, to: FleetNode) -> FleetLink {
        use FleetNode::{Log, Server, Site, Terminal};
        let other = self.config.overrides.iter().rfind(|(a, b, _)| (*a, *b) == (from, to));
        if let Some((_, _, link)) = other {
            return *link;
        }
        match (from, to) {
            (Site(_), Server(_)) | (Server(_), Site(_)) => self.config.site_server,
            (Terminal(_), Server(_)) | (Server(_), Terminal(_)) => self.config.terminal_server,
            (Terminal(_), Site(_)) | (Site(_), Terminal(_)) => self.config.terminal_site,
            (Site(_), Site(_)) => self.config.site_site,
            (Server(_) | Terminal(_) | Log, Server(_) | Terminal(_) | Log)
            | (Site(_), Log)
            | (Log, Site(_)) => FleetLink::default(),
        }
    }
}

const fn settings(link: FleetLink) -> LinkConfig {
    LinkConfig {
        latency_min: link.latency.min,
        latency_max: link.latency.max,
        loss_ppm: link.loss_ppm,
        duplicate_ppm: link.duplicate_ppm,
        reorder_ppm: link.reorder_ppm,
    }
}

/// A number for each node, from which its links' streams are derived.
fn number(node: FleetNode) -> u64 {
    let (kind, index) = match node {
        FleetNode::Server(index) => (6, index),
        FleetNode::Site(index) => (7, index),
        FleetNode::Terminal(index) => (8, index),
        FleetNode::Log => (9, 0),
    };
    (kind << 32) | u64::try_from(index).unwrap_or(u64::MAX)
}
