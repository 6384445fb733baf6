//! Alpha identifiers: text in files and toolkit objects (TS 102.221, annex A; TS 23.038).
//!
//! The first byte tells the coding: `80` UCS-2, `81` and `82` GSM characters mixed with a window
//! of UCS-2, anything else the GSM default alphabet, a byte per character. `FF` fills up.

mod gsm;
#[cfg(test)]
mod tests;

use alloc::{string::String, vec::Vec};

pub(crate) use gsm::unpacked;
use polysim_base::gsm::{char_of, septets_of};

/// Filler behind the text.
const FILLER: u8 = 0xFF;

/// Why bytes are no text, or text cannot be written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AlphaError {
    /// A byte that is no character of its coding.
    #[error("alpha identifier: byte {value:02X} at {at} is no character")]
    Character {
        /// Where.
        at: usize,
        /// The byte.
        value: u8,
    },
    /// Half a surrogate pair.
    #[error("alpha identifier: lone surrogate at byte {at}")]
    Surrogate {
        /// Where.
        at: usize,
    },
    /// Fewer bytes than the coding announces.
    #[error("alpha identifier: {len} bytes, {min} are needed")]
    Short {
        /// Bytes given.
        len: usize,
        /// Bytes needed.
        min: usize,
    },
    /// More bytes than the field has.
    #[error("alpha identifier: {len} bytes do not fit into {limit}")]
    Long {
        /// Bytes needed.
        len: usize,
        /// Bytes there are.
        limit: usize,
    },
    /// The coding cannot express a character.
    #[error("alpha identifier: {character:?} cannot be coded")]
    Uncodable {
        /// The character.
        character: char,
    },
}

/// How text is coded.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AlphaCoding {
    /// GSM default alphabet, a byte per character, with its extension table.
    Gsm,
    /// `80`: UCS-2; surrogate pairs are taken as UTF-16.
    Ucs2,
    /// `81`: GSM characters and a half page of UCS-2 that starts at a multiple of 128.
    HalfPage,
    /// `82`: GSM characters and 128 characters of UCS-2 from any base on.
    Window,
}

/// Reads a field of text, up to its filler.
///
/// # Errors
/// [`AlphaError`].
pub fn decode_alpha(field: &[u8]) -> Result<String, AlphaError> {
    match field {
        [0x80, text @ ..] => ucs2(text),
        [0x81, count, page, text @ ..] => {
            windowed(field, 3, usize::from(*count), u32::from(*page) << 7, text)
        }
        [0x82, count, high, low, text @ ..] => {
            let base = u32::from(u16::from_be_bytes([*high, *low]));
            windowed(field, 4, usize::from(*count), base, text)
        }
        [0x81, _, ..] => Err(AlphaError::Short { len: field.len(), min: 3 }),
        [0x82, _, ..] => Err(AlphaError::Short { len: field.len(), min: 4 }),
        _ => {
            let text = field.split(|byte| *byte == FILLER).next().unwrap_or_default();
            unpacked(text).map_err(|at| AlphaError::Character {
                at,
                value: text.get(at).copied().unwrap_or(FILLER),
            })
        }
    }
}

/// Writes text in the shortest coding, without filler. UCS-2 takes what the others do not.
#[must_use]
pub fn encode_alpha(text: &str) -> Vec<u8> {
    let mut best = ucs2_bytes(text);
    for coding in [AlphaCoding::Window, AlphaCoding::HalfPage, AlphaCoding::Gsm] {
        match encode_alpha_as(text, coding) {
            Ok(bytes) if bytes.len() <= best.len() => best = bytes,
            Ok(_) | Err(_) => {}
        }
    }
    best
}

/// Writes text in a given coding, without filler.
///
/// # Errors
/// [`AlphaError`] if the coding cannot express it.
pub fn encode_alpha_as(text: &str, coding: AlphaCoding) -> Result<Vec<u8>, AlphaError> {
    let mut out = Vec::with_capacity(text.len() + 4);
    match coding {
        AlphaCoding::Gsm => {
            for character in text.chars() {
                let septets = septets_of(character).ok_or(AlphaError::Uncodable { character })?;
                out.extend(septets);
            }
        }
        AlphaCoding::Ucs2 => return Ok(ucs2_bytes(text)),
        AlphaCoding::HalfPage => {
            let base = text.chars().filter(|c| septets_of(*c).is_none()).map(u32::from).min();
            let [.., high, low] = (base.unwrap_or(0) >> 7).to_be_bytes();
            if high != 0 {
                return Err(uncodable(text));
            }
            out.extend_from_slice(&[0x81, 0, low]);
            window(text, u32::from(low) << 7, &mut out)?;
        }
        AlphaCoding::Window => {
            let base = text.chars().filter(|c| septets_of(*c).is_none()).map(u32::from).min();
            let base = u16::try_from(base.unwrap_or(0)).map_err(|_| uncodable(text))?;
            let [high, low] = base.to_be_bytes();
            out.extend_from_slice(&[0x82, 0, high, low]);
            window(text, u32::from(base), &mut out)?;
        }
    }
    Ok(out)
}

/// Writes text in the shortest coding into a field of `len` bytes, filled up.
///
/// # Errors
/// [`AlphaError::Long`] if it does not fit; nothing is appended then.
pub(crate) fn put_alpha(text: &str, len: usize, out: &mut Vec<u8>) -> Result<(), AlphaError> {
    let bytes = encode_alpha(text);
    let filler =
        len.checked_sub(bytes.len()).ok_or(AlphaError::Long { len: bytes.len(), limit: len })?;
    out.extend_from_slice(&bytes);
    out.extend(core::iter::repeat_n(FILLER, filler));
    Ok(())
}

fn ucs2_bytes(text: &str) -> Vec<u8> {
    [0x80].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect()
}

fn uncodable(text: &str) -> AlphaError {
    let character = text.chars().find(|c| septets_of(*c).is_none()).unwrap_or_default();
    AlphaError::Uncodable { character }
}

/// Appends characters in a window and sets the count in the second byte of the field.
fn window(text: &str, base: u32, out: &mut Vec<u8>) -> Result<(), AlphaError> {
    let start = out.len();
    for character in text.chars() {
        if let Some(septets) = septets_of(character) {
            out.extend(septets);
        } else {
            let offset = u32::from(character).checked_sub(base);
            let offset = offset.and_then(|offset| u8::try_from(offset).ok());
            let offset = offset.filter(|offset| *offset < 0x80);
            out.push(0x80 | offset.ok_or(AlphaError::Uncodable { character })?);
        }
    }
    let count = out.len() - start;
    let limit = AlphaError::Long { len: count, limit: 255 };
    if let Some(place) = out.get_mut(1) {
        *place = u8::try_from(count).map_err(|_| limit)?;
    }
    Ok(())
}

pub(crate) fn ucs2(text: &[u8]) -> Result<String, AlphaError> {
    let units = text
        .as_chunks::<2>()
        .0
        .iter()
        .map(|unit| u16::from_be_bytes(*unit))
        .take_while(|unit| *unit != 0xFFFF);
    let mut out = String::with_capacity(text.len());
    let mut at = 1;
    for character in char::decode_utf16(units) {
        let character = character.map_err(|_| AlphaError::Surrogate { at })?;
        at += character.len_utf16() * 2;
        out.push(character);
    }
    Ok(out)
}

fn windowed(
    field: &[u8],
    start: usize,
    count: usize,
    base: u32,
    text: &[u8],
) -> Result<String, AlphaError> {
    let short = AlphaError::Short { len: field.len(), min: start + count };
    let text = text.get(..count).ok_or(short)?;
    let mut out = String::with_capacity(count);
    let mut escaped = false;
    for (at, &value) in text.iter().enumerate() {
        let wrong = AlphaError::Character { at: start + at, value };
        match value {
            gsm::ESCAPE if !escaped => escaped = true,
            0x80.. if !escaped => {
                let point = base + u32::from(value & 0x7F);
                out.push(char::from_u32(point).ok_or(wrong)?);
            }
            _ => {
                out.push(char_of(value, escaped).ok_or(wrong)?);
                escaped = false;
            }
        }
    }
    if escaped {
        return Err(AlphaError::Character { at: start + count - 1, value: gsm::ESCAPE });
    }
    Ok(out)
}
