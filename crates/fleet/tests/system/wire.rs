//! Every message and record that passes in histories is the same after its encoding, and what is
//! not one is refused without a panic.

use super::history::History;
use super::network::Message;
use polysim_base::{Duration, Purpose, Stream};
use polysim_fleet::MailId;
use polysim_fleet::site::SiteRecord;
use polysim_fleet::terminal::TerminalRecord;
use polysim_fleet::wire::{
    Answer, Directive, Envelope, FromModem, Record, Relay, SiteReport, ToModem, UserRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// Encodes, decodes and compares; returns the encoding.
fn same<T: Clone + Debug + PartialEq + Serialize + DeserializeOwned>(value: &T) -> String {
    let encoded = serde_json::to_string(&Envelope::new(value.clone())).unwrap();
    let decoded: Envelope<T> = serde_json::from_str(&encoded).unwrap();
    assert_eq!(decoded.open().as_ref(), Ok(value), "{encoded}");
    encoded
}

fn encode(message: &Message) -> String {
    match message {
        Message::Report(it) => same(it),
        Message::Request(it) => same(it),
        Message::Directive(it) => same(it),
        Message::Answer(_, it) => same(it),
        Message::Mail(it) => same(it),
        Message::ToModem(it) => same(it),
        Message::FromModem(it) => same(it),
        Message::Relay(it) => same(it),
    }
}

/// Decodes as one type. What is accepted is a value like any other.
fn try_as<T: Clone + Debug + PartialEq + Serialize + DeserializeOwned>(text: &str) -> bool {
    let Ok(envelope) = serde_json::from_str::<Envelope<T>>(text) else { return false };
    let Ok(value) = envelope.open() else { return false };
    same(&value);
    true
}

/// Decodes as every type; returns how many accept it.
fn try_all(text: &str) -> usize {
    let accepted = [
        try_as::<SiteReport>(text),
        try_as::<UserRequest>(text),
        try_as::<Directive>(text),
        try_as::<Answer>(text),
        try_as::<MailId>(text),
        try_as::<ToModem>(text),
        try_as::<FromModem>(text),
        try_as::<Relay>(text),
        try_as::<Record>(text),
        try_as::<SiteRecord>(text),
        try_as::<TerminalRecord>(text),
    ];
    accepted.into_iter().filter(|accepts| *accepts).count()
}

/// Returns what passed and was recorded in some histories, encoded.
fn encodings() -> Vec<String> {
    let mut all = Vec::new();
    for seed in 0..24 {
        let mut history = History::new(seed, false);
        history.world.passed = Some(Vec::new());
        for _ in 0..40 {
            history.step();
            history.world.pass(Duration::from_secs(2));
        }
        let world = &history.world;
        all.extend(world.passed.iter().flatten().map(encode));
        all.extend(world.log.iter().map(same));
        all.extend(world.sites.iter().flat_map(|host| &host.disk).map(same));
        all.extend(world.terminals.iter().flat_map(|host| &host.disk).map(same));
    }
    all.sort();
    all.dedup();
    all
}

/// Changes a text in one of the ways in which what is sent may be wrong.
fn spoil(text: &str, draws: &mut Stream) -> String {
    let mut octets = text.as_bytes().to_vec();
    for _ in 0..=draws.below(3) {
        let at = usize::try_from(draws.below(octets.len() as u64)).unwrap();
        match draws.below(5) {
            0 => {
                octets[at] =
                    b"0123456789-\"{}[],:.eEnultrfas"[usize::try_from(draws.below(29)).unwrap()];
            }
            1 => octets.truncate(at.max(1)),
            2 => drop(octets.remove(at.min(octets.len() - 1))),
            3 => octets.insert(at, b'9'),
            _ => {
                let end = octets.len().min(at + 12);
                let piece = octets[at..end].to_vec();
                octets.splice(at..at, piece);
            }
        }
        if octets.is_empty() {
            break;
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}

#[test]
fn what_passes_is_the_same_after_its_encoding_and_what_is_spoilt_is_no_panic() {
    let all = encodings();
    assert!(all.len() > 2_000, "{} are few", all.len());
    let mut draws = Stream::derive(7, 0, Purpose::Test, 0);
    let (mut spoilt, mut accepted) = (0_u32, 0_u32);
    for text in &all {
        assert!(try_all(text) > 0);
        for _ in 0..4 {
            spoilt += 1;
            accepted += u32::from(try_all(&spoil(text, &mut draws)) > 0);
        }
    }
    assert!(accepted > spoilt / 100 && accepted < spoilt, "{accepted} of {spoilt} are accepted");
}

#[test]
fn a_message_of_another_version_is_refused_by_its_version() {
    let text = same(&MailId(7)).replacen(":1", ":2", 1);
    let envelope: Envelope<MailId> = serde_json::from_str(&text).unwrap();
    assert_eq!(envelope.open().unwrap_err().given, 2);
}

proptest::proptest! {
    #[test]
    fn arbitrary_values_are_no_panic(value in arbitrary()) {
        let text = serde_json::json!({ "version": 1, "body": value }).to_string();
        try_all(&text);
    }

    #[test]
    fn arbitrary_octets_are_no_panic(text in ".{0,200}") {
        try_all(&text);
    }
}

/// JSON of the shapes that messages have, with names of theirs.
fn arbitrary() -> impl proptest::strategy::Strategy<Value = serde_json::Value> {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    let names = || {
        prop::sample::select(vec![
            "Keep", "Hello", "Renew", "iccid", "epoch", "Grant", "Relay", "contact", "Reply",
            "Rings", "Speech", "Mail", "At", "items", "term", "order", "version", "body", "Text",
            "request", "ask", "Assign", "modem", "site", "number", "act", "Dial", "to",
        ])
    };
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|n| json!(n)),
        "[+0-9]{0,24}".prop_map(Value::from),
        names().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((names(), inner), 0..6).prop_map(|fields| {
                fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
            }),
        ]
    })
}
