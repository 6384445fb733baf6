//! How calls begin.

use super::{ANNOUNCEMENT_DELAY, Call, CallState, Callee, Caller, Leg, Phase, Side, name};
use crate::{
    air::{CallCause, CallDownlink, Downlink, RadioId},
    event::{CallEvent, NetworkEvent},
    ids::CallRef,
    message::{Ask, CallMessage, Grant},
    network::{Core, CoreTimer, QUESTION_TIMEOUT, Visitor},
    numbering::{Dialled, resolve},
};
use polysim_base::Msisdn;

/// Transactions that a device chooses (TS 24.007, 11.2.3.1.3).
const OWN_TRANSACTIONS: core::ops::RangeInclusive<u8> = 0..=6;

impl Core {
    /// Sends call control to a device served here.
    pub(super) fn call_to(&mut self, radio: RadioId, transaction: u8, message: CallDownlink) {
        if let Some(visitor) = self.visitors.get(radio) {
            let downlink = Downlink::Call { transaction, message };
            self.port.tell_device(visitor.region, radio, downlink);
        }
    }

    pub(super) fn call_event(&mut self, call: CallRef, event: CallEvent) {
        self.port.event(|| NetworkEvent::Call(call, event));
    }

    /// A device dials (SETUP).
    pub(super) fn dial(
        &mut self,
        radio: RadioId,
        visitor: &Visitor,
        transaction: u8,
        digits: &str,
        hide: bool,
    ) {
        let free = OWN_TRANSACTIONS.contains(&transaction)
            && !self.calls.legs.contains_key(&(radio, transaction));
        if !free {
            // The device has lost track of its transactions; the call that it has stays.
            return;
        }
        let dialled = resolve(&self.config, digits);
        let emergency = dialled == Dialled::Emergency;
        let refused = match &dialled {
            Dialled::Emergency => None,
            Dialled::Number(_) | Dialled::Nobody if !visitor.services.calls => {
                Some(CallCause::NotAuthorised)
            }
            Dialled::Number(_) => None,
            Dialled::Nobody => Some(CallCause::Unassigned),
        };
        if let Some(cause) = refused {
            return self.call_to(radio, transaction, CallDownlink::Disconnect(cause));
        }
        let number = match dialled {
            Dialled::Number(number) => Some(number),
            Dialled::Emergency | Dialled::Nobody => None,
        };
        let from = Caller::Device { radio, transaction, imsi: visitor.imsi, home: visitor.home };
        let hidden = hide || visitor.services.hidden;
        let shown = visitor.msisdn.filter(|_| !hidden);
        let call = self.begin(from, visitor.msisdn, shown, number);
        let leg = Leg { call, side: Side::Calling, phase: Phase::Calling, deadline: None };
        self.calls.legs.insert((radio, transaction), leg);
        self.call_to(radio, transaction, CallDownlink::Proceeding);
        if emergency {
            return self.announce(call);
        }
        let imsi = visitor.imsi;
        let ask = Ask::Call(call);
        self.wake_call(call, QUESTION_TIMEOUT);
        self.port.send(visitor.home, CallMessage::Authorise { ask, imsi, apn: None });
    }

    pub(super) fn begin(
        &mut self,
        from: Caller,
        number: Option<Msisdn>,
        shown: Option<Msisdn>,
        dialled: Option<Msisdn>,
    ) -> CallRef {
        self.counters.calls += 1;
        self.calls.last = self.calls.last.wrapping_add(1);
        let call = Call {
            from,
            to: Callee::Nobody,
            shown,
            dialled,
            target: dialled,
            state: CallState::Authorising,
            attempt: 0,
            deadline: None,
            longest: None,
            forwarders: Vec::new(),
        };
        self.calls.calls.insert(self.calls.last, call);
        let call = name(&self.config, self.calls.last, 0);
        let started = CallEvent::Started { from: number, to: dialled };
        self.call_event(call, started);
        call
    }

    /// Sets the deadline of a call's state anew.
    pub(super) fn wake_call(&mut self, call: CallRef, delay: polysim_base::Duration) {
        let deadline = self.port.wake_after(delay, CoreTimer::Call(call.number));
        let before = match self.calls.calls.get_mut(&call.number) {
            Some(found) => found.deadline.replace(deadline),
            None => Some(deadline),
        };
        self.port.cancel(before);
    }

    /// An emergency call rings for a moment, then an announcement answers.
    fn announce(&mut self, call: CallRef) {
        if let Some(found) = self.calls.call_mut(call) {
            found.to = Callee::Announcement;
        }
        self.ringing(call);
        self.wake_call(call, ANNOUNCEMENT_DELAY);
    }

    /// The caller's home network allows or refuses a call.
    pub(crate) fn call_authorised(&mut self, call: CallRef, result: Result<Grant, u8>) {
        let Some(found) = self.calls.call_mut(call) else {
            return;
        };
        if !matches!(found.state, CallState::Authorising) {
            return;
        }
        match (result, found.target) {
            (Ok(grant), Some(target)) => {
                found.longest = grant.longest;
                self.route_call(call, target);
            }
            (Ok(_), None) => self.end_call(call, CallCause::Unassigned, super::Who::Network),
            (Err(_), _) => self.end_call(call, CallCause::NotAuthorised, super::Who::Network),
        }
    }
}
