use std::string::ToString;

use super::hex;
use crate::{
    Address, AtPdu, InvalidAddress, MobileOriginated, NumberingPlan, Rp, TpduError, TpduErrorKind,
    TypeOfNumber, reader::Reader,
};

fn field(text: &str) -> Result<Address, TpduError> {
    Address::parse("TP-OA", &mut Reader::new(&hex(text)))
}

fn octets(address: &Address) -> alloc::vec::Vec<u8> {
    let mut out = alloc::vec::Vec::new();
    address.encode(&mut out);
    out
}

#[test]
fn international_numbers_have_a_plus_sign() {
    let address = field("0C 91 947110325476").unwrap();
    assert_eq!(address.to_string(), "+491701234567");
    assert_eq!(address.ton(), TypeOfNumber::International);
    assert_eq!(address.plan(), NumberingPlan::Isdn);
    assert_eq!(address.type_of_address(), 145);
    assert_eq!(Address::parse_dialled("+491701234567"), Ok(address));
    let msisdn = address.msisdn().unwrap();
    assert_eq!(Address::from(&msisdn), address);
}

#[test]
fn odd_numbers_end_in_a_filler() {
    let address = Address::parse_dialled("22344").unwrap();
    assert_eq!(octets(&address), hex("05 81 2243F4"));
    assert_eq!(address.to_string(), "22344");
    assert_eq!(address.msisdn(), None);
}

#[test]
fn all_sixteen_semi_octets_have_their_rule() {
    let address = field("05 81 BADCFE").unwrap();
    assert_eq!(address.to_string(), "*#abc");
    assert_eq!(Address::parse_dialled("*#ABC"), Ok(address));
    let error = field("05 81 B1FDFE").unwrap_err();
    let kind = TpduErrorKind::AddressFiller { field: "TP-OA" };
    assert_eq!(error, TpduError { at: 3, kind });
}

#[test]
fn the_filler_is_not_looked_at() {
    // The spare nibble of an odd number says nothing: equal numbers are equal.
    assert_eq!(field("03 81 2103"), field("03 81 21F3"));
}

#[test]
fn twenty_digits_are_the_limit() {
    let twenty = "12345678901234567890";
    assert_eq!(Address::international(twenty).unwrap().to_string(), "+12345678901234567890");
    let error = Address::international("123456789012345678901");
    assert_eq!(error, Err(InvalidAddress::TooLong { len: 21, limit: 20 }));
    for semi_octets in 21..=255_usize {
        let mut field = alloc::vec![u8::try_from(semi_octets).unwrap(), 0x91];
        field.extend([0x11; 128]);
        let error = Address::parse("TP-DA", &mut Reader::new(&field)).unwrap_err();
        let kind = TpduErrorKind::AddressLength { field: "TP-DA", semi_octets, limit: 20 };
        assert_eq!(error, TpduError { at: 0, kind });
    }
}

#[test]
fn names_are_packed_septets() {
    // Seven characters take 13 semi-octets, eleven all 20.
    let address = field("0D D0 C8329BFD66B301").unwrap();
    assert!(address.is_alphanumeric());
    assert_eq!(address.to_string(), "Helloll");
    assert_eq!(octets(&address), hex("0D D0 C8329BFD66B301"));
    assert_eq!(address.digits().count(), 0);
    let eleven = Address::alphanumeric("Information").unwrap();
    assert_eq!(octets(&eleven)[0], 20);
    assert_eq!(eleven.to_string(), "Information");
    assert_eq!(
        Address::alphanumeric("Informations"),
        Err(InvalidAddress::TooLong { len: 12, limit: 11 })
    );
    assert_eq!(Address::alphanumeric("Bänk€").unwrap().to_string(), "Bänk€");
    assert_eq!(Address::alphanumeric("Банк"), Err(InvalidAddress::Character { at: 0 }));
}

#[test]
fn every_type_and_plan_survives() {
    for type_of_address in 0x80..=0xFF_u8 {
        let address = field(&alloc::format!("04 {type_of_address:02X} 2143")).unwrap();
        assert_eq!(octets(&address)[1], type_of_address);
        if !address.is_alphanumeric() {
            let made = Address::new(address.ton(), address.plan(), "1234");
            assert_eq!(made, Ok(address));
        }
    }
    assert_eq!(
        NumberingPlan::Reserved(crate::ReservedPlan::of(0xF)),
        field("02 8F 21").unwrap().plan()
    );
}

#[test]
fn a_type_without_its_fixed_bit_is_refused() {
    let kind = TpduErrorKind::AddressType { field: "TP-OA", found: 0x11 };
    assert_eq!(field("02 11 21"), Err(TpduError { at: 1, kind }));
}

#[test]
fn dialled_numbers_are_checked() {
    assert_eq!(Address::parse_dialled(""), Err(InvalidAddress::Empty));
    assert_eq!(Address::parse_dialled("+"), Err(InvalidAddress::Empty));
    assert_eq!(Address::parse_dialled("12\r34"), Err(InvalidAddress::Character { at: 2 }));
    let alphanumeric = Address::new(TypeOfNumber::Alphanumeric, NumberingPlan::Unknown, "1");
    assert_eq!(alphanumeric, Err(InvalidAddress::Alphanumeric));
}

#[test]
fn a_service_centre_address_counts_octets() {
    let submit = "01000B916407281553F800000AE8329BFD4697D9EC37";
    let parse = |prefix: &str| {
        let text = alloc::format!("{prefix}{submit}");
        AtPdu::<MobileOriginated>::parse_hex(text.as_bytes(), Some(22), Rp::Data)
    };
    assert_eq!(parse("00").unwrap().sc, None);
    let sc = parse("07911326040000F0").unwrap().sc.unwrap();
    assert_eq!(sc.to_string(), "+31624000000");
    let empty = parse("0181").unwrap();
    assert_eq!(
        empty.sc,
        Some(Address::new(TypeOfNumber::Unknown, NumberingPlan::Isdn, "").unwrap())
    );
    let long = parse("0C91111111111111111111111111").unwrap_err();
    assert_eq!(long.at, 0);
    let kind = TpduErrorKind::ServiceCentreLength { octets: 12, limit: 11 };
    assert_eq!(long.kind, kind);
}

/// Whole octets leave seven bits spare after seven septets: they are no `@`.
#[test]
fn a_name_as_service_centre_is_whole_octets() {
    for name in ["Seven77", "Eight888", "Six666", "Information"] {
        let sc = Some(Address::alphanumeric(name).unwrap());
        let submit = "01000B916407281553F800000AE8329BFD4697D9EC37";
        let tpdu = AtPdu::<MobileOriginated>::parse(&hex(&alloc::format!("00{submit}")), Rp::Data);
        let pdu = AtPdu { sc, ..tpdu.unwrap() };
        let mut octets = alloc::vec::Vec::new();
        pdu.encode(&mut octets);
        assert_eq!(AtPdu::parse(&octets, Rp::Data), Ok(pdu));
    }
}
