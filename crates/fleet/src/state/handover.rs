//! Another server leads, and its clock may show anything.

use super::{Modem, ModemIx, Sim, SimIx, Site, State, Turn};
use crate::{ExchangeConfig, SiteId};
use alloc::vec::Vec;
use polysim_base::Instant;

/// One moment by two clocks: when the leader before was heard of last, and when the next one began.
/// What was left of a wait at that moment is left of it still.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handover {
    pub(crate) was: Instant,
    pub(crate) is: Instant,
}

impl Handover {
    /// Moves a moment of the clock before to that of the next one.
    pub(crate) fn moves(self, at: &mut Instant) {
        *at = if *at < self.was {
            let ago = self.was.since(*at).as_micros();
            Instant::from_micros(self.is.as_micros().saturating_sub(ago))
        } else {
            self.is.plus(at.since(self.was))
        };
    }
}

impl State {
    /// Counts everything anew that was by the clock of the leader before. Nobody knows how long
    /// ago that one was heard of, so no lease may have less left than a whole one.
    pub(super) fn handed_over(&mut self, config: &ExchangeConfig, by: Handover) {
        for id in self.sites.keys().copied().collect::<Vec<SiteId>>() {
            self.change_site(id, |site| site.handed_over(config, by));
        }
        for ix in self.modems().map(|(ix, _)| ix).collect::<Vec<ModemIx>>() {
            self.change_modem(ix, |modem| modem.handed_over(by));
        }
        for ix in self.sims().map(|(ix, _)| ix).collect::<Vec<SimIx>>() {
            self.change_sim(ix, |sim| sim.handed_over(config, by));
        }
        for ix in self.usage.keys().copied().collect::<Vec<SimIx>>() {
            self.change_usage(ix, |usage| usage.handed_over(by));
        }
        for ix in self.boxes.keys().copied().collect::<Vec<SimIx>>() {
            self.change_box(ix, |it| it.handed_over(by));
        }
        self.users.values_mut().for_each(|user| user.states.handed_over(by));
    }
}

impl Site {
    /// Every site shall say anew what it has, and none is away for the time without a leader.
    fn handed_over(&mut self, config: &ExchangeConfig, by: Handover) {
        self.introduced = false;
        self.silent_at = by.is.plus(config.silence);
        self.suspect_until.iter_mut().for_each(|at| by.moves(at));
    }
}

impl Modem {
    fn handed_over(&mut self, by: Handover) {
        by.moves(&mut self.idle_since);
        self.rests_until.iter_mut().for_each(|at| by.moves(at));
    }
}

impl Sim {
    fn handed_over(&mut self, config: &ExchangeConfig, by: Handover) {
        let limit = by.is.plus(config.grace);
        self.lease.taken_over(by.is, config.ttl, config.margin, limit);
        if let Some(until) = &mut self.rests_until {
            *until = by.is.plus(config.quarantine);
        }
        by.moves(&mut self.last_used);
        if let Some(pending) = &mut self.pending {
            by.moves(&mut pending.deadline);
        }
        if let Some(held) = &mut self.held {
            by.moves(&mut held.since);
            held.ends.iter_mut().for_each(|at| by.moves(at));
            match &mut held.turn {
                Turn::None => {}
                Turn::Until(at) | Turn::Over(at) => by.moves(at),
            }
        }
    }
}
