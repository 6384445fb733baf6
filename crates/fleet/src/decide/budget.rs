//! Who may do what with a SIM, and how much, as the site of its modem is told.

use super::Context;
use crate::state::SimIx;
use crate::wire::{Budget, Cause, Change, SiteOrder};
use polysim_lease::LeaseState;

impl Context<'_> {
    /// Tells the site of a SIM's modem who may do what with it, and how much.
    pub(super) fn entitle(&mut self, ix: SimIx) {
        let Some(sim) = self.state.sim(ix) else { return };
        let modem = match sim.lease.state() {
            LeaseState::Held { holder, .. } | LeaseState::Revoking { holder, .. } => holder,
            LeaseState::Free | LeaseState::InDoubt { .. } => return,
        };
        let Some(site) = self.state.modem(modem).map(|modem| modem.id.site) else { return };
        let order = SiteOrder::Entitle {
            iccid: sim.iccid,
            epoch: sim.lease.epoch(),
            revision: sim.rights,
            users: sim.permits.shared(),
            budget: self.budget(ix),
        };
        self.tell_site(site, order);
    }

    fn budget(&self, ix: SimIx) -> Budget {
        let caps = self.config.caps;
        let unused = Budget {
            texts_limit: u64::from(caps.texts),
            calls_limit: u64::from(caps.calls),
            ..Budget::default()
        };
        self.state.usage.get(&ix).map_or(unused, |usage| usage.budget(caps))
    }

    /// What was done a day ago counts no more: there is more to be had.
    pub(super) fn window_moved(&mut self, ix: SimIx) {
        let Some(iccid) = self.state.sim(ix).map(|sim| sim.iccid) else { return };
        self.record(Cause::Time, Change::WindowMoved(iccid));
        self.entitle(ix);
    }
}
