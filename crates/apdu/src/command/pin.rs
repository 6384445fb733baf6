//! PINs and the references of keys (TS 102.221, 9.5).

use core::fmt;

/// Bytes of a PIN value on the interface.
pub const PIN_LEN: usize = 8;

/// A PIN, PUK or ADM value: eight bytes, digits in ASCII filled up with `FF`. `Debug` hides it.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Pin([u8; PIN_LEN]);

impl Pin {
    /// Takes eight bytes as they are.
    #[must_use]
    pub const fn new(bytes: [u8; PIN_LEN]) -> Self {
        Self(bytes)
    }

    /// Makes a value of 1 to 8 digits; `None` for anything else.
    #[must_use]
    pub fn from_digits(digits: &str) -> Option<Self> {
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut bytes = [0xFF; PIN_LEN];
        bytes.get_mut(..digits.len())?.copy_from_slice(digits.as_bytes());
        Some(Self(bytes))
    }

    /// Returns the eight bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; PIN_LEN] {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// The reference of a PIN or key (TS 102.221, table 9.3).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyRef(pub u8);

impl KeyRef {
    /// PIN of application 1 (PIN 1, CHV 1).
    pub const PIN1: Self = Self(0x01);
    /// Second application PIN of application 1 (PIN 2, CHV 2).
    pub const PIN2: Self = Self(0x81);
    /// Universal PIN.
    pub const UNIVERSAL: Self = Self(0x11);
    /// First administrative key.
    pub const ADM1: Self = Self(0x0A);

    /// Tells whether it is the PIN of an application (`01` to `08`).
    #[must_use]
    pub const fn is_application_pin(self) -> bool {
        matches!(self.0, 0x01..=0x08)
    }

    /// Tells whether it is a second application PIN (`81` to `88`).
    #[must_use]
    pub const fn is_second_pin(self) -> bool {
        matches!(self.0, 0x81..=0x88)
    }

    /// Tells whether it is administrative (`0A` to `0E`, `8A` to `8E`).
    #[must_use]
    pub const fn is_administrative(self) -> bool {
        matches!(self.0, 0x0A..=0x0E | 0x8A..=0x8E)
    }
}

impl fmt::Display for KeyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            key @ 0x01..=0x08 => write!(f, "PIN Appl {key}"),
            key @ 0x81..=0x88 => write!(f, "Second PIN Appl {}", key - 0x80),
            key @ 0x0A..=0x0E => write!(f, "ADM{}", key - 0x09),
            key @ 0x8A..=0x8E => write!(f, "ADM{}", key - 0x84),
            0x11 => f.write_str("Universal PIN"),
            key => write!(f, "key {key:02X}"),
        }
    }
}
