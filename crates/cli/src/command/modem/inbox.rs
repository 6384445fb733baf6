//! `inbox`: prints texts, and deletes them only then.

use super::{Report, to_std};
use crate::exit::Exit;
use anyhow::Result;
use polysim::{Modem, ReceivedText, TextContent};
use polysim_base::{Duration, Hex};
use polysim_modem::TextBody;
use polysim_sms::Timestamp;
use serde_json::{Value, json};
use std::io::Write as _;

pub(super) async fn run(modem: &Modem, wait: Duration, keep: bool, json: bool) -> Result<Report> {
    let mut texts = modem.texts();
    let mut count = 0_usize;
    while let Ok(Some(text)) = tokio::time::timeout(to_std(wait), texts.next()).await {
        {
            let mut out = std::io::stdout().lock();
            let line =
                if json { of_json(text.received()).to_string() } else { words(text.received()) };
            writeln!(out, "{line}")?;
            // What cannot be shown stays in the modem.
            out.flush()?;
        }
        count += 1;
        if !keep {
            text.confirm().await?;
        }
    }
    let text = if count == 0 { "no texts\n".to_owned() } else { String::new() };
    Ok(Report { text, json: Value::Null, exit: Exit::Held })
}

fn words(text: &ReceivedText) -> String {
    let from = text.from.map_or_else(|| "not known".to_owned(), |from| from.to_string());
    let at = text.timestamp.map(|at| format!("  {at}")).unwrap_or_default();
    let content = match &text.content {
        TextContent::Whole(TextBody::Text(text)) => text.clone(),
        TextContent::Whole(TextBody::Data(data)) => format!("(data) {}", Hex(data)),
        TextContent::Incomplete { total } => {
            format!("(only {} of {total} parts came)", text.pdus.len())
        }
        TextContent::Unreadable => {
            let pdus: Vec<_> = text.pdus.iter().map(|pdu| Hex(pdu).to_string()).collect();
            format!("(cannot be read) {}", pdus.join(" "))
        }
    };
    format!("{from}{at}\n{}\n", printable(&content))
}

/// Replaces what would move a terminal's cursor or change its colours.
fn printable(text: &str) -> String {
    let shown =
        |letter: char| if letter.is_control() && letter != '\n' { '\u{FFFD}' } else { letter };
    text.chars().map(shown).collect()
}

fn of_json(text: &ReceivedText) -> Value {
    let (kind, said, data) = match &text.content {
        TextContent::Whole(TextBody::Text(text)) => ("text", Some(text.clone()), None),
        TextContent::Whole(TextBody::Data(data)) => ("data", None, Some(Hex(data).to_string())),
        TextContent::Incomplete { .. } => ("incomplete", None, None),
        TextContent::Unreadable => ("unreadable", None, None),
    };
    json!({
        "from": text.from.map(|from| from.to_string()),
        "at": text.timestamp.map(|at| iso(&at)),
        "kind": kind,
        "text": said,
        "data": data,
        "pdus": text.pdus.iter().map(|pdu| Hex(pdu).to_string()).collect::<Vec<_>>(),
    })
}

/// Returns a time in the form of ISO 8601; a service centre tells two digits of the year.
fn iso(at: &Timestamp) -> String {
    format!("20{}", at.to_string().replacen(' ', "T", 1))
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn a_text_does_not_drive_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\r\nc"), "a\u{FFFD}[31mb\u{FFFD}\nc");
    }
}
