//! USSD dialogues and APDUs of terminals: one at a time on a modem.

use super::Site;
use super::modem::{Asker, Purpose};
use crate::wire::{Done, FromModem, UseRefusal};
use crate::{Permissions, TerminalId, UserId};
use alloc::string::String;
use alloc::vec::Vec;
use polysim_at::{HexBytes, Text, UssdStatus};
use polysim_base::{Duration, Iccid, Instant};
use polysim_modem::{ModemCommand, ModemError, Reply};

/// The most characters of a USSD string (TS 23.038, 5: 160 octets of 7 bits).
const USSD_CHARACTERS_MAX: usize = 182;
/// How long a dialogue may stand still.
const DIALOGUE_MAX: Duration = Duration::from_secs(300);
/// A short APDU: header, length, 255 bytes, expected length.
const APDU_LEN: core::ops::RangeInclusive<usize> = 4..=261;

/// A USSD dialogue under way.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Dialogue {
    /// Who has it, by the last request.
    asker: Asker,
    until: Instant,
}

impl Site {
    pub(super) fn ussd(&mut self, number: u16, asker: Asker, code: &str) -> Result<(), UseRefusal> {
        let until = self.now.plus(DIALOGUE_MAX);
        let long = code.is_empty() || code.chars().count() > USSD_CHARACTERS_MAX;
        let text = Text::new(code).ok().filter(|_| !long).ok_or(UseRefusal::BadRequest)?;
        let modem = self.modems.get_mut(&number).ok_or(UseRefusal::Moved)?;
        let theirs = modem.dialogue.as_ref().is_some_and(|dialogue| !dialogue.is_of(asker));
        if theirs {
            return Err(UseRefusal::Busy);
        }
        modem.dialogue = Some(Dialogue { asker, until });
        self.service_changed(number);
        self.command(number, Purpose::Ussd(asker), ModemCommand::Ussd(text));
        Ok(())
    }

    pub(super) fn ussd_taken(
        &mut self,
        number: u16,
        asker: Asker,
        outcome: &Result<Reply, ModemError>,
    ) {
        if outcome.is_err() {
            self.forget_dialogue(number, asker);
        }
        let done = outcome.as_ref().map(|_| Done::Done).map_err(|_| UseRefusal::Refused);
        self.reply(asker, done);
        self.service_changed(number);
    }

    pub(super) fn ussd_cancel(&mut self, number: u16, asker: Asker) -> Result<(), UseRefusal> {
        let modem = self.modems.get_mut(&number).ok_or(UseRefusal::Moved)?;
        if modem.dialogue.as_ref().is_none_or(|dialogue| !dialogue.is_of(asker)) {
            return Err(UseRefusal::Refused);
        }
        modem.dialogue = None;
        self.command(number, Purpose::Reply(asker), ModemCommand::UssdCancel);
        self.service_changed(number);
        Ok(())
    }

    pub(super) fn ussd_said(&mut self, number: u16, status: UssdStatus, text: Option<String>) {
        let Some(claim) = self.tenant(number).map(|tenant| tenant.claim) else { return };
        let until = self.now.plus(DIALOGUE_MAX);
        let more = status == UssdStatus::ActionRequired;
        let Some(modem) = self.modems.get_mut(&number) else { return };
        let Some(dialogue) = &mut modem.dialogue else {
            // The network asks somebody, and nobody is there to answer.
            if more {
                self.command(number, Purpose::Nothing, ModemCommand::UssdCancel);
            }
            return;
        };
        dialogue.until = until;
        let Asker { user, terminal, .. } = dialogue.asker;
        if !more {
            modem.dialogue = None;
        }
        self.say_ussd((user, terminal), claim.iccid, text, more);
        self.service_changed(number);
    }

    /// The lease ends, or the network is silent: the terminal is told that it is over.
    pub(super) fn end_dialogue(&mut self, number: u16) {
        let Some(claim) = self.tenant(number).map(|tenant| tenant.claim) else { return };
        let dialogue = self.modems.get_mut(&number).and_then(|modem| modem.dialogue.take());
        let Some(Dialogue { asker: Asker { user, terminal, .. }, .. }) = dialogue else { return };
        self.say_ussd((user, terminal), claim.iccid, None, false);
    }

    fn say_ussd(
        &mut self,
        (user, terminal): (UserId, TerminalId),
        iccid: Iccid,
        text: Option<String>,
        more: bool,
    ) {
        self.next_ussd = self.next_ussd.saturating_add(1);
        let number = u64::from(self.journal.incarnation) << 32 | u64::from(self.next_ussd);
        self.insist(user, Some(terminal), FromModem::Ussd { number, iccid, text, more });
    }

    /// Who may do what has changed: a dialogue goes on only with a user who still may.
    pub(super) fn dialogue_entitled(&mut self, number: u16) {
        let Some(claim) = self.tenant(number).map(|tenant| tenant.claim) else { return };
        let dialogue = self.modems.get(&number).and_then(|modem| modem.dialogue.as_ref());
        if dialogue.is_some_and(|dialogue| !self.may(claim, dialogue.asker.user, Permissions::USSD))
        {
            self.cancel_dialogue(number);
        }
    }

    fn cancel_dialogue(&mut self, number: u16) {
        self.command(number, Purpose::Nothing, ModemCommand::UssdCancel);
        self.end_dialogue(number);
        self.service_changed(number);
    }

    /// A request failed. Where another one has begun meanwhile, that one goes on.
    fn forget_dialogue(&mut self, number: u16, asker: Asker) {
        if let Some(modem) = self.modems.get_mut(&number) {
            modem.dialogue.take_if(|dialogue| dialogue.asker == asker);
        }
    }

    pub(super) fn dialogue_due(&self) -> Option<Instant> {
        let dialogues = self.modems.values().filter_map(|modem| modem.dialogue.as_ref());
        dialogues.map(|dialogue| dialogue.until).min()
    }

    pub(super) fn dialogues_expire(&mut self) {
        let over = |number: &u16| {
            let modem = self.modems.get(number);
            let dialogue = modem.and_then(|modem| modem.dialogue.as_ref());
            dialogue.is_some_and(|dialogue| dialogue.until <= self.now)
        };
        let modems: Vec<u16> = self.modems.keys().copied().filter(over).collect();
        modems.into_iter().for_each(|number| self.cancel_dialogue(number));
    }

    pub(super) fn apdu(
        &mut self,
        number: u16,
        asker: Asker,
        apdu: Vec<u8>,
    ) -> Result<(), UseRefusal> {
        if !APDU_LEN.contains(&apdu.len()) {
            return Err(UseRefusal::BadRequest);
        }
        let modem = self.modems.get_mut(&number).ok_or(UseRefusal::Moved)?;
        if core::mem::replace(&mut modem.apdu, true) {
            return Err(UseRefusal::Busy);
        }
        self.service_changed(number);
        let apdu = HexBytes::from(apdu);
        self.command(number, Purpose::Apdu(asker), ModemCommand::TransmitBasic { apdu });
        Ok(())
    }

    pub(super) fn apdu_done(
        &mut self,
        number: u16,
        asker: Asker,
        outcome: Result<Reply, ModemError>,
    ) {
        if let Some(modem) = self.modems.get_mut(&number) {
            modem.apdu = false;
        }
        self.reply(
            asker,
            match outcome {
                Ok(Reply::Apdu(response)) => Ok(Done::Apdu(response)),
                Ok(_) | Err(_) => Err(UseRefusal::Refused),
            },
        );
        self.service_changed(number);
    }
}

impl Dialogue {
    fn is_of(&self, asker: Asker) -> bool {
        (self.asker.user, self.asker.terminal) == (asker.user, asker.terminal)
    }
}
