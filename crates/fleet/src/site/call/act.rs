//! What terminals do with calls. Which of several answers wins is decided here and nowhere else.

use super::{Call, Stage};
use crate::site::Site;
use crate::site::modem::{Asker, Purpose};
use crate::wire::{CallEnding, CallRef, Direction, Done, RingOver, UseRefusal};
use alloc::string::ToString as _;
use alloc::vec::Vec;
use polysim_at::{DialString, DtmfDigit};
use polysim_base::Msisdn;
use polysim_modem::{CallerId, ModemCommand};

/// The most tones of one request.
const TONES_MAX: usize = 32;

impl Site {
    pub(in crate::site) fn dial(
        &mut self,
        number: u16,
        asker: Asker,
        to: Msisdn,
    ) -> Result<(), UseRefusal> {
        let claim = self.tenant(number).map(|tenant| tenant.claim).ok_or(UseRefusal::Moved)?;
        let peer = to.to_string();
        let digits = DialString::new(&peer).map_err(|_| UseRefusal::BadRequest)?;
        if self.calls_of(number).next().is_some() {
            return Err(UseRefusal::Busy);
        }
        self.spend_call(claim)?;
        let call = Call {
            claim,
            id: None,
            direction: Direction::Outgoing,
            peer: Some(peer),
            began: self.now,
            owner: Some((asker.user, asker.terminal)),
            stage: Stage::Dialling,
            talked_since: None,
            again_at: self.now,
            speech: Default::default(),
        };
        let name = self.begin_call(number, call);
        self.reply(asker, Ok(Done::Dialling(name)));
        self.say_phase(name);
        let dial = ModemCommand::Dial { number: digits, caller_id: CallerId::Subscribed };
        self.command(number, Purpose::Dial(name), dial);
        Ok(())
    }

    pub(in crate::site) fn answer(
        &mut self,
        number: u16,
        asker: Asker,
        name: CallRef,
    ) -> Result<(), UseRefusal> {
        let by = (asker.user, asker.terminal);
        // Taking a waiting call puts the active one on hold: only who has that may do so.
        let theirs = |call: &Call| call.is_up() && call.owner != Some(by);
        let others = self.calls_of(number).any(|(other, call)| *other != name && theirs(call));
        let call = self.call_on(number, name)?;
        match &call.stage {
            Stage::Ringing { .. } if others => return Err(UseRefusal::Busy),
            Stage::Ringing { .. } => {}
            Stage::Answering | Stage::Active | Stage::Held if call.owner == Some(by) => {
                self.reply(asker, Ok(Done::Done));
                return Ok(());
            }
            Stage::Answering | Stage::Active | Stage::Held => {
                return Err(UseRefusal::AnsweredElsewhere);
            }
            Stage::Dialling | Stage::Alerting | Stage::Ending { .. } => {
                return Err(UseRefusal::NoSuchCall);
            }
        }
        call.owner = Some(by);
        let before = core::mem::replace(&mut call.stage, Stage::Answering);
        let call = call.clone();
        self.take_down(name, &call);
        // The winner hears first, so that it knows what to make of the rest.
        self.reply(asker, Ok(Done::Done));
        if let Stage::Ringing { users, .. } = before {
            self.rings_no_more(name, &users, RingOver::AnsweredElsewhere);
        }
        self.command(number, Purpose::Answer(name), ModemCommand::Answer);
        Ok(())
    }

    pub(in crate::site) fn reject(
        &mut self,
        number: u16,
        asker: Asker,
        name: CallRef,
    ) -> Result<(), UseRefusal> {
        match self.call_on(number, name)?.stage {
            Stage::Ringing { .. } => {}
            Stage::Answering | Stage::Active | Stage::Held => {
                return Err(UseRefusal::AnsweredElsewhere);
            }
            Stage::Dialling | Stage::Alerting | Stage::Ending { .. } => {
                return Err(UseRefusal::NoSuchCall);
            }
        }
        self.end_call(name, CallEnding::HungUp, Purpose::Nothing);
        self.reply(asker, Ok(Done::Done));
        Ok(())
    }

    pub(in crate::site) fn hang_up(
        &mut self,
        number: u16,
        asker: Asker,
        name: CallRef,
    ) -> Result<(), UseRefusal> {
        self.own_call(number, asker, name)?;
        self.end_call(name, CallEnding::HungUp, Purpose::Nothing);
        self.reply(asker, Ok(Done::Done));
        Ok(())
    }

    pub(in crate::site) fn hold(
        &mut self,
        number: u16,
        asker: Asker,
        name: CallRef,
    ) -> Result<(), UseRefusal> {
        self.own_call(number, asker, name)?;
        // It would connect a call that waits, with nobody there to talk (TS 22.030, 6.5.5.1).
        let swaps = |call: &Call| matches!(call.stage, Stage::Active | Stage::Held);
        if !self.calls_of(number).all(|(_, call)| swaps(call)) {
            return Err(UseRefusal::Busy);
        }
        self.command(number, Purpose::Reply(asker), ModemCommand::Swap);
        Ok(())
    }

    pub(in crate::site) fn dtmf(
        &mut self,
        number: u16,
        asker: Asker,
        name: CallRef,
        tones: &str,
    ) -> Result<(), UseRefusal> {
        let active = self.own_call(number, asker, name)?.stage == Stage::Active;
        let digits: Option<Vec<DtmfDigit>> = tones.chars().map(DtmfDigit::new).collect();
        let digits = digits.filter(|digits| (1..=TONES_MAX).contains(&digits.len()));
        let digits = digits.ok_or(UseRefusal::BadRequest)?;
        if !active {
            return Err(UseRefusal::Busy);
        }
        self.command(number, Purpose::Reply(asker), ModemCommand::Dtmf(digits.into()));
        Ok(())
    }

    fn call_on(&mut self, number: u16, name: CallRef) -> Result<&mut Call, UseRefusal> {
        let here = name.modem.number == number;
        self.calls.get_mut(&name).filter(|_| here).ok_or(UseRefusal::NoSuchCall)
    }

    /// A terminal touches its own calls only.
    fn own_call(&mut self, number: u16, asker: Asker, name: CallRef) -> Result<&Call, UseRefusal> {
        let call = self.call_on(number, name)?;
        let ours = call.owner == Some((asker.user, asker.terminal));
        let ending = matches!(call.stage, Stage::Ending { .. });
        if ours && !ending { Ok(call) } else { Err(UseRefusal::NoSuchCall) }
    }
}
