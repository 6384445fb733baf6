//! The fold: how a record changes the state. It decides nothing and cannot fail; what does not
//! fit the state changes nothing.

use super::{Due, Enrolment, Held, Modem, ModemIx, Pending, Phase, Place, Sim, SimIx, State};
use crate::ExchangeConfig;
use crate::wire::{
    CardReport, Change, ConfigureChange, DropReason, EndReason, InventoryChange, LeaseChange,
    ModemReport, Parameters, Record, Why,
};
use crate::{RequestId, SiteId, SlotId, UserId};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use polysim_base::{Iccid, Instant};
use polysim_lease::{LeaseState, Moved};

pub(super) fn apply(state: &mut State, config: &ExchangeConfig, record: &Record) {
    let at = record.at;
    match &record.change {
        Change::Lead(term) => state.term = state.term.max(*term),
        Change::Inventory(change) => state.inventory(at, change),
        Change::Configure(change) => state.configure(at, change),
        Change::Lease(change) => state.lease(config, at, change),
        Change::Used(iccid) => {
            if let Some(ix) = state.find(*iccid) {
                state.change_sim(ix, |sim| {
                    sim.last_used = at;
                    sim.uses = sim.uses.saturating_add(1);
                });
            }
        }
        Change::Denied => state.denied += 1,
    }
}

impl State {
    fn change_sim(&mut self, ix: SimIx, change: impl FnOnce(&mut Sim)) {
        let Some(old) = self.sim(ix).map(|sim| self.sim_keys(ix, sim)) else { return };
        if let Some(sim) = self.sims.get_mut(ix.0 as usize) {
            change(sim);
        }
        self.index_sim(ix, Some(&old));
    }

    fn change_modem(&mut self, ix: ModemIx, change: impl FnOnce(&mut Modem)) {
        let Some(old) = self.modem(ix).map(|modem| self.modem_keys(modem)) else { return };
        if let Some(modem) = self.modems.get_mut(ix.0 as usize) {
            change(modem);
        }
        self.index_modem(ix, Some(&old));
    }

    /// Changes a site, on which the keys of its SIMs and modems depend.
    fn change_site(&mut self, id: SiteId, change: impl FnOnce(&mut super::Site)) {
        let site = self.sites.entry(id).or_default();
        let mut fresh = *site;
        change(&mut fresh);
        let (was, is) = (core::mem::replace(site, fresh), fresh);
        if was.suspect_until != is.suspect_until {
            was.suspect_until.map(|at| self.indexes.due.remove(&(at, Due::Site(id))));
            is.suspect_until.map(|at| self.indexes.due.insert((at, Due::Site(id))));
        }
        if (was.online, was.suspect_until) == (is.online, is.suspect_until) {
            return;
        }
        let sims: Vec<SimIx> = self.sims_at(id).map(|(_, ix)| ix).collect();
        let modems: Vec<ModemIx> = self.modems_at(id).collect();
        let swap = |state: &mut Self, site| state.sites.insert(id, site);
        for ix in sims {
            swap(self, was);
            let old = self.sim(ix).map(|sim| self.sim_keys(ix, sim));
            swap(self, is);
            self.index_sim(ix, old.as_ref());
        }
        for ix in modems {
            swap(self, was);
            let old = self.modem(ix).map(|modem| self.modem_keys(modem));
            swap(self, is);
            self.index_modem(ix, old.as_ref());
        }
    }

    /// Returns the SIM of a card, made if it is new.
    fn known(&mut self, iccid: Iccid) -> Option<SimIx> {
        if let Some(ix) = self.find(iccid) {
            return Some(ix);
        }
        let ix = SimIx(u32::try_from(self.sims.len()).ok()?);
        self.sims.push(Sim::new(iccid));
        self.by_iccid.insert(iccid, ix);
        self.index_sim(ix, None);
        Some(ix)
    }

    fn inventory(&mut self, at: Instant, change: &InventoryChange) {
        match change {
            InventoryChange::SiteUp { site, incarnation, stamp } => {
                self.change_site(*site, |site| {
                    site.online = true;
                    site.incarnation = *incarnation;
                    site.stamp = *stamp;
                });
            }
            InventoryChange::SiteAway(site) => self.change_site(*site, |site| site.online = false),
            InventoryChange::SiteSuspect(site, until) => self.change_site(*site, |site| {
                site.suspect_until = Some(*until);
                site.failures = 0;
            }),
            InventoryChange::SiteCleared(site) => {
                self.change_site(*site, |site| site.suspect_until = None);
            }
            InventoryChange::CardSeen(card) => self.card_seen(card),
            InventoryChange::CardGone(slot) => self.card_gone(*slot),
            InventoryChange::CardBlocked(iccid) => {
                if let Some(ix) = self.find(*iccid) {
                    self.change_sim(ix, |sim| sim.blocked = true);
                }
            }
            InventoryChange::Resolved(iccid, slot) => self.resolved(*iccid, *slot),
            InventoryChange::ModemSeen(report) => self.modem_seen(at, report),
            InventoryChange::ModemGone(modem) => {
                if let Some(ix) = self.by_modem.get(modem).copied() {
                    self.change_modem(ix, |modem| modem.present = false);
                }
            }
            InventoryChange::ModemRests(modem, until) => {
                if let Some(ix) = self.by_modem.get(modem).copied() {
                    self.change_modem(ix, |modem| {
                        modem.rests_until = Some(*until);
                        modem.failures = modem.failures.saturating_add(1);
                    });
                }
                self.change_site(modem.site, |site| {
                    site.failures = site.failures.saturating_add(1);
                });
            }
            InventoryChange::ModemRested(modem) => {
                if let Some(ix) = self.by_modem.get(modem).copied() {
                    self.change_modem(ix, |modem| modem.rests_until = None);
                }
            }
        }
    }

    fn card_seen(&mut self, card: &CardReport) {
        let Some(ix) = self.known(card.iccid) else { return };
        self.slots.insert(card.slot, ix);
        self.change_sim(ix, |sim| {
            sim.imsi = card.imsi.or(sim.imsi);
            sim.msisdn = card.msisdn.or(sim.msisdn);
            match &mut sim.place {
                Place::Nowhere => sim.place = Place::In(card.slot),
                Place::In(slot) if *slot == card.slot => {}
                Place::In(slot) => sim.place = Place::Several(vec![*slot, card.slot]),
                Place::Several(slots) if slots.contains(&card.slot) => {}
                Place::Several(slots) => slots.push(card.slot),
            }
        });
    }

    fn card_gone(&mut self, slot: SlotId) {
        let Some(ix) = self.slots.remove(&slot) else { return };
        self.change_sim(ix, |sim| match &mut sim.place {
            Place::Nowhere => {}
            Place::In(there) if *there == slot => {
                sim.place = Place::Nowhere;
                sim.blocked = false;
            }
            Place::In(_) => {}
            Place::Several(slots) => {
                slots.retain(|other| *other != slot);
                if let [last] = slots.as_slice() {
                    sim.place = Place::In(*last);
                }
            }
        });
    }

    fn resolved(&mut self, iccid: Iccid, slot: SlotId) {
        let Some(ix) = self.find(iccid) else { return };
        let others: Vec<SlotId> = match self.sim(ix).map(|sim| &sim.place) {
            Some(Place::Several(slots)) => slots.iter().copied().filter(|s| *s != slot).collect(),
            Some(Place::Nowhere | Place::In(_)) | None => return,
        };
        for other in others {
            self.slots.remove(&other);
        }
        self.change_sim(ix, |sim| sim.place = Place::In(slot));
    }

    fn modem_seen(&mut self, at: Instant, report: &ModemReport) {
        let fresh = |leased, claimed| Modem {
            id: report.modem,
            imei: report.imei,
            kind: report.kind,
            pool: report.pool,
            address: report.address.clone(),
            present: true,
            rests_until: None,
            failures: 0,
            leased,
            claimed,
            idle_since: at,
        };
        if let Some(ix) = self.by_modem.get(&report.modem).copied() {
            // What a SIM can be evicted for depends on its modem.
            let sim = self.modem(ix).and_then(|modem| modem.leased);
            let old = sim.and_then(|ix| self.sim(ix).map(|sim| (ix, self.sim_keys(ix, sim))));
            self.change_modem(ix, |modem| *modem = fresh(modem.leased, modem.claimed));
            if let Some((sim, old)) = old {
                self.index_sim(sim, Some(&old));
            }
            return;
        }
        let Ok(number) = u32::try_from(self.modems.len()) else { return };
        self.modems.push(fresh(None, None));
        self.by_modem.insert(report.modem, ModemIx(number));
        self.index_modem(ModemIx(number), None);
    }

    fn configure(&mut self, at: Instant, change: &ConfigureChange) {
        match change {
            ConfigureChange::Asked { iccid, user, request, parameters, why } => {
                self.asked(at, *iccid, (*user, *request), *parameters, *why);
            }
            ConfigureChange::Waits { iccid, why } => {
                if let Some(ix) = self.find(*iccid) {
                    self.change_sim(ix, |sim| sim.why = *why);
                }
            }
            ConfigureChange::Claims { iccid, modem, why } => {
                let (Some(ix), Some(modem)) =
                    (self.find(*iccid), self.by_modem.get(modem).copied())
                else {
                    return;
                };
                self.change_modem(modem, |modem| modem.claimed = Some(ix));
                self.change_sim(ix, |sim| {
                    sim.why = *why;
                    if let Some(pending) = &mut sim.pending {
                        pending.claim = Some(modem);
                    }
                });
            }
            ConfigureChange::Unclaimed(iccid) => self.unclaimed(*iccid),
            ConfigureChange::Dropped { iccid, reason } => self.dropped(*iccid, *reason),
            ConfigureChange::Enrolled(iccid, group, plan) => {
                if let Some(ix) = self.known(*iccid) {
                    let enrolment = Enrolment { group: *group, plan: *plan };
                    self.change_sim(ix, |sim| sim.enrolment = Some(enrolment));
                }
            }
            ConfigureChange::Permitted(iccid, user, set) => {
                if let Some(ix) = self.known(*iccid) {
                    self.change_sim(ix, |sim| {
                        sim.permits.retain(|(who, _)| who != user);
                        if !set.is_empty() {
                            sim.permits.push((*user, *set));
                        }
                    });
                }
            }
            ConfigureChange::Plan(plan) => {
                self.plans.insert(plan.plan, plan.clone());
            }
            ConfigureChange::Range(prefix, operator) => {
                self.ranges.insert(*prefix, *operator);
            }
        }
    }

    fn asked(
        &mut self,
        at: Instant,
        iccid: Iccid,
        (user, request): (UserId, RequestId),
        parameters: Parameters,
        why: Why,
    ) {
        let Some(ix) = self.find(iccid) else { return };
        let turn = self.turn_for(user);
        self.turns.insert(user, turn);
        let deadline = at.plus(parameters.wait);
        let pending = Pending { user, request, parameters, turn, deadline, claim: None };
        self.change_sim(ix, |sim| {
            sim.why = why;
            sim.pending = Some(Box::new(pending));
        });
    }

    fn unclaimed(&mut self, iccid: Iccid) {
        let Some(ix) = self.find(iccid) else { return };
        let mut claim = None;
        self.change_sim(ix, |sim| {
            claim = sim.pending.as_mut().and_then(|pending| pending.claim.take());
        });
        if let Some(modem) = claim {
            self.change_modem(modem, |modem| modem.claimed = None);
        }
    }

    fn dropped(&mut self, iccid: Iccid, reason: DropReason) {
        let Some(ix) = self.find(iccid) else { return };
        let pending = self.sim(ix).and_then(|sim| sim.pending.as_deref());
        let claim = pending.and_then(|pending| pending.claim);
        self.change_sim(ix, |sim| {
            sim.pending = None;
            sim.why = Why::Dropped(reason);
        });
        if let Some(modem) = claim {
            self.change_modem(modem, |modem| modem.claimed = None);
        }
    }

    fn lease(&mut self, config: &ExchangeConfig, at: Instant, change: &LeaseChange) {
        match change {
            LeaseChange::Granted { iccid, modem, why, .. } => {
                if let (Some(ix), Some(modem)) =
                    (self.find(*iccid), self.by_modem.get(modem).copied())
                {
                    self.granted(config, at, (ix, modem), *why, None);
                }
            }
            LeaseChange::GrantedAtOnce { iccid, user, request, parameters, modem, why, .. } => {
                let fresh = Pending {
                    user: *user,
                    request: *request,
                    parameters: *parameters,
                    turn: 0,
                    deadline: at,
                    claim: None,
                };
                if let (Some(ix), Some(modem)) =
                    (self.find(*iccid), self.by_modem.get(modem).copied())
                {
                    self.granted(config, at, (ix, modem), *why, Some(fresh));
                }
            }
            LeaseChange::Renewed { site, stamp, sims } => {
                self.change_site(*site, |site| site.stamp = *stamp);
                for ix in sims.iter().filter_map(|iccid| self.find(*iccid)).collect::<Vec<_>>() {
                    self.change_sim(ix, |sim| {
                        let epoch = sim.lease.epoch();
                        let _stale = sim.lease.renew(at, epoch, config.ttl, config.margin).is_err();
                    });
                }
            }
            LeaseChange::Attached(iccid) => self.attached(*iccid),
            LeaseChange::ServiceBegan(iccid) => self.phase(*iccid, Phase::InService),
            LeaseChange::ServiceEnded(iccid) => self.phase(*iccid, Phase::Standby),
            LeaseChange::Revoked { iccid, how, reason } => {
                if let Some(ix) = self.find(*iccid) {
                    self.change_sim(ix, |sim| {
                        sim.lease.revoke(*how);
                        if let Some(held) = &mut sim.held {
                            held.ending.get_or_insert(*reason);
                        }
                    });
                }
            }
            LeaseChange::Passed(iccid) => {
                let Some(ix) = self.find(*iccid) else { return };
                let mut moved = None;
                self.change_sim(ix, |sim| {
                    let freed = matches!(sim.lease.state(), LeaseState::InDoubt { guard, .. }
                        if guard <= at);
                    moved = if freed { Some(Moved::Freed) } else { sim.lease.pass(at) };
                });
                if moved == Some(Moved::Freed) {
                    self.freed(at, ix, EndReason::Expired);
                }
            }
            LeaseChange::Released(iccid) => {
                if let Some(ix) = self.find(*iccid) {
                    self.freed(at, ix, EndReason::LetGo);
                }
            }
        }
    }

    /// Leases a SIM to a modem for the request that waits, or else for a fresh one.
    fn granted(
        &mut self,
        config: &ExchangeConfig,
        at: Instant,
        (ix, modem): (SimIx, ModemIx),
        why: Why,
        fresh: Option<Pending>,
    ) {
        let term = self.term;
        let mut turn = 0;
        self.change_modem(modem, |modem| (modem.leased, modem.claimed) = (Some(ix), None));
        let mut left = None;
        self.change_sim(ix, |sim| {
            let pending = sim.pending.take().map(|pending| *pending).or(fresh);
            let (Some(slot), Some(pending)) = (sim.slot(), pending) else { return };
            let _refused = sim.lease.grant(at, modem, term, config.ttl, config.margin).is_err();
            (turn, left) = (pending.turn, pending.claim.filter(|claim| *claim != modem));
            sim.why = why;
            sim.held = Some(Box::new(Held {
                user: pending.user,
                request: pending.request,
                parameters: pending.parameters,
                slot,
                since: at,
                phase: Phase::Attaching,
                ends: pending.parameters.duration.map(|d| at.plus(d)),
                ending: None,
            }));
        });
        if let Some(claim) = left {
            self.change_modem(claim, |modem| modem.claimed = None);
        }
        self.turn = self.turn.max(turn);
        if self.indexes.pending == 0 {
            self.turns.clear();
        }
    }

    fn attached(&mut self, iccid: Iccid) {
        self.phase(iccid, Phase::Standby);
        let ix = self.find(iccid);
        let Some(modem) = ix.and_then(|ix| self.sim(ix)).and_then(|sim| sim.lease.holder()) else {
            return;
        };
        self.change_modem(modem, |modem| modem.failures = 0);
        if let Some(site) = self.modem(modem).map(|modem| modem.id.site) {
            self.change_site(site, |site| site.failures = 0);
        }
    }

    fn phase(&mut self, iccid: Iccid, phase: Phase) {
        let Some(ix) = self.find(iccid) else { return };
        self.change_sim(ix, |sim| {
            if let Some(held) = &mut sim.held {
                held.phase = phase;
            }
        });
    }

    /// Ends the lease of a SIM: nobody can believe to hold it.
    fn freed(&mut self, at: Instant, ix: SimIx, reason: EndReason) {
        let Some(modem) = self.sim(ix).and_then(|sim| sim.lease.holder()) else { return };
        self.change_sim(ix, |sim| {
            let _free = sim.lease.released(sim.lease.epoch()).is_err();
            let ending = sim.held.take().and_then(|held| held.ending);
            if sim.pending.is_none() {
                sim.why = Why::Ended(ending.unwrap_or(reason));
            }
        });
        self.change_modem(modem, |modem| {
            modem.leased = None;
            modem.idle_since = at;
        });
    }
}
