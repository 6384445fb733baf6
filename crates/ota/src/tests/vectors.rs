//! Every case of the vector files; their `source` keys say where they are from.

use std::format;
use std::vec::Vec;

use polysim_sms::{Deliver, MobileTerminated, Reference, Rp, Tpdu};
use serde_json::Value;

use super::{counter, hex, version};
use crate::script::{CompactResponse, CompactScript, Management};
use crate::sms::{self, PacketKind};
use crate::*;

fn file(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} of {value}"))
}

fn octets(value: &Value, key: &str) -> Vec<u8> {
    hex(text(value, key))
}

fn tar(value: &Value) -> Tar {
    Tar(octets(value, "tar").try_into().unwrap())
}

fn spi(value: &Value) -> Spi {
    Spi::parse(octets(value, "spi_hex").try_into().unwrap()).unwrap()
}

fn vector_key(name: &str, bytes: &[u8]) -> Key {
    let algorithm = match (name, bytes.len()) {
        ("triple_des_cbc2", 16) => Algorithm::TripleDes2,
        ("aes_cbc" | "aes_cmac", 16) => Algorithm::Aes128,
        ("aes_cbc" | "aes_cmac", 24) => Algorithm::Aes192,
        other => panic!("{other:?}"),
    };
    Key::new(algorithm, bytes).unwrap()
}

fn key_set(case: &Value) -> KeySet {
    let set = &case["keyset"];
    let index = set["kic_idx"].as_u64().unwrap_or(1);
    assert_eq!(index, set["kid_idx"].as_u64().unwrap_or(1));
    KeySet::new(
        version(index.try_into().unwrap()),
        vector_key(text(set, "algo_crypt"), &octets(set, "kic")),
        vector_key(text(set, "algo_auth"), &octets(set, "kid")),
    )
}

fn header(case: &Value, keys: &KeySet) -> CommandHeader {
    CommandHeader {
        spi: spi(case),
        kic: Kic::new(keys.version(), keys.kic().algorithm().into()),
        kid: Kid::new(keys.version(), keys.kid().algorithm().into()),
        tar: tar(case),
    }
}

#[test]
fn command_packets() {
    let file = file(include_str!("../../../../tests/vectors/ota_scp80.json"));
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 17);
    for case in cases {
        let name = text(case, "name");
        let keys = key_set(case);
        let (header, cntr) = (header(case, &keys), counter(case["cntr"].as_u64().unwrap()));
        let protection = Protection::of_command(&header, Some(&keys)).unwrap();
        let data = octets(case, "apdus");

        let packet = seal_command(&header, cntr, &data, &protection).unwrap();
        // pySim leaves CPL out of packets that are not ciphered, though its checksum covers it.
        let skipped = if case["has_cpl"] == true { 0 } else { 2 };
        assert_eq!(packet[skipped..], octets(case, "secured_packet"), "{name}");

        let view = CommandPacket::parse(&packet).unwrap();
        assert_eq!(view.header(), &header, "{name}");
        let opened = view.open(&protection).unwrap();
        assert_eq!((opened.counter, &opened.data), (cntr, &data), "{name}");

        message(case, &packet);
        script(&data);
        judged(case, &keys, header, cntr);
        received(case, keys, &packet, &data);
    }
    let answered = cases.iter().filter(|case| case["response"].is_object()).count();
    assert_eq!(answered, 2);
}

/// The message around a packet, both ways.
fn message(case: &Value, packet: &[u8]) {
    let tpdu = octets(case, "sms_deliver_tpdu");
    let MobileTerminated::Deliver(message) = Tpdu::parse(&tpdu, Rp::Data).unwrap() else {
        panic!("{case}");
    };
    assert_eq!(PacketKind::of(&message.user_data), Some(PacketKind::Command));
    assert_eq!(message.user_data.payload(), packet);
    let Deliver { originator, timestamp, .. } = message;
    let mut made = sms::deliver(packet, originator, timestamp, Reference::Eight(0)).unwrap();
    made[0].more_messages = true;
    assert_eq!((made.len(), &made[0]), (1, &message));
    assert_eq!(MobileTerminated::Deliver(made.remove(0)).to_octets(), tpdu);
}

/// The script in a packet, taken apart and put together again.
fn script(data: &[u8]) {
    let mut again = CompactScript::new();
    for command in CompactScript::commands(data, Management::Files) {
        again.push(&command.unwrap()).unwrap();
    }
    assert_eq!(again.octets(), data);
}

/// The answer of a real card, where there is one.
fn judged(case: &Value, keys: &KeySet, header: CommandHeader, cntr: Counter) {
    let response = &case["response"];
    if response.is_null() {
        return;
    }
    let packet = octets(response, "encoded_resp");
    let (announced, packet) = packet.split_at(3);
    assert_eq!(announced, [0x02, 0x71, 0x00]);
    let expected = Sender::new(keys.clone(), cntr).expect(header, cntr);
    let Ok(Answer::Proof(proof)) = expected.judge(packet) else { panic!("{case}") };
    assert_eq!((proof.status, text(response, "response_status")), (StatusCode::Ok, "por_ok"));
    let answer = CompactResponse::parse(&proof.data).unwrap();
    assert_eq!(u64::from(answer.executed), response["number_of_commands"].as_u64().unwrap());
    let word = format!("{:04x}", u16::from(answer.status));
    assert_eq!(word, text(response, "last_status_word"));
    assert_eq!(answer.data, octets(response, "last_response_data"));

    let protection = Protection::of_proof(&header, Some(keys)).unwrap();
    assert_eq!(proof.seal(&protection).unwrap(), packet);
}

/// A card takes what it can believe, whatever little its application asks for.
fn received(case: &Value, keys: KeySet, packet: &[u8], data: &[u8]) {
    let spi = spi(case);
    let last = case["cntr"].as_u64().unwrap().saturating_sub(1);
    let mut card = Receiver::new();
    card.install_keys(keys, counter(last));
    card.register(tar(case), MinimumSecurity::NONE).unwrap();
    match card.check(packet) {
        Ok(pending) => assert_eq!(pending.commit().data(), data),
        Err(refusal) => {
            assert_eq!(refusal.reason, RefusalReason::ProofUnauthenticated, "{case}");
            assert!(spi.integrity < Integrity::Checksum && spi.proof.needs_key(), "{case}");
        }
    }
}

#[test]
fn response_packets() {
    let file = file(include_str!("../../../../tests/vectors/ota_por.json"));
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 33);
    for case in cases {
        let name = text(case, "name");
        let keys = key_set(case);
        let header = header(case, &keys);
        let protection = Protection::of_proof(&header, Some(&keys)).unwrap();
        let status = case["response_status"].as_u64().unwrap();
        let response = Response {
            tar: header.tar,
            counter: counter(case["cntr"].as_u64().unwrap()),
            status: StatusCode::from_octet(status.try_into().unwrap()),
            data: octets(case, "secured_data"),
        };
        let packet = octets(case, "response_packet_with_udh");
        assert_eq!(packet[..3], [0x02, 0x71, 0x00]);
        assert_eq!(response.seal(&protection).unwrap(), packet[3..], "{name}");
        let view = ResponsePacket::parse(&packet[3..]).unwrap();
        assert_eq!(view.open(&protection), Ok(response.clone()), "{name}");

        let expected = Sender::new(keys, response.counter).expect(header, response.counter);
        assert_eq!(expected.judge(&packet[3..]), Ok(Answer::Proof(response)), "{name}");
    }
}

/// What came of each packet of the transcript: nothing of the first two, whose answers are those
/// of the other card; that one answers every failure with `6200`.
#[test]
fn transcript() {
    let file = file(include_str!("../../../../tests/vectors/ota_transcript.json"));
    let entries = file["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 9);
    let kic = Key::new(Algorithm::TripleDes2, &hex("00112233445566778899aabbccddeeff")).unwrap();
    let kid = Key::new(Algorithm::TripleDes2, &hex("0123456789abcdef0123456701234567")).unwrap();
    let keys = KeySet::new(version(3), kic, kid);
    let mut card = Receiver::new();
    card.install_keys(keys.clone(), Counter::ZERO);
    let files = Tar([0xB0, 0x00, 0x11]);
    let minimum = MinimumSecurity { ciphered: false, ..MinimumSecurity::FULL };
    card.register(files, minimum).unwrap();

    let mut becomes = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let envelope = octets(entry, "c");
        let Some(at) = envelope.windows(3).position(|window| window == [0x02, 0x70, 0x00]) else {
            continue;
        };
        let packet = &envelope[at + 3..];
        match card.check(packet) {
            Err(refusal) => becomes.push(Some((refusal.reason, proof(&refusal, &keys)))),
            Ok(pending) => {
                let command = pending.commit();
                let answer = octets(&entries[index + 1], "r");
                let answer = &answer[3..answer.len() - 2];
                let sender = Sender::new(keys.clone(), Counter::ZERO);
                let expected = sender.expect(*command.header(), command.counter());
                let Ok(Answer::Proof(response)) = expected.judge(answer) else { panic!() };
                let made = command.prove(response.status, &response.data).unwrap().unwrap();
                assert_eq!(
                    (made.packet.as_slice(), made.route),
                    (answer, ProofRoute::DeliverReport)
                );
                becomes.push(None);
            }
        }
    }
    let low = CounterRefusal::Low { stored: counter(2), got: counter(2) };
    let unknown = RefusalReason::UnknownTar { tar: Tar([0xB0, 0xFF, 0xFF]) };
    let weak = RefusalReason::MinimumSecurity { minimum };
    let expected = [
        None,
        None,
        Some((RefusalReason::Counter(low), StatusCode::CounterLow)),
        Some((RefusalReason::Open(OpenError::Check), StatusCode::CheckFailed)),
        Some((unknown, StatusCode::TarUnknown)),
        Some((weak, StatusCode::InsufficientSecurity)),
    ];
    assert_eq!(becomes, expected);
    assert_eq!(card.counter(version(3)), Some(counter(2)));
}

/// The status in a refusal: signed where the checksum held, else in clear.
fn proof(refusal: &Refusal, keys: &KeySet) -> StatusCode {
    let packet = &refusal.proof.as_ref().unwrap().packet;
    let view = ResponsePacket::parse(packet).unwrap();
    if let RefusalReason::Counter(_) = refusal.reason {
        let spi = Spi::parse([0x16, 0x19]).unwrap();
        let header = Sender::new(keys.clone(), Counter::ZERO).header(view.tar(), spi);
        let protection = Protection::of_proof(&header, Some(keys)).unwrap();
        return view.open(&protection).unwrap().status;
    }
    view.open(&Protection::NONE).unwrap().status
}
