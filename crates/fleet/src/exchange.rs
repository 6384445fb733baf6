use crate::decide::Context;
use crate::state::{Due, State, Timer};
use crate::wire::{Answer, Caps, Cause, Change, Input, Output, Record, Refusal, UserRequest};
use crate::{MailId, ModemId, SimState, Term};
use alloc::collections::VecDeque;
use polysim_base::{Duration, Iccid, Instant, Machine, Out};
use polysim_lease::{Epoch, LeaseTimer, Margin};

/// For so many outputs the memory is kept from one input to the next.
const OUT_KEPT: usize = 64;

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
    /// After how long without a word a site is away; longer than sites take between two renewals.
    pub silence: Duration,
    /// For how long a SIM rests whose lease did not end in an orderly way: as long as its network
    /// takes to forget it.
    pub quarantine: Duration,
    /// How much may be done with a SIM in a day, unless the operator says otherwise.
    pub caps: Caps,
    /// The most parts of texts that are kept for a SIM, and the most missed calls; also the most
    /// news of sent texts for a user. A text beyond it is not confirmed, so the modem keeps it, and
    /// then its operator; of the others the oldest is forgotten.
    pub mail_max: usize,
    /// For how long what has come is kept, and known again when it comes twice.
    pub mail_keep: Duration,
    /// How long the parts of a text are awaited.
    pub parts_wait: Duration,
    /// How far the service centre's time in a delivery report may lie from the time at which its
    /// text was handed over. Shorter than a SIM takes for 256 texts, after which their references
    /// come again.
    pub report_window: Duration,
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
            silence: Duration::from_secs(45),
            quarantine: Duration::from_secs(10),
            caps: Caps { texts: 200, calls: 100 },
            mail_max: 10_000,
            mail_keep: Duration::from_secs(30 * 86_400),
            parts_wait: Duration::from_secs(86_400),
            report_window: Duration::from_secs(6 * 3_600),
        }
    }
}

/// The server of a fleet: inventory, configuration requests, leases, use requests, mail, budgets.
///
/// # Contract
/// It is a fold over its records, but for whether it [leads](Self::leads). After a crash it is
/// rebuilt by `restore` with the same configuration; then it gets [`Input::Lead`] with a term that
/// nobody had before, and grants under that one. What was recorded and not said before the crash
/// is said when sites renew.
///
/// Moments are by the clock of the server that leads, and the clocks of two servers need not agree.
/// When another one leads, leases, quarantines and the silence of sites are counted anew from
/// [`Input::Lead`] on. What was left of any other time (wait, duration, turn, the rest of a modem,
/// the back-off of a site, parts that are awaited, the day of a budget, the age of mail) when the
/// leader before wrote its last record is left of it still: the time without a leader does not
/// count. What is only shown, as the time at which mail came, stays as its record says.
///
/// One that does not lead refuses its users, is silent to sites, records nothing and has no
/// deadlines; it follows by `restore`. The leader of a log that another one has taken over hears
/// of it by a refused append: it is rebuilt, or just restored from the records of the other, and
/// follows from then on.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Exchange {
    pub(crate) config: ExchangeConfig,
    pub(crate) state: State,
    leads: bool,
    out: VecDeque<Out<Record, Output>>,
}

impl Exchange {
    /// Returns an exchange that knows nothing and does not lead.
    #[must_use]
    pub fn new(config: ExchangeConfig) -> Self {
        Self { config, state: State::default(), leads: false, out: VecDeque::new() }
    }

    /// Returns whether it leads: from [`Input::Lead`] on, until it is restored from a record.
    #[must_use]
    pub const fn leads(&self) -> bool {
        self.leads
    }

    /// Leads on in the same term, as nothing but a test may.
    #[cfg(test)]
    pub(crate) const fn lead_on(&mut self) {
        self.leads = true;
    }

    /// Returns whether both know the same, whoever of them leads.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        (self.config, &self.state) == (other.config, &other.state)
    }

    /// Returns the newest term that it knows.
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

    /// Returns which modem a SIM is leased to: also while it is taken back, and until the guard of
    /// a lease that is in doubt has passed.
    #[must_use]
    pub fn holder(&self, iccid: Iccid) -> Option<ModemId> {
        let modem = self.state.sim(self.state.find(iccid)?)?.lease.holder()?;
        Some(self.state.modem(modem)?.id)
    }

    /// Returns how many SIMs are in each state.
    pub fn tally(&self) -> impl Iterator<Item = (SimState, u32)> {
        SimState::ALL.into_iter().zip(self.state.indexes.tally)
    }

    /// Returns how often sites said what they may not, or more than they may.
    #[must_use]
    pub const fn misreports(&self) -> u64 {
        self.state.misreports
    }

    /// Returns the id of the newest mail.
    #[must_use]
    pub const fn last_mail(&self) -> MailId {
        self.state.last_mail
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
        match input {
            Input::Lead(term) if term <= self.state.term => return,
            Input::Lead(_) => self.leads = true,
            Input::User(user, UserRequest { request, .. }) if !self.leads => {
                let answer = Answer::Refused(Refusal::NotLeading);
                return self.out.push_back(Out::Do(Output::ToUser { user, request, answer }));
            }
            Input::Operator(_) | Input::Site(..) if !self.leads => return,
            Input::Operator(_) | Input::Site(..) | Input::User(..) => {}
        }
        Context { config: &self.config, state: &mut self.state, out: &mut self.out, now }
            .handle(input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        if !self.leads {
            return;
        }
        Context { config: &self.config, state: &mut self.state, out: &mut self.out, now }
            .serve_deadlines();
    }

    fn poll_output(&mut self) -> Option<Out<Record, Output>> {
        let out = self.out.pop_front();
        if self.out.is_empty() {
            self.out.shrink_to(OUT_KEPT);
        }
        out
    }

    fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        let (at, due) = self.state.indexes.due.first().filter(|_| self.leads)?;
        let timer = match due {
            Due::Lease(ix) => {
                let deadline = self.state.sim(*ix).and_then(|sim| sim.lease.deadline());
                Timer::Lease(deadline.map_or(LeaseTimer::Expiry, |(_, timer)| timer))
            }
            Due::Wait(_) => Timer::Wait,
            Due::Duration(_) => Timer::Duration,
            Due::Modem(_) => Timer::ModemRest,
            Due::Site(_) => Timer::SiteBackoff,
            Due::Silence(_) => Timer::Silence,
            Due::Rest(_) => Timer::Quarantine,
            Due::Turn(_) => Timer::Turn,
            Due::Parts(_) => Timer::Parts,
            Due::Budget(_) => Timer::Budget,
        };
        Some((*at, timer))
    }

    fn restore(&mut self, record: Record) {
        self.leads = false;
        self.state.fold(&self.config, &record);
    }
}

impl Context<'_> {
    /// Records a change and makes it.
    pub(crate) fn record(&mut self, cause: Cause, change: Change) {
        let record = Record { at: self.now, cause, change };
        self.state.fold(self.config, &record);
        self.out.push_back(Out::Record(record));
    }

    /// Says something, after everything that was recorded so far.
    pub(crate) fn say(&mut self, output: Output) {
        self.out.push_back(Out::Do(output));
    }
}
