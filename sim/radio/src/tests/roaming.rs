//! Registration with other operators, and one registration per subscription across cores.

use super::{Network, imsi, network::*};
use crate::{air::*, *};
use polysim_base::Machine;

fn home_location(network: &mut Network) -> Option<(OperatorId, RadioId)> {
    network.core(ONE).subscriber(&imsi(ONE, 1)).unwrap().location
}

#[test]
fn across_the_border_the_home_network_takes_note_and_the_old_registration_ends() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.attached(phone, CELL_1);
    network.travel(phone, ABROAD);
    network.attached(phone, CELL_3);
    assert_eq!(home_location(&mut network), Some((THREE, phone)));
    assert_eq!(network.core(ONE).visitor(phone), None);
    let visitor = network.core(THREE).visitor(phone).unwrap();
    assert_eq!((visitor.home, visitor.region), (ONE, ABROAD));
    let roaming = network.take_events().into_iter().any(|event| {
        matches!(event, NetworkEvent::Registered { roaming: true, home: ONE, cell: CELL_3, .. })
    });
    assert!(roaming);
    network.travel(phone, HERE);
    network.attached(phone, CELL_1);
    assert_eq!(home_location(&mut network), Some((ONE, phone)));
    assert_eq!(network.core(THREE).visitor(phone), None);
}

#[test]
fn without_an_agreement_the_configured_cause_is_heard() {
    for refusal in [RejectCause::PlmnNotAllowed, RejectCause::RoamingNotAllowedInArea] {
        let mut configs = operators();
        configs[0].roaming = RoamingPolicy { partners: Partners::Only(vec![THREE]), refusal };
        let mut network = Network::with(1, configs, |directory| directory);
        let phone = network.phone(ONE, 1);
        network.attach(phone, CELL_2);
        network.run_s(1);
        assert_eq!(network.dev(phone).take(), [Downlink::Reject(refusal)]);
        network.travel(phone, ABROAD);
        network.attached(phone, CELL_3);
    }
}

#[test]
fn a_subscription_without_roaming_stays_at_home() {
    let mut network = Network::new(1);
    let mut subscriber = SubscriberConfig::new(imsi(ONE, 1), None);
    subscriber.services.roaming = false;
    network.subscribe(subscriber, ONE);
    let phone = network.device(RadioId(1), ONE, 1);
    network.attach(phone, CELL_2);
    network.run_s(1);
    let refused = RejectCause::RoamingNotAllowedInArea;
    assert_eq!(network.dev(phone).take(), [Downlink::Reject(refused)]);
    network.attached(phone, CELL_1);
}

#[test]
fn a_home_network_out_of_reach_is_network_failure() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.partitioned.push(ONE);
    network.attach(phone, CELL_2);
    network.run_s(9);
    assert_eq!(network.dev(phone).take(), []);
    network.run_s(2);
    assert_eq!(network.dev(phone).take(), [Downlink::Reject(RejectCause::NetworkFailure)]);
    network.partitioned.clear();
    network.attached(phone, CELL_2);
}

#[test]
fn a_second_device_with_the_subscription_ends_the_registration_of_the_first() {
    for cell in [CELL_1, CELL_1_GSM, CELL_2] {
        let mut network = Network::new(1);
        let first = network.phone(ONE, 1);
        network.attached(first, CELL_1);
        let clone = network.device(RadioId(9), ONE, 1);
        network.dev(clone).window = network.dev(first).window.clone();
        network.attached(clone, cell);
        assert_eq!(network.dev(first).take(), [Downlink::Detach(None)]);
        assert_eq!(network.core(ONE).visitor(first), None);
        assert_eq!(home_location(&mut network).map(|(_, radio)| radio), Some(clone));
    }
}

#[test]
fn an_old_core_out_of_reach_delays_the_new_registration_and_no_more() {
    let mut network = Network::new(1);
    let first = network.phone(ONE, 1);
    network.travel(first, ABROAD);
    network.attached(first, CELL_3);
    network.partitioned.push(THREE);
    let clone = network.device(RadioId(9), ONE, 1);
    network.dev(clone).window = network.dev(first).window.clone();
    network.attach(clone, CELL_1);
    network.run_s(9);
    assert_eq!(network.dev(clone).take(), [], "the first may still be registered");
    network.run_s(2);
    assert!(network.dev(clone).registered);
}

#[test]
fn a_device_that_leaves_while_it_registers_is_where_both_sides_say() {
    for delay_ms in 0..150 {
        let mut network = Network::new(1);
        let phone = network.phone(ONE, 1);
        network.attach(phone, CELL_2);
        network.run_ms(delay_ms);
        network.region(HERE, RegionInput::LoseLink(phone));
        network.run_s(15);
        let served = network.core(TWO).visitor(phone).map(|_| (TWO, phone));
        assert_eq!(home_location(&mut network), served, "{delay_ms}");
    }
}

#[test]
fn late_messages_about_an_earlier_registration_do_no_harm() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    let imsi = imsi(ONE, 1);
    for _ in 0..2 {
        network.attached(phone, CELL_2);
        network.uplink(phone, Uplink::Detach);
        network.run_s(1);
    }
    network.attached(phone, CELL_2);
    let (registration, radio, cause) = (2, phone, None);
    let purge = RegistrationMessage::PurgeMs { imsi, registration };
    let cancel = RegistrationMessage::CancelLocation { imsi, radio, registration, cause };
    let acknowledged = RegistrationMessage::CancelLocationAck { imsi, registration };
    for (to, from, message) in [(ONE, TWO, purge), (TWO, ONE, cancel), (ONE, TWO, acknowledged)] {
        let message = message.into();
        network.core(to).handle(polysim_base::Instant::MAX, CoreInput::Core { from, message });
    }
    assert_eq!(home_location(&mut network), Some((TWO, phone)));
    assert!(network.core(TWO).visitor(phone).is_some());
}
