//! Semi-octets: decimal and telephony digits of TS 23.040 (9.1.2.3) and TS 24.008 (10.5.4.7).

use alloc::{string::String, vec::Vec};

/// The digits of a semi-octet number: `0-9 * # a b c`; the sixteenth nibble is the filler.
const ALPHABET: [u8; 15] = *b"0123456789*#abc";

/// Why bytes or text are not semi-octets.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidBcd {
    /// A character outside `0-9 * # a b c`.
    #[error("no telephony digit at position {at}")]
    Digit {
        /// Zero-based position.
        at: usize,
    },
    /// A filler nibble before the last digit.
    #[error("a filler inside the number at digit {at}")]
    Filler {
        /// Zero-based digit.
        at: usize,
    },
    /// A two-digit decimal with a nibble above 9.
    #[error("octet {octet:02X} is no two-digit decimal")]
    Decimal {
        /// The octet as received.
        octet: u8,
    },
}

/// Returns the nibble of a telephony digit.
#[must_use]
pub fn nibble(digit: u8) -> Option<u8> {
    let at = ALPHABET.iter().position(|c| c.eq_ignore_ascii_case(&digit))?;
    u8::try_from(at).ok()
}

/// Packs telephony digits two to an octet, low nibble first, an odd one padded with `F`.
///
/// # Errors
/// [`InvalidBcd::Digit`] for a character that is none.
pub fn pack(digits: &str) -> Result<Vec<u8>, InvalidBcd> {
    let mut out = Vec::with_capacity(digits.len().div_ceil(2));
    for (i, pair) in digits.as_bytes().chunks(2).enumerate() {
        let low = pair.first().copied().and_then(nibble).ok_or(InvalidBcd::Digit { at: i * 2 })?;
        let high = match pair.get(1) {
            Some(c) => nibble(*c).ok_or(InvalidBcd::Digit { at: i * 2 + 1 })?,
            None => 0xF,
        };
        out.push(high << 4 | low);
    }
    Ok(out)
}

/// Reads exactly `count` telephony digits from octets packed low nibble first.
///
/// # Errors
/// [`InvalidBcd::Filler`] when a filler, or the end, stands before the last digit.
pub fn unpack(octets: &[u8], count: usize) -> Result<String, InvalidBcd> {
    let nibbles = octets.iter().flat_map(|o| [o & 0x0F, o >> 4]);
    let mut out = String::with_capacity(count);
    for n in nibbles.take(count) {
        let digit = ALPHABET.get(usize::from(n)).ok_or(InvalidBcd::Filler { at: out.len() })?;
        out.push(char::from(*digit));
    }
    if out.len() == count { Ok(out) } else { Err(InvalidBcd::Filler { at: out.len() }) }
}

/// Reads telephony digits up to the first filler or the end.
///
/// # Errors
/// [`InvalidBcd::Filler`] when a digit follows a filler.
pub fn unpack_filled(octets: &[u8]) -> Result<String, InvalidBcd> {
    let count = octets.iter().flat_map(|o| [o & 0x0F, o >> 4]).take_while(|n| *n != 0xF).count();
    let rest = octets.iter().flat_map(|o| [o & 0x0F, o >> 4]).skip(count);
    match rest.clone().position(|n| n != 0xF) {
        Some(_) => Err(InvalidBcd::Filler { at: count }),
        None => unpack(octets, count),
    }
}

/// Returns the swapped-nibble octet of a two-digit decimal; digits beyond two are dropped.
#[must_use]
pub const fn swapped(value: u8) -> u8 {
    let value = value % 100;
    ((value % 10) << 4) | (value / 10)
}

/// Reads a two-digit decimal from its swapped-nibble octet.
///
/// # Errors
/// [`InvalidBcd::Decimal`] when a nibble is above 9.
pub const fn from_swapped(octet: u8) -> Result<u8, InvalidBcd> {
    let (tens, units) = (octet & 0x0F, octet >> 4);
    if tens > 9 || units > 9 {
        return Err(InvalidBcd::Decimal { octet });
    }
    Ok(tens * 10 + units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn telephony_digits_are_packed_low_nibble_first() {
        assert_eq!(pack("*100#").unwrap(), [0x1A, 0x00, 0xFB]);
        assert_eq!(unpack(&[0x1A, 0x00, 0xFB], 5).unwrap(), "*100#");
        assert_eq!(pack("12x"), Err(InvalidBcd::Digit { at: 2 }));
        assert_eq!(unpack(&[0xF1], 2), Err(InvalidBcd::Filler { at: 1 }));
        assert_eq!(unpack_filled(&[0xF1, 0x32]), Err(InvalidBcd::Filler { at: 1 }));
    }

    proptest! {
        #[test]
        fn numbers_round_trip(digits in "[0-9*#abc]{0,40}") {
            let octets = pack(&digits).unwrap();
            prop_assert_eq!(unpack(&octets, digits.len()), Ok(digits.clone()));
            prop_assert_eq!(unpack_filled(&octets), Ok(digits));
        }

        #[test]
        fn decimals_round_trip(value in 0_u8..100) {
            prop_assert_eq!(from_swapped(swapped(value)), Ok(value));
        }
    }
}
