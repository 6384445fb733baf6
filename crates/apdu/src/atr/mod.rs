//! The answer to reset (ISO 7816-3, 8.2; TS 102.221, 6.3).

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

/// Longest answer to reset: TS and 32 characters behind it.
pub const ATR_LEN_MAX: usize = 33;
/// Most historical bytes.
pub const HISTORICAL_LEN_MAX: usize = 15;
/// TS of the direct convention.
const DIRECT: u8 = 0x3B;
/// TS of the inverse convention.
const INVERSE: u8 = 0x3F;

/// What is wrong with an answer to reset.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AtrError {
    /// It ends before what it announces.
    #[error("ATR ends at byte {len}")]
    Short {
        /// Bytes given.
        len: usize,
    },
    /// It starts with neither convention.
    #[error("ATR starts with {value:02X}")]
    Convention {
        /// The byte.
        value: u8,
    },
    /// More than [`ATR_LEN_MAX`] bytes.
    #[error("ATR of {len} bytes, at most {ATR_LEN_MAX} are possible")]
    Long {
        /// Bytes it would have.
        len: usize,
    },
    /// More than [`HISTORICAL_LEN_MAX`] historical bytes.
    #[error("{len} historical bytes, at most {HISTORICAL_LEN_MAX} are possible")]
    Historical {
        /// Bytes given.
        len: usize,
    },
    /// The check byte is wrong.
    #[error("ATR check byte {found:02X}, {expected:02X} is right")]
    Check {
        /// The byte found.
        found: u8,
        /// The byte that would be right.
        expected: u8,
    },
    /// Bytes follow.
    #[error("{len} bytes behind the ATR")]
    Trailing {
        /// How many.
        len: usize,
    },
}

/// One group of interface bytes. TD is not kept: its halves are the protocol of the next group
/// and which bytes that group has.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Interface {
    /// The protocol T that the group is about: the low half of the TD before; of no meaning in
    /// the first group. 15 is for global bytes.
    pub protocol: u8,
    /// TA.
    pub ta: Option<u8>,
    /// TB.
    pub tb: Option<u8>,
    /// TC.
    pub tc: Option<u8>,
}

/// An answer to reset.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Atr {
    /// Whether bits are sent inverted (TS `3F`).
    pub inverse: bool,
    /// Groups of interface bytes, the global ones first.
    pub interfaces: Vec<Interface>,
    /// Historical bytes, [`HISTORICAL_LEN_MAX`] at most.
    pub historical: Vec<u8>,
}

impl Atr {
    /// Returns the answer of a UICC: T=0 only, with global interface bytes behind it.
    ///
    /// `ta1` tells clock and bit rate factors (`96` is usual), `ta3` clock stop and voltage
    /// classes (`C7`: no preference, classes A to C).
    ///
    /// # Errors
    /// [`AtrError::Historical`] for more historical bytes than fit.
    pub fn uicc(ta1: u8, ta3: u8, historical: &[u8]) -> Result<Self, AtrError> {
        if historical.len() > HISTORICAL_LEN_MAX {
            return Err(AtrError::Historical { len: historical.len() });
        }
        Ok(Self {
            inverse: false,
            interfaces: alloc::vec![
                Interface { ta: Some(ta1), ..Interface::default() },
                Interface::default(),
                Interface { protocol: 15, ta: Some(ta3), ..Interface::default() },
            ],
            historical: historical.to_vec(),
        })
    }

    /// Reads an answer that is all of the bytes.
    ///
    /// # Errors
    /// [`AtrError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, AtrError> {
        match Self::parse_prefix(bytes)? {
            (atr, []) => Ok(atr),
            (_, rest) => Err(AtrError::Trailing { len: rest.len() }),
        }
    }

    /// Reads an answer and returns what follows it: some readers fill up.
    ///
    /// # Errors
    /// [`AtrError`].
    pub fn parse_prefix(bytes: &[u8]) -> Result<(Self, &[u8]), AtrError> {
        let mut rest = Rest { bytes, at: 0 };
        let inverse = match rest.byte()? {
            DIRECT => false,
            INVERSE => true,
            value => return Err(AtrError::Convention { value }),
        };
        let format = rest.byte()?;
        let (mut present, mut protocol) = (format & 0xF0, 0);
        let mut interfaces = Vec::new();
        loop {
            let mut next = |bit| {
                if present & bit == 0 { Ok(None) } else { rest.byte().map(Some) }
            };
            let (ta, tb, tc, td) = (next(0x10)?, next(0x20)?, next(0x40)?, next(0x80)?);
            interfaces.push(Interface { protocol, ta, tb, tc });
            let Some(td) = td else { break };
            (present, protocol) = (td & 0xF0, td & 0x0F);
        }
        let historical = rest.take(usize::from(format & 0x0F))?.to_vec();
        let atr = Self { inverse, interfaces, historical };
        if atr.has_check() {
            let expected = bytes.get(1..rest.at).unwrap_or_default().iter().fold(0, |x, b| x ^ b);
            let found = rest.byte()?;
            if found != expected {
                return Err(AtrError::Check { found, expected });
            }
        }
        if rest.at > ATR_LEN_MAX {
            return Err(AtrError::Long { len: rest.at });
        }
        Ok((atr, bytes.get(rest.at..).unwrap_or_default()))
    }

    /// Returns the bytes, check byte included where it is due.
    ///
    /// # Errors
    /// [`AtrError`] if there are more than any answer has.
    pub fn emit(&self) -> Result<Vec<u8>, AtrError> {
        let historical = u8::try_from(self.historical.len()).unwrap_or(u8::MAX);
        if self.historical.len() > HISTORICAL_LEN_MAX {
            return Err(AtrError::Historical { len: self.historical.len() });
        }
        let mut out = Vec::with_capacity(ATR_LEN_MAX);
        out.push(if self.inverse { INVERSE } else { DIRECT });
        let mut low = historical;
        let mut groups = self.interfaces.iter().peekable();
        if groups.peek().is_none() {
            out.push(low);
        }
        while let Some(group) = groups.next() {
            let next = groups.peek();
            let bit = |there: bool, bit: u8| if there { bit } else { 0 };
            out.push(
                low | bit(group.ta.is_some(), 0x10)
                    | bit(group.tb.is_some(), 0x20)
                    | bit(group.tc.is_some(), 0x40)
                    | bit(next.is_some(), 0x80),
            );
            out.extend([group.ta, group.tb, group.tc].into_iter().flatten());
            low = next.map_or(0, |next| next.protocol & 0x0F);
        }
        out.extend_from_slice(&self.historical);
        if self.has_check() {
            out.push(out.iter().skip(1).fold(0, |x, b| x ^ b));
        }
        if out.len() > ATR_LEN_MAX {
            return Err(AtrError::Long { len: out.len() });
        }
        Ok(out)
    }

    /// Returns the protocols offered, in order; none means T=0.
    pub fn protocols(&self) -> impl Iterator<Item = u8> + '_ {
        self.interfaces.iter().skip(1).map(|group| group.protocol)
    }

    /// Returns the clock rate conversion F and the baud rate adjustment D (ISO 7816-3, tables 7
    /// and 8) that TA1 tells, or the default; `None` for reserved values.
    #[must_use]
    pub fn rates(&self) -> Option<(u16, u8)> {
        let ta1 = self.interfaces.first().and_then(|group| group.ta).unwrap_or(0x11);
        let clock = match ta1 >> 4 {
            0 | 1 => 372,
            2 => 558,
            3 => 744,
            4 => 1_116,
            5 => 1_488,
            6 => 1_860,
            9 => 512,
            10 => 768,
            11 => 1_024,
            12 => 1_536,
            13 => 2_048,
            _ => return None,
        };
        let bits = match ta1 & 0x0F {
            1 => 1,
            2 => 2,
            3 => 4,
            4 => 8,
            5 => 16,
            6 => 32,
            7 => 64,
            8 => 12,
            9 => 20,
            _ => return None,
        };
        Some((clock, bits))
    }

    /// Returns the objects in COMPACT-TLV that the historical bytes hold: tag 1 to 15 and value.
    /// Nothing if the category indicator is not `80`; a broken one ends them.
    pub fn compact_objects(&self) -> impl Iterator<Item = (u8, &[u8])> {
        let mut rest = match self.historical.split_first() {
            Some((0x80, rest)) => rest,
            Some(_) | None => &[],
        };
        core::iter::from_fn(move || {
            let (&head, behind) = rest.split_first()?;
            let (value, behind) = behind.split_at_checked(usize::from(head & 0x0F))?;
            rest = behind;
            Some((head >> 4, value))
        })
    }

    /// The check byte is absent only if T=0 alone is offered (ISO 7816-3, 8.2.5).
    fn has_check(&self) -> bool {
        self.protocols().any(|protocol| protocol != 0)
    }
}

/// Bytes yet to read.
struct Rest<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Rest<'a> {
    fn byte(&mut self) -> Result<u8, AtrError> {
        let short = AtrError::Short { len: self.bytes.len() };
        let byte = *self.bytes.get(self.at).ok_or(short)?;
        self.at += 1;
        Ok(byte)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], AtrError> {
        let short = AtrError::Short { len: self.bytes.len() };
        let part = self.bytes.get(self.at..).and_then(|rest| rest.get(..len)).ok_or(short)?;
        self.at += len;
        Ok(part)
    }
}
