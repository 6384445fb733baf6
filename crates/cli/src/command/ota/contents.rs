//! What is in the data of a packet: scripts and answers to them.

use crate::command::apdus::{self, Shown};
use polysim_apdu::{ApduSecrets, Status};
use polysim_base::Hex;
use polysim_ota::Tar;
use polysim_ota::script::{
    Action, CompactResponse, CompactScript, ErrorAction, ExpandedResponse, ExpandedScript, Finding,
    Management, Step,
};
use serde_json::{Value, json};

/// Data in words.
#[derive(Debug)]
pub(super) struct Contents {
    /// What it is as a whole.
    pub(super) title: String,
    pub(super) lines: Vec<Shown>,
    /// Whether secrets are left out, so that the octets must not be shown either.
    pub(super) is_masked: bool,
    format: &'static str,
}

impl Contents {
    pub(super) fn json(&self) -> Value {
        let lines: Vec<_> = self.lines.iter().map(Shown::json).collect();
        json!({ "format": self.format, "title": self.title, "steps": lines })
    }
}

/// Reads the script that the data of a command is; nothing if it is none.
pub(super) fn script(data: &[u8], tar: Tar, reveal: bool) -> Option<Contents> {
    let mut secrets = ApduSecrets::default();
    let mut show = |apdu: &[u8]| apdus::show(&mut secrets, apdu, reveal);
    let (format, lines) = match data {
        [] => return None,
        [0xAA | 0xAE, ..] if ExpandedScript::parse(data).is_ok() => {
            let script = ExpandedScript::parse(data).ok()?;
            ("expanded", script.steps.iter().map(|each| step(each, &mut show)).collect())
        }
        _ => {
            let management = match tar {
                Tar::CARD_MANAGER => Management::Applications,
                _ => Management::Files,
            };
            let commands = CompactScript::commands(data, management);
            let commands = commands.collect::<Result<Vec<_>, _>>().ok()?;
            ("compact", commands.iter().map(|command| show(&command.to_vec())).collect::<Vec<_>>())
        }
    };
    let count = lines.len();
    let title = format!("script, {format}, {count} command{}", if count == 1 { "" } else { "s" });
    let is_masked = !reveal && lines.iter().any(|line| line.is_masked);
    Some(Contents { title, lines, is_masked, format })
}

fn step(step: &Step, show: &mut impl FnMut(&[u8]) -> Shown) -> Shown {
    let plain = |octets: String, meaning: &str| Shown {
        octets,
        meaning: meaning.to_owned(),
        is_masked: false,
    };
    match step {
        Step::Command(command) => show(command),
        Step::Immediate(action) => match action {
            Action::Record(record) => plain(
                format!("{:02X}", record.number()),
                "at once: the proactive command in this record of EF.RMA",
            ),
            Action::ProactiveSession => plain("81".into(), "at once: a proactive session begins"),
            Action::EarlyResponse => {
                plain("82".into(), "at once: the response, what follows has none")
            }
            Action::Proactive(command) => {
                plain(Hex(command.octets()).to_string(), "at once: this proactive command")
            }
        },
        Step::OnError(action) => match action {
            ErrorAction::None => plain(String::new(), "on errors: nothing"),
            ErrorAction::Record(record) => plain(
                format!("{:02X}", record.number()),
                "on errors: the proactive command in this record of EF.RMA",
            ),
            ErrorAction::Proactive(command) => {
                plain(Hex(command.octets()).to_string(), "on errors: this proactive command")
            }
        },
    }
}

/// Reads the answer to a script that the data of a response is; nothing if it is none.
pub(super) fn answer(data: &[u8]) -> Option<Contents> {
    match data {
        [0xAB | 0xAF, ..] => expanded_answer(&ExpandedResponse::parse(data).ok()?),
        _ => {
            let response = CompactResponse::parse(data).ok()?;
            let executed = response.executed;
            let title = format!(
                "answer, compact: {executed} command{} carried out, the last one {}",
                if executed == 1 { "" } else { "s" },
                said(response.status)
            );
            let mut lines = Vec::new();
            if !response.data.is_empty() {
                lines.push(line(&response.data, "what the last one answered".into()));
            }
            Some(Contents { title, lines, is_masked: false, format: "compact" })
        }
    }
}

fn expanded_answer(response: &ExpandedResponse) -> Option<Contents> {
    let title = match response.executed {
        Some(executed) => format!("answer, expanded: {executed} steps carried out"),
        None => "answer, expanded".into(),
    };
    let lines = response.findings.iter().map(|finding| match finding {
        Finding::Command(response) => line(&response.data, said(response.status)),
        Finding::BadFormat(problem) => line(&[], format!("malformed from here on: {problem:?}")),
        Finding::ImmediateAction(why) => line(why, "the action at once failed".into()),
        Finding::Chaining(problem) => line(&[], format!("no part of a chain: {problem:?}")),
    });
    Some(Contents { title, lines: lines.collect(), is_masked: false, format: "expanded" })
}

fn line(data: &[u8], meaning: String) -> Shown {
    Shown { octets: Hex(data).to_string(), meaning, is_masked: false }
}

fn said(status: Status) -> String {
    format!("{:04X} ({status})", u16::from(status))
}
