//! What has come for users: texts and missed calls by SIM, news of sent texts by user.

mod incoming;
mod sent;
mod shelf;

pub(crate) use incoming::Open;
pub(crate) use sent::{Early, Sent};
pub(crate) use shelf::Shelf;

use super::{Aged, Handover, SimIx, State};
use crate::ExchangeConfig;
use crate::wire::{
    CallEnding, CallRecord, CallRef, Direction, Kept, Mail, MailItem, MessageId, ReceivedText,
    StatusReport,
};
use crate::{MailId, Permissions, TerminalId, UserId};
use alloc::collections::{BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use polysim_base::{Iccid, Instant};

/// A PDU that came, TP-MMS aside, and which one of those with the same octets.
pub(crate) type Told = (Arc<[u8]>, u16);

/// What has come for a SIM and was sent with it.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct SimBox {
    pub(crate) texts: Shelf,
    pub(crate) missed: Shelf,
    /// Texts that are recorded: a second one that is told alike is the same.
    pub(crate) seen_texts: Aged<Told>,
    seen_reports: Aged<Told>,
    seen_calls: Aged<CallRef>,
    /// Texts that lack parts, the oldest first.
    open: Vec<Open>,
    sent: Aged<MessageId, Sent>,
    /// Delivery reports of texts whose outcome is not known yet.
    early: VecDeque<(Instant, Early)>,
}

/// What concerns a user.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct UserBox {
    /// The SIMs that the user may do anything with.
    pub(crate) sims: BTreeSet<SimIx>,
    /// News of texts that the user has sent.
    pub(crate) states: Shelf,
}

impl SimBox {
    /// Returns whether something was recorded already.
    pub(crate) fn has(&self, kept: &Kept) -> bool {
        match kept {
            Kept::Text(text) => self.seen_texts.contains(&told(&text.pdu, text.ordinal)),
            Kept::Report(report) => self.seen_reports.contains(&told(&report.pdu, report.ordinal)),
            Kept::Call(call) => self.seen_calls.contains(&call.call),
            Kept::Outcome(outcome) => !self.news(outcome),
        }
    }

    /// Returns when the oldest text that lacks parts has waited long enough.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.open.first().map(|open| open.until)
    }

    /// Returns who has sent texts with the SIM.
    pub(crate) fn senders(&self) -> impl Iterator<Item = UserId> {
        let mut next = Some(UserId(0));
        core::iter::from_fn(move || {
            let first = MessageId { user: next?, terminal: TerminalId(0), number: 0 };
            let user = self.sent.first_from(&first)?.user;
            next = user.0.checked_add(1).map(UserId);
            Some(user)
        })
    }

    pub(crate) fn handed_over(&mut self, by: Handover) {
        self.texts.handed_over(by);
        self.missed.handed_over(by);
        self.seen_texts.handed_over(by);
        self.seen_reports.handed_over(by);
        self.seen_calls.handed_over(by);
        self.sent.handed_over(by);
        self.open.iter_mut().for_each(|open| by.moves(&mut open.until));
        self.early.iter_mut().for_each(|(at, _)| by.moves(at));
    }

    fn gave_up(&mut self, at: Instant) -> Vec<Mail> {
        let late = self.open.iter().filter(|open| open.until <= at).count();
        self.open.drain(..late).map(Open::incomplete).collect()
    }

    fn text(&mut self, config: &ExchangeConfig, at: Instant, text: &ReceivedText) -> Vec<Mail> {
        self.seen_texts.insert(at, told(&text.pdu, text.ordinal), ());
        self.seen_texts.forget(at, config.mail_keep, usize::MAX);
        incoming::came(&mut self.open, at.plus(config.parts_wait), &text.pdu)
    }

    fn call(&mut self, config: &ExchangeConfig, at: Instant, call: &CallRecord) -> Option<Mail> {
        self.seen_calls.insert(at, call.call, ());
        self.seen_calls.forget(at, config.mail_keep, config.mail_max);
        missed(call).then(|| Mail::MissedCall { from: call.peer.clone(), rang: call.rang })
    }

    fn reported(
        &mut self,
        config: &ExchangeConfig,
        at: Instant,
        report: &StatusReport,
    ) -> Vec<(UserId, Mail)> {
        self.seen_reports.insert(at, told(&report.pdu, report.ordinal), ());
        self.seen_reports.forget(at, config.mail_keep, config.mail_max);
        let Some(early) = Early::read(&report.pdu) else { return Vec::new() };
        self.early.push_back((at, early));
        self.apply_reports(config, at)
    }
}

/// A call that came in and that nobody answered or refused.
const fn missed(call: &CallRecord) -> bool {
    matches!(call.direction, Direction::Incoming)
        && call.talked.is_none()
        && !matches!(call.ending, CallEnding::HungUp)
}

/// What a PDU is known by. Whether more messages wait (TP-MMS, TS 23.040, 9.2.3.2) is another
/// matter each time that the service centre tries: a text whose acknowledgement was lost, as the
/// SIM left its modem, comes again with the next one.
fn told(pdu: &[u8], ordinal: u16) -> Told {
    const NO_MORE_MESSAGES: u8 = 0x04;
    let mut pdu: Arc<[u8]> = pdu.into();
    let header = pdu.first().map_or(0, |length| usize::from(*length) + 1);
    if let Some(first) = Arc::make_mut(&mut pdu).get_mut(header) {
        *first |= NO_MORE_MESSAGES;
    }
    (pdu, ordinal)
}

impl State {
    pub(super) fn kept(&mut self, config: &ExchangeConfig, at: Instant, kept: &Kept) {
        let Some(ix) = self.find(kept.claim().iccid) else { return };
        match kept {
            Kept::Text(text) => {
                let mail = self.change_box(ix, |it| it.text(config, at, text));
                mail.into_iter().for_each(|mail| self.shelve(config, at, ix, mail));
            }
            Kept::Call(call) => {
                if call.direction == Direction::Outgoing {
                    self.change_usage(ix, |usage| usage.calls.count(at, 1));
                }
                if let Some(mail) = self.change_box(ix, |it| it.call(config, at, call)) {
                    self.shelve(config, at, ix, mail);
                }
            }
            Kept::Report(report) => {
                let news = self.change_box(ix, |it| it.reported(config, at, report));
                self.tell_senders(config, at, ix, news);
            }
            Kept::Outcome(outcome) => {
                let (parts, news) = self.change_box(ix, |it| it.outcome(config, at, outcome));
                if parts > 0 {
                    self.change_usage(ix, |usage| usage.texts.count(at, parts));
                }
                self.tell_senders(config, at, ix, news);
            }
        }
    }

    pub(super) fn incomplete(&mut self, config: &ExchangeConfig, at: Instant, iccid: Iccid) {
        let Some(ix) = self.find(iccid) else { return };
        let mail = self.change_box(ix, |it| it.gave_up(at));
        mail.into_iter().for_each(|mail| self.shelve(config, at, ix, mail));
    }

    /// Puts something that has come for a SIM where its users find it.
    fn shelve(&mut self, config: &ExchangeConfig, at: Instant, ix: SimIx, mail: Mail) {
        let Some(item) = self.mail_item(at, ix, mail) else { return };
        let Some(it) = self.boxes.get_mut(&ix) else { return };
        match item.mail {
            Mail::Text { .. } | Mail::Incomplete { .. } => {
                it.texts.put(item);
                // The limit is kept by not confirming what would go beyond it.
                it.texts.forget(at, config.mail_keep, usize::MAX);
            }
            Mail::MissedCall { .. } | Mail::TextState { .. } => {
                it.missed.put(item);
                it.missed.forget(at, config.mail_keep, config.mail_max);
            }
        }
    }

    fn tell_senders(
        &mut self,
        config: &ExchangeConfig,
        at: Instant,
        ix: SimIx,
        news: Vec<(UserId, Mail)>,
    ) {
        for (user, mail) in news {
            let Some(item) = self.mail_item(at, ix, mail) else { return };
            let states = &mut self.users.entry(user).or_default().states;
            states.put(item);
            states.forget(at, config.mail_keep, config.mail_max);
        }
    }

    fn mail_item(&mut self, at: Instant, ix: SimIx, mail: Mail) -> Option<MailItem> {
        let iccid = self.sim(ix)?.iccid;
        self.last_mail = MailId(self.last_mail.0.checked_add(1)?);
        Some(MailItem { id: self.last_mail, iccid, at, mail })
    }

    /// Returns the shelves that a user may look at.
    pub(crate) fn shelves(&self, user: UserId) -> impl Iterator<Item = &Shelf> {
        let it = self.users.get(&user);
        let sims = it.into_iter().flat_map(|it| &it.sims);
        let of_sims = sims.filter_map(move |ix| {
            let set = self.sim(*ix)?.permission(user);
            let its = self.boxes.get(ix)?;
            let texts = set.allow(Permissions::TEXT_READ).then_some(&its.texts);
            let missed = set.allow(Permissions::CALL).then_some(&its.missed);
            Some(texts.into_iter().chain(missed))
        });
        of_sims.flatten().chain(it.map(|it| &it.states))
    }
}
