//! What an agent keeps when the power goes.

use alloc::boxed::Box;
use alloc::vec::Vec;

use polysim_base::{Duration, Iccid, Instant, Plmn};
use polysim_lpa::LpaRecord;
use serde::{Deserialize, Serialize};

use super::episode::{Candidate, Episode, Phase};
use super::{AgentConfig, Reason};
use crate::wire::{Counters, ListEntry, Outcome, Report, ReportNumber, RequestNumber};

/// The most reports that wait; of more, the last one stands for several.
pub(super) const REPORTS_MAX: usize = 8;
/// A month, for what is counted by it.
pub(super) const MONTH: Duration = Duration::from_secs(30 * 86_400);
/// A device that switches again within so many gaps goes back and forth.
const CALM_GAPS: u64 = 4;
/// How often a gap or a pause is doubled, at most.
const DOUBLINGS_MAX: u8 = 16;

/// Something that an agent remembers from now on.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct AgentRecord(pub(super) Change);

#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(super) enum Change {
    /// All that is remembered but what the assistant does, in place of what was recorded before.
    Memory(Box<Memory>),
    /// The assistant remembers something.
    Assistant(LpaRecord),
    /// This counter is used for what goes to the platform.
    Sent(u32),
    /// This counter of the platform was taken.
    Heard(u32),
    /// The clock has gone back: nothing was later than this.
    Clock(Instant),
    /// An episode begins.
    Began { reason: Reason, from: Iccid, back: Iccid },
    /// The platform is asked for a list.
    Asked(RequestNumber),
    /// The platform's list.
    Listed { at: Instant, entries: Vec<ListEntry> },
    /// These are tried.
    Chosen(Vec<Candidate>),
    /// The candidate is passed over, and why.
    Skipped { postponed: bool, report: Option<Outcome> },
    /// The candidate's profile is asked for.
    Ordered { request: RequestNumber, made_room: bool, report: Option<Outcome> },
    /// The candidate's profile is promised, and is downloaded.
    Granted { at: Instant, iccid: Iccid },
    /// It is installed.
    Downloaded { at: Instant, iccid: Iccid, report: Outcome },
    /// A profile was deleted to make room.
    Deleted(Iccid),
    /// The episode goes on.
    Phase(Phase),
    /// The candidate has not worked.
    GivenUp,
    /// The episode is over.
    Ended { at: Instant, end: End },
    /// A report is recorded at the platform.
    Noted(ReportNumber),
    /// There is a data connection, for which a download was put off.
    DataThere,
}

/// How an episode is over.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub(super) enum End {
    /// The candidate's profile works: it stays.
    Attached { serving: Option<Plmn> },
    /// Nothing has worked.
    Failed,
    /// What the device has is best.
    Stayed,
}

/// All that survives. What most devices lack is in the box.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    pub(super) counters: Counters,
    pub(super) past: Option<Box<Past>>,
    pub(super) episode: Option<Box<Episode>>,
}

/// What a device has that was once away.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub(super) struct Past {
    /// The profile that it has in place of the original one, and where that is good.
    pub(super) away: Option<(Iccid, Vec<Plmn>)>,
    pub(super) list: Option<(Instant, Vec<ListEntry>)>,
    /// The oldest first: it is the one that is said.
    pub(super) reports: Vec<Report>,
    /// Profiles that the agent has downloaded.
    pub(super) downloaded: Vec<Iccid>,
    pub(super) last_request: RequestNumber,
    pub(super) last_report: ReportNumber,
    /// When the month of the downloads began, and how many there were.
    pub(super) month: (Instant, u16),
    pub(super) rest: Rest,
    /// A download waits for a data connection.
    pub(super) postponed: bool,
    /// The last way home led back.
    home_failed: bool,
}

/// Why a device does not switch at once.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub(super) struct Rest {
    switched: Option<Instant>,
    /// How often it went back and forth.
    flaps: u8,
    failed: Option<Instant>,
    /// How often in a row nothing has worked.
    failures: u8,
}

impl Rest {
    fn gap(&self, config: &AgentConfig) -> Duration {
        doubled(config.switch_gap, self.flaps, config.switch_gap_max)
    }

    /// Returns until when an episode for this reason has to wait. Who has no service is not kept
    /// waiting for having gone back and forth.
    pub(super) fn until(&self, config: &AgentConfig, reason: Reason) -> Instant {
        let gap = match reason {
            Reason::NoService => config.switch_gap,
            Reason::Roaming | Reason::HomeVisible => self.gap(config),
        };
        let gap = self.switched.map_or(Instant::ZERO, |at| at.plus(gap));
        let pause = doubled(config.pause, self.failures.saturating_sub(1), config.pause_max);
        gap.max(self.failed.map_or(Instant::ZERO, |at| at.plus(pause)))
    }

    fn switched(&mut self, config: &AgentConfig, at: Instant) {
        let calm = self.gap(config).times(CALM_GAPS);
        let again = self.switched.is_some_and(|before| at.since(before) < calm);
        self.flaps = if again { self.flaps.saturating_add(1).min(DOUBLINGS_MAX) } else { 0 };
        (self.switched, self.failed, self.failures) = (Some(at), None, 0);
    }

    const fn failed(&mut self, at: Instant) {
        self.failed = Some(at);
        if self.failures < DOUBLINGS_MAX {
            self.failures += 1;
        }
    }

    /// There is a way to the platform that there was not: what failed for that is tried again.
    pub(super) const fn forgive(&mut self) {
        self.failed = None;
    }
}

fn doubled(first: Duration, times: u8, most: Duration) -> Duration {
    first.times(1_u64 << times.min(DOUBLINGS_MAX)).min(most.max(first))
}

impl Memory {
    pub(super) fn away(&self) -> Option<&(Iccid, Vec<Plmn>)> {
        self.past.as_ref()?.away.as_ref()
    }

    pub(super) fn reports(&self) -> &[Report] {
        self.past.as_ref().map_or(&[], |past| past.reports.as_slice())
    }

    pub(super) fn rest(&self) -> Rest {
        self.past.as_ref().map_or_else(Rest::default, |past| past.rest)
    }

    pub(super) fn next_request(&self) -> RequestNumber {
        let last = self.past.as_ref().map_or(0, |past| past.last_request.0);
        RequestNumber(last.saturating_add(1))
    }

    pub(super) fn has_failed_home(&self) -> bool {
        self.past.as_ref().is_some_and(|past| past.home_failed)
    }

    pub(super) fn waits_for_data(&self) -> bool {
        self.past.as_ref().is_some_and(|past| past.postponed)
    }

    /// Tells whether another download may begin in this month.
    pub(super) fn may_download(&self, config: &AgentConfig, now: Instant) -> bool {
        let (began, count) = self.past.as_ref().map_or((Instant::ZERO, 0), |past| past.month);
        count < config.downloads_per_month
            || config.downloads_per_month > 0 && now.since(began) >= MONTH
    }

    fn past(&mut self) -> &mut Past {
        self.past.get_or_insert_default()
    }

    pub(super) fn apply(&mut self, config: &AgentConfig, change: &Change) {
        match change {
            Change::Memory(memory) => self.clone_from(memory),
            Change::Assistant(_) => {}
            Change::Sent(counter) => self.counters.used(*counter),
            Change::Heard(counter) => self.counters.take(*counter),
            Change::Clock(now) => self.set_clock(*now),
            Change::Began { reason, from, back } => self.begin(*reason, *from, *back),
            Change::Asked(request) => {
                self.past().last_request = *request;
                self.with_episode(|episode| episode.request = Some(*request));
            }
            Change::Listed { at, entries } => self.past().list = Some((*at, entries.clone())),
            Change::DataThere => {
                let past = self.past();
                past.postponed = false;
                past.rest.forgive();
            }
            Change::Noted(number) => self.past().reports.retain(|it| it.number != *number),
            Change::Ended { at, end } => self.end(config, *at, *end),
            Change::Chosen(_)
            | Change::Skipped { .. }
            | Change::Ordered { .. }
            | Change::Granted { .. }
            | Change::Downloaded { .. }
            | Change::Deleted(_)
            | Change::Phase(_)
            | Change::GivenUp => self.go_on(change),
        }
    }

    fn go_on(&mut self, change: &Change) {
        match change {
            Change::Chosen(candidates) => self.with_episode(|episode| {
                episode.candidates.clone_from(candidates);
                episode.phase = Phase::Choosing;
            }),
            Change::Skipped { postponed, report } => {
                self.with_episode(|episode| episode.next(*postponed));
                report.iter().for_each(|outcome| self.report(*outcome));
            }
            Change::Ordered { request, made_room, report } => {
                self.past().last_request = *request;
                report.iter().for_each(|outcome| self.report(*outcome));
                self.with_episode(|episode| {
                    episode.phase = Phase::Fetching { request: *request, granted: None };
                    episode.candidates.iter_mut().take(1).for_each(|it| it.made_room |= made_room);
                });
            }
            Change::Granted { at, iccid } => self.granted(*at, *iccid),
            Change::Downloaded { at, iccid, report } => {
                if !self.past().downloaded.contains(iccid) {
                    self.past().downloaded.push(*iccid);
                }
                self.with_episode(|episode| {
                    episode.candidates.iter_mut().take(1).for_each(|it| it.iccid = Some(*iccid));
                    episode.phase = Phase::Settling { since: *at };
                });
                self.report(*report);
            }
            Change::Deleted(iccid) => self.past().downloaded.retain(|it| it != iccid),
            Change::Phase(phase) => self.with_episode(|episode| episode.phase = *phase),
            Change::GivenUp => self.with_episode(|episode| {
                episode.tried = episode.tried.saturating_add(1);
                episode.phase = Phase::Returning;
            }),
            Change::Memory(_)
            | Change::Assistant(_)
            | Change::Sent(_)
            | Change::Heard(_)
            | Change::Clock(_)
            | Change::Began { .. }
            | Change::Asked(_)
            | Change::Listed { .. }
            | Change::Ended { .. }
            | Change::Noted(_)
            | Change::DataThere => {}
        }
    }

    fn with_episode(&mut self, change: impl FnOnce(&mut Episode)) {
        if let Some(episode) = &mut self.episode {
            change(episode);
        }
    }

    fn begin(&mut self, reason: Reason, from: Iccid, back: Iccid) {
        self.episode = Some(Box::new(Episode {
            reason,
            from,
            back,
            request: None,
            candidates: Vec::new(),
            tried: 0,
            postponed: false,
            phase: Phase::Gathering,
        }));
    }

    fn granted(&mut self, at: Instant, promised: Iccid) {
        self.with_episode(|episode| {
            if let Phase::Fetching { granted, .. } = &mut episode.phase {
                *granted = Some(promised);
            }
        });
        let (began, count) = &mut self.past().month;
        if *count == 0 || at.since(*began) >= MONTH {
            (*began, *count) = (at, 0);
        }
        *count = count.saturating_add(1);
    }

    fn end(&mut self, config: &AgentConfig, at: Instant, end: End) {
        let Some(episode) = self.episode.take() else { return };
        let outcome = episode.outcome(end);
        let homeward = episode.reason.is_homeward();
        let original = episode.original();
        let past = self.past();
        past.postponed = episode.postponed && end == End::Failed;
        past.home_failed = homeward && end == End::Failed;
        match (end, episode.candidates.into_iter().next()) {
            (End::Attached { .. }, Some(Candidate { iccid: Some(iccid), plmns, .. })) => {
                past.rest.switched(config, at);
                past.away = (iccid != original).then_some((iccid, plmns));
            }
            (End::Attached { .. } | End::Stayed, _) => past.rest.failed(at),
            (End::Failed, _) => {
                past.rest.failed(at);
                // The profile that it came from is enabled again, which is the original one, but
                // on the way home.
                if !homeward {
                    past.away = None;
                }
            }
        }
        outcome.into_iter().for_each(|outcome| self.report(outcome));
    }

    /// Adds a report. The oldest may have been said, and the platform may know it; one of the others
    /// is not known to anybody, and can give way.
    fn report(&mut self, outcome: Outcome) {
        let past = self.past();
        if past.reports.len() >= REPORTS_MAX
            && let Some(last) = past.reports.last_mut()
        {
            (last.outcome, last.merged) = (outcome, last.merged.saturating_add(1));
            return;
        }
        past.last_report = ReportNumber(past.last_report.0.saturating_add(1));
        past.reports.push(Report { number: past.last_report, outcome, merged: 0 });
    }

    fn set_clock(&mut self, now: Instant) {
        if let Some(past) = &mut self.past {
            let times = past.list.iter_mut().map(|(at, _)| at);
            let times = times.chain(past.rest.switched.iter_mut());
            let times = times.chain(past.rest.failed.iter_mut());
            times.chain([&mut past.month.0]).for_each(|at| *at = now.min(*at));
        }
        self.with_episode(|episode| {
            if let Phase::Settling { since }
            | Phase::Trial { since }
            | Phase::Recovering { since } = &mut episode.phase
            {
                *since = now.min(*since);
            }
        });
    }

    /// Tells whether something is known that is later than this: then the clock has gone back.
    pub(super) fn knows_later_than(&self, now: Instant) -> bool {
        let mut earlier = self.clone();
        earlier.set_clock(now);
        earlier != *self
    }
}

impl Episode {
    /// Passes the first candidate over.
    fn next(&mut self, postponed: bool) {
        if !self.candidates.is_empty() {
            self.candidates.remove(0);
        }
        self.postponed |= postponed;
        self.phase = Phase::Choosing;
    }

    /// The original profile: where the way leads back to, or home.
    fn original(&self) -> Iccid {
        match self.reason {
            Reason::HomeVisible => self.target().unwrap_or(self.from),
            Reason::Roaming | Reason::NoService => self.back,
        }
    }

    /// What the platform is told at its end.
    pub(super) fn outcome(&self, end: End) -> Option<Outcome> {
        let home = self.reason.is_homeward();
        match end {
            End::Attached { .. } if home => Some(Outcome::Home),
            End::Attached { serving } => Some(Outcome::Switched { iccid: self.target()?, serving }),
            End::Failed if home => Some(Outcome::HomeFailed),
            End::Failed => Some(Outcome::NoneWorked { tried: self.tried }),
            End::Stayed => None,
        }
    }
}
