//! The contacts between a modem and its card, which may be in the bank of another site.
//!
//! The site of the modem numbers what its modem wants within a lease, repeats what is not
//! answered, and asks the modem for more time meanwhile. The site of the card executes each number
//! once: a PIN or an AUTHENTICATE that came twice would spoil the card's counters.

use super::slot::Doing;
use super::{Site, SiteOutput};
use crate::wire::{CardReply, CardSignal, Contact, LeaseClaim, Relay};
use crate::{Epoch, SiteId};
use alloc::vec::Vec;
use polysim_base::{Duration, Iccid, Instant};
use polysim_lease::FenceError;

/// After so long a relayed command that was not answered is repeated.
const RELAY_AGAIN: Duration = Duration::from_secs(1);

/// The contacts as a modem has them.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Contacts {
    /// Whether the modem believes a card in its slot.
    pub(super) inserted: bool,
    number: u32,
    awaited: Option<Awaited>,
}

/// What a modem waits for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Awaited {
    signal: CardSignal,
    null_at: Instant,
    again_at: Instant,
    until: Instant,
}

/// What a modem wanted, at the site of the card.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Relayed {
    pub(super) number: u32,
    pub(super) reply: Option<CardReply>,
}

impl Contacts {
    pub(super) fn due(&self) -> Option<Instant> {
        let awaited = self.awaited.as_ref()?;
        Some(awaited.null_at.min(awaited.again_at).min(awaited.until))
    }

    /// Returns those of a modem that gets a card again by the same lease: the site of the card
    /// executes no number twice, so they go on after the last one.
    pub(super) fn after(number: u32) -> Self {
        Self { number, ..Self::default() }
    }

    /// The last number.
    pub(super) const fn number(&self) -> u32 {
        self.number
    }

    pub(super) fn remove(&mut self) {
        self.inserted = false;
        self.awaited = None;
    }
}

impl Site {
    /// A modem does something to the card that it believes in its slot.
    pub(super) fn modem_card(&mut self, number: u16, signal: CardSignal) {
        let now = self.now;
        let (null_every, card_max) = (self.null_every(), self.config.card_max);
        let Some(tenant) = self.tenant_mut(number).filter(|tenant| tenant.contact.inserted) else {
            if signal != CardSignal::PowerOff {
                self.emit(SiteOutput::ModemCard(number, CardReply::Removed));
            }
            return;
        };
        let contact = &mut tenant.contact;
        if contact.awaited.is_some() && matches!(signal, CardSignal::Command(_)) {
            self.counters.stray_contacts = self.counters.stray_contacts.saturating_add(1);
            return;
        }
        contact.number = contact.number.saturating_add(1);
        contact.awaited = (signal != CardSignal::PowerOff).then(|| Awaited {
            signal: signal.clone(),
            null_at: now.plus(null_every),
            again_at: now.plus(RELAY_AGAIN),
            until: now.plus(card_max),
        });
        self.ask_card(number, signal);
    }

    fn null_every(&self) -> Duration {
        self.config.null_every.max(Duration::from_millis(1))
    }

    fn ask_card(&mut self, number: u16, signal: CardSignal) {
        let Some(tenant) = self.tenant_mut(number) else { return };
        let LeaseClaim { iccid, epoch } = tenant.claim;
        let (to, count) = (tenant.card, tenant.contact.number);
        self.relay(to, Relay { iccid, epoch, number: count, contact: Contact::ToCard(signal) });
    }

    /// Leads something to another site, or to this one's own other half.
    pub(super) fn relay(&mut self, to: SiteId, relay: Relay) {
        if to == self.config.site {
            self.relayed(to, relay);
        } else {
            self.emit(SiteOutput::Site(to, relay));
        }
    }

    pub(super) fn relayed(&mut self, from: SiteId, relay: Relay) {
        let Relay { iccid, epoch, number, contact } = relay;
        let claim = LeaseClaim { iccid, epoch };
        match contact {
            Contact::ToCard(signal) => self.card_wanted(from, claim, number, signal),
            Contact::FromCard(reply) => self.card_replied(from, claim, number, reply),
            Contact::Fenced => self.fenced(from, claim),
        }
    }

    /// At the site of the card: what a modem wants is done if it is of the current lease.
    fn card_wanted(&mut self, from: SiteId, claim: LeaseClaim, number: u32, signal: CardSignal) {
        let Some(lease) = self.leases.get_mut(&claim.iccid) else { return };
        match lease.fence.admit(self.now, claim.epoch) {
            Ok(()) | Err(FenceError::ResetDue { .. }) => {}
            // The grant is on its way here.
            Err(FenceError::Unknown { .. }) => return,
            Err(FenceError::Older { .. } | FenceError::Ended { .. } | FenceError::Late { .. }) => {
                return self.say_fenced(from, claim, number);
            }
        }
        let resetting = lease.fence.admit(self.now, claim.epoch).is_err();
        let Some(card) = lease.card.as_mut().filter(|card| card.modem.site == from) else {
            self.counters.stray_contacts = self.counters.stray_contacts.saturating_add(1);
            return;
        };
        match &card.last {
            Some(last) if last.number > number => {}
            Some(last) if last.number == number => {
                if let Some(reply) = last.reply.clone() {
                    self.answer_modem(claim, number, reply);
                }
            }
            Some(_) | None if resetting => {
                if card.waiting.as_ref().is_none_or(|(waiting, _)| *waiting <= number) {
                    card.waiting = Some((number, signal));
                }
            }
            Some(_) | None => self.execute(claim, number, signal),
        }
    }

    /// At the site of the card: executes what was never executed before.
    pub(super) fn execute(&mut self, claim: LeaseClaim, number: u32, signal: CardSignal) {
        let LeaseClaim { iccid, epoch } = claim;
        let card = self.leases.get_mut(&iccid).and_then(|lease| lease.card.as_mut());
        let Some(card) = card else { return };
        let place = card.place;
        let busy = self.slots.get(&place).is_some_and(|slot| slot.doing != Doing::Resting);
        if busy && matches!(signal, CardSignal::Command(_)) {
            // The modem has given the last one up; it will repeat this one.
            return;
        }
        card.last = Some(Relayed { number, reply: None });
        match signal {
            CardSignal::PowerOff => self.rest(place),
            CardSignal::PowerOn | CardSignal::Reset => {
                self.busy(place, Doing::Exchanging { iccid, epoch, number, atr: true });
            }
            CardSignal::Command(_) => {
                self.busy(place, Doing::Exchanging { iccid, epoch, number, atr: false });
            }
        }
        self.signal(place, signal);
    }

    /// At the site of the card: it has answered.
    pub(super) fn exchanged(&mut self, iccid: Iccid, epoch: Epoch, number: u32, reply: CardReply) {
        let Some(lease) = self.leases.get_mut(&iccid) else { return };
        if lease.fence.admit(self.now, epoch).is_err() {
            return;
        }
        let Some(card) = &mut lease.card else { return };
        card.last = Some(Relayed { number, reply: Some(reply.clone()) });
        self.answer_modem(LeaseClaim { iccid, epoch }, number, reply);
    }

    fn answer_modem(&mut self, claim: LeaseClaim, number: u32, reply: CardReply) {
        let card = self.leases.get(&claim.iccid).and_then(|lease| lease.card.as_ref());
        let Some(to) = card.map(|card| card.modem.site) else { return };
        let LeaseClaim { iccid, epoch } = claim;
        self.relay(to, Relay { iccid, epoch, number, contact: Contact::FromCard(reply) });
    }

    /// At the site of the modem: the answer that is awaited goes to the modem, others nowhere.
    fn card_replied(&mut self, from: SiteId, claim: LeaseClaim, number: u32, reply: CardReply) {
        let Some(modem) = self.seat_of(claim) else { return };
        let now = self.now;
        let admitted =
            self.leases.get(&claim.iccid).is_some_and(|l| l.fence.admit(now, claim.epoch).is_ok());
        let Some(tenant) = self.tenant_mut(modem).filter(|tenant| tenant.card == from) else {
            return;
        };
        if reply == CardReply::Removed {
            self.unseat(modem);
            return self.close(claim);
        }
        let contact = &mut tenant.contact;
        if !admitted || contact.number != number || contact.awaited.is_none() {
            self.counters.stray_contacts = self.counters.stray_contacts.saturating_add(1);
            return;
        }
        contact.awaited = None;
        self.emit(SiteOutput::ModemCard(modem, reply));
    }

    /// The other end of a lease does not go on with it.
    fn fenced(&mut self, from: SiteId, claim: LeaseClaim) {
        if let Some(modem) = self.seat_of(claim) {
            if self.tenant_mut(modem).is_some_and(|tenant| tenant.card == from) {
                self.leave(modem);
            }
            return;
        }
        let Some(lease) = self.leases.get(&claim.iccid) else { return };
        let theirs = lease.card.as_ref().is_some_and(|card| card.modem.site == from);
        if theirs && from != self.config.site && lease.fence.highest() == claim.epoch {
            self.let_go(claim);
        }
    }

    pub(super) fn contacts_expire(&mut self) {
        let due = |site: &Self, number: &u16| {
            let tenant = site.modems.get(number).and_then(|modem| modem.tenant.as_ref());
            tenant.and_then(|tenant| tenant.contact.due()).is_some_and(|due| due <= site.now)
        };
        let modems: Vec<u16> =
            self.modems.keys().copied().filter(|number| due(self, number)).collect();
        modems.into_iter().for_each(|number| self.contact_expires(number));
    }

    fn contact_expires(&mut self, number: u16) {
        let (now, null_every) = (self.now, self.null_every());
        let Some(tenant) = self.tenant_mut(number) else { return };
        let Some(awaited) = &mut tenant.contact.awaited else { return };
        if awaited.until <= now {
            // For this modem the card is gone.
            return self.card_failed(number);
        }
        let asks_for_time = awaited.null_at <= now;
        if asks_for_time {
            awaited.null_at = now.plus(null_every);
        }
        let again = (awaited.again_at <= now).then(|| awaited.signal.clone());
        if again.is_some() {
            awaited.again_at = now.plus(RELAY_AGAIN);
        }
        if asks_for_time {
            self.emit(SiteOutput::ModemCard(number, CardReply::MoreTime));
        }
        if let Some(signal) = again {
            self.ask_card(number, signal);
        }
    }
}
