//! What happens on a device, in words and as JSON.

mod reason;

use polysim_base::Hex;
use polysim_courier::Rate;
use polysim_courier::client::{
    CallEvent, CallId, ClientEvent, Offer, Outcome, ReceivedText, TextState,
};
use polysim_speech::SpeechReport;
use reason::{ended, refusal, why};
use serde_json::{Value, json};

/// Something that is shown: its name, words, and particulars.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) name: &'static str,
    pub(super) words: String,
    pub(super) json: Value,
}

impl Told {
    pub(super) fn new(name: &'static str, words: &str, json: Value) -> Self {
        Self { name, words: words.to_owned(), json }
    }
}

impl From<&ClientEvent> for Told {
    fn from(event: &ClientEvent) -> Self {
        match event {
            ClientEvent::NumberWanted => {
                Self::new("number-wanted", "say which: register NUMBER", json!({}))
            }
            ClientEvent::CodeSent(number) => {
                let words = format!("a text with a code is on its way to {number}");
                Self::new("code-sent", &words, json!({ "number": number.to_string() }))
            }
            ClientEvent::CodeCame(code) => {
                let code = String::from(*code);
                let words = format!("{code} has come by the carrier");
                Self::new("code", &words, json!({ "code": code }))
            }
            ClientEvent::WrongCode { tries_left } => {
                let words = format!("that is not the code; {tries_left} tries are left");
                Self::new("wrong-code", &words, json!({ "tries_left": tries_left }))
            }
            ClientEvent::Registered(number) => {
                let number = number.to_string();
                Self::new("registered", &number, json!({ "number": number }))
            }
            ClientEvent::NotRegistered(why) => {
                let why = why.map(refusal);
                let words = why.clone().unwrap_or_else(|| "this device is so no more".to_owned());
                Self::new("not-registered", &words, json!({ "why": why }))
            }
            ClientEvent::ProofWanted(within) => {
                let seconds = within.as_micros() / 1_000_000;
                let words = format!("another card: register again within {seconds} s");
                Self::new("proof-wanted", &words, json!({ "seconds": seconds }))
            }
            ClientEvent::Refused(why) => {
                let why = refusal(*why);
                Self::new("refused", &why, json!({ "why": why }))
            }
            ClientEvent::Unlinked(device) => {
                let words = format!("device {}", device.0);
                Self::new("unlinked", &words, json!({ "device": device.0 }))
            }
            ClientEvent::Invited(invitation) => {
                let shown = Hex(&invitation.0).to_string();
                let words = format!("at the other device: redeem {shown}");
                Self::new("invited", &words, json!({ "invitation": shown }))
            }
            ClientEvent::Marked { number, registered } => {
                let (number, is) = (number.to_string(), if *registered { "is" } else { "is not" });
                let words = format!("{number} {is} registered");
                Self::new("marked", &words, json!({ "number": number, "registered": registered }))
            }
            ClientEvent::Text { number, state } => text(*number, *state),
            ClientEvent::Received(text) => received(text),
            ClientEvent::KeyChanged(number) => {
                let words =
                    format!("{number} has other devices than before: ask whether it is still them");
                Self::new("key-changed", &words, json!({ "number": number.to_string() }))
            }
            ClientEvent::NotWritten(why) => {
                let why = why.to_string();
                Self::new("not-written", &why, json!({ "why": why }))
            }
            ClientEvent::Offered { offer, why: reason } => offered(*offer, &why(*reason)),
            ClientEvent::Call { call: id, event } => call(*id, event),
            ClientEvent::Measured(rate) => {
                Self::new("measured", &fast(*rate), json!({ "kbit_per_second": rate.0 }))
            }
        }
    }
}

fn fast(rate: Rate) -> String {
    if rate < Rate::MAX { format!("{} kbit/s", rate.0) } else { "1 Gbit/s or more".to_owned() }
}

fn text(number: u64, state: TextState) -> Told {
    let (word, words) = match state {
        TextState::Waiting => ("waiting", "is written down".to_owned()),
        TextState::NotStored(why) => ("not-stored", format!("is not taken: {}", refusal(why))),
        TextState::Stored => ("stored", "is stored by the server".to_owned()),
        TextState::Delivered => ("delivered", "is delivered".to_owned()),
        TextState::Read => ("read", "was read".to_owned()),
        TextState::Withdrawing { .. } => ("withdrawing", "is being taken back".to_owned()),
        TextState::Quit => ("quit", "was taken back, and is not sent".to_owned()),
        TextState::AtCarrier => ("at-carrier", "is given to the carrier".to_owned()),
        TextState::Carrier(Outcome::Sent) => ("carrier-sent", "has gone by the carrier".to_owned()),
        TextState::Carrier(Outcome::Failed) => {
            ("carrier-failed", "was not taken by the carrier".to_owned())
        }
        TextState::Carrier(Outcome::Unknown) => {
            ("carrier-unknown", "may have gone by the carrier".to_owned())
        }
        TextState::Expired => ("expired", "has waited for too long".to_owned()),
        TextState::Unsure => ("unsure", "may have come, or not: it is not sent again".to_owned()),
    };
    Told::new("text", &format!("{number} {words}"), json!({ "number": number, "state": word }))
}

fn received(text: &ReceivedText) -> Told {
    let shown = text.text.as_deref().unwrap_or("(it was sealed for another key, or changed)");
    let words = format!("from {}: {}", text.from, printable(shown));
    Told::new(
        "received",
        &words,
        json!({
            "from": text.from.to_string(), "to": text.to.to_string(), "text": text.text,
            "device": text.id.from.0, "number": text.id.number,
        }),
    )
}

/// What somebody else has written does nothing to a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { '\u{FFFD}' } else { it }).collect()
}

fn offered(offer: Offer, why: &str) -> Told {
    let (kind, number, choices) = match offer {
        Offer::Call(CallId(call)) => ("call", u64::from(call), "carrier or quit"),
        Offer::Text(text) => ("text", text, "carrier, quit or wait"),
    };
    let words = format!("the {kind} by the carrier: {why}. choose {choices}");
    Told::new("offered", &words, json!({ "what": kind, "number": number, "why": why }))
}

fn call(CallId(id): CallId, event: &CallEvent) -> Told {
    match event {
        CallEvent::Ringing => Told::new("ringing", "it rings there", json!({ "call": id })),
        CallEvent::Incoming(number) => {
            let number = number.to_string();
            let words = format!("{number} calls: answer, or hangup");
            Told::new("incoming", &words, json!({ "call": id, "from": number }))
        }
        CallEvent::Answered => Told::new("answered", "speech flows", json!({ "call": id })),
        CallEvent::Ended { why, heard, said } => {
            let (word, words) = ended(*why);
            let shown = format!("{words}; heard {}", report(heard));
            let said = said.as_ref().map(report_json);
            let json =
                json!({ "call": id, "why": word, "heard": report_json(heard), "said": said });
            Told::new("ended", &shown, json)
        }
    }
}

fn report(report: &SpeechReport) -> String {
    let jitter = report.jitter.as_micros() / 1_000;
    format!("{} frames, {} lost, jitter {jitter} ms", report.played, report.lost)
}

fn report_json(report: &SpeechReport) -> Value {
    json!({
        "played": report.played, "lost": report.lost, "late": report.late,
        "doubled": report.doubled, "concealed": report.concealed,
        "jitter_us": report.jitter.as_micros(),
    })
}
