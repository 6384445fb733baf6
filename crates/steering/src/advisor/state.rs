//! What a platform knows: the fold over its records.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::{Duration, Eid, Iccid, Instant};
use polysim_rsp::es2::MatchingId;

use super::{DeviceRow, Entitlement};
use crate::wire::{Counters, OperatorNumber, Outcome, Report, ReportNumber, RequestNumber};

/// A month, for what is counted by it.
const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// Something that a platform remembers from now on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AdvisorRecord {
    pub(super) at: Instant,
    pub(super) change: Change,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Change {
    /// A device is known, or known otherwise than before.
    Enrolled(DeviceRow),
    /// So many orders were made.
    Serial(u64),
    /// Something is about a device.
    Device(Eid, DeviceChange),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum DeviceChange {
    /// All that is known of it, in place of what was recorded before.
    Known(Box<Device>),
    /// This counter of the device was taken.
    Heard(u32),
    /// This counter is used for what goes to it.
    Sent(u32),
    /// A report of it is told.
    Reported(Report),
    /// A profile is to be ordered for it.
    Ordered { request: RequestNumber, operator: OperatorNumber },
    /// Something became of an order.
    Order(RequestNumber, OrderChange),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum OrderChange {
    /// The operator has reserved this profile.
    Reserved(Iccid),
    /// It is confirmed: the device can fetch it.
    Confirmed { smdp_address: String, matching_id: MatchingId },
    /// It is to be taken back.
    Unwanted,
    /// It is over.
    Closed,
}

/// How far an order is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    /// A profile is to be reserved.
    Ordering,
    /// It is to be confirmed.
    Confirming { iccid: Iccid },
    /// The device can fetch it.
    Ready { iccid: Iccid, smdp_address: String, matching_id: MatchingId },
    /// It is to be taken back.
    Cancelling { iccid: Iccid, matching_id: Option<MatchingId> },
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Order {
    /// Which order of the platform this is: it names its calls.
    pub(super) serial: u64,
    pub(super) operator: OperatorNumber,
    /// Since when it is in this stage.
    pub(super) since: Instant,
    pub(super) stage: Stage,
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Device {
    /// None of a device that has the platform's key and is not enrolled.
    pub(super) row: Option<DeviceRow>,
    pub(super) counters: Counters,
    pub(super) last_report: ReportNumber,
    pub(super) last_order: RequestNumber,
    pub(super) orders: BTreeMap<RequestNumber, Order>,
    /// When the month of its downloads began, and how many there were.
    month: (Instant, u16),
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct State {
    pub(super) devices: BTreeMap<Eid, Device>,
    /// Orders that are open.
    pub(super) orders: BTreeMap<u64, (Eid, RequestNumber)>,
    pub(super) last_serial: u64,
}

impl Device {
    pub(super) fn downloads(&self, now: Instant) -> u16 {
        let (began, count) = self.month;
        if now.since(began) >= MONTH { 0 } else { count }
    }

    pub(super) fn is_entitled(&self, operator: OperatorNumber) -> bool {
        self.row.as_ref().is_some_and(|row| match &row.entitled {
            Entitlement::All => true,
            Entitlement::Only(operators) => operators.contains(&operator),
        })
    }

    /// Returns the profile of an operator that its eUICC has, the last one first.
    pub(super) fn profile_of(&self, operator: OperatorNumber) -> Option<Iccid> {
        let profiles = &self.row.as_ref()?.profiles;
        profiles.iter().rev().find(|(of, _)| *of == operator).map(|(_, iccid)| *iccid)
    }

    fn reported(&mut self, report: &Report) {
        self.last_report = self.last_report.max(report.number);
        if let (Outcome::Downloaded { operator, iccid, .. }, Some(row)) =
            (report.outcome, &mut self.row)
            && !row.profiles.contains(&(operator, iccid))
        {
            row.profiles.push((operator, iccid));
        }
    }

    fn count(&mut self, at: Instant) {
        let (began, count) = &mut self.month;
        if *count == 0 || at.since(*began) >= MONTH {
            (*began, *count) = (at, 0);
        }
        *count = count.saturating_add(1);
    }

    /// A profile that the device could not have does not count.
    const fn uncount(&mut self) {
        self.month.1 = self.month.1.saturating_sub(1);
    }

    fn order_changed(&mut self, at: Instant, request: RequestNumber, change: &OrderChange) {
        let Some(order) = self.orders.get_mut(&request) else { return };
        let stage = core::mem::replace(&mut order.stage, Stage::Ordering);
        let (stage, refund) = order_changed(stage, change);
        match stage {
            Some(stage) => (order.stage, order.since) = (stage, at),
            None => {
                self.orders.remove(&request);
            }
        }
        if refund {
            self.uncount();
        }
    }
}

/// Returns the next stage, if there is one, and whether the device could not have the profile.
fn order_changed(stage: Stage, change: &OrderChange) -> (Option<Stage>, bool) {
    match (change, stage) {
        (OrderChange::Reserved(iccid), Stage::Ordering) => {
            (Some(Stage::Confirming { iccid: *iccid }), false)
        }
        (OrderChange::Confirmed { smdp_address, matching_id }, Stage::Confirming { iccid }) => {
            let (smdp_address, matching_id) = (smdp_address.clone(), matching_id.clone());
            (Some(Stage::Ready { iccid, smdp_address, matching_id }), false)
        }
        (OrderChange::Unwanted, Stage::Confirming { iccid }) => {
            (Some(Stage::Cancelling { iccid, matching_id: None }), true)
        }
        (OrderChange::Unwanted, Stage::Ready { iccid, matching_id, .. }) => {
            (Some(Stage::Cancelling { iccid, matching_id: Some(matching_id) }), false)
        }
        (OrderChange::Closed, Stage::Ordering | Stage::Confirming { .. }) => (None, true),
        (OrderChange::Closed, Stage::Ready { .. } | Stage::Cancelling { .. }) => (None, false),
        (
            OrderChange::Reserved(_) | OrderChange::Confirmed { .. } | OrderChange::Unwanted,
            stage,
        ) => (Some(stage), false),
    }
}

impl State {
    pub(super) fn order(&self, serial: u64) -> Option<(Eid, RequestNumber, &Order)> {
        let (eid, request) = self.orders.get(&serial)?;
        Some((*eid, *request, self.devices.get(eid)?.orders.get(request)?))
    }

    /// Returns the records that stand for all before.
    pub(super) fn checkpoint(&self) -> Vec<AdvisorRecord> {
        let known = |(eid, device): (&Eid, &Device)| {
            Change::Device(*eid, DeviceChange::Known(Box::new(device.clone())))
        };
        let all = core::iter::once(Change::Serial(self.last_serial));
        let all = all.chain(self.devices.iter().map(known));
        all.map(|change| AdvisorRecord { at: Instant::ZERO, change }).collect()
    }

    pub(super) fn apply(&mut self, at: Instant, change: &Change) {
        match change {
            Change::Enrolled(row) => {
                self.devices.entry(row.eid).or_default().row = Some(row.clone());
            }
            Change::Serial(last) => self.last_serial = *last,
            Change::Device(eid, change) => self.device_changed(at, *eid, change),
        }
    }

    fn device_changed(&mut self, at: Instant, eid: Eid, change: &DeviceChange) {
        let device = self.devices.entry(eid).or_default();
        match change {
            DeviceChange::Known(known) => {
                let orders = known.orders.iter();
                self.orders.extend(orders.map(|(request, order)| (order.serial, (eid, *request))));
                device.clone_from(known);
            }
            DeviceChange::Heard(counter) => device.counters.take(*counter),
            DeviceChange::Sent(counter) => device.counters.used(*counter),
            DeviceChange::Reported(report) => device.reported(report),
            DeviceChange::Ordered { request, operator } => {
                self.last_serial = self.last_serial.saturating_add(1);
                let serial = self.last_serial;
                let order =
                    Order { serial, operator: *operator, since: at, stage: Stage::Ordering };
                device.orders.insert(*request, order);
                device.last_order = device.last_order.max(*request);
                device.count(at);
                self.orders.insert(serial, (eid, *request));
            }
            DeviceChange::Order(request, change) => {
                let serial = device.orders.get(request).map(|order| order.serial);
                device.order_changed(at, *request, change);
                if !device.orders.contains_key(request)
                    && let Some(serial) = serial
                {
                    self.orders.remove(&serial);
                }
            }
        }
    }
}

impl AdvisorRecord {
    /// Returns the report that this records, if it is one.
    #[must_use]
    pub const fn report(&self) -> Option<&Report> {
        match &self.change {
            Change::Device(_, DeviceChange::Reported(report)) => Some(report),
            Change::Enrolled(_)
            | Change::Serial(_)
            | Change::Device(
                _,
                DeviceChange::Known(_)
                | DeviceChange::Heard(_)
                | DeviceChange::Sent(_)
                | DeviceChange::Ordered { .. }
                | DeviceChange::Order(..),
            ) => None,
        }
    }
}
