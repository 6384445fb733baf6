//! The timer of a slave whose link is down.

use super::*;

fn is_timer_left(out: &[Output]) -> bool {
    out == [order(ModemOrder::Leave), tell(SlaveEvent::Leaving(Why::Timer))]
}

#[test]
fn a_slave_whose_link_is_down_leaves_when_its_timer_ends() {
    let mut bench = Bench::active();
    assert_eq!(bench.down(), [tell(SlaveEvent::Lost)]);
    let after = timing().leaves_after();
    assert_eq!(bench.slave.poll_timeout(), Some((bench.now.plus(after), SlaveTimer::Link)));
    assert_eq!(bench.wait(Duration::from_micros(after.as_micros() - 1)), []);
    assert!(is_timer_left(&bench.wait(Duration::from_micros(1))));
    let left = SlaveEvent::Left { why: Why::Timer, left: Left::Detached };
    assert_eq!(bench.give(SlaveInput::Left), [tell(left)]);
    assert_eq!(bench.slave.active(), None);
    let hello = ToMaster::Hello {
        holds: None,
        newest: lease(1),
        wants: true,
        sequence: Some(accepted(&[(10, 1)])),
    };
    assert_eq!(said(&bench.give(SlaveInput::Up)), [&hello]);
    assert_eq!(orders(&bench.give(resume(1))), [] as [&ModemOrder; 0], "it comes too late");
    assert_eq!(bench.slave.active(), None);
}

#[test]
fn a_modem_that_does_not_leave_is_cut_before_the_timer_of_the_master_ends() {
    let mut bench = Bench::active();
    bench.down();
    let hold = timing().margin.hold(timing().timer);
    assert!(is_timer_left(&bench.wait(Duration::from_micros(hold.as_micros() - 1))));
    let detach = (bench.now.plus(Duration::from_micros(1)), SlaveTimer::Detach);
    assert_eq!(bench.slave.poll_timeout(), Some(detach));
    assert_eq!(bench.wait(Duration::from_micros(1)), [order(ModemOrder::CutPower)]);
    assert_eq!(bench.slave.active(), Some(lease(1)), "nobody has said that it is off");
    assert_eq!(bench.slave.poll_timeout(), None);
    let left = SlaveEvent::Left { why: Why::Timer, left: Left::PowerCut };
    assert_eq!(bench.give(SlaveInput::Left), [tell(left)]);
}

#[test]
fn a_late_wake_up_is_not_added_to_the_time_that_leaving_may_take() {
    let mut bench = Bench::active();
    bench.down();
    bench.slave.handle_timeout(bench.now.plus(timing().timer));
    let out = bench.drain();
    assert_eq!(orders(&out), [&ModemOrder::Leave, &ModemOrder::CutPower]);
}

#[test]
fn a_slave_that_is_told_late_leaves_when_it_had_to_anyway() {
    let mut bench = Bench::active();
    let since = bench.now;
    bench.wait(Duration::from_secs(5));
    bench.give(SlaveInput::Down(since));
    let due = since.plus(timing().leaves_after());
    assert_eq!(bench.slave.poll_timeout(), Some((due, SlaveTimer::Link)));

    // It was stopped for so long that its time is over.
    let mut bench = Bench::active();
    let since = bench.now;
    bench.wait(timing().timer);
    bench.give(SlaveInput::Down(since));
    bench.slave.handle_timeout(bench.now);
    assert_eq!(orders(&bench.drain()), [&ModemOrder::Leave, &ModemOrder::CutPower]);
}

#[test]
fn an_early_wake_up_does_nothing() {
    let mut bench = Bench::active();
    bench.down();
    let before = bench.slave.clone();
    bench.slave.handle_timeout(bench.now.plus(Duration::from_secs(1)));
    assert_eq!(bench.slave, before);
}

#[test]
fn a_link_that_is_back_in_time_stops_the_timer_when_the_master_says_so() {
    let mut bench = Bench::active();
    bench.down();
    bench.wait(Duration::from_secs(10));
    let out = bench.give(SlaveInput::Up);
    let holds = |message: &ToMaster| matches!(message, ToMaster::Hello { holds: Some(_), .. });
    assert!(said(&out).iter().all(|message| holds(message)) && said(&out).len() == 1);
    assert_eq!(bench.give(resume(1)), [tell(SlaveEvent::Resumed)]);
    assert_eq!(bench.give(resume(1)), [], "again changes nothing");
    assert_eq!(bench.slave.poll_timeout(), None);
    assert_eq!(bench.wait(Duration::from_secs(1_000)), []);
    // The next loss is counted anew.
    bench.down();
    let due = bench.now.plus(timing().leaves_after());
    assert_eq!(bench.slave.poll_timeout(), Some((due, SlaveTimer::Link)));
}

#[test]
fn the_word_that_activated_says_that_the_lease_goes_on_too() {
    let mut bench = Bench::active();
    bench.down();
    bench.give(SlaveInput::Up);
    assert_eq!(bench.give(take(1)), [tell(SlaveEvent::Resumed), say_active(1)]);
    assert_eq!(bench.slave.poll_timeout(), None);
}

#[test]
fn a_link_alone_stops_no_timer_however_often_it_comes_and_goes() {
    let mut bench = Bench::active();
    bench.down();
    let due = bench.now.plus(timing().leaves_after());
    for _ in 0..100 {
        bench.give(SlaveInput::Up);
        bench.wait(Duration::from_millis(100));
        bench.down();
        bench.wait(Duration::from_millis(100));
        assert_eq!(bench.slave.poll_timeout(), Some((due, SlaveTimer::Link)));
    }
    bench.give(SlaveInput::Up);
    let out = bench.wait(Duration::from_secs(60));
    assert_eq!(orders(&out), [&ModemOrder::Leave, &ModemOrder::CutPower]);
}

#[test]
fn a_hundred_losses_that_are_healed_in_time_are_not_noticed_by_the_modem() {
    let mut bench = Bench::active();
    for _ in 0..100 {
        let mut out = bench.down();
        out.extend(bench.wait(Duration::from_secs(20)));
        out.extend(bench.give(SlaveInput::Up));
        out.extend(bench.give(resume(1)));
        assert_eq!(orders(&out), [] as [&ModemOrder; 0]);
    }
    assert_eq!(bench.slave.active(), Some(lease(1)));
}

#[test]
fn a_session_that_comes_without_the_end_of_the_last_one_ends_it() {
    let mut bench = Bench::active();
    let out = bench.give(SlaveInput::Up);
    assert_eq!(out.first(), Some(&tell(SlaveEvent::Lost)));
    assert!(matches!(bench.slave.poll_timeout(), Some((_, SlaveTimer::Retry))));
    bench.down();
    let before = bench.slave.clone();
    assert_eq!(bench.down(), []);
    assert_eq!(bench.slave, before);
}

#[test]
fn how_things_stand_is_said_until_it_is_answered() {
    let mut bench = Bench::connected();
    let out = bench.wait(Duration::from_secs(3));
    assert_eq!(out, [say(hello()), say(hello()), say(hello())]);
    assert_eq!(bench.give(noted(0)), [], "that is no answer to one that wants something");
    assert_eq!(bench.wait(Duration::from_secs(1)), [say(hello())]);
    assert_eq!(bench.give(busy()), [tell(SlaveEvent::Busy(HeldBy::Master))]);
    assert_eq!(bench.wait(Duration::from_secs(1_000)), []);
    assert!(bench.give(take(1)).contains(&say_active(1)), "served without reconnecting");
}

#[test]
fn each_answer_ends_the_greeting() {
    let answers = [busy(), READ, take(1), activate(1, 1), lend(1)];
    for answer in answers {
        let mut bench = Bench::connected();
        let shown = std::format!("{answer:?}");
        bench.give(answer);
        assert_eq!(bench.slave.poll_timeout(), None, "{shown}");
    }
}

#[test]
fn a_word_that_somebody_else_is_active_ends_a_lease_that_is_in_doubt() {
    let mut bench = Bench::active();
    assert_eq!(bench.give(busy()), [], "it was said before the lease was granted");
    bench.down();
    bench.give(SlaveInput::Up);
    assert_eq!(orders(&bench.give(busy())), [&ModemOrder::Leave]);
    let out = bench.give(SlaveInput::Left);
    assert!(out.contains(&released(1, &[(10, 1)], true)), "{out:?}");
}
