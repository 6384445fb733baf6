//! Communication requests of terminals: each is checked against lease and permission, done once,
//! and answered again when it comes again.

use super::modem::{Asker, Phase};
use super::text_out::NewText;
use super::{Site, SiteOutput};
use crate::wire::{Act, Done, FromModem, LeaseClaim, ModemRequest, UseRefusal};
use crate::{ModemId, Permissions, TerminalId, UserId};
use polysim_lease::FenceError;

/// So many answers are remembered, to be given again.
const ANSWERS_MAX: usize = 256;

/// A request that was granted, and its answer if there is one yet.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Asked {
    asker: Asker,
    request: ModemRequest,
    outcome: Option<Result<Done, UseRefusal>>,
}

impl Site {
    pub(super) fn request(&mut self, user: UserId, terminal: TerminalId, request: ModemRequest) {
        let asker = Asker { user, terminal, request: request.request };
        let known = |asked: &&Asked| asked.asker == asker && asked.request == request;
        if let Some(asked) = self.asked.iter().find(known) {
            if let Some(outcome) = asked.outcome.clone() {
                self.say_reply(asker, outcome);
            }
            return;
        }
        let text = match request.act {
            Act::Text { message, .. } => Some(message),
            Act::Dial { .. }
            | Act::Answer(_)
            | Act::Reject(_)
            | Act::HangUp(_)
            | Act::Hold(_)
            | Act::Dtmf(..)
            | Act::Ussd(_)
            | Act::UssdCancel
            | Act::Apdu(_) => None,
        };
        if text.is_some_and(|message| self.text_known(asker, message)) {
            return;
        }
        if let Err(refusal) = self.act(asker, request) {
            if let Some(message) = text {
                self.refuse_text(asker, message, refusal);
            }
            self.asked.retain(|asked| asked.asker != asker || asked.outcome.is_some());
            self.say_reply(asker, Err(refusal));
        }
    }

    fn act(&mut self, asker: Asker, request: ModemRequest) -> Result<(), UseRefusal> {
        let number = request.modem.number;
        let claim = LeaseClaim { iccid: request.iccid, epoch: request.epoch };
        self.serves(claim, request.modem)?;
        if !self.may(claim, asker.user, wanted(&request.act)) {
            // Who may do what may still be on its way.
            let told = self.is_entitled(claim);
            return Err(if told { UseRefusal::NotPermitted } else { UseRefusal::NotOnStandby });
        }
        if begins(&request.act) && !self.takes_new(number) {
            return Err(UseRefusal::NotOnStandby);
        }
        if self.asked.len() >= ANSWERS_MAX {
            self.asked.pop_front();
        }
        self.asked.push_back(Asked { asker, request: request.clone(), outcome: None });
        match request.act {
            Act::Dial { to } => self.dial(number, asker, to),
            Act::Answer(call) => self.answer(number, asker, call),
            Act::Reject(call) => self.reject(number, asker, call),
            Act::HangUp(call) => self.hang_up(number, asker, call),
            Act::Hold(call) => self.hold(number, asker, call),
            Act::Dtmf(call, tones) => self.dtmf(number, asker, call, &tones),
            Act::Text { message, to, body, report } => {
                self.take_text(number, asker, NewText { message, to, body, report })
            }
            Act::Ussd(text) => self.ussd(number, asker, &text),
            Act::UssdCancel => self.ussd_cancel(number, asker),
            Act::Apdu(apdu) => self.apdu(number, asker, apdu),
        }
    }

    /// Checks that a modem has a SIM by a lease, now. It is refused as moved only where nothing is
    /// ever done by that lease again: it is older than another one, closed, or closed here and now
    /// because it has run out. What is not known yet may be granted a moment later.
    fn serves(&mut self, claim: LeaseClaim, modem: ModemId) -> Result<(), UseRefusal> {
        if modem.site != self.config.site {
            return Err(UseRefusal::Moved);
        }
        let lease = self.leases.get(&claim.iccid).ok_or(UseRefusal::NotOnStandby)?;
        match lease.fence.admit(self.now, claim.epoch) {
            Ok(()) | Err(FenceError::ResetDue { .. }) => {}
            Err(FenceError::Older { .. }) => return Err(UseRefusal::Moved),
            Err(FenceError::Ended { .. }) if lease.fence.deadline().is_none() => {
                self.close(claim);
                return Err(UseRefusal::Moved);
            }
            Err(
                FenceError::Ended { .. } | FenceError::Unknown { .. } | FenceError::Late { .. },
            ) => return Err(UseRefusal::NotOnStandby),
        }
        match self.seat_of(claim) {
            Some(number) if number == modem.number => Ok(()),
            // A lease has one modem.
            Some(_) => Err(UseRefusal::Moved),
            None => Err(UseRefusal::NotOnStandby),
        }
    }

    pub(super) fn on_standby(&self, number: u16) -> bool {
        self.tenant(number).is_some_and(|tenant| tenant.phase == Phase::Standby)
    }

    /// Returns whether something new may begin.
    fn takes_new(&self, number: u16) -> bool {
        let ending = self.tenant(number).is_some_and(|tenant| tenant.ending);
        self.on_standby(number) && !ending
    }

    /// Answers a request, and remembers the answer.
    pub(super) fn reply(&mut self, asker: Asker, outcome: Result<Done, UseRefusal>) {
        if let Some(asked) = self.asked.iter_mut().rev().find(|asked| asked.asker == asker) {
            asked.outcome = Some(outcome.clone());
        }
        self.say_reply(asker, outcome);
    }

    fn say_reply(&mut self, asker: Asker, outcome: Result<Done, UseRefusal>) {
        let Asker { user, terminal, request } = asker;
        self.emit(SiteOutput::Terminal(user, terminal, FromModem::Reply { request, outcome }));
    }
}

const fn wanted(act: &Act) -> Permissions {
    match act {
        Act::Dial { .. }
        | Act::Answer(_)
        | Act::Reject(_)
        | Act::HangUp(_)
        | Act::Hold(_)
        | Act::Dtmf(..) => Permissions::CALL,
        Act::Text { .. } => Permissions::TEXT_SEND,
        Act::Ussd(_) | Act::UssdCancel => Permissions::USSD,
        Act::Apdu(_) => Permissions::APDU,
    }
}

/// Returns whether an act begins something, rather than going on with what runs.
const fn begins(act: &Act) -> bool {
    match act {
        Act::Dial { .. } | Act::Text { .. } | Act::Ussd(_) | Act::Apdu(_) => true,
        Act::Answer(_)
        | Act::Reject(_)
        | Act::HangUp(_)
        | Act::Hold(_)
        | Act::Dtmf(..)
        | Act::UssdCancel => false,
    }
}
