//! The fold: how a record changes the state. It decides nothing and cannot fail; what does not
//! fit the state changes nothing.

mod configure;
mod inventory;
mod lease;

use super::{Due, Handover, Modem, ModemIx, Sim, SimBox, SimIx, Site, State, Usage};
use crate::wire::{Change, Record};
use crate::{ExchangeConfig, SiteId};
use alloc::vec::Vec;
use polysim_base::{Iccid, Instant};

pub(super) fn apply(state: &mut State, config: &ExchangeConfig, record: &Record) {
    let at = record.at;
    match &record.change {
        Change::Lead(term) => {
            state.term = state.term.max(*term);
            state.handed_over(config, Handover { was: state.at, is: at });
        }
        Change::Inventory(change) => state.inventory(config, at, change),
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
        Change::Kept(kept) => state.kept(config, at, kept),
        Change::Incomplete(iccid) => state.incomplete(config, at, *iccid),
        Change::WindowMoved(iccid) => {
            if let Some(ix) = state.find(*iccid) {
                state.change_usage(ix, |usage| usage.moved(at));
            }
        }
        Change::Misreported(_) => state.misreports += 1,
    }
    state.at = at;
}

impl State {
    pub(super) fn change_box<T>(&mut self, ix: SimIx, change: impl FnOnce(&mut SimBox) -> T) -> T {
        let it = self.boxes.entry(ix).or_default();
        let was = it.deadline();
        let out = change(it);
        let is = it.deadline();
        self.indexes.moved(Due::Parts(ix), was, is);
        out
    }

    pub(super) fn change_usage(&mut self, ix: SimIx, change: impl FnOnce(&mut Usage)) {
        let it = self.usage.entry(ix).or_default();
        let was = it.deadline();
        change(it);
        let is = it.deadline();
        self.indexes.moved(Due::Budget(ix), was, is);
    }

    pub(super) fn change_sim(&mut self, ix: SimIx, change: impl FnOnce(&mut Sim)) {
        let Some(old) = self.sim(ix).map(|sim| self.sim_keys(ix, sim)) else { return };
        if let Some(sim) = self.sims.get_mut(ix.0 as usize) {
            change(sim);
        }
        self.index_sim(ix, Some(&old));
    }

    pub(super) fn change_modem(&mut self, ix: ModemIx, change: impl FnOnce(&mut Modem)) {
        let Some(old) = self.modem(ix).map(|modem| self.modem_keys(modem)) else { return };
        if let Some(modem) = self.modems.get_mut(ix.0 as usize) {
            change(modem);
        }
        self.index_modem(ix, Some(&old));
    }

    /// Changes a site, on which the keys of its SIMs and modems depend.
    pub(super) fn change_site(&mut self, id: SiteId, change: impl FnOnce(&mut Site)) {
        let site = self.sites.entry(id).or_default();
        let mut fresh = *site;
        change(&mut fresh);
        let (was, is) = (core::mem::replace(site, fresh), fresh);
        self.indexes.moved(Due::Site(id), was.suspect_until, is.suspect_until);
        self.indexes.moved(Due::Silence(id), was.silence(), is.silence());
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
    fn known(&mut self, at: Instant, iccid: Iccid) -> Option<SimIx> {
        if let Some(ix) = self.find(iccid) {
            return Some(ix);
        }
        let ix = SimIx(u32::try_from(self.sims.len()).ok()?);
        self.sims.push(Sim::new(iccid, at));
        self.by_iccid.insert(iccid, ix);
        self.index_sim(ix, None);
        Some(ix)
    }
}
