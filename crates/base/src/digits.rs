//! Decimal digits packed two to a byte, low nibble first, as cards and air interfaces carry them.

use core::fmt;

const FILLER: u8 = 0xF;

/// Up to `2 * N` decimal digits in `N` bytes, padded with `F`: the wire form and the compact form
/// are one and the same.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Digits<const N: usize>([u8; N]);

/// Why a text or a byte string is no string of digits.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidDigits {
    /// A character or nibble that is no decimal digit.
    #[error("not a decimal digit at position {at}")]
    Digit {
        /// Zero-based position.
        at: usize,
    },
    /// More digits than fit.
    #[error("{len} digits where {max} are the most")]
    TooMany {
        /// How many there are.
        len: usize,
        /// The most there can be.
        max: usize,
    },
    /// A digit after the filler.
    #[error("a digit after the filler at position {at}")]
    AfterFiller {
        /// Zero-based position.
        at: usize,
    },
}

impl<const N: usize> Digits<N> {
    /// No digits.
    pub const EMPTY: Self = Self([0xFF; N]);

    /// Reads decimal text.
    ///
    /// # Errors
    /// [`InvalidDigits`] for another character or too many digits.
    pub fn parse(text: &str) -> Result<Self, InvalidDigits> {
        let max = 2 * N;
        if text.len() > max {
            return Err(InvalidDigits::TooMany { len: text.len(), max });
        }
        let mut out = Self::EMPTY;
        for (at, c) in text.bytes().enumerate() {
            if !c.is_ascii_digit() {
                return Err(InvalidDigits::Digit { at });
            }
            out.put(at, c - b'0');
        }
        Ok(out)
    }

    /// Reads the wire form: nibbles swapped, `F` at the end.
    ///
    /// # Errors
    /// [`InvalidDigits`] for a nibble above 9 other than trailing `F`s.
    pub fn from_wire(bytes: [u8; N]) -> Result<Self, InvalidDigits> {
        let digits = Self(bytes);
        let mut filler = false;
        for at in 0..2 * N {
            match digits.nibble(at) {
                FILLER => filler = true,
                0..=9 if filler => return Err(InvalidDigits::AfterFiller { at }),
                0..=9 => {}
                _ => return Err(InvalidDigits::Digit { at }),
            }
        }
        Ok(digits)
    }

    /// Returns the wire form.
    #[must_use]
    pub const fn wire(&self) -> &[u8; N] {
        &self.0
    }

    /// Returns how many digits there are.
    #[must_use]
    pub fn len(&self) -> usize {
        (0..2 * N).take_while(|&at| self.nibble(at) != FILLER).count()
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nibble(0) == FILLER
    }

    /// Returns the digits, first to last.
    pub fn iter(&self) -> impl Iterator<Item = u8> + '_ {
        (0..2 * N).map(|at| self.nibble(at)).take_while(|&n| n != FILLER)
    }

    /// Returns them with one more digit; unchanged when full or when it is no digit.
    #[must_use]
    pub fn with(mut self, digit: u8) -> Self {
        if digit <= 9 {
            self.put(self.len(), digit);
        }
        self
    }

    fn nibble(&self, at: usize) -> u8 {
        let byte = self.0.get(at / 2).copied().unwrap_or(0xFF);
        if at.is_multiple_of(2) { byte & 0x0F } else { byte >> 4 }
    }

    fn put(&mut self, at: usize, digit: u8) {
        if let Some(byte) = self.0.get_mut(at / 2) {
            *byte =
                if at.is_multiple_of(2) { *byte & 0xF0 | digit } else { *byte & 0x0F | digit << 4 };
        }
    }
}

impl<const N: usize> fmt::Display for Digits<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        self.iter().try_for_each(|digit| f.write_char(char::from(b'0' + digit)))
    }
}

impl<const N: usize> fmt::Debug for Digits<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The check digit of ISO/IEC 7812-1 (Luhn) over `digits`, to be appended to them.
pub(crate) fn luhn(digits: impl DoubleEndedIterator<Item = u8>) -> u8 {
    let sum: u32 = digits
        .rev()
        .enumerate()
        .map(|(i, digit)| {
            let doubled = u32::from(digit) * 2;
            if i % 2 == 0 { doubled / 10 + doubled % 10 } else { u32::from(digit) }
        })
        .sum();
    u8::try_from((10 - sum % 10) % 10).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::ToString;

    #[test]
    fn mistakes_name_their_place() {
        assert_eq!(Digits::<2>::parse("1x"), Err(InvalidDigits::Digit { at: 1 }));
        assert_eq!(Digits::<2>::parse("12345"), Err(InvalidDigits::TooMany { len: 5, max: 4 }));
        assert_eq!(Digits::from_wire([0xF1, 0x12]), Err(InvalidDigits::AfterFiller { at: 2 }));
        assert_eq!(Digits::from_wire([0xA1]), Err(InvalidDigits::Digit { at: 1 }));
    }

    proptest! {
        #[test]
        fn digits_round_trip(text in "[0-9]{0,20}") {
            let digits = Digits::<10>::parse(&text).unwrap();
            prop_assert_eq!(digits.to_string(), text.clone());
            prop_assert_eq!(digits.len(), text.len());
            prop_assert_eq!(Digits::from_wire(*digits.wire()), Ok(digits));
        }

        #[test]
        fn any_wire_form_is_read_or_refused(bytes: [u8; 10]) {
            if let Ok(digits) = Digits::from_wire(bytes) {
                prop_assert_eq!(Digits::<10>::parse(&digits.to_string()), Ok(digits));
            }
        }
    }
}
