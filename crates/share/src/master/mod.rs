//! The master: it has the subscription, and says who may use it.

mod message;

pub use message::{
    CardOrder, Consent, Ended, Holder, How, MasterCommand, MasterConfig, MasterEvent, MasterInput,
    MasterOutput, MasterRecord, MasterTimer, Mode, OwnOrder, PairRefusal, PickRefusal, SlaveId,
    Way,
};

use alloc::collections::BTreeMap;
use polysim_base::{Instant, Machine, Out, Queue};

use crate::{DeviceName, PeerKey};

/// Slaves of a group, at most; those that have yet to erase what they had are counted.
pub const SLAVES_MAX: usize = 32;

/// The master of a group.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Master {
    config: MasterConfig,
    slaves: BTreeMap<SlaveId, (PeerKey, DeviceName)>,
    out: Queue<Out<MasterRecord, MasterOutput>>,
}

impl Master {
    /// Returns the master of a group without slaves.
    #[must_use]
    pub fn new(config: MasterConfig) -> Self {
        Self { config, slaves: BTreeMap::new(), out: Queue::new() }
    }

    /// Returns how it was set up.
    #[must_use]
    pub const fn config(&self) -> &MasterConfig {
        &self.config
    }

    /// Returns who is active or may be.
    #[must_use]
    pub const fn holder(&self) -> Option<Holder> {
        None
    }

    /// Returns the paired slaves.
    pub fn slaves(&self) -> impl Iterator<Item = (SlaveId, PeerKey, &DeviceName)> {
        self.slaves.iter().map(|(id, (key, name))| (*id, *key, name))
    }

    /// Returns the slave that has a key.
    #[must_use]
    pub fn slave_with(&self, key: &PeerKey) -> Option<SlaveId> {
        self.slaves().find(|(_, own, _)| own == key).map(|(id, _, _)| id)
    }

    /// Returns the records that stand for all that it has written.
    #[must_use]
    pub fn checkpoint(&self) -> alloc::vec::Vec<MasterRecord> {
        alloc::vec::Vec::new()
    }
}

impl Machine for Master {
    type Input = MasterInput;
    type Output = MasterOutput;
    type Record = MasterRecord;
    type Timer = MasterTimer;

    fn handle(&mut self, _now: Instant, _input: MasterInput) {}

    fn handle_timeout(&mut self, _now: Instant) {}

    fn poll_output(&mut self) -> Option<Out<MasterRecord, MasterOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, MasterTimer)> {
        None
    }

    fn restore(&mut self, _record: MasterRecord) {}
}
