//! A called device's leg, at the core that serves it.

use super::{ALERT_TIMEOUT, CalledLeg, LEGS_MAX, Leg, Phase, Side};
use crate::{
    air::{CallCause, CallDownlink, RadioId},
    ids::CallRef,
    message::{CallMessage, Charge, CoreMessage, LegMessage, LegSetup},
    network::{Core, CoreTimer},
    tariff::Usage,
};

/// Transactions that the network chooses (TS 24.007, 11.2.3.1.3).
const NETWORK_TRANSACTIONS: core::ops::RangeInclusive<u8> = 8..=14;

impl Core {
    /// The owner of a call says something to a leg here.
    pub(crate) fn tell_leg(&mut self, call: CallRef, message: LegMessage) {
        if let LegMessage::Setup(setup) = message {
            return self.ring(call, &setup);
        }
        let Some((radio, transaction)) = self.calls.called.get(&call).copied() else {
            return self.leg_is_over(&message);
        };
        match message {
            LegMessage::Release(cause) => {
                self.drop_called_leg(radio, transaction);
                self.call_to(radio, transaction, CallDownlink::Disconnect(cause));
            }
            LegMessage::Held(held) => {
                self.call_to(radio, transaction, CallDownlink::RemoteHeld(held));
            }
            LegMessage::Dtmf(digit) => self.call_to(radio, transaction, CallDownlink::Dtmf(digit)),
            LegMessage::Speech(frame) => self.speech_to(radio, transaction, frame),
            // Said by legs only, or seen to above.
            LegMessage::Setup(_) | LegMessage::Alerting | LegMessage::Connect => {}
        }
    }

    /// A message about a leg or a call that is over: speech was still on its way.
    pub(super) const fn leg_is_over(&mut self, message: &LegMessage) {
        if matches!(message, LegMessage::Speech(_)) {
            self.speech_dropped();
        }
    }

    fn leg_says(&mut self, call: CallRef, message: LegMessage) {
        self.port.send(call.origin, CallMessage::FromLeg { call, message });
    }

    /// Rings a device, if it is here and not busy.
    fn ring(&mut self, call: CallRef, setup: &LegSetup) {
        let radio = setup.radio;
        let visitor = self.visitors.serving(radio, &setup.imsi);
        let Some(home) = visitor.filter(|v| !v.lost).map(|v| v.home) else {
            return self.leg_says(call, LegMessage::Release(CallCause::OutOfOrder));
        };
        let (mut legs, mut undecided) = (0, false);
        for (_, leg) in self.calls.legs_of(radio) {
            legs += 1;
            undecided |= matches!(leg.phase, Phase::Incoming | Phase::Ringing);
        }
        let free = NETWORK_TRANSACTIONS
            .into_iter()
            .find(|transaction| !self.calls.legs.contains_key(&(radio, *transaction)));
        let waiting = legs > 0;
        let busy = undecided || legs >= LEGS_MAX || waiting && !setup.call_waiting;
        let Some(transaction) = free.filter(|_| !busy) else {
            return self.leg_says(call, LegMessage::Release(CallCause::Busy));
        };
        let timer = CoreTimer::Leg(radio, transaction);
        let leg = Leg {
            call,
            side: Side::Called(CalledLeg {
                imsi: setup.imsi,
                home,
                caller: setup.caller,
                ring: setup.ring,
                answered: None,
            }),
            phase: Phase::Incoming,
            deadline: Some(self.port.wake_after(ALERT_TIMEOUT, timer)),
        };
        self.calls.legs.insert((radio, transaction), leg);
        self.calls.called.insert(call, (radio, transaction));
        let message = CallDownlink::Setup { caller: setup.caller, waiting };
        self.call_to(radio, transaction, message);
    }

    /// A called device rings.
    pub(super) fn leg_alerting(&mut self, radio: RadioId, transaction: u8) {
        let Some(leg) = self.calls.legs.get_mut(&(radio, transaction)) else {
            return;
        };
        let Side::Called(called) = leg.side else {
            return;
        };
        if leg.phase != Phase::Incoming {
            return;
        }
        leg.phase = Phase::Ringing;
        let call = leg.call;
        let timer = CoreTimer::Leg(radio, transaction);
        let deadline = self.port.wake_after(called.ring, timer);
        self.port.cancel(leg.deadline.replace(deadline));
        self.leg_says(call, LegMessage::Alerting);
    }

    /// A called device is answered.
    pub(super) fn leg_connected(&mut self, radio: RadioId, transaction: u8) {
        let now = self.port.now;
        let Some(leg) = self.calls.legs.get_mut(&(radio, transaction)) else {
            return;
        };
        let Side::Called(called) = &mut leg.side else {
            return;
        };
        if !matches!(leg.phase, Phase::Incoming | Phase::Ringing) {
            return;
        }
        called.answered = Some(now);
        leg.phase = Phase::Active;
        let call = leg.call;
        self.port.cancel(leg.deadline.take());
        self.leg_says(call, LegMessage::Connect);
    }

    /// A called device does not ring, or nobody answers.
    pub(crate) fn leg_overdue(&mut self, radio: RadioId, transaction: u8) {
        let Some(leg) = self.calls.legs.get(&(radio, transaction)) else {
            return;
        };
        let cause = match leg.phase {
            Phase::Incoming => CallCause::NoUserResponding,
            Phase::Ringing => CallCause::NoAnswer,
            Phase::Calling | Phase::Active | Phase::Held => return,
        };
        self.call_to(radio, transaction, CallDownlink::Disconnect(cause));
        self.end_called_leg(radio, transaction, cause);
    }

    /// A called device's leg ends on its side.
    pub(super) fn end_called_leg(&mut self, radio: RadioId, transaction: u8, cause: CallCause) {
        if let Some(call) = self.drop_called_leg(radio, transaction) {
            self.leg_says(call, LegMessage::Release(cause));
        }
    }

    /// Forgets a called device's leg, and charges for it where that costs.
    fn drop_called_leg(&mut self, radio: RadioId, transaction: u8) -> Option<CallRef> {
        let leg = self.calls.legs.remove(&(radio, transaction))?;
        self.port.cancel(leg.deadline);
        self.calls.called.remove(&leg.call);
        if let Side::Called(called) = leg.side
            && let Some(since) = called.answered
        {
            let charge = Charge {
                imsi: called.imsi,
                usage: Usage::CallReceived,
                other: called.caller,
                duration: self.port.now.since(since),
                serving: self.port.id,
            };
            self.port.send(called.home, CoreMessage::Charge(Box::new(charge)));
        }
        Some(leg.call)
    }
}
