//! What stands in the journals of nodes: the records of the machines, and when they were written.

mod written;

pub use written::InvalidEntry;

use super::frame::Terms;
use polysim_base::Instant;
use polysim_share::master::MasterRecord;
use polysim_share::slave::SlaveRecord;
use polysim_share::{DeviceName, PeerKey};
use serde::{Deserialize, Serialize};
use written::{WrittenMaster, WrittenSlave};

/// A record, and when it was written.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Dated<R> {
    /// By the clock of the node, in microseconds: those of Unix where it is a clock of that.
    pub at_us: u64,
    /// The record.
    pub entry: R,
}

/// What a master writes down. The key of a set that was replaced stands there in the clear: keep the
/// journal where nobody else reads it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "WrittenMaster", into = "WrittenMaster")]
pub struct MasterEntry(pub MasterRecord);

/// What a slave writes down.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "WrittenSlave", into = "WrittenSlave")]
pub enum SlaveEntry {
    /// What its machine records.
    Record(SlaveRecord),
    /// It is paired with this master.
    Paired {
        /// The master's key.
        key: PeerKey,
        /// What it calls itself.
        name: DeviceName,
    },
    /// It is paired no more: the master has ended that.
    Unpaired,
    /// What the master says about times.
    Terms(Terms),
}

impl<R> Dated<R> {
    pub(super) fn now(at: Instant, entry: R) -> Self {
        Self { at_us: at.as_micros(), entry }
    }
}
