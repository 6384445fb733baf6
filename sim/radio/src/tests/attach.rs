//! Registration with AKA, and every way to be refused.

use super::{Network, imsi, network::*};
use crate::{air::*, *};
use polysim_aka::{Algorithm, Comp128, Comp128Version, Key, Milenage, Opc, Sqn, SqnArray};
use polysim_base::{Duration, Instant};

/// What a device heard of its registration.
fn outcome(network: &mut Network, radio: RadioId, cell: CellId) -> Vec<Downlink> {
    network.attach(radio, cell);
    network.run_s(15);
    network.dev(radio).take()
}

fn refused(network: &mut Network, radio: RadioId, cell: CellId) -> RejectCause {
    match &outcome(network, radio, cell)[..] {
        [Downlink::Reject(cause)] => *cause,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_phone_attaches_with_aka_and_hears_name_and_time() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    let heard = outcome(&mut network, phone, CELL_1);
    let [Downlink::Accept(registration), Downlink::Information(information)] = &heard[..] else {
        panic!("{heard:?}");
    };
    assert!(registration.packet);
    assert_eq!(registration.periodic_s, 3_240);
    assert_eq!(&*information.full_name, "One");
    assert_eq!((information.unix_s, information.zone_quarters), (START_S, 4));
    assert_eq!(network.dev(phone).challenges, 1);
    let visitor = network.core(ONE).visitor(phone).unwrap();
    assert_eq!((visitor.imsi, visitor.cell), (imsi(ONE, 1), CELL_1));
    let subscriber = network.core(ONE).subscriber(&imsi(ONE, 1)).unwrap();
    assert_eq!(subscriber.location, Some((ONE, phone)));
    assert_eq!(
        network.take_events(),
        [
            NetworkEvent::LocationUpdated { imsi: imsi(ONE, 1), serving: ONE, radio: phone },
            NetworkEvent::Registered {
                imsi: imsi(ONE, 1),
                radio: phone,
                home: ONE,
                roaming: false,
                cell: CELL_1
            },
        ]
    );
}

#[test]
fn an_update_of_a_registered_device_needs_no_challenge() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.attached(phone, CELL_1);
    network.attached(phone, CELL_1_GSM);
    assert_eq!(network.dev(phone).challenges, 1);
    assert_eq!(network.core(ONE).visitor(phone).unwrap().cell, CELL_1_GSM);
}

#[test]
fn after_a_detach_the_card_is_challenged_again() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.attached(phone, CELL_1);
    network.uplink(phone, Uplink::Detach);
    network.run_s(1);
    assert_eq!(network.core(ONE).visitor(phone), None);
    assert_eq!(network.core(ONE).subscriber(&imsi(ONE, 1)).unwrap().location, None);
    network.attached(phone, CELL_1);
    assert_eq!(network.dev(phone).challenges, 2);
}

#[test]
fn a_gsm_cell_uses_triplets_and_a_gsm_card_stays_off_lte() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.attached(phone, CELL_1_GSM);
    let comp128: Algorithm = Comp128::new(Comp128Version::V1, Key::from([7; 16])).into();
    let mut subscriber = SubscriberConfig::new(imsi(ONE, 2), None);
    subscriber.keys = Keys::Stored(Box::new(comp128.clone()));
    network.subscribe(subscriber, ONE);
    let old = network.device(RadioId(2), ONE, 2);
    network.dev(old).algorithm = comp128;
    assert_eq!(refused(&mut network, old, CELL_1), RejectCause::NoSuitableCells);
    network.attached(old, CELL_1_GSM);
}

#[test]
fn a_card_that_is_ahead_resynchronises_the_home_network() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.dev(phone).window = SqnArray::starting_at(Sqn::new(5_000, 1).unwrap());
    network.attached(phone, CELL_1);
    assert_eq!(network.dev(phone).challenges, 2);
    assert_eq!(network.core(ONE).counters().resynchronised, 1);
    assert!(network.take_events().contains(&NetworkEvent::Resynchronised { imsi: imsi(ONE, 1) }));
    network.uplink(phone, Uplink::Detach);
    network.attached(phone, CELL_1);
    assert_eq!(network.dev(phone).challenges, 3, "the numbers fit from now on");
}

#[test]
fn a_wrong_answer_is_an_authentication_reject() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.dev(phone).wrong_res = true;
    assert_eq!(outcome(&mut network, phone, CELL_1), [Downlink::AuthenticationReject]);
    assert_eq!(network.core(ONE).visitor(phone), None);
    assert_eq!(network.core(ONE).subscriber(&imsi(ONE, 1)).unwrap().location, None);
}

#[test]
fn a_device_that_restarts_at_any_moment_of_its_registration_is_registered() {
    for millis in 0..200 {
        let mut network = Network::new(1);
        let phone = network.phone(ONE, 1);
        network.attach(phone, CELL_1);
        network.run_ms(millis);
        network.restarted(phone, CELL_1);
    }
}

#[test]
fn a_card_with_other_keys_finds_the_mac_wrong_twice() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.dev(phone).algorithm = Milenage::new(Key::from([1; 16]), Opc::from([2; 16])).into();
    assert_eq!(outcome(&mut network, phone, CELL_1), [Downlink::AuthenticationReject]);
    assert_eq!(network.dev(phone).challenges, 2);
    let failure = AuthenticationFailure::Mac;
    let (imsi, radio) = (imsi(ONE, 1), phone);
    let event = NetworkEvent::AuthenticationFailed { imsi, radio, failure };
    assert_eq!(network.take_events(), [event]);
}

#[test]
fn vectors_spoiled_by_a_fault_fail_until_it_ends() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    let until = Instant::ZERO.plus(Duration::from_secs(60));
    network.command(ONE, CoreCommand::Fault(CoreFault::WrongMac { share: 1_000_000, until }));
    assert_eq!(outcome(&mut network, phone, CELL_1), [Downlink::AuthenticationReject]);
    network.run_s(60);
    network.attached(phone, CELL_1);
}

#[test]
fn a_device_that_does_not_answer_is_forgotten_after_six_seconds() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.dev(phone).answers = false;
    assert_eq!(outcome(&mut network, phone, CELL_1), []);
    let (imsi, radio) = (imsi(ONE, 1), phone);
    let failure = AuthenticationFailure::Silence;
    let event = NetworkEvent::AuthenticationFailed { imsi, radio, failure };
    assert_eq!(network.take_events(), [event]);
    network.dev(phone).answers = true;
    network.attached(phone, CELL_1);
}

#[test]
fn an_unknown_imsi_is_refused_with_2_and_an_unknown_network_with_11() {
    let mut network = Network::new(1);
    let unknown = network.device(RadioId(7), ONE, 77);
    assert_eq!(refused(&mut network, unknown, CELL_1), RejectCause::ImsiUnknownInHlr);
    network.dev(unknown).imsi = polysim_base::Imsi::parse("999990000000001").unwrap();
    assert_eq!(refused(&mut network, unknown, CELL_1), RejectCause::PlmnNotAllowed);
}

#[test]
fn barred_subscribers_hear_their_cause_and_registered_ones_are_thrown_out() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.attached(phone, CELL_1);
    let imsi = imsi(ONE, 1);
    for cause in [RejectCause::IllegalMs, RejectCause::ServicesNotAllowed] {
        let cause = Some(cause);
        network.command(ONE, CoreCommand::Bar { imsi, cause });
        network.run_s(1);
        assert_eq!(network.dev(phone).take(), [Downlink::Detach(cause)]);
        assert_eq!(Some(refused(&mut network, phone, CELL_1)), cause);
        network.command(ONE, CoreCommand::Bar { imsi, cause: None });
        network.attached(phone, CELL_1);
    }
}

#[test]
fn a_listed_imei_is_refused_with_5() {
    let mut configs = operators();
    configs[0].imei_blacklist = vec![polysim_base::Imei::parse("35000000000101").unwrap()];
    let mut network = Network::with(1, configs, |directory| directory);
    let phone = network.phone(ONE, 1);
    assert_eq!(refused(&mut network, phone, CELL_1), RejectCause::ImeiNotAccepted);
    let other = network.phone(ONE, 2);
    network.attached(other, CELL_1);
}

#[test]
fn a_fault_refuses_with_any_cause_until_it_ends() {
    for cause in RejectCause::ALL {
        let mut network = Network::new(1);
        let phone = network.phone(ONE, 1);
        network.attached(phone, CELL_1);
        let until = network.now.plus(Duration::from_secs(60));
        let fault = CoreFault::Reject { share: 1_000_000, cause, until };
        network.command(ONE, CoreCommand::Fault(fault));
        assert_eq!(refused(&mut network, phone, CELL_1), cause);
        assert_eq!(network.core(ONE).visitor(phone), None, "a refused update ends registration");
        network.run_s(60);
        network.attached(phone, CELL_1);
    }
}

#[test]
fn a_fault_with_a_share_strikes_about_as_often() {
    let mut network = Network::new(3);
    let phone = network.phone(ONE, 1);
    let fault =
        CoreFault::Reject { share: 250_000, cause: RejectCause::Congestion, until: Instant::MAX };
    network.command(ONE, CoreCommand::Fault(fault));
    let mut struck = 0;
    for _ in 0..200 {
        network.attach(phone, CELL_1);
        network.run_s(1);
        struck += usize::from(!network.dev(phone).registered);
    }
    assert!((30..70).contains(&struck), "{struck}");
}

#[test]
fn a_silent_home_side_is_network_failure_17() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    let until = Instant::ZERO.plus(Duration::from_secs(60));
    network.command(ONE, CoreCommand::Fault(CoreFault::HomeSilent { until }));
    assert_eq!(refused(&mut network, phone, CELL_1), RejectCause::NetworkFailure);
    network.run_s(60);
    network.attached(phone, CELL_1);
}

#[test]
fn a_lost_link_keeps_the_registration_and_coming_back_needs_no_challenge() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.attached(phone, CELL_1);
    network.region(HERE, RegionInput::Outage { cell: CELL_1, on: true });
    network.run_s(1);
    assert_eq!(network.dev(phone).take(), [Downlink::CellsChanged]);
    assert!(network.core(ONE).visitor(phone).unwrap().lost);
    network.attached(phone, CELL_1_GSM);
    assert!(!network.core(ONE).visitor(phone).unwrap().lost);
    assert_eq!(network.dev(phone).challenges, 1);
}

#[test]
fn a_device_unknown_to_the_core_is_told_to_attach_again() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.attached(phone, CELL_1);
    // The region still carries it, but the core has lost it.
    network.core(ONE).visitors.remove(phone);
    network.uplink(phone, Uplink::Ussd(UssdUplink::Request("*100#".into())));
    network.run_s(1);
    assert_eq!(network.dev(phone).take(), [Downlink::Detach(None)]);
}

#[test]
fn another_card_in_the_same_device_ends_the_first_registration() {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.attached(phone, CELL_1);
    network.subscribe(SubscriberConfig::new(imsi(ONE, 2), None), ONE);
    let swapped = network.device(phone, ONE, 2);
    network.attached(swapped, CELL_1);
    assert_eq!(network.core(ONE).subscriber(&imsi(ONE, 1)).unwrap().location, None);
    assert_eq!(network.core(ONE).visitor(phone).unwrap().imsi, imsi(ONE, 2));
}
