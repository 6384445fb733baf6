use core::str::FromStr;
use polysim_base::Msisdn;
use serde::{Deserialize, Serialize};

/// The first digits of international numbers: a country, an operator's range.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Prefix {
    len: u8,
    value: u64,
}

/// Why a text is no prefix.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a prefix is 0 to {} decimal digits, without a plus sign", Prefix::LEN_MAX)]
pub struct InvalidPrefix;

impl Prefix {
    /// The most digits.
    pub const LEN_MAX: usize = 15;
    /// Every number begins so.
    pub const ANY: Self = Self { len: 0, value: 0 };

    /// Returns the prefixes of a number, the longest first.
    pub fn of(number: &Msisdn) -> impl Iterator<Item = Self> {
        let value = number.digits().fold(0_u64, |value, digit| value * 10 + u64::from(digit));
        let len = u8::try_from(number.digit_count()).unwrap_or(0);
        let mut next = Some(Self { len, value });
        core::iter::from_fn(move || {
            let now = next?;
            next = now.len.checked_sub(1).map(|len| Self { len, value: now.value / 10 });
            Some(now)
        })
    }
}

impl FromStr for Prefix {
    type Err = InvalidPrefix;
    fn from_str(text: &str) -> Result<Self, InvalidPrefix> {
        if text.len() > Self::LEN_MAX {
            return Err(InvalidPrefix);
        }
        let mut prefix = Self::ANY;
        for c in text.bytes() {
            let digit = char::from(c).to_digit(10).ok_or(InvalidPrefix)?;
            prefix = Self { len: prefix.len + 1, value: prefix.value * 10 + u64::from(digit) };
        }
        Ok(prefix)
    }
}
