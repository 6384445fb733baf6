//! What a scenario runs on: a simulated world, or whatever else can do and tell the same.

use polysim_base::Instant;
use polysim_world::{Action, Event, Simulation, Thing, Value, Violation};

/// Does verbs, lets time pass, tells events, answers questions.
pub trait Stage {
    /// Does something now.
    fn apply(&mut self, action: &Action);
    /// Lets time pass.
    fn advance(&mut self, until: Instant);
    /// Takes what happened since the last call.
    fn take_events(&mut self) -> Vec<Event>;
    /// Returns what a thing is like, by index.
    fn state(&self, thing: Thing, index: usize) -> Vec<(&'static str, Value)>;
    /// Returns the invariants that did not hold.
    fn violations(&self) -> &[Violation];
    /// Returns how much happened, and the hash of it.
    fn trace(&self) -> (u64, u64);
}

impl Stage for Simulation {
    fn apply(&mut self, action: &Action) {
        Self::apply(self, action);
    }

    fn advance(&mut self, until: Instant) {
        self.run_until(until);
    }

    fn take_events(&mut self) -> Vec<Event> {
        Self::take_events(self)
    }

    fn state(&self, thing: Thing, index: usize) -> Vec<(&'static str, Value)> {
        Self::state(self, thing, index)
    }

    fn violations(&self) -> &[Violation] {
        Self::violations(self)
    }

    fn trace(&self) -> (u64, u64) {
        (self.events(), self.trace_hash())
    }
}
