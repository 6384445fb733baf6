use super::{ANN, ANN_TOO, BOB, Rig, call, claim};
use crate::site::ModemPhase;
use crate::wire::{
    Act, CallEnding, CallPhase, CallRecord, CallRef, Done, FromModem, Kept, RingOver, SiteReport,
    UseRefusal,
};
use crate::{Permissions, Revoke};
use polysim_at::{CallDirection, CallState};
use polysim_base::{Duration, Msisdn};
use polysim_modem::{CallEnd, CallId, ModemCommand, ModemEvent};
use std::vec::Vec;

pub(super) fn rings(rig: &mut Rig, id: u8, state: CallState) -> CallRef {
    rig.drivers[0].calls.insert(id, (state, CallDirection::Terminated));
    rig.event(ModemEvent::Incoming(call(id, CallDirection::Terminated, state)));
    last_ring(rig, ANN.0).unwrap()
}

fn last_ring(rig: &Rig, user: crate::UserId) -> Option<CallRef> {
    rig.told_user(user).into_iter().rev().find_map(|told| match told {
        FromModem::Rings { call, .. } => Some(call),
        _ => None,
    })
}

fn ring_overs(rig: &Rig, user: crate::UserId) -> Vec<RingOver> {
    let over = |told| match told {
        FromModem::RingOver { why, .. } => Some(why),
        _ => None,
    };
    rig.told_user(user).into_iter().filter_map(over).collect()
}

fn records(rig: &Rig) -> Vec<CallRecord> {
    let call = |kept| match kept {
        Kept::Call(call) => Some(call),
        _ => None,
    };
    rig.kept().into_iter().filter_map(call).collect()
}

fn phases(rig: &Rig, by: (crate::UserId, crate::TerminalId)) -> Vec<CallPhase> {
    let phase = |told| match told {
        FromModem::Call { phase, .. } => Some(phase),
        _ => None,
    };
    rig.told(by).into_iter().filter_map(phase).collect()
}

fn dial(rig: &mut Rig) -> CallRef {
    let to = Msisdn::parse("+4930123456").unwrap();
    match rig.act(ANN, Act::Dial { to }) {
        Some(Ok(Done::Dialling(call))) => call,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_call_that_comes_in_rings_at_all_who_may_call_and_one_answer_wins() {
    let mut rig = Rig::on_standby();
    let call = rings(&mut rig, 1, CallState::Incoming);
    assert_eq!(last_ring(&rig, BOB.0), Some(call));
    assert_eq!(rig.phase(), ModemPhase::Service);
    assert_eq!(rig.act(BOB, Act::Answer(call)), Some(Ok(Done::Done)));
    assert_eq!(rig.act(ANN, Act::Answer(call)), Some(Err(UseRefusal::AnsweredElsewhere)));
    assert_eq!(rig.act(ANN_TOO, Act::Reject(call)), Some(Err(UseRefusal::AnsweredElsewhere)));
    assert_eq!(ring_overs(&rig, ANN.0), [RingOver::AnsweredElsewhere]);
    assert_eq!(phases(&rig, BOB), [CallPhase::Active]);
    assert_eq!(rig.act(ANN, Act::HangUp(call)), Some(Err(UseRefusal::NoSuchCall)));
    rig.advance(Duration::from_secs(20));
    assert_eq!(rig.act(BOB, Act::HangUp(call)), Some(Ok(Done::Done)));
    let [record] = &records(&rig)[..] else { panic!("{:?}", records(&rig)) };
    assert_eq!((record.terminal, record.ending), (Some(BOB), CallEnding::HungUp));
    assert_eq!(record.talked, Some(Duration::from_secs(20)));
    assert_eq!(rig.phase(), ModemPhase::Standby);
    assert!(rig.reports().contains(&SiteReport::ServiceEnded(claim(1, 1), 2)));
}

#[test]
fn a_call_that_nobody_answers_is_refused_after_a_while() {
    let mut rig = Rig::on_standby();
    rings(&mut rig, 1, CallState::Incoming);
    rig.advance(Duration::from_secs(31));
    assert_eq!(ring_overs(&rig, ANN.0), [RingOver::Ended(CallEnding::NoAnswer)]);
    assert!(rig.drivers[0].calls.is_empty());
    let [record] = &records(&rig)[..] else { panic!() };
    assert_eq!((record.terminal, record.ending), (None, CallEnding::NoAnswer));
}

#[test]
fn ringing_is_repeated_for_a_terminal_that_came_late() {
    let mut rig = Rig::on_standby();
    rig.entitle_users(1, 1, &[(ANN.0, Permissions::CALL)]);
    let call = rings(&mut rig, 1, CallState::Incoming);
    assert_eq!(last_ring(&rig, BOB.0), None);
    rig.out.clear();
    rig.entitle_users(1, 1, &[(BOB.0, Permissions::CALL)]);
    assert_eq!(last_ring(&rig, BOB.0), Some(call));
    assert_eq!(ring_overs(&rig, ANN.0), [RingOver::Ended(CallEnding::NotPermitted)]);
    rig.out.clear();
    rig.advance(Duration::from_secs(5));
    assert_eq!(last_ring(&rig, BOB.0), Some(call));
}

#[test]
fn a_caller_that_gives_up_ends_the_ringing() {
    let mut rig = Rig::on_standby();
    rings(&mut rig, 1, CallState::Incoming);
    let ended = ModemEvent::CallEnded { call: CallId(1), cause: CallEnd::Released };
    rig.event(ended);
    assert_eq!(ring_overs(&rig, BOB.0), [RingOver::Ended(CallEnding::Released)]);
    assert_eq!(records(&rig)[0].ending, CallEnding::Released);
}

#[test]
fn a_call_that_one_terminal_refuses_rings_nowhere() {
    let mut rig = Rig::on_standby();
    let call = rings(&mut rig, 1, CallState::Incoming);
    assert_eq!(rig.act(ANN, Act::Reject(call)), Some(Ok(Done::Done)));
    assert_eq!(ring_overs(&rig, BOB.0), [RingOver::Rejected]);
    assert!(rig.drivers[0].calls.is_empty());
    assert_eq!(records(&rig)[0].ending, CallEnding::HungUp);
    assert_eq!(rig.act(BOB, Act::Answer(call)), Some(Err(UseRefusal::NoSuchCall)));
}

#[test]
fn a_call_is_dialled_once_within_permission_and_budget() {
    let mut rig = Rig::on_standby();
    let to = Msisdn::parse("+4930123456").unwrap();
    let first = rig.ask(ANN, 1, Act::Dial { to });
    let again = rig.ask(ANN, 1, Act::Dial { to });
    assert_eq!(first, again);
    let Some(Ok(Done::Dialling(name))) = first else { panic!("{first:?}") };
    let dialled = |rig: &Rig| rig.names().iter().filter(|name| *name == "Dial").count();
    assert_eq!(dialled(&rig), 1);
    assert_eq!(rig.act(BOB, Act::Dial { to }), Some(Err(UseRefusal::Busy)));
    for state in [CallState::Alerting, CallState::Active] {
        rig.event(ModemEvent::CallState(call(1, CallDirection::Originated, state)));
    }
    let expected = [CallPhase::Dialling, CallPhase::Alerting, CallPhase::Active];
    assert_eq!(phases(&rig, ANN), expected);
    rig.act(ANN, Act::HangUp(name));
    assert_eq!(phases(&rig, ANN).last(), Some(&CallPhase::Ended(CallEnding::HungUp)));
    rig.act(ANN, Act::Dial { to });
    rig.event(ModemEvent::CallEnded { call: CallId(1), cause: CallEnd::Busy });
    rig.drivers[0].calls.clear();
    assert_eq!(records(&rig)[1].ending, CallEnding::Busy);
    assert_eq!(rig.act(ANN, Act::Dial { to }), Some(Err(UseRefusal::CapReached)));
    rig.entitle_users(1, 1, &[(ANN.0, Permissions::TEXT_SEND)]);
    assert_eq!(rig.act(ANN, Act::Dial { to }), Some(Err(UseRefusal::NotPermitted)));
    assert_eq!(dialled(&rig), 2);
}

#[test]
fn a_second_call_waits_and_is_taken_by_the_terminal_that_has_the_first() {
    let mut rig = Rig::on_standby();
    let first = rings(&mut rig, 1, CallState::Incoming);
    rig.act(ANN, Act::Answer(first));
    let second = rings(&mut rig, 2, CallState::Waiting);
    assert_ne!(first, second);
    assert_eq!(rig.act(BOB, Act::Answer(second)), Some(Err(UseRefusal::Busy)));
    assert_eq!(rig.act(ANN, Act::Answer(second)), Some(Ok(Done::Done)));
    assert_eq!(phases(&rig, ANN), [CallPhase::Active, CallPhase::Held, CallPhase::Active]);
    rig.out.clear();
    assert_eq!(rig.act(ANN, Act::Hold(first)), Some(Ok(Done::Done)));
    assert_eq!(phases(&rig, ANN), [CallPhase::Active, CallPhase::Held]);
}

#[test]
fn tones_are_for_ones_own_active_call() {
    let mut rig = Rig::on_standby();
    let first = rings(&mut rig, 1, CallState::Incoming);
    rig.act(ANN, Act::Answer(first));
    assert_eq!(rig.act(ANN, Act::Dtmf(first, "12#".into())), Some(Ok(Done::Done)));
    assert_eq!(rig.act(ANN, Act::Dtmf(first, "12x".into())), Some(Err(UseRefusal::BadRequest)));
    assert_eq!(rig.act(BOB, Act::Dtmf(first, "1".into())), Some(Err(UseRefusal::NoSuchCall)));
}

#[test]
fn a_call_that_lasts_too_long_is_ended_and_a_modem_that_clings_to_it_restarted() {
    let mut rig = Rig::on_standby();
    dial(&mut rig);
    rig.event(ModemEvent::CallState(call(1, CallDirection::Originated, CallState::Active)));
    rig.drivers[0].clings = true;
    rig.advance(Duration::from_secs(599));
    assert!(!rig.names().contains(&"HangUp".into()));
    rig.advance(Duration::from_secs(2));
    assert!(rig.names().contains(&"HangUp".into()));
    rig.advance(Duration::from_secs(16));
    assert!(rig.names().contains(&"Restart".into()));
    assert_eq!(records(&rig)[0].ending, CallEnding::TooLong);
    assert_eq!(phases(&rig, ANN).last(), Some(&CallPhase::Ended(CallEnding::TooLong)));
}

#[test]
fn who_may_call_no_more_loses_the_call() {
    let mut rig = Rig::on_standby();
    dial(&mut rig);
    rig.entitle_users(1, 1, &[(BOB.0, Permissions::CALL)]);
    assert_eq!(records(&rig)[0].ending, CallEnding::NotPermitted);
    assert!(rig.drivers[0].calls.is_empty());
}

#[test]
fn a_sim_that_is_taken_back_ends_its_calls() {
    let mut rig = Rig::on_standby();
    dial(&mut rig);
    rings(&mut rig, 2, CallState::Waiting);
    rig.revoke(1, 1, Revoke::AtOnce);
    assert!(records(&rig).iter().all(|record| record.ending == CallEnding::LeaseEnded));
    assert_eq!(records(&rig).len(), 2);
    assert!(rig.drivers[0].calls.is_empty());
    let ended = RingOver::Ended(CallEnding::LeaseEnded);
    assert_eq!(ring_overs(&rig, BOB.0), [ended]);
}

#[test]
fn a_call_of_a_site_that_crashes_is_kept_as_lost() {
    let mut rig = Rig::on_standby();
    let first = rings(&mut rig, 1, CallState::Incoming);
    rig.act(BOB, Act::Answer(first));
    rig.out.clear();
    rig.restart();
    let [record] = &records(&rig)[..] else { panic!() };
    assert_eq!((record.call, record.terminal), (first, Some(BOB)));
    assert_eq!(record.ending, CallEnding::Lost);
    rig.grant(1, 2);
    rig.entitle(1, 2);
    rig.drivers[0].calls.clear();
    assert_ne!(rings(&mut rig, 1, CallState::Incoming), first);
}

#[test]
fn a_call_for_a_modem_without_a_sim_is_hung_up() {
    let mut rig = Rig::with_cards();
    rig.drivers[0].calls.insert(1, (CallState::Incoming, CallDirection::Terminated));
    rig.event(ModemEvent::Incoming(call(1, CallDirection::Terminated, CallState::Incoming)));
    assert!(rig.drivers[0].calls.is_empty());
    let hang_up = |command: &ModemCommand| matches!(command, ModemCommand::HangUp(_));
    assert!(rig.drivers[0].commands.iter().any(hang_up));
}

#[test]
fn a_call_that_the_modem_loses_is_lost() {
    let mut rig = Rig::on_standby();
    dial(&mut rig);
    rig.event(ModemEvent::CallEnded { call: CallId(1), cause: CallEnd::Lost });
    rig.event(ModemEvent::Reset);
    assert_eq!(phases(&rig, ANN).last(), Some(&CallPhase::Ended(CallEnding::Lost)));
}

#[test]
fn how_a_call_is_and_that_it_is_over_is_said_again_for_who_has_not_heard() {
    let mut rig = Rig::on_standby();
    let call = rings(&mut rig, 1, CallState::Incoming);
    rig.act(BOB, Act::Answer(call));
    rig.out.clear();
    rig.advance(Duration::from_secs(21));
    assert_eq!(phases(&rig, BOB), [CallPhase::Active; 5]);
    assert_eq!(ring_overs(&rig, ANN.0), [RingOver::AnsweredElsewhere; 3]);
    rig.out.clear();
    rig.act(BOB, Act::HangUp(call));
    rig.advance(Duration::from_secs(60));
    assert_eq!(phases(&rig, BOB), [CallPhase::Ended(CallEnding::HungUp); 4]);
    let report = |told: &FromModem| matches!(told, FromModem::SpeechEnded(..));
    assert_eq!(rig.told(BOB).into_iter().filter(report).count(), 4);
    assert_eq!(records(&rig).len(), 1);
}

#[test]
fn who_had_a_call_when_its_site_crashed_is_told_that_it_is_over() {
    let mut rig = Rig::on_standby();
    let call = rings(&mut rig, 1, CallState::Incoming);
    rig.act(BOB, Act::Answer(call));
    rig.out.clear();
    rig.restart();
    rig.advance(Duration::from_secs(60));
    assert_eq!(phases(&rig, BOB), [CallPhase::Ended(CallEnding::Lost); 4]);
}

#[test]
fn no_call_is_put_on_hold_while_another_one_waits() {
    let mut rig = Rig::on_standby();
    let first = rings(&mut rig, 1, CallState::Incoming);
    rig.act(ANN, Act::Answer(first));
    let second = rings(&mut rig, 2, CallState::Waiting);
    rig.forget_commands();
    assert_eq!(rig.act(ANN, Act::Hold(first)), Some(Err(UseRefusal::Busy)));
    assert!(rig.drivers[0].commands.is_empty(), "nobody has the call that waits");
    assert_eq!(rig.act(BOB, Act::Reject(second)), Some(Ok(Done::Done)));
    assert_eq!(rig.act(ANN, Act::Hold(first)), Some(Ok(Done::Done)));
    assert_eq!(phases(&rig, ANN).last(), Some(&CallPhase::Held));
}
