//! The card stays here, and its messages pass for the holder only.

use polysim_base::Out;
use std::vec;
use std::vec::Vec;

use super::rig::*;
use super::serving::{free, granted, granted_how};
use crate::master::{
    CardOrder, Holder, How, MasterEvent, MasterInput, MasterOutput, MasterRecord, SlaveId,
};
use crate::wire::{ToMaster, ToSlave};

fn card(order: CardOrder) -> Output {
    Out::Do(MasterOutput::Card(order))
}

fn lend(id: SlaveId, count: u32) -> Output {
    send(id, ToSlave::Lend { epoch: epoch(count) })
}

fn says(count: u32) -> ToMaster {
    ToMaster::Card { epoch: epoch(count), message: vec![1, 2] }
}

#[test]
fn the_card_is_opened_with_the_lease_and_closed_at_its_end() {
    let mut rig = Rig::new(remote());
    let open = card(CardOrder::Open(A));
    let expected = [granted(A, 1), granted_how(A, 1, How::Lent), open, lend(A, 1)];
    assert_eq!(rig.connect(A, wants(0)), expected);
    rig.hear(A, active(1));
    let [record, event] = free(A, 1);
    let close = card(CardOrder::Close);
    assert_eq!(rig.hear(A, released(1, false)), [record, close, event, noted(A, 1)]);
}

#[test]
fn messages_pass_for_the_holder_and_its_lease_only() {
    let mut rig = Rig::new(remote());
    rig.activate(A);
    rig.connect(B, wants(0));
    assert_eq!(rig.hear(A, says(1)), [card(CardOrder::Message(vec![1, 2]))]);
    assert_eq!(rig.hear(A, says(0)), []);
    assert_eq!(rig.hear(A, says(2)), []);
    assert_eq!(rig.hear(B, says(1)), []);
    let answer = ToSlave::Card { epoch: epoch(1), message: vec![7] };
    assert_eq!(rig.give(MasterInput::Card(vec![7])), [send(A, answer)]);
    rig.hear(A, released(1, false));
    assert_eq!(rig.hear(A, says(1)), [], "late");
    rig.hear(B, released(2, false));
    assert_eq!(rig.give(MasterInput::Card(vec![7])), [], "nobody has it");
}

#[test]
fn numbers_that_the_lent_card_accepts_are_written_down_while_it_is_lent() {
    let mut rig = Rig::new(remote());
    rig.activate(A);
    let record = Out::Record(MasterRecord::Sequence(numbers(4, 1)));
    assert_eq!(rig.give(MasterInput::OwnSequence(numbers(4, 1))), [record]);
    rig.give(MasterInput::Down(A));
    assert_eq!(rig.give(MasterInput::OwnSequence(numbers(9, 1))), [], "of a card that is closed");
    assert_eq!(*rig.master.sequence(), numbers(4, 1));
}

#[test]
fn a_lost_link_is_a_lost_card_and_the_lease_only_guards_the_next_grant() {
    let mut rig = Rig::new(remote());
    rig.activate(A);
    let lost = tell(MasterEvent::Lost(A));
    assert_eq!(rig.give(MasterInput::Down(A)), [lost, card(CardOrder::Close)]);
    rig.connect(B, wants(0));
    assert_eq!(rig.master.holder(), Some(Holder::Slave(A)));
    assert_eq!(rig.connect(A, on(1)), [revoke(A, 1)], "it does not get the card back as it was");
    assert_eq!(rig.hear(A, says(1)), []);
    rig.hear(A, released(1, true));
    assert_eq!(rig.master.holder(), Some(Holder::Slave(B)));
    rig.give(MasterInput::Down(B));
    let outputs: Vec<_> = rig.wait(secs(80));
    assert!(outputs.contains(&lend(A, 3)), "after the guard");
}

#[test]
fn after_a_restart_the_holder_is_not_resumed() {
    let mut rig = Rig::new(remote());
    rig.activate(A);
    rig.restart();
    assert_eq!(rig.connect(A, on(1)), [revoke(A, 1)]);
}

#[test]
fn a_slave_that_cannot_use_the_card_has_to_ask_anew() {
    let mut rig = Rig::new(remote());
    rig.connect(A, wants(0));
    rig.hear(A, ToMaster::Unable { epoch: epoch(1) });
    assert_eq!(rig.master.holder(), None);
    assert_eq!(rig.wait(secs(1_000)), []);
}
