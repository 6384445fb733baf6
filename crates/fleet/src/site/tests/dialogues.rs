use super::{ANN, BOB, Rig};
use crate::site::{ModemPhase, SiteInput};
use crate::wire::{Act, Done, FromModem, UseRefusal};
use crate::{Permissions, Revoke, TerminalId, UserId};
use polysim_at::UssdStatus;
use polysim_base::Duration;
use polysim_modem::{ModemError, ModemEvent, ModemOutput};
use std::string::String;
use std::vec::Vec;

fn says(rig: &mut Rig, status: UssdStatus, text: &str) {
    rig.event(ModemEvent::Ussd { status, text: Some(text.into()) });
}

/// What a terminal is told by USSD, each thing once.
fn told(rig: &Rig, who: (UserId, TerminalId)) -> Vec<(Option<String>, bool)> {
    let mut heard = Vec::new();
    let mut last = 0;
    for said in rig.told(who) {
        if let FromModem::Ussd { number, text, more, .. } = said
            && number > last
        {
            last = number;
            heard.push((text, more));
        }
    }
    heard
}

fn said(text: Option<&str>, more: bool) -> (Option<String>, bool) {
    (text.map(Into::into), more)
}

#[test]
fn a_dialogue_is_one_terminals_until_it_is_over() {
    let mut rig = Rig::on_standby();
    assert_eq!(rig.act(ANN, Act::Ussd("*100#".into())), Some(Ok(Done::Done)));
    assert_eq!(rig.phase(), ModemPhase::Service);
    assert_eq!(rig.act(BOB, Act::Ussd("*100#".into())), Some(Err(UseRefusal::Busy)));
    says(&mut rig, UssdStatus::ActionRequired, "1: balance");
    assert_eq!(rig.act(ANN, Act::Ussd("1".into())), Some(Ok(Done::Done)));
    says(&mut rig, UssdStatus::Done, "5 euros");
    assert!(told(&rig, ANN).contains(&said(Some("1: balance"), true)));
    assert!(told(&rig, ANN).contains(&said(Some("5 euros"), false)));
    assert!(!rig.told(BOB).iter().any(|told| matches!(told, FromModem::Ussd { .. })));
    assert_eq!(rig.phase(), ModemPhase::Standby);
    assert_eq!(rig.act(BOB, Act::Ussd("*100#".into())), Some(Ok(Done::Done)));
}

#[test]
fn a_dialogue_ends_by_its_terminal_by_time_and_with_its_lease() {
    let mut rig = Rig::on_standby();
    rig.act(ANN, Act::Ussd("*100#".into()));
    assert_eq!(rig.act(BOB, Act::UssdCancel), Some(Err(UseRefusal::Refused)));
    assert_eq!(rig.act(ANN, Act::UssdCancel), Some(Ok(Done::Done)));
    assert_eq!(rig.phase(), ModemPhase::Standby);
    rig.act(ANN, Act::Ussd("*101#".into()));
    rig.out.clear();
    rig.advance(Duration::from_secs(301));
    assert_eq!(told(&rig, ANN), [said(None, false)]);
    rig.act(BOB, Act::Ussd("*102#".into()));
    rig.out.clear();
    rig.revoke(1, 1, Revoke::AtOnce);
    assert_eq!(told(&rig, BOB), [said(None, false)]);
}

#[test]
fn who_may_no_more_loses_the_dialogue() {
    let mut rig = Rig::on_standby();
    rig.act(ANN, Act::Ussd("*100#".into()));
    rig.out.clear();
    rig.entitle_users(1, 1, &[(ANN.0, Permissions::CALL)]);
    assert_eq!(told(&rig, ANN), [said(None, false)]);
    assert_eq!(rig.names().last().unwrap(), "UssdCancel");
}

#[test]
fn what_the_network_asks_when_nobody_is_there_is_cancelled() {
    let mut rig = Rig::on_standby();
    says(&mut rig, UssdStatus::ActionRequired, "who is there?");
    assert_eq!(rig.names(), ["UssdCancel"]);
}

#[test]
fn an_apdu_goes_to_the_card_one_at_a_time() {
    let mut rig = Rig::on_standby();
    let apdu = [0x00, 0xA4, 0x00, 0x04];
    assert_eq!(rig.act(ANN, Act::Apdu([0].into())), Some(Err(UseRefusal::BadRequest)));
    rig.drivers[0].stuck = true;
    assert_eq!(rig.ask(ANN, 77, Act::Apdu(apdu.into())), None);
    assert_eq!(rig.act(BOB, Act::Apdu(apdu.into())), Some(Err(UseRefusal::Busy)));
    rig.unstick(0);
    let answer = rig.ask(ANN, 77, Act::Apdu(apdu.into()));
    assert_eq!(answer, Some(Ok(Done::Apdu(apdu.into()))));
    assert_eq!(rig.names(), ["TransmitBasic"], "it is repeated, not done again");
}

#[test]
fn a_request_that_fails_late_does_not_end_the_dialogue_of_the_next() {
    let mut rig = Rig::on_standby();
    rig.drivers[0].stuck = true;
    assert_eq!(rig.act(ANN, Act::Ussd("*100#".into())), None);
    let (id, _) = rig.drivers[0].waiting.remove(0);
    assert_eq!(rig.act(ANN, Act::UssdCancel), None);
    assert_eq!(rig.act(BOB, Act::Ussd("*101#".into())), None);
    let outcome = Err(ModemError::Refused);
    rig.give(SiteInput::Modem(0, ModemOutput::Done { id, outcome }));
    says(&mut rig, UssdStatus::Done, "5 euros");
    assert_eq!(told(&rig, BOB), [said(Some("5 euros"), false)]);
    assert_eq!(told(&rig, ANN), []);
}
