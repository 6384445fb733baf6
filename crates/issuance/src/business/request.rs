//! Requests that are not answered for good, and when they are asked again.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use polysim_base::{Imei, Imsi, Instant, Msisdn};

use super::BatchId;
use crate::wire::{OrderId, RequestId, UplinkFrame};

#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    open: BTreeMap<RequestId, Request>,
    due: BTreeSet<(Instant, RequestId)>,
    /// The number of the next one.
    next: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) kind: Kind,
    pub(super) pace: Pace,
    due: Instant,
}

/// How often a request is asked. It is forgotten in a crash, which does no harm.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Pace {
    /// Nobody has answered yet.
    Unheard,
    /// The platform has it.
    Taken,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Write(Write),
    Bind(UplinkFrame),
    Proved { write: RequestId, order: OrderId, proof: Option<Vec<u8>> },
    Cancel { write: RequestId },
}

/// A write that has begun.
#[derive(Clone, Debug)]
pub(super) struct Write {
    pub(super) batch: BatchId,
    pub(super) imei: Imei,
    pub(super) imsi: Imsi,
    pub(super) msisdn: Msisdn,
    /// The platform's order, where a tool has to bring it.
    pub(super) order: Option<OrderId>,
    /// The packet that a tool was given last. It is forgotten in a crash.
    pub(super) given: Vec<u8>,
    /// The request that tells that a tool has brought it.
    pub(super) proved: Option<RequestId>,
    /// The request that calls it back.
    pub(super) cancel: Option<RequestId>,
    /// The customer knows that it is pending. It is forgotten in a crash.
    pub(super) told_pending: bool,
}

impl Requests {
    /// Returns the number that the next one takes.
    pub(super) const fn next_id(&self) -> RequestId {
        RequestId(self.next)
    }

    pub(super) fn open(&mut self, id: RequestId, kind: Kind, due: Instant) {
        self.next = self.next.max(id.0.saturating_add(1));
        self.due.insert((due, id));
        self.open.insert(id, Request { kind, pace: Pace::Unheard, due });
    }

    pub(super) fn close(&mut self, id: RequestId) -> Option<Kind> {
        let request = self.open.remove(&id)?;
        self.due.remove(&(request.due, id));
        Some(request.kind)
    }

    pub(super) fn get(&self, id: RequestId) -> Option<&Request> {
        self.open.get(&id)
    }

    pub(super) fn write(&self, id: RequestId) -> Option<&Write> {
        match &self.open.get(&id)?.kind {
            Kind::Write(write) => Some(write),
            Kind::Bind(_) | Kind::Proved { .. } | Kind::Cancel { .. } => None,
        }
    }

    pub(super) fn write_mut(&mut self, id: RequestId) -> Option<&mut Write> {
        match &mut self.open.get_mut(&id)?.kind {
            Kind::Write(write) => Some(write),
            Kind::Bind(_) | Kind::Proved { .. } | Kind::Cancel { .. } => None,
        }
    }

    /// Sets how often a request is asked from now on, and when the next time is.
    pub(super) fn pace(&mut self, id: RequestId, pace: Pace, due: Instant) {
        let Some(request) = self.open.get_mut(&id) else { return };
        request.pace = pace;
        self.due.remove(&(request.due, id));
        request.due = due;
        self.due.insert((due, id));
    }

    /// Returns what is asked again next, and when.
    pub(super) fn first_due(&self) -> Option<(Instant, RequestId)> {
        self.due.first().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }
}
