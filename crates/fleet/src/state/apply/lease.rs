//! Leases and what goes with them.

use super::super::{Held, ModemIx, Pending, Phase, Sim, SimIx, State, Turn};
use crate::wire::{EndReason, LeaseChange, Why};
use crate::{ExchangeConfig, SiteId};
use alloc::boxed::Box;
use polysim_base::{Duration, Iccid, Instant};
use polysim_lease::{LeaseState, Moved, Revoke};

impl State {
    pub(super) fn lease(&mut self, config: &ExchangeConfig, at: Instant, change: &LeaseChange) {
        let about = change.ends_standby_of().and_then(|iccid| self.find(iccid));
        let reachable =
            |state: &Self| about.and_then(|ix| state.sim(ix)).is_some_and(Sim::reachable);
        let was = reachable(self);
        self.lease_changed(config, at, change);
        if let (Some(ix), true, false) = (about, was, reachable(self)) {
            self.change_sim(ix, |sim| sim.off_since = at);
        }
    }

    fn lease_changed(&mut self, config: &ExchangeConfig, at: Instant, change: &LeaseChange) {
        match change {
            LeaseChange::Granted { iccid, modem, why, .. } => {
                if let (Some(ix), Some(modem)) =
                    (self.find(*iccid), self.by_modem.get(modem).copied())
                {
                    self.granted(config, at, (ix, modem), *why, None);
                }
            }
            LeaseChange::GrantedAtOnce { iccid, user, request, parameters, modem, why, .. } => {
                let fresh = Pending {
                    user: *user,
                    request: *request,
                    parameters: *parameters,
                    turn: 0,
                    deadline: at.plus(parameters.wait),
                    claim: None,
                };
                if let (Some(ix), Some(modem)) =
                    (self.find(*iccid), self.by_modem.get(modem).copied())
                {
                    self.granted(config, at, (ix, modem), *why, Some(fresh));
                }
            }
            LeaseChange::Renewed { site, stamp, sims } => {
                self.renewed(config, at, (*site, *stamp), sims);
            }
            LeaseChange::Attached(iccid) => self.attached(at, *iccid),
            LeaseChange::ServiceBegan(iccid, number) => {
                self.service(*iccid, Phase::InService, *number);
            }
            LeaseChange::ServiceEnded(iccid, number) => {
                self.service(*iccid, Phase::Standby, *number);
            }
            LeaseChange::Revoked { iccid, how, reason } => self.revoked(*iccid, *how, *reason),
            LeaseChange::Passed(iccid) => self.passed(config, at, *iccid),
            LeaseChange::Released(iccid) => {
                if let Some(ix) = self.find(*iccid) {
                    self.freed(at, ix, EndReason::LetGo, Duration::ZERO);
                }
            }
            LeaseChange::Lost(iccid) => {
                if let Some(ix) = self.find(*iccid) {
                    self.freed(at, ix, EndReason::SiteRestarted, config.quarantine);
                }
            }
            LeaseChange::Rested(iccid) => {
                if let Some(ix) = self.find(*iccid) {
                    self.change_sim(ix, |sim| sim.rests_until = None);
                }
            }
            LeaseChange::TurnOver(iccid) => {
                let Some(ix) = self.find(*iccid) else { return };
                self.change_sim(ix, |sim| {
                    if let Some(held) = &mut sim.held
                        && let Turn::Until(end) = held.turn
                    {
                        held.turn = Turn::Over(end);
                    }
                });
            }
        }
    }

    fn renewed(
        &mut self,
        config: &ExchangeConfig,
        at: Instant,
        (site, stamp): (SiteId, Instant),
        sims: &[Iccid],
    ) {
        self.change_site(site, |site| {
            site.stamp = stamp;
            site.silent_at = at.plus(config.silence);
        });
        for iccid in sims {
            let Some(ix) = self.find(*iccid) else { continue };
            self.change_sim(ix, |sim| {
                let epoch = sim.lease.epoch();
                let _stale = sim.lease.renew(at, epoch, config.ttl, config.margin).is_err();
            });
        }
    }

    fn revoked(&mut self, iccid: Iccid, how: Revoke, reason: EndReason) {
        let Some(ix) = self.find(iccid) else { return };
        self.change_sim(ix, |sim| {
            sim.lease.revoke(how);
            if let Some(held) = &mut sim.held
                && reason.prevails(held.ending)
            {
                held.ending = Some(reason);
            }
        });
    }

    fn passed(&mut self, config: &ExchangeConfig, at: Instant, iccid: Iccid) {
        let Some(ix) = self.find(iccid) else { return };
        let mut moved = None;
        self.change_sim(ix, |sim| {
            let freed = matches!(sim.lease.state(), LeaseState::InDoubt { guard, .. }
                if guard <= at);
            moved = if freed { Some(Moved::Freed) } else { sim.lease.pass(at) };
        });
        if moved == Some(Moved::Freed) {
            self.freed(at, ix, EndReason::Expired, config.quarantine);
        }
    }

    /// Leases a SIM to a modem for the request that waits, or else for a fresh one.
    fn granted(
        &mut self,
        config: &ExchangeConfig,
        at: Instant,
        (ix, modem): (SimIx, ModemIx),
        why: Why,
        fresh: Option<Pending>,
    ) {
        let term = self.term;
        let mut turn = 0;
        let Some(site) = self.modem(modem).map(|modem| modem.id.site) else { return };
        self.change_modem(modem, |modem| (modem.leased, modem.claimed) = (Some(ix), None));
        let mut left = None;
        self.change_sim(ix, |sim| {
            let pending = sim.pending.take().map(|pending| *pending).or(fresh);
            let (Some(slot), Some(pending)) = (sim.slot(), pending) else { return };
            let _refused = sim.lease.grant(at, modem, term, config.ttl, config.margin).is_err();
            (turn, left) = (pending.turn, pending.claim.filter(|claim| *claim != modem));
            sim.why = why;
            if !sim.served_at.contains(&site) {
                sim.served_at.push(site);
            }
            sim.held = Some(Box::new(Held {
                user: pending.user,
                request: pending.request,
                parameters: pending.parameters,
                slot,
                since: at,
                phase: Phase::Attaching,
                service: 0,
                ends: pending.parameters.duration.map(|d| at.plus(d)),
                ending: None,
                wait_left: pending.deadline.since(at),
                turn: Turn::None,
            }));
        });
        if let Some(claim) = left {
            self.change_modem(claim, |modem| modem.claimed = None);
        }
        self.turn = self.turn.max(turn);
        if self.indexes.pending == 0 {
            self.turns.clear();
        }
    }

    fn attached(&mut self, at: Instant, iccid: Iccid) {
        let Some(ix) = self.find(iccid) else { return };
        self.change_sim(ix, |sim| {
            if let Some(held) = &mut sim.held {
                held.phase = Phase::Standby;
                let turn = held.parameters.turns;
                held.turn = turn.map_or(Turn::None, |turn| Turn::Until(at.plus(turn)));
            }
        });
        let Some(modem) = self.sim(ix).and_then(|sim| sim.lease.holder()) else { return };
        self.change_modem(modem, |modem| modem.failures = 0);
        if let Some(site) = self.modem(modem).map(|modem| modem.id.site) {
            self.change_site(site, |site| site.failures = 0);
        }
    }

    fn service(&mut self, iccid: Iccid, phase: Phase, number: u32) {
        let Some(ix) = self.find(iccid) else { return };
        self.change_sim(ix, |sim| {
            if let Some(held) = &mut sim.held {
                (held.phase, held.service) = (phase, number);
            }
        });
    }

    /// Ends the lease of a SIM: nobody can believe to hold it. The request of one that had to give
    /// way waits again.
    fn freed(&mut self, at: Instant, ix: SimIx, reason: EndReason, rest: Duration) {
        let Some(modem) = self.sim(ix).and_then(|sim| sim.lease.holder()) else { return };
        let to = self.modem(modem).and_then(|modem| modem.claimed);
        let to = to.and_then(|ix| self.sim(ix)).map(|sim| sim.iccid);
        let mut again = None;
        self.change_sim(ix, |sim| {
            let _free = sim.lease.released(sim.lease.epoch()).is_err();
            sim.rests_until = (rest > Duration::ZERO).then(|| at.plus(rest));
            let Some(held) = sim.held.take() else { return };
            let reason = held.ending.unwrap_or(reason);
            if sim.pending.is_some() {
                return;
            }
            sim.why = Why::Ended(reason);
            if reason.waits_again() && !sim.blocked && sim.slot().is_some() {
                sim.why = Why::GaveWay { to, reason };
                again = Some(held);
            }
        });
        if let Some(held) = again {
            self.waits_again(at, ix, &held);
        }
        self.change_modem(modem, |modem| {
            modem.leased = None;
            modem.idle_since = at;
        });
    }

    fn waits_again(&mut self, at: Instant, ix: SimIx, held: &Held) {
        let turn = self.turn_for(held.user);
        self.turns.insert(held.user, turn);
        // One that takes turns waits for each of them as long as for the first.
        let wait =
            if held.parameters.turns.is_some() { held.parameters.wait } else { held.wait_left };
        let pending = Pending {
            user: held.user,
            request: held.request,
            parameters: held.parameters,
            turn,
            deadline: at.plus(wait),
            claim: None,
        };
        self.change_sim(ix, |sim| sim.pending = Some(Box::new(pending)));
    }
}
