use std::{borrow::ToOwned, string::String, vec, vec::Vec};

use polysim_at::CmsError;
use proptest::prelude::*;

use super::bench::{Bench, text};
use crate::{
    Config, InitPlan, ModemCommand, ModemError, ModemEvent, OutgoingBody, OutgoingText,
    PartOutcome, Reply, SendFailure, SendOutcome, Timer, Verdict,
};

fn parts(bench: &Bench, id: u64) -> Vec<PartOutcome> {
    match bench.outcome(id) {
        Ok(Reply::Text(SendOutcome { parts })) => parts,
        other => panic!("{other:?}"),
    }
}

const NOT_SUBMITTED: PartOutcome = PartOutcome::Failed(SendFailure::NotSubmitted);

/// Serves deadlines and lets the modem answer until the command is done.
fn until_done(bench: &mut Bench, id: u64) {
    for _ in 0..100 {
        bench.run();
        if !bench.is_open(id) {
            return;
        }
        bench.wait();
    }
    panic!("never done");
}

#[test]
fn a_text_is_sent_in_pdu_mode() {
    let mut bench = Bench::ready();
    let id = bench.command(text("hello"));
    assert_eq!(bench.take_sent(), ["AT+CMGS=18\r"]);
    bench.says("\r\n> ");
    assert_eq!(bench.take_sent(), ["0001000C91947110325476000005E8329BFD06\x1A"]);
    bench.says("\r\n+CMGS: 7\r\n");
    assert!(bench.is_open(id), "the final result is what counts");
    bench.says("\r\nOK\r\n");
    assert_eq!(parts(&bench, id), [PartOutcome::Sent { reference: 7 }]);
}

#[test]
fn a_long_text_is_sent_part_by_part() {
    let mut bench = Bench::ready();
    let id = bench.command(text(&"ä€😀".repeat(50)));
    bench.run();
    let outcome = parts(&bench, id);
    assert_eq!(outcome.len(), bench.fake.submitted.len());
    let references: Vec<u8> = SendOutcome { parts: outcome }.references().collect();
    assert_eq!(references, [1, 2, 3]);
}

#[test]
fn a_part_that_fails_stops_the_rest() {
    let mut bench = Bench::ready();
    bench.fake.once.push_back(("PDU".into(), "\r\n+CMGS: 1\r\n\r\nOK\r\n".into()));
    bench.fake.once.push_back(("PDU".into(), "\r\n+CMS ERROR: 42\r\n".into()));
    let id = bench.command(text(&"x".repeat(400)));
    bench.run();
    let congestion = PartOutcome::Failed(SendFailure::Refused(CmsError::Congestion));
    let outcome = SendOutcome { parts: parts(&bench, id) };
    assert_eq!(outcome.parts, [PartOutcome::Sent { reference: 1 }, congestion, NOT_SUBMITTED]);
    assert_eq!(outcome.verdict(), Verdict::Failed);
}

#[test]
fn a_text_with_report_asks_for_one() {
    let mut bench = Bench::ready();
    let text = OutgoingText::new(super::bench::number(), "hi").with_report();
    bench.command(ModemCommand::SendText(text.into()));
    bench.run();
    assert_eq!(&bench.fake.submitted[0][..4], "0021", "{}", bench.fake.submitted[0]);
}

#[test]
fn a_modem_that_falls_silent_after_the_pdu_leaves_it_unknown() {
    let mut bench = Bench::ready();
    bench.fake.once.push_back(("PDU".into(), String::new()));
    let id = bench.command(text("hello"));
    bench.run();
    assert_eq!(bench.wait(), Timer::FinalResult);
    assert_eq!(parts(&bench, id), [PartOutcome::Unknown]);
    // It is not sent again by itself, and what comes late is dropped.
    bench.take_sent();
    let late = bench.modem.counters().late_answers;
    bench.says("\r\n+CMGS: 9\r\n\r\nOK\r\n");
    bench.says("\r\nOK\r\n");
    assert_eq!(bench.take_sent(), Vec::<String>::new());
    assert!(bench.modem.counters().late_answers >= late);
    assert_eq!(bench.done.len(), 1);
}

#[test]
fn a_late_answer_never_answers_the_next_text() {
    let mut bench = Bench::ready();
    bench.fake.once.push_back(("PDU".into(), String::new()));
    let first = bench.command(text("first"));
    let second = bench.command(text("second"));
    bench.run();
    bench.wait();
    assert_eq!(parts(&bench, first), [PartOutcome::Unknown]);
    assert_eq!(bench.take_sent(), ["\x1BAT\r"]);
    // The modem is slow: it answers `AT`, and only then the first text.
    bench.says("\r\nOK\r\n");
    bench.says("\r\n+CMGS: 1\r\n\r\nOK\r\n");
    assert_eq!(bench.take_sent(), ["AT+CMGS=19\r"], "both are in, on it goes");
    bench.says("\r\n+CMGS: 1\r\n\r\nOK\r\n");
    assert!(bench.is_open(second), "there was no prompt: this is not its answer");
    bench.says("\r\n> ");
    bench.says("\r\n+CMGS: 2\r\n\r\nOK\r\n");
    assert_eq!(parts(&bench, second), [PartOutcome::Sent { reference: 2 }]);
}

#[test]
fn without_a_prompt_nothing_was_submitted() {
    let mut bench = Bench::ready();
    bench.fake.once.push_back(("AT+CMGS".into(), String::new()));
    let id = bench.command(text("hello"));
    bench.run();
    assert_eq!(bench.wait(), Timer::Prompt);
    assert_eq!(parts(&bench, id), [NOT_SUBMITTED]);
    assert_eq!(bench.take_sent(), ["\x1BAT\r"], "an entry that may be open is ended");
    bench.says("\r\n> ");
    assert_eq!(bench.take_sent(), Vec::<String>::new(), "the prompt comes too late");
}

#[test]
fn a_network_timeout_is_unknown_and_a_refusal_is_failed() {
    for (answer, expected) in [
        ("+CMS ERROR: 332", PartOutcome::Unknown),
        ("+CMS ERROR: 330", PartOutcome::Failed(SendFailure::Refused(CmsError::ScAddressUnknown))),
        ("+CMS ERROR: 500", PartOutcome::Failed(SendFailure::Refused(CmsError::Unknown))),
        ("ERROR", PartOutcome::Failed(SendFailure::RefusedWithoutCause)),
        ("OK", PartOutcome::Unknown),
    ] {
        let mut bench = Bench::ready();
        bench.fake.once.push_back(("PDU".into(), std::format!("\r\n{answer}\r\n")));
        let id = bench.command(text("hello"));
        bench.run();
        assert_eq!(parts(&bench, id), [expected], "{answer}");
    }
}

#[test]
fn a_text_too_long_for_all_parts_is_refused_before_anything_is_sent() {
    let mut bench = Bench::ready();
    let id = bench.command(text(&"x".repeat(255 * 153 + 1)));
    bench.run();
    assert!(matches!(bench.outcome(id), Err(ModemError::Text(_))));
    assert!(bench.fake.lines.is_empty());
}

#[test]
fn urcs_within_a_submission_disturb_nothing() {
    let mut bench = Bench::ready();
    let id = bench.command(text("hello"));
    bench.take_sent();
    bench.says("\r\n+CMTI: \"SM\",3\r\n\r\nRING\r\n\r\n> ");
    assert_eq!(bench.take_sent().len(), 1, "the PDU and nothing else");
    bench.says("\r\n+CREG: 5,\"0001\",\"0002\"\r\n\r\nNO CARRIER\r\n\r\n+CMGS: 3\r\n\r\n+CMTI: \"SM\",4\r\n\r\nOK\r\n");
    assert_eq!(parts(&bench, id), [PartOutcome::Sent { reference: 3 }]);
    assert_eq!(bench.take_sent(), ["AT+CLCC\r"], "the work they left comes after");
}

/// What may happen to one part.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Accepted,
    Refused,
    /// The network took it, and the answer was lost.
    SilentAfterTaking,
    SilentAfterLosing,
    NoPrompt,
    ResetAfterPdu,
    ResetBeforePrompt,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Accepted),
        1 => Just(Fate::Refused),
        1 => Just(Fate::SilentAfterTaking),
        1 => Just(Fate::SilentAfterLosing),
        1 => Just(Fate::NoPrompt),
        1 => Just(Fate::ResetAfterPdu),
        1 => Just(Fate::ResetBeforePrompt),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// The reference model: what the service centre has is what was said to be sent, but for what
    /// was said to be unknown; nothing is there twice; each text is in one state.
    #[test]
    fn each_part_is_in_exactly_one_state(fates in prop::collection::vec(fate(), 1..12)) {
        let config = Config { init: InitPlan::lean(), ..Config::default() };
        let mut bench = Bench::ready_with(config);
        let mut accepted = vec![];
        for (n, fate) in fates.iter().enumerate() {
            let before = bench.fake.submitted.len();
            let once = |line: &str, answer: &str| (line.to_owned(), answer.to_owned());
            match fate {
                Fate::Accepted => {}
                Fate::Refused => bench.fake.once.push_back(once("PDU", "")),
                Fate::SilentAfterTaking | Fate::ResetAfterPdu => {
                    bench.fake.once.push_back(once("PDU", "\r\n+CSQ: 1,1\r\n"));
                }
                Fate::SilentAfterLosing => bench.fake.once.push_back(once("PDU", "")),
                Fate::NoPrompt | Fate::ResetBeforePrompt => {
                    bench.fake.once.push_back(once("AT+CMGS", ""));
                }
            }
            let id = bench.command(text(&std::format!("text {n}")));
            bench.run();
            match fate {
                Fate::Refused => bench.says("\r\n+CMS ERROR: 38\r\n"),
                Fate::ResetAfterPdu | Fate::ResetBeforePrompt => {
                    bench.reboots();
                }
                _ => {}
            }
            until_done(&mut bench, id);
            for _ in 0..20 {
                if bench.modem.is_idle() && bench.modem.is_ready() { break }
                bench.wait();
                bench.run();
            }
            let taken = bench.fake.submitted.len() - before;
            let outcome = parts(&bench, id);
            prop_assert_eq!(outcome.len(), 1);
            match outcome[0] {
                PartOutcome::Sent { .. } => prop_assert_eq!(taken, 1, "{:?}", fate),
                PartOutcome::Failed(_) => prop_assert_eq!(taken, 0, "{:?}", fate),
                PartOutcome::Unknown => prop_assert!(taken <= 1, "{:?}", fate),
            }
            let expected = match fate {
                Fate::Accepted => matches!(outcome[0], PartOutcome::Sent { .. }),
                Fate::Refused => matches!(outcome[0], PartOutcome::Failed(SendFailure::Refused(_))),
                Fate::SilentAfterTaking | Fate::SilentAfterLosing | Fate::ResetAfterPdu => {
                    outcome[0] == PartOutcome::Unknown
                }
                Fate::NoPrompt | Fate::ResetBeforePrompt => outcome[0] == NOT_SUBMITTED,
            };
            prop_assert!(expected, "{fate:?} gave {outcome:?}");
            accepted.push(id);
        }
        for id in accepted {
            prop_assert_eq!(bench.done.iter().filter(|(of, _)| *of == id).count(), 1);
        }
        let mut sent = bench.fake.submitted.clone();
        sent.sort();
        sent.dedup();
        prop_assert_eq!(sent.len(), bench.fake.submitted.len(), "nothing was submitted twice");
    }
}

#[test]
fn parts_that_the_owner_made_are_sent_as_they_are() {
    let mut bench = Bench::ready();
    let part = polysim_sms::UserData::from_text("as is").unwrap();
    let mut text = OutgoingText::new(super::bench::number(), "");
    text.body = OutgoingBody::Parts(vec![part.clone(), part]);
    let id = bench.command(ModemCommand::SendText(text.into()));
    bench.run();
    assert_eq!(parts(&bench, id).len(), 2);
    assert_eq!(bench.fake.submitted.len(), 2);
    assert!(!bench.events.contains(&ModemEvent::Reset));
}
