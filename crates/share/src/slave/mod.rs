//! A slave: it is on the network with the subscription of its master, or not.

mod message;

pub use message::{
    Left, ModemOrder, SlaveCommand, SlaveConfig, SlaveEvent, SlaveInput, SlaveOutput, SlaveRecord,
    SlaveTimer, SoftCard, Why,
};

use polysim_base::{Instant, Machine, Out, Queue};
use polysim_lease::Epoch;

use crate::SetDigest;

/// A slave of a group.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Slave {
    config: SlaveConfig,
    out: Queue<Out<SlaveRecord, SlaveOutput>>,
}

impl Slave {
    /// Returns a slave that has nothing.
    #[must_use]
    pub fn new(config: SlaveConfig) -> Self {
        Self { config, out: Queue::new() }
    }

    /// Returns how it was set up.
    #[must_use]
    pub const fn config(&self) -> &SlaveConfig {
        &self.config
    }

    /// Returns the lease under which it is on the network, or may be.
    #[must_use]
    pub const fn active(&self) -> Option<Epoch> {
        None
    }

    /// Returns the digest of the set that is stored here.
    #[must_use]
    pub const fn stored(&self) -> Option<SetDigest> {
        None
    }

    /// Returns the records that stand for all that it has written.
    #[must_use]
    pub fn checkpoint(&self) -> alloc::vec::Vec<SlaveRecord> {
        alloc::vec::Vec::new()
    }
}

impl Machine for Slave {
    type Input = SlaveInput;
    type Output = SlaveOutput;
    type Record = SlaveRecord;
    type Timer = SlaveTimer;

    fn handle(&mut self, _now: Instant, _input: SlaveInput) {}

    fn handle_timeout(&mut self, _now: Instant) {}

    fn poll_output(&mut self) -> Option<Out<SlaveRecord, SlaveOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, SlaveTimer)> {
        None
    }

    fn restore(&mut self, _record: SlaveRecord) {}
}
