use core::fmt;

/// A public land mobile network: three digits of country code, two or three of network code, kept
/// in the three octets of TS 24.008 (10.5.1.13).
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Plmn([u8; 3]);

/// Why a text or octets are no PLMN.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidPlmn {
    /// Not a digit.
    #[error("PLMN: not a decimal digit at position {at}")]
    Digit {
        /// Zero-based position.
        at: usize,
    },
    /// Neither five nor six digits.
    #[error("PLMN: {len} characters where 5 or 6 digits (or 001-01) are expected")]
    Length {
        /// How many there are.
        len: usize,
    },
}

impl Plmn {
    /// Reads `00101`, `001001`, `001-01` or `001/01`.
    ///
    /// # Errors
    /// [`InvalidPlmn`] for another character or length.
    pub fn parse(text: &str) -> Result<Self, InvalidPlmn> {
        let mut digits = [0; 6];
        let mut len = 0;
        for (at, c) in text.bytes().enumerate() {
            match c {
                b'0'..=b'9' => match digits.get_mut(len) {
                    Some(slot) => (*slot, len) = (c - b'0', len + 1),
                    None => return Err(InvalidPlmn::Length { len: text.len() }),
                },
                b'-' | b'/' if at == 3 => {}
                _ => return Err(InvalidPlmn::Digit { at }),
            }
        }
        let [m, c, d, a, b, last] = digits;
        let third = match len {
            5 => None,
            6 => Some(last),
            _ => return Err(InvalidPlmn::Length { len: text.len() }),
        };
        Self::from_digits([m, c, d], a, b, third).ok_or(InvalidPlmn::Length { len })
    }

    /// Builds one from its digits; `None` where one is above 9.
    #[must_use]
    pub fn from_digits(mcc: [u8; 3], a: u8, b: u8, third: Option<u8>) -> Option<Self> {
        let [m, c, d] = mcc;
        let legal = [m, c, d, a, b, third.unwrap_or(0)].iter().all(|n| *n <= 9);
        legal.then_some(Self([c << 4 | m, third.unwrap_or(0xF) << 4 | d, b << 4 | a]))
    }

    /// Reads the three octets; `Ok(None)` for `FFFFFF`, an unused entry of a list.
    ///
    /// # Errors
    /// [`InvalidPlmn`] for a nibble that is no digit.
    pub fn from_wire(octets: [u8; 3]) -> Result<Option<Self>, InvalidPlmn> {
        if octets == [0xFF; 3] {
            return Ok(None);
        }
        let plmn = Self(octets);
        match plmn.nibbles().iter().enumerate().find(|(i, n)| **n > 9 && (*i != 5 || **n != 0xF)) {
            Some((at, _)) => Err(InvalidPlmn::Digit { at }),
            None => Ok(Some(plmn)),
        }
    }

    /// Returns the three octets.
    #[must_use]
    pub const fn wire(&self) -> [u8; 3] {
        self.0
    }

    /// Returns the mobile country code, 0 to 999.
    #[must_use]
    pub fn mcc(&self) -> u16 {
        self.nibbles().iter().take(3).fold(0, |acc, d| acc * 10 + u16::from(*d))
    }

    /// Returns how many digits the network code has: 2 or 3.
    #[must_use]
    pub const fn mnc_len(&self) -> u8 {
        let [_, middle, _] = self.0;
        if middle >> 4 == 0xF { 2 } else { 3 }
    }

    /// Returns the five or six digits.
    pub fn digits(&self) -> impl Iterator<Item = u8> + '_ {
        self.nibbles().into_iter().take(3 + usize::from(self.mnc_len()))
    }

    /// Country code digits, then network code digits, the last `F` where there is none.
    const fn nibbles(&self) -> [u8; 6] {
        let [x, y, z] = self.0;
        [x & 0xF, x >> 4, y & 0xF, z & 0xF, z >> 4, y >> 4]
    }
}

/// `00101` or `001001`, as `+COPS` shows it.
impl fmt::Display for Plmn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        self.digits().try_for_each(|digit| f.write_char(char::from(b'0' + digit)))
    }
}
impl fmt::Debug for Plmn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl core::str::FromStr for Plmn {
    type Err = InvalidPlmn;
    fn from_str(text: &str) -> Result<Self, InvalidPlmn> {
        Self::parse(text)
    }
}
