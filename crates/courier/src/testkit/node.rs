//! A machine with its disk.

use alloc::vec::Vec;

use polysim_base::{Instant, Machine, Out};

/// A machine with its durable records.
#[derive(Clone, Debug)]
pub(super) struct Node<M: Machine> {
    pub(super) machine: M,
    /// All that it ever has written down.
    pub(super) records: Vec<M::Record>,
    /// The checkpoint with which its log begins, and how many records that has made needless.
    checkpoint: (Vec<M::Record>, usize),
    /// It crashes before this many more outputs.
    pub(super) crash_in: Option<u32>,
}

/// What came of an input.
pub(super) struct Ran<O> {
    pub(super) effects: Vec<O>,
    pub(super) crashed: bool,
}

impl<M> Node<M>
where
    M: Machine,
    M::Record: Clone,
{
    pub(super) const fn new(machine: M) -> Self {
        Self { machine, records: Vec::new(), checkpoint: (Vec::new(), 0), crash_in: None }
    }

    pub(super) fn handle(&mut self, now: Instant, input: M::Input) -> Ran<M::Output> {
        self.machine.handle(now, input);
        self.drain()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) -> Ran<M::Output> {
        self.machine.handle_timeout(now);
        self.drain()
    }

    /// Returns what is on its disk.
    pub(super) fn log(&self) -> Vec<M::Record> {
        let (checkpoint, before) = &self.checkpoint;
        checkpoint.iter().chain(self.records.iter().skip(*before)).cloned().collect()
    }

    /// Its log begins anew.
    pub(super) fn begin(&mut self, checkpoint: Vec<M::Record>) {
        self.checkpoint = (checkpoint, self.records.len());
    }

    /// Replaces the machine by `fresh`, restored from the records.
    pub(super) fn restart(&mut self, fresh: M) {
        self.crash_in = None;
        self.machine = fresh;
        for record in self.log() {
            self.machine.restore(record);
        }
        assert!(self.machine.poll_output().is_none(), "restoring says nothing");
    }

    fn drain(&mut self) -> Ran<M::Output> {
        let mut effects = Vec::new();
        loop {
            if self.crash_in == Some(0) {
                return Ran { effects, crashed: true };
            }
            match self.machine.poll_output() {
                Some(Out::Record(record)) => self.records.push(record),
                Some(Out::Do(effect)) => effects.push(effect),
                None => return Ran { effects, crashed: false },
            }
            self.crash_in = self.crash_in.map(|left| left - 1);
        }
    }
}
