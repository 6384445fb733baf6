//! What is between nodes: one link for each direction of each pair.

use crate::config::{LatencyRange, LinkQuality};
use polysim_base::{Instant, Purpose, Stream};
use polysim_kernel::{Link, LinkConfig, Transit};
use std::collections::{BTreeMap, BTreeSet};

/// Who is linked, and what the links are like where nothing is wrong with them.
pub(crate) trait LinkTable {
    /// The end of a link.
    type Node: Copy + Ord;

    /// Returns what the link from one end to another is like.
    fn own(&self, from: Self::Node, to: Self::Node) -> LinkQuality;
    /// Returns a number for each node, from which its links' streams are derived.
    fn number(node: Self::Node) -> u64;
}

/// What is wrong with a link between two nodes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LinkFault {
    /// Nothing comes through from the first to the second.
    Cut {
        /// Whether nothing comes back either.
        both_ways: bool,
    },
    /// Messages are lost, both ways.
    Loss {
        /// How many of a million.
        ppm: u32,
    },
    /// Messages take that long, both ways.
    Delay {
        /// How long.
        latency: LatencyRange,
    },
    /// Messages come twice, both ways.
    Duplicate {
        /// How many of a million.
        ppm: u32,
    },
    /// Messages overtake others, both ways.
    Reorder {
        /// How many of a million.
        ppm: u32,
    },
}

/// Links as a table describes them.
#[derive(Debug)]
pub(crate) struct Links<T: LinkTable> {
    seed: u64,
    table: T,
    links: BTreeMap<(T::Node, T::Node), (LinkQuality, Link)>,
    cuts: BTreeSet<(T::Node, T::Node)>,
}

impl<T: LinkTable> Links<T> {
    pub(crate) const fn new(seed: u64, table: T) -> Self {
        Self { seed, table, links: BTreeMap::new(), cuts: BTreeSet::new() }
    }

    /// Decides what becomes of a message sent now.
    pub(crate) fn transmit(&mut self, now: Instant, from: T::Node, to: T::Node) -> Transit {
        let cut = self.is_cut(from, to);
        let (_, link) = self.link(from, to);
        link.partition(cut);
        link.transmit(now)
    }

    /// Returns whether nothing comes through.
    pub(crate) fn is_cut(&self, from: T::Node, to: T::Node) -> bool {
        self.cuts.contains(&(from, to))
    }

    /// Returns whether no link is cut.
    pub(crate) fn are_whole(&self) -> bool {
        self.cuts.is_empty()
    }

    /// Begins or ends a fault of a link.
    pub(crate) fn fault(&mut self, ends: (T::Node, T::Node), fault: LinkFault, on: bool) {
        let (from, to) = ends;
        match fault {
            LinkFault::Cut { both_ways } => {
                self.cut(from, to, on);
                if both_ways {
                    self.cut(to, from, on);
                }
            }
            LinkFault::Loss { ppm } => self.change(ends, |link, own| {
                link.loss_ppm = if on { ppm } else { own.loss_ppm };
            }),
            LinkFault::Delay { latency } => self.change(ends, |link, own| {
                link.latency = if on { latency } else { own.latency };
            }),
            LinkFault::Duplicate { ppm } => self.change(ends, |link, own| {
                link.duplicate_ppm = if on { ppm } else { own.duplicate_ppm };
            }),
            LinkFault::Reorder { ppm } => self.change(ends, |link, own| {
                link.reorder_ppm = if on { ppm } else { own.reorder_ppm };
            }),
        }
    }

    fn cut(&mut self, from: T::Node, to: T::Node, on: bool) {
        if on {
            self.cuts.insert((from, to));
        } else {
            self.cuts.remove(&(from, to));
        }
    }

    fn change(
        &mut self,
        (a, b): (T::Node, T::Node),
        change: impl Fn(&mut LinkQuality, LinkQuality),
    ) {
        for (from, to) in [(a, b), (b, a)] {
            let own = self.table.own(from, to);
            let (quality, link) = self.link(from, to);
            change(quality, own);
            link.configure(settings(*quality));
        }
    }

    fn link(&mut self, from: T::Node, to: T::Node) -> &mut (LinkQuality, Link) {
        let Self { seed, table, links, .. } = self;
        links.entry((from, to)).or_insert_with(|| {
            let own = table.own(from, to);
            let to = T::number(to).wrapping_mul(0x9E37_79B9);
            let entity = T::number(from).rotate_left(32) ^ to;
            (own, Link::new(settings(own), Stream::derive(*seed, entity, Purpose::Link, 0)))
        })
    }
}

const fn settings(link: LinkQuality) -> LinkConfig {
    LinkConfig {
        latency_min: link.latency.min,
        latency_max: link.latency.max,
        loss_ppm: link.loss_ppm,
        duplicate_ppm: link.duplicate_ppm,
        reorder_ppm: link.reorder_ppm,
    }
}
