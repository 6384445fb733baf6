//! Messages taken apart for people.

use super::hex;
use crate::*;
use std::{format, string::String, vec::Vec};

fn lines(explanation: &Explanation) -> Vec<String> {
    let line = |part: &Part| {
        format!("{} {}: {}", part.at, part.name, part.meaning.as_deref().unwrap_or("-"))
    };
    explanation.parts.iter().map(line).collect()
}

/// Objects in hexadecimal, blanks between them, in an outer one.
fn wrapped(outer: u8, objects: &str) -> Vec<u8> {
    let objects = hex(objects.replace(' ', ""));
    [&[outer, objects.len().try_into().unwrap()], &objects[..]].concat()
}

fn command(objects: &str) -> Explanation {
    ProactiveCommand::explain(&wrapped(0xD0, objects)).unwrap()
}

fn envelope(outer: u8, objects: &str) -> Explanation {
    Envelope::explain(&wrapped(outer, objects)).unwrap()
}

#[test]
fn a_command_says_who_asks_whom_what() {
    let said = command("8103012180 82028102 8D05044F70656E");
    assert_eq!(said.title, "proactive command DISPLAY TEXT");
    assert_eq!(
        lines(&said),
        [
            "2 command details: number 1, DISPLAY TEXT: Until the user clears it, not for a while",
            "7 device identities: from the card to the display",
            "11 text string: \"Open\"",
        ]
    );
    assert_eq!(said.flaw, None);
}

#[test]
fn a_channel_is_described_down_to_its_port() {
    let said = command(
        "8103014001 82028182 350103 39020578 470903696F740474657374 3C03021389 3E0521C0000201",
    );
    let lines = lines(&said);
    for expected in [
        "bearer description: The default bearer",
        "buffer size: 1400 octets",
        "network access name: \"iot.test\"",
        "transport level: TCP to a remote server, port 5001",
        "other address: 192.0.2.1",
    ] {
        assert!(lines.iter().any(|line| line.contains(expected)), "{expected}: {lines:?}");
    }
}

#[test]
fn a_response_says_how_it_went() {
    let said = TerminalResponse::explain(&hex("8103012601820282818301009408393510132547690A"));
    assert_eq!(said.title, "TERMINAL RESPONSE to PROVIDE LOCAL INFORMATION");
    assert_eq!(lines(&said)[2], "9 result: done");
    let busy = TerminalResponse::explain(&hex("8103011300820282818302 2004".replace(' ', "")));
    assert_eq!(lines(&busy)[2], "9 result: the terminal cannot now: No service");
}

#[test]
fn an_event_is_named_with_what_it_brings() {
    let said = envelope(0xD6, "990103 82028281 9B0100 930700F1100001000A");
    assert_eq!(said.title, "ENVELOPE, event download: Location status");
    assert_eq!(
        lines(&said)[2..],
        [
            "9 location status: Normal service",
            "12 location information: network 00101, area 0001, cell 000A",
        ]
    );
}

#[test]
fn numbers_of_several_meanings_are_named_where_they_stand() {
    let refresh = command("8103010104 82028182 BA0107");
    assert!(lines(&refresh)[2].contains("REFRESH enforcement policy"), "{refresh:?}");
    let event = envelope(0xD6, "99011D 82028281 1D0101 2A0101");
    assert_eq!(lines(&event)[2], "9 data connection status: It was rejected");
    assert_eq!(lines(&event)[3], "12 data connection type: A PDN connection");
}

#[test]
fn a_broken_message_is_explained_up_to_the_break() {
    let said = command("8103012180 82028102");
    assert_eq!(said.parts.len(), 2);
    let flaw = said.flaw.unwrap();
    assert_eq!(flaw.kind, CatErrorKind::Missing { object: tag::TEXT_STRING });
    let cut = TerminalResponse::explain(&hex("81030121808202"));
    assert_eq!((cut.parts.len(), cut.flaw.unwrap().at), (1, 5));
    assert!(ProactiveCommand::explain(&hex("D0")).is_err());
}

#[test]
fn a_profile_says_what_each_octet_allows() {
    let mut profile = TerminalProfile::of([Feature::DisplayText, Feature::Refresh]);
    profile.set_channels(5);
    assert_eq!(profile.explain(3), ["DISPLAY TEXT", "REFRESH"]);
    assert_eq!(profile.explain(13), ["5 channels"]);
    assert!(profile.explain(4).is_empty());
}

#[test]
fn impossible_values_are_said_to_be_so() {
    let said = envelope(0xD7, "82028281 240109 2503100000");
    assert_eq!(lines(&said)[1], "6 timer identifier: a reserved or impossible value");
}
