//! How long messages may be.

/// The longest message that an end takes, in octets.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MaxMsgSize(u16);

/// A size into which the answers of cards do not fit.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("messages of {size} octets are too short for a card: allow {} at least", MaxMsgSize::MIN.0)]
pub struct InvalidSize {
    /// The size.
    pub size: u16,
}

impl MaxMsgSize {
    /// The least: a response of 256 octets and a status word, with its result.
    pub const MIN: Self = Self(276);
    /// What is common.
    pub const COMMON: Self = Self(512);

    /// Takes a size.
    ///
    /// # Errors
    /// [`InvalidSize`].
    pub const fn new(size: u16) -> Result<Self, InvalidSize> {
        if size < Self::MIN.0 { Err(InvalidSize { size }) } else { Ok(Self(size)) }
    }

    /// Returns it.
    #[must_use]
    pub const fn octets(self) -> u16 {
        self.0
    }
}
