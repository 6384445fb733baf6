//! Writing a parameter list, numbers and hex.

use alloc::vec::Vec;

/// Writes a parameter list. Trailing missing parameters leave no commas behind.
#[derive(Debug)]
pub struct ArgWriter<'a> {
    out: &'a mut Vec<u8>,
    commas_due: u8,
}

impl<'a> ArgWriter<'a> {
    /// Starts a list at the end of `out`.
    pub const fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, commas_due: 0 }
    }

    /// Leaves one parameter out.
    pub const fn skip(&mut self) {
        self.commas_due = self.commas_due.saturating_add(1);
    }

    /// Writes one parameter.
    pub fn param(&mut self, value: &impl crate::Param) {
        if value.is_missing() {
            self.skip();
        } else {
            self.raw(|out| value.encode(out));
        }
    }

    /// Writes one parameter by hand: the commas before it are set already.
    pub(crate) fn raw(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        for _ in 0..self.commas_due {
            self.out.push(b',');
        }
        self.commas_due = 1;
        write(self.out);
    }
}

/// Appends `value` in decimal.
pub fn put_uint(value: u64, out: &mut Vec<u8>) {
    if value < 10 {
        out.push(digit(value));
        return;
    }
    let mut digits = [0_u8; 20];
    let mut rest = value;
    let mut used = 0;
    for slot in digits.iter_mut().rev() {
        *slot = digit(rest % 10);
        rest /= 10;
        used += 1;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
}

const fn digit(value: u64) -> u8 {
    b'0' + (value % 10).to_le_bytes()[0]
}

/// Appends `bytes` as upper-case hex digits.
pub fn put_hex(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len() * 2);
    for byte in bytes {
        out.extend_from_slice(&[hex_digit(byte >> 4), hex_digit(byte & 15)]);
    }
}

/// Appends `value` as hex with at least `width` digits, at most 16.
pub(crate) fn put_hex_number(value: u64, width: usize, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 16];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(value.to_be_bytes()) {
        pair.copy_from_slice(&[hex_digit(byte >> 4), hex_digit(byte & 15)]);
    }
    let leading = digits.iter().take_while(|digit| **digit == b'0').count();
    let skipped = leading.min(digits.len().saturating_sub(width));
    out.extend_from_slice(digits.get(skipped..).unwrap_or_default());
}

const fn hex_digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 }
}
