//! Links between nodes: latency, loss, duplication, reordering, partition.

use polysim_base::{Duration, Instant, Stream};

/// How a link behaves. Probabilities are in millionths.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct LinkConfig {
    /// The least time a message takes.
    pub latency_min: Duration,
    /// The most time a message takes.
    pub latency_max: Duration,
    /// How often a message is lost.
    pub loss_ppm: u32,
    /// How often a message arrives twice.
    pub duplicate_ppm: u32,
    /// How often a message may overtake earlier ones; the others keep their order.
    pub reorder_ppm: u32,
}

/// What becomes of one message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transit {
    /// It is lost.
    Lost,
    /// It arrives.
    Arrives(Instant),
    /// It arrives twice.
    Twice(Instant, Instant),
}

/// One direction between two nodes, with its own stream.
#[derive(Clone, Debug)]
pub struct Link {
    config: LinkConfig,
    stream: Stream,
    last: Instant,
    partitioned: bool,
}

impl Link {
    /// Returns a link that is up.
    #[must_use]
    pub const fn new(config: LinkConfig, stream: Stream) -> Self {
        Self { config, stream, last: Instant::ZERO, partitioned: false }
    }

    /// Changes how it behaves; what is under way is not touched.
    pub const fn configure(&mut self, config: LinkConfig) {
        self.config = config;
    }

    /// Cuts the link, or heals it. What is sent meanwhile is lost.
    pub const fn partition(&mut self, cut: bool) {
        self.partitioned = cut;
    }

    /// Decides what becomes of a message sent now.
    pub fn transmit(&mut self, now: Instant) -> Transit {
        if self.partitioned || self.stream.chance(self.config.loss_ppm) {
            return Transit::Lost;
        }
        let first = self.arrival(now);
        if self.stream.chance(self.config.duplicate_ppm) {
            return Transit::Twice(first, self.arrival(now));
        }
        Transit::Arrives(first)
    }

    fn arrival(&mut self, now: Instant) -> Instant {
        let latency = self.stream.duration(self.config.latency_min, self.config.latency_max);
        let at = now.plus(latency);
        if self.stream.chance(self.config.reorder_ppm) {
            return at;
        }
        self.last = self.last.max(at);
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_base::Purpose;

    fn link(config: LinkConfig) -> Link {
        Link::new(config, Stream::derive(1, 1, Purpose::Link, 0))
    }

    fn arrivals(link: &mut Link) -> Vec<Instant> {
        let sent = (0..1_000).map(|n| link.transmit(Instant::from_micros(n)));
        sent.flat_map(|transit| match transit {
            Transit::Lost => vec![],
            Transit::Arrives(at) => vec![at],
            Transit::Twice(a, b) => vec![a, b],
        })
        .collect()
    }

    #[test]
    fn messages_keep_their_order_unless_reordering_is_asked_for() {
        let spread = LinkConfig { latency_max: Duration::from_millis(50), ..LinkConfig::default() };
        assert!(arrivals(&mut link(spread)).is_sorted());
        let loose = LinkConfig { reorder_ppm: 100_000, ..spread };
        assert!(!arrivals(&mut link(loose)).is_sorted());
    }

    #[test]
    fn loss_and_duplication_are_as_frequent_as_asked() {
        let lossy = LinkConfig { loss_ppm: 100_000, ..LinkConfig::default() };
        assert!((860..=940).contains(&arrivals(&mut link(lossy)).len()));
        let doubling = LinkConfig { duplicate_ppm: 100_000, ..LinkConfig::default() };
        assert!((1_060..=1_140).contains(&arrivals(&mut link(doubling)).len()));
    }

    #[test]
    fn a_partition_loses_everything_until_it_heals() {
        let mut link = link(LinkConfig::default());
        link.partition(true);
        assert_eq!(link.transmit(Instant::ZERO), Transit::Lost);
        link.partition(false);
        assert_eq!(link.transmit(Instant::ZERO), Transit::Arrives(Instant::ZERO));
    }
}
