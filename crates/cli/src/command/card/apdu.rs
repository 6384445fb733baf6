//! `polysim card READER apdu`: commands as they are.

use super::Report;
use crate::exit::Exit;
use anyhow::{Context as _, Result, bail};
use polysim::card::TRIES_KEPT;
use polysim::{Card, CardFault};
use polysim_apdu::{ApduSecrets, CommandApdu, Ins, KeyRef, Response, ResponseApdu, Status};
use polysim_base::{Hex, parse_hex};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Longest script that is read.
const SCRIPT_LEN_MAX: u64 = 4 << 20;

/// A command of a script.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Line {
    /// The line that it is on, or which argument it was.
    number: usize,
    command: Vec<u8>,
}

/// Reads commands from a file: one a line, blanks between octets, comments after `#`.
pub(super) fn script(path: &Path) -> Result<Vec<Line>> {
    let named = || format!("cannot read the script {}", path.display());
    let length = std::fs::metadata(path).with_context(named)?.len();
    if length > SCRIPT_LEN_MAX {
        bail!("{} has {length} bytes; {SCRIPT_LEN_MAX} are the most for a script", path.display());
    }
    let text = std::fs::read_to_string(path).with_context(named)?;
    lines(text.lines()).with_context(|| format!("in {}", path.display()))
}

/// Reads commands in hexadecimal.
pub(super) fn lines<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (number, text) in (1..).zip(texts) {
        let bare = text.as_ref().split('#').next().unwrap_or_default();
        let hex: String = bare.chars().filter(|letter| !letter.is_whitespace()).collect();
        if hex.is_empty() {
            continue;
        }
        let command = parse_hex(hex.as_bytes()).with_context(|| format!("command {number}"))?;
        CommandApdu::parse(&command).with_context(|| format!("command {number}"))?;
        lines.push(Line { number, command });
    }
    if lines.is_empty() {
        bail!("there are no commands");
    }
    Ok(lines)
}

pub(super) async fn run(
    card: &mut Card,
    script: &[Line],
    raw: bool,
    reveal: bool,
) -> Result<Report> {
    let mut secrets = ApduSecrets::default();
    let (mut text, mut exchanges) = (String::new(), Vec::new());
    let mut exit = Exit::Held;
    for Line { number, command } in script {
        spare_the_last_tries(card, command).await.with_context(|| format!("command {number}"))?;
        let response = if raw {
            let answer = card.exchange(command).await?;
            let answer = ResponseApdu::parse(&answer).map_err(CardFault::from)?;
            Response { data: answer.data().to_vec(), status: answer.status() }
        } else {
            card.transmit(command).await?
        };
        let status = u16::from(response.status);
        let bytes = [response.data.as_slice(), &status.to_be_bytes()].concat();
        // A PIN is hidden whatever was asked for.
        let sent = secrets.command(command).to_string();
        let masked = secrets.response(&bytes).to_string();
        let received = if reveal { Hex(&bytes).to_string() } else { masked };
        let meaning = response.status.to_string();
        writeln!(text, "> {sent}\n< {received}  {meaning}")?;
        let data = received.get(..received.len().saturating_sub(4)).unwrap_or_default();
        exchanges.push(json!({
            "command": sent, "data": data, "status": format!("{status:04X}"), "meaning": meaning,
        }));
        if is_refusal(response.status, raw) {
            exit = Exit::Failed;
            break;
        }
    }
    let done = exchanges.len();
    if exit == Exit::Failed && done < script.len() {
        writeln!(text, "stopped after {done} of {} commands", script.len())?;
    }
    Ok(Report { text, json: json!({ "exchanges": exchanges, "commands": script.len() }), exit })
}

/// Tells whether the card said no.
fn is_refusal(status: Status, raw: bool) -> bool {
    let is_hint = matches!(status, Status::WrongLe(_));
    !(status.is_done() || (raw && is_hint))
}

/// Refuses a command that could use up a PIN or its PUK, as `verify` does: at [`TRIES_KEPT`] tries
/// or fewer it is not sent.
#[expect(clippy::wildcard_enum_match_arm, reason = "a status word without a case tells nothing")]
async fn spare_the_last_tries(card: &mut Card, command: &[u8]) -> Result<(), CardFault> {
    let apdu = CommandApdu::parse(command)?;
    let header = apdu.header();
    if apdu.data().is_empty() {
        return Ok(());
    }
    let asking = match Ins::from_byte(header.ins) {
        Some(Ins::VerifyPin | Ins::ChangePin | Ins::DisablePin | Ins::EnablePin) => Ins::VerifyPin,
        Some(Ins::UnblockPin) => Ins::UnblockPin,
        Some(_) | None => return Ok(()),
    };
    let key = KeyRef(header.p2);
    let ask = [header.cla, asking.byte(), 0x00, header.p2];
    let left = match card.transmit(&ask).await?.status {
        Status::TriesLeft(left) => Some(left),
        Status::AuthenticationBlocked => Some(0),
        // Verified or disabled: the command is for what it says next.
        Status::Success | Status::ReferenceDataInvalidated => return Ok(()),
        _ => None,
    };
    if left.is_some_and(|left| left > TRIES_KEPT) {
        Ok(())
    } else {
        Err(CardFault::PinAtRisk { key, tries_left: left })
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, is_refusal, lines};
    use polysim_apdu::Status;

    #[test]
    fn scripts_may_have_blanks_and_comments() {
        let text = "# select the MF\n00 A4 00 04 02 3F00\n\n00C0000000 # all of it\n";
        let expected = [
            Line { number: 2, command: vec![0x00, 0xA4, 0x00, 0x04, 0x02, 0x3F, 0x00] },
            Line { number: 4, command: vec![0x00, 0xC0, 0x00, 0x00, 0x00] },
        ];
        assert_eq!(lines(text.lines()).unwrap(), expected);
    }

    #[test]
    fn what_is_no_command_is_named_by_its_line() {
        for text in ["00A4", "00A40004023F", "zz", "00A4000", "", "# nothing"] {
            assert!(lines([text]).is_err(), "{text:?}");
        }
        let error = format!("{:#}", lines(["00B0000000", "00A4"]).unwrap_err());
        assert!(error.contains("command 2"), "{error}");
    }

    #[test]
    fn a_hint_is_no_refusal_where_it_is_not_followed() {
        let hint = Status::from(0x6C1C);
        assert!(!is_refusal(hint, true) && is_refusal(hint, false));
        assert!(!is_refusal(Status::from(0x611C), true));
        assert!(is_refusal(Status::from(0x6A82), true));
        assert!(!is_refusal(Status::from(0x9000), false));
        assert!(!is_refusal(Status::from(0x910B), false), "done, and a proactive command waits");
    }
}
