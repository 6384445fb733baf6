use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use polysim_base::{Duration, Eid, Instant, Machine, Out};

use super::state::{AdvisorRecord, Change, Device, DeviceChange, Stage, State};
use super::{
    AdvisorConfig, AdvisorEvent, AdvisorInput, AdvisorOutput, AdvisorTimer, DeviceRow, Path,
};
use crate::DeviceKey;
use crate::wire::{Downlink, Report, Uplink, UplinkView, WireError, seal_downlink};

/// The management platform.
#[derive(Clone, Debug)]
pub struct Advisor {
    pub(super) config: AdvisorConfig,
    pub(super) state: State,
    pub(super) flight: Flight,
    out: VecDeque<Out<AdvisorRecord, AdvisorOutput>>,
}

/// What a crash may forget: it is asked for again.
#[derive(Clone, Debug, Default)]
pub(super) struct Flight {
    /// When each order is looked at next, and the same by order, with how often it was called for.
    due: BTreeSet<(Instant, u64)>,
    by_order: BTreeMap<u64, (Instant, u8)>,
    /// Where the answer to each order goes.
    pub(super) paths: BTreeMap<u64, Path>,
}

/// After so many doublings the time between two calls does not grow any more.
const DOUBLINGS_MAX: u8 = 4;

impl Advisor {
    /// Returns a platform that knows no device.
    #[must_use]
    pub const fn new(config: AdvisorConfig) -> Self {
        let flight =
            Flight { due: BTreeSet::new(), by_order: BTreeMap::new(), paths: BTreeMap::new() };
        let state = State { devices: BTreeMap::new(), orders: BTreeMap::new(), last_serial: 0 };
        Self { config, state, flight, out: VecDeque::new() }
    }

    /// Returns how it works.
    #[must_use]
    pub const fn config(&self) -> &AdvisorConfig {
        &self.config
    }

    /// Returns what is known of a device that is enrolled.
    #[must_use]
    pub fn device(&self, eid: Eid) -> Option<&DeviceRow> {
        self.state.devices.get(&eid)?.row.as_ref()
    }

    /// Returns how many orders are open.
    #[must_use]
    pub fn orders(&self) -> usize {
        self.state.orders.len()
    }

    /// Tells whether both know the same.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        self.state == other.state
    }

    /// Returns the records that a journal needs in place of all before, once every output was taken:
    /// one for each device, and one more.
    #[must_use]
    pub fn checkpoint(&self) -> Vec<AdvisorRecord> {
        self.state.checkpoint()
    }

    pub(super) fn say(&mut self, output: AdvisorOutput) {
        self.out.push_back(Out::Do(output));
    }

    pub(super) fn tell(&mut self, event: AdvisorEvent) {
        self.say(AdvisorOutput::Tell(event));
    }

    pub(super) fn record(&mut self, at: Instant, change: Change) {
        self.state.apply(at, &change);
        self.out.push_back(Out::Record(AdvisorRecord { at, change }));
    }

    pub(super) fn keep(&mut self, now: Instant, eid: Eid, change: DeviceChange) {
        self.record(now, Change::Device(eid, change));
    }

    fn frame(&mut self, now: Instant, path: Path, frame: &[u8]) {
        let Ok(view) = UplinkView::parse(frame) else { return };
        let eid = view.eid();
        let (counter, message) = match view.open(&self.key(eid)) {
            Ok(opened) => opened,
            Err(WireError::NotAuthentic) => return self.tell(AdvisorEvent::NotAuthentic { eid }),
            // A newer release has made it.
            Err(_) => return,
        };
        let known = self.state.devices.get(&eid);
        if known.is_some_and(|device| !device.counters.is_fresh(counter)) {
            return;
        }
        self.keep(now, eid, DeviceChange::Heard(counter));
        match message {
            Uplink::List(request) => self.list(now, eid, path, &request),
            Uplink::Download(request) => self.download(now, eid, path, &request),
            Uplink::Report(report) => self.reported(now, eid, path, report),
        }
    }

    fn key(&self, eid: Eid) -> DeviceKey {
        self.config.key.device(eid)
    }

    /// Sends a message to a device, under a counter that is recorded before it leaves.
    pub(super) fn post(&mut self, now: Instant, eid: Eid, path: Path, message: &Downlink) {
        let device = self.state.devices.get(&eid);
        let Some(counter) = device.and_then(|device: &Device| device.counters.next()) else {
            return;
        };
        self.keep(now, eid, DeviceChange::Sent(counter));
        let frame = seal_downlink(&self.key(eid), eid, counter, message);
        self.say(AdvisorOutput::Frame { path, frame });
    }

    /// Records a report once, and says each time that it is recorded.
    fn reported(&mut self, now: Instant, eid: Eid, path: Path, report: Report) {
        let Report { number, outcome, merged } = report;
        let last = self.state.devices.get(&eid).map(|device| device.last_report);
        if last.is_none_or(|last| number > last) {
            self.keep(now, eid, DeviceChange::Reported(report));
            self.tell(AdvisorEvent::Reported { eid, outcome, merged });
            self.close_reported(now, eid, outcome);
        }
        self.post(now, eid, path, &Downlink::Noted { number });
    }

    /// Has an order looked at after a time, or not at all.
    pub(super) fn put_off(&mut self, serial: u64, due: Option<Instant>) {
        let tries = match self.flight.by_order.remove(&serial) {
            Some((at, tries)) => {
                self.flight.due.remove(&(at, serial));
                tries.saturating_add(1)
            }
            None => 0,
        };
        if let Some(at) = due {
            self.flight.due.insert((at, serial));
            self.flight.by_order.insert(serial, (at, tries));
        }
    }

    /// Returns how long an operator may take to answer this time.
    pub(super) fn patience(&self, serial: u64) -> Duration {
        let tries = self.flight.by_order.get(&serial).map_or(0, |(_, tries)| *tries);
        self.config.retry.times(1_u64 << tries.min(DOUBLINGS_MAX))
    }

    fn serve_due(&mut self, now: Instant) {
        while let Some((at, serial)) = self.flight.due.first().copied()
            && at <= now
        {
            match self.state.order(serial).map(|(.., order)| &order.stage) {
                Some(Stage::Ready { .. }) => self.outdated(now, serial),
                Some(Stage::Ordering | Stage::Confirming { .. } | Stage::Cancelling { .. }) => {
                    self.call(now, serial);
                }
                None => self.put_off(serial, None),
            }
        }
    }

    /// Everything that is open is looked at: nothing that was asked before will be answered.
    fn start(&mut self, now: Instant) {
        self.flight = Flight::default();
        let open: Vec<_> = self.state.orders.keys().copied().collect();
        for serial in open {
            let due = match self.state.order(serial).map(|(.., order)| order) {
                Some(order) if matches!(order.stage, Stage::Ready { .. }) => {
                    order.since.plus(self.config.order_age_max)
                }
                Some(_) | None => now,
            };
            self.put_off(serial, Some(due));
        }
    }
}

impl Machine for Advisor {
    type Input = AdvisorInput;
    type Output = AdvisorOutput;
    type Record = AdvisorRecord;
    type Timer = AdvisorTimer;

    fn handle(&mut self, now: Instant, input: AdvisorInput) {
        match input {
            AdvisorInput::Frame { path, frame } => self.frame(now, path, &frame),
            AdvisorInput::Es2 { call, answer } => self.answered(now, call, answer),
            AdvisorInput::Enrol(row) => {
                if self.device(row.eid) != Some(&row) {
                    self.record(now, Change::Enrolled(row));
                }
            }
            AdvisorInput::Started => self.start(now),
        }
        self.serve_due(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.serve_due(now);
    }

    fn poll_output(&mut self) -> Option<Out<AdvisorRecord, AdvisorOutput>> {
        self.out.pop_front()
    }

    fn poll_timeout(&self) -> Option<(Instant, AdvisorTimer)> {
        let (at, serial) = self.flight.due.first()?;
        let timer = match self.state.order(*serial).map(|(.., order)| &order.stage) {
            Some(Stage::Ready { .. }) => AdvisorTimer::Order,
            Some(Stage::Ordering | Stage::Confirming { .. } | Stage::Cancelling { .. }) | None => {
                AdvisorTimer::Call
            }
        };
        Some((*at, timer))
    }

    fn restore(&mut self, record: AdvisorRecord) {
        self.state.apply(record.at, &record.change);
    }
}
