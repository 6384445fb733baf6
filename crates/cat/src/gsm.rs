//! Texts in the GSM 7-bit default alphabet, as commands to terminals hold them (TS 23.038, 6.2.1).

use alloc::{string::String, vec::Vec};
use polysim_base::gsm::{ESCAPE, char_of, pack, septets_of, unpack};

/// Fills a last octet that would else hold a whole septet of zeros (TS 23.038, 6.1.2.3).
const CARRIAGE_RETURN: u8 = 0x0D;

/// Returns the septets of a text, an octet each; nothing if the alphabet lacks a character.
pub(crate) fn septets(text: &str) -> Option<Vec<u8>> {
    let mut septets = Vec::with_capacity(text.len());
    for character in text.chars() {
        septets.extend(septets_of(character)?);
    }
    Some(septets)
}

/// Returns the text of septets. Total: what no table has is read in the main one, and an escape
/// that nothing follows is a space (TS 23.038, 6.2.1.1).
pub(crate) fn text(septets: &[u8]) -> String {
    let mut text = String::with_capacity(septets.len());
    let mut escaped = false;
    for septet in septets.iter().map(|octet| octet & 0x7F) {
        if septet == ESCAPE && !escaped {
            escaped = true;
            continue;
        }
        let extended = char_of(septet, true).filter(|_| escaped);
        text.push(extended.or_else(|| char_of(septet, false)).unwrap_or(' '));
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
    let mut all = septets.to_vec();
    all.extend(fill.then_some(CARRIAGE_RETURN));
    pack(&all)
}

/// Unpacks all whole septets of octets, but for a carriage return that only fills.
pub(crate) fn unpacked(octets: &[u8]) -> Vec<u8> {
    let mut septets = unpack(octets, 0);
    if !septets.is_empty()
        && septets.len().is_multiple_of(8)
        && septets.last() == Some(&CARRIAGE_RETURN)
    {
        septets.pop();
    }
    septets
}
