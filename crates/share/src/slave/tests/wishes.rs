//! What the user of a slave wants.

use super::*;

fn hello_wants(wants: bool) -> Output {
    say(ToMaster::Hello { holds: None, newest: Epoch::NONE, wants, sequence: None })
}

#[test]
fn a_slave_that_wants_only_when_its_user_says_so_says_so() {
    let mut bench = Bench::new(SlaveConfig { wants: false, ..config() });
    bench.give(SlaveInput::Start);
    bench.give(SlaveInput::Left);
    assert_eq!(bench.give(SlaveInput::Up)[1..], [hello_wants(false)]);
    assert_eq!(bench.give(busy()), [], "it does not wait for anything");
    assert_eq!(bench.give(noted(0)), []);
    assert_eq!(bench.slave.poll_timeout(), None);
    let wants = Out::Record(SlaveRecord::Wants(true));
    assert_eq!(bench.give(WANT), [wants, hello_wants(true)]);
    assert_eq!(bench.give(WANT), [hello_wants(true)], "asked anew");
    bench.restart();
    assert!(bench.slave.wants(), "the user has not said otherwise");
}

#[test]
fn a_slave_that_wants_nothing_may_be_picked() {
    let mut bench = Bench::new(SlaveConfig { wants: false, ..config() });
    bench.give(SlaveInput::Start);
    bench.give(SlaveInput::Left);
    bench.give(SlaveInput::Up);
    assert!(bench.give(take(1)).contains(&say_active(1)));
}

#[test]
fn a_user_that_releases_has_it_leave_and_not_be_served_again() {
    let mut bench = Bench::active();
    let expected = [
        Out::Record(SlaveRecord::Wants(false)),
        order(ModemOrder::Leave),
        tell(SlaveEvent::Leaving(Why::User)),
    ];
    assert_eq!(bench.give(RELEASE), expected);
    assert_eq!(bench.give(RELEASE), []);
    let out = bench.give(SlaveInput::Left);
    let hello = ToMaster::Hello {
        holds: None,
        newest: lease(1),
        wants: false,
        sequence: Some(accepted(&[(10, 1)])),
    };
    assert_eq!(out[1..], [released(1, &[(10, 1)], false), say(hello.clone())]);
    bench.give(noted(1));
    assert_eq!(said(&bench.wait(Duration::from_secs(1))), [&hello]);
    bench.give(noted(1));
    assert_eq!(bench.slave.poll_timeout(), None);
    bench.down();
    let out = bench.give(SlaveInput::Up);
    assert_eq!(said(&out), [&hello]);
}

#[test]
fn what_was_on_its_way_when_the_user_released_is_refused() {
    let mut bench = Bench::connected();
    bench.give(busy());
    assert_eq!(bench.give(RELEASE)[1..], [hello_wants(false)]);
    let out = bench.give(take(1));
    let expected = [
        Out::Record(SlaveRecord::Activated(lease(1))),
        released(1, &[], false),
        say(ToMaster::Hello { holds: None, newest: lease(1), wants: false, sequence: None }),
    ];
    assert_eq!(out, expected);
    assert_eq!(bench.slave.active(), None);
    bench.give(noted(1));
    bench.give(noted(1));
    assert_eq!(bench.slave.poll_timeout(), None);
    assert!(bench.give(take(2)).contains(&say_active(2)), "the user of the master has picked it");
}

#[test]
fn a_user_that_wants_again_is_served_again() {
    let mut bench = Bench::connected();
    bench.give(RELEASE);
    assert_eq!(bench.give(WANT)[1..], [hello_wants(true)]);
    assert!(bench.give(take(1)).contains(&say_active(1)));
}

#[test]
fn a_wish_without_a_link_is_said_when_it_is_up() {
    let mut bench = Bench::connected();
    bench.down();
    assert_eq!(bench.give(RELEASE), [Out::Record(SlaveRecord::Wants(false))]);
    assert_eq!(bench.give(SlaveInput::Up)[1..], [hello_wants(false)]);
}

#[test]
fn a_user_that_wants_while_it_is_active_is_told_nothing_new() {
    let mut bench = Bench::active();
    let out = bench.give(WANT);
    assert!(matches!(said(&out)[..], [ToMaster::Hello { holds: Some(_), wants: true, .. }]));
    assert_eq!(bench.give(resume(1)), []);
    assert_eq!(bench.slave.poll_timeout(), None);
}

#[test]
fn a_user_that_forgets_has_it_leave_and_what_is_stored_erased() {
    let mut bench = Bench::active();
    let expected = [
        Out::Record(SlaveRecord::Wiped),
        tell(SlaveEvent::Wiped),
        Out::Record(SlaveRecord::Wants(false)),
        order(ModemOrder::Leave),
        tell(SlaveEvent::Leaving(Why::User)),
    ];
    assert_eq!(bench.give(FORGET), expected);
    assert_eq!(bench.give(FORGET), []);
    let out = bench.give(SlaveInput::Left);
    assert!(out.contains(&released(1, &[(10, 1)], false)), "what was accepted is reported");
    assert_eq!(bench.give(READ), [say(ToMaster::Have { digest: None })]);
    assert_eq!(orders(&bench.give(activate(2, 1))), [] as [&ModemOrder; 0]);
    assert_eq!(bench.slave.active(), None);
    bench.restart();
    assert_eq!(bench.slave.stored(), None);
}
