//! Batches: who is in them, who is next, and what became of each device.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use polysim_base::{Duration, Imei, Instant};

use super::{CustomerOrder, DeviceResult};
use crate::wire::{Method, RequestId, Route};

const SECOND_MICROS: u64 = 1_000_000;

#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) operator: String,
    pub(super) route: Route,
    pub(super) method: Method,
    per_s: u32,
    devices: BTreeMap<Imei, Device>,
    /// Devices whose write has not begun, in the customer's order.
    waiting: VecDeque<Imei>,
    /// From when on the next write may begin.
    next_at: Instant,
    open: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Device {
    Waiting,
    Open(RequestId),
    Ended(DeviceResult),
}

impl Batch {
    /// Takes an order. A device that is named twice is one device; those that `is_elsewhere` finds
    /// in another batch have their result at once.
    pub(super) fn new(
        at: Instant,
        order: &CustomerOrder,
        is_elsewhere: impl Fn(&Imei) -> bool,
    ) -> Self {
        let (mut devices, mut waiting) = (BTreeMap::new(), VecDeque::new());
        for imei in &order.devices {
            if devices.contains_key(imei) {
                continue;
            }
            let device = if is_elsewhere(imei) {
                Device::Ended(DeviceResult::Ordered)
            } else {
                waiting.push_back(*imei);
                Device::Waiting
            };
            devices.insert(*imei, device);
        }
        Self {
            operator: order.operator.clone(),
            route: order.route,
            method: order.method,
            per_s: order.per_s,
            open: waiting.len(),
            devices,
            waiting,
            next_at: at,
        }
    }

    /// Returns whether that order says the same; the order of the devices does not matter.
    pub(super) fn is_same(&self, order: &CustomerOrder) -> bool {
        let mut named: alloc::vec::Vec<_> = order.devices.clone();
        named.sort_unstable();
        named.dedup();
        self.operator == order.operator
            && (self.route, self.method, self.per_s) == (order.route, order.method, order.per_s)
            && named.iter().eq(self.devices.keys())
    }

    /// Returns the device whose write begins next, and when it may.
    pub(super) fn next(&self) -> Option<(Instant, Imei)> {
        Some((self.next_at, *self.waiting.front()?))
    }

    pub(super) fn device(&self, imei: &Imei) -> Option<Device> {
        self.devices.get(imei).copied()
    }

    pub(super) fn devices(&self) -> impl Iterator<Item = (Imei, Device)> {
        self.devices.iter().map(|(imei, device)| (*imei, *device))
    }

    /// Returns how many devices there are, and how many of them have no final result.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.devices.len(), self.open)
    }

    pub(super) fn begin(&mut self, at: Instant, imei: Imei, request: RequestId) {
        self.next_at = at.plus(self.interval());
        self.devices.insert(imei, Device::Open(request));
        self.trim();
    }

    /// Ends a device, and returns what it was.
    pub(super) fn end(&mut self, imei: Imei, result: DeviceResult) -> Option<Device> {
        let device = self.devices.get_mut(&imei)?;
        let before = core::mem::replace(device, Device::Ended(result));
        if !matches!(before, Device::Ended(_)) {
            self.open = self.open.saturating_sub(1);
        }
        self.trim();
        Some(before)
    }

    /// The time between two writes; one at a time, so that no second sees more than it may.
    fn interval(&self) -> Duration {
        match u64::from(self.per_s) {
            0 => Duration::ZERO,
            per_s => Duration::from_micros(SECOND_MICROS.div_ceil(per_s)),
        }
    }

    /// Drops those from the front that do not wait any more.
    fn trim(&mut self) {
        while let Some(imei) = self.waiting.front()
            && self.devices.get(imei) != Some(&Device::Waiting)
        {
            self.waiting.pop_front();
        }
        if self.waiting.is_empty() {
            self.waiting = VecDeque::new();
        }
    }
}
