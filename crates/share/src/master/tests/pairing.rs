//! Who is of the group, and how a device is forgotten.

use polysim_base::Out;

use super::rig::*;
use super::serving::free;
use crate::master::{
    Holder, MasterCommand, MasterEvent, MasterInput, MasterOutput, MasterRecord, PairRefusal,
    SLAVES_MAX, SlaveId, Way,
};
use crate::wire::{ToMaster, ToSlave};

fn unpair(id: SlaveId) -> MasterInput {
    MasterInput::Command(MasterCommand::Unpair(id))
}

fn unpaired(id: SlaveId) -> [Output; 2] {
    [Out::Record(MasterRecord::Unpaired(id)), tell(MasterEvent::Unpaired(id))]
}

fn wipe(id: SlaveId) -> Output {
    send(id, ToSlave::Wipe)
}

fn wiped(id: SlaveId) -> [Output; 2] {
    [Out::Record(MasterRecord::Wiped(id)), Out::Do(MasterOutput::Disconnect(id))]
}

fn refused(id: SlaveId, why: PairRefusal) -> [Output; 1] {
    [tell(MasterEvent::PairRefused { key: key(id), why })]
}

#[test]
fn a_device_is_paired_in_writing_before_anything_else() {
    let mut rig = Rig::new(config(Way::Push));
    let new = SlaveId(3);
    let record = MasterRecord::Paired { slave: new, key: key(new), name: name(new) };
    let event = tell(MasterEvent::Paired(new));
    assert_eq!(rig.give(pair(new)), [Out::Record(record), event.clone()]);
    assert_eq!(rig.give(pair(new)), [event], "paired twice: it is paired");
    assert_eq!(rig.master.slaves().count(), 4);
    assert_eq!(rig.master.slave_with(&key(new)), Some(new));
    assert!(rig.master.is_paired(new));
}

#[test]
fn there_is_a_limit_of_slaves() {
    let mut rig = Rig::new(config(Way::Push));
    for id in 3..SLAVES_MAX {
        rig.give(pair(SlaveId(u16::try_from(id).unwrap())));
    }
    let more = SlaveId(200);
    assert_eq!(rig.give(pair(more)), refused(more, PairRefusal::Full));
    assert_eq!(rig.master.slaves().count(), SLAVES_MAX);
}

#[test]
fn an_unpaired_slave_erases_what_it_has_and_is_forgotten() {
    let mut rig = Rig::new(config(Way::Push));
    rig.connect(A, idle(0));
    let [record, event] = unpaired(A);
    assert_eq!(rig.give(unpair(A)), [record, event, wipe(A)]);
    assert_eq!(rig.give(unpair(A)), [], "unpaired twice");
    assert_eq!(rig.wait(secs(3)), [wipe(A)], "until it has answered");
    assert_eq!(rig.hear(A, wants(0)), [], "it is not served");
    assert_eq!(rig.hear(A, ToMaster::Wiped), wiped(A));
    assert_eq!(rig.hear(A, ToMaster::Wiped), []);
    assert_eq!(rig.give(MasterInput::Down(A)), []);
    assert_eq!(rig.master.slave_with(&key(A)), None);
    rig.give(pair(A));
    assert_eq!(rig.master.slave_with(&key(A)), Some(SlaveId(3)), "numbers are not used again");
}

#[test]
fn one_that_cannot_be_reached_is_remembered_until_it_has_erased_what_it_has() {
    let mut rig = Rig::new(config(Way::Push));
    assert_eq!(rig.give(unpair(A)), unpaired(A));
    assert_eq!(rig.give(pair(A)), refused(A, PairRefusal::NotWiped));
    rig.restart();
    assert!(!rig.master.is_paired(A));
    assert_eq!(rig.master.slave_with(&key(A)), Some(A), "its link may come up for that");
    assert_eq!(rig.connect(A, wants(0)), [wipe(A)]);
    assert_eq!(rig.hear(A, ToMaster::Wiped), wiped(A));
}

#[test]
fn an_active_slave_that_is_unpaired_leaves_before_it_erases() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.connect(B, wants(0));
    let [record, event] = unpaired(A);
    let told = tell(MasterEvent::Revoked(Holder::Slave(A)));
    assert_eq!(rig.give(unpair(A)), [record, event, told, revoke(A, 1)]);
    assert_eq!(rig.hear(A, ToMaster::Wiped), [], "words that activate it may be on their way");
    let outputs = rig.hear(A, released(1, true));
    let [record, event] = free(A, 1);
    assert_eq!(outputs[..3], [record, event, noted(A, 1)]);
    assert!(outputs.contains(&wipe(A)));
    assert_eq!(rig.master.holder(), Some(Holder::Slave(B)), "and is not served again");
}

#[test]
fn an_unpaired_holder_does_not_resume_after_a_restart() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.give(MasterInput::Down(A));
    rig.give(unpair(A));
    let told = tell(MasterEvent::Revoked(Holder::Slave(A)));
    assert_eq!(rig.restart(), [told]);
    assert_eq!(rig.connect(A, on(1)), [revoke(A, 1)]);
}

#[test]
fn one_that_is_unpaired_while_it_waits_waits_no_more() {
    let mut rig = Rig::new(config(Way::Push));
    rig.activate(A);
    rig.connect(B, wants(0));
    rig.give(pick(Holder::Slave(B)));
    rig.give(unpair(B));
    rig.hear(A, released(1, false));
    assert_eq!(rig.master.holder(), None);
}

#[test]
fn a_paired_slave_that_says_it_has_erased_everything_stays_paired() {
    let mut rig = Rig::new(config(Way::Push));
    rig.connect(A, idle(0));
    assert_eq!(rig.hear(A, ToMaster::Wiped), []);
    assert!(rig.master.is_paired(A));
}
