//! `ussd`: asks the network, and answers what it asks.

use super::{Report, said};
use crate::exit::Exit;
use anyhow::{Context as _, Result};
use polysim::{Modem, UssdAnswer};
use polysim_at::{Text, UssdStatus};
use serde_json::json;

pub(super) fn code<'a>(code: &'a str, answers: &[String]) -> Result<&'a str> {
    for text in std::iter::once(code).chain(answers.iter().map(String::as_str)) {
        Text::new(text).with_context(|| format!("{text:?} cannot be sent by USSD"))?;
    }
    Ok(code)
}

pub(super) async fn run(modem: &Modem, code: &str, answers: &[String]) -> Result<Report> {
    let (mut text, mut dialogue) = (String::new(), Vec::new());
    let mut answer = said("waiting for the network", modem.ussd(code)).await?;
    let mut answers = answers.iter();
    loop {
        text.push_str(answer.text.as_deref().unwrap_or_default());
        text.push('\n');
        dialogue.push(json!({ "says": answer.text, "asks": answer.is_question() }));
        match answers.next() {
            Some(next) if answer.is_question() => {
                answer = said("waiting for the network", modem.ussd(next)).await?;
            }
            Some(_) | None => break,
        }
    }
    if answer.is_question() {
        modem.cancel_ussd().await?;
        text.push_str("(the network waits for an answer: give it after the code)\n");
    }
    let (end, exit) = end(&answer);
    if exit != Exit::Held {
        text.push_str(&format!("({end})\n"));
    }
    Ok(Report { text, json: json!({ "dialogue": dialogue, "end": end }), exit })
}

const fn end(answer: &UssdAnswer) -> (&'static str, Exit) {
    match answer.status {
        UssdStatus::Done => ("done", Exit::Held),
        UssdStatus::ActionRequired => ("asked", Exit::Held),
        UssdStatus::Terminated if answer.text.is_some() => ("ended by the network", Exit::Held),
        UssdStatus::Terminated => ("ended by the network", Exit::Failed),
        UssdStatus::OtherClient => ("answered by another program", Exit::Failed),
        UssdStatus::NotSupported => ("not supported", Exit::Failed),
        UssdStatus::TimedOut => ("no answer in time", Exit::Failed),
        UssdStatus::Other(_) => ("ended without a known reason", Exit::Failed),
    }
}
