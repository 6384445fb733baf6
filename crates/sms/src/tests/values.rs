use std::string::ToString;

use polysim_base::Duration;

use super::hex;
use crate::{
    Alphabet, CbsCoding, CbsPreamble, ClockPeriod, CodingGroup, DataCoding, EnhancedPeriod,
    EnhancedValidity, MessageClass, MobileOriginated, Protocol, ProtocolId, RelativeValidity, Rp,
    Timestamp, Tpdu, TpduErrorKind, ValidityError, ValidityPeriod, Waiting, WaitingKind,
};

#[test]
fn time_zones_have_quarters_and_a_sign() {
    for (quarters, octet, text) in [
        (0, 0x00, "+00:00"),
        (4, 0x40, "+01:00"),
        (22, 0x22, "+05:30"),
        (-20, 0x0A, "-05:00"),
        (-14, 0x49, "-03:30"),
        (79, 0x97, "+19:45"),
        (-79, 0x9F, "-19:45"),
    ] {
        let timestamp = Timestamp::new((26, 11, 22), (2, 14, 5), quarters).unwrap();
        assert_eq!(timestamp.octets()[6], octet);
        assert_eq!(timestamp.zone_quarters(), quarters);
        assert_eq!(timestamp.to_string(), std::format!("26-11-22 02:14:05{text}"));
        assert!(timestamp.is_valid());
    }
}

#[test]
fn numbers_out_of_range_are_no_timestamp() {
    let new = Timestamp::new;
    assert!(new((99, 12, 31), (23, 59, 59), 0).is_ok());
    for wrong in [
        new((100, 1, 1), (0, 0, 0), 0),
        new((0, 0, 1), (0, 0, 0), 0),
        new((0, 13, 1), (0, 0, 0), 0),
        new((0, 1, 0), (0, 0, 0), 0),
        new((0, 1, 32), (0, 0, 0), 0),
        new((0, 1, 1), (24, 0, 0), 0),
        new((0, 1, 1), (0, 60, 0), 0),
        new((0, 1, 1), (0, 0, 60), 0),
        new((0, 1, 1), (0, 0, 0), 80),
        new((0, 1, 1), (0, 0, 0), -80),
        new((0, 1, 1), (0, 0, 0), i8::MIN),
    ] {
        assert!(wrong.is_err());
    }
    let error = new((0, 13, 1), (0, 0, 0), 0).unwrap_err();
    assert_eq!(error.to_string(), "month 13 is out of range");
}

#[test]
fn timestamps_are_moments() {
    for (seconds, zone, text) in [
        (0, 0, "70-01-01 00:00:00+00:00"),
        (951_782_399, 0, "00-02-28 23:59:59+00:00"),
        (951_782_400, 0, "00-02-29 00:00:00+00:00"),
        (951_868_800, 0, "00-03-01 00:00:00+00:00"),
        (1_795_313_645, 4, "26-11-22 03:14:05+01:00"),
        (1_767_225_599, -14, "25-12-31 20:29:59-03:30"),
        (1_767_225_599, 4, "26-01-01 00:59:59+01:00"),
        (3_155_759_999, 0, "69-12-31 23:59:59+00:00"),
    ] {
        let timestamp = Timestamp::from_unix(seconds, zone).unwrap();
        assert_eq!(timestamp.to_string(), text);
        assert_eq!(timestamp.unix_seconds(), Some(seconds), "{text}");
    }
    for day in 0..36_525 {
        let noon = day * 86_400 + 43_200;
        assert_eq!(Timestamp::from_unix(noon, 0).unwrap().unix_seconds(), Some(noon));
    }
    assert_eq!(Timestamp::default().unix_seconds(), None);
    assert!(Timestamp::from_unix(0, 100).is_err());
}

/// TS 23.040, 9.2.3.11: what is no digit counts as 0, and the field stays as received.
#[test]
fn a_broken_timestamp_is_kept() {
    let octets = [0xF1, 0xAF, 0x22, 0x99, 0x41, 0x50, 0xFF];
    let timestamp = Timestamp::from_octets(octets);
    assert_eq!(timestamp.date(), (10, 0, 22));
    assert_eq!(timestamp.time(), (99, 14, 5));
    assert_eq!(timestamp.zone_quarters(), -70);
    assert_eq!(timestamp.octets(), octets);
    assert!(!timestamp.is_valid());
    let minus_zero = Timestamp::from_octets([0x20, 0x80, 0x62, 0x91, 0x73, 0x14, 0x08]);
    assert!(minus_zero.is_valid());
    assert_eq!(minus_zero.to_string(), "02-08-26 19:37:41+00:00");
}

/// TS 23.040, 9.2.3.12.1.
#[test]
fn relative_validity_is_five_minutes_to_63_weeks() {
    let minutes = |v: u8| RelativeValidity(v).duration().as_secs() / 60;
    for (value, expected) in [
        (0, 5),
        (143, 12 * 60),
        (144, 12 * 60 + 30),
        (167, 24 * 60),
        (168, 2 * 24 * 60),
        (196, 30 * 24 * 60),
        (197, 5 * 7 * 24 * 60),
        (255, 63 * 7 * 24 * 60),
    ] {
        assert_eq!(minutes(value), expected, "{value}");
    }
    for value in 0..=255 {
        let relative = RelativeValidity(value);
        assert_eq!(RelativeValidity::at_least(relative.duration()), relative);
    }
    assert_eq!(RelativeValidity::at_least(Duration::ZERO), RelativeValidity(0));
    assert_eq!(RelativeValidity::at_least(Duration::from_secs(301)), RelativeValidity(1));
    assert_eq!(RelativeValidity::at_least(Duration::from_secs(u64::MAX)), RelativeValidity::MAX);
}

fn submit_validity(first: u8, octets: &str) -> Result<ValidityPeriod, (usize, TpduErrorKind)> {
    let mut tpdu = alloc::vec![first];
    tpdu.extend(hex("00 02 81 21 00 00"));
    tpdu.extend(hex(octets));
    tpdu.push(0);
    match MobileOriginated::parse(&tpdu, Rp::Data) {
        Ok(MobileOriginated::Submit(submit)) => Ok(submit.validity),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err((error.at, error.kind)),
    }
}

/// TS 23.040, 9.2.3.12.3.
#[test]
fn enhanced_validity_has_its_formats() {
    let enhanced =
        |single_shot, period| ValidityPeriod::Enhanced(EnhancedValidity { single_shot, period });
    let clock = EnhancedPeriod::Clock(ClockPeriod::new(12, 34, 56).unwrap());
    let seconds = EnhancedPeriod::Seconds(core::num::NonZeroU8::new(90).unwrap());
    for (octets, expected) in [
        ("00000000000000", enhanced(false, EnhancedPeriod::Unspecified)),
        ("40000000000000", enhanced(true, EnhancedPeriod::Unspecified)),
        ("01A70000000000", enhanced(false, EnhancedPeriod::Relative(RelativeValidity(0xA7)))),
        ("025A0000000000", enhanced(false, seconds)),
        ("43214365000000", enhanced(true, clock)),
        // Reserved bits and unused octets are ignored.
        ("7B214365FFFFFF", enhanced(true, clock)),
    ] {
        assert_eq!(submit_validity(0x09, octets), Ok(expected));
    }
    for (octets, at, error) in [
        ("80000000000000", 7, ValidityError::Extension),
        ("04000000000000", 7, ValidityError::ReservedFormat { format: 4 }),
        ("02000000000000", 8, ValidityError::ZeroSeconds),
        ("030A0000000000", 8, ValidityError::Clock { octet: 0x0A }),
        ("03000600000000", 9, ValidityError::Clock { octet: 0x06 }),
        ("030000F0000000", 10, ValidityError::Clock { octet: 0xF0 }),
    ] {
        let kind = TpduErrorKind::Validity(error);
        assert_eq!(submit_validity(0x09, octets), Err((at, kind)));
    }
    assert_eq!(ClockPeriod::new(0, 60, 0), None);
    assert_eq!(ClockPeriod::new(100, 0, 0), None);
}

#[test]
fn each_format_has_its_bits() {
    assert_eq!(submit_validity(0x01, ""), Ok(ValidityPeriod::Absent));
    let relative = ValidityPeriod::Relative(RelativeValidity(7));
    assert_eq!(submit_validity(0x11, "07"), Ok(relative));
    let absolute = Timestamp::new((26, 11, 22), (2, 14, 5), 4).unwrap();
    assert_eq!(submit_validity(0x19, "62112220415040"), Ok(ValidityPeriod::Absolute(absolute)));
}

/// TS 23.038, 4.
#[test]
fn data_codings_have_their_groups() {
    use Alphabet::{Gsm7, Octets, Ucs2};
    use MessageClass::{Flash, Me, Sim, Te};
    for (octet, alphabet, class, compressed) in [
        (0x00, Gsm7, None, false),
        (0x04, Octets, None, false),
        (0x08, Ucs2, None, false),
        (0x0C, Gsm7, None, false),
        (0x03, Gsm7, None, false),
        (0x10, Gsm7, Some(Flash), false),
        (0x19, Ucs2, Some(Me), false),
        (0x16, Octets, Some(Sim), false),
        (0x20, Gsm7, None, true),
        (0x28, Ucs2, None, true),
        (0x33, Gsm7, Some(Te), true),
        (0x48, Ucs2, None, false),
        (0x52, Gsm7, Some(Sim), false),
        (0x80, Gsm7, None, false),
        (0xBF, Gsm7, None, false),
        (0xC8, Gsm7, None, false),
        (0xD0, Gsm7, None, false),
        (0xE8, Ucs2, None, false),
        (0xF0, Gsm7, Some(Flash), false),
        (0xF6, Octets, Some(Sim), false),
        (0xFB, Gsm7, Some(Te), false),
    ] {
        let coding = DataCoding(octet);
        assert_eq!(coding.alphabet(), alphabet, "{octet:02X}");
        assert_eq!(coding.class(), class, "{octet:02X}");
        assert_eq!(coding.is_compressed(), compressed, "{octet:02X}");
        assert_eq!(coding.counts_septets(), alphabet == Gsm7 && !compressed);
        assert_eq!(coding.waiting().is_some(), (0xC0..=0xEF).contains(&octet));
    }
    assert_eq!(DataCoding(0x5A).group(), CodingGroup::AutomaticDeletion);
    assert_eq!(DataCoding(0x9A).group(), CodingGroup::Reserved);
    for alphabet in [Gsm7, Octets, Ucs2] {
        for class in [None, Some(Flash), Some(Me), Some(Sim), Some(Te)] {
            let coding = DataCoding::general(alphabet, class);
            assert_eq!((coding.alphabet(), coding.class()), (alphabet, class));
        }
    }
}

#[test]
fn waiting_indications_round_trip() {
    let kinds = [WaitingKind::Voicemail, WaitingKind::Fax, WaitingKind::Email, WaitingKind::Other];
    for (bits, kind) in (0..).zip(kinds) {
        for (store, ucs2, group) in [(false, false, 0xC0), (true, false, 0xD0), (true, true, 0xE0)]
        {
            for (active, bit) in [(true, 8), (false, 0)] {
                let waiting = Waiting { store, active, kind };
                let coding = DataCoding::waiting_indication(waiting, ucs2);
                assert_eq!(coding, DataCoding(group | bit | bits));
                assert_eq!(coding.waiting(), Some(waiting));
                assert_eq!(coding.alphabet() == Alphabet::Ucs2, ucs2);
            }
        }
    }
}

/// TS 23.038, 5.
#[test]
fn broadcast_codings_have_their_alphabets() {
    for (octet, alphabet, preamble) in [
        (0x0F, Alphabet::Gsm7, CbsPreamble::None),
        (0x00, Alphabet::Gsm7, CbsPreamble::None),
        (0x10, Alphabet::Gsm7, CbsPreamble::Language),
        (0x11, Alphabet::Ucs2, CbsPreamble::PackedLanguage),
        (0x25, Alphabet::Gsm7, CbsPreamble::None),
        (0x44, Alphabet::Octets, CbsPreamble::None),
        (0x48, Alphabet::Ucs2, CbsPreamble::None),
        (0x98, Alphabet::Ucs2, CbsPreamble::UserDataHeader),
        (0xF4, Alphabet::Octets, CbsPreamble::None),
        (0xF0, Alphabet::Gsm7, CbsPreamble::None),
    ] {
        assert_eq!(CbsCoding(octet).alphabet(), alphabet, "{octet:02X}");
        assert_eq!(CbsCoding(octet).preamble(), preamble, "{octet:02X}");
    }
    assert!(CbsCoding(0x60).is_compressed() && !CbsCoding(0x48).is_compressed());
}

#[test]
fn protocol_identifiers_have_their_meaning() {
    for (octet, protocol) in [
        (0x00, Protocol::SmeToSme(0)),
        (0x21, Protocol::Telematic(1)),
        (0x3F, Protocol::Telematic(0x1F)),
        (0x40, Protocol::Type0),
        (0x41, Protocol::Replace(1)),
        (0x47, Protocol::Replace(7)),
        (0x49, Protocol::Reserved(0x49)),
        (0x5F, Protocol::ReturnCall),
        (0x7F, Protocol::SimDataDownload),
        (0x80, Protocol::Reserved(0x80)),
        (0xFF, Protocol::ServiceCentreSpecific(0x3F)),
    ] {
        assert_eq!(ProtocolId(octet).protocol(), protocol, "{octet:02X}");
    }
}
