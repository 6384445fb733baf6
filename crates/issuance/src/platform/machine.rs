use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use polysim_base::{Duration, Eid, Imsi, Instant, Machine, Msisdn, Out};

use super::order::Phase;
use super::rate::Rate;
use super::record::{Change, PlatformRecord, Way};
use super::send::{Note, Queued};
use super::state::State;
use super::{Alarm, CardState, PlatformConfig, PlatformInput, PlatformOutput};
use crate::keys::KeyStore;
use crate::wire::{OrderId, StreamId};

/// For so many outputs the memory is kept from one input to the next.
const OUT_KEPT: usize = 64;
/// So many alarms that anybody can cause are given at once, ...
const ALARM_BURST: u64 = 32;
/// ... and then one in this time.
const ALARM_INTERVAL: Duration = Duration::from_secs(10);

/// Why a platform wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PlatformTimer {
    /// An operator is asked again.
    Provision,
    /// A message is sent again, or the card's fate is looked at.
    Retry,
    /// A write that was proved has had no effect for long.
    Overdue,
    /// The next text may leave.
    Text,
}

/// The card-writing platform.
#[derive(Clone, Debug)]
pub struct Platform {
    pub(super) config: PlatformConfig,
    pub(super) keys: KeyStore,
    pub(super) state: State,
    pub(super) flight: Flight,
    out: VecDeque<Out<PlatformRecord, PlatformOutput>>,
}

/// What a crash may forget: it is made anew, or asked for again.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    /// What waits for its turn to be sent.
    pub(super) queue: VecDeque<Queued>,
    /// The answer in the queue for each card, and the number that it goes to.
    pub(super) notes: BTreeMap<Eid, (Msisdn, Note)>,
    /// Orders in the queue.
    pub(super) queued: BTreeSet<OrderId>,
    pub(super) texts: Rate,
    /// When each order is looked at next.
    pub(super) due: BTreeSet<(Instant, OrderId)>,
    /// How often an operator was asked.
    pub(super) asked: BTreeMap<OrderId, u8>,
    /// What has come over connections and is not whole yet.
    pub(super) streams: BTreeMap<StreamId, Vec<u8>>,
    alarms: Rate,
}

impl Platform {
    /// Returns a platform that knows keys, and no card.
    #[must_use]
    pub fn new(config: PlatformConfig, keys: KeyStore) -> Self {
        let flight = Flight {
            queue: VecDeque::new(),
            notes: BTreeMap::new(),
            queued: BTreeSet::new(),
            texts: Rate::per_second(config.texts_per_s),
            due: BTreeSet::new(),
            asked: BTreeMap::new(),
            streams: BTreeMap::new(),
            alarms: Rate::new(ALARM_INTERVAL, ALARM_BURST),
        };
        Self { config, keys, state: State::default(), flight, out: VecDeque::new() }
    }

    /// Returns how it works.
    #[must_use]
    pub const fn config(&self) -> &PlatformConfig {
        &self.config
    }

    /// Returns what it knows of the subscription on a card; nothing of a card that it has never
    /// heard of.
    #[must_use]
    pub fn card_state(&self, eid: Eid) -> Option<CardState> {
        let card = self.state.card(eid)?;
        let order = self.state.order_of(eid).map(|(_, order)| order.state());
        Some(order.unwrap_or(CardState::Settled { imsi: card.imsi }))
    }

    /// Returns the card that has a subscription, or is getting it.
    #[must_use]
    pub fn card_of(&self, imsi: Imsi) -> Option<Eid> {
        self.state.by_imsi.get(&imsi).copied()
    }

    /// Returns the number that a card is reached at.
    #[must_use]
    pub fn number_of(&self, eid: Eid) -> Option<Msisdn> {
        self.state.card(eid)?.number
    }

    /// Returns how many cards it knows.
    #[must_use]
    pub fn cards(&self) -> usize {
        self.state.cards.len()
    }

    /// Returns how many writes are under way.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.state.orders.len()
    }

    /// Tells whether both know the same.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        let (mut mine, mut theirs) = (self.state.clone(), other.state.clone());
        for order in mine.orders.values_mut().chain(theirs.orders.values_mut()) {
            // A crash forgets what was put off.
            order.due = None;
        }
        mine == theirs
    }

    pub(super) fn say(&mut self, output: PlatformOutput) {
        self.out.push_back(Out::Do(output));
    }

    pub(super) fn alarm(&mut self, alarm: Alarm) {
        self.say(PlatformOutput::Alarm(alarm));
    }

    /// Gives an alarm that anybody can cause by sending something: not more than so many.
    pub(super) fn alarm_of_anybody(&mut self, now: Instant, alarm: Alarm) {
        if self.flight.alarms.pass(now, 1) {
            self.alarm(alarm);
        }
    }

    pub(super) fn record(&mut self, at: Instant, change: Change) {
        self.fold(at, &change);
        self.out.push_back(Out::Record(PlatformRecord { at, change }));
    }

    fn fold(&mut self, at: Instant, change: &Change) {
        let touched = touched(change);
        let before = touched.and_then(|id| self.state.orders.get(&id));
        if let (Some(id), Some(due)) = (touched, before.and_then(|order| order.due)) {
            self.flight.due.remove(&(due, id));
        }
        let after = self.state.apply(&self.config, at, change);
        let Some(id) = after else { return };
        match self.state.orders.get(&id) {
            Some(order) => {
                self.flight.due.extend(order.due.map(|due| (due, id)));
                #[cfg(any(test, debug_assertions))]
                self.state.check(order.eid);
            }
            None => {
                self.flight.asked.remove(&id);
                self.flight.queued.remove(&id);
            }
        }
    }

    /// Puts an order off, or takes it out of the order of things that are due.
    pub(super) fn put_off(&mut self, id: OrderId, due: Option<Instant>) {
        let Some(order) = self.state.orders.get_mut(&id) else { return };
        if let Some(old) = core::mem::replace(&mut order.due, due) {
            self.flight.due.remove(&(old, id));
        }
        self.flight.due.extend(due.map(|due| (due, id)));
    }

    fn serve_due(&mut self, now: Instant) {
        while let Some((at, id)) = self.flight.due.first().copied()
            && at <= now
        {
            // Whatever happens below, it does not come again at once.
            self.put_off(id, None);
            let Some(order) = self.state.orders.get(&id) else { continue };
            match (order.phase, order.way) {
                (Phase::Provisioning, _) => self.provision(now, id),
                (Phase::Sending, Way::Air) => self.send_or_wonder(now, id),
                (Phase::Sending, Way::Site) if !order.was_said() => self.hand_out(now, id),
                (Phase::Sending, Way::Site) | (Phase::Proved, _) => self.overdue(now, id),
            }
        }
        self.send_queued(now);
    }
}

/// Returns the order whose next moment a change may set.
const fn touched(change: &Change) -> Option<OrderId> {
    match change {
        Change::Said { order, .. } => *order,
        Change::Ordered { order, .. }
        | Change::Ready { order }
        | Change::Tried { order, .. }
        | Change::Refused { order, .. }
        | Change::Jumped { order, .. }
        | Change::Proved { order }
        | Change::Overdue { order }
        | Change::Ended { order, .. } => Some(*order),
        Change::Heard { .. }
        | Change::Bound { .. }
        | Change::Asked { .. }
        | Change::NotTaken { .. }
        | Change::Corrected { .. }
        | Change::Imported(_) => None,
    }
}

impl Machine for Platform {
    type Input = PlatformInput;
    type Output = PlatformOutput;
    type Record = PlatformRecord;
    type Timer = PlatformTimer;

    fn handle(&mut self, now: Instant, input: PlatformInput) {
        match input {
            PlatformInput::Text { from, octets } => self.text(now, from, &octets),
            PlatformInput::Proof { from, packet } => self.proof_from(now, from, &packet),
            PlatformInput::Sent { message, fate } => self.sent(now, message, fate),
            PlatformInput::Stream { stream, event } => self.stream(now, stream, event),
            PlatformInput::Attached { imsi } => self.attached(now, imsi),
            PlatformInput::Provisioned { order, ready } => self.provisioned(now, order, ready),
            PlatformInput::Business(request) => self.business(now, request),
            PlatformInput::Import(row) => self.import(now, row),
        }
        self.serve_due(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.serve_due(now);
    }

    fn poll_output(&mut self) -> Option<Out<PlatformRecord, PlatformOutput>> {
        let out = self.out.pop_front();
        if self.out.is_empty() {
            self.out.shrink_to(OUT_KEPT);
        }
        out
    }

    fn poll_timeout(&self) -> Option<(Instant, PlatformTimer)> {
        let text = (!self.flight.queue.is_empty())
            .then(|| (self.flight.texts.ready_at(), PlatformTimer::Text));
        let order = self.flight.due.first().map(|(at, id)| {
            let timer = match self.state.orders.get(id).map(|order| order.phase) {
                Some(Phase::Provisioning) => PlatformTimer::Provision,
                Some(Phase::Proved) => PlatformTimer::Overdue,
                Some(Phase::Sending) | None => PlatformTimer::Retry,
            };
            (*at, timer)
        });
        text.into_iter().chain(order).min_by_key(|(at, _)| *at)
    }

    fn restore(&mut self, record: PlatformRecord) {
        self.fold(record.at, &record.change);
    }
}
