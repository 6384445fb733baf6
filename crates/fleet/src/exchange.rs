use crate::decide::Context;
use crate::state::{Due, State, Timer};
use crate::wire::{Cause, Change, Input, Output, Record};
use crate::{SimState, Term};
use polysim_base::{Duration, Iccid, Instant, Machine, Out, Queue};
use polysim_lease::{Epoch, LeaseTimer, Margin};

/// What an exchange is set up with. Records are folded with the configuration that they were
/// written with.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ExchangeConfig {
    /// How long a lease holds unless it is renewed.
    pub ttl: Duration,
    /// How wrong clocks may be.
    pub margin: Margin,
    /// How long what runs may go on when a SIM is taken back gracefully.
    pub grace: Duration,
    /// How long a modem rests after its first failure; it doubles with each one in a row.
    pub rest: Duration,
    /// After how many failures in a row, of any of its modems, a site is suspect.
    pub site_failures_max: u8,
    /// For how long a suspect site is not used.
    pub site_backoff: Duration,
    /// The most requests that wait.
    pub waiting_max: u32,
    /// The longest that a request may wait.
    pub wait_max: Duration,
}

impl Default for ExchangeConfig {
    fn default() -> Self {
        Self {
            ttl: Duration::from_secs(60),
            margin: Margin::new(200, Duration::from_secs(2)).unwrap_or_else(|_| unreachable!()),
            grace: Duration::from_secs(300),
            rest: Duration::from_secs(30),
            site_failures_max: 3,
            site_backoff: Duration::from_secs(120),
            waiting_max: 1_000_000,
            wait_max: Duration::from_secs(86_400),
        }
    }
}

/// The server of a fleet: inventory, configuration requests, leases, use requests.
///
/// # Contract
/// It is a fold over its records. After a crash it is rebuilt by `restore` with the same
/// configuration; then it gets [`Input::Lead`] with a term that nobody had before, and grants
/// under that one. What was recorded and not said before the crash is said when sites renew.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Exchange {
    pub(crate) config: ExchangeConfig,
    pub(crate) state: State,
    out: Queue<Out<Record, Output>>,
}

impl Exchange {
    /// Returns an exchange that knows nothing and does not lead.
    #[must_use]
    pub fn new(config: ExchangeConfig) -> Self {
        Self { config, state: State::default(), out: Queue::new() }
    }

    /// Returns the term in which it leads.
    #[must_use]
    pub const fn term(&self) -> Term {
        self.state.term
    }

    /// Returns how a SIM is, or `None` for one that was never heard of.
    #[must_use]
    pub fn sim_state(&self, iccid: Iccid) -> Option<SimState> {
        let sim = self.state.sim(self.state.find(iccid)?)?;
        Some(self.state.sim_state(sim))
    }

    /// Returns the epoch of the newest lease of a SIM.
    #[must_use]
    pub fn epoch(&self, iccid: Iccid) -> Option<Epoch> {
        Some(self.state.sim(self.state.find(iccid)?)?.lease.epoch())
    }

    /// Returns how many SIMs are in each state.
    pub fn tally(&self) -> impl Iterator<Item = (SimState, u32)> {
        SimState::ALL.into_iter().zip(self.state.indexes.tally)
    }

    /// Returns how many requests were denied.
    #[must_use]
    pub const fn denied(&self) -> u64 {
        self.state.denied
    }
}

impl Machine for Exchange {
    type Input = Input;
    type Output = Output;
    type Record = Record;
    type Timer = Timer;

    fn handle(&mut self, now: Instant, input: Input) {
        Context { config: &self.config, state: &mut self.state, out: &mut self.out, now }
            .handle(input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        Context { config: &self.config, state: &mut self.state, out: &mut self.out, now }
            .serve_deadlines();
    }

    fn poll_output(&mut self) -> Option<Out<Record, Output>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        let (at, due) = self.state.indexes.due.first()?;
        let timer = match due {
            Due::Lease(ix) => {
                let deadline = self.state.sim(*ix).and_then(|sim| sim.lease.deadline());
                Timer::Lease(deadline.map_or(LeaseTimer::Expiry, |(_, timer)| timer))
            }
            Due::Wait(_) => Timer::Wait,
            Due::Duration(_) => Timer::Duration,
            Due::Modem(_) => Timer::ModemRest,
            Due::Site(_) => Timer::SiteBackoff,
        };
        Some((*at, timer))
    }

    fn restore(&mut self, record: Record) {
        self.state.fold(&self.config, &record);
    }
}

impl Context<'_> {
    /// Records a change and makes it.
    pub(crate) fn record(&mut self, cause: Cause, change: Change) {
        let record = Record { at: self.now, cause, change };
        self.state.fold(self.config, &record);
        self.out.push(Out::Record(record));
    }

    /// Says something, after everything that was recorded so far.
    pub(crate) fn say(&mut self, output: Output) {
        self.out.push(Out::Do(output));
    }
}
