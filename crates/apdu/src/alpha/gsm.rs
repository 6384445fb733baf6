//! Texts in the GSM 7-bit default alphabet, as files on a card hold them.

use alloc::string::String;
pub(super) use polysim_base::gsm::ESCAPE;
use polysim_base::gsm::char_of;

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
