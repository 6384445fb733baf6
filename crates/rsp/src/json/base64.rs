//! Base64 (RFC 4648, 4).

use alloc::string::String;
use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Writes octets, with padding and without line breaks.
pub(crate) fn encode_base64(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len().div_ceil(3) * 4);
    for chunk in octets.chunks(3) {
        let group = chunk.iter().fold(0_u32, |all, octet| all << 8 | u32::from(*octet))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let index = (group >> (18 - 6 * place)) & 63;
            let letter = usize::try_from(index).ok().and_then(|index| ALPHABET.get(index));
            text.push(match letter {
                Some(letter) if place <= chunk.len() => char::from(*letter),
                Some(_) | None => '=',
            });
        }
    }
    text
}

/// Reads octets. White space is passed over, and padding may be missing.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut bits) = (0_u32, 0_u32);
    let mut letters = text.bytes().filter(|letter| !letter.is_ascii_whitespace());
    for letter in letters.by_ref() {
        if letter == b'=' {
            break;
        }
        group = group << 6 | u32::from(value(letter)?);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            octets.push(u8::try_from(group >> bits & 0xFF).ok()?);
        }
    }
    // One letter alone is no octet, what is left over must be zero, and padding ends the text.
    let is_whole = bits < 6 && group & ((1 << bits) - 1) == 0;
    (is_whole && letters.all(|letter| letter == b'=')).then_some(octets)
}

const fn value(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
