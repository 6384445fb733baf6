//! Where a machine keeps what it must remember.

mod file;
#[cfg(test)]
mod tests;

pub use file::FileJournal;

use async_trait::async_trait;
use polysim_fleet::wire::{FrameTooLong, WrongVersion};
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a journal cannot do.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk, or the operating system.
    #[error("{}: cannot {doing} the journal: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it was to do.
        doing: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// Somebody has it open.
    #[error("{}: the journal is in use: stop the other process first", path.display())]
    InUse {
        /// Which file.
        path: PathBuf,
    },
    /// Something within it is not as it was written, and whole records follow.
    #[error(
        "{}: damaged at octet {at}, with records behind: put a copy in its place; to give up \
         everything from there on, cut the file to {at} octets",
        path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Where.
        at: u64,
    },
    /// A record that is none of this kind of machine.
    #[error("{}: octet {at} holds no record of such a machine: {source}", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// Where.
        at: u64,
        /// How it is not.
        source: serde_json::Error,
    },
    /// Records of another release.
    #[error("{}: {source}", path.display())]
    Version {
        /// Which file.
        path: PathBuf,
        /// Which release.
        source: WrongVersion,
    },
    /// A record that no frame holds.
    #[error(transparent)]
    TooLong(#[from] FrameTooLong),
    /// A record that cannot be written down.
    #[error("a record cannot be written down: {0}")]
    Unwritable(serde_json::Error),
    /// It was written to before it was replayed, or after it had failed.
    #[error("the journal is not at its end: open it anew, and replay it first")]
    NotAtEnd,
}

/// Where a machine keeps its records, in order.
///
/// # Contract
/// It is replayed once, before anything is appended. What was appended is replayed in every later
/// life, whatever happens to the process or the machine that it runs on; of records whose
/// [`append`](Self::append) never returned, the first ones may be. After an error it is given up.
#[async_trait]
pub trait Journal<R>: Send {
    /// Gives all records to `fold`, oldest first.
    ///
    /// # Errors
    /// Where they cannot be read. The machine must not start then.
    async fn replay(&mut self, fold: &mut (dyn FnMut(R) + Send)) -> Result<(), JournalError>;

    /// Makes records durable, all of them.
    ///
    /// # Errors
    /// Where they cannot be. The machine has crashed then.
    async fn append(&mut self, records: Vec<R>) -> Result<(), JournalError>;
}

/// A journal in memory, for trials: it outlives the machine, and not the process. Clones are the
/// same journal.
#[derive(Clone)]
pub struct MemoryJournal<R> {
    records: Arc<Mutex<Vec<R>>>,
}

impl<R> MemoryJournal<R> {
    /// Returns an empty one.
    #[must_use]
    pub fn new() -> Self {
        Self { records: Arc::default() }
    }

    /// Returns how many records it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records().len()
    }

    /// Returns whether nothing was ever recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records().is_empty()
    }

    fn records(&self) -> MutexGuard<'_, Vec<R>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R> Default for MemoryJournal<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> fmt::Debug for MemoryJournal<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryJournal").field("records", &self.len()).finish()
    }
}

#[async_trait]
impl<R: Clone + Send> Journal<R> for MemoryJournal<R> {
    async fn replay(&mut self, fold: &mut (dyn FnMut(R) + Send)) -> Result<(), JournalError> {
        self.records().iter().cloned().for_each(fold);
        Ok(())
    }

    async fn append(&mut self, records: Vec<R>) -> Result<(), JournalError> {
        self.records().extend(records);
        Ok(())
    }
}
