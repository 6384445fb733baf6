use super::super::der::{Reader, SEQUENCE, read_signature, tlv, unsigned, write_signature};
use super::super::extensions::read_list;
use super::super::{CertificateError, Oid, Role, time};
use proptest::prelude::*;
use std::string::ToString;
use std::vec::Vec;

#[test]
fn lengths_and_numbers_have_their_shortest_form() {
    for odd in [&[0x30, 0x81, 1, 0][..], &[0x30, 0x80, 0, 0], &[0x30, 2, 0], &[0x30, 0, 0], &[]] {
        assert!(Reader::only(odd, SEQUENCE).is_err(), "{odd:02X?}");
    }
    for odd in [&[2, 0][..], &[2, 1, 0x80], &[2, 2, 0, 1]] {
        assert!(Reader::new(odd).unsigned().is_err(), "{odd:02X?}");
    }
    assert_eq!(unsigned(&[0, 0]), [2, 1, 0]);
    assert_eq!(unsigned(&[0, 0x80]), [2, 2, 0, 0x80]);
    assert_eq!(unsigned(&[0x7F]), [2, 1, 0x7F]);
}

#[test]
fn an_oid_is_read_and_shown_in_its_numbers() {
    for (text, der) in [
        ("2.999.10", &[0x88, 0x37, 10][..]),
        ("1.2.840.10045.2.1", &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1]),
        ("2.23.146.1.2.1.4", &[0x67, 0x81, 0x12, 1, 2, 1, 4]),
        ("0.0", &[0]),
    ] {
        let oid = Oid::parse(text).unwrap();
        assert_eq!(oid.as_der(), der);
        assert_eq!(Oid::from_der(der), Ok(oid));
        assert_eq!(oid.to_string(), text);
    }
    for odd in ["", "1", "3.1", "1.40", "2..1", "2.+1", "2.1.", "2.99999999999999999999999"] {
        assert!(Oid::parse(odd).is_err(), "{odd}");
    }
    for odd in [&[][..], &[0x80, 1], &[0x2A, 0x86], &[1; 40]] {
        assert!(Oid::from_der(odd).is_err(), "{odd:02X?}");
    }
}

#[test]
fn every_role_has_an_oid_of_its_own() {
    assert_eq!(Role::Ci.oid().to_string(), "2.23.146.1.2.1.0");
    assert_eq!(Role::DsAuth.oid().to_string(), "2.23.146.1.2.1.7");
    for role in Role::ALL {
        assert_eq!(Role::of(&role.oid()), Some(role));
    }
    assert_eq!(Role::of(&Oid::parse("2.23.146.1.2.1.8").unwrap()), None);
}

#[test]
fn days_are_those_of_the_calendar() {
    // As `date -u -d ... +%s` gives them.
    assert_eq!(time::date(1970, 1, 1), 0);
    assert_eq!(time::date(2000, 2, 29), 951_782_400);
    assert_eq!(time::date(2056, 1, 1), 2_713_910_400);
    assert_eq!(time::write(time::date(2049, 12, 31) + 86_399), b"\x17\x0D491231235959Z");
    assert_eq!(time::write(time::date(2050, 1, 1)), b"\x18\x0F20500101000000Z");
    for odd in ["991231235959", "9912312359Z00", "990031235959Z", "99123123595xZ"] {
        let der = tlv(0x17, &[odd.as_bytes()]);
        assert!(time::read(&mut Reader::new(&der)).is_err(), "{odd}");
    }
}

proptest! {
    #[test]
    fn times_round_trip(seconds in -631_152_000_i64..253_402_300_799) {
        let der = time::write(seconds);
        prop_assert_eq!(time::read(&mut Reader::new(&der)), Ok(seconds));
    }

    #[test]
    fn signatures_round_trip(octets: Vec<u8>, zeros in 0_usize..32) {
        let mut signature = [0; 64];
        signature.iter_mut().skip(zeros).zip(octets).for_each(|(to, from)| *to = from);
        prop_assert_eq!(read_signature(&write_signature(&signature)), Ok(signature));
    }
}

#[test]
fn an_extension_stands_there_once() {
    let one = tlv(SEQUENCE, &[&tlv(6, &[&[0x55, 0x1D, 14]]), &tlv(4, &[&[4, 0]])]);
    let read = |octets: &[u8]| read_list(&mut Reader::new(octets)).map(|list| list.len());
    assert_eq!(read(&one), Ok(1));
    assert_eq!(read(&[&one[..], &one].concat()), Err(CertificateError::Extension));
}
