use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use polysim_base::{Duration, Iccid, Instant, Machine, Out, Queue};
use polysim_lpa::{CommandId, Lpa, LpaInput};

use super::assistant::{Assistant, Command};
use super::episode::{Episode, Phase};
use super::memory::{Change, Memory};
use super::{
    AgentConfig, AgentEvent, AgentInput, AgentOutput, AgentRecord, AgentTimer, Bearers, Identity,
    Reason, Retry,
};
use crate::Location;
use crate::wire::Outcome;

/// How long the device may take to say where it is.
pub(super) const LOCATE_WAIT: Duration = Duration::from_secs(60);

/// The agent of one device. `A` is its profile assistant.
#[derive(Clone, Debug)]
pub struct Agent<A = Lpa> {
    pub(super) identity: Box<Identity>,
    pub(super) config: Arc<AgentConfig>,
    pub(super) memory: Memory,
    pub(super) assistant: A,
    pub(super) session: Session,
    pub(super) flight: Option<Box<Flight>>,
    pub(super) out: Queue<Out<AgentRecord, AgentOutput>>,
}

/// What a restart may forget.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    pub(super) bearers: Bearers,
    /// When it looks where it is; none before it has started.
    pub(super) look_at: Option<Instant>,
    /// When the answer to a question for that is overdue.
    pub(super) locating: Option<Instant>,
    /// Since when the device is away, and how.
    pub(super) away: Option<(Instant, Reason)>,
    /// Since when the home network is there.
    pub(super) home: Option<Instant>,
    /// When a report is said again, and how often it was said.
    pub(super) report: Option<(Instant, u8)>,
    /// The last command of the assistant that needs no number of a request.
    pub(super) commands: u32,
}

/// What a restart may forget of an episode.
#[derive(Clone, Debug, Default)]
pub(super) struct Flight {
    /// Why an episode begins, before it is recorded.
    pub(super) beginning: Option<Reason>,
    pub(super) location: Option<Location>,
    pub(super) memory_free: Option<u32>,
    /// The profiles on the eUICC, as they were read in this life.
    pub(super) profiles: Vec<Iccid>,
    pub(super) enabled: Option<Iccid>,
    /// What the assistant does.
    pub(super) command: Option<(CommandId, Command)>,
    /// The deadline of the phase.
    pub(super) due: Option<(Instant, AgentTimer)>,
    /// When the device must have restarted.
    pub(super) restart_by: Option<Instant>,
    /// It has restarted since the profile was enabled.
    pub(super) restarted: bool,
    /// How often the same was asked or done in this phase.
    pub(super) tries: u8,
    /// The server has been told of the installation.
    pub(super) notified: bool,
    /// A download has failed for want of memory, and room is being made.
    pub(super) failure: Option<Outcome>,
}

impl<A: Assistant> Agent<A> {
    /// Returns the agent of a device as it is issued, with an assistant that is new, too.
    #[must_use]
    pub fn new(identity: Identity, config: Arc<AgentConfig>, assistant: A) -> Self {
        Self {
            identity: Box::new(identity),
            config,
            memory: Memory::default(),
            assistant,
            session: Session::default(),
            flight: None,
            out: Queue::new(),
        }
    }

    /// Returns which device it is on.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns its profile assistant.
    #[must_use]
    pub const fn assistant(&self) -> &A {
        &self.assistant
    }

    /// Returns the profile that the device has for good, as far as the agent knows: the one that it
    /// has found to work, or the original one.
    #[must_use]
    pub fn settled_profile(&self) -> Iccid {
        self.memory.away().map_or(self.identity.original, |(iccid, _)| *iccid)
    }

    /// Tells whether another operator is looked for.
    #[must_use]
    pub const fn is_switching(&self) -> bool {
        self.memory.episode.is_some()
    }

    /// Returns how many reports the platform has not noted.
    #[must_use]
    pub fn reports_waiting(&self) -> usize {
        self.memory.reports().len()
    }

    /// Tells whether both remember the same.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        self.memory == other.memory
    }

    /// Returns the few records that a journal needs in place of all before, once every output was
    /// taken: an agent as it is issued remembers by them what this one does.
    #[must_use]
    pub fn checkpoint(&self) -> Vec<AgentRecord> {
        let own = Change::Memory(Box::new(self.memory.clone()));
        let assistant = self.assistant.checkpoint().into_iter().map(Change::Assistant);
        core::iter::once(own).chain(assistant).map(AgentRecord).collect()
    }

    /// Remembers from now on, before anything that follows.
    pub(super) fn keep(&mut self, change: Change) {
        self.memory.apply(&self.config, &change);
        self.out.push(Out::Record(AgentRecord(change)));
    }

    pub(super) fn act(&mut self, output: AgentOutput) {
        self.out.push(Out::Do(output));
    }

    pub(super) fn tell(&mut self, event: AgentEvent) {
        self.act(AgentOutput::Tell(event));
    }

    pub(super) fn phase(&self) -> Option<Phase> {
        self.memory.episode.as_ref().map(|episode| episode.phase)
    }

    pub(super) fn episode(&self) -> Option<&Episode> {
        self.memory.episode.as_deref()
    }

    /// Sets the deadline of the phase.
    pub(super) fn wait(&mut self, due: Option<(Instant, AgentTimer)>) {
        if let Some(flight) = &mut self.flight {
            flight.due = due;
        }
    }

    /// Counts a try of the phase, and returns how many there were before.
    pub(super) fn count_try(&mut self) -> u8 {
        let Some(flight) = &mut self.flight else { return 0 };
        let before = flight.tries;
        flight.tries = before.saturating_add(1);
        before
    }

    pub(super) fn reset_tries(&mut self) {
        if let Some(flight) = &mut self.flight {
            flight.tries = 0;
        }
    }

    fn start(&mut self, now: Instant) {
        if self.memory.knows_later_than(now) {
            self.keep(Change::Clock(now));
        }
        self.session = Session::default();
        self.session.look_at = Some(now.plus(self.config.check_every));
        self.flight = None;
        if self.memory.episode.is_some() {
            self.flight = Some(Box::default());
            self.read_profiles(now);
        }
    }

    /// The card was reset: what was asked of the terminal is forgotten there.
    fn reset(&mut self, now: Instant) {
        self.session.bearers = Bearers::default();
        self.session.locating = None;
        self.assistant.handle(now, LpaInput::CardReset);
        self.restarted(now);
    }

    fn bearers(&mut self, now: Instant, bearers: Bearers) {
        let had = core::mem::replace(&mut self.session.bearers, bearers);
        let more = bearers.data && !had.data || bearers.texts && !had.texts;
        if more {
            self.say_report(now);
            self.ask_again(now, bearers.data && !had.data);
        }
    }

    /// The deadline of the phase has passed.
    fn phase_due(&mut self, now: Instant, timer: AgentTimer) {
        match timer {
            AgentTimer::Ask => self.ask_timeout(now),
            AgentTimer::Attach => self.give_up(now, None),
            AgentTimer::Recover => self.recovered(now),
            AgentTimer::Settle => self.choose(now),
            AgentTimer::Enable => self.read_profiles(now),
            AgentTimer::Check
            | AgentTimer::Locate
            | AgentTimer::Dwell
            | AgentTimer::Report
            | AgentTimer::Restart
            | AgentTimer::Assistant => {}
        }
    }

    fn serve_due(&mut self, now: Instant) {
        if self.session.report.is_some_and(|(at, _)| at <= now) {
            self.say_report(now);
        }
        if self.assistant.poll_timeout().is_some_and(|(at, _)| at <= now) {
            self.assistant.handle_timeout(now);
        }
        if self.session.locating.is_some_and(|at| at <= now) {
            self.session.locating = None;
            self.not_located(now);
        }
        if let Some(flight) = &mut self.flight {
            let due = flight.due.take_if(|(at, _)| *at <= now);
            let restart = flight.restart_by.take_if(|at| *at <= now);
            if restart.is_some() {
                self.restart(now);
            }
            if let Some((_, timer)) = due {
                self.phase_due(now, timer);
            }
        }
        if self.session.look_at.is_some_and(|at| at <= now) {
            self.look(now);
        }
    }
}

/// Returns how long an answer may take that was asked for so many times before.
pub(super) fn backoff(retry: &Retry, before: u8) -> Duration {
    retry.first.times(1_u64 << before.min(16)).min(retry.longest.max(retry.first))
}

impl<A: Assistant> Machine for Agent<A> {
    type Input = AgentInput;
    type Output = AgentOutput;
    type Record = AgentRecord;
    type Timer = AgentTimer;

    fn handle(&mut self, now: Instant, input: AgentInput) {
        match input {
            AgentInput::Started => self.start(now),
            AgentInput::Reset => self.reset(now),
            AgentInput::Located(location) => self.located(now, location),
            AgentInput::LocationChanged => self.look(now),
            AgentInput::Rejected { plmn, cause } => self.rejected(now, plmn, cause),
            AgentInput::Bearers(bearers) => self.bearers(now, bearers),
            AgentInput::Frame(frame) => self.frame(now, &frame),
            AgentInput::Card { number, reply } => {
                self.assistant.handle(now, LpaInput::Card { number, reply });
            }
            AgentInput::Server { number, answer } => {
                self.assistant.handle(now, LpaInput::Server { number, answer });
            }
        }
        self.assist(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.serve_due(now);
        self.assist(now);
    }

    fn poll_output(&mut self) -> Option<Out<AgentRecord, AgentOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, AgentTimer)> {
        let flight = self.flight.as_deref();
        let look = self.session.look_at.map(|at| (at, self.look_timer()));
        let locate = self.session.locating.map(|at| (at, AgentTimer::Locate));
        let report = self.session.report.map(|(at, _)| (at, AgentTimer::Report));
        let due = flight.and_then(|flight| flight.due);
        let restart = flight.and_then(|flight| flight.restart_by);
        let restart = restart.map(|at| (at, AgentTimer::Restart));
        let assistant = self.assistant.poll_timeout().map(|(at, _)| (at, AgentTimer::Assistant));
        let all = [look, locate, report, due, restart, assistant];
        all.into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    fn restore(&mut self, record: AgentRecord) {
        self.memory.apply(&self.config, &record.0);
        if let Change::Assistant(record) = record.0 {
            self.assistant.restore(record);
        }
    }
}
