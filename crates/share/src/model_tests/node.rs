//! A machine with its disk.

use super::fingerprint::fingerprint_at;
use core::cell::Cell;
use core::hash::Hash;
use polysim_base::{Instant, Machine, Out};
use std::rc::Rc;
use std::vec::Vec;

/// A machine, and the one that would be rebuilt from what was written so far.
///
/// Shared until changed: a system that follows from another one has most of it in common.
#[derive(Clone, Debug)]
pub(super) struct Node<M> {
    machine: Rc<M>,
    durable: Rc<M>,
    running: bool,
    /// What it was computed for last, and the fingerprint.
    known: Cell<Option<(Instant, u64)>>,
}

impl<M: Machine + Clone + Hash> Node<M> {
    pub(super) fn new(machine: M) -> Self {
        let machine = Rc::new(machine);
        Self { durable: Rc::clone(&machine), machine, running: false, known: Cell::new(None) }
    }

    pub(super) const fn is_running(&self) -> bool {
        self.running
    }

    pub(super) fn start(&mut self) {
        self.running = true;
        self.known.set(None);
    }

    /// Its fingerprint, when its clock shows `now`.
    pub(super) fn fingerprint(&self, now: Instant) -> u64 {
        match self.known.get() {
            Some((at, known)) if at == now => known,
            Some(_) | None => {
                let whole = (&self.machine, &self.durable, self.running);
                let fingerprint = fingerprint_at(now, &whole);
                self.known.set(Some((now, fingerprint)));
                fingerprint
            }
        }
    }

    pub(super) fn machine(&self) -> &M {
        &self.machine
    }

    pub(super) fn durable(&self) -> &M {
        &self.durable
    }

    /// Does something to the machine and returns what it gives out; nothing if it does not run.
    pub(super) fn run(&mut self, act: impl FnOnce(&mut M)) -> Vec<Out<M::Record, M::Output>> {
        if !self.running {
            return Vec::new();
        }
        self.known.set(None);
        let machine = Rc::make_mut(&mut self.machine);
        act(machine);
        core::iter::from_fn(|| machine.poll_output()).collect()
    }

    pub(super) fn write(&mut self, record: M::Record) {
        self.known.set(None);
        Rc::make_mut(&mut self.durable).restore(record);
    }

    pub(super) fn crash(&mut self) {
        self.known.set(None);
        self.machine = Rc::clone(&self.durable);
        self.running = false;
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.running && self.machine.poll_timeout().is_some_and(|(at, _)| at <= now)
    }
}
