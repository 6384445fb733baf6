//! The state is the fold over the records: this alone changes what must survive a crash.

use alloc::vec::Vec;
use polysim_base::{Imei, Instant};

use super::batch::{Batch, Device};
use super::machine::READ_MAX;
use super::request::{Kind, Write};
use super::{BatchId, Business, BusinessRecord, CustomerOrder, DeviceResult};
use crate::wire::{RequestId, UplinkFrame};

impl Business {
    pub(super) fn apply(&mut self, record: &BusinessRecord) {
        match record {
            BusinessRecord::Ordered { at, order } => self.apply_order(*at, order),
            BusinessRecord::Begun { at, request, batch, imei, imsi, msisdn } => {
                let write = Write {
                    batch: *batch,
                    imei: *imei,
                    imsi: *imsi,
                    msisdn: *msisdn,
                    order: None,
                    given: Vec::new(),
                    proved: None,
                    cancel: None,
                    told_pending: false,
                };
                self.apply_begin(*at, *request, write);
            }
            BusinessRecord::Local { request, order } => {
                if let Some(write) = self.requests.write_mut(*request) {
                    write.order = Some(*order);
                    write.proved = None;
                }
            }
            BusinessRecord::Brought { at, write, request, order, proof } => {
                let (id, write) = (*request, *write);
                let proved = Kind::Proved { write, order: *order, proof: proof.clone() };
                self.requests.open(id, proved, at.plus(self.config.patience));
                if let Some(write) = self.requests.write_mut(write) {
                    write.proved = Some(id);
                }
            }
            BusinessRecord::Cancelled { at, write, request } => {
                let (id, write) = (*request, *write);
                let due = at.plus(self.config.patience);
                self.requests.open(id, Kind::Cancel { write }, due);
                if let Some(write) = self.requests.write_mut(write) {
                    write.cancel = Some(id);
                }
            }
            BusinessRecord::Ended { at, batch, imei, result } => {
                self.apply_end(*at, *batch, *imei, *result);
            }
            BusinessRecord::Read { at, request, frame } => self.apply_read(*at, *request, frame),
            BusinessRecord::Closed { request } => self.apply_close(*request),
        }
    }

    fn apply_order(&mut self, at: Instant, order: &CustomerOrder) {
        let batch = Batch::new(at, order, |imei| self.open.contains_key(imei));
        self.devices = self.devices.saturating_add(batch.counts().0);
        let waiting = batch.devices().filter(|(_, device)| *device == Device::Waiting);
        self.open.extend(waiting.map(|(imei, _)| (imei, order.batch)));
        self.begins.extend(batch.next().map(|(at, _)| (at, order.batch)));
        self.batches.insert(order.batch, batch);
    }

    fn apply_begin(&mut self, at: Instant, request: RequestId, write: Write) {
        self.pool.reserve(write.imsi, request);
        self.change(write.batch, |batch| batch.begin(at, write.imei, request));
        self.requests.open(request, Kind::Write(write), at.plus(self.config.patience));
    }

    fn apply_end(&mut self, at: Instant, id: BatchId, imei: Imei, result: DeviceResult) {
        let before = self.change(id, |batch| batch.end(imei, result)).flatten();
        self.open.remove(&imei);
        let Some(Device::Open(request)) = before else { return };
        let Some(Kind::Write(write)) = self.requests.close(request) else { return };
        for more in [write.proved, write.cancel].into_iter().flatten() {
            self.requests.close(more);
        }
        let rested = at.plus(self.config.rest);
        match result {
            DeviceResult::Done { eid, .. } => self.pool.commit(write.imsi, eid, rested),
            DeviceResult::Pending
            | DeviceResult::Refused(_)
            | DeviceResult::Failed(_)
            | DeviceResult::PoolEmpty
            | DeviceResult::Ordered => self.pool.release(write.imsi, rested),
        }
    }

    fn apply_read(&mut self, at: Instant, request: RequestId, frame: &UplinkFrame) {
        if let Some(before) = self.read.remove(&frame.eid) {
            self.requests.close(before);
        }
        if self.read.len() >= READ_MAX
            && let Some((eid, oldest)) = self.read.iter().min_by_key(|(_, id)| **id)
        {
            let (eid, oldest) = (*eid, *oldest);
            self.read.remove(&eid);
            self.requests.close(oldest);
        }
        self.read.insert(frame.eid, request);
        self.requests.open(request, Kind::Bind(frame.clone()), at.plus(self.config.patience));
    }

    fn apply_close(&mut self, request: RequestId) {
        match self.requests.close(request) {
            Some(Kind::Bind(frame)) => {
                self.read.remove(&frame.eid);
            }
            Some(Kind::Proved { write, .. }) => {
                if let Some(write) = self.requests.write_mut(write) {
                    write.proved.take_if(|of| *of == request);
                }
            }
            Some(Kind::Cancel { write }) => {
                if let Some(write) = self.requests.write_mut(write) {
                    write.cancel = None;
                }
            }
            Some(Kind::Write(_)) | None => {}
        }
    }

    /// Changes a batch, and keeps the index of what begins next with it.
    fn change<T>(&mut self, id: BatchId, change: impl FnOnce(&mut Batch) -> T) -> Option<T> {
        let batch = self.batches.get_mut(&id)?;
        if let Some((at, _)) = batch.next() {
            self.begins.remove(&(at, id));
        }
        let result = change(batch);
        self.begins.extend(batch.next().map(|(at, _)| (at, id)));
        Some(result)
    }

    /// Each open device has its batch, and each card that was read its request.
    pub(super) fn check_invariants(&self) {
        debug_assert!(self.requests.len() >= self.read.len(), "each card read has its request");
        let unfinished = || self.batches.values().map(|batch| batch.counts().1).sum::<usize>();
        debug_assert!(
            self.open.len() > CHECKED_MAX || self.open.len() == unfinished(),
            "each device without a result is in one batch"
        );
    }
}

/// Up to so many open devices, invariants are looked at after each input.
const CHECKED_MAX: usize = 64;
