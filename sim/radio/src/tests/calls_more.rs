//! Calls: forwarding, other operators, emergency, people outside.

use super::{
    Network,
    calls::{dial, ended, heard, phones, setup, talking},
    imsi,
    network::*,
    number,
};
use crate::{air::*, *};
use polysim_base::{Duration, Msisdn};

fn service(network: &mut Network, phone: RadioId, service: Service, action: ServiceAction) {
    network.uplink(phone, Uplink::Service(ServiceRequest { service, action }));
    network.run_s(1);
    let done = network.dev(phone).take();
    assert!(matches!(done[..], [Downlink::Service(ServiceAnswer::Done { .. })]), "{done:?}");
}

fn forward(network: &mut Network, phone: RadioId, condition: Service, to: &str) {
    service(network, phone, condition, ServiceAction::Register(to.into()));
}

#[test]
fn unconditional_forwarding_rings_the_other_phone_only() {
    let (mut network, phones) = phones(3);
    forward(&mut network, phones[1], Service::ForwardAll, "0171000003");
    dial(&mut network, phones[0], 0, "0171000002");
    assert_eq!(heard(&mut network, phones[1]), []);
    assert_eq!(heard(&mut network, phones[2]), [(8, setup(Some(1), false))]);
    network.say(phones[2], 8, CallUplink::Connect);
    assert_eq!(heard(&mut network, phones[0]).last(), Some(&(0, CallDownlink::Connect)));
    network.say(phones[0], 0, CallUplink::Dtmf(b'5'));
    assert_eq!(heard(&mut network, phones[2]), [(8, CallDownlink::Dtmf(b'5'))]);
    network.say(phones[0], 0, CallUplink::Disconnect(CallCause::Normal));
    assert_eq!(heard(&mut network, phones[2]), [(8, ended(CallCause::Normal))]);
}

#[test]
fn a_busy_phone_forwards() {
    let (mut network, phones) = talking();
    let dave = network.phone(ONE, 4);
    network.attached(dave, CELL_1);
    forward(&mut network, phones[1], Service::ForwardBusy, "0171000004");
    dial(&mut network, phones[2], 0, "0171000002");
    assert_eq!(heard(&mut network, dave), [(8, setup(Some(3), false))]);
}

#[test]
fn a_rejected_call_is_forwarded_as_busy_only_when_busy_was_said() {
    for (cause, forwarded) in [(CallCause::Busy, true), (CallCause::Rejected, false)] {
        let (mut network, phones) = phones(3);
        forward(&mut network, phones[1], Service::ForwardBusy, "0171000003");
        dial(&mut network, phones[0], 0, "0171000002");
        network.say(phones[1], 8, CallUplink::Disconnect(cause));
        assert_eq!(!heard(&mut network, phones[2]).is_empty(), forwarded);
    }
}

#[test]
fn no_reply_forwards_after_the_shorter_time() {
    let (mut network, phones) = phones(3);
    forward(&mut network, phones[1], Service::ForwardNoReply, "0171000003");
    dial(&mut network, phones[0], 0, "0171000002");
    network.run_s(18);
    assert_eq!(heard(&mut network, phones[2]), []);
    network.run_s(3);
    assert_eq!(heard(&mut network, phones[2]), [(8, setup(Some(1), false))]);
    assert_eq!(heard(&mut network, phones[1]).last(), Some(&(8, ended(CallCause::NoAnswer))));
}

#[test]
fn a_phone_out_of_reach_forwards() {
    for lose in [true, false] {
        let (mut network, phones) = phones(3);
        forward(&mut network, phones[1], Service::ForwardNotReachable, "0171000003");
        if lose {
            network.region(HERE, RegionInput::LoseLink(phones[1]));
        } else {
            network.uplink(phones[1], Uplink::Detach);
        }
        network.run_s(1);
        dial(&mut network, phones[0], 0, "0171000002");
        assert_eq!(heard(&mut network, phones[2]), [(8, setup(Some(1), false))]);
    }
}

#[test]
fn a_circle_of_forwardings_ends() {
    let (mut network, phones) = phones(3);
    forward(&mut network, phones[1], Service::ForwardAll, "0171000003");
    forward(&mut network, phones[2], Service::ForwardAll, "0171000002");
    dial(&mut network, phones[0], 0, "0171000002");
    assert_eq!(heard(&mut network, phones[0]).last(), Some(&(0, ended(CallCause::OutOfOrder))));
    let forwarded = network
        .take_events()
        .into_iter()
        .filter(|event| matches!(event, NetworkEvent::Call(_, CallEvent::Forwarded { .. })));
    assert_eq!(forwarded.count(), 5);
    assert_eq!(network.core(ONE).call_count(), 0);
}

#[test]
fn forwarding_can_be_switched_off_and_on_and_forgotten() {
    let (mut network, phones) = phones(3);
    let rings = |network: &mut Network| {
        dial(network, phones[0], 0, "0171000002");
        network.say(phones[0], 0, CallUplink::Disconnect(CallCause::Normal));
        let [bob, carol] = [phones[1], phones[2]].map(|phone| heard(network, phone).len());
        if bob > carol { "bob" } else { "carol" }
    };
    let all = Service::ForwardAll;
    forward(&mut network, phones[1], all, "0171000003");
    assert_eq!(rings(&mut network), "carol");
    service(&mut network, phones[1], all, ServiceAction::Deactivate);
    assert_eq!(rings(&mut network), "bob");
    service(&mut network, phones[1], all, ServiceAction::Activate);
    assert_eq!(rings(&mut network), "carol");
    service(&mut network, phones[1], all, ServiceAction::Erase);
    assert_eq!(rings(&mut network), "bob");
    let request = ServiceRequest { service: all, action: ServiceAction::Activate };
    network.uplink(phones[1], Uplink::Service(request));
    network.run_s(1);
    let refused = Downlink::Service(ServiceAnswer::Refused);
    assert_eq!(network.dev(phones[1]).take(), [refused], "there is no number any more");
}

#[test]
fn calls_between_operators_and_to_roamers() {
    let mut network = Network::new(1);
    let (alice, bob) = (network.phone(ONE, 1), network.phone(TWO, 1));
    network.attached(alice, CELL_1);
    network.travel(bob, ABROAD);
    network.attached(bob, CELL_3);
    dial(&mut network, alice, 0, "0172000001");
    assert_eq!(heard(&mut network, bob), [(8, setup(Some(1), false))]);
    network.say(bob, 8, CallUplink::Connect);
    assert_eq!(heard(&mut network, alice).last(), Some(&(0, CallDownlink::Connect)));
    network.say(bob, 8, CallUplink::Hold);
    assert_eq!(heard(&mut network, alice), [(0, CallDownlink::RemoteHeld(true))]);
    network.say(bob, 8, CallUplink::Disconnect(CallCause::Normal));
    assert_eq!(heard(&mut network, alice), [(0, ended(CallCause::Normal))]);
}

#[test]
fn a_partition_ends_the_setup_of_a_call() {
    let mut network = Network::new(1);
    let (alice, bob) = (network.phone(ONE, 1), network.phone(TWO, 1));
    network.attached(alice, CELL_1);
    network.attached(bob, CELL_2);
    network.partitioned.push(TWO);
    dial(&mut network, alice, 0, "0172000001");
    network.run_s(11);
    assert_eq!(heard(&mut network, alice).last(), Some(&(0, ended(CallCause::NoCircuit))));
}

#[test]
fn an_emergency_call_needs_no_entitlement() {
    let mut network = Network::new(1);
    let mut subscriber = SubscriberConfig::new(imsi(ONE, 1), Some(number(ONE, 1)));
    subscriber.services.calls = false;
    network.subscribe(subscriber, ONE);
    let phone = network.device(RadioId(1), ONE, 1);
    network.attached(phone, CELL_1);
    dial(&mut network, phone, 0, "0171000001");
    assert_eq!(heard(&mut network, phone), [(0, ended(CallCause::NotAuthorised))]);
    dial(&mut network, phone, 0, "112");
    network.run_s(1);
    assert_eq!(
        heard(&mut network, phone),
        [(0, CallDownlink::Proceeding), (0, CallDownlink::Alerting), (0, CallDownlink::Connect)]
    );
    network.say(phone, 0, CallUplink::Disconnect(CallCause::Normal));
    assert_eq!(network.core(ONE).call_count(), 0);
}

fn outside(n: u32) -> Msisdn {
    Msisdn::parse(&format!("+86139{n:08}")).unwrap()
}

fn with_outsiders() -> (Network, RadioId) {
    let talks =
        Outsider::Answers { ring: Duration::from_secs(3), talk: Some(Duration::from_secs(10)) };
    let mut network = Network::with(1, operators(), |directory| {
        directory
            .with_outsider(outside(1), talks)
            .with_outsider(outside(2), Outsider::Busy)
            .with_outsider(outside(3), Outsider::Silent)
            .with_outsider(outside(4), Outsider::Manual)
    });
    let phone = network.phone(ONE, 1);
    network.attached(phone, CELL_1);
    (network, phone)
}

#[test]
fn people_outside_answer_are_busy_or_silent() {
    let (mut network, phone) = with_outsiders();
    dial(&mut network, phone, 0, "+8613900000001");
    network.run_s(15);
    assert_eq!(
        heard(&mut network, phone),
        [
            (0, CallDownlink::Proceeding),
            (0, CallDownlink::Alerting),
            (0, CallDownlink::Connect),
            (0, ended(CallCause::Normal))
        ]
    );
    dial(&mut network, phone, 0, "+8613900000002");
    assert_eq!(heard(&mut network, phone).last(), Some(&(0, ended(CallCause::Busy))));
    dial(&mut network, phone, 0, "+8613900000003");
    network.run_s(61);
    assert_eq!(heard(&mut network, phone).last(), Some(&(0, ended(CallCause::NoAnswer))));
}

fn last_call(network: &mut Network) -> CallRef {
    let mut calls = network.take_events().into_iter().filter_map(|event| match event {
        NetworkEvent::Call(call, CallEvent::Started { .. }) => Some(call),
        _ => None,
    });
    calls.next_back().unwrap()
}

#[test]
fn people_outside_do_as_they_are_told() {
    let (mut network, phone) = with_outsiders();
    dial(&mut network, phone, 0, "+8613900000004");
    let call = last_call(&mut network);
    network.command(ONE, CoreCommand::OutsiderAnswers(call));
    network.command(ONE, CoreCommand::OutsiderDtmf(call, b'7'));
    network.run_s(1);
    network.command(ONE, CoreCommand::OutsiderEnds(call, CallCause::Normal));
    network.command(ONE, CoreCommand::OutsiderEnds(call, CallCause::Normal));
    network.run_s(1);
    assert_eq!(
        heard(&mut network, phone)[2..],
        [(0, CallDownlink::Connect), (0, CallDownlink::Dtmf(b'7')), (0, ended(CallCause::Normal))]
    );
}

#[test]
fn people_outside_call() {
    let (mut network, phone) = with_outsiders();
    let (from, to) = (Some(outside(4)), number(ONE, 1));
    network.command(ONE, CoreCommand::OutsiderCalls { from, to });
    network.run_s(1);
    let ring = CallDownlink::Setup { caller: from, waiting: false };
    assert_eq!(heard(&mut network, phone), [(8, ring)]);
    network.say(phone, 8, CallUplink::Connect);
    let call = last_call(&mut network);
    network.command(ONE, CoreCommand::OutsiderDtmf(call, b'1'));
    network.say(phone, 8, CallUplink::Dtmf(b'2'));
    assert_eq!(heard(&mut network, phone), [(8, CallDownlink::Dtmf(b'1'))]);
    let by_caller = false;
    let told = NetworkEvent::Call(call, CallEvent::Dtmf { digit: b'2', by_caller });
    assert!(network.take_events().contains(&told));
    network.command(ONE, CoreCommand::OutsiderEnds(call, CallCause::Normal));
    network.run_s(1);
    assert_eq!(heard(&mut network, phone), [(8, ended(CallCause::Normal))]);
    assert_eq!(network.core(ONE).call_count(), 0);
}
