//! What happens when nothing, or one thing, goes wrong.

use super::*;
use crate::links::LinkFault;
use polysim_courier::client::Choice;

#[test]
fn everybody_registers_by_a_text_of_the_carrier_and_sees_who_else_has() {
    let rig = Rig::registered(&config(1));
    assert_eq!(rig.server("numbers"), "3", "{:#?}", rig.events);
    assert_eq!(rig.server("devices"), "4");
    assert_eq!(rig.server("codes"), "3");
    assert_eq!(rig.phone(ANNA, "courier_marked"), "2");
    assert_eq!(rig.phone(TABLET, "courier_number"), "anna");
    assert_eq!(rig.count("courier.code-came"), 3);
    let kbps: u32 = rig.phone(ANNA, "courier_kbps").parse().unwrap();
    assert!((1_000..=4_000).contains(&kbps), "{kbps}: some 2,000, and jitter");
}

#[test]
fn a_user_types_the_number_that_the_card_does_not_tell() {
    let mut config = config(2);
    config.courier.as_mut().unwrap().devices[BERT].number = Some(number(BERT));
    let rig = Rig::registered(&config);
    assert_eq!(rig.of("courier.number-wanted", "bert").len(), 1, "then it is typed");
    assert_eq!(rig.phone(BERT, "courier_number"), "bert");
}

#[test]
fn a_text_goes_over_data_to_all_devices_and_its_sender_hears_of_it() {
    let mut rig = Rig::registered(&config(3));
    rig.text(BERT, ANNA, "dinner?");
    rig.run(10);
    assert_eq!(rig.said("courier.received", "anna", "text"), ["dinner?"]);
    assert_eq!(rig.said("courier.received", "tablet", "text"), ["dinner?"]);
    rig.act(CourierAction::Read { phone: ANNA });
    rig.run(10);
    let states = rig.said("courier.text", "bert", "state");
    assert_eq!(states, ["waiting", "stored", "delivered", "read"], "{states:?}");
    assert_eq!(rig.count("courier.carrier"), 0);
}

#[test]
fn a_text_that_was_taken_back_goes_by_the_carrier_and_only_there() {
    let mut rig = Rig::registered(&config(4));
    let cut = LinkFault::Cut { both_ways: true };
    rig.fault(CourierFault::Link { phone: CARLA, fault: cut }, true);
    rig.run(10);
    rig.text(ANNA, CARLA, "are you there?");
    rig.run(10);
    let carrier =
        CourierAction::Choose { phone: ANNA, about: CourierMatter::Text, choice: Choice::Carrier };
    rig.act(carrier);
    rig.run(30);
    let states = rig.said("courier.text", "anna", "state");
    assert_eq!(states, ["waiting", "stored", "withdrawing", "at-carrier", "carrier-sent"]);
    let texts = rig.said("text.received", "carla", "text");
    assert_eq!(texts.last().map(String::as_str), Some("are you there?"));
    rig.fault(CourierFault::Link { phone: CARLA, fault: cut }, false);
    rig.run(30);
    assert_eq!(rig.of("courier.received", "carla").len(), 0);
}

#[test]
fn a_call_goes_over_data_where_both_links_are_fast_and_is_heard() {
    let mut rig = Rig::registered(&config(5));
    rig.dial(BERT, CARLA);
    rig.run(20);
    assert_eq!(rig.said("courier.voice", "bert", "over_data"), ["true"]);
    assert_eq!(rig.said("courier.incoming", "carla", "peer"), ["bert"]);
    assert_eq!(rig.said("courier.answered", "bert", "peer"), ["carla"]);
    rig.act(CourierAction::HangUp { phone: BERT });
    rig.run(10);
    assert_eq!(rig.said("courier.ended", "carla", "why"), ["hung-up"]);
    let played: u32 = rig.said("courier.ended", "carla", "played")[0].parse().unwrap();
    assert!(played > 600, "{played} frames of some 15 s");
    assert_eq!(rig.count("call.dialling"), 0);
}

#[test]
fn a_call_over_a_slow_link_is_offered_to_the_carrier_and_goes_there() {
    let mut config = config(6);
    let devices = &mut config.courier.as_mut().unwrap().devices;
    devices[CARLA].rate_kbps = 32;
    devices[BERT].user.of_calls = Some(Choice::Carrier);
    let mut rig = Rig::registered(&config);
    rig.dial(BERT, CARLA);
    rig.run(30);
    assert_eq!(rig.said("courier.offered", "bert", "why"), ["callee-slow"]);
    assert_eq!(rig.said("courier.carrier", "bert", "to"), ["carla"]);
    assert_eq!(rig.of("call.incoming", "carla").len(), 1);
    rig.dial(CARLA, BERT);
    rig.run(10);
    assert_eq!(rig.said("courier.offered", "carla", "why"), ["slow"]);
}

#[test]
fn an_operator_without_data_leaves_everything_to_the_carrier() {
    let mut rig = Rig::registered(&config(7));
    rig.fault(CourierFault::NoData { operator: 0 }, true);
    rig.run(10);
    assert_eq!(rig.server("connected"), "0");
    rig.dial(BERT, CARLA);
    rig.text(BERT, CARLA, "call me");
    rig.run(5);
    assert_eq!(rig.said("courier.offered", "bert", "why"), ["no-data", "no-data"]);
    rig.fault(CourierFault::NoData { operator: 0 }, false);
    rig.run(20);
    assert_eq!(rig.server("connected"), "4");
}

#[test]
fn a_call_whose_link_is_lost_is_offered_to_the_carrier() {
    let mut rig = Rig::registered(&config(8));
    rig.dial(BERT, CARLA);
    rig.run(15);
    rig.fault(CourierFault::Link { phone: CARLA, fault: LinkFault::Cut { both_ways: true } }, true);
    rig.run(60);
    let why = rig.said("courier.offered", "bert", "why");
    assert_eq!(why, ["lost"], "{why:?}");
}

#[test]
fn a_number_that_changes_hands_leaves_its_former_holder_unregistered() {
    let mut config = config(9);
    config.courier.as_mut().unwrap().devices[CARLA].user.registers = false;
    let mut rig = Rig::registered(&config);
    rig.act(CourierAction::SwapCards { phone: BERT, with: CARLA });
    rig.run(30);
    rig.act(CourierAction::Register { phone: CARLA, number: None });
    rig.run(60);
    assert_eq!(rig.count("courier.changed-hands"), 1, "{:#?}", rig.events);
    assert_eq!(rig.phone(CARLA, "courier_number"), "bert");
    assert_eq!(rig.phone(BERT, "courier_number"), "");
    assert_eq!(rig.of("courier.proof-wanted", "bert").len(), 1);
}

#[test]
fn guesses_do_not_find_a_code() {
    let mut config = config(10);
    config.courier.as_mut().unwrap().devices[BERT].user.confirms_after = None;
    let mut rig = Rig::registered(&config);
    for guess in 0..8 {
        let code = polysim_courier::Code::parse(&format!("{guess:06}")).unwrap();
        rig.act(CourierAction::Guess { phone: BERT, code });
        rig.run(3);
    }
    assert_eq!(rig.phone(BERT, "courier_number"), "");
    assert_eq!(rig.count("courier.code-tried"), 5, "{:#?}", rig.of("courier.wrong-code", "bert"));
}

#[test]
fn a_gateway_that_takes_no_texts_is_told_to_who_wants_to_register() {
    let mut rig = Rig::new(&config(11));
    rig.fault(CourierFault::TextsRefused, true);
    rig.run(60);
    assert_eq!(rig.server("numbers"), "0");
    let why = rig.said("courier.not-registered", "bert", "why");
    assert_eq!(why, ["carrier"]);
}

#[test]
fn what_was_accepted_is_delivered_after_a_crash_of_the_server() {
    let mut rig = Rig::registered(&config(12));
    let cut = LinkFault::Cut { both_ways: true };
    rig.fault(CourierFault::Link { phone: CARLA, fault: cut }, true);
    rig.run(10);
    rig.text(ANNA, CARLA, "one");
    rig.text(ANNA, CARLA, "two");
    rig.run(10);
    rig.fault(CourierFault::ServerCrash, true);
    rig.run(5);
    assert_eq!(rig.server("up"), "false");
    rig.fault(CourierFault::ServerCrash, false);
    rig.fault(CourierFault::Link { phone: CARLA, fault: cut }, false);
    rig.run(30);
    assert_eq!(rig.said("courier.received", "carla", "text"), ["one", "two"]);
}
