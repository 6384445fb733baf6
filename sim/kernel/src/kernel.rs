//! Virtual time: takes events off the wheel and hands them to the world.

use crate::slab::Slab;
use crate::trace::{Summary, Trace, TraceRecord};
use crate::wheel::Wheel;
use polysim_base::{Duration, Instant};

/// A machine of a world. What the number means is the world's own; a common choice is the kind in
/// the upper half and the index in a [`Slab`](crate::Slab) in the lower.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NodeId(pub u64);

/// The kind that wake-ups have in a trace.
const WAKE_KIND: u32 = u32::MAX;

/// Machines, and what a message does to one of them.
pub trait World {
    /// What travels between nodes.
    type Message;

    /// A message arrives.
    fn deliver(&mut self, ctx: &mut Context<'_, Self::Message>, to: NodeId, message: Self::Message);

    /// A node armed for this moment is woken. It may have been armed anew since: see [`Armed`].
    fn wake(&mut self, ctx: &mut Context<'_, Self::Message>, node: NodeId);

    /// Returns what a message adds to the trace.
    fn summarise(&self, message: &Self::Message) -> Summary;
}

/// What waits on the wheel. Most of what waits are deadlines, so messages lie beside it. Twelve
/// octets, as a large world has millions of them.
#[derive(Clone, Copy, Debug, Default)]
struct Event {
    /// The node, high half first.
    node: [u32; 2],
    /// Where its message lies, or [`WAKE`].
    slot: u32,
}

/// The slot of a wake-up.
const WAKE: u32 = u32::MAX;

impl Event {
    #[expect(clippy::cast_possible_truncation, reason = "both halves are kept")]
    const fn new(node: NodeId, slot: u32) -> Self {
        Self { node: [(node.0 >> 32) as u32, node.0 as u32], slot }
    }

    fn node(self) -> NodeId {
        let [high, low] = self.node;
        NodeId((u64::from(high) << 32) | u64::from(low))
    }
}

/// The wheel and the messages that wait on it.
#[derive(Debug)]
struct Agenda<M> {
    wheel: Wheel<Event>,
    messages: Slab<M>,
}

impl<M> Agenda<M> {
    /// # Panics
    /// When 2^32 messages wait: no world of this size fits a machine.
    fn send(&mut self, at: Instant, to: NodeId, message: M) {
        #[expect(clippy::expect_used, reason = "documented; 2^32 messages are 200 GB")]
        let slot = self.messages.insert(message).expect("fewer than 2^32 messages wait");
        self.wheel.push(at, Event::new(to, slot));
    }
}

/// A message to a node of another shard.
#[derive(Clone, Debug)]
pub(crate) struct Mail<M> {
    pub(crate) shard: u32,
    pub(crate) at: Instant,
    pub(crate) to: NodeId,
    pub(crate) message: M,
}

/// What a world can do while it handles an event.
pub struct Context<'a, M> {
    now: Instant,
    agenda: &'a mut Agenda<M>,
    outbox: &'a mut Vec<Mail<M>>,
}

impl<M> Context<'_, M> {
    /// Returns the virtual time.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Sends a message that arrives after `delay`.
    pub fn send(&mut self, delay: Duration, to: NodeId, message: M) {
        self.agenda.send(self.now.plus(delay), to, message);
    }

    /// Sends a message to a node of another shard. A delay shorter than the window of the
    /// [`Shards`](crate::Shards) is lengthened to it.
    pub fn mail(&mut self, shard: u32, delay: Duration, to: NodeId, message: M) {
        self.outbox.push(Mail { shard, at: self.now.plus(delay), to, message });
    }
}

/// The one wake-up that a node has on the wheel; kept with the node.
///
/// Deadlines move all the time and rarely fire, so the wheel is asked for an earlier wake-up only;
/// a later deadline is found out about when the earlier wake-up comes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Armed(Instant);

impl Default for Armed {
    fn default() -> Self {
        Self(Instant::MAX)
    }
}

impl Armed {
    /// Sees to it that `node` is woken at `deadline` or before; at once where that has passed.
    pub fn arm<M>(&mut self, ctx: &mut Context<'_, M>, node: NodeId, deadline: Option<Instant>) {
        if let Some(at) = deadline
            && at < self.0
        {
            self.0 = at.max(ctx.now);
            ctx.agenda.wheel.push(self.0, Event::new(node, WAKE));
        }
    }

    /// Takes a wake-up; returns whether it is the one that was armed. The node then serves its
    /// deadlines and is armed again.
    pub fn fired(&mut self, now: Instant) -> bool {
        let current = self.0 == now;
        if current {
            self.0 = Instant::MAX;
        }
        current
    }
}

/// Sees every message before its node does.
pub type Tap<M> = Box<dyn FnMut(Instant, NodeId, &M) + Send>;

/// A world under way.
pub struct Kernel<W: World> {
    world: W,
    now: Instant,
    agenda: Agenda<W::Message>,
    outbox: Vec<Mail<W::Message>>,
    trace: Trace,
    tap: Option<Tap<W::Message>>,
}

impl<W: World> Kernel<W> {
    /// Returns a kernel at time zero.
    #[must_use]
    pub fn new(world: W) -> Self {
        Self {
            world,
            now: Instant::ZERO,
            agenda: Agenda { wheel: Wheel::new(), messages: Slab::default() },
            outbox: Vec::new(),
            trace: Trace::default(),
            tap: None,
        }
    }

    /// Returns the virtual time.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Returns the world.
    #[must_use]
    pub const fn world(&self) -> &W {
        &self.world
    }

    /// Returns the world, to change what no message reaches.
    pub const fn world_mut(&mut self) -> &mut W {
        &mut self.world
    }

    /// Returns the trace so far.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Returns the trace, to set what it keeps.
    pub const fn trace_mut(&mut self) -> &mut Trace {
        &mut self.trace
    }

    /// Lets `tap` see every message from now on, for a decoded trace.
    pub fn tap(&mut self, tap: Tap<W::Message>) {
        self.tap = Some(tap);
    }

    /// Makes room for `count` waiting events at once.
    pub fn reserve(&mut self, count: usize) {
        self.agenda.wheel.reserve(count);
    }

    /// Lets the outside act on the world at the present moment.
    pub fn act<R>(&mut self, f: impl FnOnce(&mut W, &mut Context<'_, W::Message>) -> R) -> R {
        let Self { world, now, agenda, outbox, .. } = self;
        f(world, &mut Context { now: *now, agenda, outbox })
    }

    /// Sends a message from outside.
    pub fn inject(&mut self, delay: Duration, to: NodeId, message: W::Message) {
        self.act(|_, ctx| ctx.send(delay, to, message));
    }

    /// Returns when the next event is due.
    #[must_use]
    pub fn next_event_time(&self) -> Option<Instant> {
        self.agenda.wheel.next_time()
    }

    /// Handles one event due at `limit` or before; returns whether there was one.
    pub fn step(&mut self, limit: Instant) -> bool {
        let Some((at, event)) = self.agenda.wheel.pop_until(limit) else {
            return false;
        };
        self.now = at;
        let Self { world, agenda, outbox, trace, tap, .. } = self;
        let node = event.node();
        if event.slot == WAKE {
            let summary = Summary { kind: WAKE_KIND, digest: 0 };
            trace.push(TraceRecord { at, node, summary });
            world.wake(&mut Context { now: at, agenda, outbox }, node);
        } else if let Some(message) = agenda.messages.remove(event.slot) {
            trace.push(TraceRecord { at, node, summary: world.summarise(&message) });
            if let Some(tap) = tap {
                tap(at, node, &message);
            }
            world.deliver(&mut Context { now: at, agenda, outbox }, node, message);
        }
        true
    }

    /// Handles every event up to `limit`, which is the time afterwards.
    pub fn run_until(&mut self, limit: Instant) {
        while self.step(limit) {}
        self.now = self.now.max(limit);
    }

    pub(crate) fn take_mail(&mut self) -> Vec<Mail<W::Message>> {
        core::mem::take(&mut self.outbox)
    }

    pub(crate) fn put_mail(&mut self, at: Instant, to: NodeId, message: W::Message) {
        self.agenda.send(at.max(self.now), to, message);
    }
}

impl<M> core::fmt::Debug for Context<'_, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Context").field("now", &self.now).finish_non_exhaustive()
    }
}

impl<W: World> core::fmt::Debug for Kernel<W> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Kernel")
            .field("now", &self.now)
            .field("waiting", &self.agenda.wheel.len())
            .field("events", &self.trace.events())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
