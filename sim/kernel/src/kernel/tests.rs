use super::*;
use crate::Shards;
use polysim_base::{Purpose, Stream};

const MS: Duration = Duration::from_millis(1);

/// Nodes of some shards that send each other tokens with equal delays, so that ties abound, and
/// rearm a deadline at every arrival.
struct Ties {
    shard: u32,
    shards: u32,
    nodes: Vec<(u64, Armed, Option<Instant>)>,
    wakes: u64,
    stream: Stream,
}

impl Ties {
    fn new(shard: u32, shards: u32, nodes: usize) -> Self {
        Self {
            shard,
            shards,
            nodes: vec![(0, Armed::default(), None); nodes],
            wakes: 0,
            stream: Stream::derive(9, shard.into(), Purpose::Test, 0),
        }
    }
}

impl World for Ties {
    type Message = u64;

    fn deliver(&mut self, ctx: &mut Context<'_, u64>, to: NodeId, token: u64) {
        let Self { nodes, stream, .. } = self;
        let count = nodes.len() as u64;
        let node = &mut nodes[usize::try_from(to.0).unwrap()];
        node.0 = node.0.wrapping_mul(31).wrapping_add(token);
        node.2 = Some(ctx.now().plus(MS.times(5)));
        node.1.arm(ctx, to, node.2);
        let next = NodeId(stream.below(count));
        if self.shards > 1 && node.0 % 7 == 0 {
            ctx.mail((self.shard + 1) % self.shards, MS.times(10), next, node.0);
        } else {
            ctx.send(MS, next, node.0);
        }
    }

    fn wake(&mut self, ctx: &mut Context<'_, u64>, id: NodeId) {
        let node = &mut self.nodes[usize::try_from(id.0).unwrap()];
        if !node.1.fired(ctx.now()) {
            return;
        }
        if node.2.is_some_and(|due| due <= ctx.now()) {
            node.2 = None;
            self.wakes += 1;
        }
        node.1.arm(ctx, id, node.2);
    }

    fn summarise(&self, token: &u64) -> Summary {
        Summary { kind: 1, digest: *token }
    }
}

#[test]
fn a_deadline_that_keeps_moving_costs_few_wake_ups_and_still_fires() {
    let mut kernel = Kernel::new(Ties::new(0, 1, 1));
    kernel.inject(Duration::ZERO, NodeId(0), 1);
    kernel.run_until(Instant::from_micros(1_000_000));
    assert_eq!(kernel.world().wakes, 0, "an arrival a millisecond keeps moving it");
    let wake_events = kernel.trace().events() - 1_001;
    assert!(wake_events <= 251, "{wake_events} wake-ups for 1,000 moved deadlines");
}

#[test]
fn time_ends_at_the_limit_and_events_behind_it_wait() {
    let mut kernel = Kernel::new(Ties::new(0, 1, 1));
    kernel.inject(MS.times(5), NodeId(0), 1);
    kernel.run_until(Instant::from_micros(4_999));
    assert_eq!((kernel.trace().events(), kernel.now().as_micros()), (0, 4_999));
    assert_eq!(kernel.next_event_time(), Some(Instant::from_micros(5_000)));
    kernel.run_until(Instant::from_micros(5_000));
    assert_eq!(kernel.trace().events(), 1);
}

#[test]
fn a_node_that_is_armed_from_outside_for_a_moment_gone_by_is_woken_now() {
    let mut kernel = Kernel::new(Ties::new(0, 1, 1));
    kernel.run_until(Instant::from_micros(7_000));
    kernel.act(|world, ctx| {
        let (_, armed, due) = &mut world.nodes[0];
        *due = Some(Instant::from_micros(3_000));
        armed.arm(ctx, NodeId(0), *due);
    });
    kernel.step(Instant::MAX);
    assert_eq!((kernel.world().wakes, kernel.now().as_micros()), (1, 7_000));
}

fn sharded(threads: usize) -> (u64, u64) {
    let worlds = (0..5).map(|shard| Kernel::new(Ties::new(shard, 5, 100))).collect();
    let mut shards = Shards::new(worlds, MS.times(10));
    for kernel in shards.kernels_mut() {
        for node in 0..100 {
            kernel.inject(Duration::ZERO, NodeId(node), node);
        }
    }
    shards.run_until(Instant::from_micros(500_000), threads);
    (shards.hash(), shards.events())
}

#[test]
fn the_trace_is_the_same_for_any_number_of_threads() {
    let one = sharded(1);
    assert!(one.1 > 100_000, "{} events", one.1);
    assert_eq!(one, sharded(2));
    assert_eq!(one, sharded(3));
    assert_eq!(one, sharded(5));
}
