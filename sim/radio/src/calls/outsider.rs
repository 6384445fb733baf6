//! Calls with people outside the simulated networks.

use super::{CallState, Callee, Caller, RINGING_MAX, Who};
use crate::{
    air::{CallCause, CallDownlink},
    directory::Outsider,
    event::CallEvent,
    ids::CallRef,
    message::{CallMessage, LegMessage},
    network::Core,
};
use polysim_base::Msisdn;

impl Core {
    /// Somebody outside is called.
    pub(super) fn ring_outsider(&mut self, call: CallRef, outsider: Outsider) {
        if let Some(found) = self.calls.call_mut(call) {
            found.to = Callee::Outsider(outsider);
        }
        let delay = match outsider {
            Outsider::Busy => return self.end_call(call, CallCause::Busy, Who::Callee),
            Outsider::Answers { ring, .. } => ring,
            Outsider::Silent => self.config.ring,
            Outsider::Manual => RINGING_MAX,
        };
        self.ringing(call);
        self.wake_call(call, delay);
    }

    /// Somebody outside calls.
    pub(crate) fn outsider_calls(&mut self, from: Option<Msisdn>, to: Msisdn) {
        let call = self.begin(Caller::Outsider, from, from, Some(to));
        self.route_call(call, to);
    }

    /// Returns which side of a call is outside, if one is.
    fn outside(&self, call: CallRef) -> Option<Who> {
        let found = self.calls.calls.get(&call.number)?;
        match (found.from, found.to) {
            _ if call.origin != self.port.id => None,
            (Caller::Outsider, _) => Some(Who::Caller),
            (Caller::Device { .. }, Callee::Outsider(_)) => Some(Who::Callee),
            (Caller::Device { .. }, Callee::Nobody | Callee::Device(_) | Callee::Announcement) => {
                None
            }
        }
    }

    /// The name of a call as it is now, whatever attempt a command speaks of.
    fn present(&self, call: CallRef) -> CallRef {
        let found = self.calls.calls.get(&call.number);
        let attempt = found.map_or(call.attempt, |found| found.attempt);
        CallRef { attempt, ..call }
    }

    pub(crate) fn outsider_answers(&mut self, call: CallRef) {
        let call = self.present(call);
        let ringing = self
            .calls
            .call_mut(call)
            .is_some_and(|found| matches!(found.state, CallState::Ringing));
        if ringing && self.outside(call) == Some(Who::Callee) {
            self.answered(call);
        }
    }

    pub(crate) fn outsider_ends(&mut self, call: CallRef, cause: CallCause) {
        let call = self.present(call);
        if let Some(side) = self.outside(call) {
            self.end_call(call, cause, side);
        }
    }

    pub(crate) fn outsider_dtmf(&mut self, call: CallRef, digit: u8) {
        let call = self.present(call);
        let Some(found) = self.calls.calls.get(&call.number) else {
            return;
        };
        let (active, to) = (found.is_active(), found.to);
        let side = self.outside(call).filter(|_| active);
        let Some(side) = side else {
            return;
        };
        let by_caller = side == Who::Caller;
        match to {
            Callee::Device(serving) if by_caller => {
                let message = LegMessage::Dtmf(digit);
                self.port.send(serving, CallMessage::ToLeg { call, message });
            }
            Callee::Device(_) | Callee::Nobody | Callee::Outsider(_) | Callee::Announcement => {
                self.tell_caller(call, CallDownlink::Dtmf(digit));
            }
        }
        self.call_event(call, CallEvent::Dtmf { digit, by_caller });
    }
}
