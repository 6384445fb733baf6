//! What a terminal said to another card, said to ours with the same keys.

use serde_json::Value;

use polysim_ota::{CommandPacket, Protection};

use super::*;

const TRANSCRIPT: &str = include_str!("../../../../../tests/vectors/ota_transcript.json");

/// What the terminal sent in ENVELOPEs, and the response packets it got, if any.
fn transcript() -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    let all: Value = serde_json::from_str(TRANSCRIPT).unwrap();
    let entry = |entry: &Value, side: &str| hex(entry[side].as_str().unwrap());
    let entries = all["entries"].as_array().unwrap();
    let mut exchanges = Vec::new();
    for (at, command) in entries.iter().map(|found| entry(found, "c")).enumerate() {
        if command[1] == 0xC2 {
            let fetched = entries.get(at + 1).filter(|next| entry(next, "c")[1] == 0xC0);
            exchanges.push((command, fetched.map(|next| packet_of(&entry(next, "r")))));
        }
    }
    exchanges
}

/// The command packet in an ENVELOPE of one message.
fn packet_in(apdu: &[u8]) -> Vec<u8> {
    let Message::SmsPpDownload(download) = Envelope::decode(&apdu[5..]).unwrap().message else {
        panic!()
    };
    let deliver = MobileTerminated::parse(download.tpdu.octets(), Rp::Data).unwrap();
    let MobileTerminated::Deliver(deliver) = deliver else { panic!() };
    deliver.user_data.payload().to_vec()
}

#[test]
fn a_recorded_session_is_believed_and_refused_as_the_standards_say() {
    let key = |octets: &str| Key::new(Algorithm::TripleDes2, &hex(octets)).unwrap();
    let keys = KeySet::new(
        version(3),
        key("00112233445566778899aabbccddeeff"),
        key("0123456789abcdef0123456701234567"),
    );
    let mut card = Card::new(config(OtaConfig::new(keys.clone(), Counter::ZERO)));
    card.power_on().unwrap();
    // The other card answers nothing but 6200 where it does not believe a packet.
    let refusals = [
        StatusCode::CounterLow,
        StatusCode::CheckFailed,
        StatusCode::TarUnknown,
        StatusCode::InsufficientSecurity,
    ];
    let mut refusals = refusals.into_iter();
    let server = Sender::new(keys.clone(), Counter::ZERO);
    for (apdu, recorded) in transcript() {
        let octets = packet_in(&apdu);
        let packet = CommandPacket::parse(&octets).unwrap();
        let header = *packet.header();
        let protection = Protection::of_command(&header, Some(&keys)).unwrap();
        let sent = packet.open(&protection);
        let counter = sent.as_ref().map_or(Counter::ZERO, |sent| sent.counter);
        let expected = server.expect(header, counter);
        let answer = exchange(&mut card, &apdu);
        let judged = |packet: &[u8]| match expected.judge(packet).unwrap() {
            Answer::Proof(proof) => (proof.status, proof.data),
            Answer::Hint(status) => (status, Vec::new()),
        };
        match recorded {
            Some(recorded) => assert_eq!(judged(&packet_of(&answer)), judged(&recorded)),
            None => {
                let status = refusals.next().unwrap();
                assert_eq!(judged(&packet_of(&answer)), (status, Vec::new()));
            }
        }
    }
    assert_eq!(refusals.next(), None);
}
