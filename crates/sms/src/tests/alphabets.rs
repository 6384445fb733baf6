use alloc::{string::String, vec::Vec};
use std::string::ToString;

use crate::{
    NationalLanguage, Shifts,
    gsm7::{self, NotEncodable},
    ucs2::{self, InvalidUcs2},
};

fn pairs() -> Vec<Shifts> {
    let all = NationalLanguage::ALL;
    let mut pairs = alloc::vec![Shifts::DEFAULT];
    for language in all {
        pairs.push(Shifts { locking: None, single: Some(language) });
        pairs.push(Shifts { locking: Some(language), single: Some(language) });
    }
    pairs
}

#[test]
fn every_character_of_every_table_round_trips() {
    for shifts in pairs() {
        for septet in (0..128).filter(|septet| *septet != 0x1B) {
            let plain = gsm7::decode_with(&[septet], shifts);
            let shifted = gsm7::decode_with(&[0x1B, septet], shifts);
            for text in [plain, shifted] {
                if text != " " {
                    let septets = gsm7::encode_with(&text, shifts).unwrap();
                    assert_eq!(gsm7::decode_with(&septets, shifts), text, "{shifts:?}");
                }
            }
        }
    }
}

/// What all tables of TS 23.038 have in common.
#[test]
fn tables_agree_where_the_standard_makes_them_agree() {
    for shifts in pairs() {
        let letters: Vec<u8> = (0x61..=0x7A).collect();
        assert_eq!(gsm7::decode_with(&letters, shifts), "abcdefghijklmnopqrstuvwxyz");
        let digits: Vec<u8> = (0x30..=0x39).collect();
        assert_eq!(gsm7::decode_with(&digits, shifts), "0123456789");
        assert_eq!(gsm7::decode_with(&[0x0A, 0x20, 0x21, 0x0D], shifts), "\n !\r");
        let marks = [0x28, 0x29, 0x2F, 0x3C, 0x3D, 0x3E, 0x40, 0x65];
        let escaped: Vec<u8> = marks.iter().flat_map(|mark| [0x1B, *mark]).collect();
        assert_eq!(gsm7::decode_with(&escaped, shifts), "{}\\[~]|€", "{shifts:?}");
        assert_eq!(gsm7::decode_with(&[0x1B, 0x0A], shifts), "\u{C}");
    }
}

#[test]
fn indic_tables_have_latin_capitals_behind_the_escape() {
    for language in &NationalLanguage::ALL[3..] {
        let shifts = Shifts { locking: Some(*language), single: Some(*language) };
        let capitals: Vec<u8> = (0x41..=0x5A).flat_map(|septet| [0x1B, septet]).collect();
        assert_eq!(gsm7::decode_with(&capitals, shifts), "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        assert_eq!(gsm7::decode_with(&[0x1B, 0x00, 0x1B, 0x04], shifts), "@¿");
    }
}

/// Single cells against the annex, one or more of each table.
#[test]
fn cells_are_where_the_annex_has_them() {
    use NationalLanguage as L;
    let locking = [
        (L::Turkish, 0x04, '€'),
        (L::Turkish, 0x07, 'ı'),
        (L::Turkish, 0x0B, 'Ğ'),
        (L::Turkish, 0x1C, 'Ş'),
        (L::Turkish, 0x40, 'İ'),
        (L::Turkish, 0x60, 'ç'),
        (L::Portuguese, 0x09, 'ç'),
        (L::Portuguese, 0x15, '∞'),
        (L::Portuguese, 0x5B, 'Ã'),
        (L::Portuguese, 0x7D, '`'),
        (L::Bengali, 0x15, '\u{995}'),
        (L::Gujarati, 0x7F, '\u{AF1}'),
        (L::Hindi, 0x15, '\u{915}'),
        (L::Kannada, 0x24, '\u{CA1}'),
        (L::Malayalam, 0x2E, '.'),
        (L::Oriya, 0x60, '\u{B56}'),
        (L::Punjabi, 0x7B, '\u{A70}'),
        (L::Tamil, 0x3C, '\u{BA9}'),
        (L::Telugu, 0x3D, '\u{C2A}'),
        (L::Urdu, 0x00, '\u{627}'),
        (L::Urdu, 0x7F, '\u{670}'),
    ];
    for (language, septet, character) in locking {
        let shifts = Shifts { locking: Some(language), single: None };
        assert_eq!(gsm7::decode_with(&[septet], shifts), character.to_string(), "{language:?}");
    }
    let single = [
        (L::Turkish, 0x53, 'Ş'),
        (L::Turkish, 0x69, 'ı'),
        (L::Spanish, 0x09, 'ç'),
        (L::Spanish, 0x75, 'ú'),
        (L::Portuguese, 0x05, 'ê'),
        (L::Portuguese, 0x7F, 'â'),
        (L::Bengali, 0x19, '\u{9E6}'),
        (L::Gujarati, 0x1C, '\u{AE6}'),
        (L::Hindi, 0x2B, '\u{954}'),
        (L::Kannada, 0x26, '\u{CDE}'),
        (L::Kannada, 0x3C, '['),
        (L::Malayalam, 0x2E, '\u{D7A}'),
        (L::Oriya, 0x2C, '\u{B71}'),
        (L::Punjabi, 0x2D, '\u{A75}'),
        (L::Tamil, 0x24, '\u{BEE}'),
        (L::Telugu, 0x22, '\u{C6C}'),
        (L::Urdu, 0x3F, '\u{6D4}'),
    ];
    for (language, septet, character) in single {
        let shifts = Shifts { locking: None, single: Some(language) };
        let text = gsm7::decode_with(&[0x1B, septet], shifts);
        assert_eq!(text, character.to_string(), "{language:?}");
    }
}

/// TS 23.038, 6.2.1.1: what the extension lacks is read in the main table, the rest is a space.
#[test]
fn decoding_is_total() {
    assert_eq!(gsm7::decode(&[0x1B, 0x41]), "A");
    assert_eq!(gsm7::decode(&[0x1B, 0x1B, 0x41]), " A");
    assert_eq!(gsm7::decode(&[0x41, 0x1B]), "A ");
    assert_eq!(gsm7::decode(&[0xC1]), "A");
    let tamil = Shifts { locking: Some(NationalLanguage::Tamil), single: None };
    assert_eq!(gsm7::decode_with(&[0x16, 0x1B, 0x17], tamil), "  ");
}

#[test]
fn what_is_missing_is_named() {
    let error = gsm7::encode("ok Ж");
    assert_eq!(error, Err(NotEncodable { at: 3, character: 'Ж' }));
    for character in ['\0', '\u{1B}', '`', 'ç', '\u{FFFF}'] {
        assert!(gsm7::encode(&String::from(character)).is_err(), "{character:?}");
    }
}

#[test]
fn languages_have_their_identifiers() {
    for language in NationalLanguage::ALL {
        assert_eq!(NationalLanguage::from_id(language.id()), Some(language));
    }
    assert_eq!(NationalLanguage::Urdu.id(), 13);
    for id in [0, 14, 255] {
        assert_eq!(NationalLanguage::from_id(id), None);
    }
}

/// TS 23.038, 6.1.2.3.1.
#[test]
fn ussd_is_padded_with_cr() {
    let seven = b"1234567";
    let packed = gsm7::pack_ussd(seven);
    assert_eq!(packed, [0x31, 0xD9, 0x8C, 0x56, 0xB3, 0xDD, 0x1A]);
    assert_eq!(gsm7::unpack_ussd(&packed), seven);
    let eight = b"12345678";
    assert_eq!(gsm7::unpack_ussd(&gsm7::pack_ussd(eight)), eight);
    // A wanted CR on an octet boundary is doubled, which does no harm.
    let cr = b"1234567\r";
    assert_eq!(gsm7::pack_ussd(cr).len(), 8);
    assert_eq!(gsm7::unpack_ussd(&gsm7::pack_ussd(cr)), b"1234567\r\r");
    assert_eq!(gsm7::pack_ussd(b"*100#"), [0xAA, 0x18, 0x0C, 0x36, 0x02]);
    for length in 0..40 {
        let septets = alloc::vec![0x41; length];
        assert_eq!(gsm7::unpack_ussd(&gsm7::pack_ussd(&septets)), septets);
    }
}

#[test]
fn unpacking_takes_no_more_than_there_is() {
    assert_eq!(gsm7::unpack(&[0xFF; 7], 100, 0), [0x7F; 8]);
    assert_eq!(gsm7::unpack(&[0xFF; 7], 3, 0), [0x7F; 3]);
    assert!(gsm7::unpack(&[], 3, 5).is_empty());
    assert!(gsm7::unpack(&[0xFF], 3, 7).is_empty());
}

#[test]
fn ucs2_names_what_is_wrong() {
    assert_eq!(ucs2::decode(&[0]), Err(InvalidUcs2::Odd { octets: 1 }));
    let units = |units: &[u16]| -> Vec<u8> { units.iter().flat_map(|u| u.to_be_bytes()).collect() };
    for (input, at) in [
        (&[0x41, 0xD83D][..], 1),
        (&[0x41, 0xDE00], 1),
        (&[0xD83D, 0x41], 0),
        (&[0xD83D, 0xD83D, 0xDE00], 0),
    ] {
        assert_eq!(ucs2::decode(&units(input)), Err(InvalidUcs2::Surrogate { at }));
    }
    assert_eq!(ucs2::decode(&units(&[0xD83D, 0xDE00])).unwrap(), "😀");
    assert_eq!(ucs2::encode_hex("*100#"), "002A0031003000300023");
    assert_eq!(ucs2::decode_hex("002a0031003000300023").unwrap(), "*100#");
    assert!(matches!(ucs2::decode_hex("00G1"), Err(InvalidUcs2::Hex(_))));
}
