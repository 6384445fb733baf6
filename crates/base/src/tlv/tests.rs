use super::*;
use proptest::prelude::*;
use std::{vec, vec::Vec};

#[test]
fn an_fcp_is_read() {
    let fcp = [0x62, 0x05, 0x83, 0x02, 0x3F, 0x00, 0xFF];
    let (outer, rest) = Ber::read(&fcp).unwrap();
    assert_eq!((outer.tag, rest), (0x62, &[][..]));
    assert!(outer.is_constructed());
    assert_eq!(outer.children().find(0x83), Ok(Some(&[0x3F, 0x00][..])));
    assert_eq!(outer.children().find(0x84), Ok(None));
}

#[test]
fn lengths_are_checked_against_what_is_left() {
    assert_eq!(Ber::read(&[0x62, 5, 1]), Err(TlvError::ValueTooLong { at: 0, len: 5, left: 1 }));
    assert_eq!(Ber::read(&[0x62, 0x82, 1]), Err(TlvError::Truncated { at: 0 }));
    assert_eq!(Ber::read(&[0x62, 0x80]), Err(TlvError::LengthForm { at: 0, first: 0x80 }));
    assert_eq!(Ber::read(&[0xBF, 0xFF, 0xFF, 1, 0]), Err(TlvError::Tag { at: 0 }));
    let second = BerReader::new(&[0x81, 0, 0x82, 9]).last().unwrap();
    assert_eq!(second, Err(TlvError::ValueTooLong { at: 2, len: 9, left: 0 }));
    assert_eq!(Comprehension::read(&[0x00, 0]), Err(TlvError::Tag { at: 0 }));
}

#[test]
fn comprehension_is_a_flag_not_a_tag() {
    let (details, _) = Comprehension::read(&[0x81, 3, 1, 0x26, 0]).unwrap();
    assert_eq!((details.tag, details.required, details.value), (1, true, &[1, 0x26, 0][..]));
    assert_eq!(ComprehensionReader::new(&[0x02, 1, 9]).find(2), Ok(Some(&[9][..])));
}

fn ber_tag() -> impl Strategy<Value = u32> {
    prop_oneof![
        (1_u32..0xFF).prop_filter("one octet", |t| t & 0x1F != 0x1F),
        (0_u32..7, 0x01_u32..0x80).prop_map(|(class, low)| (class << 5 | 0x1F) << 8 | low),
        (0_u32..7, 0x81_u32..0x100, 0_u32..0x80).prop_map(|(class, middle, low)| (class << 5
            | 0x1F)
            << 16
            | middle << 8
            | low),
    ]
}

proptest! {
    #[test]
    fn ber_objects_round_trip(objects in prop::collection::vec((ber_tag(), prop::collection::vec(any::<u8>(), 0..300)), 0..4)) {
        let mut out = vec![];
        for (tag, value) in &objects { put_ber(&mut out, *tag, value); }
        let read: Vec<_> = BerReader::new(&out).map(|o| o.map(|o| (o.tag, o.value.to_vec())).unwrap()).collect();
        prop_assert_eq!(read, objects);
    }

    #[test]
    fn comprehension_objects_round_trip(tag in 1_u16..0x7FFF, required: bool, value: Vec<u8>) {
        prop_assume!(tag != 0x7F);
        let mut out = vec![];
        put_comprehension(&mut out, tag, required, &value);
        let (object, rest) = Comprehension::read(&out).unwrap();
        prop_assert_eq!((object.tag, object.required, object.value, rest), (tag, required, &value[..], &[][..]));
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_positions_stay_inside(bytes: Vec<u8>) {
        for object in BerReader::new(&bytes) {
            if let Err(TlvError::Truncated { at } | TlvError::ValueTooLong { at, .. } | TlvError::Tag { at } | TlvError::LengthForm { at, .. }) = object {
                prop_assert!(at < bytes.len());
            }
        }
        prop_assert!(ComprehensionReader::new(&bytes).count() <= bytes.len());
    }
}

#[test]
fn the_corpus_passes() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/tlv");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        crate::testkit::fuzz_tlv(&std::fs::read(entry.unwrap().path()).unwrap());
        seen += 1;
    }
    assert!(seen >= 10, "{seen} seeds");
}
