//! Texts in the character set of a port (TS 27.007, 5.5, `+CSCS`).

use polysim_at::CharacterSet;
use polysim_base::{Hex, parse_hex};
use polysim_sms::{gsm7, ucs2};

/// `<dcs>` of a USSD text in the GSM 7-bit alphabet (TS 23.038, 5).
const USSD_GSM7: u8 = 15;
/// `<dcs>` of a USSD text in UCS-2.
const USSD_UCS2: u8 = 72;

/// Writes a text in a character set. What the set has not becomes `?`, and so does whatever
/// would end a string or a line.
#[expect(clippy::wildcard_enum_match_arm, reason = "of another crate, and it grows")]
pub(crate) fn encode(text: &str, set: CharacterSet) -> Vec<u8> {
    match set {
        CharacterSet::Ucs2 => ucs2::encode_hex(text).into_bytes(),
        CharacterSet::Hex => {
            let octets = gsm7::encode(text).unwrap_or_else(|_| ascii(text));
            Hex(&octets).to_string().into_bytes()
        }
        CharacterSet::Utf8 => text.chars().map(printable).collect::<String>().into_bytes(),
        CharacterSet::Latin1 => {
            text.chars().map(|c| u8::try_from(u32::from(printable(c))).unwrap_or(b'?')).collect()
        }
        _ => ascii(text),
    }
}

fn printable(c: char) -> char {
    if c.is_control() || c == '"' { '?' } else { c }
}

fn ascii(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| match printable(c) {
            c if c.is_ascii() => u8::try_from(u32::from(c)).unwrap_or(b'?'),
            _ => b'?',
        })
        .collect()
}

/// Reads a text that a host wrote in a character set; `None` if it is none.
#[expect(clippy::wildcard_enum_match_arm, reason = "of another crate, and it grows")]
pub(crate) fn decode(bytes: &[u8], set: CharacterSet) -> Option<String> {
    match set {
        CharacterSet::Ucs2 => ucs2::decode_hex(core::str::from_utf8(bytes).ok()?).ok(),
        CharacterSet::Hex => Some(gsm7::decode(&parse_hex(bytes).ok()?)),
        CharacterSet::Latin1 => Some(bytes.iter().map(|b| char::from(*b)).collect()),
        _ => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// Writes a USSD text and tells its `<dcs>`.
pub(crate) fn encode_ussd(text: &str, set: CharacterSet) -> (Vec<u8>, u8) {
    let coding = if gsm7::encode(text).is_ok() { USSD_GSM7 } else { USSD_UCS2 };
    let coded = match (set, coding) {
        // Line ends belong to a USSD text; they would end the line of the answer.
        (CharacterSet::Ucs2, _) | (_, USSD_UCS2) => ucs2::encode_hex(text).into_bytes(),
        (set, _) => encode(&text.replace(['\r', '\n'], " "), set),
    };
    (coded, coding)
}

/// Reads a USSD text as hosts write it: in the character set, packed septets in hex, or UCS-2 in
/// hex where `<dcs>` says so.
pub(crate) fn decode_ussd(bytes: &[u8], set: CharacterSet, coding: Option<u8>) -> Option<String> {
    if coding == Some(USSD_UCS2) && set != CharacterSet::Ucs2 {
        return ucs2::decode_hex(core::str::from_utf8(bytes).ok()?).ok();
    }
    let text = decode(bytes, set)?;
    if is_service_code(&text) || set == CharacterSet::Ucs2 {
        return Some(text);
    }
    // Some hosts pack the septets themselves, as an older reading of the standard has it.
    match parse_hex(bytes) {
        Ok(packed) if packed.len() >= 2 => {
            let unpacked = gsm7::decode(&gsm7::unpack_ussd(&packed));
            if is_service_code(&unpacked) { Some(unpacked) } else { Some(text) }
        }
        Ok(_) | Err(_) => Some(text),
    }
}

fn is_service_code(text: &str) -> bool {
    text.starts_with(['*', '#']) && text.chars().all(|c| c.is_ascii_digit() || "*#+".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_through_every_set() {
        for set in [CharacterSet::Ucs2, CharacterSet::Utf8, CharacterSet::Latin1] {
            assert_eq!(decode(&encode("Grüße", set), set).as_deref(), Some("Grüße"));
        }
        assert_eq!(encode("Grüße\"\r", CharacterSet::Ira), b"Gr??e??");
    }

    #[test]
    fn ussd_is_read_in_every_form_hosts_use() {
        let read = |bytes: &[u8], set, dcs| decode_ussd(bytes, set, dcs).unwrap();
        assert_eq!(read(b"*100#", CharacterSet::Gsm, Some(15)), "*100#");
        assert_eq!(read(b"002A0031003000300023", CharacterSet::Ucs2, Some(15)), "*100#");
        assert_eq!(read(b"002A0031003000300023", CharacterSet::Gsm, Some(72)), "*100#");
        assert_eq!(read(b"AA180C3602", CharacterSet::Gsm, Some(15)), "*100#");
        assert_eq!(read(b"1", CharacterSet::Gsm, Some(15)), "1");
        assert_eq!(read(b"12", CharacterSet::Gsm, None), "12");
    }
}
