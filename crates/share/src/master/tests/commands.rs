//! What the user does: picking, releasing, allowing, replacing.

use polysim_aka::SqnArray;
use polysim_base::Out;
use std::vec::Vec;

use super::rig::*;
use super::serving::{free, granted, locked, pushed};
use crate::master::{
    Ended, Holder, How, MasterCommand, MasterEvent, MasterInput, MasterOutput, MasterRecord,
    OwnOrder, PickRefusal, SlaveId, Way,
};
use crate::wire::{HeldBy, ToMaster, ToSlave};

const fn slave(id: SlaveId) -> Holder {
    Holder::Slave(id)
}

const fn own(order: OwnOrder) -> Output {
    Out::Do(MasterOutput::Own(order))
}

fn revoked(holder: Holder) -> Output {
    tell(MasterEvent::Revoked(holder))
}

fn refused(holder: Holder, why: PickRefusal) -> [Output; 1] {
    [tell(MasterEvent::PickRefused { holder, why })]
}

fn release() -> MasterInput {
    MasterInput::Command(MasterCommand::Release)
}

fn consent(slave: SlaveId, allow: bool) -> MasterInput {
    MasterInput::Command(MasterCommand::Consent { slave, allow })
}

fn replace(number: u8) -> MasterInput {
    MasterInput::Command(MasterCommand::Replace(set(number)))
}

#[test]
fn the_active_one_is_revoked_before_the_picked_one_is_served() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.connect(C, wants(0));
    rig.connect(B, idle(0));
    assert_eq!(rig.give(pick(slave(B))), [revoked(slave(A)), revoke(A, 1)]);
    assert_eq!(rig.give(pick(slave(B))), [], "picked twice");
    assert_eq!(rig.wait(secs(3)), [revoke(A, 1)], "said again");
    let outputs = rig.hear(A, released(1, true));
    let [record, event] = free(A, 1);
    let told = tell(MasterEvent::Busy { slave: A, holder: slave(B) });
    let mut expected: Vec<_> = [record, event, noted(A, 1)].into();
    expected.extend(pushed(B, 2));
    expected.extend([busy(A, B), told]);
    assert_eq!(outputs, expected, "before C, which has waited");
}

#[test]
fn the_picked_one_is_served_after_the_guard_if_the_active_one_is_not_heard() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.connect(B, idle(0));
    rig.give(MasterInput::Down(A));
    assert_eq!(rig.give(pick(slave(B))), [revoked(slave(A))]);
    let mut back = rig.clone();
    assert_eq!(back.connect(A, on(1)), [revoke(A, 1)], "back in time, but not to go on");
    rig.wait(secs(71));
    assert_eq!(rig.master.holder(), Some(slave(A)));
    rig.wait(secs(1));
    assert_eq!(rig.master.holder(), Some(slave(B)));
}

#[test]
fn a_pick_replaces_the_one_before() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.connect(B, idle(0));
    rig.connect(C, idle(0));
    rig.give(pick(slave(B)));
    assert_eq!(rig.give(pick(slave(C))), []);
    rig.hear(A, released(1, false));
    assert_eq!(rig.master.holder(), Some(slave(C)));
}

#[test]
fn a_pick_back_to_the_one_that_is_revoked_serves_it_anew() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.connect(B, idle(0));
    rig.give(pick(slave(B)));
    assert_eq!(rig.give(pick(slave(A))), []);
    rig.hear(A, released(1, false));
    assert_eq!((rig.master.holder(), rig.master.epoch()), (Some(slave(A)), epoch(2)));
}

#[test]
fn nobody_is_picked_who_is_not_there_or_has_it() {
    let mut rig = Rig::new(config(Way::Push));
    assert_eq!(
        rig.give(pick(slave(SlaveId(9)))),
        refused(slave(SlaveId(9)), PickRefusal::NotPaired)
    );
    assert_eq!(rig.give(pick(slave(B))), refused(slave(B), PickRefusal::NotConnected));
    rig.activate(A);
    assert_eq!(rig.give(pick(slave(A))), refused(slave(A), PickRefusal::Already));
    rig.hear(A, released(1, false));
    rig.give(pick(Holder::Own));
    assert_eq!(rig.give(pick(Holder::Own)), refused(Holder::Own, PickRefusal::Already));
    rig.give(MasterInput::Command(MasterCommand::Unpair(A)));
    assert_eq!(rig.give(pick(slave(A))), refused(slave(A), PickRefusal::NotPaired));
    assert_eq!(rig.master.holder(), Some(Holder::Own), "a refused pick changes nothing");
}

#[test]
fn a_picked_one_that_has_gone_meanwhile_leaves_the_turn_to_who_waits() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.connect(B, idle(0));
    rig.connect(C, wants(0));
    rig.give(pick(slave(B)));
    rig.give(MasterInput::Down(B));
    rig.hear(A, released(1, false));
    assert_eq!(rig.master.holder(), Some(slave(C)));
}

#[test]
fn a_picked_one_is_waited_for_until_it_has_said_how_things_stand() {
    let mut rig = Rig::new(config(Way::Push));
    rig.give(MasterInput::Up(B));
    assert_eq!(rig.give(pick(slave(B))), []);
    let event = tell(MasterEvent::Busy { slave: A, holder: slave(B) });
    assert_eq!(rig.connect(A, wants(0)), [busy(A, B), event]);
    rig.hear(B, idle(0));
    assert_eq!(rig.master.holder(), Some(slave(B)));
}

#[test]
fn the_own_modem_attaches_when_picked_and_leaves_before_a_slave_is_served() {
    let mut rig = Rig::new(config(Way::Push));
    let granted = Out::Record(MasterRecord::Granted { holder: Holder::Own, epoch: epoch(1) });
    let how = MasterEvent::Granted { holder: Holder::Own, epoch: epoch(1), how: How::Own };
    let expected = [
        granted,
        tell(how),
        own(OwnOrder::Attach(SqnArray::default())),
        tell(MasterEvent::Active(Holder::Own)),
    ];
    assert_eq!(rig.give(pick(Holder::Own)), expected);
    let event = tell(MasterEvent::Busy { slave: A, holder: Holder::Own });
    let word = ToSlave::Busy { holder: HeldBy::Master, for_at_most: None };
    assert_eq!(rig.connect(A, wants(0)), [send(A, word), event]);
    rig.give(MasterInput::OwnSequence(numbers(4, 1)));
    let leave = own(OwnOrder::Leave);
    assert_eq!(rig.give(pick(slave(A))), [revoked(Holder::Own), leave]);
    let outputs = rig.give(MasterInput::OwnLeft);
    assert_eq!(outputs.last(), Some(&take(A, 2, 1, numbers(4, 1))));
    assert_eq!(rig.give(MasterInput::OwnLeft), [], "it has it no more");
    assert_eq!(rig.give(MasterInput::OwnSequence(numbers(9, 1))), []);
}

#[test]
fn an_own_modem_that_leaves_by_itself_gives_the_turn_away() {
    let mut rig = Rig::new(config(Way::Push));
    rig.give(pick(Holder::Own));
    rig.connect(A, wants(0));
    rig.give(MasterInput::OwnLeft);
    assert_eq!(rig.master.holder(), Some(slave(A)));
}

#[test]
fn after_a_release_nobody_has_it_until_somebody_asks_anew() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.connect(B, wants(0));
    assert_eq!(rig.give(release()), [revoked(slave(A)), revoke(A, 1)]);
    assert_eq!(rig.give(release()), []);
    let [record, event] = free(A, 1);
    assert_eq!(rig.hear(A, released(1, true)), [record, event, noted(A, 1)]);
    assert_eq!(rig.hear(A, released(1, true)), [noted(A, 1)]);
    assert_eq!(rig.wait(secs(1_000)), []);
    assert_eq!(rig.hear(B, wants(0)), pushed(B, 2));
    rig.hear(B, released(2, true));
    assert_eq!(rig.master.holder(), Some(slave(B)), "that was for the lease before only");
}

#[test]
fn one_that_is_revoked_and_cannot_use_what_it_has_is_not_served_at_once() {
    let mut rig = Rig::new(config(Way::Compare));
    rig.connect(A, wants(0));
    rig.hear(A, ToMaster::Have { digest: None });
    rig.hear(A, released(1, true));
    rig.hear(A, ToMaster::Have { digest: Some(set(1).digest()) });
    rig.give(release());
    rig.hear(A, ToMaster::Unable { epoch: epoch(2) });
    assert_eq!(rig.master.holder(), None);
}

#[test]
fn after_a_release_somebody_can_be_picked() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.give(release());
    rig.give(pick(slave(A)));
    rig.hear(A, released(1, true));
    assert_eq!(rig.master.holder(), Some(slave(A)));
    rig.give(release());
    rig.hear(A, released(2, true));
    assert_eq!(rig.give(pick(slave(A))), pushed(A, 3));
}

#[test]
fn a_release_ends_a_pick_and_what_was_being_asked() {
    let mut rig = Rig::new(asking());
    rig.connect(A, wants(0));
    rig.give(release());
    assert_eq!(rig.give(consent(A, true)), []);
    rig.give(pick(slave(A)));
    rig.connect(B, idle(0));
    rig.give(pick(slave(B)));
    rig.give(release());
    rig.hear(A, released(1, false));
    assert_eq!(rig.master.holder(), None);
}

/// The user is asked about A.
fn asked() -> Rig {
    let mut rig = Rig::new(asking());
    let wait = send(A, ToSlave::Busy { holder: HeldBy::Consent, for_at_most: None });
    let asks = tell(MasterEvent::Asks(A));
    assert_eq!(rig.connect(A, wants(0)), [wait.clone(), asks]);
    assert_eq!(rig.hear(A, wants(0)), [wait], "asked once");
    rig
}

#[test]
fn a_slave_is_served_when_the_user_has_allowed_it_and_asked_about_each_time() {
    let mut rig = asked();
    let event = tell(MasterEvent::Busy { slave: B, holder: slave(A) });
    assert_eq!(rig.connect(B, wants(0)), [busy(B, A), event]);
    assert_eq!(rig.give(consent(B, true)), [], "nobody asked about B");
    let record = Out::Record(MasterRecord::Consented { slave: A, allow: true });
    let expected: Vec<_> = [record].into_iter().chain(pushed(A, 1)).collect();
    assert_eq!(rig.give(consent(A, true)), expected);
    assert_eq!(rig.give(consent(A, true)), []);
    let outputs = rig.hear(A, released(1, true));
    assert!(outputs.contains(&tell(MasterEvent::Asks(B))));
    rig.give(consent(B, false));
    assert_eq!(rig.master.holder(), None);
    assert!(rig.hear(A, wants(1)).iter().all(|output| *output != tell(MasterEvent::Asks(A))));
    assert!(!rig.give(consent(A, true)).is_empty(), "A was asked about when B was refused");
}

#[test]
fn one_that_the_user_refuses_has_to_ask_anew() {
    let mut rig = asked();
    let record = Out::Record(MasterRecord::Consented { slave: A, allow: false });
    assert_eq!(rig.give(consent(A, false)), [record]);
    assert_eq!(rig.wait(secs(1_000)), []);
    assert!(rig.hear(A, wants(0)).contains(&tell(MasterEvent::Asks(A))));
}

#[test]
fn nobody_is_asked_about_one_that_was_picked() {
    let mut rig = asked();
    assert_eq!(rig.give(pick(slave(A))), pushed(A, 1));
    assert_eq!(rig.give(consent(A, false)), []);
}

#[test]
fn a_question_about_one_that_has_gone_is_void() {
    let mut rig = asked();
    rig.give(MasterInput::Down(A));
    assert_eq!(rig.give(consent(A, true)), []);
    assert!(rig.connect(A, wants(0)).contains(&tell(MasterEvent::Asks(A))));
}

#[test]
fn who_is_active_is_revoked_when_the_set_is_replaced_and_gets_the_new_one() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.hear(A, ToMaster::Sequence { epoch: epoch(1), sequence: numbers(5, 1) });
    let record = Out::Record(MasterRecord::Replaced { set: set(2), since: epoch(1) });
    assert_eq!(rig.give(replace(2)), [record, revoked(slave(A)), revoke(A, 1)]);
    assert_eq!(rig.give(replace(2)), [], "replaced twice");
    let sequence = Some(numbers(9, 1));
    let last = ToMaster::Released { epoch: epoch(1), sequence: sequence.clone(), wants: true };
    let outputs = rig.hear(A, last);
    assert_eq!(outputs.last(), Some(&take(A, 2, 2, SqnArray::default())), "numbers of other keys");
    let hello = ToMaster::Hello { holds: None, newest: epoch(1), wants: true, sequence };
    rig.hear(A, active(2));
    assert_eq!(rig.connect(B, hello).len(), 2, "old numbers, and another holder: only told so");
}

#[test]
fn a_set_of_the_same_keys_keeps_the_numbers() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.hear(A, ToMaster::Sequence { epoch: epoch(1), sequence: numbers(5, 1) });
    let mut other = set(1);
    other.spn = "Zwei".into();
    rig.give(MasterInput::Command(MasterCommand::Replace(other)));
    let sequence = Some(numbers(6, 1));
    rig.hear(A, ToMaster::Released { epoch: epoch(1), sequence, wants: false });
    assert_eq!(rig.master.sequence(), &numbers(6, 1));
}

#[test]
fn a_set_that_was_replaced_is_not_resumed_after_a_restart_either() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.give(MasterInput::Down(A));
    rig.give(replace(2));
    rig.restart();
    assert_eq!(rig.connect(A, on(1)), [revoke(A, 1)]);
    let outputs = rig.hear(A, released(1, true));
    assert_eq!(outputs.last(), Some(&take(A, 2, 2, SqnArray::default())));
}

#[test]
fn the_own_modem_goes_back_with_the_new_set() {
    let mut rig = Rig::new(config(Way::Push));
    rig.give(pick(Holder::Own));
    rig.give(replace(2));
    let outputs = rig.give(MasterInput::OwnLeft);
    let freed = MasterEvent::Free { holder: Holder::Own, ended: Ended::Confirmed };
    assert!(outputs.contains(&tell(freed)));
    assert_eq!((rig.master.holder(), rig.master.epoch()), (Some(Holder::Own), epoch(2)));
    assert_eq!(rig.master.config().set, set(2));
}

#[test]
fn a_stored_set_that_was_replaced_is_found_by_comparing() {
    let mut rig = Rig::new(config(Way::Compare));
    rig.connect(A, wants(0));
    rig.hear(A, ToMaster::Have { digest: None });
    rig.hear(A, released(1, false));
    rig.give(replace(2));
    rig.hear(A, wants(1));
    let outputs = rig.hear(A, ToMaster::Have { digest: Some(set(1).digest()) });
    assert_eq!(outputs[..2], [granted(A, 2), locked(A, 2)]);
    assert_eq!(outputs.last(), Some(&take(A, 2, 2, SqnArray::default())));
}
