//! SIMs that take turns on modems.

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

    /// Has a SIM whose turn is over give way, if it is on standby and another one waits for a
    /// turn on such a modem.
    pub(super) fn yields(&mut self, ix: SimIx, cause: Cause) {
        let mut asked = None;
        while let Some(next) = self.taker_for(ix).filter(|next| asked != Some(*next)) {
            // It may find another modem that suits it better: then the next one is asked.
            self.advance(next, cause);
            asked = Some(next);
        }
    }

    /// Returns who waits for the modem of a SIM that could give way now.
    fn taker_for(&self, ix: SimIx) -> Option<SimIx> {
        let sim = self.state.sim(ix)?;
        let modem = sim.lease.holder()?;
        let class = self.state.modem(modem)?.class();
        let Turn::Over(end) = sim.held.as_ref()?.turn else { return None };
        let yields = self.state.indexes.yielding.contains(&(class, end, ix));
        yields.then(|| policy::next_taker(self.state, modem)).flatten()
    }
}
