//! The least security that an application accepts (TS 102.226, 8.2.1.3.2.4).

use crate::header::{CounterMode, Integrity, Spi};

/// The minimum security level of an application: the first octet of SPI, each part at least so
/// strict.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct MinimumSecurity {
    /// What must guard a command.
    pub integrity: Integrity,
    /// Whether a command must be ciphered.
    pub ciphered: bool,
    /// What must be done with its counter.
    pub counter: CounterMode,
}

impl MinimumSecurity {
    /// Everything is accepted, from anybody.
    pub const NONE: Self =
        Self { integrity: Integrity::None, ciphered: false, counter: CounterMode::None };
    /// A checksum, ciphering, and a counter that grows.
    pub const FULL: Self =
        Self { integrity: Integrity::Checksum, ciphered: true, counter: CounterMode::Higher };

    /// Tells whether a command secured like this is secure enough.
    #[must_use]
    pub fn is_met_by(self, spi: Spi) -> bool {
        spi.integrity >= self.integrity
            && spi.ciphered >= self.ciphered
            && spi.counter >= self.counter
    }
}

impl Default for MinimumSecurity {
    fn default() -> Self {
        Self::FULL
    }
}
