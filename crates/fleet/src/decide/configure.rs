//! Configuration requests, and what the operator of the fleet says.

use super::Context;
use crate::state::{SimIx, SimState};
use crate::wire::{
    Answer, Cause, Change, ConfigureChange, DropReason, EndReason, InventoryChange, ModemWanted,
    OperatorInput, Parameters, Reclaim, Refusal, Why,
};
use crate::{Permissions, RequestId, SlotId, UserId};
use polysim_base::Iccid;
use polysim_lease::{LeaseState, Revoke};

impl Context<'_> {
    pub(super) fn operator(&mut self, input: OperatorInput) {
        let change = match input {
            OperatorInput::Enrol { iccid, group, plan } => {
                ConfigureChange::Enrolled(iccid, group, plan)
            }
            OperatorInput::Permit { iccid, user, set } => {
                ConfigureChange::Permitted(iccid, user, set)
            }
            OperatorInput::Plan(plan) => ConfigureChange::Plan(plan),
            OperatorInput::Range { prefix, operator } => ConfigureChange::Range(prefix, operator),
            OperatorInput::Resolve { iccid, slot } => return self.resolve(iccid, slot),
            OperatorInput::Cap { iccid, caps } => ConfigureChange::Capped(iccid, caps),
            OperatorInput::Unblock(iccid) => return self.unblock(iccid),
        };
        let entitles = match change {
            ConfigureChange::Permitted(iccid, ..) | ConfigureChange::Capped(iccid, _) => {
                self.state.find(iccid)
            }
            ConfigureChange::Enrolled(..)
            | ConfigureChange::Plan(_)
            | ConfigureChange::Range(..)
            | ConfigureChange::Asked { .. }
            | ConfigureChange::Waits { .. }
            | ConfigureChange::Claims { .. }
            | ConfigureChange::Unclaimed(_)
            | ConfigureChange::Dropped { .. } => None,
        };
        self.record(Cause::Operator, Change::Configure(change));
        if let Some(ix) = entitles {
            self.entitle(ix);
        }
    }

    fn unblock(&mut self, iccid: Iccid) {
        let sim = self.state.find(iccid).and_then(|ix| self.state.sim(ix));
        if sim.is_some_and(|sim| sim.blocked) {
            let unblocked = InventoryChange::CardUnblocked(iccid);
            self.record(Cause::Operator, Change::Inventory(unblocked));
        }
    }

    /// Returns the SIM, if the user may do that with it; otherwise says no, alike for SIMs that
    /// there are and are not, and records the attempt.
    pub(super) fn permitted(
        &mut self,
        (user, request): (UserId, RequestId),
        iccid: Iccid,
        wanted: Permissions,
    ) -> Option<SimIx> {
        let ix = self
            .state
            .find(iccid)
            .filter(|ix| self.state.sim(*ix).is_some_and(|sim| sim.permission(user).allow(wanted)));
        if ix.is_none() {
            self.record(Cause::User(user, request), Change::Denied);
            self.answer(user, request, Answer::Refused(Refusal::NotPermitted));
        }
        ix
    }

    pub(super) fn assign(
        &mut self,
        from: (UserId, RequestId),
        iccid: Iccid,
        parameters: Parameters,
    ) {
        let Some(ix) = self.permitted(from, iccid, Permissions::CONFIGURE) else { return };
        let (user, request) = from;
        match self.accept(ix, &parameters) {
            Ok(None) => {}
            Ok(Some(why)) => return self.answer(user, request, Answer::Unchanged(why)),
            Err(refusal) => return self.answer(user, request, Answer::Refused(refusal)),
        }
        let cause = Cause::User(user, request);
        self.drop_pending(ix, cause, DropReason::Superseded);
        if self.grant_at_once(ix, from, parameters) {
            return;
        }
        let asked =
            ConfigureChange::Asked { iccid, user, request, parameters, why: Why::NeverAsked };
        self.record(cause, Change::Configure(asked));
        self.advance(ix, cause);
    }

    /// Checks a request: `Some` when it is so already or waits already.
    fn accept(&self, ix: SimIx, parameters: &Parameters) -> Result<Option<Why>, Refusal> {
        let Some(sim) = self.state.sim(ix) else { return Err(Refusal::NotPermitted) };
        let waits = sim.pending.as_ref().map(|pending| &pending.parameters);
        let held = sim.held.as_ref().map(|held| &held.parameters);
        let stays = matches!(sim.lease.state(), LeaseState::Held { .. });
        if waits == Some(parameters) || (waits.is_none() && stays && held == Some(parameters)) {
            return Ok(Some(sim.why));
        }
        let state = self.state.sim_state(sim);
        let Some(slot) = sim.slot().filter(|_| !sim.blocked && state != SimState::SiteAway) else {
            return Err(Refusal::State(state));
        };
        if parameters.wait > self.config.wait_max {
            return Err(Refusal::WaitTooLong(self.config.wait_max));
        }
        if self.state.indexes.pending >= self.config.waiting_max {
            return Err(Refusal::QueueFull(self.config.waiting_max));
        }
        self.suits(parameters.modem, slot).map(|()| None)
    }

    /// Checks that there is a modem that could ever serve the request.
    fn suits(&self, wanted: ModemWanted, slot: SlotId) -> Result<(), Refusal> {
        match wanted {
            ModemWanted::Fixed(id) => {
                let modem = self.state.by_modem.get(&id).and_then(|ix| self.state.modem(*ix));
                let modem = modem.filter(|modem| modem.present);
                let Some(modem) = modem else { return Err(Refusal::NoSuchModem(id)) };
                if modem.reaches(slot) { Ok(()) } else { Err(Refusal::OutOfReach(id)) }
            }
            ModemWanted::Of { pool, kind, .. } => {
                let classes = self.state.classes(wanted, slot);
                let able = |class| self.state.indexes.able.contains_key(&class);
                if classes.into_iter().flatten().any(able) {
                    Ok(())
                } else {
                    Err(Refusal::NoneInPool { pool, kind })
                }
            }
        }
    }

    pub(super) fn release(&mut self, from: (UserId, RequestId), iccid: Iccid, reclaim: Reclaim) {
        let Some(ix) = self.permitted(from, iccid, Permissions::CONFIGURE) else { return };
        let cause = Cause::User(from.0, from.1);
        self.drop_pending(ix, cause, DropReason::Released);
        let how = match reclaim {
            Reclaim::Now => Revoke::AtOnce,
            // With no request behind it, it is convenient as soon as nothing runs.
            Reclaim::Gracefully | Reclaim::WhenConvenient => self.graceful(),
        };
        self.revoke(ix, cause, how, EndReason::Released);
        let Some(sim) = self.state.sim(ix) else { return };
        let answer = Answer::Explained(self.state.sim_state(sim), sim.why);
        self.answer(from.0, from.1, answer);
    }

    pub(super) fn explain(&mut self, from: (UserId, RequestId), iccid: Iccid) {
        // Any permission lets a user see the SIM.
        let seen = self.state.find(iccid).and_then(|ix| self.state.sim(ix));
        match seen.filter(|sim| !sim.permission(from.0).is_empty()) {
            Some(sim) => {
                let answer = Answer::Explained(self.state.sim_state(sim), sim.why);
                self.answer(from.0, from.1, answer);
            }
            None => {
                self.permitted(from, iccid, Permissions::NONE);
            }
        }
    }
}
