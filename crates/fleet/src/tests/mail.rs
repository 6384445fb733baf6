//! What comes in.

use super::*;
use polysim_sms::{
    Address, AtPdu, Concatenation, DataCoding, Deliver, Element, HeaderBuf, MobileTerminated,
    Reference, Timestamp, UserData, gsm7,
};
use std::string::{String, ToString};

/// The PDU of a text from +491701 at second `at`; as part `(reference, total, number)` of a longer
/// one.
pub(super) fn pdu(at: u64, body: &str, part: Option<(u8, u8, u8)>) -> Vec<u8> {
    let mut header = HeaderBuf::new();
    if let Some((reference, total, number)) = part {
        let part = Concatenation::new(Reference::Eight(reference), total, number).unwrap();
        header.push(Element::Concatenation(part)).unwrap();
    }
    let septets = gsm7::encode(body).unwrap();
    let data = UserData::from_septets(DataCoding::GSM7, &header, &septets).unwrap();
    let from = Address::international("491701").unwrap();
    let deliver = Deliver::new(from, Timestamp::from_unix(at, 0).unwrap(), data);
    let mut out = Vec::new();
    AtPdu::new(MobileTerminated::Deliver(deliver)).encode(&mut out);
    out
}

pub(super) fn text(claim: LeaseClaim, pdu: Vec<u8>) -> Kept {
    Kept::Text(ReceivedText { claim, pdu, ordinal: 0 })
}

fn mail_text(at: u64, body: &str, parts: u8) -> Mail {
    Mail::Text { from: "+491701".to_string(), unix_s: at, body: body.to_string(), parts }
}

fn call(claim: LeaseClaim, number: u32, direction: Direction, ending: CallEnding) -> Kept {
    Kept::Call(CallRecord {
        claim,
        call: CallRef { modem: modem(1, 0), incarnation: 1, number },
        direction,
        peer: Some("+33612345678".to_string()),
        began: at(5),
        rang: secs(20),
        terminal: None,
        talked: None,
        ending,
        speech: SpeechReport::default(),
    })
}

#[test]
fn a_text_is_recorded_before_it_is_confirmed_and_comes_once_however_often_it_is_said() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let kept = text(fleet.claim(10), pdu(1_000, "hello", None));
    fleet
        .exchange
        .handle(fleet.now, Input::Site(SiteId(1), SiteReport::Keep(ReportId(1), kept.clone())));
    assert!(matches!(fleet.exchange.poll_output(), Some(Out::Record(_))));
    fleet.drain();
    assert!(fleet.said.contains(&Output::Mail(ALICE, MailId(1))));
    let records = fleet.records.len();
    assert!(fleet.keep(1, kept.clone()), "confirmed again");
    assert_eq!(fleet.records.len(), records);
    let Kept::Text(mut second) = kept else { panic!() };
    second.ordinal = 1;
    assert!(fleet.keep(1, Kept::Text(second)), "listed twice in one life: two texts");
    assert_eq!(fleet.mail(ALICE), [mail_text(1_000, "hello", 1), mail_text(1_000, "hello", 1)]);
    assert_eq!(fleet.mail(BOB), []);
}

#[test]
fn a_text_that_its_centre_sends_again_by_another_modem_comes_once() {
    let mut fleet = Fleet::new(1, 2);
    fleet.standby(10, anywhere());
    assert!(fleet.keep(1, text(fleet.claim(10), pdu(1_000, "hello", None))));
    assert_eq!(fleet.mail(ALICE).len(), 1);

    // Now more messages wait at the centre, which says so in the first octet of the TPDU.
    let mut again = pdu(1_000, "hello", None);
    let header = usize::from(again[0]) + 1;
    again[header] &= !0x04;
    assert!(fleet.keep(1, text(fleet.claim(10), again)));

    assert_eq!(fleet.mail(ALICE).len(), 1);
}

#[test]
fn parts_are_put_together_in_any_order_over_modems_and_leases() {
    let mut fleet = Fleet::new(1, 2);
    fleet.standby(10, on(modem(1, 0)));
    let first = fleet.claim(10);
    assert!(fleet.keep(1, text(first, pdu(1_000, "world", Some((7, 2, 2))))));
    assert_eq!(fleet.mail(ALICE), []);
    fleet.assign(ALICE, 10, on(modem(1, 1)));
    fleet.released(1, 10);
    fleet.attached(10);
    // Drained from the modem that had the SIM before, by its old epoch.
    assert!(fleet.claim(10).epoch > first.epoch);
    assert!(fleet.keep(1, text(first, pdu(1_000, "hello ", Some((7, 2, 1))))));
    assert_eq!(fleet.mail(ALICE), [mail_text(1_000, "hello world", 2)]);
    assert_eq!(fleet.exchange.state.indexes, fleet.exchange.state.indexed_anew());
}

#[test]
fn what_lacks_parts_for_too_long_is_shown_as_far_as_it_came() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let claim = fleet.claim(10);
    assert!(fleet.keep(1, text(claim, pdu(1_000, "end", Some((7, 3, 3))))));
    let wait = ExchangeConfig::default().parts_wait;
    let due = fleet.now.plus(wait);
    fleet.pass_to(due);
    assert_eq!(fleet.records.last().unwrap().change, Change::Incomplete(iccid(10)));
    let from = "+491701".to_string();
    let cut = Mail::Incomplete { from, body: "……end".to_string() };
    assert_eq!(fleet.mail(ALICE), std::slice::from_ref(&cut));
    // The number is used again: a new text.
    assert!(fleet.keep(1, text(claim, pdu(2_000, "a", Some((7, 2, 1))))));
    assert!(fleet.keep(1, text(claim, pdu(3_000, "b", Some((7, 2, 1))))));
    assert!(fleet.keep(1, text(claim, pdu(3_001, "c", Some((7, 2, 2))))));
    let from = "+491701".to_string();
    let again = Mail::Incomplete { from, body: "a…".to_string() };
    assert_eq!(fleet.mail(ALICE), [cut, again, mail_text(3_000, "bc", 2)]);
}

#[test]
fn what_nobody_can_read_is_kept_as_it_is() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let claim = fleet.claim(10);
    assert!(fleet.keep(1, text(claim, [0, 0xAB, 0xCD].into())));
    let hex = Mail::Text { from: String::new(), unix_s: 0, body: "00ABCD".to_string(), parts: 1 };
    assert_eq!(fleet.mail(ALICE), [hex]);
}

#[test]
fn a_full_mailbox_confirms_nothing_more_until_it_has_aged() {
    let config = ExchangeConfig {
        mail_max: 2,
        silence: secs(100_000_000),
        ttl: secs(100_000_000),
        ..ExchangeConfig::default()
    };
    let mut fleet = Fleet::with(config, 1, 1);
    fleet.standby(10, anywhere());
    let claim = fleet.claim(10);
    let third = text(claim, pdu(3, "three", None));
    assert!(fleet.keep(1, text(claim, pdu(1, "one", None))));
    assert!(fleet.keep(1, text(claim, pdu(2, "two", None))));
    let records = fleet.records.len();
    assert!(!fleet.keep(1, third.clone()), "the modem keeps it");
    assert!(fleet.keep(1, text(claim, pdu(2, "two", None))), "known ones are confirmed");
    assert_eq!(fleet.records.len(), records);
    assert!(fleet.keep(1, call(claim, 1, Direction::Incoming, CallEnding::NoAnswer)));
    let aged = fleet.now.plus(config.mail_keep);
    fleet.pass_to(aged);
    assert!(fleet.keep(1, third));
    assert!(fleet.mail(ALICE).contains(&mail_text(3, "three", 1)));
    assert!(!fleet.mail(ALICE).contains(&mail_text(1, "one", 1)));
}

#[test]
fn a_site_keeps_only_what_is_of_a_sim_that_it_has_or_had() {
    let mut fleet = Fleet::new(2, 1);
    fleet.give(hello(2, 1, 1, 0, 1, Kind::BuiltIn));
    fleet.standby(10, anywhere());
    let claim = fleet.claim(10);
    let newer = LeaseClaim { epoch: Epoch::new(Term(9), 1), ..claim };
    assert!(!fleet.keep(2, text(claim, pdu(1, "x", None))), "never there");
    assert!(!fleet.keep(1, text(fleet.claim(11), pdu(1, "x", None))), "on no modem ever");
    assert!(!fleet.keep(1, text(newer, pdu(1, "x", None))));
    assert!(!fleet.keep(1, text(claim, [0; 300].into())), "too long");
    assert_eq!((fleet.exchange.misreports(), fleet.mail(ALICE)), (4, Vec::new()));
}

#[test]
fn a_call_that_nobody_answered_is_missed_once() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let claim = fleet.claim(10);
    let missed = call(claim, 1, Direction::Incoming, CallEnding::Released);
    assert!(fleet.keep(1, missed.clone()) && fleet.keep(1, missed));
    assert!(fleet.keep(1, call(claim, 2, Direction::Incoming, CallEnding::HungUp)), "refused");
    assert!(fleet.keep(1, call(claim, 3, Direction::Outgoing, CallEnding::NoAnswer)));
    let Kept::Call(mut answered) = call(claim, 4, Direction::Incoming, CallEnding::Released) else {
        panic!()
    };
    answered.talked = Some(secs(3));
    assert!(fleet.keep(1, Kept::Call(answered)));
    let from = Some("+33612345678".to_string());
    assert_eq!(fleet.mail(ALICE), [Mail::MissedCall { from, rang: secs(20) }]);
}

#[test]
fn users_see_what_they_may_see_a_page_at_a_time() {
    let mut fleet = Fleet::new(2, 2);
    let permit = |user, set| Input::Operator(OperatorInput::Permit { iccid: iccid(10), user, set });
    fleet.give(permit(BOB, Permissions::CALL));
    fleet.standby(10, anywhere());
    fleet.standby(11, anywhere());
    for i in 0..75 {
        for n in [10, 11] {
            assert!(fleet.keep(1, text(fleet.claim(n), pdu(i, &n.to_string(), None))));
        }
    }
    let claim = fleet.claim(10);
    assert!(fleet.keep(1, call(claim, 1, Direction::Incoming, CallEnding::Released)));
    assert!(matches!(fleet.mail(BOB).as_slice(), [Mail::MissedCall { .. }]));
    let (mut after, mut pages) = (MailId(0), Vec::new());
    loop {
        let Answer::Mail(page) = fleet.user(ALICE, Ask::Mail { after }) else { panic!() };
        assert_eq!(page.after, after);
        assert!(page.items.iter().map(|item| item.id).is_sorted());
        after = page.items.last().unwrap().id;
        pages.push(page.items.len());
        if !page.more {
            break;
        }
    }
    assert_eq!(pages, [100, 51]);
    fleet.give(permit(ALICE, Permissions::NONE));
    assert_eq!(fleet.mail(ALICE).len(), 75, "of the other SIM");
}
