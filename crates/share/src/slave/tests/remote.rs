//! The card stays with the master.

use super::*;

fn lent() -> Bench {
    let mut bench = Bench::connected();
    let expected = [
        Out::Record(SlaveRecord::Activated(lease(1))),
        order(ModemOrder::AttachRemote),
        tell(SlaveEvent::Activated(lease(1))),
        say_active(1),
    ];
    assert_eq!(bench.give(lend(1)), expected);
    bench
}

fn from_server(count: u32) -> SlaveInput {
    SlaveInput::Message(ToSlave::Card { epoch: lease(count), message: Vec::from([1, 2]) })
}

fn to_client() -> Output {
    Out::Do(SlaveOutput::Card(Vec::from([1, 2])))
}

fn from_client() -> SlaveInput {
    SlaveInput::Card(Vec::from([3]))
}

fn to_server(count: u32) -> Output {
    say(ToMaster::Card { epoch: lease(count), message: Vec::from([3]) })
}

#[test]
fn messages_of_the_card_pass_both_ways_under_the_lease() {
    let mut bench = lent();
    assert_eq!(bench.give(from_server(1)), [to_client()]);
    assert_eq!(bench.give(from_client()), [to_server(1)]);
    assert_eq!(bench.give(from_server(0)), [], "of an older lease");
    assert_eq!(bench.give(from_server(2)), [], "of one that it does not have");
}

#[test]
fn the_modem_may_use_the_card_until_it_has_left() {
    let mut bench = lent();
    bench.give(revoke(1));
    assert_eq!(bench.give(from_server(1)), [to_client()]);
    assert_eq!(bench.give(from_client()), [to_server(1)]);
    bench.give(SlaveInput::Left);
    assert_eq!(bench.give(from_server(1)), []);
    assert_eq!(bench.give(from_client()), []);
}

#[test]
fn a_loss_of_the_link_is_a_loss_of_the_card_at_once() {
    let mut bench = lent();
    let expected = [
        tell(SlaveEvent::Lost),
        order(ModemOrder::Leave),
        tell(SlaveEvent::Leaving(Why::CardLost)),
    ];
    assert_eq!(bench.down(), expected);
    assert_eq!(bench.give(from_client()), []);
    bench.give(SlaveInput::Up);
    assert_eq!(bench.give(from_server(1)), [], "another session does not bring it back");
    assert_eq!(bench.give(from_client()), []);
    assert_eq!(bench.give(resume(1)), []);
    let out = bench.give(SlaveInput::Left);
    assert!(matches!(said(&out).last(), Some(ToMaster::Hello { holds: None, .. })));
    assert_eq!(orders(&bench.give(lend(2))), [&ModemOrder::AttachRemote]);
}

#[test]
fn a_loss_of_the_link_while_it_leaves_loses_the_card_too() {
    let mut bench = lent();
    bench.give(revoke(1));
    bench.down();
    bench.give(SlaveInput::Up);
    assert_eq!(bench.give(from_server(1)), []);
    assert_eq!(bench.give(from_client()), []);
}

#[test]
fn a_soft_card_has_no_messages() {
    let mut bench = Bench::active();
    assert_eq!(bench.give(from_server(1)), []);
    assert_eq!(bench.give(from_client()), []);
}
