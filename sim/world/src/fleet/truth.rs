//! What truly happened in a fleet, kept apart from what its machines believe: for invariants.

use super::card::BankCard;
use polysim_base::{Duration, Iccid, Instant};
use polysim_fleet::site::SiteInput;
use polysim_fleet::terminal::TerminalEvent;
use polysim_fleet::wire::{
    CallEnding, CallPhase, CallRef, CardSignal, Cause, Change, ConfigureChange, Contact, Directive,
    LeaseChange, Mail, Record, SiteOrder,
};
use polysim_fleet::{Epoch, MailId, ModemId, Permissions, RequestId, Term, UserId};
use polysim_lease::Revoke;
use std::collections::{BTreeMap, BTreeSet};

/// Observations, and what contradicts an invariant.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// What was found first against each invariant.
    pub(crate) contradictions: BTreeMap<&'static str, String>,
    /// The newest grant that has reached each site, by SIM.
    grants: BTreeMap<(usize, Iccid), (Epoch, ModemId)>,
    /// The highest term that has reached each site.
    terms: BTreeMap<usize, Term>,
    /// What a site does something for just now.
    doing: Option<Doing>,
    rings: BTreeMap<(usize, CallRef), Ring>,
    answered: BTreeMap<CallRef, usize>,
    mail: BTreeMap<usize, MailId>,
    denied: BTreeSet<(UserId, RequestId)>,
    rights: BTreeMap<(UserId, Iccid), Right>,
    /// Until when the calls of SIMs are spared that are taken back gracefully.
    spared: BTreeMap<Iccid, Instant>,
    /// How often texts and reports have come to modems for each SIM, by index; again where that
    /// was not confirmed.
    pub(crate) received: BTreeMap<usize, u32>,
    /// How many texts for each SIM its modems have confirmed to service centres.
    pub(crate) delivered: BTreeMap<usize, u32>,
    /// Since when fewer are recorded, and how many were then.
    pub(crate) missing: BTreeMap<usize, (Instant, u32)>,
}

/// What a user may do with a SIM, and what they might before.
#[derive(Clone, Copy, Debug, Default)]
struct Right {
    now: Permissions,
    before: Permissions,
    since: Instant,
}

/// For how long something may still come that a user was entitled to when it left.
const ON_ITS_WAY: Duration = Duration::from_secs(120);

/// Whose contact with a card a site carries out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Doing {
    /// Another site's, by a lease.
    Relay(Iccid, Epoch),
    /// Its own modem's.
    Modem(ModemId),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ring {
    Rings,
    Over,
}

impl Truth {
    pub(crate) fn found(&mut self, invariant: &'static str, text: String) {
        self.contradictions.entry(invariant).or_insert(text);
    }

    /// A record became durable.
    pub(crate) fn record(&mut self, now: Instant, record: &Record) {
        self.rights(now, record);
        self.revocations(now, record);
        let Cause::User(user, request) = record.cause else { return };
        if matches!(record.change, Change::Denied) {
            self.denied.insert((user, request));
        } else if self.denied.contains(&(user, request)) {
            let text = format!("request {} of user {} was denied before", request.0, user.0);
            self.found("denied-changes-nothing", text);
        }
    }

    fn rights(&mut self, now: Instant, record: &Record) {
        let Change::Configure(ConfigureChange::Permitted(iccid, user, set)) = &record.change else {
            return;
        };
        let right = self.rights.entry((*user, *iccid)).or_default();
        *right = Right { now: *set, before: right.now, since: now };
    }

    fn revocations(&mut self, now: Instant, record: &Record) {
        let Change::Lease(change) = &record.change else { return };
        match change {
            LeaseChange::Revoked { iccid, how: Revoke::Graceful { limit_micros }, .. } => {
                let left = Instant::from_micros(*limit_micros).since(record.at);
                self.spared.insert(*iccid, now.plus(left));
            }
            LeaseChange::Revoked { iccid, how: Revoke::AtOnce, .. }
            | LeaseChange::Passed(iccid)
            | LeaseChange::Released(iccid)
            | LeaseChange::Lost(iccid)
            | LeaseChange::Granted { iccid, .. }
            | LeaseChange::GrantedAtOnce { iccid, .. } => {
                self.spared.remove(iccid);
            }
            LeaseChange::Renewed { .. }
            | LeaseChange::Attached(_)
            | LeaseChange::ServiceBegan(..)
            | LeaseChange::ServiceEnded(..)
            | LeaseChange::Rested(_)
            | LeaseChange::TurnOver(_) => {}
        }
    }

    fn entitled(&mut self, now: Instant, user: UserId, iccid: Iccid, to: Permissions) {
        let right = self.rights.get(&(user, iccid)).copied().unwrap_or_default();
        let late = right.before.allow(to) && now.since(right.since) < ON_ITS_WAY;
        if !right.now.allow(to) && !late {
            let text = format!("user {} has something of {iccid}", user.0);
            self.found("only-entitled-use", text);
        }
    }

    /// Something has come for a SIM to the modem that it is in.
    pub(crate) fn received(&mut self, sim: usize, count: u32) {
        let received = self.received.entry(sim).or_default();
        *received = received.saturating_add(count);
    }

    /// Something is about to reach a site.
    pub(crate) fn reaches_site(&mut self, site: usize, input: &SiteInput) {
        self.doing = None;
        match input {
            SiteInput::Server(_, Directive { term, order }) => {
                let highest = self.terms.entry(site).or_default();
                if *term < *highest {
                    return;
                }
                *highest = *term;
                if let SiteOrder::Grant { iccid, modem, epoch, .. } = order {
                    let grant = self.grants.entry((site, *iccid)).or_insert((*epoch, *modem));
                    if *epoch > grant.0 {
                        *grant = (*epoch, *modem);
                    }
                }
            }
            SiteInput::Site(_, relay) => {
                if let Contact::ToCard(_) = relay.contact {
                    self.doing = Some(Doing::Relay(relay.iccid, relay.epoch));
                }
            }
            SiteInput::ModemCard(number, _) => {
                let site = super::config::FleetConfig::site_id(site);
                self.doing = Some(Doing::Modem(ModemId { site, number: *number }));
            }
            SiteInput::Start
            | SiteInput::Terminal(..)
            | SiteInput::Modem(..)
            | SiteInput::ModemSpeech(..)
            | SiteInput::Card { .. } => {}
        }
    }

    /// The site has done with it.
    pub(crate) const fn site_done(&mut self) {
        self.doing = None;
    }

    /// A site does something to a card.
    pub(crate) fn signals(&mut self, site: usize, card: &mut BankCard, signal: &CardSignal) {
        let iccid = super::config::FleetConfig::iccid(card.sim);
        let grant = self.grants.get(&(site, iccid)).copied();
        match signal {
            CardSignal::PowerOn | CardSignal::Reset | CardSignal::PowerOff => {
                card.history.reset = true;
            }
            CardSignal::Command(_) => {
                if let Some((newest, modem)) = grant {
                    self.holder(card.sim, newest, modem);
                }
                let epoch = grant.map_or(Epoch::NONE, |(epoch, _)| epoch);
                let other = card.history.commanded != epoch;
                if other && !core::mem::replace(&mut card.history.reset, false) {
                    let text = format!("the card of SIM {} was not reset before {epoch}", card.sim);
                    self.found("reset-between-epochs", text);
                }
                card.history.commanded = epoch;
                card.history.reset = false;
            }
        }
    }

    fn holder(&mut self, sim: usize, newest: Epoch, modem: ModemId) {
        let text = match self.doing {
            Some(Doing::Relay(_, epoch)) if epoch < newest => {
                format!("SIM {sim}: a command of {epoch} after {newest} was granted")
            }
            Some(Doing::Modem(other)) if other != modem => {
                format!("SIM {sim}: a command of modem {other}, and {modem} has it")
            }
            Some(Doing::Relay(..) | Doing::Modem(_)) | None => return,
        };
        self.found("no-apdu-of-an-older-epoch", text);
    }

    /// A server tells a site something.
    pub(crate) fn ordered(&mut self, order: &SiteOrder, recorded: impl Fn(Iccid) -> Option<Epoch>) {
        if let SiteOrder::Grant { iccid, epoch, .. } = order
            && recorded(*iccid).is_none_or(|recorded| recorded < *epoch)
        {
            let text = format!("{epoch} of {iccid} was granted and is in no record");
            self.found("everything-is-audited", text);
        }
    }

    /// A terminal tells its user something.
    pub(crate) fn told(
        &mut self,
        now: Instant,
        (user, terminal): (UserId, usize),
        event: &TerminalEvent,
    ) {
        match event {
            TerminalEvent::Rings { call, iccid, .. } => {
                self.entitled(now, user, *iccid, Permissions::CALL);
                if self.rings.insert((terminal, *call), Ring::Rings).is_some() {
                    self.found(
                        "ring-ends-once",
                        format!("terminal {terminal}: {call:?} rings again"),
                    );
                }
            }
            TerminalEvent::RingOver(call, ..) => self.ring_over(terminal, *call),
            TerminalEvent::Call {
                iccid, phase: CallPhase::Ended(CallEnding::LeaseEnded), ..
            } => {
                if self.spared.get(iccid).is_some_and(|until| now < *until) {
                    self.found("graceful-spares-calls", format!("a call of {iccid} was cut"));
                }
            }
            TerminalEvent::Call { call, iccid, phase: CallPhase::Active, .. } => {
                self.entitled(now, user, *iccid, Permissions::CALL);
                if self.rings.get(&(terminal, *call)) == Some(&Ring::Rings) {
                    self.ring_over(terminal, *call);
                }
                let first = *self.answered.entry(*call).or_insert(terminal);
                if first != terminal {
                    let text = format!("{call:?} is talked at terminals {first} and {terminal}");
                    self.found("ring-ends-once", text);
                }
            }
            TerminalEvent::Mail(item) => {
                if let Mail::Text { .. } = item.mail {
                    self.entitled(now, user, item.iccid, Permissions::TEXT_READ);
                }
                let last = self.mail.entry(terminal).or_default();
                if item.id <= *last {
                    let text = format!("terminal {terminal}: mail {} after {}", item.id.0, last.0);
                    self.found("texts-exactly-once", text);
                } else {
                    *last = item.id;
                }
            }
            TerminalEvent::Call { .. }
            | TerminalEvent::Answered(..)
            | TerminalEvent::Done(_)
            | TerminalEvent::Apdu(..)
            | TerminalEvent::Accepted(..)
            | TerminalEvent::Failed(..)
            | TerminalEvent::Speech { .. }
            | TerminalEvent::Ussd { .. }
            | TerminalEvent::Text(..) => {}
        }
    }

    fn ring_over(&mut self, terminal: usize, call: CallRef) {
        if self.rings.insert((terminal, call), Ring::Over) != Some(Ring::Rings) {
            let text = format!("terminal {terminal}: {call:?} rings no more, and did not ring");
            self.found("ring-ends-once", text);
        }
    }

    /// A terminal has lost its power: what rang there rings no more, without a word.
    pub(crate) fn terminal_crashed(&mut self, terminal: usize) {
        self.rings.retain(|(other, _), _| *other != terminal);
    }
}
