//! How calls end, and what they cost.

use super::{Call, CallState, Callee, Caller, Who};
use crate::{
    air::{CallCause, CallDownlink},
    directory::Outsider,
    event::CallEvent,
    ids::CallRef,
    message::{CallMessage, Charge, CoreMessage, LegMessage},
    network::Core,
    tariff::Usage,
};
use polysim_base::Duration;

impl Core {
    /// Ends a call: both sides are released but for the one that ended it.
    pub(super) fn end_call(&mut self, call: CallRef, cause: CallCause, by: Who) {
        let calling_leg = self.calling_leg(call);
        let Some(ended) = self.calls.calls.remove(&call.number) else {
            return;
        };
        self.port.cancel(ended.deadline);
        if let Some((radio, transaction)) = calling_leg {
            self.calls.legs.remove(&(radio, transaction));
            if by != Who::Caller {
                self.call_to(radio, transaction, CallDownlink::Disconnect(cause));
            }
        }
        let call = CallRef { attempt: ended.attempt, ..call };
        if let Callee::Device(serving) = ended.to
            && by != Who::Callee
        {
            let message = LegMessage::Release(cause);
            self.port.send(serving, CallMessage::ToLeg { call, message });
        }
        let talked = match ended.state {
            CallState::Active { since } => {
                let talked = self.port.now.since(since);
                self.charge_call(&ended, talked);
                talked
            }
            CallState::Authorising
            | CallState::Routing
            | CallState::SettingUp
            | CallState::Ringing => Duration::ZERO,
        };
        self.call_event(call, CallEvent::Ended { cause, talked });
    }

    /// The caller pays for the call to the number dialled, each forwarder for the way on.
    /// Announcements are free.
    fn charge_call(&mut self, call: &Call, duration: Duration) {
        let serving = self.port.id;
        if let (Caller::Device { imsi, home, .. }, Some(_)) = (call.from, call.dialled) {
            let charge =
                Charge { imsi, usage: Usage::CallMade, other: call.dialled, duration, serving };
            self.port.send(home, CoreMessage::Charge(Box::new(charge)));
        }
        for forwarder in &call.forwarders {
            let charge = Charge {
                imsi: forwarder.imsi,
                usage: Usage::CallForwarded,
                other: Some(forwarder.to),
                duration,
                serving: forwarder.home,
            };
            self.port.send(forwarder.home, CoreMessage::Charge(Box::new(charge)));
        }
    }

    /// A call's deadline: somebody is overdue, or it is time to go on.
    pub(crate) fn call_overdue(&mut self, number: u32) {
        let Some(found) = self.calls.calls.get(&number) else {
            return;
        };
        let call = super::name(&self.config, number, found.attempt);
        match (found.state, found.to) {
            (CallState::Authorising | CallState::Routing, _) => {
                self.end_call(call, CallCause::NoCircuit, Who::Network);
            }
            (CallState::SettingUp, _) => self.end_call(call, CallCause::OutOfOrder, Who::Network),
            (
                CallState::Ringing,
                Callee::Announcement | Callee::Outsider(Outsider::Answers { .. }),
            ) => self.answered(call),
            (CallState::Ringing, _) => self.end_call(call, CallCause::NoAnswer, Who::Network),
            (CallState::Active { since }, _) => {
                let talked = self.port.now.since(since);
                if found.longest.is_some_and(|longest| longest <= talked) {
                    // The credit is used up.
                    self.end_call(call, CallCause::NotAuthorised, Who::Network);
                } else {
                    self.end_call(call, CallCause::Normal, Who::Callee);
                }
            }
        }
    }
}
