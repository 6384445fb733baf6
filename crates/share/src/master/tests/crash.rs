//! Crashes: at every output, and what is known after them.

use polysim_base::Machine as _;
use polysim_base::testkit::crash_everywhere;
use std::vec::Vec;

use super::rig::*;
use crate::master::{
    Holder, Master, MasterCommand, MasterInput, MasterOutput, MasterRecord, OwnOrder, SlaveId, Way,
};
use crate::wire::{ToMaster, ToSlave};

const fn message(id: SlaveId, message: ToMaster) -> MasterInput {
    MasterInput::Message(id, message)
}

/// A whole story: pairing, one slave, the next, the own modem, another set, unpairing.
fn story() -> Vec<MasterInput> {
    Vec::from([
        MasterInput::Start,
        pair(A),
        pair(B),
        MasterInput::Up(A),
        message(A, wants(0)),
        message(A, ToMaster::Have { digest: None }),
        message(A, active(1)),
        message(A, ToMaster::Sequence { epoch: epoch(1), sequence: numbers(3, 1) }),
        MasterInput::Up(B),
        message(B, wants(0)),
        pick(Holder::Slave(B)),
        message(A, released(1, false)),
        message(B, ToMaster::Have { digest: None }),
        message(B, active(2)),
        pick(Holder::Own),
        message(B, released(2, false)),
        MasterInput::OwnSequence(numbers(4, 1)),
        MasterInput::Command(MasterCommand::Replace(set(2))),
        MasterInput::OwnLeft,
        MasterInput::Command(MasterCommand::Unpair(B)),
        message(B, ToMaster::Wiped),
        MasterInput::Command(MasterCommand::Release),
        MasterInput::OwnLeft,
    ])
}

/// Which lease a word that activates is of.
fn activates(output: &MasterOutput) -> Option<(Holder, polysim_lease::Epoch)> {
    match output {
        MasterOutput::Send(
            id,
            ToSlave::Take { epoch, .. }
            | ToSlave::Activate { epoch, .. }
            | ToSlave::Lend { epoch }
            | ToSlave::Resume { epoch },
        ) => Some((Holder::Slave(*id), *epoch)),
        MasterOutput::Send(..)
        | MasterOutput::Own(_)
        | MasterOutput::Card(_)
        | MasterOutput::Disconnect(_)
        | MasterOutput::Tell(_) => None,
    }
}

#[test]
fn at_whatever_output_it_dies_nobody_was_activated_without_a_record() {
    let config = config(Way::Compare);
    let points = crash_everywhere(
        || Master::new(config.clone()),
        &story(),
        |_| 0,
        |_, run| {
            let mut leases = Vec::new();
            for lease in run.effects().iter().filter_map(activates) {
                leases.push(lease);
            }
            leases.dedup();
            let grown = leases.windows(2).all(|pair| pair[0].1 <= pair[1].1);
            assert!(grown, "an older lease after a newer one: {leases:?}");
            let epochs: Vec<_> = leases.iter().map(|(_, epoch)| *epoch).collect();
            let mut once = epochs.clone();
            once.dedup();
            assert_eq!(epochs, once, "two holders of one lease: {leases:?}");
            assert!(run.machine().epoch() >= leases.last().unwrap().1);
            assert_eq!(run.machine().config().set, set(2));
            assert!(run.machine().sequence().highest().seq() <= 4);
        },
    );
    assert!(points > 30, "{points}");
}

#[test]
fn a_checkpoint_restores_what_the_whole_journal_restores() {
    let config = config(Way::Compare);
    let mut rig = Rig::new(config.clone());
    let mut inputs = story();
    inputs.push(MasterInput::Command(MasterCommand::Unpair(C)));
    inputs.extend([MasterInput::Up(C), message(C, idle(0)), message(C, ToMaster::Wiped)]);
    for input in inputs {
        rig.give(input);
        let whole = restored(&config, &rig.journal);
        assert_eq!(restored(&config, &rig.master.checkpoint()), whole, "of the living one");
        assert_eq!(restored(&config, &whole.checkpoint()), whole, "of the restored one");
        assert_eq!(restored(rig.master.config(), &rig.master.checkpoint()).checkpoint(), {
            rig.master.checkpoint()
        });
    }
    for records in 0..rig.journal.len() {
        let whole = restored(&config, &rig.journal[..records]);
        assert_eq!(restored(&config, &whole.checkpoint()), whole);
    }
}

#[test]
fn a_master_that_was_replaced_a_set_twice_is_restored_from_its_checkpoint() {
    let config = config(Way::Push);
    let mut rig = Rig::new(config.clone());
    rig.activate(A);
    for number in [2, 1] {
        rig.give(MasterInput::Command(MasterCommand::Replace(set(number))));
        let whole = restored(&config, &rig.journal);
        assert_eq!(restored(&config, &rig.master.checkpoint()), whole);
    }
    rig.hear(A, released(1, true));
    let sequence = numbers(2, 1);
    rig.hear(A, ToMaster::Sequence { epoch: epoch(2), sequence });
    let whole = restored(&config, &rig.journal);
    assert_eq!(restored(&config, &rig.master.checkpoint()), whole);
}

#[test]
fn a_grant_that_was_written_down_and_not_said_is_one() {
    let config = config(Way::Push);
    let mut rig = Rig::new(config);
    rig.connect(A, wants(0));
    let granted = |record: &MasterRecord| matches!(record, MasterRecord::Granted { .. });
    let at = rig.journal.iter().position(granted).unwrap();
    rig.journal.truncate(at + 1);
    rig.restart();
    assert_eq!(rig.master.holder(), Some(Holder::Slave(A)));
    rig.connect(B, wants(0));
    assert_eq!(rig.master.holder(), Some(Holder::Slave(A)), "it may have been said");
    rig.connect(A, wants(0));
    assert_eq!(rig.master.holder(), Some(Holder::Slave(B)), "A says that it was not");
}

#[test]
fn an_own_modem_is_off_before_it_is_used_again_whenever_it_dies() {
    let config = config(Way::Push);
    let inputs = [MasterInput::Start, pick(Holder::Own), MasterInput::OwnLeft];
    crash_everywhere(
        || Master::new(config.clone()),
        &inputs,
        |_| 0,
        |_, run| {
            let orders = run.effects().iter().filter_map(|output| match output {
                MasterOutput::Own(OwnOrder::Attach(_)) => Some(true),
                MasterOutput::Own(OwnOrder::Leave) => Some(false),
                MasterOutput::Send(..)
                | MasterOutput::Card(_)
                | MasterOutput::Disconnect(_)
                | MasterOutput::Tell(_) => None,
            });
            let orders: Vec<bool> = orders.collect();
            assert!(orders.len() <= 3, "{orders:?}");
            assert!(run.machine().poll_timeout().is_none());
        },
    );
}
