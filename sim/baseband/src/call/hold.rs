//! Holding, waiting, conferences (TS 22.030, 6.5.5; TS 27.007, 7.13).

use crate::core::Core;
use crate::effects::Effects;
use polysim_at::{CallState, CmeError, HoldAction};
use polysim_radio::air::{CallCause, CallUplink, Uplink};

impl Core {
    /// `+CHLD`.
    pub(crate) fn hold_action(
        &mut self,
        fx: &mut Effects,
        action: HoldAction,
    ) -> Result<(), CmeError> {
        let waiting = self.calls_in(CallState::Waiting);
        let active = self.calls_in(CallState::Active);
        let held = self.calls_in(CallState::Held);
        match action {
            HoldAction::ReleaseHeld => {
                // A waiting call goes first: user determined user busy.
                let (going, cause) = if waiting.is_empty() {
                    (held, CallCause::Normal)
                } else {
                    (waiting, CallCause::Busy)
                };
                some(&going)?;
                going.into_iter().for_each(|call| self.release(fx, call, cause));
            }
            HoldAction::ReleaseActive => {
                some(&[active.as_slice(), &held, &waiting].concat())?;
                active.into_iter().for_each(|call| self.release(fx, call, CallCause::Normal));
                self.take_other(fx, &waiting, &held);
            }
            HoldAction::ReleaseCall(id) => {
                let call = self.transaction_of(id)?;
                self.release(fx, call, CallCause::Normal);
            }
            HoldAction::HoldActive => {
                some(&[active.as_slice(), &held, &waiting].concat())?;
                active.into_iter().for_each(|call| say(fx, call, CallUplink::Hold));
                self.take_other(fx, &waiting, &held);
            }
            HoldAction::HoldAllBut(id) => {
                let wanted = self.transaction_of(id)?;
                for call in active.into_iter().filter(|call| *call != wanted) {
                    say(fx, call, CallUplink::Hold);
                }
                if held.contains(&wanted) {
                    say(fx, wanted, CallUplink::Retrieve);
                }
            }
            HoldAction::Join => {
                some(&active)?;
                some(&held)?;
                held.into_iter().for_each(|call| say(fx, call, CallUplink::Retrieve));
                for call in self.rare.iter_mut().flat_map(|rare| &mut rare.calls.list) {
                    call.multiparty |= matches!(call.state, CallState::Active | CallState::Held);
                }
            }
            HoldAction::Transfer => return Err(CmeError::OperationNotSupported),
        }
        self.ring_next(fx);
        Ok(())
    }

    /// Takes the waiting call, or else the held ones.
    fn take_other(&mut self, fx: &mut Effects, waiting: &[u8], held: &[u8]) {
        match waiting.first() {
            Some(call) => self.accept(fx, *call),
            None => held.iter().for_each(|call| say(fx, *call, CallUplink::Retrieve)),
        }
    }

    fn calls_in(&self, state: CallState) -> Vec<u8> {
        let calls = self.rare.iter().flat_map(|rare| rare.calls.in_state(state));
        calls.map(|call| call.transaction).collect()
    }

    fn transaction_of(&self, id: u8) -> Result<u8, CmeError> {
        let mut calls = self.rare.iter().flat_map(|rare| &rare.calls.list);
        let call = calls.find(|call| call.id == id);
        call.map(|call| call.transaction).ok_or(CmeError::InvalidIndex)
    }
}

const fn some(calls: &[u8]) -> Result<(), CmeError> {
    if calls.is_empty() { Err(CmeError::OperationNotAllowed) } else { Ok(()) }
}

fn say(fx: &mut Effects, transaction: u8, message: CallUplink) {
    fx.air(Uplink::Call { transaction, message });
}
