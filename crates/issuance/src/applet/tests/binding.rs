use super::world::*;
use crate::applet::AppletInput;
use crate::wire::apdu::{AppletState, StoredPair};
use crate::wire::{AppletMessage, CardReport, NotBound, Outcome};
use polysim_cat::{
    Command, Feature, GeneralResult, LocationStatus, TerminalProblem, TerminalProfile,
};
use std::vec::Vec;

fn bound_card() -> Card {
    let mut card = Card::new(config(true));
    card.power_up().unwrap();
    card.settle();
    card.secured(&AppletMessage::Bound { imei: imei(1) }).unwrap();
    card
}

fn binding(n: u8) -> CardReport {
    let (imei, iccid) = (imei(n), config(true).iccid);
    CardReport::Bind { imei, iccid, imsi: Some(imsi(0)) }
}

#[test]
fn the_first_power_up_asks_for_the_binding_and_the_answer_sets_the_mark() {
    let card = bound_card();
    assert_eq!(card.reports(), [binding(1)]);
    assert_eq!(card.answers[0].outcome, Outcome::Done);
    assert!(card.applet.state().bound);
}

#[test]
fn the_second_power_up_in_the_same_device_says_nothing() {
    let mut card = bound_card();
    let before = card.commands;
    card.power_up().unwrap();
    card.settle();
    assert_eq!((card.frames.len(), card.commands), (1, before + 1), "the IMEI is read, no more");
    card.service(LocationStatus::Normal).unwrap();
    card.timer().unwrap();
    card.give(AppletInput::Polled).unwrap();
    assert_eq!(card.asked, None);
}

#[test]
fn another_device_makes_the_card_ask_again() {
    let mut card = bound_card();
    card.imei = imei(2);
    card.power_up().unwrap();
    card.settle();
    assert_eq!(card.reports(), [binding(1), binding(2)]);
    card.secured(&AppletMessage::Bound { imei: imei(1) }).unwrap();
    assert_eq!(card.answers[1].outcome, Outcome::AnotherDevice);
    assert!(!card.applet.state().bound);
}

#[test]
fn a_request_without_an_answer_is_said_again_later_and_later() {
    let mut card = Card::new(config(true));
    card.power_up().unwrap();
    card.settle();
    for said in 2..=5 {
        card.timer().unwrap();
        card.settle();
        assert_eq!(card.frames.len(), said);
    }
    assert_eq!(card.said().len(), 5, "each under a counter of its own");
    for _ in 0..100 {
        card.timer().unwrap();
        card.settle();
    }
    assert_eq!(card.frames.len(), 16, "work in one session is bounded");
    card.power_up().unwrap();
    card.settle();
    assert_eq!(card.frames.len(), 17, "and not given up for good");
}

#[test]
fn without_a_network_the_request_waits_for_the_event() {
    let mut card = Card::new(config(true));
    card.power_up().unwrap();
    card.settle_without_service();
    assert_eq!(card.frames.len(), 1, "given to the terminal, which did not send it");
    card.service(LocationStatus::Limited).unwrap();
    assert_eq!(card.asked, None);
    card.service(LocationStatus::Normal).unwrap();
    card.settle();
    assert_eq!(card.frames.len(), 2);
    card.service(LocationStatus::Normal).unwrap();
    assert_eq!(card.asked, None, "it has left: the answer is waited for");
}

#[test]
fn a_refused_binding_is_asked_for_again_at_the_next_start_only() {
    let mut card = Card::new(config(true));
    card.power_up().unwrap();
    card.settle();
    card.secured(&AppletMessage::NotBound { imei: imei(1), reason: NotBound::ImeiTaken }).unwrap();
    card.timer().unwrap();
    card.settle();
    assert_eq!(card.frames.len(), 1);
    card.power_up().unwrap();
    card.settle();
    assert_eq!(card.frames.len(), 2);
}

#[test]
fn a_blank_card_stores_the_pair_for_the_tool_and_says_nothing() {
    let mut card = Card::new(config(false));
    card.give(AppletInput::Apdu(StoredPair::get().to_vec())).unwrap();
    assert_eq!(card.data[0], [0x69, 0x85], "it has seen no device yet");
    card.power_up().unwrap();
    card.settle();
    assert_eq!((card.frames.len(), card.commands), (0, 1));
    card.reset().unwrap();
    card.give(AppletInput::Apdu(StoredPair::get().to_vec())).unwrap();
    let [data @ .., 0x90, 0x00] = &card.data[1][..] else { panic!("{:?}", card.data) };
    let pair = StoredPair::parse(data).unwrap();
    assert_eq!(pair.imei, imei(1));
    card.frames.push(pair.frame);
    let bind = CardReport::Bind { imei: imei(1), iccid: config(false).iccid, imsi: None };
    assert_eq!(card.reports(), [bind]);
    card.secured(&AppletMessage::Bound { imei: imei(1) }).unwrap();
    card.give(AppletInput::Apdu(AppletState::get().to_vec())).unwrap();
    let [data @ .., 0x90, 0x00] = &card.data[2][..] else { panic!("{:?}", card.data) };
    assert_eq!(AppletState::parse(data), Ok(AppletState { bound: true, imsi: None, order: None }));
}

#[test]
fn a_tool_that_asks_for_something_else_is_told_so() {
    let mut card = Card::new(config(true));
    for (apdu, status) in [
        (&[0x80, 0xCA, 0xDF, 0x03, 0x00][..], [0x6A, 0x88]),
        (&[0x80, 0x2A, 0xDF, 0x01, 0x00][..], [0x6D, 0x00]),
        (&[0x00, 0xCA, 0xDF, 0x01, 0x00][..], [0x6E, 0x00]),
        (&[0x80, 0xCA][..], [0x67, 0x00]),
    ] {
        card.give(AppletInput::Apdu(apdu.to_vec())).unwrap();
        assert_eq!(card.data.pop().unwrap(), status);
    }
}

#[test]
fn a_terminal_without_a_bearer_leaves_it_to_the_tool() {
    let mut card = Card::new(config(true));
    card.profile = TerminalProfile::of([Feature::LocalInformation, Feature::SetUpEventList]);
    card.power_up().unwrap();
    card.settle();
    assert!(card.frames.is_empty());
    assert_eq!(card.applet.device(), Some(imei(1)));
}

#[test]
fn a_terminal_that_knows_no_such_command_is_asked_no_more() {
    let mut card = Card::new(config(true));
    card.power_up().unwrap();
    card.answer(GeneralResult::Performed).unwrap();
    card.answer(GeneralResult::Performed).unwrap();
    assert!(matches!(card.asked, Some(Command::SendShortMessage(_))), "{:?}", card.asked);
    card.answer(GeneralResult::TypeNotUnderstood).unwrap();
    assert_eq!(card.asked, None);
}

#[test]
fn a_terminal_that_cannot_tell_its_imei_now_is_asked_again() {
    let mut card = Card::new(config(true));
    card.power_up().unwrap();
    let busy = GeneralResult::TerminalBusy(TerminalProblem::Unspecific);
    card.answer(busy).unwrap();
    card.settle();
    assert!(card.frames.is_empty());
    card.timer().unwrap();
    card.settle();
    assert_eq!(card.reports(), [binding(1)]);
}

#[test]
fn a_terminal_without_timers_is_counted_by_its_polls() {
    let mut card = Card::new(config(true));
    let features = Feature::ALL.iter().copied();
    let without: Vec<_> = features.filter(|feature| *feature != Feature::TimerStartStop).collect();
    card.profile = TerminalProfile::of(without);
    card.power_up().unwrap();
    card.settle();
    card.give(AppletInput::Polled).unwrap();
    assert_eq!(card.asked, None, "half a minute");
    card.give(AppletInput::Polled).unwrap();
    card.settle();
    assert_eq!(card.frames.len(), 2);
}

#[test]
fn networks_that_come_and_go_do_not_make_a_card_chatter() {
    let mut card = Card::new(config(true));
    card.power_up().unwrap();
    card.settle_without_service();
    for _ in 0..100 {
        card.service(LocationStatus::Limited).unwrap();
        card.service(LocationStatus::Normal).unwrap();
        card.settle_without_service();
    }
    assert_eq!(card.frames.len(), 17);
}
