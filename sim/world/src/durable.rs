//! A machine with a disk: its effects wait until what it has recorded before them is durable.

use crate::clock::NodeClock;
use polysim_base::{Instant, Machine, Out};
use polysim_kernel::{Armed, Disk};

/// A disk with more records than that, and twice as many as its machine needed last, is written anew.
const RECORDS_MAX: usize = 256;

/// A node whose machine writes records: a site, a terminal, a platform.
#[derive(Debug)]
pub(crate) struct Durable<M: Machine> {
    /// `None` while it is down.
    machine: Option<M>,
    disk: Disk<M::Record>,
    /// How many records stood for all before, when they were replaced last.
    needed: usize,
    /// What waits until the disk is done.
    held: Vec<M::Output>,
    /// Whether something was appended that is not durable yet.
    writing: bool,
    /// Grows with each crash: what was begun in an earlier life ends in none.
    pub(crate) life: u32,
    pub(crate) clock: NodeClock,
    pub(crate) armed: Armed,
}

/// What a machine did.
#[derive(Debug)]
pub(crate) struct Did<O> {
    /// What takes effect now.
    pub(crate) now: Vec<O>,
    /// Whether the disk has to begin to write.
    pub(crate) writes: bool,
}

impl<M: Machine> Durable<M>
where
    M::Record: Clone,
{
    pub(crate) fn new(machine: M, disk: Disk<M::Record>, clock: NodeClock) -> Self {
        Self {
            machine: Some(machine),
            disk,
            needed: 0,
            held: Vec::new(),
            writing: false,
            life: 0,
            clock,
            armed: Armed::default(),
        }
    }

    pub(crate) const fn machine(&self) -> Option<&M> {
        self.machine.as_ref()
    }

    /// Returns whether something was appended that is not durable yet.
    pub(crate) const fn is_writing(&self) -> bool {
        self.writing
    }

    /// Lets it do something, unless it is down.
    pub(crate) fn give(
        &mut self,
        world: Instant,
        give: impl FnOnce(&mut M, Instant),
    ) -> Did<M::Output> {
        self.give_watched(world, give, |_| {})
    }

    /// Lets it do something, unless it is down, and shows what it records.
    pub(crate) fn give_watched(
        &mut self,
        world: Instant,
        give: impl FnOnce(&mut M, Instant),
        mut watch: impl FnMut(&M::Record),
    ) -> Did<M::Output> {
        let mut did = Did { now: Vec::new(), writes: false };
        let Some(machine) = &mut self.machine else { return did };
        give(machine, self.clock.read(world));
        while let Some(output) = machine.poll_output() {
            match output {
                Out::Record(record) => {
                    watch(&record);
                    self.disk.append(record);
                    did.writes |= !core::mem::replace(&mut self.writing, true);
                }
                Out::Do(output) if self.writing => self.held.push(output),
                Out::Do(output) => did.now.push(output),
            }
        }
        did
    }

    /// The disk is done; returns what takes effect now.
    pub(crate) fn written(&mut self, life: u32) -> Vec<M::Output> {
        if life != self.life || self.machine.is_none() {
            return Vec::new();
        }
        if self.disk.sync().is_err() {
            self.crash();
            return Vec::new();
        }
        self.writing = false;
        core::mem::take(&mut self.held)
    }

    /// Replaces what is on the disk by the records that stand for it, where there are too many and
    /// nothing is being written.
    pub(crate) fn compact(&mut self, checkpoint: impl FnOnce(&M) -> Vec<M::Record>) {
        let Some(machine) = self.machine.as_ref().filter(|_| !self.writing) else { return };
        if self.disk.records().len() > RECORDS_MAX.max(2 * self.needed) {
            let records = checkpoint(machine);
            self.needed = records.len();
            self.disk.replace(records);
        }
    }

    /// It loses its power.
    pub(crate) fn crash(&mut self) {
        if self.machine.take().is_some() {
            self.disk.crash();
            self.held.clear();
            self.writing = false;
            self.life = self.life.wrapping_add(1);
        }
    }

    /// It is started again, with a fresh machine; returns whether it was down.
    pub(crate) fn restart(&mut self, mut fresh: M) -> bool {
        if self.machine.is_some() {
            return false;
        }
        self.disk.records().iter().for_each(|record| fresh.restore(record.clone()));
        self.machine = Some(fresh);
        true
    }

    /// Returns when it wants to be woken, in the world's time.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        Some(self.clock.when(self.machine.as_ref()?.poll_timeout()?.0))
    }
}
