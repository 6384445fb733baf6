//! From a waiting request to a lease, and from the end of a lease to the next request.

use super::Context;
use crate::policy;
use crate::state::{ModemIx, Pending, SimIx, SimState};
use crate::wire::{
    Answer, Cause, Change, ConfigureChange, DropReason, EndReason, LeaseChange, Parameters,
    Placement, Reclaim, SiteOrder, Why,
};
use crate::{RequestId, SiteId, UserId};
use alloc::vec::Vec;
use polysim_lease::{LeaseState, Revoke};

/// What a lease had, kept to be told of after it has ended.
#[derive(Debug)]
pub(super) struct Ending {
    from: (UserId, RequestId),
    reason: Option<EndReason>,
    modem: ModemIx,
}

impl Context<'_> {
    /// Goes on with the request of a SIM, as far as it gets now: reclaims the SIM, gives it a
    /// modem, or has it wait for one.
    pub(super) fn advance(&mut self, ix: SimIx, cause: Cause) {
        let Some(sim) = self.state.sim(ix) else { return };
        let Some(pending) = sim.pending.as_deref().cloned() else { return };
        match sim.lease.state() {
            LeaseState::Held { .. } => self.reclaim(ix, &pending, cause),
            LeaseState::Revoking { how: Revoke::Graceful { .. }, .. }
                if pending.parameters.reclaim == Reclaim::Now =>
            {
                self.revoke(ix, cause, Revoke::AtOnce, EndReason::Reconfigured);
            }
            LeaseState::Revoking { how, .. } => {
                let epoch = sim.lease.epoch();
                self.revoke(ix, cause, how, EndReason::Reconfigured);
                self.waits(ix, cause, Why::Reclaiming { epoch, how });
            }
            LeaseState::InDoubt { guard, .. } => self.waits(ix, cause, Why::InDoubt { guard }),
            LeaseState::Free => self.find_modem(ix, &pending, cause),
        }
    }

    fn reclaim(&mut self, ix: SimIx, pending: &Pending, cause: Cause) {
        let Some(sim) = self.state.sim(ix) else { return };
        let epoch = sim.lease.epoch();
        let how = match pending.parameters.reclaim {
            Reclaim::Now => Revoke::AtOnce,
            Reclaim::WhenConvenient if sim.in_service() => {
                return self.waits(ix, cause, Why::InService { epoch });
            }
            Reclaim::Gracefully | Reclaim::WhenConvenient => self.graceful(),
        };
        self.revoke(ix, cause, how, EndReason::Reconfigured);
        self.waits(ix, cause, Why::Reclaiming { epoch, how });
    }

    fn find_modem(&mut self, ix: SimIx, pending: &Pending, cause: Cause) {
        let Some(sim) = self.state.sim(ix) else { return };
        if let Some(until) = sim.rests_until {
            return self.waits(ix, cause, Why::Quarantine { until });
        }
        let (SimState::Waiting, Some(slot)) = (self.state.sim_state(sim), sim.slot()) else {
            return;
        };
        if pending.claim.is_some() {
            return;
        }
        let wanted = pending.parameters.modem;
        if let Some((modem, why)) = policy::modem(self.state, wanted, slot) {
            return self.grant(ix, modem, why, cause);
        }
        let ours = pending.parameters.priority;
        let victim =
            policy::victim(self.state, wanted, slot, ours).filter(|_| pending.parameters.evict);
        if let Some((victim, theirs)) = victim {
            let Some(iccid) = self.state.sim(victim).map(|sim| sim.iccid) else { return };
            let why = Why::Evicting { victim: iccid, theirs, ours };
            return self.claim(ix, victim, (why, EndReason::Evicted(ours)), cause);
        }
        if let Some((from, over)) = policy::yielding(self.state, wanted, slot) {
            let Some(iccid) = self.state.sim(from).map(|sim| sim.iccid) else { return };
            let why = Why::TakesTurn { from: iccid, over };
            return self.claim(ix, from, (why, EndReason::TurnOver), cause);
        }
        let waiting = self.state.indexes.pending;
        self.waits(ix, cause, Why::Queued { waiting, turn: pending.turn });
    }

    /// Takes the modem of another SIM for this one.
    fn claim(&mut self, ix: SimIx, from: SimIx, (why, reason): (Why, EndReason), cause: Cause) {
        let Some(iccid) = self.state.sim(ix).map(|sim| sim.iccid) else { return };
        let holder = self.state.sim(from).and_then(|other| other.lease.holder());
        let Some(modem) = holder.and_then(|modem| self.state.modem(modem)).map(|it| it.id) else {
            return;
        };
        let claims = ConfigureChange::Claims { iccid, modem, why };
        self.record(cause, Change::Configure(claims));
        self.tell_waiting(ix);
        // Gracefully, so that a call that has begun meanwhile is not cut.
        let how = self.graceful();
        self.revoke(from, cause, how, reason);
    }

    /// Notes what a request waits for, and tells its user, if that is new.
    fn waits(&mut self, ix: SimIx, cause: Cause, why: Why) {
        let Some(sim) = self.state.sim(ix) else { return };
        let same = match (sim.why, why) {
            (Why::Queued { turn, .. }, Why::Queued { turn: new, .. }) => turn == new,
            // By whom it was put back says more than that it waits.
            (Why::GaveWay { .. }, Why::Queued { .. }) => true,
            (old, new) => old == new,
        };
        if same {
            return;
        }
        let waits = ConfigureChange::Waits { iccid: sim.iccid, why };
        self.record(cause, Change::Configure(waits));
        self.tell_waiting(ix);
    }

    fn tell_waiting(&mut self, ix: SimIx) {
        let Some(sim) = self.state.sim(ix) else { return };
        let (why, Some(pending)) = (sim.why, sim.pending.as_ref()) else { return };
        self.answer(pending.user, pending.request, Answer::Waiting(why));
    }

    /// Leases a SIM to a modem for its waiting request. The epoch is recorded before it leaves.
    fn grant(&mut self, ix: SimIx, modem: ModemIx, why: Why, cause: Cause) {
        let (Some(sim), Some(to)) = (self.state.sim(ix), self.state.modem(modem)) else { return };
        let Ok(epoch) = sim.lease.epoch().next(self.state.term) else { return };
        let Some((user, request)) = sim.pending.as_ref().map(|p| (p.user, p.request)) else {
            return;
        };
        let left = sim.pending.as_ref().and_then(|p| p.claim).filter(|claim| *claim != modem);
        let granted = LeaseChange::Granted { iccid: sim.iccid, modem: to.id, epoch, why };
        self.record(cause, Change::Lease(granted));
        self.say_assigned(ix, (user, request), why);
        if let Some(left) = left {
            self.dispatch(left, cause);
        }
    }

    /// Leases an idle SIM to a free modem, if there is one, in one record.
    pub(super) fn grant_at_once(
        &mut self,
        ix: SimIx,
        (user, request): (UserId, RequestId),
        parameters: Parameters,
    ) -> bool {
        let Some(sim) = self.state.sim(ix) else { return false };
        let (SimState::Idle, Some(slot)) = (self.state.sim_state(sim), sim.slot()) else {
            return false;
        };
        let chosen = policy::modem(self.state, parameters.modem, slot);
        let Some((modem, why)) = chosen.and_then(|(m, why)| Some((self.state.modem(m)?.id, why)))
        else {
            return false;
        };
        let Ok(epoch) = sim.lease.epoch().next(self.state.term) else { return false };
        let iccid = sim.iccid;
        let granted =
            LeaseChange::GrantedAtOnce { iccid, user, request, parameters, modem, epoch, why };
        self.record(Cause::User(user, request), Change::Lease(granted));
        self.say_assigned(ix, (user, request), why);
        true
    }

    fn say_assigned(&mut self, ix: SimIx, (user, request): (UserId, RequestId), why: Why) {
        self.say_granted(ix, None);
        if let Some(placement) = self.placement(ix) {
            self.answer(user, request, Answer::Assigned(placement, why));
        }
    }

    /// Gives a modem, if it is free, to the request that it was claimed for, or else to those
    /// whose turn is next; each gets the modem that its policy says, which may be another one.
    pub(super) fn dispatch(&mut self, modem: ModemIx, cause: Cause) {
        let Some(it) = self.state.modem(modem) else { return };
        if it.leased.is_some() {
            return;
        }
        if let Some((ix, sim)) = it.claimed.and_then(|ix| Some((ix, self.state.sim(ix)?))) {
            if self.usable(modem) && self.state.sim_state(sim) == SimState::Waiting {
                return self.grant(ix, modem, sim.why, cause);
            }
            let unclaimed = ConfigureChange::Unclaimed(sim.iccid);
            self.record(cause, Change::Configure(unclaimed));
            self.advance(ix, cause);
        }
        while self.state.modem(modem).is_some_and(|it| self.state.available(it)) {
            let next = policy::next_waiting(self.state, modem);
            let Some((ix, sim)) = next.and_then(|ix| Some((ix, self.state.sim(ix)?))) else {
                return;
            };
            let (Some(pending), Some(slot)) = (&sim.pending, sim.slot()) else { return };
            let chosen = policy::modem(self.state, pending.parameters.modem, slot);
            let Some((chosen, why)) = chosen else { return };
            self.grant(ix, chosen, why, cause);
            if self.state.sim(ix).is_some_and(|sim| sim.pending.is_some()) {
                return; // this server may not grant
            }
        }
    }

    /// Returns whether a claimed modem could be used by its claimant now.
    fn usable(&self, modem: ModemIx) -> bool {
        self.state.modem(modem).is_some_and(|it| {
            it.present && it.rests_until.is_none() && self.state.online(it.id.site)
        })
    }

    /// Gives free modems of a site to waiting requests.
    pub(super) fn dispatch_site(&mut self, site: SiteId, cause: Cause) {
        for modem in self.state.modems_at(site).collect::<Vec<_>>() {
            self.dispatch(modem, cause);
        }
    }

    /// Takes a lease back, and tells the sites that are concerned.
    pub(super) fn revoke(&mut self, ix: SimIx, cause: Cause, how: Revoke, reason: EndReason) {
        let Some(sim) = self.state.sim(ix) else { return };
        let (iccid, mut lease) = (sim.iccid, sim.lease);
        let changes = lease.revoke(how);
        // What had to give way and is wanted no more shall not wait again.
        let ending = sim.held.as_ref().and_then(|held| held.ending);
        if changes || (ending.is_some() && reason.prevails(ending)) {
            let revoked = LeaseChange::Revoked { iccid, how, reason };
            self.record(cause, Change::Lease(revoked));
        }
        if changes {
            self.say_revoked(ix, how);
        }
    }

    /// The sites of a lease: that of the card, and that of the modem where it is another one.
    pub(super) fn sites_of(&self, ix: SimIx) -> impl Iterator<Item = SiteId> + use<> {
        let sim = self.state.sim(ix);
        let card = sim.and_then(|sim| sim.held.as_ref()).map(|held| held.slot.site);
        let modem = sim
            .and_then(|sim| sim.lease.holder())
            .and_then(|modem| self.state.modem(modem))
            .map(|modem| modem.id.site);
        card.into_iter().chain(modem.filter(|site| Some(*site) != card))
    }

    pub(super) fn say_revoked(&mut self, ix: SimIx, how: Revoke) {
        let Some((iccid, epoch)) = self.state.sim(ix).map(|s| (s.iccid, s.lease.epoch())) else {
            return;
        };
        for site in self.sites_of(ix) {
            self.tell_site(site, SiteOrder::Revoke { iccid, epoch, how });
        }
    }

    /// Tells the sites of a lease, or one of them, that it holds.
    pub(super) fn say_granted(&mut self, ix: SimIx, only: Option<SiteId>) {
        for site in self.sites_of(ix) {
            if only.is_some_and(|only| only != site) {
                continue;
            }
            let stamp = self.state.sites.get(&site).map(|site| site.stamp);
            let Some((sim, asked)) = self.state.sim(ix).zip(stamp) else { continue };
            let (Some(held), Some(grant)) = (&sim.held, sim.lease.told(self.now, asked)) else {
                continue;
            };
            let Some(modem) = sim.lease.holder().and_then(|modem| self.state.modem(modem)) else {
                continue;
            };
            let message = SiteOrder::Grant {
                iccid: sim.iccid,
                slot: held.slot,
                modem: modem.id,
                epoch: grant.epoch,
                asked: grant.asked,
                ttl: grant.ttl,
            };
            let to_modem = modem.id.site == site;
            self.tell_site(site, message);
            if to_modem {
                self.entitle(ix);
            }
        }
    }

    pub(super) fn placement(&self, ix: SimIx) -> Option<Placement> {
        let sim = self.state.sim(ix)?;
        let modem = self.state.modem(sim.lease.holder()?)?;
        Some(Placement {
            iccid: sim.iccid,
            modem: modem.id,
            address: modem.address.clone(),
            epoch: sim.lease.epoch(),
        })
    }

    /// Keeps what must be told after the end of a lease.
    pub(super) fn before_end(&self, ix: SimIx) -> Option<Ending> {
        let sim = self.state.sim(ix)?;
        let (held, modem) = (sim.held.as_ref()?, sim.lease.holder()?);
        Some(Ending { from: (held.user, held.request), reason: held.ending, modem })
    }

    /// Tells of the end of a lease, goes on with the request for its SIM, and with its modem.
    pub(super) fn after_end(
        &mut self,
        ix: SimIx,
        ending: Option<Ending>,
        cause: Cause,
        reason: EndReason,
    ) {
        let Some(Ending { from: (user, request), reason: told, modem }) = ending else { return };
        let why = self.state.sim(ix).map_or(Why::NeverAsked, |sim| sim.why);
        if matches!(why, Why::GaveWay { .. }) {
            self.answer(user, request, Answer::Waiting(why));
        } else {
            self.answer(user, request, Answer::Ended(told.unwrap_or(reason)));
        }
        self.dispatch(modem, cause);
        self.advance(ix, cause);
    }

    /// Ends the waiting request of a SIM, if there is one.
    pub(super) fn drop_pending(&mut self, ix: SimIx, cause: Cause, reason: DropReason) {
        let Some(sim) = self.state.sim(ix) else { return };
        let Some(pending) = sim.pending.as_deref().cloned() else { return };
        let dropped = ConfigureChange::Dropped { iccid: sim.iccid, reason };
        self.record(cause, Change::Configure(dropped));
        self.answer(pending.user, pending.request, Answer::Dropped(reason));
        if let Some(modem) = pending.claim {
            self.dispatch(modem, cause);
        }
    }
}
