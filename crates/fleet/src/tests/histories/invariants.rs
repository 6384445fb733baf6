//! What holds after every event, by the names that scenarios use.

use super::super::policies::agree;
use super::super::*;
use super::{World, config};
use crate::policy;
use crate::state::Place;
use polysim_lease::LeaseState;
use std::collections::{BTreeMap, BTreeSet};

impl World {
    pub(super) fn check(&mut self) {
        let (records, said) = self.seen;
        let changed = self.fleet.records.len() > records;
        for record in self.fleet.records.split_off(records) {
            self.fleet.records.push(record.clone());
            self.recorded(&record);
            self.mail.recorded(&record);
            self.shadow.restore(record);
            self.mail.look(&self.shadow.state);
        }
        assert!(
            self.shadow.agrees(&self.fleet.exchange),
            "F14: the fold over the records is the state"
        );
        for output in self.fleet.said.split_off(said) {
            self.fleet.said.push(output.clone());
            self.heard(output);
        }
        self.seen = (self.fleet.records.len(), self.fleet.said.len());
        self.entities(changed);
        self.edges_hold();
        if changed {
            agree(&self.fleet.exchange.state);
        }
    }

    fn recorded(&mut self, record: &Record) {
        if let Change::Configure(ConfigureChange::Permitted(iccid, user, set)) = record.change {
            self.permits.insert((user, iccid), set);
        }
        if let Change::Lease(
            LeaseChange::Granted { iccid, epoch, .. }
            | LeaseChange::GrantedAtOnce { iccid, epoch, .. },
        ) = &record.change
        {
            let last = self.epochs.insert(*iccid, *epoch);
            assert!(last < Some(*epoch), "F4: epochs strictly increase over restarts");
            let state = &self.shadow.state;
            let sim = state.sim(state.find(*iccid).unwrap()).unwrap();
            assert!(matches!(sim.place, Place::In(_)), "F9: a duplicate is not granted");
        }
        if let Change::Lease(LeaseChange::Revoked { how: Revoke::AtOnce, reason, .. }) =
            record.change
        {
            let graceful =
                matches!(reason, EndReason::Evicted(_) | EndReason::Duration | EndReason::TurnOver);
            assert!(!graceful, "F16: graceful reasons never cut");
        }
        if let Change::Lease(LeaseChange::Passed(iccid)) = record.change {
            let state = &self.shadow.state;
            let sim = state.sim(state.find(iccid).unwrap()).unwrap();
            let (due, _) = sim.lease.deadline().unwrap();
            assert!(due <= record.at, "F16: not before its limit");
        }
    }

    fn heard(&mut self, output: Output) {
        match output {
            Output::ToSite(site, directive) => {
                if let SiteOrder::Confirmed(id) = directive.order {
                    let kept = self.edges[&site.0].kept.get(&id);
                    assert!(kept.is_none_or(|kept| self.mail.has(kept)), "F12: recorded first");
                }
                if let SiteOrder::Entitle { iccid, budget, .. } = &directive.order {
                    let used = self.mail.used.get(iccid).copied().unwrap_or(0);
                    assert_eq!((budget.texts_used, budget.texts_limit), (used, 200), "the budget");
                }
                self.down.push((site.0, directive.order));
            }
            Output::ToUser {
                user, answer: Answer::At(place, _) | Answer::Moved(place), ..
            } => {
                let set = self.permits.get(&(user, place.iccid)).copied().unwrap_or_default();
                assert!(set.allow(Permissions::CALL), "F11: nobody uses what is not theirs");
            }
            Output::ToUser { .. } | Output::Mail(..) => {}
        }
    }

    fn entities(&self, changed: bool) {
        let state = &self.fleet.exchange.state;
        if changed {
            assert_eq!(state.indexes, state.indexed_anew(), "indexes follow from the entities");
        }
        let mut modems = BTreeSet::new();
        let mut tally = BTreeMap::new();
        for (ix, sim) in state.sims() {
            *tally.entry(state.sim_state(sim)).or_insert(0_u32) += 1;
            let holder = sim.lease.holder();
            assert_eq!(
                holder.is_some(),
                sim.held.is_some(),
                "F1: one lease, with what goes with it"
            );
            if let Some(modem) = holder {
                assert!(modems.insert(modem), "F2: one lease per modem");
                assert_eq!(state.modem(modem).unwrap().leased, Some(ix), "F2");
            }
            if state.sim_state(sim) == SimState::Idle {
                assert!(holder.is_none() && sim.pending.is_none(), "F8: idle has nothing");
            }
            if let LeaseState::Revoking { how: Revoke::AtOnce, until, .. } = sim.lease.state() {
                assert!(until <= self.fleet.now.plus(config().ttl), "F16: at once is bounded");
            }
            let slots = state.slots.iter().filter(|(_, at)| **at == ix).map(|(slot, _)| *slot);
            match &sim.place {
                Place::Nowhere => assert_eq!(slots.count(), 0),
                Place::In(slot) => assert_eq!(slots.collect::<Vec<_>>(), [*slot], "F9: one slot"),
                Place::Several(several) => assert_eq!(slots.count(), several.len(), "F9"),
            }
        }
        for (ix, modem) in state.modems().filter(|(_, modem)| !self.cut && state.available(modem)) {
            let next = policy::next_waiting(state, ix);
            assert_eq!(next, None, "F17: {:?} is free and a request waits for it", modem.id);
        }
        for (.., ix) in state.indexes.yielding.iter().filter(|_| !self.cut) {
            let modem = state.sim(*ix).unwrap().lease.holder().unwrap();
            assert_eq!(policy::next_waiting(state, modem), None, "F17: it gives way to a waiter");
        }
        for (_, theirs, _, ix) in state.indexes.evictable.iter().filter(|_| !self.cut) {
            let modem = state.sim(*ix).unwrap().lease.holder().unwrap();
            let next = policy::next_evicter(state, modem, *theirs);
            assert_eq!(next, None, "F17: nobody waits beside one that it may evict");
        }
        let counted: BTreeMap<_, _> = self.fleet.exchange.tally().filter(|(_, n)| *n > 0).collect();
        assert_eq!(counted, tally, "F8: the states add up to the SIMs");
    }

    /// F1 and F2 where they count: at the edges, at one true moment, by the edges' own clocks.
    fn edges_hold(&self) {
        let (mut sims, mut modems) = (BTreeSet::new(), BTreeSet::new());
        for (site, edge) in &self.edges {
            for (iccid, (fence, modem)) in &edge.fences {
                if fence.admit(self.clock(*site), fence.highest()).is_ok() {
                    assert!(sims.insert(*iccid), "F1: two edges use {iccid}");
                    assert!(modems.insert(*modem), "F2: two SIMs on {modem:?}");
                }
            }
        }
    }

    /// Nobody renews, nothing arrives: every lease ends, every request is over.
    pub(super) fn dies_down(&mut self) {
        self.pass(120_000_000);
        let state = &self.fleet.exchange.state;
        for (_, sim) in state.sims() {
            assert!(sim.pending.is_none(), "{sim:?}");
            assert_eq!(sim.lease.state(), LeaseState::Free, "F7: every lease ends");
        }
        self.mail.all_shown();
    }
}
