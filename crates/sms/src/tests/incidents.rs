//! Mistakes that other implementations made, one test per kind: lengths of the wire used without
//! holding them against what is there and what may be there, and reserved bits taken at face
//! value.

use alloc::{vec, vec::Vec};

use super::hex;
use crate::{
    AtPdu, MobileOriginated, MobileTerminated, Rp, Tpdu, TpduError, TpduErrorKind, testkit,
};

/// One TPDU of each kind up to its TP-UDL or TP-CDL, for septets and for octets.
fn openings() -> Vec<(Vec<u8>, Direction, Rp, bool)> {
    let mut openings = Vec::new();
    for (coding, septets) in [("00", true), ("04", false), ("08", false), ("20", false)] {
        for header in [0x00, 0x40] {
            let mut add = |text: &str, direction, rp| {
                let mut octets = hex(&text.replace("DCS", coding));
                octets[0] |= header;
                openings.push((octets, direction, rp, septets));
            };
            use Direction::{Originated, Terminated};
            add("04 02 81 21 00 DCS 20806291731408", Terminated, Rp::Data);
            add("01 00 02 81 21 00 DCS", Originated, Rp::Data);
            add("00 06 DCS", Originated, Rp::Ack);
            add("00 D3 06 DCS", Originated, Rp::Error);
            add("01 06 20806291731408 DCS", Terminated, Rp::Ack);
            add("01 C0 06 20806291731408 DCS", Terminated, Rp::Error);
            add("06 00 02 81 21 20806291731408 20806291731408 00 06 DCS", Terminated, Rp::Data);
        }
    }
    openings
}

#[derive(Clone, Copy, Debug)]
enum Direction {
    Terminated,
    Originated,
}

impl Direction {
    fn parse(self, octets: &[u8], rp: Rp) -> Result<(), TpduError> {
        match self {
            Self::Terminated => MobileTerminated::parse(octets, rp).map(drop),
            Self::Originated => MobileOriginated::parse(octets, rp).map(drop),
        }
    }
}

/// CVE-2023-4232, -4234, -4235 (and the same in every sibling): a TP-UDL larger than the field,
/// or than what follows it.
#[test]
fn every_user_data_length_of_every_type_is_held_against_both_limits() {
    for (opening, direction, rp, septets) in openings() {
        let has_header = opening[0] & 0x40 != 0;
        for udl in 0..=255_usize {
            let limit = if septets { 160 } else { 140 };
            let needed = if septets { (udl * 7).div_ceil(8) } else { udl };
            for there in [0, 1, needed.saturating_sub(1), needed, needed + 1, 300] {
                let mut octets = opening.clone();
                octets.push(u8::try_from(udl).unwrap());
                let at_data = octets.len();
                octets.extend(vec![0; there]);
                let result = direction.parse(&octets, rp);
                let expected = match udl {
                    _ if udl > limit => Some(at_data - 1),
                    _ if there < needed => Some(at_data),
                    // UDHL 0 is a header of one octet, which an empty field has not.
                    0 if has_header => Some(at_data),
                    1 if has_header && septets => Some(at_data),
                    _ if there > needed => Some(at_data + needed),
                    _ => None,
                };
                let found = result.clone().err().map(|error| error.at);
                assert_eq!(found, expected, "{direction:?} {rp:?} UDL {udl}, {there}: {result:?}");
            }
        }
    }
}

/// CVE-2024-7547: TP-CDL larger than the command data.
#[test]
fn every_command_length_is_held_against_both_limits() {
    for length in 0..=255_usize {
        for there in [0, length.saturating_sub(1), length, length + 1] {
            let mut octets = hex("02 00 00 00 00 00 81");
            octets.push(u8::try_from(length).unwrap());
            octets.extend(vec![0; there]);
            let found = MobileOriginated::parse(&octets, Rp::Data).err();
            let expected = match length {
                158.. => Some(7),
                _ if there < length => Some(8),
                // A TPDU has 164 octets.
                157 => Some(164),
                _ if there > length => Some(8 + length),
                _ => None,
            };
            assert_eq!(found.clone().map(|e| e.at), expected, "{length} {there}: {found:?}");
        }
    }
}

/// CVE-2023-4233: an address longer than twenty digits, in each place where one stands.
#[test]
fn every_address_length_is_held_against_both_limits() {
    let openings = [
        ("04", "00 00 20806291731408 00", Direction::Terminated),
        ("06 00", "20806291731408 20806291731408 00", Direction::Terminated),
        ("01 00", "00 00 00", Direction::Originated),
        ("02 00 00 00 00", "00", Direction::Originated),
    ];
    for (before, after, direction) in openings {
        for semi_octets in 0..=255_usize {
            let mut octets = hex(before);
            let at = octets.len();
            octets.extend([u8::try_from(semi_octets).unwrap(), 0x81]);
            octets.extend(vec![0x11; semi_octets.div_ceil(2)]);
            octets.extend(hex(after));
            let result = direction.parse(&octets, Rp::Data);
            match semi_octets {
                0..=20 => assert_eq!(result, Ok(())),
                _ => {
                    let error = result.unwrap_err();
                    assert_eq!(error.at, at);
                    assert!(matches!(error.kind, TpduErrorKind::AddressLength { .. }));
                }
            }
        }
    }
}

/// Invalid reads in user data headers: a TP-UDHL larger than the user data.
#[test]
fn a_header_never_reaches_beyond_its_user_data() {
    // Eleven septets are ten octets but three bits: a header of ten does not fit.
    for (coding, udl, octets, most) in [("04", 10, 10, 10), ("00", 11, 10, 9), ("08", 10, 10, 10)] {
        for udhl in 0..=255_u8 {
            let mut tpdu = hex(&alloc::format!("41 00 02 81 21 00 {coding} {udl:02X}"));
            tpdu.push(udhl);
            tpdu.extend(vec![0; octets - 1]);
            let result = MobileOriginated::parse(&tpdu, Rp::Data);
            if udhl < most {
                let Ok(MobileOriginated::Submit(submit)) = result else {
                    panic!("{coding} {udhl}: {result:?}");
                };
                assert_eq!(submit.user_data.payload().len(), 9 - usize::from(udhl));
                assert!(submit.user_data.text().is_ok() || coding != "00");
            } else {
                let kind =
                    TpduErrorKind::HeaderLength { header: usize::from(udhl) + 1, left: octets };
                assert_eq!(result, Err(TpduError { at: 8, kind }));
            }
        }
    }
}

/// A TP-PI above 7 made a reader skip what was not there. Reserved bits are ignored, and what
/// they announce is discarded; an extension is read as far as there are octets.
#[test]
fn reserved_bits_of_the_parameter_indicator_lead_nowhere() {
    for indicator in 0..=255_u8 {
        let report = [0x00, indicator];
        let result = MobileOriginated::parse(&report, Rp::Ack);
        let expected = match indicator {
            0x80.. => Err(2),
            _ if indicator & 0x07 != 0 => Err(2),
            _ => Ok(()),
        };
        assert_eq!(result.map(drop).map_err(|error| error.at), expected, "{indicator:02X}");
    }
    let discarded = hex("00 08 AA BB CC");
    assert!(MobileOriginated::parse(&discarded, Rp::Ack).is_ok());
    let trailing = MobileOriginated::parse(&hex("00 00 AA BB CC"), Rp::Ack).unwrap_err();
    assert_eq!(trailing.kind, TpduErrorKind::Trailing { count: 3 });
    let extended = MobileOriginated::parse(&hex("00 81 80 00 7F"), Rp::Ack).unwrap();
    let MobileOriginated::DeliverReport(report) = extended else {
        panic!("{extended:?}");
    };
    assert_eq!(report.parameters.protocol().unwrap().0, 0x7F);
    assert_eq!(MobileOriginated::parse(&[0x00, 0xFF, 0xFF, 0xFF], Rp::Ack).unwrap_err().at, 4);
}

/// Reserved bits of the first octet are ignored.
#[test]
fn reserved_bits_of_the_first_octet_change_nothing() {
    let plain = hex("04 02 81 21 00 00 20806291731408 00");
    let mut reserved = plain.clone();
    reserved[0] |= 0x10;
    assert_eq!(
        MobileTerminated::parse(&plain, Rp::Data),
        MobileTerminated::parse(&reserved, Rp::Data)
    );
}

/// A PDU that lost an octet on a noisy line is never half a message.
#[test]
fn a_shortened_line_is_never_a_message() {
    let line = b"07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07";
    for cut in 0..line.len() {
        let mut shorter = line.to_vec();
        shorter.remove(cut);
        let result = AtPdu::<MobileTerminated>::parse_hex(&shorter, Some(30), Rp::Data);
        assert!(result.is_err(), "without digit {cut}");
        let result = AtPdu::<MobileTerminated>::parse_hex(&line[..cut], Some(30), Rp::Data);
        assert!(result.is_err(), "the first {cut} digits");
    }
}

/// All 256 first octets over zeros and ones: no panic, and a position within the input.
#[test]
fn every_first_octet_is_survived() {
    for first in 0..=255_u8 {
        for filler in [0x00, 0x01, 0x7F, 0x80, 0x91, 0xFF] {
            for length in [0, 1, 7, 20, 40, 164, 200] {
                let mut octets = vec![filler; length];
                if let Some(octet) = octets.first_mut() {
                    *octet = first;
                }
                testkit::fuzz_sms_pdu(&octets);
            }
        }
    }
}
