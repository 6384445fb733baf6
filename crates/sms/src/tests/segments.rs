use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use crate::{
    DataCoding, Element, Encoding, HeaderBuf, MessageClass, NationalLanguage, Ports, Reference,
    SegmentError, SegmentOptions, Shifts, UserData, UserDataError, segment, segment_octets,
};

fn texts(parts: &[UserData]) -> Vec<String> {
    parts.iter().map(|part| part.text().unwrap()).collect()
}

fn cut(text: &str) -> Vec<UserData> {
    segment(text, &SegmentOptions::default()).unwrap()
}

#[test]
fn lengths_of_one_part_and_of_two() {
    // Text, characters that fit one message, characters in a part of several.
    for (c, alone, part) in [('a', 160, 153), ('€', 80, 76), ('Ж', 70, 67), ('😀', 35, 33)] {
        let text = |n: usize| c.to_string().repeat(n);
        assert_eq!(cut(&text(alone)).len(), 1, "{c}");
        assert_eq!(cut(&text(alone))[0].concatenation(), None);
        let parts = texts(&cut(&text(alone + 1)));
        assert_eq!(parts.len(), 2, "{c}");
        assert_eq!(parts[0].chars().count(), part, "{c}");
        assert_eq!(cut(&text(part * 3)).len(), 3);
        assert_eq!(cut(&text(part * 3 + 1)).len(), 4);
    }
}

#[test]
fn an_empty_text_is_one_empty_part() {
    let parts = cut("");
    assert_eq!(parts, [UserData::default()]);
    assert!(parts[0].is_empty());
}

#[test]
fn a_wide_reference_takes_one_octet_more() {
    let options = SegmentOptions::default().with_reference(Reference::Sixteen(0x1234));
    let parts = segment(&"a".repeat(161), &options).unwrap();
    assert_eq!(texts(&parts)[0].len(), 152);
    let number = parts[1].concatenation().unwrap();
    assert_eq!(number.reference(), Reference::Sixteen(0x1234));
    assert_eq!((number.sequence(), number.total()), (2, 2));
}

#[test]
fn an_escape_sequence_is_never_split() {
    let text = "a".repeat(152) + "€" + &"b".repeat(20);
    let parts = texts(&cut(&text));
    assert_eq!(parts[0], "a".repeat(152));
    assert_eq!(parts.concat(), text);
}

#[test]
fn a_surrogate_pair_is_never_split() {
    let text = "Ж".repeat(66) + "😀" + &"Ж".repeat(20);
    let parts = texts(&cut(&text));
    assert_eq!(parts[0], "Ж".repeat(66));
    assert_eq!(parts.concat(), text);
}

#[test]
fn a_grapheme_cluster_is_never_split() {
    for cluster in ["👨‍👩‍👧", "🇩🇪", "e\u{301}\u{323}", "क्षि"] {
        let text = "Ж".repeat(66) + cluster + &"Ж".repeat(20);
        let parts = texts(&cut(&text));
        assert_eq!(parts[0], "Ж".repeat(66), "{cluster}");
        assert_eq!(parts.concat(), text);
    }
}

#[test]
fn a_cluster_longer_than_a_part_is_split_between_characters() {
    let text = "Ж".to_string() + &"\u{301}".repeat(200);
    let parts = texts(&cut(&text));
    assert_eq!(parts.len(), 3);
    assert_eq!(parts.concat(), text);
}

#[test]
fn a_national_table_is_used_where_it_saves_parts() {
    let turkish = [NationalLanguage::Turkish];
    let options = SegmentOptions::default().with_languages(&turkish);
    // Nothing gained: the default alphabet has it all.
    let plain = segment("hello", &options).unwrap();
    assert!(!plain[0].has_header());
    // A hundred characters are two parts in UCS-2, one with the table.
    let text = "ığdır şişe ".repeat(10);
    let parts = segment(&text, &options).unwrap();
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0].coding(), DataCoding::GSM7);
    assert_ne!(parts[0].shifts(), Shifts::DEFAULT);
    assert_eq!(texts(&parts).concat(), text);
    assert_eq!(cut(&text).len(), 2);
    assert_eq!(cut(&text)[0].coding(), DataCoding::UCS2);
    // Not allowed, not used; mixed scripts fall back to UCS-2.
    assert_eq!(segment("ığdır Ж", &options).unwrap()[0].coding(), DataCoding::UCS2);
}

#[test]
fn two_tables_go_together() {
    let languages = [NationalLanguage::Turkish, NationalLanguage::Portuguese];
    let options =
        SegmentOptions::default().with_languages(&languages).with_encoding(Encoding::Gsm7);
    let text = "ığ ãõ ∞ €";
    let parts = segment(text, &options).unwrap();
    let shifts = parts[0].shifts();
    assert!(shifts.locking.is_some() && shifts.single.is_some());
    assert_eq!(texts(&parts), [text]);
    let ends = [NationalLanguage::Hindi];
    let options = SegmentOptions::default().with_languages(&ends);
    let hindi = "नमस्ते दुनिया, यह एक परीक्षण है। ".repeat(3);
    assert_eq!(segment(&hindi, &options).unwrap().len(), 1);
    assert_eq!(texts(&segment(&hindi, &options).unwrap()), [hindi]);
}

#[test]
fn class_and_alphabet_are_in_the_coding() {
    let flash = SegmentOptions::default().with_class(MessageClass::Flash);
    assert_eq!(segment("a", &flash).unwrap()[0].coding(), DataCoding(0x10));
    assert_eq!(segment("Ж", &flash).unwrap()[0].coding(), DataCoding(0x18));
    let ucs2 = SegmentOptions::default().with_encoding(Encoding::Ucs2);
    assert_eq!(segment("a", &ucs2).unwrap()[0].coding(), DataCoding::UCS2);
    let gsm7 = SegmentOptions::default().with_encoding(Encoding::Gsm7);
    assert_eq!(segment("Ж", &gsm7), Err(SegmentError::NotEncodable));
}

#[test]
fn the_number_of_parts_is_limited() {
    assert_eq!(cut(&"a".repeat(153 * 255)).len(), 255);
    let error = segment(&"a".repeat(153 * 255 + 1), &SegmentOptions::default());
    assert_eq!(error, Err(SegmentError::TooManyParts { limit: 255 }));
    let two = SegmentOptions::default().with_parts_max(2);
    assert_eq!(segment(&"a".repeat(306), &two).unwrap().len(), 2);
    let error = segment(&"a".repeat(307), &two);
    assert_eq!(error, Err(SegmentError::TooManyParts { limit: 2 }));
}

#[test]
fn ports_are_in_every_part() {
    let mut header = HeaderBuf::new();
    let ports = Ports::Sixteen { destination: 16_000, originator: 0 };
    header.push(Element::Ports(ports)).unwrap();
    let options = SegmentOptions::default().with_header(header);
    let parts = segment(&"a".repeat(400), &options).unwrap();
    assert_eq!(parts.len(), 3);
    assert!(parts.iter().all(|part| part.ports() == Some(ports)));
    assert_eq!(texts(&parts).concat(), "a".repeat(400));
    let binary = segment_octets(&[7; 300], DataCoding::OCTETS, &options).unwrap();
    assert_eq!(binary.len(), 3);
    assert!(binary.iter().all(|part| part.ports() == Some(ports)));
    let lengths: Vec<usize> = binary.iter().map(|part| part.payload().len()).collect();
    assert_eq!(lengths, [128, 128, 44]);
}

#[test]
fn a_header_may_leave_no_room() {
    let mut header = HeaderBuf::new();
    header.push_raw(0xA0, &[0; 137]).unwrap();
    let options = SegmentOptions::default().with_header(header);
    assert!(segment("ab", &options).is_err());
    let mut header = HeaderBuf::new();
    header.push_raw(0xA0, &[0; 131]).unwrap();
    let options = SegmentOptions::default().with_header(header).with_encoding(Encoding::Ucs2);
    assert_eq!(segment("Ж😀Ж", &options), Err(SegmentError::NoRoom));
}

#[test]
fn a_single_message_has_its_limit() {
    assert_eq!(UserData::from_text(&"a".repeat(160)).unwrap().length(), 160);
    let error = UserData::from_text(&"a".repeat(161));
    assert_eq!(error, Err(UserDataError::TooLong { length: 161, limit: 160 }));
    assert!(UserData::from_text(&"Ж".repeat(70)).is_ok());
    assert!(UserData::from_text(&"Ж".repeat(71)).is_err());
    let septets = UserData::from_octets(DataCoding::GSM7, &HeaderBuf::new(), b"x");
    assert!(matches!(septets, Err(UserDataError::Coding { .. })));
    let octets = UserData::from_septets(DataCoding::UCS2, &HeaderBuf::new(), b"x");
    assert!(matches!(octets, Err(UserDataError::Coding { .. })));
}
