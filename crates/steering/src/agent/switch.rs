//! A profile is enabled, and must find service; else the one before it is enabled again.

use alloc::vec;

use polysim_base::{Duration, Instant, Plmn};
use polysim_lpa::{LpaDone, LpaError};
use polysim_rsp::data::EnableResult;

use super::assistant::Assistant;
use super::episode::{Candidate, Phase};
use super::machine::{Agent, backoff};
use super::memory::{Change, End};
use super::watch::TRIAL_LOOK;
use super::{AgentEvent, AgentOutput, AgentTimer, Bearers, Reason};
use crate::{Location, Registration};

/// How long a device may take to restart, until it is told again.
const RESTART_WAIT: Duration = Duration::from_secs(60);
/// How often the eUICC is told to enable a profile.
const ENABLE_TRIES: u8 = 3;
/// Causes of TS 24.008 (10.5.5.14) and TS 24.301 (9.9.3.9) with which a network refuses a
/// subscription or a device everywhere: unknown in the HLR, illegal, or without the services.
const REFUSED_EVERYWHERE: [u8; 5] = [2, 3, 6, 7, 8];
/// Causes with which it refuses them in this network: PLMN or roaming not allowed, no GPRS services.
const REFUSED_HERE: [u8; 3] = [11, 13, 14];

impl<A: Assistant> Agent<A> {
    /// Takes up the next candidate.
    pub(super) fn choose(&mut self, now: Instant) {
        self.reset_tries();
        self.wait(None);
        let Some(episode) = self.episode() else { return };
        let (back, candidate) = (episode.back, episode.candidate().cloned());
        let enabled = self.flight.as_ref().and_then(|flight| flight.enabled);
        match candidate {
            Some(Candidate { iccid: Some(iccid), .. }) => {
                self.keep(Change::Phase(Phase::Enabling));
                self.tell(AgentEvent::Switching { iccid });
                self.enable(now);
            }
            Some(Candidate { iccid: None, .. }) => self.fetch(now),
            None if enabled == Some(back) => self.end(now, End::Failed),
            None => {
                self.keep(Change::Phase(Phase::Returning));
                self.enable(now);
            }
        }
    }

    /// The original profile is the only candidate.
    pub(super) fn go_home(&mut self, now: Instant) {
        let candidate = Candidate {
            operator: None,
            plmns: self.identity.home.clone(),
            iccid: Some(self.identity.original),
            made_room: false,
        };
        self.keep(Change::Chosen(vec![candidate]));
        self.choose(now);
    }

    /// Enables the profile of the phase, unless it is enabled.
    pub(super) fn enable(&mut self, now: Instant) {
        let Some(episode) = self.episode() else { return };
        let target = match episode.phase {
            Phase::Returning => Some(episode.back),
            Phase::Enabling => episode.target(),
            Phase::Gathering
            | Phase::Choosing
            | Phase::Fetching { .. }
            | Phase::Settling { .. }
            | Phase::Trial { .. }
            | Phase::Recovering { .. } => None,
        };
        let enabled = self.flight.as_ref().and_then(|flight| flight.enabled);
        match target {
            Some(target) if enabled == Some(target) => self.enabled(now),
            Some(target) => self.command_enable(now, target),
            None => {}
        }
    }

    pub(super) fn enable_finished(&mut self, now: Instant, result: Result<LpaDone, LpaError>) {
        let Some(episode) = self.episode() else { return };
        let returning = episode.phase == Phase::Returning;
        let target = if returning { Some(episode.back) } else { episode.target() };
        let Err(error) = result else {
            if let Some(flight) = &mut self.flight {
                flight.enabled = target;
            }
            return self.enabled(now);
        };
        let before = self.count_try();
        let for_good = is_for_good(&error) || before.saturating_add(1) >= ENABLE_TRIES;
        if for_good && let Some(iccid) = target {
            self.tell(AgentEvent::EnableFailed { iccid });
            if !returning {
                return self.skip(now, false, None);
            }
        }
        // What is enabled is read before it is tried again. The way back is never given up.
        let pause = backoff(&self.config.retry, before);
        self.wait(Some((now.plus(pause), AgentTimer::Enable)));
    }

    /// The profile of the phase is enabled: the device is to find service with it.
    fn enabled(&mut self, now: Instant) {
        let phase = match self.phase() {
            Some(Phase::Enabling) => Phase::Trial { since: now },
            Some(Phase::Returning) => Phase::Recovering { since: now },
            Some(
                Phase::Gathering
                | Phase::Choosing
                | Phase::Fetching { .. }
                | Phase::Settling { .. }
                | Phase::Trial { .. }
                | Phase::Recovering { .. },
            )
            | None => return,
        };
        self.keep(Change::Phase(phase));
        self.reset_tries();
        self.set_deadline(now, now);
        self.restart(now);
    }

    fn set_deadline(&mut self, now: Instant, since: Instant) {
        let timer = match self.phase() {
            Some(Phase::Recovering { .. }) => AgentTimer::Recover,
            Some(
                Phase::Gathering
                | Phase::Choosing
                | Phase::Fetching { .. }
                | Phase::Settling { .. }
                | Phase::Enabling
                | Phase::Trial { .. }
                | Phase::Returning,
            )
            | None => AgentTimer::Attach,
        };
        // Who was without power gets the time that a restart takes.
        let due = since.plus(self.config.attach_deadline).max(now.plus(RESTART_WAIT));
        self.wait(Some((due, timer)));
    }

    pub(super) fn restart(&mut self, now: Instant) {
        if let Some(flight) = &mut self.flight {
            flight.restarted = false;
            flight.restart_by = Some(now.plus(RESTART_WAIT));
        }
        self.session.bearers = Bearers::default();
        self.session.look_at = Some(now.plus(TRIAL_LOOK));
        self.act(AgentOutput::Restart);
    }

    pub(super) const fn restarted(&mut self, now: Instant) {
        if let Some(flight) = &mut self.flight {
            flight.restarted = true;
            flight.restart_by = None;
            self.session.look_at = Some(now.plus(TRIAL_LOOK));
        }
    }

    /// Goes on to watch after a crash, if the profile is still the one that is enabled.
    pub(super) fn watch_on(&mut self, now: Instant, since: Instant) {
        let Some(episode) = self.episode() else { return };
        let on_trial = matches!(episode.phase, Phase::Trial { .. });
        let target = if on_trial { episode.target() } else { Some(episode.back) };
        let Some(flight) = &self.flight else { return };
        let restarted = flight.restarted;
        if flight.enabled != target {
            if on_trial {
                return self.give_up(now, None);
            }
            self.keep(Change::Phase(Phase::Returning));
            return self.enable(now);
        }
        self.set_deadline(now, since);
        if !restarted {
            self.restart(now);
        }
    }

    fn has_restarted(&self) -> bool {
        self.flight.as_ref().is_some_and(|flight| flight.restarted)
    }

    /// Looks whether the profile on trial has found service where it is good.
    pub(super) fn judge(&mut self, now: Instant, location: &Location) {
        if !self.has_restarted() {
            return;
        }
        let serving = location.serving;
        match location.registration {
            Registration::Home => self.end(now, End::Attached { serving }),
            Registration::Roaming => {
                let candidate = self.episode().and_then(|episode| episode.candidate());
                let good = |plmn| candidate.is_some_and(|it| it.plmns.contains(&plmn));
                if serving.is_some_and(good) {
                    self.end(now, End::Attached { serving });
                }
            }
            Registration::Denied { cause } => self.judge_rejection(now, serving, cause),
            Registration::Searching | Registration::NotRegistered => {}
        }
    }

    /// A network has refused the profile on trial. That is final if no other network can take it.
    pub(super) fn judge_rejection(&mut self, now: Instant, plmn: Option<Plmn>, cause: u8) {
        if !self.has_restarted() {
            return;
        }
        let Some(candidate) = self.episode().and_then(|episode| episode.candidate()) else {
            return;
        };
        let elsewhere = candidate.plmns.iter().any(|it| Some(*it) != plmn);
        let here = REFUSED_HERE.contains(&cause) && plmn.is_some() && !elsewhere;
        if REFUSED_EVERYWHERE.contains(&cause) || here {
            self.give_up(now, Some(cause));
        }
    }

    /// Looks whether the device has service again with the profile that it goes back to.
    pub(super) fn judge_recovery(&mut self, now: Instant, location: &Location) {
        if self.has_restarted() && location.registration.is_registered() {
            self.recovered(now);
        }
    }

    /// The profile on trial does not work.
    pub(super) fn give_up(&mut self, now: Instant, cause: Option<u8>) {
        if let Some(iccid) = self.episode().and_then(|episode| episode.target()) {
            self.tell(AgentEvent::AttachFailed { iccid, cause });
        }
        self.wait(None);
        self.reset_tries();
        self.keep(Change::GivenUp);
        self.enable(now);
    }

    /// The profile before is enabled again; the next one is tried, with service or without.
    pub(super) fn recovered(&mut self, now: Instant) {
        if let Some(flight) = &mut self.flight {
            flight.restart_by = None;
        }
        self.tell(AgentEvent::Returned);
        self.skip(now, false, None);
    }

    /// The episode is over.
    pub(super) fn end(&mut self, now: Instant, end: End) {
        let Some(episode) = self.episode() else { return };
        let (outcome, target) = (episode.outcome(end), episode.target());
        self.keep(Change::Ended { at: now, end });
        if let (End::Attached { serving }, Some(iccid)) = (end, target) {
            self.tell(AgentEvent::Attached { iccid, serving });
        }
        self.tell(outcome.map_or(AgentEvent::Stayed, AgentEvent::Ended));
        self.rest(now);
        self.say_report(now);
    }
}

/// Tells whether enabling again would fail again.
const fn is_for_good(error: &LpaError) -> bool {
    matches!(
        error,
        LpaError::Enable(
            EnableResult::IccidOrAidNotFound
                | EnableResult::DisallowedByPolicy
                | EnableResult::WrongProfileReenabling
        )
    )
}

impl Reason {
    /// Tells whether the device is to have its original profile again.
    pub(super) const fn is_homeward(self) -> bool {
        match self {
            Self::HomeVisible => true,
            Self::Roaming | Self::NoService => false,
        }
    }
}
