//! SIMs on standby that give way: to those that evict them, and to those that take turns.

use super::Context;
use crate::policy;
use crate::state::{SimIx, Turn};
use crate::wire::{Cause, Change, LeaseChange};

impl Context<'_> {
    /// The turn of a SIM is over.
    pub(super) fn turn_over(&mut self, ix: SimIx) {
        let Some(iccid) = self.state.sim(ix).map(|sim| sim.iccid) else { return };
        self.record(Cause::Time, Change::Lease(LeaseChange::TurnOver(iccid)));
        self.yields(ix, Cause::Time);
    }

    /// Has a SIM on standby give way, if one of a higher priority that may evict waits for such a
    /// modem, or its turn is over and anyone waits for one.
    pub(super) fn yields(&mut self, ix: SimIx, cause: Cause) {
        let mut asked = None;
        while let Some(next) = self.successor_of(ix).filter(|next| asked != Some(*next)) {
            // It may find another modem that suits it better: then the next one is asked.
            self.advance(next, cause);
            asked = Some(next);
        }
    }

    /// Returns who waits for the modem of a SIM that could give way now.
    fn successor_of(&self, ix: SimIx) -> Option<SimIx> {
        let sim = self.state.sim(ix)?;
        let modem = sim.lease.holder()?;
        let class = self.state.modem(modem)?.class();
        let held = sim.held.as_deref()?;
        let priority = held.parameters.priority;
        if !self.state.indexes.evictable.contains(&(class, priority, held.since, ix)) {
            return None;
        }
        policy::next_evicter(self.state, modem, priority).or_else(|| match held.turn {
            Turn::Over(_) => policy::next_waiting(self.state, modem),
            Turn::Until(_) | Turn::None => None,
        })
    }
}
