use crate::digits::{Digits, InvalidDigits, luhn};
use core::fmt;

/// An international mobile equipment identity (TS 23.003, 6.2): its identity is the 14 digits of
/// type allocation code and serial number. The check digit is computed for display; on the air and
/// towards a card the fifteenth digit is a spare zero.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Imei(Digits<7>);

/// An IMEI with its two-digit software version (TS 23.003, 6.2.2).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Imeisv {
    /// Whose software it is.
    pub imei: Imei,
    /// The software version number, 0 to 99.
    pub version: u8,
}

/// Why a text is no IMEI.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidImei {
    /// Not decimal digits.
    #[error("IMEI: {0}")]
    Digits(#[from] InvalidDigits),
    /// A length that is neither of the forms.
    #[error("IMEI: {len} digits where {expected} are expected")]
    Length {
        /// How many there are.
        len: usize,
        /// How many there should be.
        expected: &'static str,
    },
    /// A typed check digit that is wrong: a digit was mistyped.
    #[error("IMEI: the check digit is {given} and should be {computed}; look for a mistyped digit")]
    CheckDigit {
        /// As typed.
        given: u8,
        /// As computed.
        computed: u8,
    },
}

impl Imei {
    /// Reads what a person typed: 14 digits, or 15 with a check digit that is verified.
    ///
    /// # Errors
    /// [`InvalidImei`] for another character, length or check digit.
    pub fn parse(text: &str) -> Result<Self, InvalidImei> {
        let digits = Digits::<8>::parse(text)?;
        let imei = Self::first_14(&digits);
        match digits.len() {
            14 => Ok(imei),
            15 => {
                let (given, computed) = (digits.iter().last().unwrap_or(0), imei.check_digit());
                if given == computed {
                    Ok(imei)
                } else {
                    Err(InvalidImei::CheckDigit { given, computed })
                }
            }
            len => Err(InvalidImei::Length { len, expected: "14 or 15" }),
        }
    }

    /// Reads what a device sent: 14 digits, 15 whose last is a spare or check digit and not
    /// looked at, or the 16 of an IMEISV.
    ///
    /// # Errors
    /// [`InvalidImei`] for another character or length.
    pub fn from_device(text: &str) -> Result<Self, InvalidImei> {
        let digits = Digits::<8>::parse(text)?;
        match digits.len() {
            14..=16 => Ok(Self::first_14(&digits)),
            len => Err(InvalidImei::Length { len, expected: "14 to 16" }),
        }
    }

    /// Returns the Luhn check digit (TS 23.003, annex B).
    #[must_use]
    pub fn check_digit(&self) -> u8 {
        let mut all = [0; 14];
        all.iter_mut().zip(self.0.iter()).for_each(|(to, from)| *to = from);
        luhn(all.into_iter())
    }

    /// Returns the 14 digits of the identity.
    pub fn digits(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.iter()
    }

    fn first_14(digits: &Digits<8>) -> Self {
        Self(digits.iter().take(14).fold(Digits::EMPTY, Digits::with))
    }
}

impl Imeisv {
    /// Reads 16 digits.
    ///
    /// # Errors
    /// [`InvalidImei`] for another character or length.
    pub fn parse(text: &str) -> Result<Self, InvalidImei> {
        let digits = Digits::<8>::parse(text)?;
        if digits.len() != 16 {
            return Err(InvalidImei::Length { len: digits.len(), expected: "16" });
        }
        let version = digits.iter().skip(14).fold(0, |acc, d| acc * 10 + d);
        Ok(Self { imei: Imei::first_14(&digits), version })
    }
}

/// The 14 digits and their check digit.
impl fmt::Display for Imei {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0, self.check_digit())
    }
}
impl fmt::Debug for Imei {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl core::str::FromStr for Imei {
    type Err = InvalidImei;
    fn from_str(text: &str) -> Result<Self, InvalidImei> {
        Self::parse(text)
    }
}
/// The 14 digits and the version; an IMEISV has no check digit.
impl fmt::Display for Imeisv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:02}", self.imei.0, self.version % 100)
    }
}
