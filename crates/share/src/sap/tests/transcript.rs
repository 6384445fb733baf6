//! Plays transcripts against a machine.

use std::collections::VecDeque;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use polysim_apdu::{CardReply, CardSignal};
use polysim_base::{Duration, Instant, Machine, Out};

use crate::sap::{
    Client, ClientInput, ClientOutput, DisconnectionType, MaxMsgSize, Server, ServerInput,
    ServerOutput, StatusChange,
};

/// A transcript: what is said and done, line by line.
#[derive(Debug)]
pub(super) struct Transcript {
    pub(super) title: String,
    pub(super) lines: Vec<(String, String)>,
}

pub(super) fn read(text: &str) -> Vec<Transcript> {
    let mut all: Vec<Transcript> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(title) = line.strip_prefix("== ") {
            all.push(Transcript { title: title.to_string(), lines: Vec::new() });
        } else if !line.is_empty() && !line.starts_with('#') {
            let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
            all.last_mut().unwrap().lines.push((verb.to_string(), rest.to_string()));
        }
    }
    all
}

/// Reads octets: hexadecimal with spaces anywhere, or one octet and how often it is there.
pub(super) fn octets(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    for word in text.split_whitespace() {
        let (hex, times) = word.split_once('*').unwrap_or((word, "1"));
        for _ in 0..times.parse::<usize>().unwrap() {
            for at in (0..hex.len()).step_by(2) {
                octets.push(u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
            }
        }
    }
    octets
}

pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect()
}

/// A machine that can be played against.
pub(super) trait Subject: Machine<Timer: core::fmt::Debug> + Sized {
    /// The verb of what the other end says.
    const PEER: &'static str;

    fn fresh() -> Self;
    fn octets(octets: Vec<u8>) -> Self::Input;
    fn input(verb: &str, rest: &str) -> Option<Self::Input>;
    fn written(output: Self::Output) -> String;
}

impl Subject for Server {
    const PEER: &'static str = "client";

    fn fresh() -> Self {
        Self::new(MaxMsgSize::COMMON)
    }

    fn octets(octets: Vec<u8>) -> ServerInput {
        ServerInput::Octets(octets)
    }

    fn input(verb: &str, rest: &str) -> Option<ServerInput> {
        let (word, octets) = split(rest);
        Some(match (verb, word) {
            ("do", "link-up") => ServerInput::LinkUp,
            ("do", "link-lost") => ServerInput::LinkLost,
            ("do", "call") => ServerInput::Call(true),
            ("do", "call-ended") => ServerInput::Call(false),
            ("do", "disconnect") => ServerInput::Disconnect(DisconnectionType::Immediate),
            ("do", "disconnect-gracefully") => ServerInput::Disconnect(DisconnectionType::Graceful),
            ("do", "changed") => {
                let named = |change: &&StatusChange| format!("changed {change:?}") == rest;
                ServerInput::Changed(*StatusChange::ALL.iter().find(named).unwrap())
            }
            ("card", "inserted") => ServerInput::Card(CardReply::Inserted),
            ("card", "removed") => ServerInput::Card(CardReply::Removed),
            ("card", "more-time") => ServerInput::Card(CardReply::MoreTime),
            ("card", "atr") => ServerInput::Card(CardReply::Atr(octets)),
            ("card", "response") => ServerInput::Card(CardReply::Response(octets)),
            ("server" | "to-card" | "tell", _) => return None,
            _ => panic!("{verb} {rest}?"),
        })
    }

    fn written(output: ServerOutput) -> String {
        match output {
            ServerOutput::Octets(octets) => format!("server {}", hex(&octets)),
            ServerOutput::Card(CardSignal::PowerOn) => "to-card power-on".to_string(),
            ServerOutput::Card(CardSignal::PowerOff) => "to-card power-off".to_string(),
            ServerOutput::Card(CardSignal::Reset) => "to-card reset".to_string(),
            ServerOutput::Card(CardSignal::Command(apdu)) => {
                format!("to-card command {}", hex(&apdu))
            }
            ServerOutput::Tell(event) => format!("tell {event:?}"),
        }
    }
}

impl Subject for Client {
    const PEER: &'static str = "server";

    fn fresh() -> Self {
        Self::new(MaxMsgSize::COMMON)
    }

    fn octets(octets: Vec<u8>) -> ClientInput {
        ClientInput::Octets(octets)
    }

    fn input(verb: &str, rest: &str) -> Option<ClientInput> {
        let (word, octets) = split(rest);
        Some(match (verb, word) {
            ("do", "connect") => ClientInput::Connect,
            ("do", "disconnect") => ClientInput::Disconnect,
            ("do", "link-lost") => ClientInput::LinkLost,
            ("terminal", "power-on") => ClientInput::Terminal(CardSignal::PowerOn),
            ("terminal", "power-off") => ClientInput::Terminal(CardSignal::PowerOff),
            ("terminal", "reset") => ClientInput::Terminal(CardSignal::Reset),
            ("terminal", "command") => ClientInput::Terminal(CardSignal::Command(octets)),
            ("client" | "to-terminal" | "tell", _) => return None,
            _ => panic!("{verb} {rest}?"),
        })
    }

    fn written(output: ClientOutput) -> String {
        match output {
            ClientOutput::Octets(octets) => format!("client {}", hex(&octets)),
            ClientOutput::Terminal(CardReply::Inserted) => "to-terminal inserted".to_string(),
            ClientOutput::Terminal(CardReply::Removed) => "to-terminal removed".to_string(),
            ClientOutput::Terminal(CardReply::MoreTime) => "to-terminal more-time".to_string(),
            ClientOutput::Terminal(CardReply::Atr(atr)) => format!("to-terminal atr {}", hex(&atr)),
            ClientOutput::Terminal(CardReply::Response(response)) => {
                format!("to-terminal response {}", hex(&response))
            }
            ClientOutput::Tell(event) => format!("tell {event:?}"),
        }
    }
}

fn split(rest: &str) -> (&str, Vec<u8>) {
    let (word, octets) = rest.split_once(' ').unwrap_or((rest, ""));
    match word {
        "atr" | "response" | "command" => (word, self::octets(octets)),
        _ => (word, Vec::new()),
    }
}

/// A machine, its time, and what it has said.
pub(super) struct Play<S: Subject> {
    pub(super) machine: S,
    pub(super) now: Instant,
    pub(super) heard: VecDeque<String>,
}

impl<S: Subject> Play<S> {
    pub(super) fn new() -> Self {
        Self { machine: S::fresh(), now: Instant::ZERO, heard: VecDeque::new() }
    }

    pub(super) fn give(&mut self, input: S::Input) {
        self.machine.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(Out::Do(output)) = self.machine.poll_output() {
            self.heard.push_back(S::written(output));
        }
        let due = self.machine.poll_timeout();
        assert!(due.is_none_or(|(at, _)| at > self.now), "{due:?} at {:?}", self.now);
    }

    pub(super) fn wait(&mut self, time: Duration) {
        let until = self.now.plus(time);
        while let Some((at, _)) = self.machine.poll_timeout().filter(|(at, _)| *at <= until) {
            self.now = at;
            self.machine.handle_timeout(at);
            self.drain();
        }
        self.now = until;
        self.machine.handle_timeout(until);
        self.drain();
    }

    /// Plays lines; octets of the other end come in pieces of so many.
    pub(super) fn lines(&mut self, transcript: &Transcript, lines: usize, piece: usize) {
        for (verb, rest) in transcript.lines.iter().take(lines) {
            let place = format!("{}: {verb} {rest}", transcript.title);
            let gives = verb == S::PEER || verb == "wait" || S::input(verb, rest).is_some();
            if gives {
                assert_eq!(self.heard, [""; 0], "before {place}");
            }
            if verb == S::PEER {
                let said = octets(rest);
                said.chunks(piece).for_each(|piece| self.give(S::octets(piece.to_vec())));
            } else if verb == "wait" {
                let seconds: f64 = rest.parse().unwrap();
                let millis = format!("{:.0}", seconds * 1_000.0).parse().unwrap();
                self.wait(Duration::from_millis(millis));
            } else if let Some(input) = S::input(verb, rest) {
                self.give(input);
            } else {
                let expected = match verb.as_str() {
                    "server" | "client" => format!("{verb} {}", hex(&octets(rest))),
                    _ => format!("{verb} {rest}"),
                };
                assert_eq!(self.heard.pop_front(), Some(expected), "{place}");
            }
        }
    }
}
