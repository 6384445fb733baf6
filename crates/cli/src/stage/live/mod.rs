//! Real modems, or others that are none of this process, as the stage of a scenario.
//!
//! Each phone that has a modem is a task that drives it, in real time. What the phone's user asks,
//! and what is made of what the modem tells, is as in a simulation ([`Users`]).

pub(crate) mod config;
pub(crate) mod cost;
pub(crate) mod cut;
mod driver;
mod start;

use anyhow::{Context as _, Result};
use driver::{Told, What};
use polysim_base::{Duration, Instant};
use polysim_hal::{Clock as _, TokioClock};
use polysim_modem::{ModemError, ModemInput, ModemOutput};
use polysim_scenario::Stage;
use polysim_world::{Action, Event, Thing, Users, Value, Violation};
use std::collections::BTreeMap;
use tokio::runtime::Runtime;
use tokio::signal::unix::Signal;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Most things that a phone's user has asked and its driver has not taken yet.
const ASKED_MAX: usize = 256;
/// Most things that drivers have told and nobody has heard yet.
const TOLD_MAX: usize = 1_024;
/// How long calls may take to end when the run is over.
const HANG_UP_PATIENCE: Duration = Duration::from_secs(5);

/// The stage.
pub(crate) struct Live {
    runtime: Runtime,
    hall: Hall,
}

/// The phones and their users.
struct Hall {
    clock: TokioClock,
    /// When the scenario began; `None` before.
    zero: Option<Instant>,
    users: Users,
    phones: BTreeMap<usize, Phone>,
    told: mpsc::Receiver<Told>,
    drivers: JoinSet<()>,
    interrupt: Signal,
    interrupted: bool,
    events: u64,
}

/// A phone that has a modem.
struct Phone {
    name: String,
    asks: mpsc::Sender<ModemInput>,
}

impl Live {
    /// Returns whether somebody has stopped the run.
    pub(crate) const fn is_interrupted(&self) -> bool {
        self.hall.interrupted
    }

    /// Ends calls, finishes what modems have under way, and closes the ports.
    pub(crate) fn end(self) {
        let Self { runtime, mut hall } = self;
        runtime.block_on(hall.end());
    }
}

impl Stage for Live {
    fn apply(&mut self, action: &Action) {
        let _guard = self.runtime.enter();
        if !self.hall.interrupted {
            self.hall.ask(action);
        }
    }

    fn advance(&mut self, until: Instant) {
        let zero = self.hall.zero.unwrap_or_default();
        let until = zero.plus(until.since(Instant::ZERO));
        self.runtime.block_on(self.hall.listen(until, |hall| hall.interrupted));
    }

    fn take_events(&mut self) -> Vec<Event> {
        let events = self.hall.users.take_events();
        self.hall.events += events.len() as u64;
        events
    }

    fn state(&self, thing: Thing, index: usize) -> Vec<(&'static str, Value)> {
        // There is no fleet: a file with one is refused.
        if thing == Thing::Phone { self.hall.users.phone_state(index) } else { Vec::new() }
    }

    fn violations(&self) -> &[Violation] {
        &[]
    }

    fn trace(&self) -> (u64, u64) {
        (self.hall.events, 0)
    }
}

impl Hall {
    /// Returns the time of the scenario.
    fn time(&self, at: Instant) -> Instant {
        self.zero.map_or(Instant::ZERO, |zero| Instant::ZERO.plus(at.since(zero)))
    }

    /// Lets a user do something; returns the number of the command that was given to the modem.
    fn ask(&mut self, action: &Action) -> Option<u64> {
        let now = self.time(self.clock.now());
        let (phone, input) = self.users.ask(now, action)?;
        let id = if let ModemInput::Command { id, .. } = &input { Some(*id) } else { None };
        self.give(phone, Duration::ZERO, input);
        id
    }

    /// Gives something to the driver of a phone, after a while.
    fn give(&mut self, phone: usize, after: Duration, input: ModemInput) {
        let Some(asks) = self.phones.get(&phone).map(|phone| phone.asks.clone()) else { return };
        if let (ModemInput::Command { id, .. }, Duration::ZERO) = (&input, after) {
            let id = *id;
            if asks.try_send(input).is_err() {
                let outcome = Err(ModemError::QueueFull { limit: ASKED_MAX });
                let now = self.time(self.clock.now());
                // A command that was not done asks for no other one.
                drop(self.users.hears(now, phone, ModemOutput::Done { id, outcome }));
            }
            return;
        }
        let (clock, due) = (self.clock, self.clock.now().plus(after));
        // It ends with the driver or with the runtime.
        drop(tokio::spawn(async move {
            clock.sleep_until(due).await;
            asks.send(input).await.unwrap_or_default();
        }));
    }

    /// Hears what modems tell, until that moment or until something is so.
    async fn listen(&mut self, until: Instant, so: impl Fn(&Self) -> bool) {
        let clock = self.clock;
        while clock.now() < until && !so(self) {
            tokio::select! {
                biased;
                Some(()) = self.interrupt.recv() => self.interrupted = true,
                Some(told) = self.told.recv() => self.hear(told),
                () = clock.sleep_until(until) => {}
            }
        }
    }

    fn hear(&mut self, told: Told) {
        let Told { phone, at, what } = told;
        match what {
            What::Output(output) => {
                let reply = self.users.hears(self.time(at), phone, output);
                if let Some((after, input)) = reply {
                    self.give(phone, after, input);
                }
            }
            What::Lost(kind) => say(&format!("{}: {kind}; waiting for it", self.name(phone))),
            What::Opened => say(&format!("{}: the port is open again", self.name(phone))),
        }
    }

    fn name(&self, phone: usize) -> &str {
        self.phones.get(&phone).map_or("?", |phone| &phone.name)
    }

    fn is(&self, phone: usize, field: &str, value: &Value) -> bool {
        self.users.phone_state(phone).iter().any(|(name, is)| *name == field && is == value)
    }

    /// Returns the phones that are in calls.
    fn calling(&self) -> Vec<usize> {
        let none = Value::Number(0);
        self.phones.keys().copied().filter(|phone| !self.is(*phone, "calls", &none)).collect()
    }

    async fn end(&mut self) {
        for phone in self.calling() {
            self.ask(&Action::HangUp { phone });
        }
        let patience = self.clock.now().plus(HANG_UP_PATIENCE);
        self.listen(patience, |hall| hall.calling().is_empty()).await;
        self.phones.clear();
        while !self.drivers.is_empty() {
            tokio::select! {
                biased;
                Some(_) = self.told.recv() => {}
                _ = self.drivers.join_next() => {}
            }
        }
    }
}

fn listen_for_interrupts() -> Result<Signal> {
    let kind = tokio::signal::unix::SignalKind::interrupt();
    tokio::signal::unix::signal(kind).context("cannot listen for Ctrl-C")
}

/// Says something to whoever watches.
#[expect(clippy::print_stderr, reason = "standard output is for results")]
pub(crate) fn say(text: &str) {
    eprintln!("live: {text}");
}
