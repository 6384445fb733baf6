//! A slave goes to the network when it has the parameters, or the word that activates them.

use super::*;

#[test]
fn pushed_parameters_are_stored_and_written_down_before_the_modem_has_them() {
    let mut bench = Bench::connected();
    let (digest, sealed) = (set(1).digest(), set(1).seal(&STORAGE, &lock(1)));
    let expected = [
        Out::Record(SlaveRecord::Stored { digest, sealed }),
        tell(SlaveEvent::Stored),
        Out::Record(SlaveRecord::Sequence(accepted(&[(10, 1)]))),
        Out::Record(SlaveRecord::Activated(lease(1))),
        attach(set(1), &[(10, 1)]),
        tell(SlaveEvent::Activated(lease(1))),
        say_active(1),
    ];
    assert_eq!(bench.give(take(1)), expected);
    assert_eq!(bench.slave.active(), Some(lease(1)));
    assert_eq!(bench.slave.stored(), Some(set(1).digest()));
    assert_eq!(bench.slave.poll_timeout(), None, "nothing is due while all is well");
}

#[test]
fn pushed_parameters_overwrite_what_is_there() {
    let mut bench = Bench::active();
    bench.give(revoke(1));
    bench.give(SlaveInput::Left);
    let out = bench.give(take_set(2, set(2), &[(3, 1)]));
    assert!(out.contains(&attach(set(2), &[(3, 1)])), "{out:?}");
    assert_eq!(bench.slave.stored(), Some(set(2).digest()));
}

#[test]
fn what_is_stored_is_told_by_its_digest_and_activated_by_a_word() {
    let mut bench = Bench::connected();
    assert_eq!(bench.give(READ), [say(ToMaster::Have { digest: None })]);
    bench.give(take(1));
    bench.give(revoke(1));
    bench.give(SlaveInput::Left);
    bench.give(noted(1));
    let digest = Some(set(1).digest());
    assert_eq!(bench.give(READ), [say(ToMaster::Have { digest })]);
    let expected = [
        Out::Record(SlaveRecord::Activated(lease(2))),
        attach(set(1), &[(10, 1)]),
        tell(SlaveEvent::Activated(lease(2))),
        say_active(2),
    ];
    assert_eq!(bench.give(activate(2, 1)), expected);
}

#[test]
fn what_is_stored_is_activated_after_a_restart_too() {
    let mut bench = Bench::active();
    bench.restart();
    bench.give(SlaveInput::Start);
    bench.give(SlaveInput::Left);
    bench.give(SlaveInput::Up);
    let out = bench.give(activate(2, 1));
    assert!(out.contains(&attach(set(1), &[(10, 1)])), "{out:?}");
}

#[test]
fn what_is_not_there_or_does_not_open_is_not_activated() {
    let unable = |count| [say(ToMaster::Unable { epoch: lease(count) })];
    let mut bench = Bench::connected();
    assert_eq!(bench.give(activate(1, 1)), unable(1));
    assert_eq!(bench.slave.active(), None);
    bench.give(take(2));
    bench.give(revoke(2));
    bench.give(SlaveInput::Left);
    assert_eq!(bench.give(activate(3, 1)), unable(3), "the lock of another lease");
    assert_eq!(bench.give(activate(3, 3)), unable(3));
    assert_eq!(bench.slave.active(), None);
    // The same lease still may bring the parameters.
    assert!(bench.give(take(3)).contains(&say_active(3)));
}

#[test]
fn nothing_but_parameters_and_the_word_brings_it_to_the_network() {
    let mut bench = Bench::connected();
    let inputs = [READ, busy(), resume(1), noted(1), WANT, SlaveInput::Left, SlaveInput::Up];
    for input in inputs {
        let shown = std::format!("{input:?}");
        assert_eq!(orders(&bench.give(input)), [] as [&ModemOrder; 0], "{shown}");
    }
}

#[test]
fn the_same_word_again_changes_nothing_and_is_answered_again() {
    for again in [take(1), activate(1, 1), lend(1)] {
        let mut bench = Bench::active();
        let before = bench.slave.clone();
        assert_eq!(bench.give(again), [say_active(1)]);
        assert_eq!(bench.slave, before);
    }
}

#[test]
fn a_lease_that_was_left_is_never_activated_again() {
    let mut bench = Bench::active();
    bench.give(revoke(1));
    // While it leaves, nothing is said.
    assert_eq!(bench.give(take(1)), []);
    bench.give(SlaveInput::Left);
    bench.give(noted(1));
    for late in [take(1), activate(1, 1), lend(1)] {
        assert_eq!(bench.give(late), [released(1, &[(10, 1)], true)]);
    }
    bench.restart();
    bench.give(SlaveInput::Start);
    bench.give(SlaveInput::Left);
    bench.give(SlaveInput::Up);
    assert_eq!(bench.give(take(1)), [released(1, &[(10, 1)], true)]);
    assert_eq!(bench.slave.active(), None);
}

#[test]
fn a_lease_that_was_taken_back_before_it_came_is_refused() {
    let mut bench = Bench::connected();
    let out = bench.give(revoke(1));
    assert_eq!(out, [Out::Record(SlaveRecord::Activated(lease(1))), released(1, &[], true)]);
    assert_eq!(bench.give(take(1)), [released(1, &[], true)], "it was overtaken");
    assert_eq!(bench.slave.active(), None);
    assert!(bench.give(take(2)).contains(&say_active(2)));
}

#[test]
fn an_older_lease_touches_nothing_of_the_newer_one() {
    let mut bench = Bench::connected();
    bench.give(take(5));
    for late in [take(4), activate(4, 4), lend(4), revoke(4), resume(4), noted(4)] {
        let before = bench.slave.clone();
        assert_eq!(bench.give(late), []);
        assert_eq!(bench.slave, before);
    }
}

#[test]
fn a_newer_lease_is_taken_when_the_older_one_is_left() {
    let mut bench = Bench::active();
    assert_eq!(orders(&bench.give(take(2))), [&ModemOrder::Leave]);
    assert_eq!(bench.slave.active(), Some(lease(1)));
    bench.give(SlaveInput::Left);
    assert!(bench.give(take(2)).contains(&say_active(2)));
}

#[test]
fn what_comes_while_the_link_is_down_is_not_heard() {
    let mut bench = Bench::connected();
    bench.down();
    for late in [take(1), lend(1), READ, WIPE, revoke(1), busy()] {
        let before = bench.slave.clone();
        assert_eq!(bench.give(late), []);
        assert_eq!(bench.slave, before);
    }
}

#[test]
fn accepted_numbers_are_written_down_and_then_reported_and_never_go_back() {
    let mut bench = Bench::active();
    let higher = accepted(&[(10, 1), (11, 2)]);
    let expected = [
        Out::Record(SlaveRecord::Sequence(higher.clone())),
        say(ToMaster::Sequence { epoch: lease(1), sequence: higher.clone() }),
    ];
    assert_eq!(bench.give(SlaveInput::Sequence(higher.clone())), expected);
    assert_eq!(bench.give(SlaveInput::Sequence(higher)), [], "nothing is new");
    assert_eq!(bench.give(SlaveInput::Sequence(accepted(&[(4, 1)]))), [], "it is older");
    bench.down();
    let out = bench.give(SlaveInput::Sequence(accepted(&[(12, 3)])));
    let all = accepted(&[(10, 1), (11, 2), (12, 3)]);
    assert_eq!(out, [Out::Record(SlaveRecord::Sequence(all.clone()))]);
    let out = bench.give(SlaveInput::Up);
    let hello = ToMaster::Hello {
        holds: Some(lease(1)),
        newest: lease(1),
        wants: true,
        sequence: Some(all),
    };
    assert_eq!(said(&out), [&hello]);
}

#[test]
fn a_card_has_the_numbers_that_either_end_knows() {
    let mut bench = Bench::active();
    bench.give(SlaveInput::Sequence(accepted(&[(10, 1), (20, 2)])));
    bench.give(revoke(1));
    let out = bench.give(SlaveInput::Left);
    assert!(out.contains(&released(1, &[(10, 1), (20, 2)], true)));
    let given = accepted(&[(15, 1)]);
    let (epoch, lock) = (lease(2), lock(1));
    let word = ToSlave::Activate { epoch, lock, sequence: given };
    let out = bench.give(SlaveInput::Message(word));
    assert!(out.contains(&attach(set(1), &[(15, 1), (20, 2)])), "{out:?}");
    bench.give(revoke(2));
    bench.give(SlaveInput::Left);
    let out = bench.give(take(3));
    assert!(out.contains(&attach(set(1), &[(15, 1), (20, 2)])), "{out:?}");
}

#[test]
fn the_numbers_of_one_set_are_not_those_of_another() {
    let mut bench = Bench::active();
    bench.give(SlaveInput::Sequence(accepted(&[(10, 1), (2_000, 2)])));
    bench.give(revoke(1));
    bench.give(SlaveInput::Left);
    let out = bench.give(take_set(2, set(2), &[(3, 1)]));
    assert!(out.contains(&attach(set(2), &[(3, 1)])), "{out:?}");
    // Nor are they of a lease that never came.
    let mut bench = Bench::active();
    bench.give(revoke(1));
    bench.give(SlaveInput::Left);
    assert!(bench.give(revoke(2)).contains(&released(2, &[], true)));
}

#[test]
fn nothing_opened_is_left_in_memory() {
    let mut bench = Bench::active();
    let holds_key = |octets: &[u8]| octets.windows(K.len()).any(|part| part == K);
    assert!(holds_key(&set(1).encode()));
    bench.give(revoke(1));
    bench.give(SlaveInput::Left);
    // Whoever adds a field has to say here what it holds.
    let Slave { config, newest, stored, sequence, asked, activity, session, out } = bench.slave;
    let SlaveConfig { storage, wants: _, timing: _ } = config;
    let Stored { digest: _, sealed } = *stored.unwrap();
    assert!(!holds_key(&sealed) && !holds_key(&storage.0));
    assert!(VirtualSim::open(&sealed, &storage, &lock(2)).is_err());
    assert!(out.is_empty() && newest == lease(1) && asked.is_none());
    assert_eq!((activity, sequence), (Activity::Idle, accepted(&[(10, 1)])));
    assert!(matches!(session, Session::Up(_)));
}
