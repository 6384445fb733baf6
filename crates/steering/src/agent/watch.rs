//! Where the device is, and whether that calls for another operator.

use alloc::boxed::Box;

use polysim_base::{Duration, Instant, Plmn};

use super::assistant::Assistant;
use super::episode::Phase;
use super::machine::{Agent, Flight, LOCATE_WAIT};
use super::{AgentOutput, AgentTimer, Reason};
use crate::{Level, Location, Registration};

/// Once the home network was received strongly enough, it counts as received until it is so many dB
/// weaker.
const HYSTERESIS_DB: i16 = 6;
/// How often a device on trial is asked where it is, beside the events.
pub(super) const TRIAL_LOOK: Duration = Duration::from_secs(30);

impl<A: Assistant> Agent<A> {
    /// Asks where the device is.
    pub(super) fn look(&mut self, now: Instant) {
        // Before the start nothing is asked; and one question is enough.
        if self.session.look_at.is_none() {
            return;
        }
        let every = if self.is_on_trial() { TRIAL_LOOK } else { self.config.check_every };
        self.session.look_at = Some(now.plus(every));
        if self.session.locating.is_none() {
            self.session.locating = Some(now.plus(LOCATE_WAIT));
            let visible = !self.is_on_trial() && self.wants_to_see();
            self.act(AgentOutput::Locate { visible });
        }
    }

    /// Tells whether it matters what the device receives: it may be home again, or away for long
    /// enough.
    fn wants_to_see(&self) -> bool {
        self.memory.away().is_some() || self.session.away.is_some() || self.flight.is_some()
    }

    fn is_on_trial(&self) -> bool {
        matches!(self.phase(), Some(Phase::Trial { .. } | Phase::Recovering { .. }))
    }

    pub(super) fn located(&mut self, now: Instant, location: Location) {
        self.session.locating = None;
        if self.session.look_at.is_none() {
            return;
        }
        match self.phase() {
            None if self.flight.is_none() => self.watch(now, location),
            Some(Phase::Trial { .. }) => self.judge(now, &location),
            Some(Phase::Recovering { .. }) => self.judge_recovery(now, &location),
            Some(Phase::Gathering) => self.gather_location(now, location),
            None
            | Some(
                Phase::Choosing
                | Phase::Fetching { .. }
                | Phase::Settling { .. }
                | Phase::Enabling
                | Phase::Returning,
            ) => {}
        }
    }

    /// The device does not say where it is.
    pub(super) fn not_located(&mut self, now: Instant) {
        if self.phase() == Some(Phase::Gathering) {
            let registration = Registration::NotRegistered;
            let visible = alloc::vec::Vec::new();
            self.gather_location(now, Location { registration, serving: None, visible });
        }
    }

    pub(super) fn rejected(&mut self, now: Instant, plmn: Option<Plmn>, cause: u8) {
        if let Some(Phase::Trial { .. }) = self.phase() {
            return self.judge_rejection(now, plmn, cause);
        }
        if self.flight.is_none() {
            self.look(now);
        }
    }

    fn watch(&mut self, now: Instant, location: Location) {
        self.note_away(now, &location);
        self.note_home(now, &location);
        match self.next_episode() {
            Some((at, reason)) if at <= now => self.begin(now, reason, location),
            Some((at, _)) => {
                let check = now.plus(self.config.check_every);
                self.session.look_at = Some(at.min(check));
            }
            None => {}
        }
    }

    fn note_away(&mut self, now: Instant, location: &Location) {
        let good = match self.memory.away() {
            Some((_, plmns)) => plmns,
            None => &self.identity.home,
        };
        let is_good = match location.registration {
            Registration::Home => true,
            Registration::Roaming => location.serving.is_some_and(|plmn| good.contains(&plmn)),
            Registration::Searching | Registration::NotRegistered | Registration::Denied { .. } => {
                false
            }
        };
        let reason = match location.registration.is_registered() {
            true => Reason::Roaming,
            false => Reason::NoService,
        };
        let since = self.session.away.map_or(now, |(since, _)| since);
        self.session.away = (!is_good).then_some((since, reason));
    }

    fn note_home(&mut self, now: Instant, location: &Location) {
        if self.memory.away().is_none() {
            self.session.home = None;
            return;
        }
        // It has not looked: nothing is known.
        if location.visible.is_empty() {
            return;
        }
        let slack = if self.session.home.is_some() { HYSTERESIS_DB } else { 0 };
        let least = Level::from_dbm(self.config.home_level.dbm().saturating_sub(slack));
        let there = location.level_of(&self.identity.home).is_some_and(|level| level >= least);
        self.session.home = there.then_some(self.session.home.unwrap_or(now));
    }

    /// Returns which episode is next, and when, if nothing changes. Where home is there, the way
    /// leads home and nowhere else, unless that was tried and failed.
    fn next_episode(&self) -> Option<(Instant, Reason)> {
        let rest = self.memory.rest();
        let at = |since: Instant, dwell, reason| {
            (since.plus(dwell).max(rest.until(&self.config, reason)), reason)
        };
        let home = self.session.home;
        let home = home.map(|since| at(since, self.config.home_dwell, Reason::HomeVisible));
        let away = self.session.away;
        let away = away.map(|(since, reason)| at(since, self.config.away_dwell, reason));
        let first = home.into_iter().chain(away).min_by_key(|(at, _)| *at)?;
        let homeward = home.is_some() && !self.memory.has_failed_home();
        Some(if homeward { (first.0, Reason::HomeVisible) } else { first })
    }

    pub(super) fn look_timer(&self) -> AgentTimer {
        match self.session.away.is_some() || self.session.home.is_some() {
            true => AgentTimer::Dwell,
            false => AgentTimer::Check,
        }
    }

    fn begin(&mut self, now: Instant, reason: Reason, location: Location) {
        let flight =
            Flight { beginning: Some(reason), location: Some(location), ..Flight::default() };
        self.flight = Some(Box::new(flight));
        self.read_profiles(now);
    }

    /// Nothing is under way any more.
    pub(super) fn rest(&mut self, now: Instant) {
        self.flight = None;
        (self.session.away, self.session.home) = (None, None);
        self.session.look_at = Some(now.plus(self.config.check_every));
    }
}
