//! `text`: sends one, and waits for its delivery.

use super::{ModemArgs, Report, said, to_std};
use crate::exit::Exit;
use anyhow::{Context as _, Result};
use polysim::{Modem, Reports};
use polysim_modem::{OutgoingText, PartOutcome, SendFailure, SendOutcome, Verdict};
use polysim_sms::{Address, Status, StatusClass};
use serde_json::json;

pub(super) fn outgoing(to: &str, text: &str, report: bool) -> Result<OutgoingText> {
    let to = Address::parse_dialled(to).with_context(|| format!("{to:?} is no number"))?;
    let text = OutgoingText::new(to, text);
    Ok(if report { text.with_report() } else { text })
}

pub(super) async fn run(
    modem: &Modem,
    text: OutgoingText,
    report: bool,
    args: &ModemArgs,
) -> Result<Report> {
    // Before it is sent: a report may come at once.
    let mut reports = report.then(|| modem.reports());
    let to = text.to;
    let outcome = said("sending", modem.send(text)).await?;
    let mut delivered = Vec::new();
    if let Some(reports) = &mut reports {
        let wait = delivery(reports, &to, &outcome, &mut delivered);
        // What came until then is shown.
        drop(
            tokio::time::timeout(to_std(args.timeout), said("waiting for the report", wait)).await,
        );
    }
    Ok(told(&outcome, report, &delivered))
}

/// Collects the last report of each part.
async fn delivery(
    reports: &mut Reports,
    to: &Address,
    outcome: &SendOutcome,
    told: &mut Vec<(u8, Status)>,
) {
    let mut missing: Vec<u8> = outcome.references().collect();
    while !missing.is_empty() {
        let Some(report) = reports.next().await else { return };
        if report.recipient != *to || !missing.contains(&report.reference) {
            continue;
        }
        let (reference, status) = (report.reference, report.status);
        told.push((reference, status));
        // It was told; a modem that went meanwhile keeps it.
        drop(report.confirm().await);
        if status.class() != StatusClass::TemporaryTrying {
            missing.retain(|missing| *missing != reference);
        }
    }
}

fn told(outcome: &SendOutcome, report: bool, delivered: &[(u8, Status)]) -> Report {
    let verdict = outcome.verdict();
    let mut text = match verdict {
        Verdict::Sent => "sent\n".to_owned(),
        Verdict::Failed => "not sent\n".to_owned(),
        Verdict::Unknown => {
            "it is not known whether it was sent: to send it again may send it twice\n".to_owned()
        }
    };
    for (number, part) in outcome.parts.iter().enumerate() {
        if outcome.parts.len() > 1 || !matches!(part, PartOutcome::Sent { .. }) {
            text.push_str(&format!("part {}: {}\n", number + 1, words(part)));
        }
    }
    for (reference, status) in delivered {
        text.push_str(&format!("report {reference}: {status}\n"));
    }
    let last = |reference: u8| {
        delivered.iter().rev().find(|(told, _)| *told == reference).map(|(_, status)| *status)
    };
    let missing = outcome.references().filter(|reference| last(*reference).is_none()).count();
    if report && missing > 0 {
        text.push_str(&format!("no report yet for {missing} part(s)\n"));
    }
    let refused = delivered.iter().any(|(_, status)| {
        matches!(status.class(), StatusClass::Permanent | StatusClass::TemporaryFinal)
    });
    let parts: Vec<_> = outcome.parts.iter().map(|part| json(part, &last)).collect();
    let verdict_word = format!("{verdict:?}").to_lowercase();
    let exit = if verdict == Verdict::Sent && !refused { Exit::Held } else { Exit::Failed };
    Report { text, json: json!({ "verdict": verdict_word, "parts": parts }), exit }
}

fn words(part: &PartOutcome) -> String {
    match part {
        PartOutcome::Sent { reference } => format!("sent, reference {reference}"),
        PartOutcome::Failed(SendFailure::Refused(cause)) => format!("refused: {cause}"),
        PartOutcome::Failed(SendFailure::RefusedWithoutCause) => "refused without a cause".into(),
        PartOutcome::Failed(SendFailure::NotSubmitted) => "not submitted".into(),
        PartOutcome::Unknown => "not known".into(),
    }
}

fn json(part: &PartOutcome, last: &impl Fn(u8) -> Option<Status>) -> serde_json::Value {
    match part {
        PartOutcome::Sent { reference } => json!({
            "outcome": "sent",
            "reference": reference,
            "report": last(*reference).map(|status| status.to_string()),
        }),
        PartOutcome::Failed(_) => json!({ "outcome": "failed", "cause": words(part) }),
        PartOutcome::Unknown => json!({ "outcome": "unknown" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_a_text_is_told_and_is_the_exit_code() {
        let sent = SendOutcome { parts: vec![PartOutcome::Sent { reference: 7 }] };
        let report = told(&sent, false, &[]);
        assert_eq!((report.text.as_str(), report.exit), ("sent\n", Exit::Held));
        let report = told(&sent, true, &[]);
        assert_eq!(
            (report.text.as_str(), report.exit),
            ("sent\nno report yet for 1 part(s)\n", Exit::Held)
        );
        let report = told(&sent, true, &[(7, Status::RECEIVED)]);
        assert_eq!(report.exit, Exit::Held);
        assert!(report.text.starts_with("sent\nreport 7: 00 "));
        let unknown = SendOutcome { parts: vec![PartOutcome::Unknown] };
        assert_eq!(told(&unknown, false, &[]).exit, Exit::Failed);
        let failed = PartOutcome::Failed(SendFailure::RefusedWithoutCause);
        let report = told(&SendOutcome { parts: vec![failed] }, false, &[]);
        assert_eq!(report.text, "not sent\npart 1: refused without a cause\n");
        assert_eq!(report.json["parts"][0]["outcome"], "failed");
    }

    #[test]
    fn a_number_is_checked_before_the_modem_is_touched() {
        assert!(outgoing("+46700000001", "x", true).unwrap().report);
        assert!(outgoing("mum", "x", false).is_err());
    }
}
