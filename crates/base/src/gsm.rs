//! The GSM 7-bit default alphabet and its packing (TS 23.038, 6.1.2.1 and 6.2.1), for files and
//! commands of cards. Short messages have it with national tables, in `polysim-sms`.

use alloc::vec::Vec;

/// Announces a character of the extension table.
pub const ESCAPE: u8 = 0x1B;

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
#[must_use]
pub fn char_of(septet: u8, escaped: bool) -> Option<char> {
    if escaped {
        return EXTENSION.iter().find(|(code, _)| *code == septet).map(|(_, character)| *character);
    }
    ALPHABET.get(usize::from(septet)).copied().filter(|_| septet != ESCAPE)
}

/// Returns the one or two septets of a character.
#[must_use]
pub fn septets_of(character: char) -> Option<impl Iterator<Item = u8>> {
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

/// Packs septets, eight into seven octets, from the lowest bit on (TS 23.038, 6.1.2.1).
#[must_use]
pub fn pack(septets: &[u8]) -> Vec<u8> {
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

/// Unpacks as many septets as the octets hold, less `spare` bits.
#[must_use]
pub fn unpack(octets: &[u8], spare: usize) -> Vec<u8> {
    let total = (octets.len() * 8).saturating_sub(spare) / 7;
    let mut out = Vec::with_capacity(total);
    let (mut bits, mut count) = (0_u16, 0_u32);
    for octet in octets {
        bits |= u16::from(*octet) << count;
        count += 8;
        while count >= 7 && out.len() < total {
            let [low, _] = bits.to_le_bytes();
            out.push(low & 0x7F);
            (bits, count) = (bits >> 7, count - 7);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_character_has_septets_that_read_as_it() {
        for escaped in [false, true] {
            for septet in 0..=u8::MAX {
                let Some(character) = char_of(septet, escaped) else { continue };
                let given: Vec<u8> = septets_of(character).unwrap().collect();
                let expected = [ESCAPE, septet];
                assert_eq!(given, if escaped { &expected[..] } else { &expected[1..] });
            }
        }
        assert!(septets_of('\u{1B}').is_none() && septets_of('ł').is_none());
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(septets in proptest::collection::vec(0_u8..128, 0..40)) {
            let octets = pack(&septets);
            prop_assert_eq!(octets.len(), (septets.len() * 7).div_ceil(8));
            let spare = octets.len() * 8 - septets.len() * 7;
            prop_assert_eq!(unpack(&octets, spare), septets);
        }
    }
}
