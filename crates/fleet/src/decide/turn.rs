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
        let Some(sim) = self.state.sim(ix) else { return };
        let over = sim.held.as_ref().is_some_and(|held| matches!(held.turn, Turn::Over(_)));
        if !over {
            return;
        }
        let Some(modem) = sim.lease.holder() else { return };
        if let Some(next) = policy::next_taker(self.state, modem) {
            self.advance(next, cause);
        }
    }
}
