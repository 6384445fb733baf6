//! A machine with a clock, a durable disk, and crashes.

use super::clock::Clock;
use polysim_base::{Instant, Machine, Out};
use std::fmt::Debug;

/// A machine on a computer.
#[derive(Debug)]
pub(crate) struct Host<M: Machine> {
    pub(crate) machine: M,
    pub(crate) clock: Clock,
    pub(crate) disk: Vec<M::Record>,
    pub(crate) up: bool,
    /// Counts its lives.
    pub(crate) life: u32,
    /// How many outputs it gave, over all lives.
    pub(crate) polled: u64,
    /// It crashes after this output.
    pub(crate) crash_after: Option<u64>,
}

/// What came of one input.
pub(crate) struct Turn<O> {
    /// What took effect.
    pub(crate) said: Vec<O>,
    /// The machine crashed after that.
    pub(crate) crashed: bool,
}

impl<M: Machine<Record: Clone, Output: Debug>> Host<M> {
    pub(crate) const fn new(machine: M, clock: Clock) -> Self {
        let disk = Vec::new();
        Self { machine, clock, disk, up: true, life: 0, polled: 0, crash_after: None }
    }

    pub(crate) fn local(&self, now: Instant) -> Instant {
        self.clock.shows(now)
    }

    /// Returns when it wants to be woken, truly.
    pub(crate) fn due(&self) -> Option<Instant> {
        if !self.up {
            return None;
        }
        self.machine.poll_timeout().map(|(due, _)| self.clock.when(due))
    }

    /// Gives it an input, or lets it serve its deadlines; its records go to its own disk.
    pub(crate) fn turn(&mut self, now: Instant, input: Option<M::Input>) -> Turn<M::Output> {
        self.give(now, input);
        let mut records = Vec::new();
        let turn = self.drain(|record| {
            records.push(record.clone());
            true
        });
        self.disk.append(&mut records);
        turn
    }

    pub(crate) fn give(&mut self, now: Instant, input: Option<M::Input>) {
        let local = self.local(now);
        match input {
            Some(input) => self.machine.handle(local, input),
            None => self.machine.handle_timeout(local),
        }
    }

    /// Polls outputs: `append` makes records durable, or says that this computer may not write.
    pub(crate) fn drain(&mut self, mut append: impl FnMut(&M::Record) -> bool) -> Turn<M::Output> {
        let mut said = Vec::new();
        loop {
            if self.crash_after == Some(self.polled) {
                self.crash_after = None;
                return Turn { said, crashed: true };
            }
            match self.machine.poll_output() {
                Some(Out::Record(record)) => {
                    if !append(&record) {
                        return Turn { said, crashed: true };
                    }
                }
                Some(Out::Do(effect)) => said.push(effect),
                None => return Turn { said, crashed: false },
            }
            self.polled += 1;
        }
    }

    /// Replaces the machine by a fresh one, rebuilt from what is durable.
    pub(crate) fn restart<'a>(
        &mut self,
        mut fresh: M,
        records: impl IntoIterator<Item = &'a M::Record>,
    ) where
        M::Record: 'a,
    {
        records.into_iter().cloned().for_each(|record| fresh.restore(record));
        assert!(fresh.poll_output().is_none(), "restoring emits nothing");
        self.machine = fresh;
        self.life += 1;
        self.up = true;
    }
}
