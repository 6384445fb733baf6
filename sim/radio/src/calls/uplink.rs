//! What devices say about their calls.

use super::{Callee, Phase, Side, Who};
use crate::{
    air::{CallCause, CallDownlink, CallUplink, RadioId},
    event::CallEvent,
    ids::CallRef,
    message::{CallMessage, LegMessage},
    network::{Core, Visitor},
};

impl Core {
    pub(crate) fn call_uplink(
        &mut self,
        radio: RadioId,
        visitor: &Visitor,
        transaction: u8,
        message: CallUplink,
    ) {
        if let CallUplink::Setup { number, hide_number } = &message {
            return self.dial(radio, visitor, transaction, number, *hide_number);
        }
        if !self.calls.legs.contains_key(&(radio, transaction)) {
            return self.call_is_over(radio, transaction, &message);
        }
        match message {
            CallUplink::Alerting => self.leg_alerting(radio, transaction),
            CallUplink::Connect => self.leg_connected(radio, transaction),
            CallUplink::Disconnect(cause) => self.hang_up(radio, transaction, cause),
            CallUplink::Hold => self.hold(radio, transaction),
            CallUplink::Retrieve => self.retrieve(radio, transaction),
            CallUplink::Dtmf(digit) => self.tone(radio, transaction, digit),
            CallUplink::Speech(frame) => self.speech_from(radio, transaction, frame),
            CallUplink::Setup { .. } => {}
        }
    }

    /// A device speaks of a call that is over: the other side may have ended it at the same moment.
    fn call_is_over(&mut self, radio: RadioId, transaction: u8, message: &CallUplink) {
        match message {
            CallUplink::Disconnect(_) => {}
            CallUplink::Speech(_) => self.speech_dropped(),
            CallUplink::Setup { .. }
            | CallUplink::Alerting
            | CallUplink::Connect
            | CallUplink::Hold
            | CallUplink::Retrieve
            | CallUplink::Dtmf(_) => {
                let gone = CallDownlink::Disconnect(CallCause::Unspecified);
                self.call_to(radio, transaction, gone);
            }
        }
    }

    fn hang_up(&mut self, radio: RadioId, transaction: u8, cause: CallCause) {
        let leg = self.calls.legs.get(&(radio, transaction));
        match leg.map(|leg| (leg.side, leg.call)) {
            Some((Side::Calling, call)) => self.end_call(call, cause, Who::Caller),
            Some((Side::Called(_), _)) => self.end_called_leg(radio, transaction, cause),
            None => {}
        }
    }

    /// Tells the other side of a call.
    fn tell_other_side(&mut self, call: CallRef, side: Side, message: LegMessage) {
        match side {
            Side::Called(_) => {
                let to = call.origin;
                self.port.send(to, CallMessage::FromLeg { call, message });
            }
            Side::Calling => {
                self.caller_event(call, &message);
                if let Some(found) = self.calls.calls.get(&call.number)
                    && let Callee::Device(serving) = found.to
                {
                    let attempt = found.attempt;
                    let call = CallRef { attempt, ..call };
                    self.port.send(serving, CallMessage::ToLeg { call, message });
                }
            }
        }
    }

    fn caller_event(&mut self, call: CallRef, message: &LegMessage) {
        let by_caller = true;
        match *message {
            LegMessage::Held(held) => self.call_event(call, CallEvent::Held { held, by_caller }),
            LegMessage::Dtmf(digit) => self.call_event(call, CallEvent::Dtmf { digit, by_caller }),
            LegMessage::Setup(_)
            | LegMessage::Alerting
            | LegMessage::Connect
            | LegMessage::Speech(_)
            | LegMessage::Release(_) => {}
        }
    }

    fn hold(&mut self, radio: RadioId, transaction: u8) {
        let leg = self.calls.legs.get_mut(&(radio, transaction));
        match leg {
            Some(leg) if leg.phase == Phase::Active => {
                leg.phase = Phase::Held;
                let (call, side) = (leg.call, leg.side);
                self.call_to(radio, transaction, CallDownlink::Held);
                self.tell_other_side(call, side, LegMessage::Held(true));
            }
            Some(_) | None => self.call_to(radio, transaction, CallDownlink::HoldRejected),
        }
    }

    /// A call is taken back only while no other is in conversation (TS 22.083, 2).
    fn retrieve(&mut self, radio: RadioId, transaction: u8) {
        let engaged = self
            .calls
            .legs_of(radio)
            .any(|(other, leg)| other != transaction && leg.phase == Phase::Active);
        let leg = self.calls.legs.get_mut(&(radio, transaction));
        match leg {
            Some(leg) if leg.phase == Phase::Held && !engaged => {
                leg.phase = Phase::Active;
                let (call, side) = (leg.call, leg.side);
                self.call_to(radio, transaction, CallDownlink::Retrieved);
                self.tell_other_side(call, side, LegMessage::Held(false));
            }
            Some(_) | None => self.call_to(radio, transaction, CallDownlink::HoldRejected),
        }
    }

    fn tone(&mut self, radio: RadioId, transaction: u8, digit: u8) {
        let legal = matches!(digit, b'0'..=b'9' | b'*' | b'#' | b'A'..=b'D');
        let leg = self.calls.legs.get(&(radio, transaction));
        if let Some(leg) = leg.filter(|leg| legal && leg.phase == Phase::Active) {
            let (call, side) = (leg.call, leg.side);
            self.tell_other_side(call, side, LegMessage::Dtmf(digit));
        }
    }

    /// A device is out of reach: its calls are dropped.
    pub(crate) fn end_legs(&mut self, radio: RadioId) {
        let legs = self.calls.legs_of(radio);
        let legs: Vec<(u8, super::Leg)> = legs.map(|(number, leg)| (number, *leg)).collect();
        for (transaction, leg) in legs {
            match (leg.side, leg.phase) {
                (Side::Calling, _) => {
                    self.end_call(leg.call, CallCause::Unspecified, Who::Caller);
                }
                (Side::Called(_), Phase::Incoming | Phase::Ringing) => {
                    self.end_called_leg(radio, transaction, CallCause::OutOfOrder);
                }
                (Side::Called(_), Phase::Calling | Phase::Active | Phase::Held) => {
                    self.end_called_leg(radio, transaction, CallCause::Unspecified);
                }
            }
        }
    }
}
