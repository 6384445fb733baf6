//! Payloads: bytes in the interface, hex digits on the wire.

use alloc::{boxed::Box, vec::Vec};
use core::ops::Deref;

use super::{Arg, ArgProblem, Param, put_hex};

/// Bytes that travel as a quoted string of hex digits.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct HexBytes(pub Box<[u8]>);

impl Deref for HexBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for HexBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<&[u8]> for HexBytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl Param for HexBytes {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        put_hex(self, out);
        out.push(b'"');
    }

    fn from_arg(arg: Arg<'_>) -> Result<Self, ArgProblem> {
        match arg {
            Arg::Missing => Err(ArgProblem::Missing),
            Arg::Bare(digits) | Arg::Quoted(digits) => {
                Ok(Self(decode_hex(digits).ok_or(ArgProblem::NotHex)?.into()))
            }
        }
    }
}

/// Reads a PDU line or the text typed at a prompt: hex digits, blanks and line ends around them.
///
/// # Errors
/// [`ArgProblem::NotHex`] if anything else stands there or the number of digits is odd.
pub fn parse_pdu(line: &[u8]) -> Result<Vec<u8>, ArgProblem> {
    decode_hex(line.trim_ascii()).ok_or(ArgProblem::NotHex)
}

fn decode_hex(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let mut bytes = Vec::with_capacity(pairs.len());
    for [high, low] in pairs {
        bytes.push(nibble(*high)? << 4 | nibble(*low)?);
    }
    Some(bytes)
}

/// Reads a number of hex digits.
pub(crate) fn parse_hex_number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    digits.iter().try_fold(0, |value, &b| Some(value << 4 | u64::from(nibble(b)?)))
}

fn nibble(digit: u8) -> Option<u8> {
    NIBBLES.get(usize::from(digit)).copied().filter(|nibble| *nibble < 16)
}

/// The value of each hex digit, 255 for any other byte.
const NIBBLES: [u8; 256] = nibbles();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, below 256")]
const fn nibbles() -> [u8; 256] {
    let mut table = [255; 256];
    let mut value = 0;
    while value < 16 {
        table[b"0123456789ABCDEF"[value as usize] as usize] = value;
        table[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    table
}

crate::wire::single!(HexBytes);
