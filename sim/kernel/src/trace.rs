//! What happened: a rolling hash always, the last records for a failure, checkpoints to find where
//! two runs part. The full decoded trace is made by running the seed again.

use crate::digest::Digest;
use crate::kernel::NodeId;
use polysim_base::Instant;
use std::collections::VecDeque;

/// Records kept for a failure report.
const RECENT_MAX: usize = 256;
/// Checkpoints kept; when full every second one is dropped and the step doubles.
const CHECKPOINTS_MAX: usize = 1_024;

/// What a message is, for the trace.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Summary {
    /// The kind of message, as the world numbers them.
    pub kind: u32,
    /// A digest of its contents.
    pub digest: u64,
}

/// One event, in fixed size.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TraceRecord {
    /// When.
    pub at: Instant,
    /// To whom.
    pub node: NodeId,
    /// What.
    pub summary: Summary,
}

/// The hash after so many events.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    /// How many events there were.
    pub events: u64,
    /// The hash then.
    pub hash: u64,
}

/// The running trace of a kernel.
#[derive(Clone, Debug)]
pub struct Trace {
    digest: Digest,
    events: u64,
    recent: VecDeque<TraceRecord>,
    keep_recent: bool,
    checkpoints: Vec<Checkpoint>,
    step: u64,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            digest: Digest::new(),
            events: 0,
            recent: VecDeque::new(),
            keep_recent: true,
            checkpoints: Vec::new(),
            step: 1,
        }
    }
}

impl Trace {
    /// Returns the hash of everything so far.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.digest.finish()
    }

    /// Returns how many events there were.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// Returns the last records, oldest first.
    pub fn recent(&self) -> impl Iterator<Item = &TraceRecord> {
        self.recent.iter()
    }

    /// Returns the checkpoints, oldest first.
    #[must_use]
    pub fn checkpoints(&self) -> &[Checkpoint] {
        &self.checkpoints
    }

    /// Returns the last checkpoint at which two runs still agreed, as a count of events; the first
    /// difference lies behind it.
    #[must_use]
    pub fn agrees_until(&self, other: &Self) -> u64 {
        let mine = self.checkpoints.iter();
        mine.filter(|c| other.checkpoints.contains(c)).map(|c| c.events).max().unwrap_or(0)
    }

    /// Leaves out the ring of recent records; for the largest runs.
    pub fn without_recent(&mut self) {
        self.keep_recent = false;
        self.recent = VecDeque::new();
    }

    pub(crate) fn push(&mut self, record: TraceRecord) {
        self.digest = self
            .digest
            .with(record.at.as_micros() ^ (u64::from(record.summary.kind) << 56))
            .with(record.node.0)
            .with(record.summary.digest);
        self.events += 1;
        if self.keep_recent {
            if self.recent.len() == RECENT_MAX {
                self.recent.pop_front();
            }
            self.recent.push_back(record);
        }
        if self.events.is_multiple_of(self.step) {
            self.checkpoint();
        }
    }

    fn checkpoint(&mut self) {
        self.checkpoints.push(Checkpoint { events: self.events, hash: self.hash() });
        if self.checkpoints.len() == CHECKPOINTS_MAX {
            self.step *= 2;
            let step = self.step;
            self.checkpoints.retain(|c| c.events.is_multiple_of(step));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(values: impl Iterator<Item = u64>) -> Trace {
        let mut trace = Trace::default();
        for digest in values {
            trace.push(TraceRecord {
                at: Instant::ZERO,
                node: NodeId(0),
                summary: Summary { kind: 0, digest },
            });
        }
        trace
    }

    #[test]
    fn checkpoints_find_the_first_difference() {
        let a = run(0..10_000);
        let b = run((0..10_000).map(|n| if n == 7_000 { 0 } else { n }));
        assert_ne!(a.hash(), b.hash());
        assert!((6_900..=7_000).contains(&a.agrees_until(&b)), "{}", a.agrees_until(&b));
        assert_eq!(a.recent().count(), RECENT_MAX);
        assert!(a.checkpoints().len() < CHECKPOINTS_MAX);
    }
}
