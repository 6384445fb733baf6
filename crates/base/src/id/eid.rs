use super::digits_text;
use crate::digits::{Digits, InvalidDigits};

/// An eUICC identifier (SGP.29): 32 digits, the last two of which are check digits.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Eid(Digits<16>);
digits_text!(Eid, InvalidEid);

/// Why a text is no EID.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidEid {
    /// Not decimal digits.
    #[error("EID: {0}")]
    Digits(#[from] InvalidDigits),
    /// Not 32 of them.
    #[error("EID: {len} digits where 32 are expected")]
    Length {
        /// How many there are.
        len: usize,
    },
    /// The number modulo 97 is not 1 (ISO/IEC 7064, MOD 97-10).
    #[error("EID: the check digits do not hold; look for a mistyped digit")]
    CheckDigits,
}

impl Eid {
    /// Reads 32 digits whose check digits hold.
    ///
    /// # Errors
    /// [`InvalidEid`] for another character, length or check digits.
    pub fn parse(text: &str) -> Result<Self, InvalidEid> {
        let digits = Digits::parse(text)?;
        if digits.len() != 32 {
            return Err(InvalidEid::Length { len: digits.len() });
        }
        if modulo_97(digits.iter()) == 1 { Ok(Self(digits)) } else { Err(InvalidEid::CheckDigits) }
    }

    /// Appends the two check digits to 30 digits.
    ///
    /// # Errors
    /// [`InvalidEid`] for another character or length.
    pub fn with_check_digits(text: &str) -> Result<Self, InvalidEid> {
        let digits = Digits::<16>::parse(text)?;
        if digits.len() != 30 {
            return Err(InvalidEid::Length { len: digits.len() });
        }
        let check = 98 - modulo_97(digits.iter().chain([0, 0]));
        Ok(Self(digits.with(check / 10).with(check % 10)))
    }

    /// Returns the 16 octets as an eUICC gives them: plain BCD, high nibble first.
    #[must_use]
    pub fn octets(&self) -> [u8; 16] {
        self.0.wire().map(|octet| octet.rotate_left(4))
    }
}

fn modulo_97(digits: impl Iterator<Item = u8>) -> u8 {
    let rest = digits.fold(0_u32, |rest, digit| (rest * 10 + u32::from(digit)) % 97);
    u8::try_from(rest).unwrap_or(0)
}
