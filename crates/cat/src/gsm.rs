//! The GSM 7-bit default alphabet (TS 23.038, 6.2.1), as septets and packed (6.1.2.1).

use alloc::{string::String, vec::Vec};

const ESCAPE: u8 = 0x1B;
/// Fills a last octet that would else hold a whole septet of zeros (TS 23.038, 6.1.2.3).
const CARRIAGE_RETURN: u8 = 0x0D;

/// The characters in order; the escape has none.
const ALPHABET: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', 'Δ', '_',
    'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', ' ', 'Æ', 'æ', 'ß', 'É', ' ', '!', '"', '#', '¤',
    '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', '0', '1', '2', '3', '4', '5', '6', '7',
    '8', '9', ':', ';', '<', '=', '>', '?', '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J',
    'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ',
    'Ü', '§', '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p',
    'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// The extension table (TS 23.038, 6.2.1.1).
const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\u{0C}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// Returns the septets of a text, an octet each; nothing if the alphabet lacks a character.
pub(crate) fn septets(text: &str) -> Option<Vec<u8>> {
    let mut septets = Vec::with_capacity(text.len());
    for character in text.chars() {
        if let Some((code, _)) = EXTENSION.iter().find(|(_, extended)| *extended == character) {
            septets.extend([ESCAPE, *code]);
        } else {
            let mut codes = (0_u8..).zip(ALPHABET);
            let (code, _) = codes.find(|(code, known)| *known == character && *code != ESCAPE)?;
            septets.push(code);
        }
    }
    Some(septets)
}

/// Returns the text of septets. Total: what no table has is read in the main one, and an escape
/// that nothing follows is a space (TS 23.038, 6.2.1.1).
pub(crate) fn text(septets: &[u8]) -> String {
    let mut text = String::with_capacity(septets.len());
    let mut escaped = false;
    for septet in septets.iter().map(|octet| octet & 0x7F) {
        let extended = EXTENSION.iter().find(|(code, _)| escaped && *code == septet);
        match extended {
            Some((_, character)) => text.push(*character),
            None if septet == ESCAPE && !escaped => {
                escaped = true;
                continue;
            }
            None => text.push(ALPHABET.get(usize::from(septet)).copied().unwrap_or(' ')),
        }
        escaped = false;
    }
    if escaped {
        text.push(' ');
    }
    text
}

/// Packs septets, eight into seven octets. A carriage return fills what would else be read as one
/// more character, and follows one that would else be read as filler (TS 23.038, 6.1.2.3).
pub(crate) fn packed(septets: &[u8]) -> Vec<u8> {
    let fill = match septets.len() % 8 {
        7 => true,
        0 => septets.last() == Some(&CARRIAGE_RETURN),
        _ => false,
    };
    let all = septets.iter().copied().chain(fill.then_some(CARRIAGE_RETURN));
    let mut out = Vec::with_capacity(septets.len());
    let (mut bits, mut count) = (0_u16, 0_u32);
    for septet in all {
        bits |= u16::from(septet & 0x7F) << count;
        count += 7;
        if count >= 8 {
            let [low, _] = bits.to_le_bytes();
            out.push(low);
            (bits, count) = (bits >> 8, count - 8);
        }
    }
    if count > 0 {
        let [low, _] = bits.to_le_bytes();
        out.push(low);
    }
    out
}

/// Unpacks all whole septets of octets, but for a carriage return that only fills.
pub(crate) fn unpacked(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len() * 8 / 7);
    let (mut bits, mut count) = (0_u16, 0_u32);
    for octet in octets {
        bits |= u16::from(*octet) << count;
        count += 8;
        while count >= 7 {
            let [low, _] = bits.to_le_bytes();
            out.push(low & 0x7F);
            (bits, count) = (bits >> 7, count - 7);
        }
    }
    if !out.is_empty() && out.len().is_multiple_of(8) && out.last() == Some(&CARRIAGE_RETURN) {
        out.pop();
    }
    out
}
