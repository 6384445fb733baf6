//! Attempts to deliver: one recipient at a time has one message on its way.

use super::{
    AFTER_ALERT, BACK_OFF_S, DELIVERY_TIMEOUT, Desk, Kind, RecipientState, Smsc, WAIT_FOR_ALERT,
};
use crate::{
    deadlines::Deadline,
    event::{NetworkEvent, Observe, SmsEvent},
    message::{MtSmError, SmRoute, SmRouteError, SmsMessage},
    network::{CoreTimer, QUESTION_TIMEOUT},
};
use polysim_base::{Duration, Msisdn};
use polysim_sms::{FailureCause, MobileOriginated, Rp, Status, Tpdu};

/// TP-More-Messages-to-Send, inverted, in the first octet (TS 23.040, 9.2.3.2).
const NO_MORE_MESSAGES: u8 = 0x04;

/// Returns whether a device that refuses a text with this SMS-DELIVER-REPORT will refuse it again
/// (TP-FCS, TS 23.040, 9.2.3.22). What is full, busy or unspecified may pass; anything else is about
/// the text itself, such as data for the card that the card does not take. A device that gives no
/// reason is tried again.
fn is_final(report: &[u8]) -> bool {
    let Ok(MobileOriginated::DeliverReport(report)) = MobileOriginated::parse(report, Rp::Error)
    else {
        return false;
    };
    let may_pass = [
        FailureCause::SIM_FULL,
        FailureCause::MOBILE,
        FailureCause::MEMORY_FULL,
        FailureCause::TOOLKIT_BUSY,
        FailureCause::UNSPECIFIED,
    ];
    report.failure.is_some_and(|cause| !may_pass.contains(&cause))
}

impl Smsc {
    fn set_state(&mut self, desk: &mut Desk<'_>, to: &Msisdn, state: RecipientState) {
        match self.recipients.get_mut(to) {
            Some(recipient) => {
                desk.port.cancel(recipient.state.deadline());
                recipient.state = state;
            }
            None => desk.port.cancel(state.deadline()),
        }
    }

    fn wake(desk: &mut Desk<'_>, to: Msisdn, delay: Duration) -> Deadline {
        desk.port.wake_after(delay, CoreTimer::Recipient(to))
    }

    /// Asks where a recipient is, to deliver its first message.
    pub(super) fn attempt(&mut self, desk: &mut Desk<'_>, to: Msisdn) {
        let Some(home) = desk.port.directory.operator_of(&to) else {
            return self.abandon_first(desk, to, Status::NOT_OBTAINABLE);
        };
        let deadline = Self::wake(desk, to, QUESTION_TIMEOUT);
        self.set_state(desk, &to, RecipientState::Routing(deadline));
        if let Some(recipient) = self.recipients.get_mut(&to) {
            recipient.alerted = false;
        }
        let recipient = to;
        desk.port.send(home, SmsMessage::SendRoutingInfoForSm { recipient });
    }

    /// The home network says where a recipient is.
    pub(crate) fn routed(
        &mut self,
        desk: &mut Desk<'_>,
        to: Msisdn,
        result: Result<SmRoute, SmRouteError>,
    ) {
        let Some(recipient) = self.recipients.get(&to) else {
            return;
        };
        if !matches!(recipient.state, RecipientState::Routing(_)) {
            return;
        }
        match result {
            Ok(route) => self.send(desk, to, route),
            Err(SmRouteError::Absent) => self.failed(desk, to, true),
            Err(SmRouteError::Unknown) => self.abandon_first(desk, to, Status::NOT_OBTAINABLE),
            Err(SmRouteError::Barred) => {
                self.abandon_first(desk, to, Status::CONNECTION_REJECTED);
            }
        }
    }

    fn send(&mut self, desk: &mut Desk<'_>, to: Msisdn, route: SmRoute) {
        let Some(recipient) = self.recipients.get(&to) else {
            return;
        };
        let more = recipient.queue.len() > 1;
        let Some((id, text)) =
            recipient.queue.front().and_then(|id| Some((*id, self.texts.get(id)?)))
        else {
            return;
        };
        let mut tpdu = text.tpdu.clone();
        if let Some(first) = tpdu.first_mut() {
            *first = *first & !NO_MORE_MESSAGES | if more { 0 } else { NO_MORE_MESSAGES };
        }
        let message =
            SmsMessage::MtForwardSm { id, recipient: to, centre: self.config.number, route, tpdu };
        let deadline = Self::wake(desk, to, DELIVERY_TIMEOUT);
        self.set_state(desk, &to, RecipientState::Sending(deadline));
        desk.port.send(route.serving, message);
    }

    /// The serving core says how a delivery went.
    pub(crate) fn delivered(
        &mut self,
        desk: &mut Desk<'_>,
        id: u32,
        to: Msisdn,
        result: Result<(), MtSmError>,
        report: Option<Vec<u8>>,
    ) {
        let Some(recipient) = self.recipients.get(&to) else {
            return;
        };
        let awaited = matches!(recipient.state, RecipientState::Sending(_));
        if !awaited || recipient.queue.front() != Some(&id) {
            return;
        }
        match result {
            Ok(()) => self.succeeded(desk, id, to, report),
            Err(MtSmError::Absent | MtSmError::MemoryExceeded) => {
                if let Some(home) = desk.port.directory.operator_of(&to) {
                    let recipient = to;
                    desk.port.send(home, SmsMessage::ReportSmDelivery { recipient });
                }
                self.failed(desk, to, true);
            }
            Err(MtSmError::Refused(_)) if report.as_deref().is_some_and(is_final) => {
                self.give_up(desk, id, Status::CONNECTION_REJECTED, report);
                self.go_on(desk, to);
            }
            Err(MtSmError::Busy | MtSmError::Refused(_)) => self.failed(desk, to, false),
        }
    }

    fn succeeded(&mut self, desk: &mut Desk<'_>, id: u32, to: Msisdn, report: Option<Vec<u8>>) {
        if let Some(text) = self.texts.get_mut(&id)
            && matches!(text.kind, Kind::Text(_))
            && !text.repeated
            && desk.faults.duplicates_sms(desk.port.now)
        {
            text.repeated = true;
            return self.attempt(desk, to);
        }
        let Some(text) = self.take(desk, id) else {
            return;
        };
        match &text.kind {
            Kind::Text(submission) => {
                desk.counters.sms_delivered += 1;
                let tag = text.tag;
                let delivered = || SmsEvent::Delivered { id, tag, to, report };
                desk.port.sms_event(Observe::Everything, tag, delivered);
                self.report(desk, submission, Status::RECEIVED);
            }
            Kind::Report => {
                desk.port.event(|| NetworkEvent::Sms(SmsEvent::ReportDelivered { id, to }));
            }
        }
        self.go_on(desk, to);
    }

    /// Goes on to the next message of a recipient, if there is one.
    fn go_on(&mut self, desk: &mut Desk<'_>, to: Msisdn) {
        if let Some(recipient) = self.recipients.get_mut(&to) {
            recipient.failures = 0;
            self.attempt(desk, to);
        }
    }

    fn abandon_first(&mut self, desk: &mut Desk<'_>, to: Msisdn, status: Status) {
        let recipient = self.recipients.get(&to);
        if let Some(id) = recipient.and_then(|r| r.queue.front().copied()) {
            self.give_up(desk, id, status, None);
        }
        self.go_on(desk, to);
    }

    /// An attempt failed: for now, or for good where no more are wanted. `alert`: the home network
    /// will say when it is worth trying again.
    fn failed(&mut self, desk: &mut Desk<'_>, to: Msisdn, alert: bool) {
        let Some(recipient) = self.recipients.get_mut(&to) else {
            return;
        };
        let alerted = core::mem::take(&mut recipient.alerted);
        let failures = recipient.failures;
        recipient.failures = failures.saturating_add(1);
        let Some((id, text)) =
            recipient.queue.front().and_then(|id| Some((*id, self.texts.get(id)?)))
        else {
            return;
        };
        if text.overdue {
            return self.abandon_first(desk, to, Status::EXPIRED);
        }
        if text.single_shot {
            return self.abandon_first(desk, to, Status::NO_RESPONSE);
        }
        let tag = text.tag;
        let pause = BACK_OFF_S.get(usize::from(failures)).or(BACK_OFF_S.last());
        let state = if alert && alerted {
            RecipientState::BackOff(Self::wake(desk, to, AFTER_ALERT))
        } else if alert {
            RecipientState::Waiting(Self::wake(desk, to, WAIT_FOR_ALERT))
        } else {
            let pause = Duration::from_secs(pause.copied().unwrap_or(0));
            RecipientState::BackOff(Self::wake(desk, to, pause))
        };
        self.set_state(desk, &to, state);
        desk.port.sms_event(Observe::Everything, tag, || SmsEvent::Deferred { id, tag, to });
    }

    /// A recipient can be reached again.
    pub(crate) fn alert(&mut self, desk: &mut Desk<'_>, to: Msisdn) {
        let Some(recipient) = self.recipients.get_mut(&to) else {
            return;
        };
        if recipient.state.is_attempt() {
            recipient.alerted = true;
        } else {
            self.attempt(desk, to);
        }
    }

    /// A recipient's deadline: an answer is overdue, or a pause is over.
    pub(crate) fn retry(&mut self, desk: &mut Desk<'_>, to: Msisdn) {
        let Some(recipient) = self.recipients.get(&to) else {
            return;
        };
        match recipient.state {
            RecipientState::Routing(_) | RecipientState::Sending(_) => {
                self.failed(desk, to, false);
            }
            RecipientState::Waiting(_) | RecipientState::BackOff(_) => self.attempt(desk, to),
        }
    }
}
