//! What a run leaves behind: lines, JSON, JUnit.

pub(crate) mod json;
pub(crate) mod junit;
mod progress;

pub(crate) use progress::Progress;

use polysim_scenario::Outcome;
use std::time::Duration;

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) outcome: Outcome,
    pub(crate) wall: Duration,
    /// Its events, one a line, where they were asked for.
    pub(crate) events: String,
}

impl Finished {
    /// Returns the trace hash as it is written everywhere.
    pub(crate) fn hash(&self) -> String {
        format!("{:016x}", self.outcome.trace)
    }
}
