use std::string::ToString;

use super::hex;
use crate::{
    AtPdu, MobileOriginated, MobileTerminated, RelativeValidity, Rp, TpduError, TpduErrorKind,
    ValidityPeriod,
};

const HOW_ARE_YOU: &[u8] =
    b"07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07";

#[test]
fn a_received_message_is_read() {
    let pdu = AtPdu::<MobileTerminated>::parse_hex(HOW_ARE_YOU, Some(30), Rp::Data).unwrap();
    assert_eq!(pdu.sc.unwrap().to_string(), "+31624000000");
    let MobileTerminated::Deliver(deliver) = &pdu.tpdu else {
        panic!("{pdu:?}");
    };
    assert!(!deliver.more_messages && !deliver.reply_path);
    assert_eq!(deliver.originator.to_string(), "+31641600986");
    assert_eq!(deliver.timestamp.date(), (2, 8, 26));
    assert_eq!(deliver.timestamp.time(), (19, 37, 41));
    assert_eq!(deliver.user_data.text().unwrap(), "How are you?");
    let mut line = alloc::vec::Vec::new();
    assert_eq!(pdu.write_hex(&mut line), 30);
    assert_eq!(line, HOW_ARE_YOU);
}

#[test]
fn a_message_to_send_is_read() {
    let line = b"0011000b916407281553f80000AA0AE8329BFD4697D9EC37";
    let pdu = AtPdu::<MobileOriginated>::parse_hex(line, Some(23), Rp::Data).unwrap();
    assert_eq!(pdu.sc, None);
    assert_eq!(pdu.tpdu_octets(), 23);
    let MobileOriginated::Submit(submit) = &pdu.tpdu else {
        panic!("{pdu:?}");
    };
    assert_eq!(submit.destination.to_string(), "+46708251358");
    let four_days = RelativeValidity(0xAA);
    assert_eq!(four_days.duration().to_string(), "96h");
    assert_eq!(submit.validity, ValidityPeriod::Relative(four_days));
    assert_eq!(submit.user_data.text().unwrap(), "hellohello");
}

#[test]
fn the_announced_length_must_hold() {
    for declared in [0, 29, 31, 37] {
        let error = AtPdu::<MobileTerminated>::parse_hex(HOW_ARE_YOU, Some(declared), Rp::Data)
            .unwrap_err();
        let kind = TpduErrorKind::DeclaredLength { declared, found: 30 };
        assert_eq!(error, TpduError { at: 8, kind });
    }
}

#[test]
fn what_is_no_hex_is_named() {
    let parse = |text: &[u8]| AtPdu::<MobileTerminated>::parse_hex(text, None, Rp::Data);
    for (text, at) in [(&b"07913Z"[..], 2), (b"079", 1), (b"0 ", 0), (b"07\x1A\x1A", 1)] {
        let kind = TpduErrorKind::Hex;
        assert_eq!(parse(text), Err(TpduError { at, kind }));
    }
    assert_eq!(parse(b"").unwrap_err().at, 0);
}

#[test]
fn errors_count_from_the_first_octet() {
    // The 0D is 13 digits of an address; the type of address lacks its fixed bit.
    let error = AtPdu::<MobileTerminated>::parse_hex(b"0281F1 04 0B11".as_slice(), None, Rp::Data);
    assert!(matches!(error.unwrap_err().kind, TpduErrorKind::Hex));
    let error = AtPdu::<MobileTerminated>::parse(&hex("0281F1 04 0B11 1346610089F6"), Rp::Data);
    let error = error.unwrap_err();
    assert_eq!(error.at, 5);
    assert!(matches!(error.kind, TpduErrorKind::AddressType { found: 0x11, .. }));
    assert_eq!(error.to_string(), "octet 5: TP-OA: type of address 11 lacks its fixed bit 7");
}

#[test]
fn a_record_may_end_in_fillers_only() {
    let mut record = hex(core::str::from_utf8(HOW_ARE_YOU).unwrap());
    let length = record.len();
    record.resize(175, 0xFF);
    let pdu = AtPdu::<MobileTerminated>::parse_stored(&record, Rp::Data).unwrap();
    assert_eq!(pdu.tpdu_octets(), 30);
    let strict = AtPdu::<MobileTerminated>::parse(&record, Rp::Data).unwrap_err();
    let kind = TpduErrorKind::Trailing { count: 175 - length };
    assert_eq!(strict, TpduError { at: length, kind });
    record[100] = 0;
    let error = AtPdu::<MobileTerminated>::parse_stored(&record, Rp::Data).unwrap_err();
    assert_eq!(error.at, 100);
}
