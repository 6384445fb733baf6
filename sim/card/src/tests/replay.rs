//! What a shell of a reader project sent to a card, sent to ours.

use polysim_apdu::T0Exchange;
use polysim_base::Instant;
use serde_json::Value;

use crate::testkit::card;
use crate::tests::hex;
use crate::{Card, PinConfig, T0Interface};

const TRANSCRIPT: &str = include_str!("../../../../tests/vectors/pysim_shell_transcript.json");

const TRACE: &str = include_str!("../../../../tests/vectors/apdu_real_trace.json");

/// Where our card differs from the recorded one on purpose: the command, what ours answers, why.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    (
        "00a4040410a0000005591010ffffffff8900000100",
        "6a82",
        "an unknown AID is no file, not no data",
    ),
    (
        "00a4040410a0000005591010ffffffff8900000200",
        "6a82",
        "an unknown AID is no file, not no data",
    ),
    ("00a4040408a000000003000000", "6a82", "an unknown AID is no file, not no data"),
    ("00a4040409a00000015141434c00", "6a82", "an unknown AID is no file, not no data"),
    ("00a4040407a000000087100a", "6a82", "an unknown AID is no file, not no data"),
    ("00a4040407a000000087100b", "6a82", "an unknown AID is no file, not no data"),
    ("00a4040407a0000000871004", "61", "ours has an ISIM"),
    ("00a40004027f20", "61", "ours has DF.GSM"),
    ("0020000a0831323334ffffffff", "63c9", "ADM1 of ours is another"),
    ("00d6000009080910100000001032", "6982", "as ADM1 was not verified"),
    ("00d600000f0008010c2100000000001000000000", "6982", "as ADM1 was not verified"),
    ("00d600000f0008000c2100000000001000000000", "6982", "as ADM1 was not verified"),
    ("00a40004026f40", "61", "ours has EF.MSISDN"),
    ("0070000100", "9000", "ours has four logical channels"),
    ("0070800100", "9000", "ours has four logical channels"),
    ("002600010831323334ffffffff", "6985", "PIN 1 is disabled already"),
];

/// Files were not of the same length on the other card: GET RESPONSE and READ ask for what their
/// answers said, so these are asked for anew as a reader would.
fn with_length(tpdu: &[u8], waiting: Option<u8>, file_len: Option<u8>) -> Vec<u8> {
    let mut tpdu = tpdu.to_vec();
    match tpdu.as_slice() {
        [_, 0xC0, 0x00, 0x00, _] => tpdu[4] = waiting.unwrap_or(tpdu[4]),
        [_, 0xB0 | 0xB2, _, _, _] => tpdu[4] = file_len.unwrap_or(tpdu[4]),
        _ => {}
    }
    tpdu
}

/// Over a virtual reader, which passes on what it gets.
#[test]
fn a_shell_session_goes_through_a_virtual_reader() {
    replay(|card, tpdu, response| card.transmit(Instant::ZERO, tpdu, response), &[]);
}

/// Over T=0, where P3 `00` asks for exactly 256 bytes.
#[test]
fn a_shell_session_goes_through_t0() {
    let mut t0 = T0Interface::default();
    let status = ("80f2000000", "6c", "a reader repeats it with the length told");
    replay(|card, tpdu, response| t0.transmit(card, Instant::ZERO, tpdu, response), &[status]);
}

fn replay(
    mut exchange: impl FnMut(&mut Card, &[u8], &mut Vec<u8>),
    further: &[(&str, &str, &str)],
) {
    let transcript: Value = serde_json::from_str(TRANSCRIPT).unwrap();
    let mut card = card(PinConfig::default());
    let differences = [DIFFERENCES, further].concat();
    let (mut response, mut waiting, mut file_len) = (Vec::new(), None, None);
    let mut used = std::collections::BTreeSet::new();
    for entry in transcript["entries"].as_array().unwrap() {
        if entry["ctrl"].is_string() {
            assert_eq!(card.reset().unwrap().first(), Some(&0x3B));
            continue;
        }
        let (sent, theirs) = (entry["c"].as_str().unwrap(), entry["r"].as_str().unwrap());
        let tpdu = with_length(&hex(sent), waiting, file_len);
        exchange(&mut card, &tpdu, &mut response);
        let (data, [sw1, sw2]) = response.split_last_chunk::<2>().unwrap();
        waiting = (*sw1 == 0x61).then_some(*sw2);
        if data.first() == Some(&0x62) {
            file_len = length_of_file(data);
        }
        let ours = format!("{sw1:02x}{sw2:02x}");
        match differences.iter().find(|(command, ..)| *command == sent) {
            Some((_, expected, why)) => {
                assert!(ours.starts_with(expected), "{sent}: {ours} ({why})");
                used.insert(sent.to_owned());
            }
            None => {
                let their_class = &theirs[theirs.len() - 4..theirs.len() - 2];
                assert_eq!(&ours[..2], their_class, "{sent}: {ours}, they {theirs}");
            }
        }
    }
    assert_eq!(used.len(), differences.len(), "a difference that is none");
}

/// Length to read: of a record, else of the file.
fn length_of_file(fcp: &[u8]) -> Option<u8> {
    let fcp = polysim_apdu::Fcp::parse(fcp).unwrap();
    let record = fcp.descriptor.records.map(|records| u32::from(records.length));
    record.or(fcp.file_size).and_then(|len| u8::try_from(len).ok())
}

/// A modem's start over T=0, recorded beside a real card: ours knows every command, and where it
/// has the file it reads like any other.
#[test]
fn a_modem_gets_what_it_asks_for() {
    let trace: Value = serde_json::from_str(TRACE).unwrap();
    let (mut card, mut t0) = (card(PinConfig::default()), T0Interface::default());
    let (mut response, mut waiting, mut file_len) = (Vec::new(), None, None);
    let (mut selected, mut read) = (true, 0);
    for entry in trace["entries"].as_array().unwrap().iter().skip(1) {
        let text = entry["apdu_hex"].as_str().unwrap();
        let bytes = hex(text);
        let exchange = T0Exchange::parse(&bytes).unwrap();
        let sent = [&exchange.header.bytes(), &[exchange.p3][..], exchange.sent].concat();
        if !selected && sent[1] != 0xA4 {
            continue;
        }
        t0.transmit(
            &mut card,
            Instant::ZERO,
            &with_length(&sent, waiting, file_len),
            &mut response,
        );
        let (data, [sw1, sw2]) = response.split_last_chunk::<2>().unwrap();
        waiting = (*sw1 == 0x61).then_some(*sw2);
        if data.first() == Some(&0x62) {
            file_len = length_of_file(data);
        }
        match sent[1] {
            // What comes after concerns the file, so it must be there.
            0xA4 => selected = matches!(sw1, 0x61 | 0x90),
            // As long as the record of another card, and of as many records.
            0xA2 | 0xDC | 0xD6 => assert!(matches!(sw1, 0x61 | 0x62 | 0x67 | 0x90), "{text}"),
            0xB2 => {
                assert!(
                    matches!((sw1, sw2), (0x90, 0) | (0x6A, 0x83)),
                    "{text}: {sw1:02X}{sw2:02X}"
                );
                read += usize::from(*sw1 == 0x90);
            }
            0xB0 => {
                assert_eq!((*sw1, *sw2), (0x90, 0), "{text}");
                read += 1;
            }
            0xC0 | 0xF2 => assert!(matches!(sw1, 0x90 | 0x69 | 0x6C), "{text}: {sw1:02X}{sw2:02X}"),
            0x20 | 0x2C => assert_eq!(*sw1, 0x63, "{text}"),
            _ => assert_eq!(*sw1, 0x90, "{text}: {sw1:02X}{sw2:02X}"),
        }
    }
    assert!(read > 50, "{read} files and records read");
}
