//! The process dies before each output.

use super::*;
use polysim_base::testkit::{Durable, crash_everywhere};

fn fresh() -> Slave {
    Slave::new(config())
}

/// Of what took effect, over all lives.
fn attached(run: &Durable<Slave>) -> usize {
    let effects = run.effects().iter();
    effects.filter(|it| matches!(it, SlaveOutput::Modem(ModemOrder::Attach(_)))).count()
}

fn restored(records: impl IntoIterator<Item = SlaveRecord>) -> Slave {
    let mut slave = fresh();
    records.into_iter().for_each(|record| slave.restore(record));
    slave
}

#[test]
fn a_lease_is_activated_once_at_most_wherever_the_process_dies() {
    let inputs = [SlaveInput::Start, SlaveInput::Left, SlaveInput::Up, take(1)];
    let points = crash_everywhere(
        fresh,
        &inputs,
        |_| 0,
        |crash, run| {
            assert!(attached(run) <= 1, "{crash:?}");
            let is_active = run.machine().active().is_some();
            assert_eq!(run.machine().newest, lease(1));
            // One that died when it had written the lease down does not take it up again.
            assert!(is_active || crash.is_some());
            assert!(is_active <= (attached(run) == 1));
        },
    );
    assert_eq!(points, 2 + 1 + 2 + 7);
}

#[test]
fn what_was_said_to_modem_and_master_is_known_after_each_crash() {
    let inputs = [
        SlaveInput::Start,
        SlaveInput::Left,
        SlaveInput::Up,
        take(1),
        SlaveInput::Sequence(accepted(&[(10, 1), (20, 2)])),
        RELEASE,
        SlaveInput::Left,
        noted(1),
        WANT,
        activate(2, 1),
        FORGET,
        SlaveInput::Left,
        WIPE,
    ];
    let mut points = 0;
    for len in 1..=inputs.len() {
        // After a crash the slave is started again, and nothing of the old session comes.
        points = crash_everywhere(
            fresh,
            &inputs[..len],
            |_| len,
            |crash, run| {
                let Some(_) = crash else { return };
                let machine = run.machine();
                for effect in run.effects() {
                    check(machine, effect, len == inputs.len());
                }
                assert_eq!(machine.active(), None);
                assert_eq!(*machine, restored(machine.checkpoint()));
            },
        );
    }
    assert!(points > 30, "{points} points");
}

/// What has left the machine is covered by what it has written, until it is unpaired.
fn check(machine: &Slave, effect: &SlaveOutput, is_forgotten: bool) {
    match effect {
        SlaveOutput::Modem(ModemOrder::Attach(card)) => {
            assert!(is_forgotten || machine.newest >= lease(1));
            let mut merged = machine.sequence.clone();
            merged.merge(&card.sequence);
            assert!(is_forgotten || merged == machine.sequence, "numbers were lost");
        }
        SlaveOutput::Send(ToMaster::Sequence { sequence, .. }) => {
            let mut merged = machine.sequence.clone();
            merged.merge(sequence);
            assert!(is_forgotten || merged == machine.sequence, "numbers were lost");
        }
        SlaveOutput::Send(ToMaster::Active { epoch } | ToMaster::Released { epoch, .. }) => {
            assert!(is_forgotten || machine.newest >= *epoch);
        }
        SlaveOutput::Send(ToMaster::Wiped) | SlaveOutput::Tell(SlaveEvent::Wiped) => {
            assert_eq!(machine.stored(), None);
        }
        SlaveOutput::Send(_)
        | SlaveOutput::Modem(_)
        | SlaveOutput::Card(_)
        | SlaveOutput::Tell(_) => {}
    }
}

#[test]
fn the_records_of_a_checkpoint_stand_for_all_records() {
    let mut bench = Bench::active();
    bench.give(SlaveInput::Sequence(accepted(&[(10, 1), (20, 2)])));
    bench.give(RELEASE);
    bench.give(SlaveInput::Left);
    let all = restored(bench.records.clone());
    let checkpoint = bench.slave.checkpoint();
    assert_eq!(all, restored(checkpoint.clone()));
    assert_eq!(all.checkpoint(), checkpoint);
    let (digest, sealed) = (set(1).digest(), set(1).seal(&STORAGE, &lock(1)));
    let expected = [
        SlaveRecord::Stored { digest, sealed },
        SlaveRecord::Sequence(accepted(&[(10, 1), (20, 2)])),
        SlaveRecord::Activated(lease(1)),
        SlaveRecord::Wants(false),
    ];
    assert_eq!(checkpoint, expected);
}
