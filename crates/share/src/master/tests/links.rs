//! Links that break: leases that run out, in doubt, guards, resuming, restarts.

use polysim_base::{Machine as _, Out};
use std::vec;
use std::vec::Vec;

use super::rig::*;
use super::serving::{free, pushed};
use crate::master::{Ended, Holder, MasterEvent, MasterInput, MasterRecord, OwnOrder, Way};
use crate::master::{MasterOutput, MasterTimer};
use crate::wire::{HeldBy, ToSlave};

fn resumed(count: u32) -> [Output; 2] {
    [send(A, ToSlave::Resume { epoch: epoch(count) }), tell(MasterEvent::Resumed(A))]
}

/// 70 seconds from the loss of the link, and a guard of 70 ms and a second after that.
fn in_doubt() -> Output {
    let guard = timing().margin.guard(timing().lease());
    let guard = polysim_base::Duration::from_micros(guard.as_micros() - secs(70).as_micros());
    tell(MasterEvent::InDoubt { holder: Holder::Slave(A), guard })
}

fn guard_over(count: u32) -> [Output; 2] {
    let ended = Ended::Guard;
    [
        Out::Record(MasterRecord::Free { epoch: epoch(count), ended }),
        tell(MasterEvent::Free { holder: Holder::Slave(A), ended }),
    ]
}

#[test]
fn while_the_holder_is_heard_the_lease_does_not_run_out() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    assert_eq!(rig.master.poll_timeout(), None);
    assert_eq!(rig.wait(secs(1_000_000)), []);
}

#[test]
fn a_slave_that_comes_back_in_time_goes_on() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    assert_eq!(rig.give(MasterInput::Down(A)), [tell(MasterEvent::Lost(A))]);
    assert_eq!(rig.master.poll_timeout().unwrap().1, MasterTimer::Lease);
    rig.wait(secs(69));
    assert_eq!(rig.connect(A, on(1)), resumed(1));
    assert_eq!(rig.hear(A, on(1)), [resumed(1)[0].clone()], "said again, told once");
    assert_eq!(rig.wait(secs(1_000_000)), []);
}

#[test]
fn a_link_that_is_up_alone_does_not_keep_the_lease() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.give(MasterInput::Down(A));
    rig.wait(secs(69));
    rig.give(MasterInput::Up(A));
    assert_eq!(rig.wait(secs(1)), [in_doubt()]);
    rig.give(MasterInput::Down(A));
    rig.wait(secs(1));
    assert_eq!(rig.wait(secs(1)), guard_over(1), "the loss before counts");
}

#[test]
fn a_holder_that_is_not_heard_is_in_doubt_until_the_guard_and_then_who_waits_is_served() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.give(MasterInput::Down(A));
    rig.wait(secs(10));
    let guard = timing().margin.guard(timing().lease());
    let left = polysim_base::Duration::from_micros(guard.as_micros() - secs(10).as_micros());
    let held = HeldBy::Slave(name(A));
    let word = ToSlave::Busy { holder: held, for_at_most: Some(left) };
    let event = MasterEvent::Busy { slave: B, holder: Holder::Slave(A) };
    assert_eq!(rig.connect(B, wants(0)), [send(B, word), tell(event)], "told for how long");
    assert_eq!(rig.wait(secs(59)), []);
    assert_eq!(rig.wait(secs(1)), [in_doubt()]);
    assert_eq!(rig.wait(secs(1)), []);
    let expected: Vec<_> = guard_over(1).into_iter().chain(pushed(B, 2)).collect();
    assert_eq!(rig.wait(secs(1)), expected);
}

#[test]
fn one_that_comes_back_in_doubt_has_to_confirm_that_it_has_left() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.give(MasterInput::Down(A));
    rig.wait(secs(70));
    assert_eq!(rig.connect(A, on(1)), [revoke(A, 1)]);
    let [record, event] = free(A, 1);
    assert_eq!(rig.hear(A, released(1, false)), [record, event, noted(A, 1)]);
}

#[test]
fn one_that_comes_back_without_it_has_confirmed_that_it_has_left() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.give(MasterInput::Down(A));
    let expected: Vec<_> = free(A, 1).into_iter().chain(pushed(A, 2)).collect();
    assert_eq!(rig.connect(A, wants(1)), expected);
    rig.give(MasterInput::Down(A));
    let expected: Vec<_> = free(A, 2).into_iter().chain(pushed(A, 3)).collect();
    assert_eq!(rig.connect(A, wants(1)), expected, "also if the offer was lost with the link");
}

#[test]
fn a_release_that_comes_before_anything_else_in_a_session_says_how_things_stand() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.give(MasterInput::Down(A));
    let [record, event] = free(A, 1);
    let expected: Vec<_> = [record, event, noted(A, 1)].into_iter().chain(pushed(A, 2)).collect();
    assert_eq!(rig.connect(A, released(1, true)), expected);
    assert_eq!(rig.hear(A, wants(1)), [], "the offer is the answer");
}

#[test]
fn a_new_session_that_comes_without_the_end_of_the_old_one_is_both() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    let events = [tell(MasterEvent::Lost(A)), tell(MasterEvent::Connected(A))];
    assert_eq!(rig.give(MasterInput::Up(A)), events);
    assert_eq!(rig.give(MasterInput::Down(A)), [tell(MasterEvent::Lost(A))]);
    assert_eq!(rig.give(MasterInput::Down(A)), []);
}

#[test]
fn the_deadline_counts_even_if_the_word_of_the_holder_comes_first() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.give(MasterInput::Down(A));
    rig.now = rig.now.plus(secs(70));
    let events = [in_doubt(), tell(MasterEvent::Connected(A))];
    assert_eq!(rig.give(MasterInput::Up(A)), events);
    assert_eq!(rig.hear(A, on(1)), [revoke(A, 1)]);
}

#[test]
fn after_a_restart_the_lease_of_a_slave_counts_anew() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.give(MasterInput::Down(A));
    rig.wait(secs(69));
    assert_eq!(rig.restart(), []);
    assert_eq!(rig.wait(secs(69)), []);
    let mut back = rig.clone();
    assert_eq!(back.connect(A, on(1)), resumed(1));
    assert_eq!(rig.wait(secs(10)), [vec![in_doubt()], guard_over(1).to_vec()].concat());
}

#[test]
fn after_a_restart_the_own_modem_leaves_and_attaches_under_a_new_lease() {
    let mut rig = Rig::new(config(Way::Push));
    rig.give(pick(Holder::Own));
    let leave = Out::Do(MasterOutput::Own(OwnOrder::Leave));
    let revoked = tell(MasterEvent::Revoked(Holder::Own));
    assert_eq!(rig.restart(), [revoked, leave.clone()]);
    rig.connect(A, wants(0));
    assert_eq!(rig.wait(secs(1_000_000)), [], "nobody else until it has left");
    let outputs = rig.give(MasterInput::OwnLeft);
    assert!(outputs.contains(&Out::Do(MasterOutput::Own(OwnOrder::Attach(numbers(0, 0))))));
    assert_eq!((rig.master.holder(), rig.master.epoch()), (Some(Holder::Own), epoch(2)));
    rig.restart();
    assert_eq!(rig.give(MasterInput::Start), [leave], "started twice");
}

#[test]
fn a_link_that_flaps_a_hundred_times_leaves_one_holder() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.connect(B, wants(0));
    for _ in 0..100 {
        rig.give(MasterInput::Down(A));
        rig.wait(secs(7));
        assert_eq!(rig.connect(A, on(1)), resumed(1));
    }
    assert_eq!((rig.master.holder(), rig.master.epoch()), (Some(Holder::Slave(A)), epoch(1)));
}
