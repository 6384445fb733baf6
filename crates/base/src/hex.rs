//! Hexadecimal text of bytes.

use alloc::vec::Vec;
use core::fmt;

/// Shows bytes as upper-case hexadecimal.
#[derive(Clone, Copy, Debug)]
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// Why a text is not hexadecimal.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidHex {
    /// Two digits make a byte.
    #[error("{len} hexadecimal digits do not make whole bytes")]
    Odd {
        /// How many digits there are.
        len: usize,
    },
    /// Only `0-9 A-F a-f`.
    #[error("not a hexadecimal digit at position {at}")]
    Digit {
        /// Zero-based position in the text.
        at: usize,
    },
}

const fn nibble(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'A'..=b'F' => Some(c - b'A' + 10),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    }
}

/// Reads bytes from hexadecimal text of either case.
///
/// # Errors
/// [`InvalidHex`] when the text has an odd length or another character.
pub fn parse_hex(text: &[u8]) -> Result<Vec<u8>, InvalidHex> {
    if !text.len().is_multiple_of(2) {
        return Err(InvalidHex::Odd { len: text.len() });
    }
    let mut out = Vec::with_capacity(text.len() / 2);
    for (i, pair) in text.chunks_exact(2).enumerate() {
        let [high, low] = pair else { continue };
        let high = nibble(*high).ok_or(InvalidHex::Digit { at: i * 2 })?;
        let low = nibble(*low).ok_or(InvalidHex::Digit { at: i * 2 + 1 })?;
        out.push(high << 4 | low);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::ToString;

    #[test]
    fn mistakes_name_their_place() {
        assert_eq!(parse_hex(b"0"), Err(InvalidHex::Odd { len: 1 }));
        assert_eq!(parse_hex(b"0aXX"), Err(InvalidHex::Digit { at: 2 }));
    }

    proptest! {
        #[test]
        fn bytes_round_trip(bytes: Vec<u8>) {
            prop_assert_eq!(parse_hex(Hex(&bytes).to_string().as_bytes()), Ok(bytes));
        }
    }
}
