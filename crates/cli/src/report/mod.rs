//! What a run leaves behind: lines, JSON, JUnit.

mod fleet;
pub(crate) mod json;
pub(crate) mod junit;
mod progress;

pub(crate) use progress::Progress;

use crate::stage::live::cut::Skipped;
use polysim_scenario::Outcome;
use std::time::Duration;

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) outcome: Outcome,
    pub(crate) wall: Duration,
    /// Its events, one a line, where they were asked for.
    pub(crate) events: String,
    /// That it ran on modems outside, if it did.
    pub(crate) live: Option<Live>,
}

/// What there is to say of a run on modems outside.
#[derive(Debug)]
pub(crate) struct Live {
    /// The configuration, as it was given.
    pub(crate) config: String,
    /// What was left out.
    pub(crate) skipped: Vec<Skipped>,
}

impl Finished {
    /// Returns the trace hash as it is written everywhere.
    pub(crate) fn hash(&self) -> String {
        format!("{:016x}", self.outcome.trace)
    }

    /// Returns the command that runs this again.
    pub(crate) fn replay(&self) -> String {
        match &self.live {
            None => self.outcome.replay(),
            Some(Live { config, .. }) => {
                let Outcome { file, seed, .. } = &self.outcome;
                format!("polysim run --live {config} {file} --seed {seed}")
            }
        }
    }

    /// Returns what was left out.
    pub(crate) fn skipped(&self) -> &[Skipped] {
        self.live.as_ref().map_or(&[], |live| &live.skipped)
    }
}
