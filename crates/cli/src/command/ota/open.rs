//! `polysim ota unpack` and `explain`.

use super::args::{Kind, OpenArgs};
use super::contents::{self, Contents};
use super::find::{self, Found};
use super::keys::Keys;
use super::security;
use crate::command::answer::{Answer, Problem, table};
use crate::command::octets;
use crate::exit::Exit;
use anyhow::{Context as _, Result};
use polysim_base::Hex;
use polysim_ota::{
    CommandHeader, CommandPacket, Counter, Crc, Explanation, Integrity, KeySet, Kic, Kid,
    ProofRequest, ProofWanted, Protection, ResponsePacket, Sender, Spi, Tar, Verdict,
};
use serde_json::{Value, json};

/// What the two commands show of a packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum View {
    /// What it carries, if it can be believed.
    Contents,
    /// Every field.
    Fields,
}

/// A packet that was opened as far as it opens.
struct Opened {
    found: Found,
    tar: Tar,
    /// How it is secured, in words.
    secured: String,
    explanation: Explanation,
    contents: Option<Contents>,
}

pub(super) fn run(args: &OpenArgs, view: View) -> Result<Answer> {
    let keys = Keys::of(&args.keys)?;
    let found = find::packet(&octets::read(&args.octets, args.file.as_deref())?, args.kind)?;
    let opened = match found.kind {
        Kind::Command => command(found, &keys, args.reveal)?,
        Kind::Response => response(found, &keys, args)?,
    };
    let problem = problem(opened.explanation.verdict, view);
    let text = text(&opened, view, problem.is_none());
    Ok(Answer { text, json: json(&opened, problem.as_ref()), problem })
}

fn command(found: Found, keys: &Keys, reveal: bool) -> Result<Opened> {
    let packet = CommandPacket::parse(&found.packet).context("the command packet")?;
    let header = *packet.header();
    let set = keys.for_packet([header.kid.version(), header.kic.version()]);
    let explanation = packet.explain(set);
    let contents = explanation.data().and_then(|data| contents::script(data, header.tar, reveal));
    let secured = header.spi.to_string();
    Ok(Opened { found, tar: header.tar, secured, explanation, contents })
}

fn response(found: Found, keys: &Keys, args: &OpenArgs) -> Result<Opened> {
    let packet = ResponsePacket::parse(&found.packet).context("the response packet")?;
    let (tar, check_len) = (packet.tar(), packet.check_len());
    let proofs = match &*args.por_security {
        [] => likely(check_len, !keys.all().is_empty()),
        words => vec![security::proof_security(words)?],
    };
    // The packet names no key set.
    let sets = keys.all().into_iter().map(Some).chain(keys.all().is_empty().then_some(None));
    let mut tried = sets
        .flat_map(|set| proofs.iter().map(move |proof| (set, *proof)))
        .filter_map(|(set, proof)| {
            let header = asked_by(tar, proof, check_len, set);
            let protection = Protection::of_proof(&header, set).ok()?;
            let secured = format!("{}, {}", proof.integrity, ciphered(proof.ciphered));
            Some((packet.explain(Some(&protection)), secured))
        })
        .collect::<Vec<_>>();
    let opened = tried.iter().position(|(tried, _)| tried.verdict == Verdict::Opened);
    let (explanation, secured) = match (opened, tried.len()) {
        (None, 0) => (packet.explain(None), "unknown: only the command says it".to_owned()),
        (opened, _) => tried.swap_remove(opened.unwrap_or(0)),
    };
    let contents = explanation.data().and_then(contents::answer);
    Ok(Opened { found, tar, secured, explanation, contents })
}

const fn ciphered(is_ciphered: bool) -> &'static str {
    if is_ciphered { "ciphered" } else { "not ciphered" }
}

/// How a proof can be secured whose check is so long, the likeliest first. Ciphering alone shows in
/// nothing but fields that make no sense without.
fn likely(check_len: usize, has_keys: bool) -> Vec<ProofRequest> {
    let proof = |integrity, ciphered| ProofRequest {
        wanted: ProofWanted::Always,
        integrity,
        ciphered,
        ..ProofRequest::default()
    };
    let integrities: &[Integrity] = match check_len {
        0 => &[Integrity::None],
        2 => &[Integrity::RedundancyCheck],
        4 => &[Integrity::RedundancyCheck, Integrity::Checksum],
        _ => &[Integrity::Checksum],
    };
    let ciphered: &[bool] = match (has_keys, check_len) {
        (false, _) => &[false],
        (true, 0) => &[false, true],
        (true, _) => &[true, false],
    };
    integrities
        .iter()
        .flat_map(|integrity| ciphered.iter().map(|ciphered| proof(*integrity, *ciphered)))
        .collect()
}

/// The header of a command that would have asked for the proof.
fn asked_by(tar: Tar, proof: ProofRequest, check: usize, keys: Option<&KeySet>) -> CommandHeader {
    let integrity = match proof.integrity {
        Integrity::RedundancyCheck => Integrity::RedundancyCheck,
        Integrity::None | Integrity::Checksum | Integrity::Signature => Integrity::Checksum,
    };
    let spi = Spi { integrity, proof, ..Spi::FULL };
    let mut header = match keys {
        Some(keys) => Sender::new(keys.clone(), Counter::ZERO).header(tar, spi),
        None => CommandHeader { spi, kic: Kic::default(), kid: Kid::default(), tar },
    };
    if integrity == Integrity::RedundancyCheck {
        header.kid = Kid::redundancy_check(if check == 2 { Crc::Crc16 } else { Crc::Crc32 });
    }
    header
}

fn problem(verdict: Verdict, view: View) -> Option<Problem> {
    let (text, exit) = match verdict {
        Verdict::Opened => return None,
        Verdict::Unchecked if view == View::Fields => return None,
        Verdict::Unchecked => (
            "it takes keys to open the packet: --keys FILE; see polysim ota --help".to_owned(),
            Exit::BadInput,
        ),
        Verdict::Keys(error) => (error.to_string(), Exit::Failed),
        Verdict::Refused(error) => (error.to_string(), Exit::Failed),
    };
    Some(Problem { text, exit })
}

/// What the check says, in words.
fn checked(explanation: &Explanation) -> &'static str {
    let has = |name| explanation.fields.iter().any(|field| field.name == name);
    match explanation.verdict {
        Verdict::Opened if has("CC") => "the checksum holds",
        Verdict::Opened if has("RC") => "the redundancy check holds, which anybody can compute",
        Verdict::Opened => "nothing guards it",
        Verdict::Unchecked => "not checked, there are no keys",
        Verdict::Keys(_) => "not checked, it names other keys",
        Verdict::Refused(_) => "it does not open",
    }
}

fn kind(opened: &Opened) -> &'static str {
    match opened.found.kind {
        Kind::Command => "command",
        Kind::Response => "response",
    }
}

fn text(opened: &Opened, view: View, is_open: bool) -> String {
    let Opened { found, tar, secured, explanation, contents } = opened;
    let application = tar.name().map_or_else(String::new, |name| format!(", {name}"));
    let within = match found.within.as_str() {
        "" => String::new(),
        within => format!(", in {within}"),
    };
    let octets = found.packet.len();
    let mut text = format!("{} packet of {octets} octets{within}\n", kind(opened));
    match view {
        View::Fields => {
            let rows = explanation.fields.iter().map(|field| {
                let octets = shown(opened, field.name, &field.octets);
                [format!("{:4}", field.at), field.name.into(), octets, field.meaning.clone()]
            });
            text += &table(&rows.collect::<Vec<_>>());
        }
        View::Contents => {
            text += &format!("application  {tar}{application}\n");
            text += &format!("secured      {secured}\n");
            text += &format!("checked      {}\n", checked(explanation));
            let fields = explanation.fields.iter();
            for field in fields.filter(|field| is_open && matches!(field.name, "CNTR" | "status")) {
                let name = if field.name == "CNTR" { "counter" } else { "status" };
                let meaning = field.meaning.trim_start_matches("counter ");
                text += &format!("{name:<13}{meaning}\n");
            }
            if let Some(data) = explanation.data().filter(|_| is_open) {
                text += &format!("data         {}\n", shown(opened, "data", data));
            }
        }
    }
    if let Some(contents) = contents.as_ref().filter(|_| view == View::Fields || is_open) {
        text += &format!("{}\n", contents.title);
        let lines = (1..).zip(&contents.lines);
        let rows = lines.map(|(number, line)| {
            [format!("{number:4}"), line.octets.clone(), line.meaning.clone()]
        });
        text += &table(&rows.collect::<Vec<_>>());
    }
    text
}

/// The octets of a field; not those of data whose secrets are left out below.
fn shown(opened: &Opened, name: &str, octets: &[u8]) -> String {
    let is_masked = opened.contents.as_ref().is_some_and(|contents| contents.is_masked);
    match (name, octets) {
        ("data", _) if is_masked => "*** (--reveal shows it)".into(),
        (_, []) => "-".into(),
        (_, octets) => Hex(octets).to_string(),
    }
}

fn json(opened: &Opened, problem: Option<&Problem>) -> Value {
    let Opened { found, tar, secured, explanation, contents } = opened;
    let verdict = match explanation.verdict {
        Verdict::Opened => "opened",
        Verdict::Unchecked => "unchecked",
        Verdict::Keys(_) => "other-keys",
        Verdict::Refused(_) => "refused",
    };
    let is_masked = contents.as_ref().is_some_and(|contents| contents.is_masked);
    let hex = |name: &str, octets: &[u8]| {
        if name == "data" && is_masked { Value::Null } else { json!(Hex(octets).to_string()) }
    };
    let fields = explanation.fields.iter().map(|field| {
        json!({ "at": field.at, "name": field.name, "octets": hex(field.name, &field.octets),
                "meaning": field.meaning })
    });
    let part = |is_wanted: bool| contents.as_ref().filter(|_| is_wanted).map(Contents::json);
    json!({
        "format": 1,
        "kind": kind(opened),
        "packet": Hex(&found.packet).to_string(),
        "within": found.within,
        "tar": tar.to_string(),
        "secured": secured,
        "verdict": verdict,
        "problem": problem.map(|problem| &problem.text),
        "fields": fields.collect::<Vec<_>>(),
        "data": explanation.data().map(|data| hex("data", data)),
        "script": part(found.kind == Kind::Command),
        "answer": part(found.kind == Kind::Response),
    })
}
