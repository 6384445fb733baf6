//! The SIMs of a user.

use super::Context;
use crate::state::{Sim, SimIx, SimState};
use crate::wire::{Answer, SimView};
use crate::{RequestId, UserId};
use alloc::vec::Vec;
use polysim_base::Instant;

/// The most SIMs of a list: those with the lowest ICCIDs. The others can be asked for one by one.
const LIST_MAX: usize = 10_000;

impl Context<'_> {
    pub(super) fn list(&mut self, (user, request): (UserId, RequestId)) {
        let its = self.state.users.get(&user).into_iter().flat_map(|it| &it.sims);
        let mut sims: Vec<(SimIx, &Sim)> =
            its.filter_map(|ix| Some((*ix, self.state.sim(*ix)?))).collect();
        sims.sort_unstable_by_key(|(_, sim)| sim.iccid);
        sims.truncate(LIST_MAX);
        let views = sims.into_iter().map(|(ix, sim)| self.view(user, ix, sim)).collect();
        self.answer(user, request, Answer::Sims(views));
    }

    fn view(&self, user: UserId, ix: SimIx, sim: &Sim) -> SimView {
        let state = self.state.sim_state(sim);
        SimView {
            iccid: sim.iccid,
            msisdn: sim.msisdn,
            permissions: sim.permission(user),
            state,
            placement: self.placement(ix),
            unreachable_since: self.unreachable_since(sim, state),
            why: sim.why,
        }
    }

    fn unreachable_since(&self, sim: &Sim, state: SimState) -> Option<Instant> {
        match state {
            SimState::Standby | SimState::InService => None,
            // Its lease may go on, but nothing was heard of it since.
            SimState::SiteAway if sim.reachable() => {
                let site = sim.slot().and_then(|slot| self.state.sites.get(&slot.site));
                let silence = self.config.silence.as_micros();
                let heard = |at: Instant| at.as_micros().saturating_sub(silence);
                site.map(|site| Instant::from_micros(heard(site.silent_at)))
            }
            SimState::SiteAway
            | SimState::NotPresent
            | SimState::Duplicate
            | SimState::Blocked
            | SimState::Idle
            | SimState::Waiting
            | SimState::Attaching
            | SimState::Reclaiming
            | SimState::InDoubt
            | SimState::Quarantine => Some(sim.off_since),
        }
    }
}
