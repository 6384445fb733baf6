use super::upkeep::received;
use super::{ANN, BOB, Rig, claim};
use crate::site::{ModemPhase, SiteRecord};
use crate::wire::{
    Act, Done, FromModem, Kept, MessageId, PartOutcome, SiteReport, TextState, UseRefusal,
};
use crate::{Permissions, Revoke, TerminalId, UserId};
use polysim_base::{Duration, Msisdn};
use polysim_modem::ModemCommand;
use std::string::String;
use std::vec::Vec;

pub(super) fn text_of((user, terminal): (UserId, TerminalId), number: u64, body: &str) -> Act {
    let message = MessageId { user, terminal, number };
    let to = Msisdn::parse("+491701112222").unwrap();
    Act::Text { message, to, body: body.into(), report: true }
}

pub(super) fn text(number: u64, body: &str) -> Act {
    text_of(ANN, number, body)
}

fn message(number: u64) -> MessageId {
    MessageId { user: ANN.0, terminal: ANN.1, number }
}

fn sent(rig: &Rig) -> usize {
    let texts = |command: &&ModemCommand| matches!(command, ModemCommand::SendText(_));
    rig.drivers[0].commands.iter().filter(texts).count()
}

fn outcomes(rig: &Rig) -> Vec<Vec<PartOutcome>> {
    let parts = |kept| match kept {
        Kept::Outcome(outcome) => Some(outcome.parts),
        _ => None,
    };
    rig.kept().into_iter().filter_map(parts).collect()
}

#[test]
fn a_text_is_recorded_accepted_handed_over_and_its_outcome_told_to_all() {
    let mut rig = Rig::on_standby();
    let accepted = rig.act(ANN, text(1, "hello"));
    assert_eq!(accepted, Some(Ok(Done::Accepted(message(1)))));
    assert_eq!(sent(&rig), 1);
    assert_eq!(outcomes(&rig), [[PartOutcome::Pending], [PartOutcome::Sent { reference: 7 }]]);
    let states = rig.told(ANN).into_iter().filter_map(|told| match told {
        FromModem::Text { state, .. } => Some(state),
        _ => None,
    });
    assert!(states.eq([TextState::Submitting, TextState::Sent]));
    let began = SiteReport::ServiceBegan(claim(1, 1), 1);
    assert!(rig.reports().contains(&began));
    let Some(Kept::Outcome(outcome)) = rig.kept().pop() else { panic!() };
    assert!(outcome.report && outcome.unix_s >= 1_700_000_000);
    assert_eq!(outcome.to, "+491701112222");
}

#[test]
fn the_same_message_is_sent_once_however_often_it_is_asked_for() {
    let mut rig = Rig::on_standby();
    rig.ask(ANN, 1, text(1, "hello"));
    let again = rig.ask(ANN, 1, text(1, "hello"));
    assert_eq!(again, Some(Ok(Done::Accepted(message(1)))));
    let later = rig.ask(ANN, 2, text(1, "hello"));
    assert_eq!(later, Some(Ok(Done::Accepted(message(1)))));
    assert_eq!(sent(&rig), 1);
    rig.restart();
    let after = rig.ask(ANN, 3, text(1, "hello"));
    assert_eq!(after, Some(Ok(Done::Accepted(message(1)))), "no lease is needed to say so");
    assert_eq!(sent(&rig), 1);
}

#[test]
fn a_message_that_overtook_an_older_one_does_not_make_it_a_repetition() {
    let mut rig = Rig::on_standby();
    rig.act(ANN, text(2, "second"));
    rig.act(ANN, text(1, "first"));
    assert_eq!(sent(&rig), 2);
}

#[test]
fn after_a_crash_a_text_that_a_modem_may_have_is_unknown_and_one_it_has_not_is_not_sent() {
    let mut rig = Rig::on_standby();
    rig.drivers[0].stuck = true;
    rig.act(ANN, text(1, "at the modem"));
    rig.act(ANN, text(2, "waits"));
    assert_eq!(sent(&rig), 1);
    rig.out.clear();
    rig.restart();
    let failed = PartOutcome::Failed { cause: None };
    assert_eq!(outcomes(&rig), [[PartOutcome::Unknown], [failed]]);
    rig.unstick(0);
    assert_eq!(outcomes(&rig).len(), 2, "what the modem says later belongs to nobody");
}

#[test]
fn an_outcome_is_said_until_it_is_confirmed_also_after_a_crash() {
    let mut rig = Rig::on_standby();
    rig.confirms = false;
    rig.act(ANN, text(1, "hello"));
    rig.out.clear();
    rig.advance(Duration::from_secs(31));
    assert_eq!(outcomes(&rig), [[PartOutcome::Sent { reference: 7 }]]);
    rig.out.clear();
    rig.restart();
    assert_eq!(outcomes(&rig), [[PartOutcome::Sent { reference: 7 }]]);
    rig.confirms = true;
    rig.advance(Duration::from_secs(31));
    assert_eq!(rig.site.unconfirmed(), 0);
}

#[test]
fn texts_wait_in_a_queue_of_bounded_length_and_fail_with_their_lease() {
    let mut rig = Rig::on_standby();
    let users = [(ANN.0, Permissions::TEXT_SEND)];
    let budget = crate::wire::Budget { texts_limit: 100, ..Default::default() };
    let crate::wire::LeaseClaim { iccid, epoch } = claim(1, 1);
    let users = users.into();
    rig.order(crate::wire::SiteOrder::Entitle { iccid, epoch, revision: 1, users, budget });
    rig.drivers[0].stuck = true;
    let answers: Vec<_> = (1..=18).map(|number| rig.act(ANN, text(number, "x"))).collect();
    assert_eq!(answers[16], Some(Ok(Done::Accepted(message(17)))));
    assert_eq!(answers[17], Some(Err(UseRefusal::Busy)));
    rig.revoke(1, 1, Revoke::AtOnce);
    let failed = PartOutcome::Failed { cause: None };
    assert_eq!(outcomes(&rig).iter().filter(|parts| **parts == [failed]).count(), 16);
    rig.unstick(0);
    assert_eq!(outcomes(&rig).last().unwrap(), &[PartOutcome::Sent { reference: 7 }]);
    assert_eq!(sent(&rig), 1);
}

#[test]
fn a_permission_that_was_withdrawn_does_not_come_back_with_an_overtaken_order() {
    let mut rig = Rig::on_standby();
    let (may, not) = ([(ANN.0, Permissions::TEXT_SEND)], [(ANN.0, Permissions::CALL)]);
    let refused = Some(Err(UseRefusal::NotPermitted));
    rig.entitle_revised(1, 1, 7, &not);
    rig.entitle_revised(1, 1, 6, &may);
    assert_eq!(rig.act(ANN, text(1, "x")), refused, "overtaken");
    rig.entitle_revised(1, 1, 8, &may);
    assert_eq!(rig.act(ANN, text(2, "x")), Some(Ok(Done::Accepted(message(2)))), "given again");
    let lower = crate::wire::Budget { texts_limit: 1, ..Default::default() };
    let (crate::wire::LeaseClaim { iccid, epoch }, users) = (claim(1, 1), may.into());
    let order = crate::wire::SiteOrder::Entitle { iccid, epoch, revision: 9, users, budget: lower };
    rig.order(order);
    rig.entitle_revised(1, 1, 8, &may);
    assert_eq!(rig.act(ANN, text(3, "x")), Some(Err(UseRefusal::CapReached)), "a lower cap");
}

#[test]
fn a_text_is_refused_without_permission_lease_budget_or_sense() {
    let mut rig = Rig::on_standby();
    rig.entitle_users(1, 1, &[(ANN.0, Permissions::TEXT_SEND)]);
    let nobody = (UserId(9), TerminalId(9));
    assert_eq!(rig.act(nobody, text_of(nobody, 1, "x")), Some(Err(UseRefusal::NotPermitted)));
    assert_eq!(rig.act(BOB, text_of(BOB, 1, "x")), Some(Err(UseRefusal::NotPermitted)));
    assert_eq!(rig.act(ANN, text_of(BOB, 1, "x")), Some(Err(UseRefusal::BadRequest)));
    let long = String::from_iter(std::iter::repeat_n('x', 17 * 153));
    assert_eq!(rig.act(ANN, text(11, &long)), Some(Err(UseRefusal::BadRequest)));
    let four = String::from_iter(std::iter::repeat_n('x', 4 * 153));
    assert_eq!(rig.act(ANN, text(12, &four)), Some(Err(UseRefusal::CapReached)));
    for number in 1..=3 {
        assert!(rig.act(ANN, text(number, "x")).unwrap().is_ok());
    }
    assert_eq!(rig.act(ANN, text(4, "x")), Some(Err(UseRefusal::CapReached)));
    rig.grant(1, 2);
    rig.entitle(1, 2);
    assert_eq!(rig.act(ANN, text(5, "x")), Some(Err(UseRefusal::Moved)));
    assert_eq!(sent(&rig), 3);
}

#[test]
fn a_text_that_comes_stays_in_the_modem_until_it_is_confirmed() {
    let mut rig = Rig::on_standby();
    rig.confirms = false;
    rig.drivers[0].store.insert(5, [5].into());
    rig.event(received(5, &[5]));
    rig.out.clear();
    rig.advance(Duration::from_secs(61));
    assert_eq!(rig.kept().len(), 2, "said again twice");
    assert!(!rig.drivers[0].store.is_empty());
    rig.confirms = true;
    rig.advance(Duration::from_secs(30));
    assert!(rig.drivers[0].store.is_empty());
    assert_eq!(rig.site.unconfirmed(), 0);
    assert_eq!(rig.phase(), ModemPhase::Standby);
}

#[test]
fn what_a_modem_holds_after_a_crash_is_handed_on_without_waiting_for_a_next_sim() {
    let mut rig = Rig::on_standby();
    rig.confirms = false;
    rig.drivers[0].store.insert(5, [5].into());
    rig.event(received(5, &[5]));
    rig.confirms = true;
    rig.restart();
    assert!(rig.drivers[0].store.is_empty());
    let Some(Kept::Text(text)) = rig.kept().pop() else { panic!() };
    assert_eq!(text.claim, claim(1, 1));
}

#[test]
fn equal_octets_of_one_life_are_two_texts_and_the_same_again_in_the_next() {
    let mut rig = Rig::on_standby();
    rig.event(received(5, &[5]));
    rig.event(received(6, &[5]));
    let ordinals = |rig: &Rig| -> Vec<u16> {
        let ordinal = |kept| match kept {
            Kept::Text(text) => Some(text.ordinal),
            _ => None,
        };
        rig.kept().into_iter().filter_map(ordinal).collect()
    };
    assert_eq!(ordinals(&rig), [0, 1]);
    rig.restart();
    rig.grant(1, 2);
    rig.event(received(1, &[5]));
    assert_eq!(ordinals(&rig), [0, 1, 0]);
}

#[test]
fn a_text_is_on_record_before_its_modem_has_it() {
    let mut rig = Rig::on_standby();
    let before = rig.records.len();
    rig.drivers[0].stuck = true;
    rig.act(ANN, text(1, "hello"));
    let records = &rig.records[before..];
    assert!(matches!(records, [SiteRecord::TextAccepted(_), SiteRecord::TextSubmitted { .. }]));
}
