//! What a parameter of no fixed length holds.

use alloc::vec::Vec;

/// An APDU or an ATR: 1 to [`Payload::LEN_MAX`] octets.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Payload(Vec<u8>);

/// No octets, or too many.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{len} octets are no APDU or ATR of this profile: it has 1 to {}", Payload::LEN_MAX)]
pub struct InvalidPayload {
    /// How many.
    pub len: usize,
}

impl Payload {
    /// Octets, at most: the length of a parameter has two octets.
    pub const LEN_MAX: u16 = u16::MAX;

    /// Takes octets.
    ///
    /// # Errors
    /// [`InvalidPayload`].
    pub fn new(octets: impl Into<Vec<u8>>) -> Result<Self, InvalidPayload> {
        let octets = octets.into();
        match u16::try_from(octets.len()) {
            Ok(1..) => Ok(Self(octets)),
            Ok(0) | Err(_) => Err(InvalidPayload { len: octets.len() }),
        }
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> u16 {
        u16::try_from(self.0.len()).unwrap_or(Self::LEN_MAX)
    }

    /// Returns the octets.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }

    /// Returns the octets.
    #[must_use]
    pub fn into_octets(self) -> Vec<u8> {
        self.0
    }
}
