//! How messages get from one machine to another: which shard, and how long it takes.

use crate::config::LatencyRange;
use crate::message::Message;
use crate::node::Kind;
use polysim_base::{Duration, Instant, Purpose, Stream};
use polysim_kernel::{Context, Link, LinkConfig, NodeId, Transit};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Between a host and its modem, one way.
pub(crate) const LINE: Duration = Duration::from_millis(1);
/// Between a modem and its card, one way.
pub(crate) const CONTACTS: Duration = Duration::from_millis(1);
/// What a user's software takes to record something, or to react.
pub(crate) const REACTION: Duration = Duration::from_millis(2);

/// Which shard regions and operators are in.
#[derive(Clone, Debug, Default)]
pub(crate) struct ShardMap {
    pub(crate) regions: Vec<u32>,
    pub(crate) operators: Vec<u32>,
}

/// The links of one shard.
#[derive(Debug)]
pub(crate) struct Paths {
    seed: u64,
    own: u32,
    map: Arc<ShardMap>,
    backhaul: LinkConfig,
    links: BTreeMap<(NodeId, NodeId), Link>,
}

/// The air between one device and its cell: both directions keep their order.
#[derive(Clone, Debug)]
pub(crate) struct AirLink {
    up: Instant,
    down: Instant,
}

/// What all air links have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Air {
    pub(crate) seed: u64,
    pub(crate) latency: LatencyRange,
}

/// A direction over the air.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Direction {
    Up,
    Down,
}

impl Paths {
    pub(crate) fn new(seed: u64, own: u32, map: Arc<ShardMap>, backhaul: LatencyRange) -> Self {
        let backhaul = LinkConfig {
            latency_min: backhaul.min,
            latency_max: backhaul.max,
            ..LinkConfig::default()
        };
        Self { seed, own, map, backhaul, links: BTreeMap::new() }
    }

    /// Sends between regions and operators, through the mail where the other is in another shard.
    pub(crate) fn backhaul(
        &mut self,
        ctx: &mut Context<'_, Message>,
        from: NodeId,
        to: NodeId,
        message: Message,
    ) {
        let (seed, config) = (self.seed, self.backhaul);
        let link = self.links.entry((from, to)).or_insert_with(|| {
            let entity = from.0.rotate_left(32) ^ to.0.wrapping_mul(0x9E37_79B9);
            Link::new(config, Stream::derive(seed, entity, Purpose::Link, 0))
        });
        let shard = self.map.shard_of(to);
        let Transit::Arrives(at) = link.transmit(ctx.now()) else { return };
        let delay = at.since(ctx.now());
        if shard == self.own {
            ctx.send(delay, to, message);
        } else {
            ctx.mail(shard, delay, to, message);
        }
    }
}

impl ShardMap {
    fn shard_of(&self, node: NodeId) -> u32 {
        let (table, index) = match Kind::of(node) {
            Some((Kind::Region, index)) => (&self.regions, index),
            Some((Kind::Core, index)) => (&self.operators, index),
            _ => return 0,
        };
        table.get(index as usize).copied().unwrap_or(0)
    }
}

impl AirLink {
    pub(crate) const fn new() -> Self {
        Self { up: Instant::ZERO, down: Instant::ZERO }
    }

    /// Returns how long a message of `radio` sent now takes. The draw depends on the device, the
    /// moment and the message before, so that no state of a stream is kept for each device.
    pub(crate) fn delay(
        &mut self,
        now: Instant,
        air: Air,
        radio: u32,
        direction: Direction,
    ) -> Duration {
        let salt = now.as_micros() ^ self.up.as_micros().rotate_left(20);
        let salt = salt ^ self.down.as_micros().rotate_left(40);
        let mut stream = Stream::derive(air.seed ^ salt, radio.into(), Purpose::Link, 0);
        let at = now.plus(stream.duration(air.latency.min, air.latency.max));
        let last = match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        };
        *last = at.max(*last);
        last.since(now)
    }
}
