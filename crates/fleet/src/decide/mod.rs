//! What the exchange decides, by concern. Decisions read the state and record changes; the fold
//! makes them.

mod assign;
mod budget;
mod configure;
mod inventory;
mod keep;
mod lease;
mod list;
mod mail;
mod turn;
mod using;

use crate::state::{Due, Place, SimIx, State};
use crate::wire::{
    Answer, Ask, Cause, Change, Directive, DropReason, EndReason, Input, InventoryChange,
    LeaseChange, Output, SiteOrder, UserRequest, Why,
};
use crate::{ExchangeConfig, RequestId, SiteId, UserId};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use polysim_base::{Instant, Out};
use polysim_lease::{LeaseTimer, Revoke};

/// One input at one moment.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) config: &'a ExchangeConfig,
    pub(crate) state: &'a mut State,
    pub(crate) out: &'a mut VecDeque<Out<crate::wire::Record, Output>>,
    pub(crate) now: Instant,
}

impl Context<'_> {
    pub(crate) fn handle(&mut self, input: Input) {
        match input {
            Input::Lead(term) => {
                self.record(Cause::Operator, Change::Lead(term));
                self.take_up();
            }
            Input::Operator(input) => self.operator(input),
            Input::Site(site, report) => self.report(site, report),
            Input::User(user, request) => self.request(user, request),
        }
    }

    fn request(&mut self, user: UserId, UserRequest { request, ask }: UserRequest) {
        let from = (user, request);
        match ask {
            Ask::Assign { iccid, parameters } => self.assign(from, iccid, parameters),
            Ask::Release { iccid, reclaim } => self.release(from, iccid, reclaim),
            Ask::Why { iccid } => self.explain(from, iccid),
            Ask::Use { target, purpose, known } => self.use_sim(from, target, purpose, known),
            Ask::List => self.list(from),
            Ask::Mail { after } => self.mail(from, after),
        }
    }

    /// Goes on with whatever a crash may have cut between two records.
    fn take_up(&mut self) {
        let all: Vec<SimIx> = self.state.sims().map(|(ix, _)| ix).collect();
        for ix in all {
            let Some(sim) = self.state.sim(ix) else { return };
            let modem = sim.lease.holder().and_then(|modem| self.state.modem(modem));
            let bad_modem = modem.is_some_and(|it| !it.present || it.rests_until.is_some());
            if sim.blocked || bad_modem || matches!(sim.place, Place::Several(_)) {
                self.revoke(ix, Cause::Operator, Revoke::AtOnce, EndReason::ModemLost);
            }
            let Some(sim) = self.state.sim(ix) else { return };
            if sim.blocked || sim.slot().is_none() {
                self.drop_pending(ix, Cause::Operator, DropReason::Card);
            }
            let Some(sim) = self.state.sim(ix) else { return };
            let Some(pending) = sim.pending.as_deref() else { continue };
            let priority = pending.parameters.priority;
            match pending.claim.and_then(|modem| self.state.modem(modem)) {
                Some(modem) => {
                    if let Some(victim) = modem.leased {
                        let turn = matches!(sim.why, Why::TakesTurn { .. });
                        let reason =
                            if turn { EndReason::TurnOver } else { EndReason::Evicted(priority) };
                        let how = self.graceful();
                        self.revoke(victim, Cause::Operator, how, reason);
                    }
                }
                None => self.advance(ix, Cause::Operator),
            }
        }
        for modem in self.state.modems().map(|(ix, _)| ix).collect::<Vec<_>>() {
            self.dispatch(modem, Cause::Operator);
        }
    }

    pub(crate) fn serve_deadlines(&mut self) {
        while let Some((at, due)) = self.state.indexes.due.first().copied() {
            if at > self.now {
                return;
            }
            match due {
                Due::Lease(ix) => self.lease_due(ix),
                Due::Wait(ix) => self.drop_pending(ix, Cause::Time, DropReason::Deadline),
                Due::Duration(ix) => {
                    let how = self.graceful();
                    self.revoke(ix, Cause::Time, how, EndReason::Duration);
                }
                Due::Modem(ix) => {
                    let Some(id) = self.state.modem(ix).map(|modem| modem.id) else { return };
                    let change = InventoryChange::ModemRested(id);
                    self.record(Cause::Time, Change::Inventory(change));
                    self.dispatch(ix, Cause::Time);
                }
                Due::Site(site) => {
                    let change = InventoryChange::SiteCleared(site);
                    self.record(Cause::Time, Change::Inventory(change));
                    self.dispatch_site(site, Cause::Time);
                }
                Due::Silence(site) => {
                    let change = InventoryChange::SiteAway(site);
                    self.record(Cause::Time, Change::Inventory(change));
                }
                Due::Rest(ix) => self.rested(ix),
                Due::Turn(ix) => self.turn_over(ix),
                Due::Parts(ix) => self.parts_due(ix),
                Due::Budget(ix) => self.window_moved(ix),
            }
        }
    }

    /// Serves the deadline of a lease: its grace is over, it expires, or its guard has passed.
    fn lease_due(&mut self, ix: SimIx) {
        let Some(sim) = self.state.sim(ix) else { return };
        let Some((_, timer)) = sim.lease.deadline() else { return };
        let iccid = sim.iccid;
        let freed = self.before_end(ix);
        self.record(Cause::Time, Change::Lease(LeaseChange::Passed(iccid)));
        match timer {
            LeaseTimer::GraceLimit => self.say_revoked(ix, Revoke::AtOnce),
            LeaseTimer::Expiry => {}
            LeaseTimer::Guard => self.after_end(ix, freed, Cause::Time, EndReason::Expired),
        }
    }

    fn rested(&mut self, ix: SimIx) {
        let Some(iccid) = self.state.sim(ix).map(|sim| sim.iccid) else { return };
        self.record(Cause::Time, Change::Lease(LeaseChange::Rested(iccid)));
        self.advance(ix, Cause::Time);
    }

    pub(crate) fn graceful(&self) -> Revoke {
        Revoke::Graceful { limit_micros: self.now.plus(self.config.grace).as_micros() }
    }

    pub(crate) fn answer(&mut self, user: UserId, request: RequestId, answer: Answer) {
        self.say(Output::ToUser { user, request, answer });
    }

    pub(crate) fn tell_site(&mut self, site: SiteId, order: SiteOrder) {
        self.say(Output::ToSite(site, Directive { term: self.state.term, order }));
    }
}
