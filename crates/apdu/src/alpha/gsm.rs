//! The GSM 7-bit default alphabet (TS 23.038, 6.2.1), as far as files on a card use it.

use alloc::{string::String, vec::Vec};

/// Announces a character of the extension table.
pub(super) const ESCAPE: u8 = 0x1B;

/// The characters in order; [`ESCAPE`] has no character of its own.
const ALPHABET: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', 'Δ', '_',
    'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1B}', 'Æ', 'æ', 'ß', 'É', ' ', '!', '"', '#',
    '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', '0', '1', '2', '3', '4', '5', '6',
    '7', '8', '9', ':', ';', '<', '=', '>', '?', '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I',
    'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö',
    'Ñ', 'Ü', '§', '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
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

/// Returns the character of a septet; `escaped` for one behind an escape.
pub(crate) fn char_of(septet: u8, escaped: bool) -> Option<char> {
    if escaped {
        return EXTENSION.iter().find(|(code, _)| *code == septet).map(|(_, character)| *character);
    }
    ALPHABET.get(usize::from(septet)).copied().filter(|_| septet != ESCAPE)
}

/// Returns the one or two septets of a character.
pub(crate) fn septets_of(character: char) -> Option<impl Iterator<Item = u8>> {
    let extension = EXTENSION.iter().find(|(_, extended)| *extended == character);
    let (escape, code) = match extension {
        Some((code, _)) => (Some(ESCAPE), *code),
        None if character == '\u{1B}' => return None,
        None => {
            let at = ALPHABET.iter().position(|known| *known == character)?;
            (None, u8::try_from(at).ok()?)
        }
    };
    Some(escape.into_iter().chain(Some(code)))
}

/// Reads septets, a byte each; the error is the place of a byte that is no character.
pub(crate) fn unpacked(septets: &[u8]) -> Result<String, usize> {
    let mut text = String::with_capacity(septets.len());
    let mut escaped = false;
    for (at, &septet) in septets.iter().enumerate() {
        if septet == ESCAPE && !escaped {
            escaped = true;
        } else {
            text.push(char_of(septet, escaped).ok_or(at)?);
            escaped = false;
        }
    }
    if escaped { Err(septets.len() - 1) } else { Ok(text) }
}

/// Packs septets, eight into seven bytes, from the lowest bit on (TS 23.038, 6.1.2.1).
pub(crate) fn packed(septets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(septets.len().div_ceil(8) * 7);
    let (mut bits, mut count) = (0_u16, 0_u32);
    for septet in septets {
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

/// Unpacks as many septets as the bytes hold, less `spare` bits.
pub(crate) fn septets(bytes: &[u8], spare: usize) -> Vec<u8> {
    let total = (bytes.len() * 8).saturating_sub(spare) / 7;
    let mut out = Vec::with_capacity(total);
    let (mut bits, mut count) = (0_u16, 0_u32);
    for byte in bytes {
        bits |= u16::from(*byte) << count;
        count += 8;
        while count >= 7 && out.len() < total {
            let [low, _] = bits.to_le_bytes();
            out.push(low & 0x7F);
            (bits, count) = (bits >> 7, count - 7);
        }
    }
    out
}
