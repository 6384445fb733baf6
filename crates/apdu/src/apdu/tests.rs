use super::{ApduError, Case, CommandApdu, DATA_LEN_MAX, Header, Le, ResponseApdu};
use crate::Status;
use proptest::prelude::*;
use std::{vec, vec::Vec};

const HEADER: Header = Header::new(0x00, 0xA4, 0x00, 0x04);

fn round_trip(bytes: &[u8], case: Case, len: usize, le: Option<usize>) {
    let command = CommandApdu::parse(bytes).unwrap();
    assert_eq!(command.case(), case);
    assert_eq!(command.data().len(), len);
    assert_eq!(command.le().map(Le::bytes), le);
    assert_eq!(command.to_vec(), bytes);
}

#[test]
fn short_cases() {
    round_trip(&[0, 0xA4, 0, 4], Case::One, 0, None);
    round_trip(&[0, 0xB0, 0, 0, 9], Case::Two, 0, Some(9));
    round_trip(&[0, 0xB0, 0, 0, 0], Case::Two, 0, Some(256));
    round_trip(&[0, 0xA4, 0, 4, 2, 0x3F, 0], Case::Three, 2, None);
    round_trip(&[0, 0xA4, 0, 4, 2, 0x3F, 0, 0], Case::Four, 2, Some(256));
}

#[test]
fn extended_cases() {
    round_trip(&[0, 0xB0, 0, 0, 0, 0, 0], Case::Two, 0, Some(65_536));
    round_trip(&[0, 0xB0, 0, 0, 0, 1, 1], Case::Two, 0, Some(257));
    let mut three = vec![0, 0xD6, 0, 0, 0, 1, 0];
    three.extend([7; 256]);
    round_trip(&three, Case::Three, 256, None);
    three.extend([0, 0]);
    round_trip(&three, Case::Four, 256, Some(65_536));
}

#[test]
fn lengths_that_do_not_agree_are_refused() {
    assert_eq!(CommandApdu::parse(&[0, 1, 2]), Err(ApduError::Short { len: 3, min: 4 }));
    for wrong in [
        &[0, 0xA4, 0, 4, 2, 0x3F][..],
        &[0, 0xA4, 0, 4, 2, 0x3F, 0, 0, 0],
        &[0, 0xA4, 0, 4, 0, 1],
        &[0, 0xA4, 0, 4, 0, 0, 0, 1],
        &[0, 0xA4, 0, 4, 0, 0, 2, 1],
    ] {
        let error = ApduError::Length { position: 4, len: wrong.len() };
        assert_eq!(CommandApdu::parse(wrong), Err(error.clone()));
        assert_eq!(Status::from(error), Status::WrongLength);
    }
    let long = vec![0; DATA_LEN_MAX + 1];
    assert_eq!(
        CommandApdu::new(HEADER, &long, None),
        Err(ApduError::TooLong { len: 65_536, limit: 65_535 })
    );
}

#[test]
fn a_response_has_data_and_status() {
    let response = ResponseApdu::parse(&[1, 2, 0x90, 0]).unwrap();
    assert_eq!((response.data(), response.status()), (&[1, 2][..], Status::Success));
    let mut bytes = Vec::new();
    response.to_response().emit(&mut bytes);
    assert_eq!(bytes, [1, 2, 0x90, 0]);
    assert_eq!(ResponseApdu::parse(&[0x90]), Err(ApduError::Short { len: 1, min: 2 }));
}

#[test]
fn le_knows_its_p3() {
    assert_eq!(Le::new(0), None);
    assert_eq!(Le::new(65_537), None);
    assert_eq!(Le::new(65_536), Some(Le::ANY_EXTENDED));
    assert_eq!(Le::new(256), Some(Le::ANY));
    assert_eq!([Le::of_byte(5), Le::ANY, Le::ANY_EXTENDED].map(Le::p3), [5, 0, 0]);
    assert_eq!(Le::of_word(300).p3(), 0);
}

proptest! {
    #[test]
    fn any_command_round_trips(
        header: [u8; 4],
        data in proptest::collection::vec(any::<u8>(), 0..600),
        le in proptest::option::of(1_usize..=65_536),
    ) {
        let command = CommandApdu::new(header.into(), &data, le.and_then(Le::new)).unwrap();
        let bytes = command.to_vec();
        prop_assert_eq!(CommandApdu::parse(&bytes), Ok(command));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(command) = CommandApdu::parse(&bytes) {
            let again = command.to_vec();
            prop_assert_eq!(CommandApdu::parse(&again), Ok(command));
        }
        let _ = ResponseApdu::parse(&bytes);
    }
}
