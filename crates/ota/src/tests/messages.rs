//! Packets in messages.

use std::vec::Vec;

use polysim_base::Instant;
use polysim_sms::{
    Accepted, Address, DataCoding, MobileOriginated, Part, Reassembler, Reference, Rp, Timestamp,
    Tpdu,
};

use super::hex;
use crate::sms::{self, CarryError, DELIVER_REPORT_OCTETS_MAX, PacketKind};

fn number() -> Address {
    Address::parse_dialled("12345678").unwrap()
}

fn timestamp() -> Timestamp {
    Timestamp::from_octets([0x22, 0x70, 0x52, 0, 0, 0, 0])
}

fn packet(len: usize) -> Vec<u8> {
    (0..=255).cycle().take(len).collect()
}

#[test]
fn the_first_message_announces_the_packet() {
    let deliver = |len| {
        let reference = Reference::Eight(0xAB);
        sms::deliver(&packet(len), number(), timestamp(), reference).unwrap()
    };
    let one = deliver(137);
    assert_eq!(one.len(), 1);
    assert_eq!(one[0].user_data.octets()[..3], hex("027000"));
    assert_eq!((one[0].protocol.0, one[0].user_data.coding().0), (0x7F, 0xF6));
    let two = deliver(138);
    assert_eq!(two.len(), 2);
    assert_eq!(two[0].user_data.octets()[..8], hex("070003AB02017000"));
    assert_eq!(two[1].user_data.octets()[..6], hex("050003AB0202"));
    assert_eq!((two[0].user_data.length(), two[1].user_data.length()), (140, 12));
    assert_eq!(PacketKind::of(&two[0].user_data), Some(PacketKind::Command));
    assert_eq!(PacketKind::of(&two[1].user_data), None);
}

#[test]
fn a_packet_comes_whole_out_of_messages_in_any_order() {
    for len in [0, 1, 137, 138, 132, 133, 266, 267, 5_000] {
        let mut parts =
            sms::deliver(&packet(len), number(), timestamp(), Reference::Sixteen(0x1234)).unwrap();
        parts.reverse();
        let count = parts.len();
        let mut reassembler = Reassembler::default();
        for (index, part) in parts.into_iter().enumerate() {
            match reassembler.accept(Instant::ZERO, Part::new(part, ())).unwrap() {
                Accepted::Complete(whole) => {
                    assert_eq!(index + 1, count);
                    assert_eq!(sms::carried(&whole), Some((PacketKind::Command, packet(len))));
                }
                Accepted::Pending { .. } => assert!(index + 1 < count),
                Accepted::Duplicate(_) => panic!("{len}"),
            }
        }
    }
}

#[test]
fn what_needs_more_than_255_messages_is_refused() {
    let reference = Reference::Eight(0);
    let most = 132 + 254 * 134;
    let carry = |len| PacketKind::Response.carry(&packet(len), DataCoding::OTA, reference);
    assert_eq!(carry(most).unwrap().len(), 255);
    let error = CarryError::TooManyParts { needed: 256, limit: 255 };
    assert_eq!(carry(most + 1), Err(error));
    let septets = PacketKind::Command.carry(b"x", DataCoding::GSM7, reference);
    assert!(matches!(septets, Err(CarryError::UserData(_))));
}

#[test]
fn a_proof_fits_a_report_or_travels_by_submit() {
    let most = DELIVER_REPORT_OCTETS_MAX - 3;
    let report = sms::deliver_report(&packet(most)).unwrap();
    let user_data = report.parameters.user_data().unwrap();
    assert_eq!(user_data.octets()[..3], hex("027100"));
    assert_eq!(PacketKind::of(user_data), Some(PacketKind::Response));
    let octets = MobileOriginated::DeliverReport(report.clone()).to_octets();
    let parsed = MobileOriginated::parse(&octets, Rp::Ack);
    assert_eq!(parsed, Ok(MobileOriginated::DeliverReport(report)));
    let error = CarryError::ReportTooLong { octets: 129, limit: DELIVER_REPORT_OCTETS_MAX };
    assert_eq!(sms::deliver_report(&packet(most + 1)), Err(error));

    let submits = sms::submit(&packet(most + 20), number(), Reference::Eight(1)).unwrap();
    assert_eq!(submits.len(), 2);
    assert_eq!(PacketKind::of(&submits[0].user_data), Some(PacketKind::Response));
}

#[test]
fn other_messages_carry_no_packet() {
    let text = polysim_sms::UserData::from_text("hello").unwrap();
    assert_eq!(PacketKind::of(&text), None);
    let part = Part { originator: number(), timestamp: timestamp(), user_data: text, tag: () };
    let accepted = Reassembler::default().accept(Instant::ZERO, part).unwrap();
    let Accepted::Complete(whole) = accepted else { panic!() };
    assert_eq!(sms::carried(&whole), None);
}
