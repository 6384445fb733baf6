//! Sites, cards and modems that come and go.

use super::Context;
use crate::state::{Place, Sim, SimIx};
use crate::wire::{
    CardReport, Cause, Change, DropReason, EndReason, Hello, InventoryChange, LeaseChange,
    Misreport, ModemReport,
};
use crate::{ModemId, SiteId, SlotId};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use polysim_base::{Duration, Iccid};
use polysim_lease::{Epoch, LeaseState, Revoke};

/// A modem's rest is doubled so often at most.
const REST_DOUBLINGS_MAX: u8 = 7;
/// The most cards that a site can tell of.
const CARDS_MAX: usize = 65_536;
/// The most modems that a site can tell of.
pub(super) const MODEMS_MAX: usize = 4_096;
/// The longest address of a modem.
const ADDRESS_LEN_MAX: usize = 256;

impl Context<'_> {
    fn site_change(&mut self, site: SiteId, change: InventoryChange) {
        self.record(Cause::Site(site), Change::Inventory(change));
    }

    /// A site's link is up. Its inventory is compared with what was known of it, so that cards
    /// that were moved meanwhile are gone from where they were before they are seen where they
    /// are.
    pub(super) fn hello(&mut self, site: SiteId, hello: Hello) {
        let known = self.state.sites.get(&site).copied();
        if known.is_some_and(|known| {
            (hello.incarnation, hello.revision) < (known.incarnation, known.revision)
        }) {
            return; // an old hello, overtaken
        }
        let Hello { incarnation, revision, stamp, cards, modems } = self.bounded(site, hello);
        let restarted = known.is_some_and(|known| incarnation > known.incarnation);
        self.site_change(site, InventoryChange::SiteUp { site, incarnation, revision, stamp });
        let there: BTreeSet<(SlotId, Iccid)> = cards.iter().map(|c| (c.slot, c.iccid)).collect();
        let gone: Vec<SlotId> = self
            .state
            .sims_at(site)
            .chain(self.state.rejected_at(site))
            .filter(|(slot, ix)| {
                self.state.sim(*ix).is_none_or(|sim| !there.contains(&(*slot, sim.iccid)))
            })
            .map(|(slot, _)| slot)
            .collect();
        gone.into_iter().for_each(|slot| self.card_removed(slot));
        self.modems_reported(site, modems);
        if restarted {
            self.restarted(site);
        }
        for card in cards {
            self.card_inserted(card);
        }
        let cause = Cause::Site(site);
        self.dispatch_site(site, cause);
        for ix in self.state.sims_at(site).map(|(_, ix)| ix).collect::<Vec<_>>() {
            self.advance(ix, cause);
        }
        for ix in self.concerned(site) {
            self.yields(ix, cause);
        }
    }

    /// Returns a hello without what is not the site's own, or too much.
    fn bounded(&mut self, site: SiteId, mut hello: Hello) -> Hello {
        let all = hello.cards.len() + hello.modems.len();
        hello.cards.retain(|card| card.slot.site == site);
        hello.cards.truncate(CARDS_MAX);
        hello.modems.retain(|it| it.modem.site == site && it.address.len() <= ADDRESS_LEN_MAX);
        hello.modems.truncate(MODEMS_MAX);
        let ignored = all - hello.cards.len() - hello.modems.len();
        self.too_much(site, ignored);
        hello
    }

    /// Notes, for the audit, that something a site said was ignored.
    pub(super) fn too_much(&mut self, site: SiteId, ignored: usize) {
        if ignored > 0 {
            let ignored = u32::try_from(ignored).unwrap_or(u32::MAX);
            self.misreport(site, Misreport::TooMuch(ignored));
        }
    }

    pub(super) fn misreport(&mut self, site: SiteId, what: Misreport) {
        self.record(Cause::Site(site), Change::Misreported(what));
    }

    fn modems_reported(&mut self, site: SiteId, modems: Vec<ModemReport>) {
        let there: BTreeSet<ModemId> = modems.iter().map(|modem| modem.modem).collect();
        let known: Vec<ModemId> = self
            .state
            .modems_at(site)
            .filter_map(|ix| self.state.modem(ix))
            .filter(|modem| modem.present && !there.contains(&modem.id))
            .map(|modem| modem.id)
            .collect();
        for modem in known {
            self.site_change(site, InventoryChange::ModemGone(modem));
            self.revoke_on(modem);
        }
        for report in modems {
            let known = self.state.by_modem.get(&report.modem);
            let same = known.and_then(|ix| self.state.modem(*ix)).is_some_and(|modem| {
                modem.present
                    && (modem.imei, modem.kind, modem.pool)
                        == (report.imei, report.kind, report.pool)
                    && modem.address == report.address
            });
            if !same {
                self.site_change(site, InventoryChange::ModemSeen(report));
            }
        }
    }

    /// A restarted site holds nothing: leases of its cards are over, leases on its modems are
    /// taken back at the sites of their cards.
    fn restarted(&mut self, site: SiteId) {
        let cause = Cause::Site(site);
        let here = |sim: &Sim| sim.held.as_ref().is_some_and(|held| held.slot.site == site);
        // Taken down before the first one ends: what is granted meanwhile goes to the new life.
        let cards: Vec<(SimIx, Epoch)> = self
            .state
            .sims_at(site)
            .filter_map(|(_, ix)| Some((ix, self.state.sim(ix).filter(|sim| here(sim))?)))
            .map(|(ix, sim)| (ix, sim.lease.epoch()))
            .collect();
        let modems: Vec<SimIx> =
            self.state.modems_at(site).filter_map(|ix| self.state.modem(ix)?.leased).collect();
        for ix in cards.iter().map(|(ix, _)| *ix).chain(modems) {
            self.revoke(ix, cause, Revoke::AtOnce, EndReason::SiteRestarted);
        }
        for (ix, epoch) in cards {
            if self.state.sim(ix).is_some_and(|sim| sim.lease.epoch() == epoch) {
                self.lost(ix, cause);
            }
        }
    }

    fn card_inserted(&mut self, card: CardReport) {
        let (slot, iccid) = (card.slot, card.iccid);
        let rejected = self.state.rejected.get(&slot).and_then(|ix| self.state.sim(*ix));
        if rejected.is_some_and(|sim| sim.iccid == iccid) {
            return;
        }
        if let Some(sim) = self.state.slots.get(&slot).and_then(|ix| self.state.sim(*ix)) {
            if sim.iccid == iccid {
                return;
            }
            self.card_removed(slot);
        }
        let cause = Cause::Site(slot.site);
        self.site_change(slot.site, InventoryChange::CardSeen(card));
        let Some(ix) = self.state.find(iccid) else { return };
        if self.state.sim(ix).is_some_and(|sim| matches!(sim.place, Place::Several(_))) {
            self.drop_pending(ix, cause, DropReason::Card);
            self.revoke(ix, cause, Revoke::AtOnce, EndReason::Duplicate);
        }
    }

    /// A card is out of its slot: its lease is taken back. It is free when the site has confirmed,
    /// for a grant may still be on its way to that slot, where the card may be back by then.
    fn card_removed(&mut self, slot: SlotId) {
        let cause = Cause::Site(slot.site);
        let Some((ix, sim)) =
            self.state.slots.get(&slot).and_then(|ix| Some((*ix, self.state.sim(*ix)?)))
        else {
            return self.site_change(slot.site, InventoryChange::CardGone(slot)); // a rejected one
        };
        let leased = sim.held.as_ref().is_some_and(|held| held.slot == slot);
        if matches!(sim.place, Place::In(_)) {
            self.drop_pending(ix, cause, DropReason::Card);
        }
        if leased {
            self.revoke(ix, cause, Revoke::AtOnce, EndReason::CardRemoved);
        }
        self.site_change(slot.site, InventoryChange::CardGone(slot));
    }

    pub(super) fn resolve(&mut self, iccid: Iccid, slot: SlotId) {
        let Some(sim) = self.state.find(iccid).and_then(|ix| self.state.sim(ix)) else { return };
        if matches!(&sim.place, Place::Several(slots) if slots.contains(&slot)) {
            let resolved = InventoryChange::Resolved(iccid, slot);
            self.record(Cause::Operator, Change::Inventory(resolved));
        }
    }

    /// A modem has failed: it rests, its lease is taken back, and too many failures make the site
    /// suspect.
    pub(super) fn modem_failed(&mut self, site: SiteId, id: ModemId) {
        if id.site != site {
            return self.misreport(site, Misreport::NotItsModem(id));
        }
        let ix = self.state.by_modem.get(&id).copied();
        let Some(modem) = ix.and_then(|ix| self.state.modem(ix)) else { return };
        if modem.rests_until.is_some() {
            return;
        }
        let times = 1 << modem.failures.min(REST_DOUBLINGS_MAX);
        let rest = Duration::from_micros(self.config.rest.as_micros()).times(times);
        let until = self.now.plus(rest);
        self.site_change(id.site, InventoryChange::ModemRests(id, until));
        let site = self.state.sites.get(&id.site).copied().unwrap_or_default();
        if site.failures >= self.config.site_failures_max && site.suspect_until.is_none() {
            let until = self.now.plus(self.config.site_backoff);
            self.site_change(id.site, InventoryChange::SiteSuspect(id.site, until));
        }
        self.revoke_on(id);
    }

    fn revoke_on(&mut self, id: ModemId) {
        let ix = self.state.by_modem.get(&id).copied();
        if let Some(sim) = ix.and_then(|ix| self.state.modem(ix)).and_then(|modem| modem.leased) {
            self.revoke(sim, Cause::Site(id.site), Revoke::AtOnce, EndReason::ModemLost);
        }
    }

    /// Ends a lease that nobody can believe to hold any more.
    pub(super) fn end(&mut self, ix: SimIx, cause: Cause, reason: EndReason) {
        let Some(sim) = self.state.sim(ix) else { return };
        if sim.lease.state() == LeaseState::Free {
            return;
        }
        let released = LeaseChange::Released(sim.iccid);
        let ending = self.before_end(ix);
        self.record(cause, Change::Lease(released));
        self.after_end(ix, ending, cause, reason);
    }

    /// Ends a lease that its site has forgotten.
    fn lost(&mut self, ix: SimIx, cause: Cause) {
        let Some(iccid) = self.state.sim(ix).map(|sim| sim.iccid) else { return };
        let ending = self.before_end(ix);
        self.record(cause, Change::Lease(LeaseChange::Lost(iccid)));
        self.after_end(ix, ending, cause, EndReason::SiteRestarted);
    }
}
