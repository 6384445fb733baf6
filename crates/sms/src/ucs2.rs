//! UCS-2, in practice UTF-16, big-endian; and its hexadecimal form, the character set `"UCS2"` of
//! `+CSCS`.

use alloc::{string::String, vec::Vec};

/// Why octets or hexadecimal text are no UCS-2.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUcs2 {
    /// Two octets make a code unit.
    #[error("{octets} octets do not make whole code units")]
    Odd {
        /// How many octets there are.
        octets: usize,
    },
    /// Half of a surrogate pair.
    #[error("an unpaired surrogate in code unit {at}")]
    Surrogate {
        /// Zero-based code unit.
        at: usize,
    },
    /// Not hexadecimal text.
    #[error(transparent)]
    Hex(#[from] polysim_base::InvalidHex),
}

/// Returns the octets of a text.
#[must_use]
pub fn encode(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len().saturating_mul(2));
    encode_into(text, &mut octets);
    octets
}

pub(crate) fn encode_into(text: &str, octets: &mut Vec<u8>) {
    octets.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
}

/// Returns the text of octets.
///
/// # Errors
/// [`InvalidUcs2`] for an odd number of octets or half of a surrogate pair.
pub fn decode(octets: &[u8]) -> Result<String, InvalidUcs2> {
    let mut text = String::with_capacity(octets.len());
    let mut decoder = Decoder::default();
    decoder.push(octets, &mut text)?;
    decoder.finish()?;
    Ok(text)
}

/// Turns octets into characters; a surrogate may wait for the next octets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decoder {
    high: Option<u16>,
    units: usize,
}

impl Decoder {
    pub(crate) fn push(&mut self, octets: &[u8], text: &mut String) -> Result<(), InvalidUcs2> {
        let (units, rest) = octets.as_chunks::<2>();
        if !rest.is_empty() {
            let octets = octets.len();
            return Err(InvalidUcs2::Odd { octets });
        }
        for unit in units {
            self.unit(u16::from_be_bytes(*unit), text)?;
        }
        Ok(())
    }

    #[inline]
    fn unit(&mut self, unit: u16, text: &mut String) -> Result<(), InvalidUcs2> {
        let at = self.units;
        self.units += 1;
        let decoded = match (self.high.take(), unit) {
            (None, 0xD800..=0xDBFF) => {
                self.high = Some(unit);
                return Ok(());
            }
            (None, _) => char::from_u32(u32::from(unit)),
            (Some(high), 0xDC00..=0xDFFF) => {
                char::decode_utf16([high, unit]).next().and_then(Result::ok)
            }
            (Some(_), _) => return Err(InvalidUcs2::Surrogate { at: at - 1 }),
        };
        text.push(decoded.ok_or(InvalidUcs2::Surrogate { at })?);
        Ok(())
    }

    pub(crate) const fn finish(&self) -> Result<(), InvalidUcs2> {
        match self.high {
            None => Ok(()),
            Some(_) => Err(InvalidUcs2::Surrogate { at: self.units.saturating_sub(1) }),
        }
    }
}

/// Returns the octets of a text as upper-case hexadecimal digits.
#[must_use]
pub fn encode_hex(text: &str) -> String {
    let mut digits = String::with_capacity(text.len().saturating_mul(4));
    for unit in text.encode_utf16() {
        for shift in [12, 8, 4, 0] {
            let nibble = u32::from(unit >> shift & 0x0F);
            digits.extend(char::from_digit(nibble, 16).map(|d| d.to_ascii_uppercase()));
        }
    }
    digits
}

/// Returns the text of hexadecimal digits of either case.
///
/// # Errors
/// [`InvalidUcs2`] when they are none, or their octets are no UCS-2.
pub fn decode_hex(digits: &str) -> Result<String, InvalidUcs2> {
    decode(&polysim_base::parse_hex(digits.as_bytes())?)
}
