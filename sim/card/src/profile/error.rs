//! Why a profile cannot be built.

use polysim_apdu::ef::EfError;

/// A value of a [`ProfileConfig`](super::ProfileConfig) that does not fit.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// A value that its file cannot hold.
    #[error("{what}: {error}")]
    Value {
        /// Which value.
        what: &'static str,
        /// Why.
        error: EfError,
    },
    /// More entries than their file has room for.
    #[error("{what}: {count} entries, {min} to {max} are possible")]
    Count {
        /// Which value.
        what: &'static str,
        /// Entries given.
        count: usize,
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
    },
    /// No application at all, and no GSM directory either.
    #[error("a card needs the USIM or the GSM directory")]
    NoApplication,
}
