//! Calls between two devices: answer, busy, no answer, hold, waiting, tones, lost links.

use super::{Network, network::*, number};
use crate::{air::*, *};

/// Attached phones of operator one, numbers 1 to `count`.
pub(super) fn phones(count: u32) -> (Network, Vec<RadioId>) {
    let mut network = Network::new(1);
    let phones: Vec<RadioId> = (1..=count).map(|n| network.phone(ONE, n)).collect();
    for phone in &phones {
        network.attached(*phone, CELL_1);
    }
    (network, phones)
}

pub(super) fn dial(network: &mut Network, from: RadioId, transaction: u8, number: &str) {
    let (number, hide_number) = (number.to_string(), false);
    network.say(from, transaction, CallUplink::Setup { number, hide_number });
}

/// What a phone heard about calls.
pub(super) fn heard(network: &mut Network, phone: RadioId) -> Vec<(u8, CallDownlink)> {
    let downlinks = network.dev(phone).take().into_iter();
    let calls = downlinks.filter_map(|downlink| match downlink {
        Downlink::Call { transaction, message } => Some((transaction, message)),
        _ => None,
    });
    calls.collect()
}

pub(super) fn setup(from: Option<u32>, waiting: bool) -> CallDownlink {
    CallDownlink::Setup { caller: from.map(|n| number(ONE, n)), waiting }
}

/// Phone 1 calls phone 2, which answers.
pub(super) fn talking() -> (Network, Vec<RadioId>) {
    let (mut network, phones) = phones(3);
    dial(&mut network, phones[0], 0, "+49171000002");
    network.say(phones[1], 8, CallUplink::Connect);
    for phone in &phones {
        network.dev(*phone).take();
    }
    (network, phones)
}

pub(super) fn ended(cause: CallCause) -> CallDownlink {
    CallDownlink::Disconnect(cause)
}

#[test]
fn a_call_rings_is_answered_and_ended_by_either_side() {
    for caller_ends in [true, false] {
        let (mut network, phones) = phones(2);
        dial(&mut network, phones[0], 0, "0171000002");
        assert_eq!(
            heard(&mut network, phones[0]),
            [(0, CallDownlink::Proceeding), (0, CallDownlink::Alerting)]
        );
        assert_eq!(heard(&mut network, phones[1]), [(8, setup(Some(1), false))]);
        network.say(phones[1], 8, CallUplink::Connect);
        assert_eq!(heard(&mut network, phones[0]), [(0, CallDownlink::Connect)]);
        let end = CallUplink::Disconnect(CallCause::Normal);
        if caller_ends {
            network.say(phones[0], 0, end);
            assert_eq!(heard(&mut network, phones[1]), [(8, ended(CallCause::Normal))]);
            assert_eq!(heard(&mut network, phones[0]), []);
        } else {
            network.say(phones[1], 8, end);
            assert_eq!(heard(&mut network, phones[0]), [(0, ended(CallCause::Normal))]);
            assert_eq!(heard(&mut network, phones[1]), []);
        }
        assert_eq!(network.core(ONE).call_count(), 0);
    }
}

#[test]
fn the_caller_gives_up_before_the_answer() {
    let (mut network, phones) = phones(2);
    dial(&mut network, phones[0], 0, "0171000002");
    heard(&mut network, phones[1]);
    network.say(phones[0], 0, CallUplink::Disconnect(CallCause::Normal));
    assert_eq!(heard(&mut network, phones[1]), [(8, ended(CallCause::Normal))]);
    assert_eq!(network.core(ONE).call_count(), 0);
}

#[test]
fn a_called_user_rejects() {
    for cause in [CallCause::Rejected, CallCause::Busy] {
        let (mut network, phones) = phones(2);
        dial(&mut network, phones[0], 0, "0171000002");
        network.say(phones[1], 8, CallUplink::Disconnect(cause));
        assert_eq!(heard(&mut network, phones[0]).last(), Some(&(0, ended(cause))));
    }
}

#[test]
fn without_answer_the_call_ends_after_a_minute_with_19() {
    let (mut network, phones) = phones(2);
    dial(&mut network, phones[0], 0, "0171000002");
    network.run_s(58);
    assert_eq!(network.core(ONE).call_count(), 1);
    network.run_s(3);
    assert_eq!(heard(&mut network, phones[0]).last(), Some(&(0, ended(CallCause::NoAnswer))));
    assert_eq!(heard(&mut network, phones[1]).last(), Some(&(8, ended(CallCause::NoAnswer))));
}

#[test]
fn a_device_that_does_not_ring_is_not_responding_after_ten_seconds() {
    let (mut network, phones) = phones(2);
    network.dev(phones[1]).rings = false;
    dial(&mut network, phones[0], 0, "0171000002");
    network.run_s(8);
    assert_eq!(network.core(ONE).call_count(), 1);
    network.run_s(3);
    let last = heard(&mut network, phones[0]).pop();
    assert_eq!(last, Some((0, ended(CallCause::NoUserResponding))));
}

#[test]
fn nobody_and_a_phone_that_is_off() {
    let (mut network, phones) = phones(2);
    network.uplink(phones[1], Uplink::Detach);
    for (number, cause) in [
        ("0171000002", CallCause::OutOfOrder),
        ("0171000077", CallCause::Unassigned),
        ("+18005550100", CallCause::Unassigned),
        ("**61*", CallCause::Unassigned),
    ] {
        dial(&mut network, phones[0], 0, number);
        assert_eq!(heard(&mut network, phones[0]).last(), Some(&(0, ended(cause))), "{number}");
    }
}

#[test]
fn a_hidden_number_is_not_shown() {
    let (mut network, phones) = phones(2);
    let number = "0171000002".to_string();
    network.say(phones[0], 0, CallUplink::Setup { number, hide_number: true });
    assert_eq!(heard(&mut network, phones[1]), [(8, setup(None, false))]);
}

#[test]
fn a_phone_in_a_call_is_busy() {
    let (mut network, phones) = talking();
    dial(&mut network, phones[2], 3, "0171000002");
    assert_eq!(heard(&mut network, phones[2]).last(), Some(&(3, ended(CallCause::Busy))));
    dial(&mut network, phones[2], 3, "0171000001");
    assert_eq!(heard(&mut network, phones[2]).last(), Some(&(3, ended(CallCause::Busy))));
    assert_eq!(heard(&mut network, phones[1]), []);
}

#[test]
fn with_call_waiting_a_second_call_waits_and_is_answered() {
    let (mut network, phones) = talking();
    let [alice, bob, carol] = phones[..] else { panic!() };
    let request = ServiceRequest { service: Service::CallWaiting, action: ServiceAction::Activate };
    network.uplink(bob, Uplink::Service(request));
    network.run_s(1);
    network.dev(bob).take();
    dial(&mut network, carol, 0, "0171000002");
    assert_eq!(heard(&mut network, bob), [(9, setup(Some(3), true))]);
    assert_eq!(heard(&mut network, carol).last(), Some(&(0, CallDownlink::Alerting)));
    // A third one is too many.
    let dave = network.phone(ONE, 4);
    network.attached(dave, CELL_1);
    dial(&mut network, dave, 0, "0171000002");
    assert_eq!(heard(&mut network, dave).last(), Some(&(0, ended(CallCause::Busy))));

    network.say(bob, 8, CallUplink::Hold);
    network.say(bob, 9, CallUplink::Connect);
    assert_eq!(heard(&mut network, bob), [(8, CallDownlink::Held)]);
    assert_eq!(heard(&mut network, alice), [(0, CallDownlink::RemoteHeld(true))]);
    assert_eq!(heard(&mut network, carol), [(0, CallDownlink::Connect)]);
    // Back to the first call only once the second is over.
    network.say(bob, 8, CallUplink::Retrieve);
    assert_eq!(heard(&mut network, bob), [(8, CallDownlink::HoldRejected)]);
    network.say(bob, 9, CallUplink::Disconnect(CallCause::Normal));
    network.say(bob, 8, CallUplink::Retrieve);
    assert_eq!(heard(&mut network, bob), [(8, CallDownlink::Retrieved)]);
    assert_eq!(heard(&mut network, alice), [(0, CallDownlink::RemoteHeld(false))]);
    assert_eq!(heard(&mut network, carol), [(0, ended(CallCause::Normal))]);
}

#[test]
fn the_caller_holds_and_takes_back() {
    let (mut network, phones) = talking();
    network.say(phones[0], 0, CallUplink::Hold);
    network.say(phones[0], 0, CallUplink::Hold);
    network.say(phones[0], 0, CallUplink::Retrieve);
    assert_eq!(
        heard(&mut network, phones[0]),
        [(0, CallDownlink::Held), (0, CallDownlink::HoldRejected), (0, CallDownlink::Retrieved)]
    );
    assert_eq!(
        heard(&mut network, phones[1]),
        [(8, CallDownlink::RemoteHeld(true)), (8, CallDownlink::RemoteHeld(false))]
    );
}

#[test]
fn a_call_that_is_not_answered_cannot_be_held() {
    let (mut network, phones) = phones(2);
    dial(&mut network, phones[0], 0, "0171000002");
    network.say(phones[0], 0, CallUplink::Hold);
    assert_eq!(heard(&mut network, phones[0]).last(), Some(&(0, CallDownlink::HoldRejected)));
}

#[test]
fn tones_reach_the_other_side_both_ways() {
    let (mut network, phones) = talking();
    for digit in *b"12*#A9" {
        network.say(phones[0], 0, CallUplink::Dtmf(digit));
        network.say(phones[1], 8, CallUplink::Dtmf(digit));
        assert_eq!(heard(&mut network, phones[1]), [(8, CallDownlink::Dtmf(digit))]);
        assert_eq!(heard(&mut network, phones[0]), [(0, CallDownlink::Dtmf(digit))]);
    }
    network.say(phones[0], 0, CallUplink::Dtmf(b'x'));
    assert_eq!(heard(&mut network, phones[1]), [], "no such tone");
}

#[test]
fn a_lost_link_drops_the_call_with_31() {
    for lost in [0, 1] {
        let (mut network, phones) = talking();
        network.region(HERE, RegionInput::LoseLink(phones[lost]));
        network.run_s(1);
        let other = phones[1 - lost];
        let heard = heard(&mut network, other);
        assert!(matches!(heard[..], [(_, CallDownlink::Disconnect(CallCause::Unspecified))]));
        assert_eq!(network.core(ONE).call_count(), 0);
    }
}

#[test]
fn a_detach_ends_the_call_as_well() {
    let (mut network, phones) = talking();
    network.uplink(phones[0], Uplink::Detach);
    network.run_s(1);
    assert_eq!(heard(&mut network, phones[1]), [(8, ended(CallCause::Unspecified))]);
}

#[test]
fn a_message_about_no_call_is_answered_and_crossing_ends_are_quiet() {
    let (mut network, phones) = talking();
    network.say(phones[2], 5, CallUplink::Hold);
    assert_eq!(heard(&mut network, phones[2]), [(5, ended(CallCause::Unspecified))]);
    for (phone, transaction) in [(0, 0), (1, 8)] {
        let message = CallUplink::Disconnect(CallCause::Normal);
        network.uplink(phones[phone], Uplink::Call { transaction, message });
    }
    network.run_s(1);
    assert_eq!(heard(&mut network, phones[0]).len() + heard(&mut network, phones[1]).len(), 1);
    assert_eq!(network.core(ONE).call_count(), 0);
}

#[test]
fn a_transaction_in_use_is_not_taken_again() {
    let (mut network, phones) = talking();
    dial(&mut network, phones[0], 0, "0171000003");
    dial(&mut network, phones[0], 9, "0171000003");
    assert_eq!(heard(&mut network, phones[0]), []);
    assert_eq!(heard(&mut network, phones[2]), []);
    assert_eq!(network.core(ONE).call_count(), 1);
}

#[test]
fn a_device_that_starts_anew_in_a_call_leaves_nobody_in_it() {
    for restarted in [0, 1] {
        let (mut network, phones) = talking();
        network.restarted(phones[restarted], CELL_1);
        assert_eq!(heard(&mut network, phones[restarted]), []);
        let other = phones[1 - restarted];
        let transaction = [8, 0][restarted];
        assert_eq!(heard(&mut network, other), [(transaction, ended(CallCause::Unspecified))]);
        assert_eq!(network.core(ONE).call_count(), 0);
        dial(&mut network, phones[2], 0, "+49171000002");
        assert_eq!(heard(&mut network, phones[1]), [(8, setup(Some(3), false))]);
    }
}

#[test]
fn a_caller_is_told_when_the_device_that_rings_starts_anew() {
    let (mut network, phones) = phones(2);
    dial(&mut network, phones[0], 0, "+49171000002");
    network.say(phones[1], 8, CallUplink::Alerting);
    heard(&mut network, phones[0]);
    network.restarted(phones[1], CELL_1);
    assert_eq!(heard(&mut network, phones[0]), [(0, ended(CallCause::NoUserResponding))]);
}

#[test]
fn an_update_in_a_call_leaves_it_as_it_is() {
    let (mut network, phones) = talking();
    network.attached(phones[1], CELL_1_GSM);
    assert_eq!(heard(&mut network, phones[0]), []);
    assert_eq!(network.core(ONE).call_count(), 1);
}
