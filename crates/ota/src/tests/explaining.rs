//! Packets taken apart for people.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::{TAR, aes_keys, counter, hex};
use crate::*;

fn sealed(spi: Spi) -> Sealed {
    Sender::new(aes_keys(1), counter(6)).seal(TAR, spi, b"script").unwrap()
}

fn lines(explanation: &Explanation) -> Vec<String> {
    let line = |field: &Field| format!("{} {}: {}", field.at, field.name, field.meaning);
    explanation.fields.iter().map(line).collect()
}

#[test]
fn a_command_is_explained_without_keys_as_far_as_it_is_clear() {
    let packet = sealed(Spi::FULL).packet;
    let explanation = CommandPacket::parse(&packet).unwrap().explain(None);
    assert_eq!(
        lines(&explanation),
        [
            "0 CPL: 40 octets follow",
            "2 CHL: 21 octets of header, 8 of them the check",
            "3 SPI: checksum (CC), ciphered, counter must be higher; proof of receipt by \
             DELIVER-REPORT (checksum (CC), ciphered)",
            "5 KIc: key set 1, AES",
            "6 KID: key set 1, AES",
            "7 TAR: files of the SIM or USIM (RFM)",
            "10 ciphered: 32 octets: counter, padding, check, data",
        ]
    );
    assert_eq!((explanation.verdict, explanation.data()), (Verdict::Unchecked, None));
}

#[test]
fn a_command_is_explained_to_its_end_with_keys() {
    let packet = sealed(Spi::FULL).packet;
    let explanation = CommandPacket::parse(&packet).unwrap().explain(Some(&aes_keys(1)));
    assert_eq!(
        lines(&explanation)[6..],
        [
            "10 CNTR: counter 7",
            "15 PCNTR: 12 octets of padding",
            "16 CC: it holds",
            "24 data: 6 octets",
            "30 padding: 12 octets",
        ]
    );
    assert_eq!(explanation.verdict, Verdict::Opened);
    assert_eq!(explanation.data(), Some(&b"script"[..]));
}

#[test]
fn other_keys_and_changed_packets_open_nothing() {
    let mut packet = sealed(Spi::FULL).packet;
    let other = CommandPacket::parse(&packet).unwrap().explain(Some(&aes_keys(2)));
    assert!(matches!(other.verdict, Verdict::Keys(_)), "{:?}", other.verdict);
    assert_eq!(other.data(), None);
    *packet.last_mut().unwrap() ^= 1;
    let changed = CommandPacket::parse(&packet).unwrap().explain(Some(&aes_keys(1)));
    assert_eq!(changed.verdict, Verdict::Refused(OpenError::Check));
    assert_eq!(changed.data(), None);
}

#[test]
fn a_check_in_clear_that_fails_is_said_to_fail() {
    let spi = Spi { ciphered: false, ..Spi::FULL };
    let mut packet = sealed(spi).packet;
    *packet.last_mut().unwrap() ^= 1;
    let view = CommandPacket::parse(&packet).unwrap();
    assert!(lines(&view.explain(None)).contains(&"16 CC: not checked: no keys".into()));
    let explanation = view.explain(Some(&aes_keys(1)));
    assert!(lines(&explanation).contains(&"16 CC: it does not hold".into()));
    assert_eq!(explanation.verdict, Verdict::Refused(OpenError::Check));
}

#[test]
fn a_response_is_explained_as_it_was_asked_for() {
    let sealed = sealed(Spi::FULL);
    let header = *sealed.expected.header();
    let keys = aes_keys(1);
    let protection = Protection::of_proof(&header, Some(&keys)).unwrap();
    let response =
        Response { tar: TAR, counter: counter(7), status: StatusCode::Ok, data: hex("029000") };
    let packet = response.seal(&protection).unwrap();
    let explanation = ResponsePacket::parse(&packet).unwrap().explain(Some(&protection));
    assert_eq!(
        lines(&explanation)[2..],
        [
            "3 TAR: files of the SIM or USIM (RFM)",
            "6 CNTR: counter 7",
            "11 PCNTR: 14 octets of padding",
            "12 status: done",
            "13 CC: it holds",
            "21 data: 3 octets",
            "24 padding: 14 octets",
        ]
    );
    let clear = Response { status: StatusCode::TarUnknown, data: Vec::new(), ..response };
    let packet = clear.seal(&Protection::NONE).unwrap();
    let explanation = ResponsePacket::parse(&packet).unwrap().explain(None);
    assert!(lines(&explanation).contains(&"12 status: no application has this TAR".into()));
}

#[test]
fn a_response_that_makes_no_sense_in_clear_is_taken_for_ciphered() {
    let packet = hex("001C12B000118BB989492C632529326A2F4681FEB37C825BC9021C9F6D0B");
    let explanation = ResponsePacket::parse(&packet).unwrap().explain(None);
    assert_eq!((explanation.fields.len(), explanation.data()), (4, None));
    assert_eq!(lines(&explanation)[3], "6 ciphered: 24 octets: counter, padding, check, data");
}

#[test]
fn the_contents_of_fields_are_not_in_their_debug_form() {
    let packet = sealed(Spi::FULL).packet;
    let explanation = CommandPacket::parse(&packet).unwrap().explain(Some(&aes_keys(1)));
    let text = format!("{explanation:?}");
    assert!(text.contains("data at 24, 6 octets"), "{text}");
    let secret = format!("{:?}", b"script");
    assert!(!text.contains(&secret[1..secret.len() - 1]), "{text}");
}
