//! How leases fare, as sites tell it.

use super::Context;
use super::inventory::MODEMS_MAX;
use crate::SiteId;
use crate::state::{Held, Phase, SimIx};
use crate::wire::{
    Cause, Change, ConfigureChange, EndReason, Fault, InventoryChange, LeaseChange, LeaseClaim,
    Misreport, SiteOrder, SiteReport, Why,
};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use polysim_base::{Iccid, Instant};
use polysim_lease::{Epoch, LeaseState, Revoke};

impl Context<'_> {
    pub(super) fn report(&mut self, site: SiteId, report: SiteReport) {
        match report {
            SiteReport::Hello(hello) => self.hello(site, hello),
            SiteReport::Renew { incarnation, revision, stamp, leases } => {
                self.renew(site, (incarnation, revision), stamp, &leases);
            }
            SiteReport::Attached(claim) => self.attached(site, claim),
            SiteReport::ServiceBegan(claim, number) => {
                let began = LeaseChange::ServiceBegan(claim.iccid, number);
                self.service(site, claim, number, began);
            }
            SiteReport::ServiceEnded(claim, number) => {
                let ended = LeaseChange::ServiceEnded(claim.iccid, number);
                self.service(site, claim, number, ended);
            }
            SiteReport::AttachFailed(claim, fault) => self.attach_failed(site, claim, fault),
            SiteReport::Released(claim) => self.released(site, claim, EndReason::LetGo),
            SiteReport::CardLost(claim) => self.released(site, claim, EndReason::CardRemoved),
            SiteReport::ModemFailed(modem) => self.modem_failed(site, modem),
            SiteReport::Keep(id, kept) => self.keep(site, id, kept),
        }
    }

    /// Returns the SIM of a claim, if it is the current lease and may still be held.
    fn current(&self, claim: LeaseClaim) -> Option<SimIx> {
        let ix = self.state.find(claim.iccid)?;
        let sim = self.state.sim(ix)?;
        let live = sim.lease.state() != LeaseState::Free && sim.lease.epoch() == claim.epoch;
        live.then_some(ix)
    }

    /// Returns the SIM of a claim, if the site has its card or its modem.
    fn of_site(&mut self, site: SiteId, claim: LeaseClaim) -> Option<SimIx> {
        let ix = self.current(claim)?;
        if self.sites_of(ix).any(|its| its == site) {
            return Some(ix);
        }
        self.misreport(site, Misreport::NotItsLease(claim.iccid));
        None
    }

    fn attached(&mut self, site: SiteId, claim: LeaseClaim) {
        let Some(ix) = self.of_site(site, claim) else { return };
        let held = self.state.sim(ix).and_then(|sim| sim.held.as_ref());
        if held.is_some_and(|held| held.phase == Phase::Attaching) {
            let cause = Cause::Site(site);
            self.record(cause, Change::Lease(LeaseChange::Attached(claim.iccid)));
            self.advance(ix, cause);
            self.yields(ix, cause);
        }
    }

    /// Something has begun to run, or nothing runs any more; what was overtaken counts no more.
    /// One that comes before the word that the SIM is on standby says that too, so that it is at
    /// no moment on standby for those who wait for its modem.
    fn service(&mut self, site: SiteId, claim: LeaseClaim, number: u32, change: LeaseChange) {
        let Some(ix) = self.of_site(site, claim) else { return };
        let Some(held) = self.state.sim(ix).and_then(|sim| sim.held.as_ref()) else { return };
        if number <= held.service {
            return;
        }
        let cause = Cause::Site(site);
        if held.phase == Phase::Attaching {
            self.record(cause, Change::Lease(LeaseChange::Attached(claim.iccid)));
        }
        self.record(cause, Change::Lease(change));
        self.advance(ix, cause);
        self.yields(ix, cause);
    }

    /// Renews what the modems of a site hold, where the card's site is there too; says again what
    /// the site should have heard already, and fences what it should not hold.
    fn renew(
        &mut self,
        site: SiteId,
        inventory: (u32, u32),
        stamp: Instant,
        leases: &[LeaseClaim],
    ) {
        let known = self.state.sites.get(&site).copied().unwrap_or_default();
        if !known.online || inventory != (known.incarnation, known.revision) {
            return self.tell_site(site, SiteOrder::Introduce);
        }
        if stamp < known.stamp {
            return; // an older message, overtaken
        }
        if !known.introduced {
            self.tell_site(site, SiteOrder::Introduce);
        }
        let leases = leases.get(..MODEMS_MAX).map_or(leases, |most| {
            self.too_much(site, leases.len() - most.len());
            most
        });
        let claims: BTreeMap<Iccid, Epoch> = leases.iter().map(|c| (c.iccid, c.epoch)).collect();
        let sims: Vec<Iccid> = claims
            .iter()
            .filter(|(iccid, epoch)| self.renewable(site, **iccid, **epoch))
            .map(|(iccid, _)| *iccid)
            .collect();
        let renewed = LeaseChange::Renewed { site, stamp, sims };
        self.record(Cause::Site(site), Change::Lease(renewed));
        for ix in self.concerned(site) {
            self.say_again(ix, site);
        }
        for (iccid, epoch) in claims {
            if self.current(LeaseClaim { iccid, epoch }).is_none() {
                self.tell_site(site, SiteOrder::Fence { iccid, epoch });
            }
        }
    }

    fn renewable(&self, site: SiteId, iccid: Iccid, epoch: Epoch) -> bool {
        let Some(ix) = self.current(LeaseClaim { iccid, epoch }) else { return false };
        let Some(sim) = self.state.sim(ix) else { return false };
        let modem = sim.lease.holder().and_then(|modem| self.state.modem(modem));
        let card = sim.held.as_ref().map(|held| held.slot.site);
        let mut lease = sim.lease;
        modem.is_some_and(|modem| modem.id.site == site)
            && card.is_some_and(|card| self.state.online(card))
            && lease.renew(self.now, epoch, self.config.ttl, self.config.margin).is_ok()
    }

    /// The SIMs with a lease on a modem or a card of a site.
    pub(super) fn concerned(&self, site: SiteId) -> BTreeSet<SimIx> {
        let on_modems = self.state.modems_at(site).filter_map(|ix| self.state.modem(ix)?.leased);
        let in_slots = self
            .state
            .sims_at(site)
            .map(|(_, ix)| ix)
            .filter(|ix| self.state.sim(*ix).is_some_and(|sim| sim.held.is_some()));
        on_modems.chain(in_slots).collect()
    }

    fn say_again(&mut self, ix: SimIx, site: SiteId) {
        let Some(sim) = self.state.sim(ix) else { return };
        let (iccid, epoch) = (sim.iccid, sim.lease.epoch());
        match sim.lease.state() {
            LeaseState::Free => {}
            LeaseState::Held { .. } => self.say_granted(ix, Some(site)),
            LeaseState::Revoking { how, .. } => {
                self.say_granted(ix, Some(site));
                self.tell_site(site, SiteOrder::Revoke { iccid, epoch, how });
            }
            LeaseState::InDoubt { .. } => {
                let how = Revoke::AtOnce;
                self.tell_site(site, SiteOrder::Revoke { iccid, epoch, how });
            }
        }
    }

    fn released(&mut self, site: SiteId, claim: LeaseClaim, reason: EndReason) {
        let Some(ix) = self.of_site(site, claim) else { return };
        let held = self.state.sim(ix).and_then(|sim| sim.held.as_ref());
        if held.is_some_and(|held| held.slot.site == site) {
            // The modem's site, where it is another one, hears that it is over.
            let LeaseClaim { iccid, epoch } = claim;
            let others = self.sites_of(ix).filter(|other| *other != site);
            for other in others {
                self.tell_site(other, SiteOrder::Fence { iccid, epoch });
            }
            let cause = Cause::Site(site);
            if reason != EndReason::LetGo {
                self.revoke(ix, cause, Revoke::AtOnce, reason);
            }
            self.end(ix, cause, EndReason::LetGo);
        }
    }

    /// A SIM did not get to standby, or not again after its modem's site was cut off for a while:
    /// one that was refused for good is blocked; for one on a bad modem another one is looked for.
    fn attach_failed(&mut self, site: SiteId, claim: LeaseClaim, fault: Fault) {
        let Some(ix) = self.of_site(site, claim) else { return };
        let Some(sim) = self.state.sim(ix) else { return };
        // The report may come twice.
        let new = |held: &&Held| held.ending != Some(EndReason::AttachFailed);
        let Some(held) = sim.held.as_deref().filter(new).cloned() else { return };
        let unasked = sim.pending.is_none() && held.ending.is_none();
        let modem = sim.lease.holder().and_then(|modem| self.state.modem(modem)).map(|m| m.id);
        let cause = Cause::Site(site);
        match fault {
            Fault::Sim => {
                let blocked = InventoryChange::CardBlocked(claim.iccid);
                self.record(cause, Change::Inventory(blocked));
                self.drop_pending(ix, cause, crate::wire::DropReason::Card);
            }
            Fault::Modem => {
                if unasked {
                    let asked = ConfigureChange::Asked {
                        iccid: claim.iccid,
                        user: held.user,
                        request: held.request,
                        parameters: held.parameters,
                        why: Why::NeverAsked,
                    };
                    self.record(cause, Change::Configure(asked));
                }
            }
        }
        self.revoke(ix, cause, Revoke::AtOnce, EndReason::AttachFailed);
        if let (Fault::Modem, Some(modem)) = (fault, modem) {
            self.modem_failed(modem.site, modem);
        }
    }
}
