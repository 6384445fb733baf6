use super::TlvError;
use alloc::vec::Vec;

/// Appends a definite length in as few octets as it takes (TS 101.220, 7.1.1). Lengths end at
/// 2^24 - 1, the most that three octets can say; a longer value is a mistake of the caller.
pub fn put_length(out: &mut Vec<u8>, len: usize) {
    let [.., high, middle, low] = len.to_be_bytes();
    debug_assert!(len < 1 << 24, "a TLV value of {len} octets");
    match len {
        0..=0x7F => out.push(low),
        0x80..=0xFF => out.extend([0x81, low]),
        0x100..=0xFFFF => out.extend([0x82, middle, low]),
        _ => out.extend([0x83, high, middle, low]),
    }
}

/// Reads a length and returns it with the octets behind it; `at` is the object's start.
pub(super) fn read_length(bytes: &[u8], at: usize) -> Result<(usize, &[u8]), TlvError> {
    let truncated = TlvError::Truncated { at };
    let (&first, rest) = bytes.split_first().ok_or(truncated)?;
    let count = match first {
        0..=0x7F => return Ok((usize::from(first), rest)),
        0x81..=0x83 => usize::from(first & 0x7F),
        _ => return Err(TlvError::LengthForm { at, first }),
    };
    let (octets, rest) = rest.split_at_checked(count).ok_or(truncated)?;
    Ok((octets.iter().fold(0, |len, octet| len << 8 | usize::from(*octet)), rest))
}

/// Splits a value of `len` octets off; `at` is the object's start.
pub(super) fn split_value(bytes: &[u8], len: usize, at: usize) -> Result<(&[u8], &[u8]), TlvError> {
    let left = bytes.len();
    bytes.split_at_checked(len).ok_or(TlvError::ValueTooLong { at, len, left })
}
