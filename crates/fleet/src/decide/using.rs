//! Use requests: which modem serves a SIM.

use super::Context;
use crate::policy;
use crate::state::{SimIx, SimState};
use crate::wire::{Answer, Cause, Change, Placement, Refusal, SimWhy, Target};
use crate::{ModemId, Permissions, RequestId, UserId};
use polysim_lease::Epoch;

impl Context<'_> {
    pub(super) fn use_sim(
        &mut self,
        (user, request): (UserId, RequestId),
        target: Target,
        purpose: Permissions,
        known: Option<(ModemId, Epoch)>,
    ) {
        let from = (user, request);
        let (ix, why) = match target {
            Target::Sim(iccid) => match self.permitted(from, iccid, purpose) {
                Some(ix) => (ix, SimWhy::Fixed),
                None => return,
            },
            Target::Best { group, order } => {
                let permitted = |ix: SimIx| {
                    self.state.sim(ix).is_some_and(|sim| sim.permission(user).allow(purpose))
                };
                match policy::sim(self.state, group, order, permitted) {
                    Some(found) => found,
                    None => {
                        return self.answer(user, request, Answer::Refused(Refusal::NoSimSuits));
                    }
                }
            }
        };
        let answer = match self.serving(ix) {
            Err(refusal) => Answer::Refused(refusal),
            Ok(place) if known.is_some_and(|known| known != (place.modem, place.epoch)) => {
                Answer::Moved(place)
            }
            Ok(place) => {
                self.record(Cause::User(user, request), Change::Used(place.iccid));
                Answer::At(place, why)
            }
        };
        self.answer(user, request, answer);
    }

    /// Returns where a SIM is served: while it is on standby or in service, and not later.
    fn serving(&self, ix: SimIx) -> Result<Placement, Refusal> {
        let Some(sim) = self.state.sim(ix) else { return Err(Refusal::NotPermitted) };
        let state = self.state.sim_state(sim);
        match state {
            SimState::Standby | SimState::InService => {
                self.placement(ix).ok_or(Refusal::State(state))
            }
            SimState::NotPresent
            | SimState::Duplicate
            | SimState::Blocked
            | SimState::SiteAway
            | SimState::Idle
            | SimState::Waiting
            | SimState::Attaching
            | SimState::Reclaiming
            | SimState::InDoubt
            | SimState::Quarantine => Err(Refusal::State(state)),
        }
    }
}
