//! A peer that was written down octet by octet drives server and client through every message, every
//! result and every error.

use std::collections::BTreeSet;
use std::string::String;
use std::vec::Vec;

use polysim_base::Duration;

use super::transcript::{Play, Subject, Transcript, octets, read};
use crate::sap::{Client, ClientInput, Server, ServerInput};

const SERVER: &str = include_str!("server.txt");
const CLIENT: &str = include_str!("client.txt");

fn plays_all<S: Subject>(text: &str, piece: usize) {
    for transcript in read(text) {
        let mut play = Play::<S>::new();
        play.lines(&transcript, usize::MAX, piece);
        assert_eq!(play.heard, [""; 0], "{}: at the end", transcript.title);
    }
}

#[test]
fn the_server_says_what_is_written() {
    plays_all::<Server>(SERVER, usize::MAX);
}

#[test]
fn the_client_says_what_is_written() {
    plays_all::<Client>(CLIENT, usize::MAX);
}

#[test]
fn it_does_not_matter_how_the_stream_is_split() {
    for piece in [1, 2, 3, 5, 7, 11] {
        plays_all::<Server>(SERVER, piece);
        plays_all::<Client>(CLIENT, piece);
    }
}

#[test]
fn every_message_and_every_code_is_written_in_both_transcripts_or_the_one_where_it_belongs() {
    let said = |text: &str, verb: &str| -> Vec<Vec<u8>> {
        let lines = read(text).into_iter().flat_map(|transcript| transcript.lines);
        lines.filter(|(other, _)| other == verb).map(|(_, rest)| octets(&rest)).collect()
    };
    let ids = |messages: &[Vec<u8>]| messages.iter().map(|m| m[0]).collect::<BTreeSet<u8>>();
    let requests = BTreeSet::from([0x00, 0x02, 0x05, 0x07, 0x09, 0x0B, 0x0D, 0x0F, 0x13]);
    let answers: BTreeSet<u8> =
        [0x01, 0x03, 0x04, 0x06, 0x08, 0x0A, 0x0C, 0x0E, 0x10, 0x11, 0x12, 0x14].into();
    let from_client = said(SERVER, "client");
    assert!(ids(&from_client).is_superset(&requests));
    let from_server = said(SERVER, "server");
    assert_eq!(ids(&from_server), answers);
    let foreign_server = said(CLIENT, "server");
    assert!(ids(&foreign_server).is_superset(&answers));
    let codes = |messages: &[Vec<u8>], parameter: u8| -> BTreeSet<u8> {
        let first = |m: &&Vec<u8>| m.get(4) == Some(&parameter) && m[1] > 0;
        messages.iter().filter(first).filter_map(|m| m.get(8).copied()).collect()
    };
    for messages in [&from_server, &foreign_server] {
        assert!(codes(messages, 0x01).is_superset(&(0..=4).collect()), "connection status");
        assert!(codes(messages, 0x02).is_superset(&(0..=7).collect()), "result code");
        assert!(codes(messages, 0x03).is_superset(&(0..=1).collect()), "disconnection type");
        assert!(codes(messages, 0x08).is_superset(&(0..=5).collect()), "status change");
    }
}

/// Cuts the link after each line of each transcript.
fn cut_everywhere<S: Subject>(text: &str, mut check: impl FnMut(Play<S>, &Transcript, usize)) {
    for transcript in read(text) {
        for lines in 0..=transcript.lines.len() {
            let mut play = Play::<S>::new();
            play.lines(&transcript, lines, usize::MAX);
            check(play, &transcript, lines);
        }
    }
}

#[test]
fn whenever_the_link_is_lost_the_card_is_off_and_another_client_can_connect() {
    cut_everywhere::<Server>(SERVER, |mut play, transcript, lines| {
        let place = std::format!("{}: after line {lines}", transcript.title);
        let before = transcript.lines.iter().take(lines);
        let heard = before.filter(|(verb, _)| verb == "to-card").map(|(_, rest)| rest.clone());
        let mut signals: Vec<String> = heard.collect();
        play.give(ServerInput::LinkLost);
        let to_card = |line: &String| line.strip_prefix("to-card ").map(String::from);
        signals.extend(play.heard.iter().filter_map(to_card));
        let last = signals.last().map_or("power-off", String::as_str);
        let gone = transcript
            .lines
            .iter()
            .take(lines)
            .any(|(verb, rest)| verb == "card" && rest == "removed");
        assert!(last == "power-off" || gone, "{place}: {signals:?}");
        play.heard.clear();
        play.wait(Duration::from_secs(100));
        assert_eq!(play.heard, [""; 0], "{place}");
        play.give(ServerInput::Call(false));
        play.give(ServerInput::LinkUp);
        play.give(ServerInput::Octets(octets("00010000 00000002 02000000")));
        assert_eq!(play.heard.len(), if play.machine.is_connected() { 3 } else { 1 }, "{place}");
    });
}

#[test]
fn whenever_the_link_is_lost_the_terminal_has_no_card_and_the_client_can_connect_again() {
    cut_everywhere::<Client>(CLIENT, |mut play, transcript, lines| {
        let place = std::format!("{}: after line {lines}", transcript.title);
        play.give(ClientInput::LinkLost);
        let seen = transcript.lines.iter().take(lines).filter(|(verb, _)| verb == "to-terminal");
        let mut seen: Vec<String> = seen.map(|(_, rest)| rest.clone()).collect();
        let to_terminal = |line: &String| line.strip_prefix("to-terminal ").map(String::from);
        seen.extend(play.heard.iter().filter_map(to_terminal));
        assert_eq!(seen.last().map_or("removed", String::as_str), "removed", "{place}: {seen:?}");
        play.heard.clear();
        play.wait(Duration::from_secs(100));
        assert_eq!(play.heard, [""; 0], "{place}");
        play.give(ClientInput::Connect);
        assert_eq!(play.heard, ["client 000100000000000202000000"], "{place}");
    });
}
