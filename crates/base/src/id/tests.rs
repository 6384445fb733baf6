use super::*;
use proptest::prelude::*;
use std::string::{String, ToString};

#[test]
fn an_iccid_with_a_wrong_check_digit_is_flagged_not_refused() {
    let good = Iccid::with_check_digit("898600000000000001").unwrap();
    assert!(good.check_digit_holds());
    let text = good.to_string();
    let last = text.as_bytes()[text.len() - 1] - b'0';
    let mut wrong: String = text[..text.len() - 1].into();
    wrong.push(char::from(b'0' + (last + 1) % 10));
    assert!(!Iccid::parse(&wrong).unwrap().check_digit_holds());
    assert_eq!(Iccid::parse("89860000000000000"), Err(InvalidIccid::Length { len: 17 }));
}

#[test]
fn the_known_iccid_of_a_real_trace_holds() {
    // EF ICCID of the recorded card: 98 88 12 01 00 00 40 56 00 F8
    let octets = [0x98, 0x88, 0x12, 0x01, 0x00, 0x00, 0x40, 0x56, 0x00, 0xF8];
    let iccid = Iccid::from_wire(octets).unwrap();
    assert_eq!(iccid.to_string(), "8988211000000465008");
    assert_eq!(iccid.wire(), &octets);
}

#[test]
fn ef_imsi_is_length_parity_digits() {
    let imsi = Imsi::parse("001010000000123").unwrap();
    assert_eq!(imsi.ef(), [0x08, 0x09, 0x10, 0x10, 0x00, 0x00, 0x00, 0x10, 0x32]);
    let mut lying = imsi.ef();
    lying[1] = 0x01;
    assert!(Imsi::from_ef(lying).is_err());
    lying[0] = 200;
    assert_eq!(Imsi::from_ef(lying), Err(InvalidImsi::Octets { at: 0 }));
}

#[test]
fn an_imsi_knows_its_home() {
    let imsi = Imsi::parse("310410123456789").unwrap();
    assert_eq!(imsi.home(3), Plmn::parse("310410").ok());
    assert!(imsi.belongs_to(Plmn::parse("310410").unwrap()));
    assert!(!imsi.belongs_to(Plmn::parse("31042").unwrap()));
    assert_eq!(imsi.masked(), "31041**********");
}

#[test]
fn an_imei_is_its_fourteen_digits() {
    let typed = Imei::parse("490154203237518").unwrap();
    assert_eq!(typed.to_string(), "490154203237518");
    assert_eq!(Imei::parse("49015420323751"), Ok(typed));
    assert_eq!(Imei::from_device("490154203237510"), Ok(typed));
    assert_eq!(Imeisv::parse("4901542032375178").unwrap().imei, typed);
    assert_eq!(
        Imei::parse("490154203237519"),
        Err(InvalidImei::CheckDigit { given: 9, computed: 8 })
    );
}

#[test]
fn an_eid_has_check_digits() {
    let text = "89049032123451234512345678901235";
    let eid = Eid::parse(text).unwrap();
    assert_eq!(eid.octets()[..2], [0x89, 0x04]);
    assert_eq!(Eid::with_check_digits(&text[..30]), Ok(eid));
    assert_eq!(Eid::parse("89049032123451234512345678901236"), Err(InvalidEid::CheckDigits));
}

#[test]
fn a_plmn_has_two_or_three_digits_of_network_code() {
    assert_eq!(Plmn::parse("00101").unwrap().wire(), [0x00, 0xF1, 0x10]);
    assert_eq!(Plmn::parse("001001").unwrap().wire(), [0x00, 0x11, 0x00]);
    assert_eq!(Plmn::parse("001-01"), Plmn::parse("00101"));
    assert_eq!(Plmn::from_wire([0xFF; 3]), Ok(None));
    assert_eq!(Plmn::parse("0010"), Err(InvalidPlmn::Length { len: 4 }));
    assert_eq!(Plmn::parse("0010123"), Err(InvalidPlmn::Length { len: 7 }));
    assert_eq!(Plmn::parse("31041").unwrap().mcc(), 310);
}

#[test]
fn a_number_is_international() {
    assert_eq!(Msisdn::parse("+8613900000000").unwrap().to_string(), "+8613900000000");
    assert_eq!(Msisdn::parse("0139"), Err(InvalidMsisdn::LeadingZero));
    assert_eq!(Msisdn::parse("+1"), Err(InvalidMsisdn::Length { len: 1 }));
}

proptest! {
    #[test]
    fn imsis_round_trip(text in "[0-9]{6,15}") {
        let imsi = Imsi::parse(&text).unwrap();
        prop_assert_eq!(Imsi::from_ef(imsi.ef()), Ok(imsi));
        prop_assert_eq!(imsi.to_string(), text);
    }

    #[test]
    fn any_ef_imsi_is_read_or_refused(ef: [u8; 9]) {
        if let Ok(imsi) = Imsi::from_ef(ef) {
            prop_assert_eq!(Imsi::parse(&imsi.to_string()), Ok(imsi));
        }
    }

    #[test]
    fn plmns_round_trip(text in "[0-9]{5,6}") {
        let plmn = Plmn::parse(&text).unwrap();
        prop_assert_eq!(plmn.to_string(), text);
        prop_assert_eq!(Plmn::from_wire(plmn.wire()), Ok(Some(plmn)));
    }

    #[test]
    fn any_octets_are_a_plmn_or_not(octets: [u8; 3]) {
        if let Ok(Some(plmn)) = Plmn::from_wire(octets) {
            prop_assert_eq!(Plmn::parse(&plmn.to_string()), Ok(plmn));
        }
    }

    #[test]
    fn one_mistyped_digit_of_an_imei_is_seen(text in "[0-9]{14}", at in 0_usize..15, by in 1_u8..10) {
        let mut typed = Imei::parse(&text).unwrap().to_string().into_bytes();
        typed[at] = b'0' + (typed[at] - b'0' + by) % 10;
        prop_assert!(Imei::parse(&String::from_utf8(typed).unwrap()).is_err());
    }

    #[test]
    fn one_mistyped_digit_of_an_eid_is_seen(text in "[0-9]{30}", at in 0_usize..32, by in 1_u8..10) {
        let mut typed = Eid::with_check_digits(&text).unwrap().to_string().into_bytes();
        typed[at] = b'0' + (typed[at] - b'0' + by) % 10;
        prop_assert!(Eid::parse(&String::from_utf8(typed).unwrap()).is_err());
    }
}
