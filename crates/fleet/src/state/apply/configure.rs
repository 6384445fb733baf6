//! Requests that wait, and what the operator says.

use super::super::{Enrolment, Pending, SimIx, State, UserBox};
use crate::wire::{ConfigureChange, DropReason, Parameters, Why};
use crate::{Permissions, RequestId, UserId};
use alloc::boxed::Box;
use polysim_base::{Iccid, Instant};

impl State {
    pub(super) fn configure(&mut self, at: Instant, change: &ConfigureChange) {
        match change {
            ConfigureChange::Asked { iccid, user, request, parameters, why } => {
                self.asked(at, *iccid, (*user, *request), *parameters, *why);
            }
            ConfigureChange::Waits { iccid, why } => {
                if let Some(ix) = self.find(*iccid) {
                    self.change_sim(ix, |sim| sim.why = *why);
                }
            }
            ConfigureChange::Claims { iccid, modem, why } => {
                let (Some(ix), Some(modem)) =
                    (self.find(*iccid), self.by_modem.get(modem).copied())
                else {
                    return;
                };
                self.change_modem(modem, |modem| modem.claimed = Some(ix));
                self.change_sim(ix, |sim| {
                    sim.why = *why;
                    if let Some(pending) = &mut sim.pending {
                        pending.claim = Some(modem);
                    }
                });
            }
            ConfigureChange::Unclaimed(iccid) => self.unclaimed(*iccid),
            ConfigureChange::Dropped { iccid, reason } => self.dropped(*iccid, *reason),
            ConfigureChange::Enrolled(iccid, group, plan) => {
                if let Some(ix) = self.known(at, *iccid) {
                    let enrolment = Enrolment { group: *group, plan: *plan };
                    self.change_sim(ix, |sim| sim.enrolment = Some(enrolment));
                }
            }
            ConfigureChange::Permitted(iccid, user, set) => {
                if let Some(ix) = self.known(at, *iccid) {
                    self.permitted(ix, *user, *set);
                }
            }
            ConfigureChange::Capped(iccid, caps) => {
                if let Some(ix) = self.known(at, *iccid) {
                    self.change_sim(ix, |sim| sim.rights = sim.rights.saturating_add(1));
                    self.change_usage(ix, |usage| usage.caps = Some(*caps));
                }
            }
            ConfigureChange::Plan(plan) => {
                self.plans.insert(plan.plan, plan.clone());
            }
            ConfigureChange::Range(prefix, operator) => {
                self.ranges.insert(*prefix, *operator);
            }
        }
    }

    fn permitted(&mut self, ix: SimIx, user: UserId, set: Permissions) {
        self.change_sim(ix, |sim| {
            sim.rights = sim.rights.saturating_add(1);
            sim.permits.set(user, set);
        });
        let its = self.users.entry(user).or_default();
        if set.is_empty() {
            its.sims.remove(&ix);
        } else {
            its.sims.insert(ix);
        }
        if *its == UserBox::default() {
            self.users.remove(&user);
        }
    }

    fn asked(
        &mut self,
        at: Instant,
        iccid: Iccid,
        (user, request): (UserId, RequestId),
        parameters: Parameters,
        why: Why,
    ) {
        let Some(ix) = self.find(iccid) else { return };
        let turn = self.turn_for(user);
        self.turns.insert(user, turn);
        let deadline = at.plus(parameters.wait);
        let pending = Pending { user, request, parameters, turn, deadline, claim: None };
        self.change_sim(ix, |sim| {
            sim.why = why;
            sim.pending = Some(Box::new(pending));
        });
    }

    fn unclaimed(&mut self, iccid: Iccid) {
        let Some(ix) = self.find(iccid) else { return };
        let mut claim = None;
        self.change_sim(ix, |sim| {
            claim = sim.pending.as_mut().and_then(|pending| pending.claim.take());
        });
        if let Some(modem) = claim {
            self.change_modem(modem, |modem| modem.claimed = None);
        }
    }

    fn dropped(&mut self, iccid: Iccid, reason: DropReason) {
        let Some(ix) = self.find(iccid) else { return };
        let pending = self.sim(ix).and_then(|sim| sim.pending.as_deref());
        let claim = pending.and_then(|pending| pending.claim);
        self.change_sim(ix, |sim| {
            sim.pending = None;
            sim.why = Why::Dropped(reason);
        });
        if let Some(modem) = claim {
            self.change_modem(modem, |modem| modem.claimed = None);
        }
    }
}
