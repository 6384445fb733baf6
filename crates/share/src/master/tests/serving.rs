//! Push, compare, the queue, sequence numbers: a slave comes and is served.

use polysim_base::Out;
use std::vec::Vec;

use super::rig::*;
use crate::SetDigest;
use crate::master::{
    Ended, Holder, How, Master, MasterEvent, MasterInput, MasterRecord, SlaveId, Way,
};
use crate::wire::{ToMaster, ToSlave};
use polysim_aka::SqnArray;

pub(super) fn granted(id: SlaveId, count: u32) -> Output {
    Out::Record(MasterRecord::Granted { holder: Holder::Slave(id), epoch: epoch(count) })
}

pub(super) fn locked(id: SlaveId, count: u32) -> Output {
    Out::Record(MasterRecord::Locked { slave: id, epoch: epoch(count) })
}

pub(super) fn granted_how(id: SlaveId, count: u32, how: How) -> Output {
    tell(MasterEvent::Granted { holder: Holder::Slave(id), epoch: epoch(count), how })
}

/// The lease ends by a word of its holder, a slave.
pub(super) fn free(id: SlaveId, count: u32) -> [Output; 2] {
    let ended = Ended::Confirmed;
    [
        Out::Record(MasterRecord::Free { epoch: epoch(count), ended }),
        tell(MasterEvent::Free { holder: Holder::Slave(id), ended }),
    ]
}

/// A lease by push, of the first set, without numbers.
pub(super) fn pushed(id: SlaveId, count: u32) -> Vec<Output> {
    [
        granted(id, count),
        locked(id, count),
        granted_how(id, count, How::Pushed),
        take(id, count, 1, SqnArray::default()),
    ]
    .into()
}

fn have(digest: Option<SetDigest>) -> ToMaster {
    ToMaster::Have { digest }
}

fn activate(id: SlaveId, count: u32, locked: u32) -> Output {
    let lock = LOCK.derive(&key(id), epoch(locked));
    send(id, ToSlave::Activate { epoch: epoch(count), lock, sequence: SqnArray::default() })
}

#[test]
fn nothing_is_said_to_a_slave_before_it_has_said_how_things_stand() {
    let mut rig = Rig::new(config(Way::Push));
    assert_eq!(rig.give(MasterInput::Up(A)), [tell(MasterEvent::Connected(A))]);
    assert_eq!(rig.wait(secs(1_000)), []);
}

#[test]
fn by_push_the_parameters_are_sent_at_once_and_the_lease_is_written_down_first() {
    let mut rig = Rig::new(config(Way::Push));
    assert_eq!(rig.connect(A, wants(0)), pushed(A, 1));
    let event = tell(MasterEvent::Active(Holder::Slave(A)));
    assert_eq!(rig.hear(A, active(1)), [event]);
    assert_eq!(rig.hear(A, active(1)), [], "said twice");
}

#[test]
fn what_is_not_answered_is_said_again_until_it_is() {
    let mut rig = Rig::new(config(Way::Push));
    rig.connect(A, wants(0));
    let again = take(A, 1, 1, SqnArray::default());
    assert_eq!(rig.wait(secs(2)), []);
    assert_eq!(rig.wait(secs(1)), std::slice::from_ref(&again));
    assert_eq!(rig.wait(secs(6)), [again.clone(), again]);
    rig.hear(A, active(1));
    assert_eq!(rig.wait(secs(1_000)), []);
}

#[test]
fn by_comparing_a_slave_without_a_set_is_sent_the_parameters() {
    let mut rig = Rig::new(config(Way::Compare));
    assert_eq!(rig.connect(A, wants(0)), [send(A, ToSlave::Read)]);
    assert_eq!(rig.wait(secs(3)), [send(A, ToSlave::Read)], "asked again");
    let told = granted_how(A, 1, How::None);
    let sent = [granted(A, 1), locked(A, 1), told, take(A, 1, 1, SqnArray::default())];
    assert_eq!(rig.hear(A, have(None)), sent);
    assert_eq!(rig.hear(A, have(None)), [], "said twice");
}

#[test]
fn by_comparing_a_slave_with_another_set_is_sent_the_parameters() {
    let mut rig = Rig::new(config(Way::Compare));
    rig.connect(A, wants(0));
    let told = granted_how(A, 1, How::Different);
    let sent = [granted(A, 1), locked(A, 1), told, take(A, 1, 1, SqnArray::default())];
    assert_eq!(rig.hear(A, have(Some(set(2).digest()))), sent);
}

/// Slave A has had the set of lease 1, and has let go.
fn compared() -> Rig {
    let mut rig = Rig::new(config(Way::Compare));
    rig.connect(A, wants(0));
    rig.hear(A, have(None));
    rig.hear(A, active(1));
    rig.hear(A, released(1, false));
    rig
}

#[test]
fn by_comparing_a_slave_with_an_equal_set_is_sent_the_activation_command_only() {
    let mut rig = compared();
    rig.hear(A, wants(1));
    let sent = [granted(A, 2), granted_how(A, 2, How::Equal), activate(A, 2, 1)];
    assert_eq!(rig.hear(A, have(Some(set(1).digest()))), sent);
    rig.hear(A, active(2));
    rig.hear(A, released(2, true));
    assert_eq!(rig.hear(A, have(Some(set(1).digest())))[2], activate(A, 3, 1), "locked as before");
}

#[test]
fn a_slave_that_cannot_use_what_it_has_is_sent_the_parameters_under_a_new_lease() {
    let mut rig = compared();
    rig.hear(A, wants(1));
    rig.hear(A, have(Some(set(1).digest())));
    let unable = ToMaster::Unable { epoch: epoch(2) };
    let expected: Vec<_> = free(A, 2).into_iter().chain(pushed(A, 3)).collect();
    assert_eq!(rig.hear(A, unable.clone()), expected);
    assert_eq!(rig.hear(A, unable), [], "of a lease that has ended");
    let unable = ToMaster::Unable { epoch: epoch(3) };
    assert_eq!(rig.hear(A, unable), free(A, 3), "it asks anew, or there would be no end");
    assert_eq!(rig.wait(secs(1_000)), []);
    assert_eq!(rig.hear(A, wants(3)), [send(A, ToSlave::Read)]);
}

#[test]
fn a_slave_that_wants_nothing_is_told_so() {
    let mut rig = Rig::new(config(Way::Push));
    assert_eq!(rig.connect(A, idle(0)), [noted(A, 0)]);
    assert_eq!(rig.hear(A, idle(0)), [noted(A, 0)]);
    assert_eq!(rig.hear(A, wants(0)), pushed(A, 1), "until it does");
}

#[test]
fn the_second_is_told_who_is_active_and_is_served_without_reconnecting() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    let event = tell(MasterEvent::Busy { slave: B, holder: Holder::Slave(A) });
    assert_eq!(rig.connect(B, wants(0)), [busy(B, A), event]);
    assert_eq!(rig.hear(B, wants(0)), [busy(B, A)], "asked twice, waits once");
    let [record, event] = free(A, 1);
    let expected: Vec<_> = [record, event, noted(A, 1)].into_iter().chain(pushed(B, 2)).collect();
    assert_eq!(rig.hear(A, released(1, false)), expected);
}

#[test]
fn the_first_come_is_served_first_and_who_lets_go_is_the_last() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.connect(C, wants(0));
    rig.connect(B, wants(0));
    rig.hear(C, wants(0));
    rig.hear(A, released(1, true));
    assert_eq!(rig.master.holder(), Some(Holder::Slave(C)));
    rig.hear(C, released(2, true));
    assert_eq!(rig.master.holder(), Some(Holder::Slave(B)));
    rig.hear(B, released(3, true));
    assert_eq!(rig.master.holder(), Some(Holder::Slave(A)));
}

#[test]
fn who_does_not_want_any_more_or_has_gone_is_not_waited_for() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.connect(B, wants(0));
    rig.connect(C, wants(0));
    assert_eq!(rig.hear(B, idle(0)), [noted(B, 1)]);
    rig.give(MasterInput::Down(C));
    rig.hear(A, released(1, false));
    assert_eq!(rig.master.holder(), None);
}

#[test]
fn a_release_is_noted_as_often_as_it_is_said() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    let [record, event] = free(A, 1);
    assert_eq!(rig.hear(A, released(1, false)), [record, event, noted(A, 1)]);
    assert_eq!(rig.hear(A, released(1, false)), [noted(A, 1)]);
}

#[test]
fn the_release_of_another_lease_or_by_another_slave_changes_nothing() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.hear(A, released(1, true));
    rig.hear(A, active(2));
    rig.connect(B, idle(0));
    let before = rig.master.clone();
    assert_eq!(rig.hear(A, released(1, true)), [noted(A, 1)], "late");
    assert_eq!(rig.hear(B, released(2, true)), [], "another's");
    rig.hear(A, wants(1)); // late
    rig.hear(A, ToMaster::Unable { epoch: epoch(2) }); // it has said that it is active
    rig.hear(B, active(2));
    rig.hear(B, ToMaster::Have { digest: None });
    rig.hear(A, ToMaster::Wiped);
    assert_eq!(rig.master, before);
}

#[test]
fn a_hello_that_was_overtaken_by_the_offer_does_not_end_the_lease() {
    let mut rig = Rig::new(config(Way::Push));
    rig.connect(A, wants(0));
    assert_eq!(rig.hear(A, idle(0)), []);
    rig.hear(A, active(1));
    assert_eq!(rig.hear(A, wants(0)), []);
    assert_eq!(rig.master.holder(), Some(Holder::Slave(A)));
    let [record, event] = free(A, 1);
    assert_eq!(rig.hear(A, idle(1)), [record, event, noted(A, 1)], "it knows the lease by now");
}

#[test]
fn accepted_numbers_are_written_down_and_travel_with_each_activation() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    let written = |numbers| Out::Record(MasterRecord::Sequence(numbers));
    let said = |seq| ToMaster::Sequence { epoch: epoch(1), sequence: numbers(seq, 1) };
    assert_eq!(rig.hear(A, said(5)), [written(numbers(5, 1))]);
    assert_eq!(rig.hear(A, said(5)), []);
    assert_eq!(rig.hear(A, said(3)), [], "never backwards");
    rig.connect(B, wants(0));
    assert_eq!(rig.hear(B, said(9)), [], "another's");
    let sequence = Some(numbers(8, 1));
    let last = ToMaster::Released { epoch: epoch(1), sequence, wants: false };
    let outputs = rig.hear(A, last);
    assert_eq!(outputs[0], written(numbers(8, 1)), "before the release is");
    assert_eq!(outputs.last(), Some(&take(B, 2, 1, numbers(8, 1))));
    assert_eq!(rig.hear(A, said(9)), [], "of a lease that has ended");
}

#[test]
fn numbers_that_were_not_reported_in_time_are_in_what_a_slave_says_first() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.give(MasterInput::Down(A));
    let sequence = Some(numbers(7, 2));
    let hello = ToMaster::Hello { holds: None, newest: epoch(1), wants: true, sequence };
    let outputs = rig.connect(A, hello);
    assert_eq!(outputs[0], Out::Record(MasterRecord::Sequence(numbers(7, 2))));
    assert_eq!(outputs.last(), Some(&take(A, 2, 1, numbers(7, 2))));
}

#[test]
fn a_slave_on_the_network_with_an_old_lease_has_to_leave_first() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.give(MasterInput::Down(A));
    rig.wait(secs(100));
    rig.connect(B, wants(0));
    assert_eq!(rig.master.holder(), Some(Holder::Slave(B)));
    assert_eq!(rig.connect(A, on(1)), [revoke(A, 1)]);
    assert_eq!(rig.wait(secs(3))[0], revoke(A, 1));
    let event = tell(MasterEvent::Busy { slave: A, holder: Holder::Slave(B) });
    assert_eq!(rig.hear(A, released(1, true)), [noted(A, 1), busy(A, B), event]);
    assert_eq!(rig.hear(A, on(1)), [], "late");
}

#[test]
fn nothing_is_heard_of_a_slave_whose_link_is_down() {
    let mut rig = Rig::new(config(Way::Push));
    assert_eq!(rig.hear(A, wants(0)), []);
    rig.activate(A);
    rig.give(MasterInput::Down(A));
    assert_eq!(rig.hear(A, released(1, true)), []);
    assert_eq!(rig.hear(SlaveId(77), wants(0)), []);
    assert_eq!(rig.give(MasterInput::Up(SlaveId(77))), []);
    assert_eq!(rig.give(MasterInput::Down(SlaveId(77))), []);
}

#[test]
fn an_idle_master_is_small() {
    assert!(size_of::<Master>() <= 400, "{}", size_of::<Master>());
}
