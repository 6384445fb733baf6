//! The business platform as a machine.

use alloc::collections::{BTreeMap, BTreeSet};
use polysim_base::{Eid, Imei, Imsi, Instant, Machine, Msisdn, Out, Queue};

use super::batch::{Batch, Device};
use super::pool::{Pool, PoolTally};
use super::request::Requests;
use super::{
    BatchId, BusinessConfig, BusinessInput, BusinessOutput, BusinessRecord, BusinessTimer,
    DeviceResult, Pooled,
};
use crate::wire::RequestId;

/// The most devices in all batches of a business platform.
pub const DEVICES_MAX: usize = 4_000_000;
/// The most devices in one batch: its record is one frame of a journal.
pub const BATCH_DEVICES_MAX: usize = 200_000;
/// The most binding requests that are under way. One more gives the oldest up: its card is read
/// again.
pub const READ_MAX: usize = 10_000;

/// A business platform; see the [module](super).
#[derive(Clone, Debug)]
pub struct Business {
    pub(super) config: BusinessConfig,
    pub(super) pool: Pool,
    pub(super) batches: BTreeMap<BatchId, Batch>,
    /// The batch of each device that has no final result.
    pub(super) open: BTreeMap<Imei, BatchId>,
    /// When the next write of each batch may begin.
    pub(super) begins: BTreeSet<(Instant, BatchId)>,
    pub(super) requests: Requests,
    /// The request that delivers what was read of each card.
    pub(super) read: BTreeMap<Eid, RequestId>,
    pub(super) devices: usize,
    pub(super) out: Queue<Out<BusinessRecord, BusinessOutput>>,
}

impl Business {
    /// Makes one that has never heard of anybody. Of entries of the pool that share an IMSI or a
    /// number, the first counts.
    #[must_use]
    pub fn new(mut config: BusinessConfig) -> Self {
        let pool = Pool::new(core::mem::take(&mut config.pool));
        Self {
            config,
            pool,
            batches: BTreeMap::new(),
            open: BTreeMap::new(),
            begins: BTreeSet::new(),
            requests: Requests::default(),
            read: BTreeMap::new(),
            devices: 0,
            out: Queue::new(),
        }
    }

    /// Returns how many numbers are where.
    #[must_use]
    pub fn pool(&self, now: Instant) -> PoolTally {
        self.pool.tally(now)
    }

    /// Returns the numbers that are on cards, as far as they were given out here.
    pub fn on_cards(&self) -> impl Iterator<Item = (Eid, &Pooled)> {
        self.pool.on_cards()
    }

    /// Returns the final results of a batch so far.
    pub fn results(&self, batch: BatchId) -> impl Iterator<Item = (Imei, DeviceResult)> {
        let devices = self.batches.get(&batch).into_iter().flat_map(Batch::devices);
        devices.filter_map(|(imei, device)| match device {
            Device::Ended(result) => Some((imei, result)),
            Device::Waiting | Device::Open(_) => None,
        })
    }

    /// Returns what became of a device of a batch so far; nothing where it has not got to its card.
    #[must_use]
    pub fn result(&self, batch: BatchId, imei: Imei) -> Option<DeviceResult> {
        match self.batches.get(&batch)?.device(&imei)? {
            Device::Ended(result) => Some(result),
            Device::Open(request) => {
                let is_pending = self.requests.write(request)?.told_pending;
                is_pending.then_some(DeviceResult::Pending)
            }
            Device::Waiting => None,
        }
    }

    /// Returns how many devices of a batch have no final result; `None` for no such batch.
    #[must_use]
    pub fn unfinished(&self, batch: BatchId) -> Option<usize> {
        self.batches.get(&batch).map(|batch| batch.counts().1)
    }

    /// Returns the batch in which a device has no final result.
    #[must_use]
    pub fn batch_of(&self, imei: Imei) -> Option<BatchId> {
        self.open.get(&imei).copied()
    }

    /// Returns the number that is reserved for a device whose write is under way.
    #[must_use]
    pub fn reserved(&self, imei: Imei) -> Option<(Imsi, Msisdn)> {
        let batch = self.batches.get(self.open.get(&imei)?)?;
        let Device::Open(request) = batch.device(&imei)? else { return None };
        self.requests.write(request).map(|write| (write.imsi, write.msisdn))
    }

    /// Returns the highest number that a batch has had.
    #[must_use]
    pub fn last_batch(&self) -> Option<BatchId> {
        self.batches.last_key_value().map(|(id, _)| *id)
    }

    /// Returns how many requests are not answered for good.
    #[must_use]
    pub fn open_requests(&self) -> usize {
        self.requests.len()
    }
}

impl Machine for Business {
    type Input = BusinessInput;
    type Output = BusinessOutput;
    type Record = BusinessRecord;
    type Timer = BusinessTimer;

    fn handle(&mut self, now: Instant, input: BusinessInput) {
        match input {
            BusinessInput::Order(order) => self.order(now, order),
            BusinessInput::Cancel { batch, imei } => self.cancel(now, batch, imei),
            BusinessInput::Answer { request, answer } => self.answered(now, request, answer),
            BusinessInput::Read { frame } => self.read(now, frame),
            BusinessInput::Brought { request, proof } => self.brought(now, request, proof),
        }
        self.check_invariants();
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.begin_due(now);
        self.repeat_due(now);
    }

    fn poll_output(&mut self) -> Option<Out<BusinessRecord, BusinessOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, BusinessTimer)> {
        let begin = self.begins.first().map(|(at, batch)| (*at, BusinessTimer::Begin(*batch)));
        let repeat = self.requests.first_due().map(|(at, id)| (at, BusinessTimer::Repeat(id)));
        [begin, repeat].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    fn restore(&mut self, record: BusinessRecord) {
        self.apply(&record);
    }
}
