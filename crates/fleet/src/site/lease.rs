//! Leases: what the exchange orders, kept by a fence for each SIM, at the site of its card and at
//! the site of its modem alike.

use super::contact::Relayed;
use super::slot::{Doing, Place};
use super::{Site, SiteRecord};
use crate::wire::{CardReply, CardSignal, Contact, LeaseClaim, Relay, SiteReport};
use crate::{Epoch, ModemId, Revoke, SiteId, SlotId};
use alloc::vec::Vec;
use polysim_base::Iccid;
use polysim_lease::{Admission, Fence, FenceError, Grant};

/// The lease of a SIM, as far as this site has to do with it.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Lease {
    pub(super) fence: Fence,
    /// Where its card is in a bank of this site.
    pub(super) card: Option<CardSide>,
    /// Whose card a modem of this site uses.
    pub(super) elsewhere: Option<SiteId>,
    /// The last contact of the last modem of this site that had the SIM.
    pub(super) contacts: u32,
    /// How often its modem told that something runs, or nothing any more, and in which lease: one
    /// that ran out here may yet be renewed.
    pub(super) services: (Epoch, u32),
    /// The last one that ended because its card was not there.
    pub(super) lost_card: Option<Epoch>,
}

/// What the site of a card knows of the lease.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct CardSide {
    pub(super) place: Place,
    pub(super) modem: ModemId,
    /// The last thing the modem wanted, and what the card answered: it is executed once, and the
    /// answer is repeated.
    pub(super) last: Option<Relayed>,
    /// What the modem wants as soon as the card is reset.
    pub(super) waiting: Option<(u32, CardSignal)>,
}

impl Site {
    pub(super) fn granted(&mut self, iccid: Iccid, slot: SlotId, modem: ModemId, grant: Grant) {
        let here = self.config.site;
        let claim = LeaseClaim { iccid, epoch: grant.epoch };
        if slot.site != here && modem.site != here {
            return;
        }
        let (now, margin) = (self.now, self.config.margin);
        let fence = &mut self.leases.entry(iccid).or_default().fence;
        let highest = fence.highest();
        let lapsed = grant.epoch == highest && fence.deadline().is_none_or(|until| until <= now);
        let admission = fence.accept(now, grant, margin);
        if grant.epoch > highest {
            self.record(SiteRecord::Epoch { iccid, epoch: grant.epoch });
            self.stop_older(claim);
        }
        match admission {
            Ok(Admission::Renewed) => {}
            Ok(Admission::ResetFirst) => {
                self.admit(claim, slot, modem);
                if lapsed {
                    self.renew_soon();
                }
            }
            // It was let go; the exchange has not heard of that.
            Err(FenceError::Ended { .. }) => self.say_let_go(claim, slot.site),
            Err(
                FenceError::Older { .. }
                | FenceError::Late { .. }
                | FenceError::Unknown { .. }
                | FenceError::ResetDue { .. },
            ) => {}
        }
    }

    /// Ends all use of a SIM by a lease before this one.
    fn stop_older(&mut self, claim: LeaseClaim) {
        self.unseat_sim(claim.iccid);
        let Some(lease) = self.leases.get_mut(&claim.iccid) else { return };
        lease.elsewhere = None;
        if let Some(card) = lease.card.take() {
            self.turn_off(card.place);
        }
    }

    /// Resets the card, or relies on its own site for that, and puts it into the modem.
    fn admit(&mut self, claim: LeaseClaim, slot: SlotId, modem: ModemId) {
        let LeaseClaim { iccid, epoch } = claim;
        let here = self.config.site;
        if slot.site == here {
            let place = (slot.bank, slot.slot);
            let card = self.slots.get(&place);
            let doing = card.map(|card| card.doing.clone());
            let fits = card.and_then(|card| card.known()).is_some_and(|card| card.iccid == iccid);
            if !fits {
                self.close(claim);
                self.leases.entry(iccid).or_default().lost_card = Some(epoch);
                self.say_released(claim);
                return self.inventory_changed();
            }
            if doing == Some(Doing::Resetting(iccid, epoch)) {
                return;
            }
            if let Some(lease) = self.leases.get_mut(&iccid) {
                lease.card = Some(CardSide { place, modem, last: None, waiting: None });
            }
            self.reset_for(place, iccid, epoch);
        } else if let Some(lease) = self.leases.get_mut(&iccid) {
            lease.elsewhere = Some(slot.site);
            let _closed = lease.fence.reset_done(epoch).is_err();
        }
        if modem.site == here {
            self.seat(modem.number, claim, slot.site);
        }
    }

    /// A card was reset for a lease: what its modem wanted meanwhile is done now.
    pub(super) fn reset_done(&mut self, iccid: Iccid, epoch: Epoch) {
        let Some(lease) = self.leases.get_mut(&iccid) else { return };
        if lease.fence.reset_done(epoch).is_err() {
            return;
        }
        let Some(card) = &mut lease.card else { return };
        if let Some((number, signal)) = card.waiting.take() {
            self.execute(LeaseClaim { iccid, epoch }, number, signal);
        }
    }

    pub(super) fn revoke(&mut self, claim: LeaseClaim, how: Revoke) {
        let highest = self.leases.entry(claim.iccid).or_default().fence.highest();
        if claim.epoch > highest {
            // A lease that was never heard of here: nothing of it, or before it, goes on.
            self.unseat_sim(claim.iccid);
            self.close(claim);
            return self.say_released(claim);
        }
        if claim.epoch < highest {
            return self.say_released(claim);
        }
        let seated = self.seat_of(claim);
        match (seated, how) {
            (Some(modem), Revoke::AtOnce) => self.leave(modem),
            (Some(modem), Revoke::Graceful { .. }) => self.leave_when_idle(modem),
            (None, Revoke::AtOnce) => self.let_go(claim),
            (None, Revoke::Graceful { .. }) => {
                // The site of the modem lets go first, if there is one that uses the card.
                if !self.led_elsewhere(claim) {
                    self.let_go(claim);
                }
            }
        }
    }

    /// Returns whether a modem of another site may be on the air with a card of this one: until
    /// that site has let go, also where the time of the lease is over here.
    fn led_elsewhere(&self, claim: LeaseClaim) -> bool {
        let card = self.leases.get(&claim.iccid).and_then(|lease| lease.card.as_ref());
        card.is_some_and(|card| card.modem.site != self.config.site)
    }

    /// Nothing of a lease goes on at this site: its fence is closed, its card turned off.
    pub(super) fn let_go(&mut self, claim: LeaseClaim) {
        let elsewhere = self.leases.get(&claim.iccid).and_then(|lease| lease.elsewhere);
        self.close(claim);
        self.say_let_go(claim, elsewhere.unwrap_or(self.config.site));
    }

    /// Says that a lease is over: the site of the card to the exchange, the site of the modem to
    /// the site of the card.
    fn say_let_go(&mut self, claim: LeaseClaim, card_site: SiteId) {
        if card_site == self.config.site {
            self.say_released(claim);
        } else {
            self.say_fenced(card_site, claim, 0);
        }
    }

    /// Says that the card of a lease is used no more; if that is because it is not there, then so
    /// each time, whichever word of it arrives.
    fn say_released(&mut self, claim: LeaseClaim) {
        let lost = self.leases.get(&claim.iccid).and_then(|lease| lease.lost_card);
        self.report(if lost == Some(claim.epoch) {
            SiteReport::CardLost(claim)
        } else {
            SiteReport::Released(claim)
        });
    }

    pub(super) fn say_fenced(&mut self, to: SiteId, claim: LeaseClaim, number: u32) {
        let LeaseClaim { iccid, epoch } = claim;
        self.relay(to, Relay { iccid, epoch, number, contact: Contact::Fenced });
    }

    /// Closes the fence of a SIM up to an epoch, for good, and turns its card off.
    pub(super) fn close(&mut self, claim: LeaseClaim) {
        let lease = self.leases.entry(claim.iccid).or_default();
        let highest = lease.fence.highest();
        if lease.fence.close(claim.epoch).is_err() {
            return;
        }
        let card = lease.card.take();
        if claim.epoch > highest {
            self.record(SiteRecord::Epoch { iccid: claim.iccid, epoch: claim.epoch });
        }
        if let Some(card) = card {
            self.turn_off(card.place);
            if card.modem.site != self.config.site {
                self.say_fenced(card.modem.site, claim, 0);
            }
        }
    }

    /// A card is gone or mute: the lease that used it is over.
    pub(super) fn lease_lost_card(&mut self, place: Place, iccid: Iccid) {
        let Some(lease) = self.leases.get_mut(&iccid) else { return };
        if lease.card.as_ref().is_none_or(|card| card.place != place) {
            return;
        }
        let epoch = lease.fence.highest();
        let claim = LeaseClaim { iccid, epoch };
        let card = lease.card.take();
        lease.lost_card = Some(epoch);
        let _older = lease.fence.close(epoch).is_err();
        if let Some(card) = card.filter(|card| card.modem.site != self.config.site) {
            let number = card.last.map_or(0, |last| last.number);
            let contact = Contact::FromCard(CardReply::Removed);
            self.relay(card.modem.site, Relay { iccid, epoch, number, contact });
        }
        self.unseat_sim(iccid);
        self.say_released(claim);
    }

    /// Leases whose time is over end by themselves, with nobody's word.
    pub(super) fn leases_expire(&mut self) {
        let now = self.now;
        let over: Vec<Iccid> = self
            .leases
            .iter_mut()
            .filter_map(|(iccid, lease)| lease.fence.expire(now).then_some(*iccid))
            .collect();
        for iccid in over {
            self.unseat_sim(iccid);
            let here = self.config.site;
            let Some(lease) = self.leases.get_mut(&iccid) else { continue };
            let place = lease.card.as_ref().map(|card| card.place);
            lease.card = lease.card.take().filter(|card| card.modem.site != here);
            if let Some(place) = place {
                self.turn_off(place);
            }
        }
    }
}
