//! From a number to whoever answers: routing, forwarding, ringing, answering.

use super::{
    CallState, Callee, Caller, FORWARDINGS_MAX, Forwarder, Phase, RINGING_MAX, SETUP_TIMEOUT, Who,
    forwarding_reason,
};
use crate::{
    air::{CallCause, CallDownlink, RadioId},
    event::CallEvent,
    ids::CallRef,
    message::{CallMessage, LegMessage, LegSetup, Routing, RoutingReason},
    network::{Core, QUESTION_TIMEOUT},
};
use polysim_base::{Duration, Msisdn};

impl Core {
    /// Looks for whoever has this number.
    pub(super) fn route_call(&mut self, call: CallRef, number: Msisdn) {
        if let Some(outsider) = self.port.directory.outsider(&number) {
            self.ring_outsider(call, outsider);
        } else if self.port.directory.operator_of(&number).is_some() {
            self.ask_routing(call, number, RoutingReason::First);
        } else {
            self.end_call(call, CallCause::Unassigned, Who::Network);
        }
    }

    fn ask_routing(&mut self, call: CallRef, called: Msisdn, reason: RoutingReason) {
        let Some(home) = self.port.directory.operator_of(&called) else {
            return self.end_call(call, CallCause::Unassigned, Who::Network);
        };
        if let Some(found) = self.calls.call_mut(call) {
            found.state = CallState::Routing;
            found.to = Callee::Nobody;
        }
        self.wake_call(call, QUESTION_TIMEOUT);
        let message = CallMessage::SendRoutingInfo { call, called, reason };
        self.port.send(home, message);
    }

    /// The called number's home network says where a call goes on to.
    pub(crate) fn routed(&mut self, call: CallRef, result: Result<Routing, CallCause>) {
        let Some(found) = self.calls.call_mut(call) else {
            return;
        };
        if !matches!(found.state, CallState::Routing) {
            return;
        }
        match result {
            Err(cause) => self.end_call(call, cause, Who::Network),
            Ok(Routing::Forward { imsi, to }) => {
                let home = found.target.and_then(|target| self.port.directory.operator_of(&target));
                if let Some(home) = home {
                    found.forwarders.push(Forwarder { imsi, home, to });
                }
                self.forward(call, to);
            }
            Ok(Routing::Device { imsi, serving, radio, call_waiting, ring }) => {
                found.state = CallState::SettingUp;
                found.to = Callee::Device(serving);
                let setup = LegSetup { imsi, radio, caller: found.shown, call_waiting, ring };
                self.wake_call(call, SETUP_TIMEOUT);
                let message = LegMessage::Setup(Box::new(setup));
                self.port.send(serving, CallMessage::ToLeg { call, message });
            }
        }
    }

    fn forward(&mut self, call: CallRef, to: Msisdn) {
        let Some(found) = self.calls.call_mut(call) else {
            return;
        };
        if found.attempt >= FORWARDINGS_MAX {
            return self.end_call(call, CallCause::OutOfOrder, Who::Network);
        }
        found.attempt += 1;
        found.target = Some(to);
        let call = CallRef { attempt: found.attempt, ..call };
        self.call_event(call, CallEvent::Forwarded { to });
        self.route_call(call, to);
    }

    /// The called device's core says something about its leg.
    pub(crate) fn called_leg_says(&mut self, call: CallRef, message: LegMessage) {
        let Some(found) = self.calls.call_mut(call) else {
            return self.leg_is_over(&message);
        };
        match message {
            LegMessage::Alerting => {
                if matches!(found.state, CallState::SettingUp) {
                    self.ringing(call);
                    self.wake_call(call, RINGING_MAX);
                }
            }
            LegMessage::Connect => {
                if matches!(found.state, CallState::SettingUp | CallState::Ringing) {
                    self.answered(call);
                }
            }
            LegMessage::Release(cause) => self.called_leg_ended(call, cause),
            LegMessage::Held(held) => {
                self.tell_caller(call, CallDownlink::RemoteHeld(held));
                let by_caller = false;
                self.call_event(call, CallEvent::Held { held, by_caller });
            }
            LegMessage::Dtmf(digit) => {
                self.tell_caller(call, CallDownlink::Dtmf(digit));
                let by_caller = false;
                self.call_event(call, CallEvent::Dtmf { digit, by_caller });
            }
            LegMessage::Speech(frame) => self.speech_to_caller(call, frame),
            // Only the owner of a call sets a leg up.
            LegMessage::Setup(_) => {}
        }
    }

    fn called_leg_ended(&mut self, call: CallRef, cause: CallCause) {
        let Some(found) = self.calls.call_mut(call) else {
            return;
        };
        found.to = match found.to {
            // The leg is gone; nothing is left to be released.
            Callee::Device(_) => Callee::Nobody,
            other @ (Callee::Nobody | Callee::Outsider(_) | Callee::Announcement) => other,
        };
        let (active, target) = (found.is_active(), found.target);
        match (forwarding_reason(cause), target) {
            (Some(reason), Some(target)) if !active => self.ask_routing(call, target, reason),
            _ => self.end_call(call, cause, Who::Callee),
        }
    }

    /// The calling device's transaction, if a device is calling.
    pub(super) fn calling_leg(&self, call: CallRef) -> Option<(RadioId, u8)> {
        match self.calls.calls.get(&call.number)?.from {
            Caller::Device { radio, transaction, .. } => Some((radio, transaction)),
            Caller::Outsider => None,
        }
    }

    pub(super) fn tell_caller(&mut self, call: CallRef, message: CallDownlink) {
        if let Some((radio, transaction)) = self.calling_leg(call) {
            self.call_to(radio, transaction, message);
        }
    }

    pub(super) fn ringing(&mut self, call: CallRef) {
        if let Some(found) = self.calls.call_mut(call) {
            found.state = CallState::Ringing;
            self.tell_caller(call, CallDownlink::Alerting);
            self.call_event(call, CallEvent::Ringing);
        }
    }

    pub(super) fn answered(&mut self, call: CallRef) {
        let since = self.port.now;
        let Some(found) = self.calls.call_mut(call) else {
            return;
        };
        found.state = CallState::Active { since };
        let limit = shorter(found.longest, talk(found.to));
        let before = found.deadline.take();
        self.port.cancel(before);
        if let Some(limit) = limit {
            self.wake_call(call, limit);
        }
        if let Some(key) = self.calling_leg(call)
            && let Some(leg) = self.calls.legs.get_mut(&key)
        {
            leg.phase = Phase::Active;
        }
        self.tell_caller(call, CallDownlink::Connect);
        self.call_event(call, CallEvent::Answered);
    }
}

/// How long the called side talks, if it hangs up by itself.
const fn talk(callee: Callee) -> Option<Duration> {
    match callee {
        Callee::Outsider(crate::directory::Outsider::Answers { talk, .. }) => talk,
        Callee::Outsider(_) | Callee::Nobody | Callee::Device(_) | Callee::Announcement => None,
    }
}

/// Returns the shorter of two limits, where there are any.
fn shorter(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    [a, b].into_iter().flatten().min()
}
