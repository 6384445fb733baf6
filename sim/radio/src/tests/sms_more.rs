//! Texts: limits, faults, commands, and people outside.

use super::{
    Network, Texts, imsi,
    network::*,
    number,
    sms::{answer, centre, deliveries, pair, reports, send, send_tpdu, submit, switch_off, texts},
};
use crate::{air::*, *};
use polysim_base::{Duration, Msisdn};
use polysim_sms::{Address, Command, CommandType, MobileOriginated, Status, Tpdu};

#[test]
fn a_congested_or_full_centre_refuses_with_42() {
    let (mut network, alice, _) = pair();
    let until = network.now.plus(Duration::from_secs(60));
    network.command(ONE, CoreCommand::Fault(CoreFault::SmsCongestion { until }));
    send(&mut network, alice, submit("+49171000002", "x"));
    assert_eq!(answer(&mut network, alice), Err(42));
    network.run_s(60);
    send(&mut network, alice, submit("+49171000002", "x"));
    assert!(answer(&mut network, alice).is_ok());

    let mut configs = operators();
    configs[0].smsc.store_max = 2;
    let mut network = Network::with(1, configs, |directory| directory);
    let (alice, bob) = (network.phone(ONE, 1), network.phone(ONE, 2));
    network.attached(alice, CELL_1);
    for expected in [true, true, false] {
        send(&mut network, alice, submit("+49171000002", "x"));
        assert_eq!(answer(&mut network, alice).map_err(|cause| cause == 42).is_ok(), expected);
    }
    network.attached(bob, CELL_1);
    send(&mut network, alice, submit("+49171000002", "x"));
    assert!(answer(&mut network, alice).is_ok(), "room again");
}

#[test]
fn without_entitlement_or_credit_texts_are_refused_with_50() {
    let mut network = Network::new(1);
    network.phone(ONE, 2);
    let mut mute = SubscriberConfig::new(imsi(ONE, 3), Some(number(ONE, 3)));
    mute.services.sms = false;
    let mut broke = SubscriberConfig::new(imsi(ONE, 4), Some(number(ONE, 4)));
    broke.prepaid = true;
    let unnumbered = SubscriberConfig::new(imsi(ONE, 5), None);
    for (n, subscriber) in [(3, mute), (4, broke), (5, unnumbered)] {
        network.subscribe(subscriber, ONE);
        let phone = network.device(RadioId(n), ONE, n);
        network.attached(phone, CELL_1);
        send(&mut network, phone, submit("+49171000002", "x"));
        assert_eq!(answer(&mut network, phone), Err(50), "{n}");
    }
    let (imsi, amount) = (imsi(ONE, 4), Money(150_000));
    network.command(ONE, CoreCommand::TopUp { imsi, amount });
    send(&mut network, RadioId(4), submit("+49171000002", "x"));
    assert!(answer(&mut network, RadioId(4)).is_ok());
}

#[test]
fn a_recipient_without_entitlement_is_a_final_failure() {
    let (mut network, alice, _) = pair();
    let mut mute = SubscriberConfig::new(imsi(ONE, 3), Some(number(ONE, 3)));
    mute.services.sms = false;
    network.subscribe(mute, ONE);
    send(&mut network, alice, submit("+49171000003", "x").with_status_report());
    assert_eq!(reports(&mut network, alice)[0].status, Status::CONNECTION_REJECTED);
}

#[test]
fn duplicates_are_rejected_where_asked() {
    let (mut network, alice, bob) = pair();
    switch_off(&mut network, bob);
    let mut strict = submit("+49171000002", "x").with_reference(5);
    strict.reject_duplicates = true;
    send(&mut network, alice, strict.clone());
    assert!(answer(&mut network, alice).is_ok());
    send(&mut network, alice, strict.clone());
    assert_eq!(answer(&mut network, alice), Err(21));
    send(&mut network, alice, strict.clone().with_reference(6));
    assert!(answer(&mut network, alice).is_ok());
    strict.reject_duplicates = false;
    send(&mut network, alice, strict);
    assert!(answer(&mut network, alice).is_ok());
    network.attach(bob, CELL_1);
    network.run_s(2);
    assert_eq!(texts(&mut network, bob).len(), 3);
}

#[test]
fn a_fault_loses_texts_or_delivers_them_twice() {
    let (mut network, alice, bob) = pair();
    let until = network.now.plus(Duration::from_secs(60));
    let share = 1_000_000;
    network.command(ONE, CoreCommand::Fault(CoreFault::SmsLoss { share, until }));
    send(&mut network, alice, submit("+49171000002", "lost").with_status_report());
    assert!(answer(&mut network, alice).is_ok());
    network.run_s(60);
    assert_eq!(texts(&mut network, bob), [""; 0]);
    let until = network.now.plus(Duration::from_secs(60));
    network.command(ONE, CoreCommand::Fault(CoreFault::SmsDuplicate { share, until }));
    send(&mut network, alice, submit("+49171000002", "twice").with_status_report());
    assert_eq!(texts(&mut network, bob), ["twice", "twice"]);
    assert_eq!(reports(&mut network, alice).len(), 1);
    assert_eq!(network.core(ONE).counters().sms_delivered, 1);
}

#[test]
fn a_delivery_never_overtakes_another_and_an_unanswered_one_ends() {
    let (mut network, alice, bob) = pair();
    network.dev(bob).texts = Texts::Ignore;
    send(&mut network, alice, submit("+49171000002", "first"));
    send(&mut network, alice, submit("+49171000002", "second"));
    network.run_s(120);
    assert_eq!(texts(&mut network, bob), ["first"], "absent after 40 s, then an alert is awaited");
    network.dev(bob).texts = Texts::Take;
    network.attach(bob, CELL_1);
    network.run_s(2);
    assert_eq!(texts(&mut network, bob), ["first", "second"]);
}

#[test]
fn a_commands_enquiry_and_delete() {
    let (mut network, alice, bob) = pair();
    switch_off(&mut network, bob);
    send(&mut network, alice, submit("+49171000002", "oops").with_reference(8));
    let bob_address = Address::parse_dialled("+49171000002").unwrap();
    let command = |kind, number| {
        let mut command = Command::new(kind, number, bob_address).with_reference(60);
        command.status_report_request = true;
        MobileOriginated::Command(command).to_octets()
    };
    let mut status_of = |kind, number| {
        network.dev(alice).take();
        send_tpdu(&mut network, alice, command(kind, number));
        let reports = reports(&mut network, alice);
        assert_eq!(reports.len(), 1);
        assert!(reports[0].for_command);
        assert_eq!(reports[0].reference, 60);
        reports[0].status
    };
    assert_eq!(status_of(CommandType::ENQUIRY, 8), Status::TRYING_NO_RESPONSE);
    assert_eq!(status_of(CommandType::ENQUIRY, 7), Status::UNKNOWN_MESSAGE);
    assert_eq!(status_of(CommandType::DELETE, 8), Status::DELETED_BY_ORIGINATOR);
    assert_eq!(status_of(CommandType::DELETE, 8), Status::UNKNOWN_MESSAGE);
    network.attach(bob, CELL_1);
    network.run_s(1);
    assert_eq!(texts(&mut network, bob), [""; 0]);
}

#[test]
fn a_report_can_be_asked_for_later() {
    let (mut network, alice, bob) = pair();
    switch_off(&mut network, bob);
    send(&mut network, alice, submit("+49171000002", "x").with_reference(8));
    let bob_address = Address::parse_dialled("+49171000002").unwrap();
    let enable = Command::new(CommandType::ENABLE_REPORT, 8, bob_address);
    send_tpdu(&mut network, alice, MobileOriginated::Command(enable).to_octets());
    network.attach(bob, CELL_1);
    network.run_s(1);
    assert_eq!(reports(&mut network, alice).len(), 1);
}

#[test]
fn a_roamer_sends_through_the_centre_at_home() {
    let (mut network, alice, bob) = pair();
    network.travel(alice, ABROAD);
    network.attached(alice, CELL_3);
    send(&mut network, alice, submit("+49171000002", "from abroad"));
    assert!(answer(&mut network, alice).is_ok());
    assert_eq!(texts(&mut network, bob), ["from abroad"]);
    let cdrs = network.take_events().into_iter().filter_map(|event| match event {
        NetworkEvent::Cdr(cdr) => Some((cdr.usage, cdr.serving, cdr.price)),
        _ => None,
    });
    assert_eq!(cdrs.collect::<Vec<_>>(), [(Usage::Sms, THREE, Money(300_000))]);
}

#[test]
fn a_centre_out_of_reach_is_a_temporary_failure() {
    let (mut network, alice, _) = pair();
    network.travel(alice, ABROAD);
    network.attached(alice, CELL_3);
    network.partitioned.push(ONE);
    send(&mut network, alice, submit("+49171000002", "x"));
    network.run_s(10);
    assert_eq!(answer(&mut network, alice), Err(41));
}

#[test]
fn a_home_network_out_of_reach_is_tried_again() {
    let (mut network, alice, _) = pair();
    let other = network.phone(TWO, 5);
    network.attached(other, CELL_2);
    network.partitioned.push(TWO);
    send(&mut network, alice, submit("+49172000005", "x"));
    network.run_s(15);
    network.partitioned.clear();
    network.run_s(40);
    assert_eq!(texts(&mut network, other), ["x"]);
}

fn from_outside(from: Party, to: Msisdn, content: OutsideSms) -> CoreCommand {
    CoreCommand::OutsideSms { from, to, content, tag: None, validity: None }
}

#[test]
fn people_outside_send_and_get_texts() {
    let outsider = Msisdn::parse("+8613900000001").unwrap();
    let mut network = Network::with(1, operators(), |directory| {
        directory.with_outsider(outsider, Outsider::Busy)
    });
    let alice = network.phone(ONE, 1);
    network.attached(alice, CELL_1);
    let long = "A long text with a snowman \u{2603} in it, so that it needs UCS-2 and two parts: \
                seventy characters are the most for one.";
    for (from, text) in [
        (Party::Number(outsider), "number"),
        (Party::Name("Bank".into()), "name"),
        (Party::Name("10086".into()), long),
    ] {
        let content = OutsideSms::Text(text.into());
        network.command(ONE, from_outside(from, number(ONE, 1), content));
        network.run_s(1);
    }
    let delivered = deliveries(&mut network, alice);
    let senders: Vec<String> = delivered.iter().map(|d| d.originator.to_string()).collect();
    assert_eq!(senders, ["+8613900000001", "Bank", "10086", "10086"]);
    let parts = delivered[2..].iter().map(|d| d.user_data.text().unwrap());
    assert_eq!(parts.collect::<String>(), long);

    network.take_events();
    send(&mut network, alice, submit("+8613900000001", "hi").with_status_report());
    assert_eq!(reports(&mut network, alice)[0].status, Status::RECEIVED);
    let outside = network.take_events().into_iter().find_map(|event| match event {
        NetworkEvent::Sms(SmsEvent::DeliveredOutside { from, to, .. }) => Some((from, to)),
        _ => None,
    });
    assert_eq!(outside, Some((Party::Number(number(ONE, 1)), outsider)));
}

#[test]
fn a_whole_tpdu_from_outside_reaches_the_phone_as_it_is() {
    let (mut network, _, bob) = pair();
    let deliver = {
        let name = Address::alphanumeric("Raw").unwrap();
        let ud = polysim_sms::UserData::from_text("as is").unwrap();
        let stamp = polysim_sms::Timestamp::new((20, 1, 2), (3, 4, 5), -8).unwrap();
        polysim_sms::Deliver::new(name, stamp, ud)
    };
    let tpdu = polysim_sms::MobileTerminated::Deliver(deliver.clone()).to_octets();
    let (from, to) = (Party::Name("Raw".into()), number(ONE, 2));
    let content = OutsideSms::Deliver(tpdu);
    network.command(ONE, from_outside(from, to, content));
    network.run_s(1);
    assert_eq!(deliveries(&mut network, bob), [deliver]);
}

#[test]
fn an_empty_tpdu_from_outside_and_unsendable_names_do_no_harm() {
    let (mut network, _, bob) = pair();
    let to = number(ONE, 2);
    let from = Party::Name("a name that is much too long".into());
    let content = OutsideSms::Text("x".into());
    network.command(ONE, from_outside(from.clone(), to, content));
    network.run_s(1);
    assert_eq!(network.core(ONE).counters().sms_refused, 1);
    let content = OutsideSms::Deliver(vec![]);
    network.command(ONE, from_outside(from, to, content));
    network.run_s(1);
    assert_eq!(network.dev(bob).take().len(), 1);
}

#[test]
fn every_accepted_text_ends_in_exactly_one_way() {
    let (mut network, alice, bob) = pair();
    for (round, off) in [false, true, true, false].into_iter().enumerate() {
        if off {
            switch_off(&mut network, bob);
        } else {
            network.attach(bob, CELL_1);
            network.run_s(2);
        }
        for n in 0..5 {
            let reference = u8::try_from(round * 5 + n).unwrap();
            let text = submit("+49171000002", "x").with_reference(reference);
            send(&mut network, alice, text.with_status_report());
        }
    }
    network.run_s(5);
    let mut references: Vec<u8> =
        reports(&mut network, alice).iter().map(|r| r.reference).collect();
    references.sort_unstable();
    assert_eq!(references, (0..20).collect::<Vec<u8>>());
    let counters = *network.core(ONE).counters();
    assert_eq!((counters.sms_accepted, counters.sms_delivered), (20, 20));
    assert_eq!(network.core(ONE).stored_texts(), 0);
    assert_eq!(centre(ONE), number(ONE, 999_999));
}
