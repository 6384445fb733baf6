//! The GSM 7-bit alphabets as septets, and septets packed into octets (TS 23.038, 6.1 and 6.2).
//!
//! Unpacked, a septet fills an octet: the character set `"GSM"` of `+CSCS`. Packed, eight septets
//! fill seven octets, the first in the low bits: user data, alphanumeric addresses and USSD.

use alloc::{string::String, vec::Vec};

use crate::alphabet::{Coded, ESCAPE, Shifts, Table};

const CARRIAGE_RETURN: u8 = 0x0D;

/// A character that the alphabet lacks.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{character:?} at position {at} is not in the alphabet")]
pub struct NotEncodable {
    /// Zero-based position in characters.
    pub at: usize,
    /// The character.
    pub character: char,
}

/// Returns the septets of a text in the default alphabet and its extension, one to an octet.
///
/// # Errors
/// [`NotEncodable`] names the first character outside that alphabet.
pub fn encode(text: &str) -> Result<Vec<u8>, NotEncodable> {
    encode_with(text, Shifts::DEFAULT)
}

/// Returns the septets of a text in the given tables, one to an octet.
///
/// # Errors
/// [`NotEncodable`] names the first character outside them.
pub fn encode_with(text: &str, shifts: Shifts) -> Result<Vec<u8>, NotEncodable> {
    let mut septets = Vec::with_capacity(text.len());
    for (at, character) in text.chars().enumerate() {
        let coded = shifts.code(character).ok_or(NotEncodable { at, character })?;
        push(coded, &mut septets);
    }
    Ok(septets)
}

pub(crate) fn push(coded: Coded, septets: &mut Vec<u8>) {
    match coded {
        Coded::Plain(septet) => septets.push(septet),
        Coded::Escaped(septet) => septets.extend_from_slice(&[ESCAPE, septet]),
    }
}

/// Returns the text of septets of the default alphabet; bit 7 of each octet is ignored.
#[must_use]
pub fn decode(septets: &[u8]) -> String {
    decode_with(septets, Shifts::DEFAULT)
}

/// Returns the text of septets in the given tables; bit 7 of each octet is ignored.
///
/// Total, as the standard wants it: a septet that the extension lacks is read in the main table,
/// and what no table has is a space, as is an escape that nothing follows (TS 23.038, 6.2.1.1).
#[must_use]
pub fn decode_with(septets: &[u8], shifts: Shifts) -> String {
    let mut text = String::with_capacity(septets.len());
    let mut decoder = Decoder::new(shifts);
    for septet in septets {
        decoder.push(*septet, &mut text);
    }
    decoder.finish(&mut text);
    text
}

/// Turns septets into characters, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Decoder {
    main: &'static Table,
    extension: &'static Table,
    escaped: bool,
}

impl Decoder {
    pub(crate) const fn new(shifts: Shifts) -> Self {
        Self {
            main: shifts.locking_table(),
            extension: shifts.single_shift_table(),
            escaped: false,
        }
    }

    /// Goes on with other tables, as the next part of a long text may bring them.
    pub(crate) const fn set_shifts(&mut self, shifts: Shifts) {
        self.main = shifts.locking_table();
        self.extension = shifts.single_shift_table();
    }

    #[inline]
    pub(crate) fn push(&mut self, septet: u8, text: &mut String) {
        let septet = septet & 0x7F;
        if self.escaped {
            self.escaped = false;
            text.push(self.shifted(septet));
        } else if septet == ESCAPE {
            self.escaped = true;
        } else {
            text.push(character(self.main, septet).unwrap_or(' '));
        }
    }

    /// Appends the text of up to `count` packed septets, eight at a time where they are ASCII.
    pub(crate) fn push_packed(
        &mut self,
        packed: &[u8],
        count: usize,
        fill_bits: u8,
        text: &mut String,
    ) {
        let (mut rest, mut left) = (packed, count);
        // Eight octets hold eight septets wherever they begin within the first octet.
        while let (Some(window), 8..) = (rest.first_chunk::<8>(), left) {
            let word = u64::from_le_bytes(*window) >> (fill_bits & 0x07);
            let septets = [0, 7, 14, 21, 28, 35, 42, 49].map(|at| (word >> at).to_le_bytes()[0]);
            self.push_block(septets, text);
            rest = rest.get(7..).unwrap_or(&[]);
            left -= 8;
        }
        for_each_septet(rest, left, fill_bits, |septet| self.push(septet, text));
    }

    fn push_block(&mut self, septets: [u8; 8], text: &mut String) {
        let points = septets.map(|septet| self.main.get(usize::from(septet & 0x7F)));
        let ascii = points.map(|point| point.map_or(0, |point| point.to_le_bytes()[0]));
        let plain = points.iter().all(|point| matches!(point, Some(0x01..=0x7F)));
        match core::str::from_utf8(&ascii) {
            Ok(block) if plain && !self.escaped => text.push_str(block),
            _ => septets.iter().for_each(|septet| self.push(*septet, text)),
        }
    }

    fn shifted(&self, septet: u8) -> char {
        character(self.extension, septet).or_else(|| character(self.main, septet)).unwrap_or(' ')
    }

    pub(crate) fn finish(&mut self, text: &mut String) {
        if core::mem::take(&mut self.escaped) {
            text.push(' ');
        }
    }
}

#[inline]
fn character(table: &Table, septet: u8) -> Option<char> {
    match table.get(usize::from(septet)) {
        None | Some(0) => None,
        Some(point) => char::from_u32(u32::from(*point)),
    }
}

/// Packs septets into octets after `fill_bits` (0 to 7) zero bits; the last octet ends in zeros.
#[must_use]
pub fn pack(septets: &[u8], fill_bits: u8) -> Vec<u8> {
    let bits = usize::from(fill_bits & 0x07).saturating_add(septets.len().saturating_mul(7));
    let mut octets = Vec::with_capacity(bits.div_ceil(8));
    pack_into(septets, fill_bits, &mut octets);
    octets
}

pub(crate) fn pack_into(septets: &[u8], fill_bits: u8, octets: &mut Vec<u8>) {
    let mut held = 0_u16;
    let mut bits = u32::from(fill_bits & 0x07);
    for septet in septets {
        held |= u16::from(septet & 0x7F) << bits;
        bits += 7;
        if bits >= 8 {
            octets.push(held.to_le_bytes()[0]);
            held >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        octets.push(held.to_le_bytes()[0]);
    }
}

/// Returns up to `count` septets packed after `fill_bits` (0 to 7) bits: as many as there are.
#[must_use]
pub fn unpack(octets: &[u8], count: usize, fill_bits: u8) -> Vec<u8> {
    let bits = octets.len().saturating_mul(8);
    let available = bits.saturating_sub(usize::from(fill_bits & 0x07)) / 7;
    let mut septets = Vec::with_capacity(count.min(available));
    for_each_septet(octets, count, fill_bits, |septet| septets.push(septet));
    septets
}

/// Calls `each` with up to `count` septets.
#[inline]
fn for_each_septet(octets: &[u8], count: usize, fill_bits: u8, mut each: impl FnMut(u8)) {
    let mut left = count;
    let mut skip = u32::from(fill_bits & 0x07);
    let mut held = 0_u32;
    let mut bits = 0;
    for octet in octets {
        held |= u32::from(*octet) << bits;
        bits += 8;
        if skip > 0 {
            held >>= skip;
            bits -= skip;
            skip = 0;
        }
        while bits >= 7 {
            if left == 0 {
                return;
            }
            each(held.to_le_bytes()[0] & 0x7F);
            held >>= 7;
            bits -= 7;
            left -= 1;
        }
    }
}

/// Packs septets of a USSD string: a CR stands where seven spare bits would read as `@`, and
/// after a CR that ends on an octet boundary (TS 23.038, 6.1.2.3.1).
#[must_use]
pub fn pack_ussd(septets: &[u8]) -> Vec<u8> {
    let pads = match septets.len() % 8 {
        7 => true,
        0 => septets.last() == Some(&CARRIAGE_RETURN),
        _ => false,
    };
    if !pads {
        return pack(septets, 0);
    }
    let mut padded = Vec::with_capacity(septets.len().saturating_add(1));
    padded.extend_from_slice(septets);
    padded.push(CARRIAGE_RETURN);
    pack(&padded, 0)
}

/// Returns the septets of a USSD string: all that the octets hold, but for a CR that ends on an
/// octet boundary (TS 23.038, 6.1.2.3.1).
#[must_use]
pub fn unpack_ussd(octets: &[u8]) -> Vec<u8> {
    let mut septets = unpack(octets, usize::MAX, 0);
    if septets.len().is_multiple_of(8) && septets.last() == Some(&CARRIAGE_RETURN) {
        septets.pop();
    }
    septets
}
