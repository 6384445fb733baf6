//! Leaving the network, by whoever's will.

use super::*;

#[test]
fn a_slave_that_starts_leaves_before_it_says_anything() {
    let mut bench = Bench::new(config());
    let leaves = [order(ModemOrder::Leave), tell(SlaveEvent::Leaving(Why::Started))];
    assert_eq!(bench.give(SlaveInput::Start), leaves);
    assert_eq!(bench.give(SlaveInput::Up), [tell(SlaveEvent::Connected)]);
    assert_eq!(bench.wait(Duration::from_secs(4)), []);
    assert_eq!(bench.give(take(1)), [], "it is not ready");
    let left = SlaveEvent::Left { why: Why::Started, left: Left::Detached };
    assert_eq!(bench.give(SlaveInput::Left), [tell(left), say(hello())]);
    assert_eq!(bench.slave.active(), None);
    assert_eq!(bench.wait(Duration::from_secs(1)), [say(hello())]);
}

#[test]
fn a_modem_that_does_not_leave_at_the_start_is_cut() {
    let mut bench = Bench::new(config());
    bench.give(SlaveInput::Start);
    bench.give(SlaveInput::Up);
    assert_eq!(bench.wait(timing().detach), [order(ModemOrder::CutPower)]);
    assert_eq!(bench.wait(Duration::from_secs(100)), [], "it is cut once");
    let left = SlaveEvent::Left { why: Why::Started, left: Left::PowerCut };
    assert_eq!(bench.give(SlaveInput::Left), [tell(left), say(hello())]);
}

#[test]
fn a_start_in_the_middle_of_a_life_leaves_as_well() {
    let mut bench = Bench::active();
    assert_eq!(orders(&bench.give(SlaveInput::Start)), [&ModemOrder::Leave]);
    assert_eq!(orders(&bench.give(SlaveInput::Start)), [&ModemOrder::Leave]);
    assert_eq!(bench.slave.active(), Some(lease(1)));
    bench.give(SlaveInput::Left);
    assert_eq!(bench.slave.active(), None);
}

#[test]
fn a_revoked_slave_leaves_and_says_so_until_it_is_noted() {
    let mut bench = Bench::active();
    let leaves = [order(ModemOrder::Leave), tell(SlaveEvent::Leaving(Why::Revoked))];
    assert_eq!(bench.give(revoke(1)), leaves);
    assert_eq!(bench.give(revoke(1)), [], "it is leaving");
    assert_eq!(bench.slave.active(), Some(lease(1)), "it may be on the network");
    let left = SlaveEvent::Left { why: Why::Revoked, left: Left::Detached };
    let word = released(1, &[(10, 1)], true);
    assert_eq!(bench.give(SlaveInput::Left), [tell(left), word.clone()]);
    assert_eq!(bench.give(SlaveInput::Left), [], "it has left");
    assert_eq!(bench.wait(Duration::from_secs(2)), [word.clone(), word.clone()]);
    assert_eq!(bench.give(noted(7)), []);
    let again = bench.wait(Duration::from_secs(1));
    assert_eq!(again, core::slice::from_ref(&word), "that was another lease");
    assert_eq!(bench.give(noted(1)), []);
    assert_eq!(bench.wait(Duration::from_secs(100)), []);
    assert_eq!(bench.give(revoke(1)), [word], "the master has not heard it");
    assert!(bench.give(take(2)).contains(&say_active(2)), "it is served again");
}

#[test]
fn a_modem_that_does_not_leave_when_revoked_is_cut() {
    let mut bench = Bench::active();
    bench.give(revoke(1));
    assert_eq!(bench.wait(timing().detach), [order(ModemOrder::CutPower)]);
    let left = SlaveEvent::Left { why: Why::Revoked, left: Left::PowerCut };
    assert_eq!(bench.give(SlaveInput::Left).first(), Some(&tell(left)));
}

#[test]
fn a_loss_of_the_link_does_not_slow_down_one_that_leaves() {
    let mut bench = Bench::active();
    bench.give(revoke(1));
    let deadline = bench.slave.poll_timeout();
    bench.down();
    bench.give(SlaveInput::Up);
    assert_eq!(bench.slave.poll_timeout(), deadline);
    assert_eq!(bench.give(resume(1)), [], "it does not come back either");
    let out = bench.give(SlaveInput::Left);
    let hello = ToMaster::Hello {
        holds: None,
        newest: lease(1),
        wants: true,
        sequence: Some(accepted(&[(10, 1)])),
    };
    assert_eq!(out[1..], [released(1, &[(10, 1)], true), say(hello)]);
}

#[test]
fn a_lease_that_has_ended_in_an_older_session_is_told_by_the_greeting() {
    let mut bench = Bench::active();
    bench.give(revoke(1));
    bench.give(SlaveInput::Left);
    bench.down();
    assert_eq!(bench.slave.poll_timeout(), None);
    let out = bench.give(SlaveInput::Up);
    assert!(matches!(said(&out)[..], [ToMaster::Hello { holds: None, .. }]), "{out:?}");
}

#[test]
fn a_modem_that_gives_up_ends_the_lease() {
    let mut bench = Bench::active();
    let left = SlaveEvent::Left { why: Why::Modem, left: Left::Detached };
    let out = bench.give(SlaveInput::Left);
    assert_eq!(out, [tell(left), released(1, &[(10, 1)], true)]);
    assert_eq!(bench.slave.active(), None);
}
