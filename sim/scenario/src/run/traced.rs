//! A simulation whose decoded messages are handed on after every step.

use crate::stage::Stage;
use polysim_base::{Duration, Instant};
use polysim_world::{Action, Event, Simulation, Thing, Value, Violation};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Lines are handed on at least so often, so that few wait.
const STEP: Duration = Duration::from_secs(1);

/// A simulation with its lines.
pub(super) struct Traced<'a> {
    pub(super) simulation: Simulation,
    pub(super) lines: Arc<Mutex<Vec<String>>>,
    pub(super) write: &'a mut dyn FnMut(&str),
}

pub(super) fn lock(lines: &Mutex<Vec<String>>) -> MutexGuard<'_, Vec<String>> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stage for Traced<'_> {
    fn apply(&mut self, action: &Action) {
        self.simulation.apply(action);
    }

    fn advance(&mut self, until: Instant) {
        while self.simulation.now() < until {
            self.simulation.run_until(self.simulation.now().plus(STEP).min(until));
            lock(&self.lines).drain(..).for_each(|line| (self.write)(&line));
        }
    }

    fn take_events(&mut self) -> Vec<Event> {
        self.simulation.take_events()
    }

    fn state(&self, thing: Thing, index: usize) -> Vec<(&'static str, Value)> {
        self.simulation.state(thing, index)
    }

    fn violations(&self) -> &[Violation] {
        self.simulation.violations()
    }

    fn trace(&self) -> (u64, u64) {
        (self.simulation.events(), self.simulation.trace_hash())
    }
}
