use core::fmt;

use polysim_at::{InvalidText, Password};
use thiserror::Error;

/// A PIN or PUK of the card: 4 to 8 decimal digits (TS 31.101, 9.5.1).
///
/// It is masked in `Debug` and has no `Display`.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Pin {
    len: u8,
    digits: [u8; Self::LEN_MAX],
}

/// Why a text is no PIN. The text itself is not repeated.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum InvalidPin {
    /// Not a decimal digit.
    #[error("PIN: not a decimal digit at position {at}")]
    Digit {
        /// Zero-based position.
        at: usize,
    },
    /// Not 4 to 8 digits.
    #[error("PIN: {len} digits where 4 to 8 are expected")]
    Length {
        /// How many there are.
        len: usize,
    },
}

impl Pin {
    const LEN_MIN: usize = 4;
    const LEN_MAX: usize = 8;

    /// Takes 4 to 8 decimal digits.
    ///
    /// # Errors
    /// [`InvalidPin`] for another character or length.
    pub fn new(text: &str) -> Result<Self, InvalidPin> {
        if let Some(at) = text.bytes().position(|b| !b.is_ascii_digit()) {
            return Err(InvalidPin::Digit { at });
        }
        let length = InvalidPin::Length { len: text.len() };
        let len = u8::try_from(text.len()).map_err(|_| length.clone())?;
        if !(Self::LEN_MIN..=Self::LEN_MAX).contains(&text.len()) {
            return Err(length);
        }
        let mut digits = [0; Self::LEN_MAX];
        for (slot, digit) in digits.iter_mut().zip(text.bytes()) {
            *slot = digit;
        }
        Ok(Self { len, digits })
    }

    pub(crate) fn password(&self) -> Result<Password, InvalidText> {
        Password::new(self.digits.get(..usize::from(self.len)).unwrap_or_default())
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(****)")
    }
}
