//! `polysim cat decode`.

use super::args::{DecodeArgs, What};
use crate::command::answer::{Answer, Problem, table};
use crate::command::{apdus, octets};
use crate::exit::Exit;
use anyhow::{Context as _, Result, bail};
use polysim_apdu::{ApduSecrets, CommandApdu, Ins, Status};
use polysim_base::Hex;
use polysim_cat::{
    Envelope, Event, Explanation, Part, ProactiveCommand, TerminalProfile, TerminalResponse, tag,
};
use polysim_ota::sms::PacketKind;
use polysim_sms::{MobileOriginated, MobileTerminated, Rp, Tpdu as _, UserData};
use serde_json::{Value, json};

/// A message in rows: place, tag, name, octets, meaning.
struct Decoded {
    title: String,
    within: Option<String>,
    rows: Vec<Row>,
    problem: Option<String>,
}

struct Row {
    at: usize,
    tag: Option<(u16, bool)>,
    name: String,
    octets: String,
    meaning: String,
}

pub(super) fn run(args: &DecodeArgs) -> Result<Answer> {
    let inputs = octets::read(&args.octets, args.file.as_deref())?;
    let (mut text, mut list, mut problem) = (String::new(), Vec::new(), None);
    for (number, input) in (1..).zip(&inputs) {
        let decoded = match decode(input, args.what, args.reveal) {
            // Of many, those behind it matter too.
            Err(error) if inputs.len() > 1 => broken(number, &error),
            decoded => decoded?,
        };
        if number > 1 {
            text.push('\n');
        }
        text += &words(&decoded);
        list.push(object(&decoded));
        if let Some(flaw) = decoded.problem {
            problem.get_or_insert(Problem { text: flaw, exit: Exit::BadInput });
        }
    }
    Ok(Answer { text, json: json!({ "format": 1, "messages": list }), problem })
}

fn decode(input: &[u8], what: Option<What>, reveal: bool) -> Result<Decoded> {
    let objects = |explanation| decoded(explanation, reveal);
    match what {
        Some(What::Command) => command(input, reveal),
        Some(What::Response) => Ok(objects(TerminalResponse::explain(input))),
        Some(What::Envelope) => Ok(objects(Envelope::explain(input)?)),
        Some(What::Profile) => profile(input),
        Some(What::Events) => Ok(events(input)),
        Some(What::Apdu) => apdu(input, reveal),
        None => match input {
            [] => bail!("there are no octets"),
            [0x80..=0x8F | 0xA0, 0x10 | 0x12 | 0x14 | 0xC2, ..] => apdu(input, reveal),
            [0xD0, ..] => command(input, reveal),
            [0xD1..=0xDF, ..] => Ok(objects(Envelope::explain(input)?)),
            [0x81 | 0x01, 0x03, ..] => Ok(objects(TerminalResponse::explain(input))),
            [0x99 | 0x19, length, list @ ..] if usize::from(*length) == list.len() => {
                Ok(events(list))
            }
            [high, low] if matches!(high, 0x61..=0x6F | 0x90..=0x9F) => Ok(status(*high, *low)),
            [first, ..] => bail!(
                "nothing of the toolkit begins with {first:02X}: commands begin with D0, ENVELOPEs \
                 with D1 to DF, responses with 8103, APDUs with 8010, 8012, 8014 or 80C2; say what \
                 it is by --as"
            ),
        },
    }
}

fn broken(number: usize, error: &anyhow::Error) -> Decoded {
    let problem = Some(format!("message {number}: {error:#}"));
    Decoded { title: format!("no message: {error:#}"), within: None, rows: Vec::new(), problem }
}

/// A proactive command, perhaps with the status word of the FETCH that brought it.
fn command(input: &[u8], reveal: bool) -> Result<Decoded> {
    let fetched = input
        .split_last_chunk::<2>()
        .filter(|(command, _)| ProactiveCommand::decode(input).is_err() && is_whole(command));
    let Some((command, [high, low])) = fetched else {
        return Ok(decoded(ProactiveCommand::explain(input)?, reveal));
    };
    let mut decoded = decoded(ProactiveCommand::explain(command)?, reveal);
    decoded.within = Some(format!("the answer to FETCH, {}", status(*high, *low).title));
    Ok(decoded)
}

/// Tells whether an outer object is all there is.
fn is_whole(octets: &[u8]) -> bool {
    polysim_base::tlv::Ber::read(octets).is_ok_and(|(_, behind)| behind.is_empty())
}

fn apdu(input: &[u8], reveal: bool) -> Result<Decoded> {
    let apdu = CommandApdu::parse(input).context("the APDU")?;
    let data = apdu.data();
    let mut decoded = match Ins::from_byte(apdu.header().ins) {
        Some(Ins::TerminalProfile) => profile(data)?,
        Some(Ins::TerminalResponse) => decoded(TerminalResponse::explain(data), reveal),
        Some(Ins::Envelope) => decoded(Envelope::explain(data)?, reveal),
        Some(Ins::Fetch) => {
            let length = apdu.le().map_or(0, polysim_apdu::Le::bytes);
            return Ok(bare(format!("FETCH, a proactive command of {length} octets is asked for")));
        }
        _ => bail!("instruction {:02X} carries no message of the toolkit", apdu.header().ins),
    };
    decoded.within = Some(format!("APDU {}", Hex(&apdu.header().bytes())));
    Ok(decoded)
}

fn bare(title: String) -> Decoded {
    Decoded { title, within: None, rows: Vec::new(), problem: None }
}

fn status(high: u8, low: u8) -> Decoded {
    bare(format!("status {high:02X}{low:02X}: {}", Status::from(u16::from_be_bytes([high, low]))))
}

fn profile(input: &[u8]) -> Result<Decoded> {
    let profile = TerminalProfile::decode(input)?;
    let rows = input.iter().enumerate().map(|(at, octet)| {
        let number = u8::try_from(at + 1).unwrap_or(u8::MAX);
        let features = profile.explain(number);
        let meaning = if features.is_empty() { "-".into() } else { features.join("; ") };
        let (name, octets) = (format!("octet {number}"), format!("{octet:02X}"));
        Row { at, tag: None, name, octets, meaning }
    });
    let (title, rows) = ("TERMINAL PROFILE".to_owned(), rows.collect());
    Ok(Decoded { title, within: None, rows, problem: None })
}

fn events(input: &[u8]) -> Decoded {
    let rows = input.iter().enumerate().map(|(at, octet)| Row {
        at,
        tag: None,
        name: "event".into(),
        octets: format!("{octet:02X}"),
        meaning: Event::from_octet(*octet)
            .map_or_else(|| "reserved".into(), |event| event.to_string()),
    });
    let title = if input.is_empty() { "no events: all are taken back" } else { "event list" };
    Decoded { title: title.into(), within: None, rows: rows.collect(), problem: None }
}

fn decoded(explanation: Explanation, reveal: bool) -> Decoded {
    let mut secrets = ApduSecrets::default();
    let is_command = explanation.title.starts_with("proactive");
    let rows = explanation.parts.iter().map(|part| row(part, is_command, &mut secrets, reveal));
    let rows = rows.collect();
    let problem = explanation.flaw.map(|flaw| flaw.to_string());
    Decoded { title: explanation.title, within: None, rows, problem }
}

/// An object, with what other crates know of it.
fn row(part: &Part, is_command: bool, secrets: &mut ApduSecrets, reveal: bool) -> Row {
    let mut octets = Hex(&part.value).to_string();
    let mut meaning = part.meaning.clone().unwrap_or_default();
    if part.tag.number() == tag::C_APDU.number() {
        let shown = apdus::show(secrets, &part.value, reveal);
        (octets, meaning) = (shown.octets, shown.meaning);
    } else if part.tag.number() == tag::R_APDU.number() {
        let answer = secrets.response(&part.value);
        octets = if reveal { octets } else { answer.to_string() };
    } else if part.tag.number() == tag::SMS_TPDU.number() {
        meaning = message(&part.value, is_command);
    }
    let required = part.tag != part.tag.ignorable();
    Row {
        at: part.at,
        tag: Some((part.tag.number(), required)),
        name: part.name.into(),
        octets,
        meaning,
    }
}

/// Says what a short message carries.
fn message(tpdu: &[u8], is_sent: bool) -> String {
    let said = |user_data: &UserData| match PacketKind::of(user_data) {
        Some(PacketKind::Command) => "a command packet; see polysim ota explain".into(),
        Some(PacketKind::Response) => "a response packet; see polysim ota explain".into(),
        None => match user_data.text() {
            Ok(text) => format!("{text:?}"),
            Err(_) => format!("{} octets of data", user_data.payload().len()),
        },
    };
    if is_sent {
        return match MobileOriginated::parse(tpdu, Rp::Data) {
            Ok(MobileOriginated::Submit(submit)) => {
                format!("SUBMIT to {}: {}", submit.destination, said(&submit.user_data))
            }
            Ok(MobileOriginated::Command(_) | MobileOriginated::DeliverReport(_)) => {
                "COMMAND to the service centre".into()
            }
            Err(error) => format!("no TPDU to send: {error}"),
        };
    }
    match MobileTerminated::parse(tpdu, Rp::Data) {
        Ok(MobileTerminated::Deliver(deliver)) => {
            format!("DELIVER from {}: {}", deliver.originator, said(&deliver.user_data))
        }
        Ok(MobileTerminated::StatusReport(_)) => "STATUS-REPORT".into(),
        Ok(MobileTerminated::SubmitReport(_)) => "SUBMIT-REPORT".into(),
        Err(error) => format!("no TPDU to a mobile: {error}"),
    }
}

fn words(decoded: &Decoded) -> String {
    let within =
        decoded.within.as_ref().map_or_else(String::new, |within| format!(", in {within}"));
    let rows = decoded.rows.iter().map(|row| {
        let tag = row.tag.map_or_else(String::new, |(number, required)| {
            format!("{number:02X}{}", if required { '!' } else { ' ' })
        });
        let octets = if row.octets.is_empty() { "-" } else { &row.octets };
        [format!("{:4}", row.at), tag, row.name.clone(), octets.into(), row.meaning.clone()]
    });
    format!("{}{within}\n{}", decoded.title, table(&rows.collect::<Vec<_>>()))
}

fn object(decoded: &Decoded) -> Value {
    let parts = decoded.rows.iter().map(|row| {
        json!({
            "at": row.at,
            "tag": row.tag.map(|(number, _)| format!("{number:02X}")),
            "required": row.tag.map(|(_, required)| required),
            "name": row.name,
            "octets": row.octets,
            "meaning": row.meaning,
        })
    });
    json!({
        "title": decoded.title,
        "within": decoded.within,
        "parts": parts.collect::<Vec<_>>(),
        "problem": decoded.problem,
    })
}
