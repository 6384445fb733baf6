//! Texts that terminals send: each is recorded before its modem gets it, and handed over once.

use super::modem::{Asker, Purpose};
use super::record::state_of;
use super::uplink::KEPT_MAX;
use super::{Site, SiteOutput, SiteRecord};
use crate::wire::{
    Done, FromModem, Kept, MessageId, PartOutcome, ReportId, TextOutcome, TextState, UseRefusal,
};
use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;
use polysim_base::Msisdn;
use polysim_modem::{
    ModemCommand, ModemError, OutgoingText, PartOutcome as Part, Reply, SendFailure,
};
use polysim_sms::{Address, SegmentOptions, segment};

/// The most parts of a text.
const PARTS_MAX: usize = 16;
/// The most texts that wait at a modem.
const TEXTS_WAITING_MAX: usize = 16;

/// A text that waits for its modem.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct QueuedText {
    message: MessageId,
    to: Msisdn,
    body: String,
    report: bool,
}

/// A text as a terminal gives it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct NewText {
    pub(super) message: MessageId,
    pub(super) to: Msisdn,
    pub(super) body: String,
    pub(super) report: bool,
}

impl Site {
    /// Answers for a text that was taken or refused for good before, whatever became of its lease
    /// meanwhile. Returns whether it was.
    pub(super) fn text_known(&mut self, asker: Asker, message: MessageId) -> bool {
        if (message.user, message.terminal) != (asker.user, asker.terminal) {
            return false;
        }
        let Some(seen) = self.journal.seen(message) else { return false };
        self.reply(asker, seen.map(|_| Done::Accepted(message)));
        if let Ok(state) = seen {
            self.say_text(message, state);
        }
        true
    }

    /// Makes a refusal of a text final, so that no copy of the request that comes late is granted.
    pub(super) fn refuse_text(&mut self, asker: Asker, message: MessageId, refusal: UseRefusal) {
        let own = (message.user, message.terminal) == (asker.user, asker.terminal);
        if own && refusal.ends_a_text() {
            self.record(SiteRecord::TextRefused { message, refusal });
        }
    }

    pub(super) fn take_text(
        &mut self,
        number: u16,
        asker: Asker,
        text: NewText,
    ) -> Result<(), UseRefusal> {
        let NewText { message, to, body, report } = text;
        if (message.user, message.terminal) != (asker.user, asker.terminal) {
            return Err(UseRefusal::BadRequest);
        }
        let parts = segment(&body, &SegmentOptions::default()).map_or(0, |parts| parts.len());
        if !(1..=PARTS_MAX).contains(&parts) {
            return Err(UseRefusal::BadRequest);
        }
        let Some(modem) = self.modems.get(&number) else { return Err(UseRefusal::Moved) };
        let waiting = modem.queue.len();
        let Some(claim) = modem.tenant.as_ref().map(|tenant| tenant.claim) else {
            return Err(UseRefusal::Moved);
        };
        if waiting >= TEXTS_WAITING_MAX || self.journal.kept.len() >= KEPT_MAX {
            return Err(UseRefusal::Busy);
        }
        self.spend_texts(claim, parts)?;
        let outcome = TextOutcome {
            claim,
            message,
            to: to.to_string(),
            report,
            unix_s: self.unix_s(),
            parts: vec![PartOutcome::Pending; parts],
        };
        self.record(SiteRecord::TextAccepted(outcome));
        if let Some(modem) = self.modems.get_mut(&number) {
            modem.queue.push_back(QueuedText { message, to, body, report });
        }
        self.reply(asker, Ok(Done::Accepted(message)));
        self.service_changed(number);
        self.send_next(number);
        Ok(())
    }

    /// Hands the next text to a modem that is at none.
    pub(super) fn send_next(&mut self, number: u16) {
        if !self.on_standby(number) {
            return;
        }
        let unix_s = self.unix_s();
        let Some(modem) = self.modems.get_mut(&number) else { return };
        if modem.sending.is_some() {
            return;
        }
        let Some(QueuedText { message, to, body, report }) = modem.queue.pop_front() else {
            return;
        };
        modem.sending = Some(message);
        let Ok(address) = Address::parse_dialled(&to.to_string()) else {
            return self.settle(message, |_| PartOutcome::Failed { cause: None });
        };
        self.record(SiteRecord::TextSubmitted { message, unix_s });
        if let Some(text) = self.journal.texts.get(&message) {
            let outcome = text.outcome.clone();
            self.keep_here(Kept::Outcome(outcome));
        }
        self.say_text(message, TextState::Submitting);
        let mut text = OutgoingText::new(address, body);
        text.report = report;
        self.command(number, Purpose::Text(message), ModemCommand::SendText(Box::new(text)));
    }

    pub(super) fn text_done(
        &mut self,
        number: u16,
        message: MessageId,
        outcome: Result<Reply, ModemError>,
    ) {
        match outcome {
            Ok(Reply::Text(outcome)) => {
                let parts = outcome.parts;
                self.settle(message, |at| parts.get(at).map_or(PartOutcome::Unknown, part_of));
            }
            // It never began.
            Err(_) => self.settle(message, |_| PartOutcome::Failed { cause: None }),
            Ok(_) => self.settle(message, |_| PartOutcome::Unknown),
        }
        if let Some(modem) = self.modems.get_mut(&number)
            && modem.sending == Some(message)
        {
            modem.sending = None;
        }
        self.send_next(number);
        self.service_changed(number);
    }

    /// Says what became of a text, for good.
    fn settle(&mut self, message: MessageId, part: impl Fn(usize) -> PartOutcome) {
        let Some(text) = self.journal.texts.get(&message) else { return };
        let mut outcome = text.outcome.clone();
        outcome.parts = (0..outcome.parts.len()).map(part).collect();
        // What is known takes the place of what was pending.
        let pending = |(id, kept): (&ReportId, &Kept)| match kept {
            Kept::Outcome(pending) if pending.message == message => Some(*id),
            Kept::Outcome(_) | Kept::Text(_) | Kept::Report(_) | Kept::Call(_) => None,
        };
        let pending: Vec<ReportId> = self.uplink.unkept.iter().filter_map(pending).collect();
        for id in pending {
            self.uplink.unkept.remove(&id);
        }
        let state = state_of(&outcome.parts);
        self.keep(Kept::Outcome(outcome));
        self.say_text(message, state);
    }

    fn say_text(&mut self, message: MessageId, state: TextState) {
        let MessageId { user, terminal, .. } = message;
        self.emit(SiteOutput::Terminal(user, terminal, FromModem::Text { message, state }));
    }

    /// The lease ends: what its modem has not got is certainly not sent.
    pub(super) fn drop_texts(&mut self, number: u16) {
        let Some(modem) = self.modems.get_mut(&number) else { return };
        for text in core::mem::take(&mut modem.queue) {
            self.settle(text.message, |_| PartOutcome::Failed { cause: None });
        }
    }

    /// After a restart: what a modem may have got is unknown, the rest is certainly not sent.
    pub(super) fn settle_texts_of_earlier_lives(&mut self) {
        let open = self.journal.texts.iter().map(|(message, text)| (*message, text.submitted));
        for (message, submitted) in open.collect::<Vec<_>>() {
            self.settle(message, |_| match submitted {
                true => PartOutcome::Unknown,
                false => PartOutcome::Failed { cause: None },
            });
        }
    }

    fn unix_s(&self) -> u64 {
        self.config.unix_at_zero_s.saturating_add(self.now.as_micros() / 1_000_000)
    }
}

fn part_of(part: &Part) -> PartOutcome {
    match part {
        Part::Sent { reference } => PartOutcome::Sent { reference: *reference },
        Part::Failed(SendFailure::Refused(cause)) => {
            PartOutcome::Failed { cause: Some(cause.number()) }
        }
        Part::Failed(SendFailure::RefusedWithoutCause | SendFailure::NotSubmitted) => {
            PartOutcome::Failed { cause: None }
        }
        Part::Unknown => PartOutcome::Unknown,
    }
}
