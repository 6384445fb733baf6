//! The user of the master ends the pairing.

use super::*;

#[test]
fn an_unpaired_slave_leaves_and_erases_and_says_so() {
    let mut bench = Bench::active();
    let expected = [
        Out::Record(SlaveRecord::Wiped),
        tell(SlaveEvent::Wiped),
        order(ModemOrder::Leave),
        tell(SlaveEvent::Leaving(Why::Revoked)),
    ];
    assert_eq!(bench.give(WIPE), expected);
    assert_eq!(bench.give(WIPE), [], "it is leaving");
    let left = SlaveEvent::Left { why: Why::Revoked, left: Left::Detached };
    let expected = [
        tell(left),
        released(1, &[(10, 1)], true),
        Out::Record(SlaveRecord::Sequence(SqnArray::default())),
        Out::Record(SlaveRecord::Activated(Epoch::NONE)),
        say(ToMaster::Wiped),
    ];
    assert_eq!(bench.give(SlaveInput::Left), expected);
    assert_eq!(bench.give(WIPE), [say(ToMaster::Wiped)], "the master has not heard it");
    bench.restart();
    assert_eq!(bench.slave.checkpoint(), []);
}

#[test]
fn what_was_on_its_way_when_it_was_unpaired_is_refused() {
    let mut bench = Bench::connected();
    assert_eq!(bench.give(WIPE), [say(ToMaster::Wiped)]);
    for late in [take(1), lend(1), READ, revoke(1), busy(), noted(1), resume(1), WANT] {
        assert_eq!(said(&bench.give(late)), [] as [&ToMaster; 0]);
    }
    assert_eq!((bench.slave.active(), bench.slave.stored()), (None, None));
    assert_eq!(bench.slave.poll_timeout(), None);
}

#[test]
fn an_unpaired_slave_can_be_paired_with_a_master_that_counts_from_the_start() {
    let mut bench = Bench::connected();
    bench.give(take(9));
    bench.give(WIPE);
    bench.give(SlaveInput::Left);
    bench.down();
    assert_eq!(said(&bench.give(SlaveInput::Up)), [&hello()]);
    assert!(bench.give(take(1)).contains(&say_active(1)));
}

#[test]
fn one_that_is_unpaired_when_the_link_goes_down_forgets_its_master_when_asked_again() {
    let mut bench = Bench::active();
    bench.give(WIPE);
    bench.down();
    bench.give(SlaveInput::Left);
    bench.give(SlaveInput::Up);
    let out = bench.give(WIPE);
    assert_eq!(said(&out), [&ToMaster::Wiped]);
    assert_eq!(bench.slave.checkpoint(), []);
}
