//! Charging records: what they say, and that they add up.

use super::{
    Network,
    calls::{dial, ended, heard, phones, talking},
    imsi,
    network::*,
    number,
};
use crate::{air::*, *};
use polysim_base::Duration;

fn cdrs(network: &mut Network) -> Vec<Cdr> {
    let events = network.take_events().into_iter();
    let cdrs = events.filter_map(|event| match event {
        NetworkEvent::Cdr(cdr) => Some(*cdr),
        _ => None,
    });
    cdrs.collect()
}

fn balance(network: &mut Network, home: OperatorId, n: u32) -> Money {
    network.core(home).subscriber(&imsi(home, n)).unwrap().balance
}

#[test]
fn a_call_of_61_seconds_costs_two_minutes_and_receiving_it_nothing() {
    let (mut network, phones) = talking();
    network.run_s(60);
    network.say(phones[0], 0, CallUplink::Disconnect(CallCause::Normal));
    let records = cdrs(&mut network);
    assert_eq!(records.len(), 2);
    let made = records.iter().find(|cdr| cdr.usage == Usage::CallMade).unwrap();
    assert_eq!((made.imsi, made.other), (imsi(ONE, 1), Some(number(ONE, 2))));
    assert_eq!((made.home, made.serving, made.price), (ONE, ONE, Money(300_000)));
    assert!((60..62).contains(&made.duration.as_secs()), "{}", made.duration);
    let received = records.iter().find(|cdr| cdr.usage == Usage::CallReceived).unwrap();
    assert_eq!((received.imsi, received.price), (imsi(ONE, 2), Money(0)));
    assert_eq!(balance(&mut network, ONE, 1), Money(-300_000));
}

#[test]
fn a_call_that_is_not_answered_costs_nothing() {
    let (mut network, phones) = phones(2);
    dial(&mut network, phones[0], 0, "0171000002");
    network.run_s(30);
    network.say(phones[0], 0, CallUplink::Disconnect(CallCause::Normal));
    assert_eq!(cdrs(&mut network), []);
}

#[test]
fn abroad_calls_cost_more_and_receiving_costs_too() {
    let mut network = Network::new(1);
    let (alice, bob) = (network.phone(ONE, 1), network.phone(TWO, 1));
    for phone in [alice, bob] {
        network.travel(phone, ABROAD);
        network.attached(phone, CELL_3);
    }
    dial(&mut network, alice, 0, "+49172000001");
    network.say(bob, 8, CallUplink::Connect);
    network.run_s(10);
    network.say(alice, 0, CallUplink::Disconnect(CallCause::Normal));
    let records = cdrs(&mut network);
    let seen: Vec<_> = records.iter().map(|c| (c.usage, c.home, c.serving, c.price)).collect();
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(seen.contains(&(Usage::CallMade, ONE, THREE, Money(450_000))), "{seen:?}");
    assert!(seen.contains(&(Usage::CallReceived, TWO, THREE, Money(50_000))), "{seen:?}");
}

#[test]
fn who_forwards_pays_for_the_way_on() {
    let (mut network, phones) = phones(3);
    let action = ServiceAction::Register("0171000003".into());
    let request = ServiceRequest { service: Service::ForwardAll, action };
    network.uplink(phones[1], Uplink::Service(request));
    network.run_s(1);
    dial(&mut network, phones[0], 0, "0171000002");
    network.say(phones[2], 8, CallUplink::Connect);
    network.run_s(20);
    network.say(phones[2], 8, CallUplink::Disconnect(CallCause::Normal));
    let records = cdrs(&mut network);
    let seen = records.iter().map(|cdr| (cdr.usage, cdr.imsi, cdr.other, cdr.price));
    let mut seen: Vec<_> = seen.collect();
    seen.sort();
    assert_eq!(
        seen,
        [
            (Usage::CallMade, imsi(ONE, 1), Some(number(ONE, 2)), Money(150_000)),
            (Usage::CallReceived, imsi(ONE, 3), Some(number(ONE, 1)), Money(0)),
            (Usage::CallForwarded, imsi(ONE, 2), Some(number(ONE, 3)), Money(150_000)),
        ]
    );
}

#[test]
fn prepaid_calls_need_credit_and_end_with_it() {
    let mut network = Network::new(1);
    network.phone(ONE, 2);
    network.attached(RadioId(102), CELL_1);
    let mut prepaid = SubscriberConfig::new(imsi(ONE, 1), Some(number(ONE, 1)));
    prepaid.prepaid = true;
    network.subscribe(prepaid, ONE);
    let phone = network.device(RadioId(1), ONE, 1);
    network.attached(phone, CELL_1);
    dial(&mut network, phone, 0, "0171000002");
    assert_eq!(heard(&mut network, phone).last(), Some(&(0, ended(CallCause::NotAuthorised))));

    let amount = Money(320_000);
    network.command(ONE, CoreCommand::TopUp { imsi: imsi(ONE, 1), amount });
    dial(&mut network, phone, 0, "0171000002");
    network.say(RadioId(102), 8, CallUplink::Connect);
    network.run_s(118);
    assert_eq!(network.core(ONE).call_count(), 1);
    network.run_s(3);
    assert_eq!(heard(&mut network, phone).last(), Some(&(0, ended(CallCause::NotAuthorised))));
    assert_eq!(balance(&mut network, ONE, 1), Money(20_000));
}

#[test]
fn records_add_up_to_the_balances() {
    let (mut network, phones) = phones(3);
    let start: Vec<Money> = (1..=3).map(|n| balance(&mut network, ONE, n)).collect();
    for (from, to, talk_s) in [(0, 2, 10), (1, 3, 70), (2, 1, 125), (0, 3, 1)] {
        dial(&mut network, phones[from], 1, &format!("+49171{to:06}"));
        network.say(phones[to - 1], 8, CallUplink::Connect);
        network.run_s(talk_s);
        network.say(phones[from], 1, CallUplink::Disconnect(CallCause::Normal));
    }
    network.uplink(
        phones[0],
        Uplink::Packet { context: 1, request: PacketRequest::Activate { apn: String::new() } },
    );
    network.run_s(90);
    network.uplink(phones[0], Uplink::Packet { context: 1, request: PacketRequest::Deactivate });
    network.run_s(1);
    let records = cdrs(&mut network);
    for (n, before) in (1..=3).zip(start) {
        let spent = records.iter().filter(|cdr| cdr.imsi == imsi(ONE, n));
        let spent = spent.fold(Money(0), |sum, cdr| sum.plus(cdr.price));
        assert_eq!(balance(&mut network, ONE, n), before.minus(spent));
    }
    let all = records.iter().fold(Money(0), |sum, cdr| sum.plus(cdr.price));
    assert_eq!(network.core(ONE).counters().charged, all);
    // One, two, three, one minute of calls; two minutes of data.
    assert_eq!(all, Money(7 * 150_000 + 2 * 10_000));
    let data = records.iter().find(|cdr| matches!(cdr.usage, Usage::Packet { octets: 0 })).unwrap();
    assert!(data.duration > Duration::from_secs(89));
}
