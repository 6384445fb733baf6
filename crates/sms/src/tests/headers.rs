use alloc::vec::Vec;

use crate::{
    Concatenation, DataCoding, Element, HeaderBuf, NationalLanguage, Ports, RawElement, Reference,
    UserData,
};

fn octets_with(elements: &[(u8, &[u8])]) -> UserData {
    let mut header = HeaderBuf::new();
    for (id, data) in elements {
        header.push_raw(*id, data).unwrap();
    }
    UserData::from_octets(DataCoding::OCTETS, &header, b"x").unwrap()
}

fn elements(data: &UserData) -> Vec<Element> {
    data.header().map_or_else(Vec::new, |header| header.elements().collect())
}

#[test]
fn elements_round_trip() {
    let reference = Reference::Sixteen(0xBEEF);
    let all = [
        Element::Concatenation(Concatenation::new(Reference::Eight(9), 3, 3).unwrap()),
        Element::Concatenation(Concatenation::new(reference, 255, 1).unwrap()),
        Element::SpecialMessage { indication: 0x80, count: 3 },
        Element::Ports(Ports::Eight { destination: 240, originator: 241 }),
        Element::Ports(Ports::Sixteen { destination: 2948, originator: 9200 }),
        Element::CentreControl(0xC1),
        Element::Source(1),
        Element::SingleShift(NationalLanguage::Urdu),
        Element::LockingShift(NationalLanguage::Turkish),
    ];
    let mut header = HeaderBuf::new();
    for element in all {
        header.push(element).unwrap();
    }
    let data = UserData::from_octets(DataCoding::OCTETS, &header, b"payload").unwrap();
    assert_eq!(elements(&data), all);
    assert_eq!(data.payload(), b"payload");
    assert_eq!(data.octets()[0], 37, "UDHL");
    let ports = Ports::Sixteen { destination: 2948, originator: 9200 };
    assert_eq!(data.ports(), Some(ports));
    assert_eq!(data.concatenation().unwrap().reference(), reference);
}

/// TS 23.040, 9.2.3.24: of repeated or exclusive elements the last counts.
#[test]
fn of_several_part_numbers_the_last_counts() {
    let data = octets_with(&[(0, &[1, 3, 1]), (8, &[0, 2, 4, 2]), (0, &[5, 6, 6])]);
    let number = data.concatenation().unwrap();
    assert_eq!(number.reference(), Reference::Eight(5));
    assert_eq!((number.sequence(), number.total()), (6, 6));
}

/// TS 23.040, 9.2.3.24.1: such an element is ignored.
#[test]
fn impossible_part_numbers_are_ignored() {
    for (total, sequence) in [(0, 0), (0, 1), (3, 0), (3, 4)] {
        let data = octets_with(&[(0, &[7, total, sequence])]);
        assert_eq!(data.concatenation(), None, "{sequence} of {total}");
        assert_eq!(Concatenation::new(Reference::Eight(7), total, sequence), None);
    }
    assert_eq!(octets_with(&[(0, &[7, 2]), (0, &[7, 2, 1, 0])]).concatenation(), None);
}

#[test]
fn unknown_elements_are_passed_by() {
    let data = octets_with(&[(0x70, &[]), (0xC0, &[1, 2, 3]), (0, &[1, 2, 2]), (0x24, &[99])]);
    assert_eq!(elements(&data).len(), 1);
    let raw: Vec<RawElement<'_>> = data.header().unwrap().raw_elements().collect();
    assert_eq!(raw.len(), 4);
    assert_eq!(raw[1], RawElement { id: 0xC0, data: &[1, 2, 3] });
}

/// TS 23.040, 9.2.3.24: elements that do not fill the header make it void, but not text.
#[test]
fn an_overrunning_element_voids_the_header() {
    for header in [&[0x04, 0x00, 0x03, 1, 2][..], &[0x01, 0x00], &[0x06, 0, 3, 1, 2, 2, 9]] {
        let mut tpdu = super::hex("44 00 81 00 04 00000000000000");
        tpdu.push(u8::try_from(header.len() + 1).unwrap());
        tpdu.extend(header);
        tpdu.push(b'x');
        let parsed = <crate::MobileTerminated as crate::Tpdu>::parse(&tpdu, crate::Rp::Data);
        let Ok(crate::MobileTerminated::Deliver(deliver)) = parsed else {
            panic!("{parsed:?}");
        };
        let data = deliver.user_data;
        assert!(!data.header().unwrap().is_well_formed());
        assert_eq!(elements(&data), []);
        assert_eq!(data.concatenation(), None);
        assert_eq!(data.payload(), b"x");
    }
}

#[test]
fn a_header_takes_no_more_than_user_data() {
    let mut header = HeaderBuf::new();
    header.push_raw(0xA0, &[0; 137]).unwrap();
    assert_eq!(header.octets(), 140);
    assert!(header.push_raw(0xA1, &[]).is_err());
    assert!(header.clone().append(&header).is_err());
    let empty = UserData::from_octets(DataCoding::OCTETS, &header, &[]).unwrap();
    assert_eq!(empty.length(), 140);
    assert!(UserData::from_octets(DataCoding::OCTETS, &header, &[1]).is_err());
    let septets = UserData::from_septets(DataCoding::GSM7, &header, &[]).unwrap();
    assert_eq!(septets.length(), 160);
    assert!(UserData::from_septets(DataCoding::GSM7, &header, &[1]).is_err());
    assert!(HeaderBuf::new().push_raw(0, &[0; 138]).is_err());
    assert!(HeaderBuf::new().push_raw(0, &[0; 300]).is_err());
}
