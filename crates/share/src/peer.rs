//! Who is at the other end of a link.

use alloc::string::String;
use core::fmt;

/// The static public key of a device (X25519), by which the link knows it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PeerKey(pub [u8; 32]);

/// What a device calls itself, for people to read: 1 to 32 octets of UTF-8 without control characters.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DeviceName(String);

/// A text that is no name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a device's name has 1 to {} octets and no control characters", DeviceName::LEN_MAX)]
pub struct InvalidDeviceName;

impl DeviceName {
    /// Octets, at most.
    pub const LEN_MAX: usize = 32;

    /// Takes a name.
    ///
    /// # Errors
    /// [`InvalidDeviceName`].
    pub fn new(name: &str) -> Result<Self, InvalidDeviceName> {
        let fits = !name.is_empty() && name.len() <= Self::LEN_MAX;
        if !fits || name.chars().any(char::is_control) {
            return Err(InvalidDeviceName);
        }
        Ok(Self(name.into()))
    }

    /// Returns it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
