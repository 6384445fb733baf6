use core::fmt;
use serde::{Deserialize, Serialize};

/// The term of a server: whoever takes over the log writes a higher one into it first.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
pub struct Term(pub u32);

/// The number of a lease: the server's term, then how often the subject was ever granted.
///
/// Epochs of one subject only grow, over restarts and changes of the server too. Of two servers
/// that both believe to lead, the one of the higher term wins at every fence.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
pub struct Epoch(pub(crate) u64);

/// Why there is no next epoch.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EpochError {
    /// Another server leads.
    #[error("a server of term {seen} has granted this already, ours is {ours}: stop granting")]
    TermPassed {
        /// The term of the last grant.
        seen: u32,
        /// The term of this server.
        ours: u32,
    },
    /// Four thousand million grants of one subject.
    #[error("this subject was granted {} times: it needs a new identity", u32::MAX)]
    Exhausted,
}

impl Epoch {
    /// Before the first grant.
    pub const NONE: Self = Self(0);

    /// Returns the epoch of a term and a count.
    #[must_use]
    pub fn new(term: Term, count: u32) -> Self {
        Self(u64::from(term.0) << 32 | u64::from(count))
    }

    /// Returns the term of the server that granted it.
    #[must_use]
    pub const fn term(self) -> Term {
        Term((self.0 >> 32) as u32)
    }

    /// Returns how often the subject had been granted, this grant included.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
    pub const fn count(self) -> u32 {
        self.0 as u32
    }

    /// Returns the epoch of the next grant by a server of `term`.
    ///
    /// # Errors
    /// [`EpochError`] when a later term has granted already, or the count is exhausted.
    pub fn next(self, term: Term) -> Result<Self, EpochError> {
        if term < self.term() {
            return Err(EpochError::TermPassed { seen: self.term().0, ours: term.0 });
        }
        let count = self.count().checked_add(1).ok_or(EpochError::Exhausted)?;
        Ok(Self::new(term, count))
    }
}

/// `3.17`: term and count.
impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.term().0, self.count())
    }
}
