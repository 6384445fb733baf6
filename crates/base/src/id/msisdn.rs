use crate::digits::{Digits, InvalidDigits};

/// A subscriber number in international form (ITU-T E.164): up to 15 digits, shown with a `+`.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Msisdn(Digits<8>);

/// Why a text is no subscriber number.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidMsisdn {
    /// Not decimal digits after the plus sign.
    #[error("number: {0}")]
    Digits(#[from] InvalidDigits),
    /// Not 3 to 15 of them.
    #[error("number: {len} digits where 3 to 15 are expected")]
    Length {
        /// How many there are.
        len: usize,
    },
    /// International numbers never start with a zero.
    #[error("number: an international number does not start with 0")]
    LeadingZero,
}

impl Msisdn {
    /// Reads an international number with or without its leading `+`.
    ///
    /// # Errors
    /// [`InvalidMsisdn`] for another character, a bad length or a leading zero.
    pub fn parse(text: &str) -> Result<Self, InvalidMsisdn> {
        let digits = Digits::parse(text.strip_prefix('+').unwrap_or(text))?;
        match digits.len() {
            3..=15 if digits.iter().next() == Some(0) => Err(InvalidMsisdn::LeadingZero),
            3..=15 => Ok(Self(digits)),
            len => Err(InvalidMsisdn::Length { len }),
        }
    }

    /// Returns the digits, without the plus sign.
    pub fn digits(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.iter()
    }

    /// Returns how many digits there are.
    #[must_use]
    pub fn digit_count(&self) -> usize {
        self.0.len()
    }
}

impl core::fmt::Display for Msisdn {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "+{}", self.0)
    }
}
impl core::fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}
impl core::str::FromStr for Msisdn {
    type Err = InvalidMsisdn;
    fn from_str(text: &str) -> Result<Self, InvalidMsisdn> {
        Self::parse(text)
    }
}
