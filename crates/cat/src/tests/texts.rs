//! Text strings and alpha identifiers, against the crates that know the alphabets of messages and
//! of files.

use super::hex;
use crate::{gsm, *};
use proptest::prelude::*;
use std::string::String;

const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\u{0C}^{}\\[~]|€";

#[test]
fn the_alphabet_is_that_of_short_messages() {
    let text = TextString::in_coding(GSM, TextCoding::Gsm).unwrap();
    assert_eq!(text.octets(), polysim_sms::gsm7::encode(GSM).unwrap());
    for septet in 0..128 {
        for septets in [&[septet][..], &[0x1B, septet]] {
            let ours = gsm::text(septets);
            assert_eq!(ours, polysim_sms::gsm7::decode(septets), "{septets:02X?}");
        }
    }
}

#[test]
fn packed_text_is_packed_as_in_short_messages() {
    let text = TextString::new("hellohello");
    assert_eq!(text.coding(), Some(TextCoding::Packed));
    assert_eq!(text.octets(), hex("E8329BFD4697D9EC37"));
    assert_eq!(text.text(), "hellohello");
}

/// Seven characters fill seven octets but for seven bits, which would read as one more `@`.
#[test]
fn a_character_too_many_is_not_read() {
    let text = TextString::new("1234567");
    assert_eq!(text.octets().len(), 7);
    assert_eq!(text.text(), "1234567");
    // One that ends in a carriage return on the boundary keeps it.
    assert_eq!(TextString::new("1234567\r").text(), "1234567\r\r");
}

#[test]
fn characters_outside_the_alphabet_take_ucs2() {
    let text = TextString::new("Привет 🦀");
    assert_eq!(text.coding(), Some(TextCoding::Ucs2));
    assert_eq!(text.text(), "Привет 🦀");
    assert_eq!(TextString::in_coding("Привет", TextCoding::Packed), None);
}

#[test]
fn the_null_text_is_no_empty_text() {
    assert_eq!(TextString::NULL.coding(), None);
    assert_eq!(TextString::new("").coding(), Some(TextCoding::Packed));
    assert_eq!(TextString::NULL.text(), TextString::new("").text());
}

#[test]
fn identifiers_in_windows_of_ucs2_are_read() {
    // The examples of TS 102.221, annex A: a half page from 0980 on, a window from 0530 on.
    let half = AlphaIdentifier::new(&hex("810513539596A6FFFF")).unwrap();
    assert_eq!(half.text(), "S\u{995}\u{996}\u{9A6}\u{9FF}");
    let window = AlphaIdentifier::new(&hex("820505302D82D32D31")).unwrap();
    assert_eq!(window.text(), "-\u{532}\u{583}-1");
}

proptest! {
    #[test]
    fn text_is_read_as_it_was_written(text in ".{0,60}") {
        if !text.ends_with('\r') {
            prop_assert_eq!(TextString::new(&text).text(), text.clone());
        }
        for coding in [TextCoding::Gsm, TextCoding::Ucs2] {
            if let Some(coded) = TextString::in_coding(&text, coding) {
                prop_assert_eq!(coded.text(), text.clone());
                prop_assert_eq!(coded.coding(), Some(coding));
            }
        }
    }

    #[test]
    fn gsm_text_is_packed_and_read(at in proptest::collection::vec(0..GSM.chars().count(), 0..40)) {
        let text: String = at.iter().map(|at| GSM.chars().nth(*at).unwrap()).collect();
        prop_assume!(!text.ends_with('\r'));
        let packed = TextString::new(&text);
        prop_assert_eq!(packed.coding(), Some(TextCoding::Packed));
        prop_assert_eq!(packed.text(), text);
    }

    #[test]
    fn identifiers_are_read_as_files_are(text in "[ -~äöüÀ-ӿ]{0,40}") {
        let ours = AlphaIdentifier::from_text(&text);
        prop_assert_eq!(ours.text(), text.clone());
        prop_assert_eq!(polysim_apdu::decode_alpha(ours.octets()).unwrap(), text.clone());
        let theirs = AlphaIdentifier::new(&polysim_apdu::encode_alpha(&text)).unwrap();
        prop_assert_eq!(theirs.text(), text);
    }
}
