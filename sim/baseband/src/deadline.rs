//! A deadline that may be none, in the size of an instant.

use polysim_base::Instant;

/// When something is due, if ever.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) const NONE: Self = Self(Instant::MAX);

    pub(crate) const fn at(instant: Instant) -> Self {
        Self(instant)
    }

    pub(crate) fn get(self) -> Option<Instant> {
        (self != Self::NONE).then_some(self.0)
    }

    /// Whether it is due; never so when there is none.
    pub(crate) fn is_due(self, now: Instant) -> bool {
        self != Self::NONE && self.0 <= now
    }
}

impl Default for Deadline {
    fn default() -> Self {
        Self::NONE
    }
}

impl From<Option<Instant>> for Deadline {
    fn from(instant: Option<Instant>) -> Self {
        instant.map_or(Self::NONE, Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_never_due() {
        assert!(!Deadline::NONE.is_due(Instant::MAX));
        assert_eq!(Deadline::NONE.get(), None);
        assert!(Deadline::at(Instant::ZERO).is_due(Instant::ZERO));
        assert_eq!(Deadline::from(None), Deadline::default());
    }
}
