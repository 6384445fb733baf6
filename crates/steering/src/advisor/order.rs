//! Profiles are ordered of operators.

use alloc::boxed::Box;
use alloc::format;

use polysim_base::{Eid, Instant};
use polysim_rsp::{es2, es9};

use super::state::{Device, DeviceChange, Order, OrderChange, Stage};
use super::{Advisor, AdvisorConfig, AdvisorEvent, AdvisorOutput, CallNumber, Path};
use crate::wire::{Downlink, DownloadAnswer, DownloadRequest, Outcome, Refusal, RequestNumber};

/// An order makes so many calls at most, each with a number of its own.
const CALLS: u64 = 4;

impl Advisor {
    pub(super) fn download(
        &mut self,
        now: Instant,
        eid: Eid,
        path: Path,
        request: &DownloadRequest,
    ) {
        let Some(device) = self.state.devices.get(&eid) else { return };
        let answer = match device.orders.get(&request.number) {
            Some(order) => {
                self.flight.paths.insert(order.serial, path);
                answer(order)
            }
            // It was refused by the operator, or taken back.
            None if request.number <= device.last_order => {
                DownloadAnswer::Refused(Refusal::OperatorRefused)
            }
            None => match check(&self.config, device, now, request) {
                Ok(()) => return self.order(now, eid, path, request),
                Err(refusal) => DownloadAnswer::Refused(refusal),
            },
        };
        if let DownloadAnswer::Refused(refusal) = &answer {
            self.tell(AdvisorEvent::Refused { eid, refusal: *refusal });
        }
        self.post(now, eid, path, &Downlink::Download { number: request.number, answer });
    }

    fn order(&mut self, now: Instant, eid: Eid, path: Path, request: &DownloadRequest) {
        let (request, operator) = (request.number, request.operator);
        self.keep(now, eid, DeviceChange::Ordered { request, operator });
        let device = self.state.devices.get(&eid);
        let Some(order) = device.and_then(|device| device.orders.get(&request)) else { return };
        let serial = order.serial;
        self.flight.paths.insert(serial, path);
        self.put_off(serial, Some(now));
        let answer = DownloadAnswer::Pending;
        self.post(now, eid, path, &Downlink::Download { number: request, answer });
    }

    /// Calls the SM-DP+ for what the stage of an order needs, and again if it does not answer.
    pub(super) fn call(&mut self, now: Instant, serial: u64) {
        let again = now.plus(self.patience(serial));
        self.put_off(serial, Some(again));
        let Some((eid, _, order)) = self.state.order(serial) else { return };
        let Some((step, function)) = self.function(eid, order) else { return };
        let call = CallNumber(serial.saturating_mul(CALLS).saturating_add(step));
        let request = es2::Request {
            call: es2::Call { requester: self.config.requester.clone(), id: format!("{}", call.0) },
            function,
        };
        let to = order.operator;
        self.say(AdvisorOutput::Es2 { to, call, request: Box::new(request) });
    }

    fn function(&self, eid: Eid, order: &Order) -> Option<(u64, es2::Function)> {
        let step = step(&order.stage)?;
        let function = match &order.stage {
            Stage::Ordering => es2::Function::DownloadOrder(es2::DownloadOrder {
                eid: Some(eid),
                iccid: None,
                profile_type: self
                    .config
                    .operators
                    .get(&order.operator)
                    .map(|operator| operator.profile_type.clone()),
            }),
            Stage::Confirming { iccid } => {
                es2::Function::ConfirmOrder(Box::new(es2::ConfirmOrder {
                    iccid: *iccid,
                    eid: Some(eid),
                    matching_id: None,
                    confirmation_code: None,
                    smds_address: None,
                    release: true,
                }))
            }
            Stage::Cancelling { iccid, matching_id } => {
                es2::Function::CancelOrder(es2::CancelOrder {
                    iccid: *iccid,
                    eid: Some(eid),
                    matching_id: matching_id.clone(),
                    final_status: es2::FinalStatus::Available,
                })
            }
            Stage::Ready { .. } => return None,
        };
        Some((step, function))
    }

    /// The answer to a call, or why there is none. One that comes late, for a stage that is over, is
    /// dropped.
    pub(super) fn answered(
        &mut self,
        now: Instant,
        call: CallNumber,
        answer: Result<es2::Answer, es9::Failure>,
    ) {
        let (serial, of) = (call.0 / CALLS, call.0 % CALLS);
        let Some((eid, request, order)) = self.state.order(serial) else { return };
        // Without an answer, the call is made again in its time.
        let Ok(answer) = answer else { return };
        if step(&order.stage) != Some(of) {
            return;
        }
        let Some(change) = change(&order.stage, answer) else { return };
        let operator = order.operator;
        let was_cancelling = matches!(order.stage, Stage::Cancelling { .. });
        self.put_off(serial, None);
        self.keep(now, eid, DeviceChange::Order(request, change));
        self.go_on(now, serial);
        let Some((.., order)) = self.state.order(serial) else {
            if was_cancelling {
                self.flight.paths.remove(&serial);
                self.tell(AdvisorEvent::Cancelled { eid, operator });
            } else {
                self.refuse(now, eid, request, serial);
            }
            return;
        };
        match answer_of(order) {
            Some(answer) => {
                self.tell(AdvisorEvent::Granted { eid, operator, request });
                if let Some(path) = self.flight.paths.remove(&serial) {
                    self.post(now, eid, path, &Downlink::Download { number: request, answer });
                }
            }
            None if matches!(order.stage, Stage::Cancelling { .. }) => {
                self.refuse(now, eid, request, serial);
            }
            None => {}
        }
    }

    fn refuse(&mut self, now: Instant, eid: Eid, request: RequestNumber, serial: u64) {
        let refusal = Refusal::OperatorRefused;
        self.tell(AdvisorEvent::Refused { eid, refusal });
        if let Some(path) = self.flight.paths.remove(&serial) {
            let answer = DownloadAnswer::Refused(refusal);
            self.post(now, eid, path, &Downlink::Download { number: request, answer });
        }
    }

    /// Has an order looked at when its stage needs it.
    fn go_on(&mut self, now: Instant, serial: u64) {
        let due = match self.state.order(serial).map(|(.., order)| &order.stage) {
            Some(Stage::Ready { .. }) => Some(now.plus(self.config.order_age_max)),
            Some(Stage::Ordering | Stage::Confirming { .. } | Stage::Cancelling { .. }) => {
                Some(now)
            }
            None => None,
        };
        self.put_off(serial, due);
    }

    /// A device has not installed its profile for long: the order is taken back.
    pub(super) fn outdated(&mut self, now: Instant, serial: u64) {
        self.put_off(serial, None);
        let Some((eid, request, _)) = self.state.order(serial) else { return };
        self.keep(now, eid, DeviceChange::Order(request, OrderChange::Unwanted));
        self.go_on(now, serial);
    }

    /// A device tells what has become of its profile: the order is over, or is taken back.
    pub(super) fn close_reported(&mut self, now: Instant, eid: Eid, outcome: Outcome) {
        let (request, change) = match outcome {
            Outcome::Downloaded { request, .. } => (request, OrderChange::Closed),
            Outcome::DownloadFailed { request, .. } => (request, OrderChange::Unwanted),
            Outcome::Switched { .. }
            | Outcome::NoneWorked { .. }
            | Outcome::Home
            | Outcome::HomeFailed => return,
        };
        let device = self.state.devices.get(&eid);
        let Some(order) = device.and_then(|device| device.orders.get(&request)) else { return };
        let serial = order.serial;
        self.put_off(serial, None);
        self.flight.paths.remove(&serial);
        self.keep(now, eid, DeviceChange::Order(request, change));
        self.go_on(now, serial);
    }
}

/// Checks whether a device may have a profile.
fn check(
    config: &AdvisorConfig,
    device: &Device,
    now: Instant,
    request: &DownloadRequest,
) -> Result<(), Refusal> {
    let row = device.row.as_ref().ok_or(Refusal::UnknownDevice)?;
    let operator = config.operators.get(&request.operator).ok_or(Refusal::UnknownOperator)?;
    if !device.is_entitled(request.operator) {
        return Err(Refusal::NotEntitled);
    }
    if !request.capabilities.has(operator.needs) {
        return Err(Refusal::CapabilityMissing);
    }
    if request.memory_free.is_some_and(|free| free < operator.memory) {
        return Err(Refusal::MemoryTooSmall { make_room: config.make_room });
    }
    if device.downloads(now) >= row.downloads_per_month {
        return Err(Refusal::BudgetUsedUp);
    }
    if device.orders.len() >= usize::from(config.open_max) {
        return Err(Refusal::TooManyOpen);
    }
    Ok(())
}

/// What a device is answered that asks for its order.
fn answer(order: &Order) -> DownloadAnswer {
    match (answer_of(order), &order.stage) {
        (Some(granted), _) => granted,
        (None, Stage::Cancelling { .. }) => DownloadAnswer::Refused(Refusal::OperatorRefused),
        (None, Stage::Ordering | Stage::Confirming { .. } | Stage::Ready { .. }) => {
            DownloadAnswer::Pending
        }
    }
}

fn answer_of(order: &Order) -> Option<DownloadAnswer> {
    match &order.stage {
        Stage::Ready { iccid, smdp_address, matching_id } => Some(DownloadAnswer::Granted {
            smdp_address: smdp_address.clone(),
            matching_id: matching_id.clone(),
            iccid: *iccid,
        }),
        Stage::Ordering | Stage::Confirming { .. } | Stage::Cancelling { .. } => None,
    }
}

const fn step(stage: &Stage) -> Option<u64> {
    match stage {
        Stage::Ordering => Some(0),
        Stage::Confirming { .. } => Some(1),
        Stage::Cancelling { .. } => Some(2),
        Stage::Ready { .. } => None,
    }
}

/// What an answer makes of an order; nothing where it is the answer to something else.
fn change(stage: &Stage, answer: es2::Answer) -> Option<OrderChange> {
    match (stage, answer) {
        (Stage::Ordering, es2::Answer::DownloadOrder { iccid }) => {
            Some(OrderChange::Reserved(iccid))
        }
        (Stage::Ordering, es2::Answer::Refused(_)) => Some(OrderChange::Closed),
        (Stage::Confirming { .. }, es2::Answer::ConfirmOrder(confirmed)) => {
            let smdp_address = confirmed.smdp_address;
            // Without an identifier, the device could not name the order.
            Some(confirmed.matching_id.map_or(OrderChange::Unwanted, |matching_id| {
                OrderChange::Confirmed { smdp_address, matching_id }
            }))
        }
        (Stage::Confirming { .. }, es2::Answer::Refused(_)) => Some(OrderChange::Unwanted),
        (Stage::Cancelling { .. }, es2::Answer::CancelOrder | es2::Answer::Refused(_)) => {
            Some(OrderChange::Closed)
        }
        (
            Stage::Ordering
            | Stage::Confirming { .. }
            | Stage::Cancelling { .. }
            | Stage::Ready { .. },
            _,
        ) => None,
    }
}
