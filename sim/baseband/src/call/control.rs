//! Setting up, answering, ending.

use super::{CALLS_MAX, Call, Party, RING_PAUSE, SETUP_PATIENCE};
use crate::BasebandEvent;
use crate::card::Owner;
use crate::core::Core;
use crate::effects::Effects;
use crate::port::Done;
use crate::urc::Notice;
use polysim_at::{CallDirection, CallState, CmeError, FinalResult};
use polysim_cat::CallEnd;
use polysim_radio::air::{CallCause, CallDownlink, CallUplink, Uplink};

impl Core {
    pub(super) fn say(fx: &mut Effects, transaction: u8, message: CallUplink) {
        fx.air(Uplink::Call { transaction, message });
    }

    /// Sets a call up. An active one is put on hold first.
    pub(crate) fn call_out(
        &mut self,
        fx: &mut Effects,
        port: u8,
        number: &str,
        withhold: Option<bool>,
    ) -> Result<(), FinalResult> {
        if !self.radio.registered {
            return Err(FinalResult::NoCarrier);
        }
        let busy = self.rare.as_ref().is_some_and(|rare| {
            let calls = &rare.calls;
            calls.list.len() >= CALLS_MAX
                || calls
                    .list
                    .iter()
                    .any(|call| !matches!(call.state, CallState::Active | CallState::Held))
        });
        if busy {
            return Err(FinalResult::Cme(CmeError::OperationNotAllowed));
        }
        let now = fx.now;
        let calls = &mut self.rare().calls;
        let (Some(id), Some(transaction)) = (calls.free_id(), calls.free_transaction()) else {
            return Err(FinalResult::Cme(CmeError::OperationNotAllowed));
        };
        let hide_number = withhold.unwrap_or(calls.withhold == 1);
        let active: Vec<u8> = calls.in_state(CallState::Active).map(|c| c.transaction).collect();
        calls.last_number = Some(number.into());
        calls.list.push(Call {
            id,
            transaction,
            direction: CallDirection::Originated,
            state: CallState::Dialing,
            party: Party::Dialled(number.into()),
            multiparty: false,
            port: Some(port),
            until: Some(now.plus(SETUP_PATIENCE)),
        });
        for active in active {
            Self::say(fx, active, CallUplink::Hold);
        }
        let number = number.to_string();
        Self::say(fx, transaction, CallUplink::Setup { number, hide_number });
        Ok(())
    }

    /// A phonebook entry was read that is to be dialled. Returns whether the command is over with
    /// the result of the flow.
    pub(crate) fn dial_entry(&mut self, fx: &mut Effects, owner: Owner, number: &str) -> bool {
        let Owner::Port(port) = owner else {
            return true;
        };
        match self.call_out(fx, port, number, None) {
            Ok(()) => true,
            Err(result) => {
                fx.finish(Done::new(port, result));
                false
            }
        }
    }

    /// Takes a message about a call.
    pub(crate) fn call_downlink(
        &mut self,
        fx: &mut Effects,
        transaction: u8,
        message: CallDownlink,
    ) {
        match message {
            CallDownlink::Setup { caller, .. } => {
                self.call_in(fx, transaction, Party::Caller(caller));
            }
            CallDownlink::Disconnect(cause) => self.call_over(fx, transaction, cause),
            CallDownlink::Dtmf(digit) => fx.event(BasebandEvent::Dtmf(digit)),
            CallDownlink::Speech(frame) => self.speech_from_network(fx, transaction, frame),
            CallDownlink::RemoteHeld(held) => fx.notice(Notice::RemoteHeld(held)),
            CallDownlink::Connect => self.call_answered(fx, transaction),
            CallDownlink::Proceeding => {}
            CallDownlink::Alerting => self.set_state(transaction, CallState::Alerting),
            CallDownlink::Held => self.set_state(transaction, CallState::Held),
            CallDownlink::Retrieved => self.set_state(transaction, CallState::Active),
            CallDownlink::HoldRejected => {}
        }
    }

    fn set_state(&mut self, transaction: u8, state: CallState) {
        let call = self.rare.as_mut().and_then(|rare| rare.calls.by_transaction(transaction));
        if let Some(call) = call {
            call.state = state;
        }
    }

    fn call_in(&mut self, fx: &mut Effects, transaction: u8, party: Party) {
        let now = fx.now;
        let calls = &mut self.rare().calls;
        let known = calls.by_transaction(transaction).is_some();
        let id = calls.free_id().filter(|_| !known && calls.list.len() < CALLS_MAX);
        let Some(id) = id else {
            return Self::say(fx, transaction, CallUplink::Disconnect(CallCause::Busy));
        };
        let waiting = !calls.list.is_empty();
        let state = if waiting { CallState::Waiting } else { CallState::Incoming };
        let caller = match &party {
            Party::Caller(caller) => *caller,
            Party::Dialled(_) => None,
        };
        calls.list.push(Call {
            id,
            transaction,
            direction: CallDirection::Terminated,
            state,
            party,
            multiparty: false,
            port: None,
            until: None,
        });
        if !waiting {
            calls.ring = Some(now.plus(RING_PAUSE));
        }
        Self::say(fx, transaction, CallUplink::Alerting);
        fx.event(BasebandEvent::Ringing);
        self.tell_card_ringing(fx, transaction, caller.as_ref());
        fx.notice(if waiting { Notice::Waiting { caller } } else { Notice::Ring { caller } });
    }

    /// The other side answered, or the network confirms that this one did.
    fn call_answered(&mut self, fx: &mut Effects, transaction: u8) {
        let call = self.rare.as_mut().and_then(|rare| rare.calls.by_transaction(transaction));
        let Some(call) = call else { return };
        if !matches!(call.state, CallState::Dialing | CallState::Alerting) {
            return;
        }
        call.state = CallState::Active;
        call.until = None;
        fx.event(BasebandEvent::CallConnected);
        if let Party::Dialled(number) = &call.party {
            fx.notice(Notice::Connected { port: call.port, number: number.clone() });
        }
        self.tell_card_connected(fx, transaction, CallEnd::Far);
    }

    /// The call ended over there.
    fn call_over(&mut self, fx: &mut Effects, transaction: u8, cause: CallCause) {
        let Some(call) = self.take_call(transaction) else {
            return;
        };
        let outgoing = matches!(call.state, CallState::Dialing | CallState::Alerting);
        let unanswered = matches!(cause, CallCause::NoUserResponding | CallCause::NoAnswer);
        let result = if outgoing && cause == CallCause::Busy {
            FinalResult::Busy
        } else if outgoing && unanswered {
            FinalResult::NoAnswer
        } else {
            FinalResult::NoCarrier
        };
        fx.event(BasebandEvent::CallEnded);
        self.tell_card_disconnected(fx, transaction, CallEnd::Far, Some(cause));
        fx.notice(Notice::Released(result));
        self.ring_next(fx);
    }

    pub(super) fn take_call(&mut self, transaction: u8) -> Option<Call> {
        let calls = &mut self.rare.as_mut()?.calls;
        let at = calls.list.iter().position(|call| call.transaction == transaction)?;
        let call = calls.list.remove(at);
        if call.state == CallState::Incoming {
            calls.ring = None;
        }
        Some(call)
    }

    /// A waiting call rings once it is the only one.
    pub(super) fn ring_next(&mut self, fx: &mut Effects) {
        let Some(rare) = &mut self.rare else { return };
        let [call] = rare.calls.list.as_mut_slice() else {
            return;
        };
        if call.state != CallState::Waiting {
            return;
        }
        call.state = CallState::Incoming;
        let caller = match &call.party {
            Party::Caller(caller) => *caller,
            Party::Dialled(_) => None,
        };
        rare.calls.ring = Some(fx.now.plus(RING_PAUSE));
        fx.notice(Notice::Ring { caller });
    }

    /// Ends a call from this side.
    pub(super) fn release(&mut self, fx: &mut Effects, transaction: u8, cause: CallCause) {
        if self.take_call(transaction).is_some() {
            Self::say(fx, transaction, CallUplink::Disconnect(cause));
            fx.event(BasebandEvent::CallEnded);
            self.tell_card_disconnected(fx, transaction, CallEnd::Near, Some(cause));
        }
    }

    /// Ends every call from this side.
    pub(crate) fn release_all(&mut self, fx: &mut Effects) {
        let calls: Vec<(u8, CallState)> = self
            .rare
            .iter()
            .flat_map(|rare| &rare.calls.list)
            .map(|call| (call.transaction, call.state))
            .collect();
        for (transaction, state) in calls {
            let ringing = matches!(state, CallState::Incoming | CallState::Waiting);
            let cause = if ringing { CallCause::Rejected } else { CallCause::Normal };
            self.release(fx, transaction, cause);
        }
    }

    /// Answers the call that rings. Returns whether there was one.
    pub(crate) fn answer(&mut self, fx: &mut Effects) -> bool {
        let Some(rare) = &mut self.rare else {
            return false;
        };
        let ringing = rare.calls.in_state(CallState::Incoming).next();
        let Some(transaction) = ringing.map(|call| call.transaction) else {
            return false;
        };
        rare.calls.ring = None;
        self.accept(fx, transaction);
        true
    }

    pub(super) fn accept(&mut self, fx: &mut Effects, transaction: u8) {
        self.set_state(transaction, CallState::Active);
        Self::say(fx, transaction, CallUplink::Connect);
        fx.event(BasebandEvent::CallConnected);
        self.tell_card_connected(fx, transaction, CallEnd::Near);
    }

    /// Calls end with the radio link or the registration.
    pub(crate) fn calls_dropped(&mut self, fx: &mut Effects) {
        let Some(rare) = &mut self.rare else { return };
        rare.calls.ring = None;
        for call in core::mem::take(&mut rare.calls.list) {
            fx.event(BasebandEvent::CallEnded);
            self.tell_card_disconnected(fx, call.transaction, CallEnd::Near, None);
            fx.notice(Notice::Released(FinalResult::NoCarrier));
        }
    }

    /// Sends a tone into the active call.
    pub(crate) fn send_tone(&self, fx: &mut Effects, digit: u8) -> Result<(), CmeError> {
        let active = self.rare.as_ref().and_then(|rare| {
            rare.calls.in_state(CallState::Active).next().map(|call| call.transaction)
        });
        let transaction = active.ok_or(CmeError::OperationNotAllowed)?;
        Self::say(fx, transaction, CallUplink::Dtmf(digit));
        Ok(())
    }

    /// Whether there is any call.
    pub(crate) fn calls_busy(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| !rare.calls.list.is_empty())
    }

    /// The indicators `call`, `callsetup` and `callheld` (TS 27.007, 8.9).
    pub(crate) fn call_indicators(&self) -> (u8, u8, u8) {
        let Some(rare) = &self.rare else {
            return (0, 0, 0);
        };
        let (mut call, mut setup, mut held) = (0, 0, 0);
        for one in &rare.calls.list {
            match one.state {
                CallState::Active => call = 1,
                CallState::Held => (call, held) = (1, 1),
                CallState::Incoming | CallState::Waiting => setup = 1,
                CallState::Dialing => setup = 2,
                CallState::Alerting => setup = 3,
                CallState::Other(_) => {}
            }
        }
        (call, setup, held)
    }

    /// Rings again, and gives calls up that come to nothing.
    pub(crate) fn call_timeouts(&mut self, fx: &mut Effects) {
        let Some(rare) = &mut self.rare else { return };
        if rare.calls.ring.is_some_and(|at| at <= fx.now) {
            rare.calls.ring = None;
            let ringing = rare.calls.in_state(CallState::Incoming).next();
            if let Some(Call { party: Party::Caller(caller), .. }) = ringing {
                fx.notice(Notice::Ring { caller: *caller });
                rare.calls.ring = Some(fx.now.plus(RING_PAUSE));
            }
        }
        let overdue: Vec<u8> = rare
            .calls
            .list
            .iter()
            .filter(|call| call.until.is_some_and(|at| at <= fx.now))
            .map(|call| call.transaction)
            .collect();
        for transaction in overdue {
            self.release(fx, transaction, CallCause::Normal);
            fx.notice(Notice::Released(FinalResult::NoAnswer));
        }
    }
}
