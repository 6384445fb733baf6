//! What follows from what reaches a business platform.

use alloc::vec::Vec;
use polysim_base::{Imei, Instant, Out};
use polysim_ota::PACKET_LEN_MAX;

use super::batch::Device;
use super::machine::{BATCH_DEVICES_MAX, DEVICES_MAX};
use super::request::{Kind, Pace};
use super::{
    BatchId, BindingResult, Business, BusinessOutput, BusinessRecord, CustomerOrder, DeviceResult,
    Job, NotTaken,
};
use crate::wire::{
    BusinessAnswer, BusinessRequest, LocalWrite, Refusal, RequestId, RequestKind, UplinkFrame,
    WriteFailure,
};

/// A request that the platform has taken is asked so many times more slowly.
const SLOWER: u64 = 10;

impl Business {
    pub(super) fn order(&mut self, now: Instant, order: CustomerOrder) {
        let id = order.batch;
        if let Some(batch) = self.batches.get(&id) {
            if !batch.is_same(&order) {
                return self.tell(BusinessOutput::NotTaken { batch: id, why: NotTaken::Reused });
            }
        } else if let Err(why) = self.has_room(order.devices.len()) {
            return self.tell(BusinessOutput::NotTaken { batch: id, why });
        } else {
            self.record(BusinessRecord::Ordered { at: now, order });
        }
        let known: Vec<_> = self.results(id).collect();
        for (imei, result) in known {
            self.tell(BusinessOutput::Result { batch: id, imei, result });
        }
        self.begin_due(now);
    }

    fn has_room(&self, devices: usize) -> Result<(), NotTaken> {
        let room = DEVICES_MAX.saturating_sub(self.devices).min(BATCH_DEVICES_MAX);
        match devices {
            0 => Err(NotTaken::Empty),
            _ if devices > room => {
                Err(NotTaken::TooMany { room: u32::try_from(room).unwrap_or(u32::MAX) })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn cancel(&mut self, now: Instant, id: BatchId, imei: Imei) {
        match self.batches.get(&id).and_then(|batch| batch.device(&imei)) {
            None => self.tell(BusinessOutput::NotTaken { batch: id, why: NotTaken::Unknown }),
            Some(Device::Ended(result)) => {
                self.tell(BusinessOutput::Result { batch: id, imei, result });
            }
            Some(Device::Waiting) => {
                self.end(now, id, imei, DeviceResult::Failed(WriteFailure::Cancelled));
            }
            Some(Device::Open(write)) => self.call_back(now, write),
        }
    }

    fn call_back(&mut self, now: Instant, write: RequestId) {
        let Some(open) = self.requests.write_mut(write) else { return };
        let request = match open.cancel {
            Some(request) => request,
            None => {
                let request = self.requests.next_id();
                self.record(BusinessRecord::Cancelled { at: now, write, request });
                request
            }
        };
        self.ask(now, request);
    }

    /// Begins the writes whose time has come.
    pub(super) fn begin_due(&mut self, now: Instant) {
        while let Some((at, id)) = self.begins.first().copied()
            && at <= now
        {
            let next = self.batches.get(&id).and_then(|batch| {
                let (_, imei) = batch.next()?;
                Some((imei, self.pool.next(&batch.operator, now)))
            });
            match next {
                None => {
                    self.begins.remove(&(at, id));
                }
                Some((imei, None)) => self.end(now, id, imei, DeviceResult::PoolEmpty),
                Some((imei, Some(pooled))) => {
                    let (imsi, msisdn) = (pooled.imsi, pooled.msisdn);
                    let request = self.requests.next_id();
                    let batch = id;
                    let at = now;
                    self.record(BusinessRecord::Begun { at, request, batch, imei, imsi, msisdn });
                    self.ask(now, request);
                }
            }
        }
    }

    /// Asks again what has not been answered for good.
    pub(super) fn repeat_due(&mut self, now: Instant) {
        while let Some((at, id)) = self.requests.first_due()
            && at <= now
        {
            self.ask(now, id);
        }
    }

    pub(super) fn answered(&mut self, now: Instant, id: RequestId, answer: BusinessAnswer) {
        // An answer to a request that is over came late, or twice.
        let Some(request) = self.requests.get(id) else { return };
        match &request.kind {
            Kind::Write(write) => {
                let (batch, imei) = (write.batch, write.imei);
                self.write_answered(now, id, (batch, imei), answer);
            }
            Kind::Bind(frame) => {
                let eid = frame.eid;
                self.bind_answered(now, id, eid, answer);
            }
            Kind::Proved { write, .. } => {
                let write = *write;
                self.record(BusinessRecord::Closed { request: id });
                // The card may want another packet, and the tool is still there.
                self.pace(now, write, Pace::Unheard);
                self.ask(now, write);
            }
            Kind::Cancel { write } => {
                let write = *write;
                // The platform has not heard of the write yet: it may still come, so it has to be
                // called back then.
                if answer == BusinessAnswer::Refused(Refusal::Unknown) {
                    return self.pace(now, id, Pace::Unheard);
                }
                self.record(BusinessRecord::Closed { request: id });
                self.pace(now, write, Pace::Unheard);
            }
        }
    }

    fn write_answered(
        &mut self,
        now: Instant,
        id: RequestId,
        (batch, imei): (BatchId, Imei),
        answer: BusinessAnswer,
    ) {
        let Some(write) = self.requests.write_mut(id) else { return };
        let result = match answer {
            BusinessAnswer::Accepted => return self.pace(now, id, Pace::Taken),
            BusinessAnswer::Pending => {
                let is_told = core::mem::replace(&mut write.told_pending, true);
                self.pace(now, id, Pace::Taken);
                if !is_told {
                    let result = DeviceResult::Pending;
                    self.tell(BusinessOutput::Result { batch, imei, result });
                }
                return;
            }
            BusinessAnswer::Local(job) => return self.local(now, id, job),
            BusinessAnswer::Done { eid } => {
                DeviceResult::Done { eid, imsi: write.imsi, msisdn: write.msisdn }
            }
            BusinessAnswer::Refused(why) => DeviceResult::Refused(why),
            BusinessAnswer::Failed(why) => DeviceResult::Failed(why),
        };
        self.end(now, batch, imei, result);
    }

    /// A tool has to bring this. It is told again with each repetition, until it has been brought.
    fn local(&mut self, now: Instant, id: RequestId, write: LocalWrite) {
        self.pace(now, id, Pace::Taken);
        if let Some(open) = self.requests.write_mut(id) {
            let is_another = !open.given.is_empty() && open.given != write.packet;
            // It has been brought, and the platform does not know that yet.
            if open.proved.is_some() && !is_another {
                return;
            }
            let is_new = open.order != write.order || open.proved.is_some();
            open.given.clone_from(&write.packet);
            if let Some(order) = write.order.filter(|_| is_new) {
                self.record(BusinessRecord::Local { request: id, order });
            }
        }
        self.tell(BusinessOutput::Local(Job { request: id, write }));
    }

    fn bind_answered(
        &mut self,
        now: Instant,
        id: RequestId,
        eid: polysim_base::Eid,
        answer: BusinessAnswer,
    ) {
        let result = match answer {
            BusinessAnswer::Accepted | BusinessAnswer::Pending => {
                return self.pace(now, id, Pace::Taken);
            }
            BusinessAnswer::Local(job) => return self.local(now, id, job),
            BusinessAnswer::Done { .. } => BindingResult::Stored,
            BusinessAnswer::Refused(why) => BindingResult::Refused(why),
            BusinessAnswer::Failed(why) => BindingResult::Failed(why),
        };
        self.record(BusinessRecord::Closed { request: id });
        self.tell(BusinessOutput::Binding { eid, result });
    }

    pub(super) fn read(&mut self, now: Instant, frame: UplinkFrame) {
        // No packet is so long: this was read wrongly, and is read again.
        if frame.packet.len() > PACKET_LEN_MAX {
            return;
        }
        let under_way = self.read.get(&frame.eid).copied().filter(|id| {
            let request = self.requests.get(*id);
            request.is_some_and(|request| matches!(&request.kind, Kind::Bind(it) if *it == frame))
        });
        let request = under_way.unwrap_or_else(|| {
            let request = self.requests.next_id();
            self.record(BusinessRecord::Read { at: now, request, frame });
            request
        });
        self.ask(now, request);
    }

    pub(super) fn brought(&mut self, now: Instant, id: RequestId, proof: Option<Vec<u8>>) {
        let Some(request) = self.requests.get(id) else { return };
        match &request.kind {
            Kind::Bind(_) => self.record(BusinessRecord::Closed { request: id }),
            Kind::Write(write) => {
                let (Some(order), None) = (write.order, write.proved) else { return };
                let proof = proof.filter(|proof| proof.len() <= PACKET_LEN_MAX);
                let request = self.requests.next_id();
                let at = now;
                self.record(BusinessRecord::Brought { at, write: id, request, order, proof });
                self.ask(now, request);
            }
            Kind::Proved { .. } | Kind::Cancel { .. } => {}
        }
    }

    fn end(&mut self, now: Instant, batch: BatchId, imei: Imei, result: DeviceResult) {
        self.record(BusinessRecord::Ended { at: now, batch, imei, result });
        self.tell(BusinessOutput::Result { batch, imei, result });
    }

    /// Asks the platform, and sets the time of the next repetition.
    fn ask(&mut self, now: Instant, id: RequestId) {
        let Some(request) = self.requests.get(id) else { return };
        let pace = request.pace;
        let kind = match &request.kind {
            Kind::Write(write) => {
                let terms = self.batches.get(&write.batch);
                let (route, method) =
                    terms.map(|batch| (batch.route, batch.method)).unwrap_or_default();
                let (imei, imsi, msisdn) = (write.imei, write.imsi, write.msisdn);
                RequestKind::Write { imei, imsi, msisdn, route, method }
            }
            Kind::Bind(frame) => RequestKind::Bind { frame: frame.clone() },
            Kind::Proved { order, proof, .. } => {
                RequestKind::Proved { order: *order, proof: proof.clone() }
            }
            Kind::Cancel { write } => RequestKind::Cancel { write: *write },
        };
        self.tell(BusinessOutput::Ask(BusinessRequest { id, kind }));
        self.pace(now, id, pace);
    }

    fn pace(&mut self, now: Instant, id: RequestId, pace: Pace) {
        // A wait of nothing would repeat without end.
        let patience = self.config.patience.max(polysim_base::Duration::from_micros(1));
        let wait = match pace {
            Pace::Unheard => patience,
            Pace::Taken => patience.times(SLOWER),
        };
        self.requests.pace(id, pace, now.plus(wait));
    }

    fn record(&mut self, record: BusinessRecord) {
        self.apply(&record);
        self.out.push(Out::Record(record));
    }

    fn tell(&mut self, output: BusinessOutput) {
        self.out.push(Out::Do(output));
    }
}
