use super::digits_text;
use crate::digits::{Digits, InvalidDigits, luhn};

/// An integrated circuit card identifier (ITU-T E.118): 18 to 20 digits.
///
/// Real cards carry wrong check digits, so a failing one is flagged by
/// [`check_digit_holds`](Self::check_digit_holds), not refused.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Iccid(Digits<10>);
digits_text!(Iccid, InvalidIccid);

/// Why a text is no ICCID.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidIccid {
    /// Not decimal digits.
    #[error("ICCID: {0}")]
    Digits(#[from] InvalidDigits),
    /// Not 18 to 20 of them.
    #[error("ICCID: {len} digits where 18 to 20 are expected")]
    Length {
        /// How many there are.
        len: usize,
    },
}

impl Iccid {
    /// Reads 18 to 20 decimal digits.
    ///
    /// # Errors
    /// [`InvalidIccid`] for another character or length.
    pub fn parse(text: &str) -> Result<Self, InvalidIccid> {
        Self::checked(Digits::parse(text)?)
    }

    /// Reads the ten octets of EF ICCID (TS 102.221, 13.2).
    ///
    /// # Errors
    /// [`InvalidIccid`] for a nibble that is no digit, or another length.
    pub fn from_wire(octets: [u8; 10]) -> Result<Self, InvalidIccid> {
        Self::checked(Digits::from_wire(octets)?)
    }

    /// Returns the ten octets of EF ICCID.
    #[must_use]
    pub const fn wire(&self) -> &[u8; 10] {
        self.0.wire()
    }

    /// Appends the Luhn check digit to the 17 to 19 digits of `text`.
    ///
    /// # Errors
    /// [`InvalidIccid`] for another character or length.
    pub fn with_check_digit(text: &str) -> Result<Self, InvalidIccid> {
        let digits = Digits::<10>::parse(text)?;
        let check = luhn(text.bytes().map(|c| c - b'0'));
        if digits.len() == 20 {
            return Err(InvalidIccid::Length { len: 21 });
        }
        Self::checked(digits.with(check))
    }

    /// Returns whether the last digit is the Luhn check digit of the others.
    #[must_use]
    pub fn check_digit_holds(&self) -> bool {
        let count = self.0.len() - 1;
        let mut all = [0; 20];
        all.iter_mut().zip(self.0.iter()).for_each(|(to, from)| *to = from);
        Some(luhn(all.iter().copied().take(count))) == all.get(count).copied()
    }

    fn checked(digits: Digits<10>) -> Result<Self, InvalidIccid> {
        match digits.len() {
            18..=20 => Ok(Self(digits)),
            len => Err(InvalidIccid::Length { len }),
        }
    }
}
