use super::apdu::{AppletState, Progress, StoredPair};
use super::stream::{CardUnit, STREAM_PACKET_MAX, take_packet};
use super::*;
use crate::testkit::fuzz_issuance_wire;
use crate::{KeyChoice, KeyIndex, Subscription, SubscriptionKey};
use polysim_aka::{Key, Milenage, Opc};
use polysim_base::{Eid, Iccid, Imei, Imsi, Msisdn};
use polysim_ota::sms::PacketKind;
use polysim_ota::{Algorithm, Counter, KeySet, KeyVersion, Sender, Tar};
use polysim_sms::{DataCoding, Reference};
use proptest::prelude::*;
use std::format;
use std::path::Path;
use std::string::String;
use std::vec::Vec;

fn eid() -> impl Strategy<Value = Eid> {
    "[0-9]{30}".prop_map(|digits| Eid::with_check_digits(&digits).unwrap())
}

fn imei() -> impl Strategy<Value = Imei> {
    "[0-9]{14}".prop_map(|digits| Imei::parse(&digits).unwrap())
}

fn imsi() -> impl Strategy<Value = Imsi> {
    "[0-9]{6,15}".prop_map(|digits| Imsi::parse(&digits).unwrap())
}

fn msisdn() -> impl Strategy<Value = Msisdn> {
    "[1-9][0-9]{2,14}".prop_map(|digits| Msisdn::parse(&digits).unwrap())
}

fn key() -> impl Strategy<Value = KeyChoice> {
    prop_oneof![
        any::<u8>().prop_map(|index| KeyChoice::Preloaded(KeyIndex(index))),
        any::<([u8; 16], [u8; 16])>().prop_map(|(k, opc)| {
            let milenage = Milenage::new(Key::from(k), Opc::from(opc));
            KeyChoice::Carried(SubscriptionKey::Milenage(milenage))
        }),
    ]
}

fn subscription() -> impl Strategy<Value = Subscription> {
    let numbers = (prop::option::of(msisdn()), prop::option::of(msisdn()));
    (imsi(), 2_u8..=3, numbers, key()).prop_map(|(imsi, mnc_len, (msisdn, centre), key)| {
        Subscription { imsi, mnc_len, msisdn, centre, key }
    })
}

fn applet_message() -> impl Strategy<Value = AppletMessage> {
    let reason = prop_oneof![Just(NotBound::ImeiTaken), Just(NotBound::CardMoved)];
    prop_oneof![
        imei().prop_map(|imei| AppletMessage::Bound { imei }),
        (imei(), reason).prop_map(|(imei, reason)| AppletMessage::NotBound { imei, reason }),
        (any::<u32>(), eid(), subscription()).prop_map(|(order, eid, subscription)| {
            AppletMessage::Write { order: OrderId(order), eid, subscription }
        }),
        any::<u32>().prop_map(|order| AppletMessage::Noted { order: OrderId(order) }),
    ]
}

fn card_message() -> impl Strategy<Value = CardMessage> {
    let iccid = "[0-9]{18,20}".prop_map(|digits| Iccid::parse(&digits).unwrap());
    let report = prop_oneof![
        (imei(), iccid, prop::option::of(imsi()))
            .prop_map(|(imei, iccid, imsi)| CardReport::Bind { imei, iccid, imsi }),
        (any::<u32>(), imsi())
            .prop_map(|(order, imsi)| CardReport::Effective { order: OrderId(order), imsi }),
        (any::<u32>(), prop::option::of(imsi()))
            .prop_map(|(order, imsi)| CardReport::Reverted { order: OrderId(order), imsi }),
    ];
    (eid(), 0_u64..1 << 40, report).prop_map(|(eid, heard, report)| CardMessage {
        eid,
        heard: Counter::new(heard).unwrap(),
        report,
    })
}

fn frame() -> impl Strategy<Value = UplinkFrame> {
    (eid(), prop::collection::vec(any::<u8>(), 1..=121)).prop_map(|(eid, body)| {
        let len = u16::try_from(body.len()).unwrap().to_be_bytes();
        UplinkFrame { eid, packet: [&len[..], &body].concat() }
    })
}

fn sender() -> Sender {
    let key = |octet| polysim_ota::Key::new(Algorithm::Aes256, &[octet; 32]).unwrap();
    Sender::new(KeySet::new(KeyVersion::new(1).unwrap(), key(1), key(2)), Counter::ZERO)
}

const TAR: Tar = Tar([0xB0, 0x01, 0x02]);

proptest! {
    #[test]
    fn what_a_card_says_round_trips_and_fits_one_text(message in card_message()) {
        let octets = message.encode();
        prop_assert_eq!(CardMessage::parse(&octets), Ok(message.clone()));
        let packet = sender().seal(TAR, UPLINK_SPI, &octets).unwrap().packet;
        let frame = UplinkFrame { eid: message.eid, packet };
        prop_assert!(frame.encode().len() <= FRAME_LEN_MAX);
        prop_assert_eq!(UplinkFrame::parse(&frame.encode()), Ok(frame));
    }

    #[test]
    fn what_the_platform_says_round_trips_and_fits_one_text(message in applet_message()) {
        let octets = message.encode();
        prop_assert_eq!(AppletMessage::parse(&octets), Ok(message));
        let packet = sender().seal(TAR, polysim_ota::Spi::FULL, &octets).unwrap().packet;
        let texts = PacketKind::Command.carry(&packet, DataCoding::OTA, Reference::Eight(1));
        prop_assert_eq!(texts.unwrap().len(), 1);
    }

    #[test]
    fn answers_round_trip(outcome in 0_u8..8, imsi in prop::option::of(imsi())) {
        let outcome = [
            Outcome::Done, Outcome::DoneBefore, Outcome::AnotherCard, Outcome::NoSuchKey,
            Outcome::Malformed, Outcome::Busy, Outcome::WriteFailed, Outcome::AnotherDevice,
        ][usize::from(outcome)];
        let answer = AppletAnswer { outcome, imsi };
        prop_assert_eq!(AppletAnswer::parse(&answer.encode()), Ok(answer));
    }

    #[test]
    fn what_a_tool_reads_round_trips(
        frame in frame(), imei in imei(), bound: bool, imsi in prop::option::of(imsi()),
        order in prop::option::of((any::<u32>(), 0_usize..5)),
    ) {
        let progress = [
            Progress::Writing, Progress::Written, Progress::Trial, Progress::Effective,
            Progress::Reverted,
        ];
        let order = order.map(|(order, at)| (OrderId(order), progress[at]));
        let state = AppletState { bound, imsi, order };
        prop_assert_eq!(AppletState::parse(&state.encode()), Ok(state));
        let pair = StoredPair { imei, frame };
        prop_assert!(pair.encode().len() <= 256);
        prop_assert_eq!(StoredPair::parse(&pair.encode()), Ok(pair));
    }

    #[test]
    fn a_message_with_an_octet_less_or_more_is_refused(message in applet_message(), more: u8) {
        let mut octets = message.encode().to_vec();
        octets.push(more);
        prop_assert!(AppletMessage::parse(&octets).is_err());
        octets.pop();
        octets.pop();
        prop_assert!(AppletMessage::parse(&octets).is_err());
    }

    #[test]
    fn units_of_a_connection_come_out_as_they_went_in(
        frames in prop::collection::vec(frame(), 0..4),
        proofs in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..4),
    ) {
        let proofs = proofs.into_iter().map(|body| {
            let len = u16::try_from(body.len()).unwrap().to_be_bytes();
            CardUnit::Proof([&len[..], &body].concat())
        });
        let units: Vec<CardUnit> = frames.into_iter().map(CardUnit::Frame).chain(proofs).collect();
        let mut received: Vec<u8> = units.iter().flat_map(CardUnit::encode).collect();
        let mut taken = Vec::new();
        while let Some(unit) = CardUnit::take(&mut received).unwrap() {
            taken.push(unit);
        }
        prop_assert_eq!(taken, units);
        prop_assert!(received.is_empty());
    }

    #[test]
    fn no_octets_make_a_reader_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzz_issuance_wire(&octets);
    }

    #[test]
    fn no_changed_octet_makes_a_reader_panic(
        message in applet_message(), card in card_message(), at: prop::sample::Index, to: u8,
    ) {
        for octets in [message.encode().to_vec(), card.encode()] {
            let mut octets = octets;
            let at = at.index(octets.len());
            octets[at] = to;
            fuzz_issuance_wire(&octets);
        }
    }
}

#[test]
fn a_unit_above_the_limit_ends_a_connection() {
    let limit = STREAM_PACKET_MAX;
    let mut received = [0xB0, 0x00].to_vec();
    assert_eq!(take_packet(&mut received), Err(WireError::TooLong { len: 0xB002, limit }));
}

#[test]
fn debug_shows_no_subscription_key() {
    let milenage = Milenage::new(Key::from([0xAB; 16]), Opc::from([0xCD; 16]));
    let subscription = Subscription {
        imsi: Imsi::parse("001010000000123").unwrap(),
        mnc_len: 2,
        msisdn: None,
        centre: None,
        key: KeyChoice::Carried(SubscriptionKey::Milenage(milenage)),
    };
    let shown: String = format!("{subscription:?}").to_lowercase();
    assert!(!shown.contains("abab") && !shown.contains("171, 171"), "{shown}");
    assert!(!shown.contains("cdcd") && !shown.contains("205, 205"), "{shown}");
}

#[test]
fn the_octets_of_a_write_are_those_of_its_layout() {
    let message = AppletMessage::Write {
        order: OrderId(7),
        eid: Eid::parse("89049032123451234512345678901235").unwrap(),
        subscription: Subscription {
            imsi: Imsi::parse("001010000000123").unwrap(),
            mnc_len: 2,
            msisdn: Some(Msisdn::parse("+49170123456").unwrap()),
            centre: None,
            key: KeyChoice::Preloaded(KeyIndex(3)),
        },
    };
    let hex: String = message.encode().iter().map(|octet| format!("{octet:02X}")).collect();
    let expected = [
        "0113",
        "00000007",
        "89049032123451234512345678901235",
        "080910100000001032",
        "02",
        "9471103254F6FFFF",
        "FFFFFFFFFFFFFFFF",
        "0003",
    ];
    assert_eq!(hex, expected.concat());
}

#[test]
fn the_corpus_of_the_fuzz_target_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/issuance_wire");
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
    let seeds = files.iter().map(|file| std::fs::read(file.path()).unwrap());
    let readable = |octets: &Vec<u8>| {
        fuzz_issuance_wire(octets);
        UplinkFrame::parse(octets).is_ok()
            || CardMessage::parse(octets).is_ok()
            || AppletMessage::parse(octets).is_ok()
            || AppletAnswer::parse(octets).is_ok()
            || AppletState::parse(octets).is_ok()
            || StoredPair::parse(octets).is_ok()
    };
    let read = seeds.filter(readable).count();
    assert!(read >= 14, "{read} of {} seeds are read", files.len());
}
