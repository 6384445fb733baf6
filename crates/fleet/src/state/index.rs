//! Indexes: what is found by order. Each entry follows from one entity.

use super::{Due, Modem, ModemIx, Phase, Sim, SimIx, SimState, State, Turn};
use crate::wire::{Kind, KindWanted, ModemWanted};
use crate::{GroupId, PlanId, PoolId, SiteId, SlotId};
use alloc::collections::{BTreeMap, BTreeSet};
use core::cmp::Reverse;
use polysim_base::Instant;
use polysim_lease::LeaseState;

/// What a request waits for, and what a modem can serve.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Class {
    Fixed(ModemIx),
    BuiltIn(PoolId, SiteId),
    Cloud(PoolId),
    OwnCard(PoolId, SlotId),
}

/// The modems of a pool at a site.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Load {
    /// How many have a SIM.
    pub(crate) leased: u32,
    /// How many take remote cards and are free.
    pub(crate) free_cloud: u32,
}

#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Indexes {
    /// Free modems, the longest free first.
    pub(crate) free: BTreeSet<(Class, Instant, ModemIx)>,
    /// Free modems that take remote cards, by site.
    pub(crate) free_at: BTreeSet<(PoolId, SiteId, Instant, ModemIx)>,
    pub(crate) loads: BTreeMap<(PoolId, SiteId), Load>,
    /// Sites with free modems that take remote cards, the least loaded first.
    pub(crate) spread: BTreeSet<(PoolId, u32, SiteId)>,
    /// How many modems there are that can serve a class, free or not.
    pub(crate) able: BTreeMap<Class, u32>,
    /// SIMs on standby, by group and tariff, the longest unused first.
    pub(crate) ready: BTreeSet<(GroupId, PlanId, Instant, SimIx)>,
    /// SIMs on standby by what their modem can serve, the lowest priority first.
    pub(crate) evictable: BTreeSet<(Class, u8, Instant, SimIx)>,
    /// Requests that only lack a modem, by turn.
    pub(crate) waiting: BTreeSet<(Class, u64, SimIx)>,
    /// Those of them that may evict, the highest priority first, then by turn.
    pub(crate) evicters: BTreeSet<(Class, Reverse<u8>, u64, SimIx)>,
    /// SIMs on standby whose turn is over, by what their modem can serve, the longest over first.
    pub(crate) yielding: BTreeSet<(Class, Instant, SimIx)>,
    pub(crate) due: BTreeSet<(Instant, Due)>,
    /// How many SIMs are in each state, by the state's number.
    pub(crate) tally: [u32; SimState::ALL.len()],
    /// How many requests wait, whatever for.
    pub(crate) pending: u32,
}

#[derive(Debug, Eq, PartialEq)]
pub(super) struct SimKeys {
    state: SimState,
    pending: bool,
    ready: Option<(GroupId, PlanId, Instant)>,
    evictable: Option<(Class, u8, Instant)>,
    waiting: [Option<(Class, u64)>; 3],
    evicts: Option<Reverse<u8>>,
    yielding: Option<(Class, Instant)>,
    due: [Option<(Instant, Due)>; 5],
}

#[derive(Debug, Eq, PartialEq)]
pub(super) struct ModemKeys {
    able: Option<Class>,
    free: Option<Instant>,
    home: (PoolId, SiteId),
    leased: bool,
    cloud: bool,
    due: Option<Instant>,
}

impl State {
    /// Returns the classes of modem that would do for a SIM in `slot`, the nearest first.
    pub(crate) fn classes(&self, wanted: ModemWanted, slot: SlotId) -> [Option<Class>; 3] {
        match wanted {
            ModemWanted::Fixed(modem) => {
                [self.by_modem.get(&modem).map(|m| Class::Fixed(*m)), None, None]
            }
            ModemWanted::Of { pool, kind, .. } => {
                let own = Some(Class::OwnCard(pool, slot));
                let built_in = Some(Class::BuiltIn(pool, slot.site));
                match kind {
                    KindWanted::BuiltIn => [own, built_in, None],
                    KindWanted::Cloud => [None, None, Some(Class::Cloud(pool))],
                    KindWanted::Any => [own, built_in, Some(Class::Cloud(pool))],
                }
            }
        }
    }

    pub(super) fn sim_keys(&self, ix: SimIx, sim: &Sim) -> SimKeys {
        let state = self.sim_state(sim);
        let standby = state == SimState::Standby;
        let ready = sim
            .enrolment
            .filter(|_| standby)
            .map(|enrolment| (enrolment.group, enrolment.plan, sim.last_used));
        let on = sim.lease.holder().and_then(|modem| self.modem(modem));
        let evictable = match (&sim.held, on, sim.lease.state()) {
            (Some(held), Some(modem), LeaseState::Held { .. })
                if standby && held.phase == Phase::Standby =>
            {
                Some((modem.class(), held.parameters.priority, held.since))
            }
            _ => None,
        };
        let waiting = match (&sim.pending, sim.slot()) {
            (Some(pending), Some(slot))
                if state == SimState::Waiting && pending.claim.is_none() =>
            {
                let classes = self.classes(pending.parameters.modem, slot);
                classes.map(|class| class.map(|class| (class, pending.turn)))
            }
            _ => [None; 3],
        };
        let held = matches!(sim.lease.state(), LeaseState::Held { .. });
        let turn = sim.held.as_ref().filter(|_| held).map(|held| held.turn);
        let yielding = match (turn, evictable) {
            (Some(Turn::Over(end)), Some((class, ..))) => Some((class, end)),
            _ => None,
        };
        let turn_ends = match turn {
            Some(Turn::Until(end)) => Some((end, Due::Turn(ix))),
            Some(Turn::Over(_) | Turn::None) | None => None,
        };
        let wanted = sim.pending.as_ref().map(|pending| &pending.parameters);
        SimKeys {
            state,
            pending: sim.pending.is_some(),
            ready,
            evictable,
            waiting,
            evicts: wanted.filter(|it| it.evict).map(|it| Reverse(it.priority)),
            yielding,
            due: [
                sim.lease.deadline().map(|(at, _)| (at, Due::Lease(ix))),
                sim.pending.as_ref().map(|pending| (pending.deadline, Due::Wait(ix))),
                sim.held
                    .as_ref()
                    .filter(|_| held)
                    .and_then(|held| held.ends)
                    .map(|at| (at, Due::Duration(ix))),
                sim.rests_until.map(|at| (at, Due::Rest(ix))),
                turn_ends,
            ],
        }
    }

    pub(super) fn modem_keys(&self, modem: &Modem) -> ModemKeys {
        ModemKeys {
            able: modem.present.then(|| modem.class()),
            free: self.available(modem).then_some(modem.idle_since),
            home: (modem.pool, modem.id.site),
            leased: modem.leased.is_some(),
            cloud: modem.kind == Kind::Cloud,
            due: modem.rests_until,
        }
    }

    pub(super) fn index_sim(&mut self, ix: SimIx, old: Option<&SimKeys>) {
        let Some(new) = self.sim(ix).map(|sim| self.sim_keys(ix, sim)) else { return };
        if old == Some(&new) {
            return;
        }
        if let Some(old) = old {
            self.indexes.sim(ix, old, Some(&new), false);
        }
        self.indexes.sim(ix, &new, old, true);
    }

    pub(super) fn index_modem(&mut self, ix: ModemIx, old: Option<&ModemKeys>) {
        let Some(new) = self.modem(ix).map(|modem| self.modem_keys(modem)) else { return };
        if old == Some(&new) {
            return;
        }
        if let Some(old) = old {
            self.indexes.modem(ix, old, Some(&new), false);
        }
        self.indexes.modem(ix, &new, old, true);
    }

    /// Returns the indexes as they follow from the entities, computed anew.
    #[cfg(test)]
    pub(crate) fn indexed_anew(&self) -> Indexes {
        let mut all = Indexes::default();
        for (ix, sim) in self.sims() {
            all.sim(ix, &self.sim_keys(ix, sim), None, true);
        }
        for (ix, modem) in self.modems() {
            all.modem(ix, &self.modem_keys(modem), None, true);
        }
        for (id, site) in &self.sites {
            all.due.extend(site.suspect_until.map(|at| (at, Due::Site(*id))));
            all.due.extend(site.silence().map(|at| (at, Due::Silence(*id))));
        }
        for (ix, it) in &self.boxes {
            all.due.extend(it.deadline().map(|at| (at, Due::Parts(*ix))));
        }
        for (ix, it) in &self.usage {
            all.due.extend(it.deadline().map(|at| (at, Due::Budget(*ix))));
        }
        all
    }
}

impl Modem {
    /// Returns what it can serve, besides requests for itself.
    pub(crate) const fn class(&self) -> Class {
        match self.kind {
            Kind::BuiltIn => Class::BuiltIn(self.pool, self.id.site),
            Kind::Cloud => Class::Cloud(self.pool),
            Kind::OwnCard { bank, slot } => {
                Class::OwnCard(self.pool, SlotId { site: self.id.site, bank, slot })
            }
        }
    }
}

fn set<T: Ord>(of: &mut BTreeSet<T>, item: T, there: bool) {
    if there {
        of.insert(item);
    } else {
        of.remove(&item);
    }
}

const fn count(of: &mut u32, more: bool) {
    *of = if more { of.saturating_add(1) } else { of.saturating_sub(1) };
}

impl Indexes {
    /// Enters or removes the keys of a SIM; those that `other` has too stay as they are.
    fn sim(&mut self, ix: SimIx, keys: &SimKeys, other: Option<&SimKeys>, there: bool) {
        if let Some(tally) = self.tally.get_mut(keys.state as usize) {
            count(tally, there);
        }
        if keys.pending {
            count(&mut self.pending, there);
        }
        if let Some((group, plan, used)) = keys.ready
            && other.is_none_or(|other| other.ready != keys.ready)
        {
            set(&mut self.ready, (group, plan, used, ix), there);
        }
        if let Some((class, priority, since)) = keys.evictable
            && other.is_none_or(|other| other.evictable != keys.evictable)
        {
            set(&mut self.evictable, (class, priority, since, ix), there);
        }
        let waits = |keys: &SimKeys| (keys.waiting, keys.evicts);
        if other.is_none_or(|other| waits(other) != waits(keys)) {
            for (class, turn) in keys.waiting.into_iter().flatten() {
                set(&mut self.waiting, (class, turn, ix), there);
                if let Some(priority) = keys.evicts {
                    set(&mut self.evicters, (class, priority, turn, ix), there);
                }
            }
        }
        if let Some((class, end)) = keys.yielding
            && other.is_none_or(|other| other.yielding != keys.yielding)
        {
            set(&mut self.yielding, (class, end, ix), there);
        }
        for (i, due) in keys.due.iter().enumerate() {
            if let Some(due) = due
                && other.is_none_or(|other| other.due.get(i) != Some(&Some(*due)))
            {
                set(&mut self.due, *due, there);
            }
        }
    }

    /// Moves a deadline that is not of a SIM or modem itself.
    pub(super) fn moved(&mut self, due: Due, was: Option<Instant>, is: Option<Instant>) {
        if was != is {
            was.map(|at| self.due.remove(&(at, due)));
            is.map(|at| self.due.insert((at, due)));
        }
    }

    /// Enters or removes the keys of a modem; what `other` is able to, too, stays as it is.
    fn modem(&mut self, ix: ModemIx, keys: &ModemKeys, other: Option<&ModemKeys>, there: bool) {
        let (pool, site) = keys.home;
        if let Some(class) = keys.able
            && other.is_none_or(|other| other.able != keys.able)
        {
            let able = self.able.entry(class).or_default();
            count(able, there);
            if *able == 0 {
                self.able.remove(&class);
            }
        }
        if let Some(at) = keys.due {
            set(&mut self.due, (at, Due::Modem(ix)), there);
        }
        let load = self.loads.entry(keys.home).or_default();
        let before = *load;
        if keys.leased {
            count(&mut load.leased, there);
        }
        if let (Some(since), Some(class)) = (keys.free, keys.able) {
            set(&mut self.free, (class, since, ix), there);
            if keys.cloud {
                count(&mut load.free_cloud, there);
                set(&mut self.free_at, (pool, site, since, ix), there);
            }
        }
        let after = *load;
        if after == Load::default() {
            self.loads.remove(&keys.home);
        }
        let spread = |load: Load| (load.free_cloud > 0).then_some((pool, load.leased, site));
        if spread(before) != spread(after) {
            spread(before).map(|key| self.spread.remove(&key));
            spread(after).map(|key| self.spread.insert(key));
        }
    }
}
