//! What becomes of texts that are sent.

use super::*;
use polysim_sms::{Address, AtPdu, MobileTerminated, Status, StatusReport as Tpdu, Timestamp};
use std::string::ToString;

const TO: &str = "+491702345678";

fn message(number: u64) -> MessageId {
    MessageId { user: ALICE, terminal: TerminalId(1), number }
}

pub(super) fn outcome(claim: LeaseClaim, number: u64, unix_s: u64, part: PartOutcome) -> Kept {
    Kept::Outcome(TextOutcome {
        claim,
        message: message(number),
        to: TO.to_string(),
        report: true,
        unix_s,
        parts: [part].into(),
    })
}

fn report(claim: LeaseClaim, reference: u8, unix_s: u64, status: Status) -> Kept {
    let at = Timestamp::from_unix(unix_s, 4).unwrap();
    let to = Address::parse_dialled(TO).unwrap();
    let tpdu = MobileTerminated::StatusReport(Tpdu::new(reference, to, at, at, status));
    let mut pdu = Vec::new();
    AtPdu::new(tpdu).encode(&mut pdu);
    Kept::Report(StatusReport { claim, pdu, ordinal: 0 })
}

fn states(fleet: &mut Fleet) -> Vec<(u64, TextState)> {
    let mail = fleet.mail(ALICE).into_iter();
    let news = |mail| {
        let Mail::TextState { message, state, .. } = mail else { panic!("{mail:?}") };
        (message.number, state)
    };
    mail.map(news).collect()
}

fn standby() -> (Fleet, LeaseClaim) {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let claim = fleet.claim(10);
    (fleet, claim)
}

#[test]
fn a_text_goes_from_submitting_to_sent_to_delivered_and_its_sender_hears_of_each() {
    let (mut fleet, claim) = standby();
    let sent = PartOutcome::Sent { reference: 9 };
    for kept in [
        outcome(claim, 1, 1_000, PartOutcome::Pending),
        outcome(claim, 1, 1_000, sent),
        outcome(claim, 1, 1_000, PartOutcome::Pending),
        report(claim, 9, 1_001, Status::TRYING_CONGESTION),
        report(claim, 9, 1_001, Status::RECEIVED),
        report(claim, 9, 1_001, Status::EXPIRED),
    ] {
        assert!(fleet.keep(1, kept));
    }
    let all = [TextState::Submitting, TextState::Sent, TextState::Delivered];
    assert_eq!(states(&mut fleet), all.map(|state| (1, state)));
    assert!(fleet.said.contains(&Output::Mail(ALICE, MailId(3))));
}

#[test]
fn a_report_is_matched_by_time_where_the_reference_is_used_again() {
    let (mut fleet, claim) = standby();
    for (number, at) in [(1, 1_000), (2, 5_000), (3, 9_000)] {
        let sent = PartOutcome::Sent { reference: 9 };
        assert!(fleet.keep(1, outcome(claim, number, at, sent)));
    }
    assert!(fleet.keep(1, report(claim, 9, 5_003, Status::RECEIVED)));
    assert!(fleet.keep(1, report(claim, 8, 9_000, Status::RECEIVED)), "of nothing known");
    assert!(fleet.keep(1, report(claim, 9, 90_000, Status::RECEIVED)), "of none so late");
    assert_eq!(states(&mut fleet).last(), Some(&(2, TextState::Delivered)));
    assert_eq!(states(&mut fleet).len(), 4);
}

#[test]
fn a_report_that_comes_first_waits_for_its_outcome() {
    let (mut fleet, claim) = standby();
    let old = PartOutcome::Sent { reference: 9 };
    assert!(fleet.keep(1, outcome(claim, 1, 1_000, old)));
    assert!(fleet.keep(1, outcome(claim, 2, 2_000, PartOutcome::Pending)));
    assert!(fleet.keep(1, report(claim, 9, 2_001, Status::RECEIVED)));
    assert_eq!(states(&mut fleet).last(), Some(&(2, TextState::Submitting)));
    assert!(fleet.keep(1, outcome(claim, 2, 2_000, old)));
    let news = [(2, TextState::Sent), (2, TextState::Delivered)];
    assert_eq!(states(&mut fleet)[2..], news);
}

#[test]
fn what_may_have_been_sent_is_cleared_up_by_a_report_and_by_nothing_else() {
    let (mut fleet, claim) = standby();
    assert!(fleet.keep(1, outcome(claim, 1, 1_000, PartOutcome::Pending)));
    assert!(fleet.keep(1, outcome(claim, 1, 1_000, PartOutcome::Unknown)));
    assert!(fleet.keep(1, outcome(claim, 1, 1_000, PartOutcome::Sent { reference: 4 })));
    assert_eq!(states(&mut fleet).last(), Some(&(1, TextState::Unknown)));
    assert!(fleet.keep(1, report(claim, 4, 1_002, Status::EXPIRED)));
    assert!(fleet.keep(1, report(claim, 4, 1_002, Status::RECEIVED)), "late, and good news");
    let news = [(1, TextState::Failed), (1, TextState::Delivered)];
    assert_eq!(states(&mut fleet)[2..], news);
}

#[test]
fn no_state_of_a_text_is_ever_come_back_to() {
    use TextState::{Delivered, Failed, Sent, Submitting, Unknown};
    let all = [Submitting, Unknown, Sent, Delivered, Failed];
    let reaches = |from: TextState| all.into_iter().filter(move |to| from.may_become(*to));
    for from in all {
        assert!(!from.may_become(Submitting) && !Delivered.may_become(from));
        assert_eq!(from.may_become(Delivered), from != Delivered);
        for next in reaches(from) {
            assert!(!next.may_become(from), "{from:?} and {next:?}");
        }
    }
}
