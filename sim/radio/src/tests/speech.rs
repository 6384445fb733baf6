//! Speech: between devices, cores and people outside, and only in conversation.

use super::{
    Network,
    calls::{dial, ended, heard, phones, talking},
    network::*,
    number,
};
use crate::{air::*, *};
use polysim_base::{Duration, Msisdn};

fn frame(n: i16) -> SpeechFrame {
    SpeechFrame::from([n; SpeechFrame::SAMPLES])
}

/// A phone sends numbered frames, one each 20 ms.
fn speak(network: &mut Network, phone: RadioId, transaction: u8, frames: std::ops::Range<i16>) {
    for n in frames {
        let message = CallUplink::Speech(frame(n));
        network.uplink(phone, Uplink::Call { transaction, message });
        network.run_ms(20);
    }
}

/// The numbers of the frames that a phone heard, with their transactions; tones and the like are
/// thrown away.
fn frames(network: &mut Network, phone: RadioId) -> Vec<(u8, i16)> {
    network.run_s(1);
    let spoken = heard(network, phone).into_iter().filter_map(|(transaction, message)| {
        let CallDownlink::Speech(frame) = message else { return None };
        Some((transaction, frame.samples()[0]))
    });
    spoken.collect()
}

fn numbered(transaction: u8, numbers: std::ops::Range<i16>) -> Vec<(u8, i16)> {
    numbers.map(|n| (transaction, n)).collect()
}

fn counted(network: &mut Network, core: OperatorId) -> (u64, u64) {
    let counters = network.core(core).counters();
    (counters.speech_carried, counters.speech_dropped)
}

#[test]
fn speech_goes_both_ways_at_once_and_in_order() {
    let (mut network, phones) = talking();
    network.take_events();
    for n in 0..50 {
        speak(&mut network, phones[0], 0, n..n + 1);
        speak(&mut network, phones[1], 8, 100 + n..101 + n);
    }
    assert_eq!(frames(&mut network, phones[1]), numbered(8, 0..50));
    assert_eq!(frames(&mut network, phones[0]), numbered(0, 100..150));
    assert_eq!(frames(&mut network, phones[2]), []);
    assert_eq!(counted(&mut network, ONE), (100, 0));
    assert_eq!(network.take_events(), [], "speech is counted, not told");
}

#[test]
fn nothing_is_heard_before_the_answer() {
    let (mut network, phones) = phones(2);
    dial(&mut network, phones[0], 0, "0171000002");
    speak(&mut network, phones[0], 0, 0..5);
    speak(&mut network, phones[1], 8, 0..5);
    assert_eq!(frames(&mut network, phones[1]), []);
    assert_eq!(frames(&mut network, phones[0]), []);
    assert_eq!(counted(&mut network, ONE), (0, 10));
}

#[test]
fn nothing_is_heard_on_hold_whoever_holds() {
    for (holder, transaction) in [(0, 0), (1, 8)] {
        let (mut network, phones) = talking();
        network.say(phones[holder], transaction, CallUplink::Hold);
        speak(&mut network, phones[0], 0, 0..5);
        speak(&mut network, phones[1], 8, 0..5);
        assert_eq!(frames(&mut network, phones[1]), []);
        assert_eq!(frames(&mut network, phones[0]), []);
        assert_eq!(counted(&mut network, ONE), (0, 10));
        network.say(phones[holder], transaction, CallUplink::Retrieve);
        speak(&mut network, phones[0], 0, 5..7);
        speak(&mut network, phones[1], 8, 5..7);
        assert_eq!(frames(&mut network, phones[1]), numbered(8, 5..7));
        assert_eq!(frames(&mut network, phones[0]), numbered(0, 5..7));
    }
}

#[test]
fn speech_after_the_end_is_lost_without_an_answer() {
    let (mut network, phones) = talking();
    network.say(phones[0], 0, CallUplink::Disconnect(CallCause::Normal));
    assert_eq!(heard(&mut network, phones[1]), [(8, ended(CallCause::Normal))]);
    speak(&mut network, phones[0], 0, 0..5);
    speak(&mut network, phones[1], 8, 0..5);
    speak(&mut network, phones[2], 3, 0..5);
    network.run_s(1);
    for phone in phones {
        assert_eq!(heard(&mut network, phone), []);
    }
    assert_eq!(counted(&mut network, ONE), (0, 15));
}

#[test]
fn a_swap_changes_who_hears() {
    let (mut network, phones) = talking();
    let [alice, bob, carol] = phones[..] else { panic!() };
    network.say(alice, 0, CallUplink::Hold);
    dial(&mut network, alice, 1, "0171000003");
    network.say(carol, 8, CallUplink::Connect);
    speak(&mut network, alice, 0, 0..3);
    speak(&mut network, alice, 1, 10..13);
    assert_eq!(frames(&mut network, bob), []);
    assert_eq!(frames(&mut network, carol), numbered(8, 10..13));
    network.say(alice, 1, CallUplink::Hold);
    network.say(alice, 0, CallUplink::Retrieve);
    heard(&mut network, alice);
    speak(&mut network, alice, 0, 20..23);
    speak(&mut network, bob, 8, 30..33);
    speak(&mut network, carol, 8, 40..43);
    assert_eq!(frames(&mut network, bob), numbered(8, 20..23));
    assert_eq!(frames(&mut network, carol), []);
    assert_eq!(frames(&mut network, alice), numbered(0, 30..33));
}

#[test]
fn speech_between_operators_and_to_roamers() {
    let mut network = Network::new(1);
    let (alice, bob) = (network.phone(ONE, 1), network.phone(TWO, 1));
    network.attached(alice, CELL_1);
    network.travel(bob, ABROAD);
    network.attached(bob, CELL_3);
    dial(&mut network, alice, 0, "0172000001");
    network.say(bob, 8, CallUplink::Connect);
    speak(&mut network, alice, 0, 0..20);
    speak(&mut network, bob, 8, 20..40);
    assert_eq!(frames(&mut network, bob), numbered(8, 0..20));
    assert_eq!(frames(&mut network, alice), numbered(0, 20..40));
    // Each core counts what its own device heard.
    assert_eq!(counted(&mut network, ONE), (20, 0));
    assert_eq!(counted(&mut network, THREE), (20, 0));
    assert_eq!(counted(&mut network, TWO), (0, 0), "speech does not go by way of the home network");
    network.partitioned.push(THREE);
    speak(&mut network, alice, 0, 40..45);
    assert_eq!(frames(&mut network, bob), []);
    network.partitioned.clear();
    // On its way when the call ends.
    let message = CallUplink::Disconnect(CallCause::Normal);
    network.uplink(bob, Uplink::Call { transaction: 8, message });
    network.uplink(alice, Uplink::Call { transaction: 0, message: CallUplink::Speech(frame(1)) });
    network.run_s(1);
    assert_eq!(counted(&mut network, THREE), (20, 1));
}

#[test]
fn speech_follows_a_forwarded_call() {
    let (mut network, phones) = phones(3);
    let action = ServiceAction::Register("0171000003".into());
    let request = ServiceRequest { service: Service::ForwardAll, action };
    network.uplink(phones[1], Uplink::Service(request));
    network.run_s(1);
    dial(&mut network, phones[0], 0, "0171000002");
    network.say(phones[2], 8, CallUplink::Connect);
    speak(&mut network, phones[0], 0, 0..3);
    speak(&mut network, phones[2], 8, 3..6);
    assert_eq!(frames(&mut network, phones[2]), numbered(8, 0..3));
    assert_eq!(frames(&mut network, phones[0]), numbered(0, 3..6));
    assert_eq!(frames(&mut network, phones[1]), []);
}

#[test]
fn people_outside_hear_and_say_nothing() {
    let outside = Msisdn::parse("+8613900000001").unwrap();
    let answers = Outsider::Answers { ring: Duration::from_secs(1), talk: None };
    let mut network = Network::with(1, operators(), |d| d.with_outsider(outside, answers));
    let phone = network.phone(ONE, 1);
    network.attached(phone, CELL_1);
    dial(&mut network, phone, 0, "+8613900000001");
    speak(&mut network, phone, 0, 0..5);
    assert_eq!(counted(&mut network, ONE), (0, 5), "it rings still");
    network.run_s(1);
    speak(&mut network, phone, 0, 5..10);
    assert_eq!(counted(&mut network, ONE), (5, 5));
    network.say(phone, 0, CallUplink::Disconnect(CallCause::Normal));

    let (from, to) = (Some(outside), number(ONE, 1));
    network.command(ONE, CoreCommand::OutsiderCalls { from, to });
    network.run_s(1);
    speak(&mut network, phone, 8, 0..5);
    assert_eq!(counted(&mut network, ONE), (5, 10));
    network.say(phone, 8, CallUplink::Connect);
    speak(&mut network, phone, 8, 5..10);
    assert_eq!(counted(&mut network, ONE), (10, 10));
    assert_eq!(frames(&mut network, phone), []);
}
