//! Fifty texts each way: none is lost, none is doubled, and each says what it said.

use crate::daemon::{Daemon, Text};
use crate::gammu_smsd::GammuSmsd;
use crate::smstools::Smstools;
use crate::texts;
use crate::world::{NORTH, World, phone, until};
use serde_json::json;
use std::time::Duration;

/// The phone that the daemons have to do with: it stays within the world.
const PEER: &str = "+990700000222";
/// Somebody outside the world.
const STRANGER: &str = "+4479460001";
const COUNT: usize = 50;
/// How long all of them may take.
const LIMIT: Duration = Duration::from_secs(85);

/// The world in which a daemon has the modem of `p1`.
fn world(test: &str) -> World {
    let peer = phone("p2", &format!("number = \"{PEER}\""));
    let world = World::start(test, &[NORTH, &phone("p1", ""), &peer].concat(), &["--pty", "p1"]);
    world.registered("p1");
    world
}

/// Most are plain, some long, some in UCS-2. Each is there once.
fn text(number: usize) -> String {
    match number % 16 {
        4 => format!("{number}: {}", texts::long()),
        8 => format!("{number}: {}", texts::UCS2),
        _ => format!("{number}: {}", texts::PLAIN),
    }
}

/// Returns texts sorted, so that they can be compared.
fn sorted(mut texts: Vec<Text>) -> Vec<Text> {
    texts.sort();
    texts
}

/// Returns what the phone within the world has received.
fn received_by_peer(world: &World) -> Vec<Text> {
    let events = world.events("text.received", &json!({ "phone": "p2" }));
    let string = |event: &serde_json::Value, key: &str| event[key].as_str().unwrap().to_owned();
    events.iter().map(|event| (string(event, "from"), string(event, "text"))).collect()
}

/// Has a daemon send fifty texts and receive fifty at the same time. In the middle it is ended; the
/// second half comes in while it is away. It is not ended while it sends: what a program does not
/// know to be sent it sends again.
fn exchange(world: &World, daemon: &mut impl Daemon) {
    for half in [0..COUNT / 2, COUNT / 2..COUNT] {
        let end = half.end;
        for number in half {
            daemon.send(number, PEER, &text(number));
            world.tell(&json!({ "text": { "from": STRANGER, "to": "p1", "text": text(number) } }));
        }
        daemon.start();
        until("all are there", LIMIT, || {
            received_by_peer(world).len() >= end
                && daemon.received().len() >= end
                && daemon.sent() >= end
        });
        daemon.stop();
    }
    let expected = |from: &str| sorted((0..COUNT).map(|n| (from.to_owned(), text(n))).collect());
    assert_eq!(sorted(received_by_peer(world)), expected("p1"));
    assert_eq!(sorted(daemon.received()), expected(STRANGER));
    assert_eq!(daemon.failed(), 0);
}

#[test]
fn gammu_smsd_sends_and_receives_fifty_texts_over_a_restart() {
    let Some(program) = GammuSmsd::installed() else { return };
    let world = world("fifty-gammu");
    exchange(&world, &mut GammuSmsd::on(program, &world, "p1"));
}

#[test]
fn smstools_sends_and_receives_fifty_texts_over_a_restart() {
    let Some(program) = Smstools::installed() else { return };
    let world = world("fifty-smstools");
    exchange(&world, &mut Smstools::on(program, &world, "p1"));
}

#[test]
fn two_different_programs_text_each_other() {
    let (Some(one), Some(other)) = (GammuSmsd::installed(), Smstools::installed()) else { return };
    const EACH: usize = 10;
    let file = [NORTH, &phone("p1", ""), &phone("p2", "")].concat();
    let world = World::start("two-programs", &file, &["--pty", "p{1..2}"]);
    let mut gammu = GammuSmsd::on(one, &world, "p1");
    let mut smstools = Smstools::on(other, &world, "p2");
    let numbers = [world.number("p1"), world.number("p2")];
    ["p1", "p2"].iter().for_each(|phone| world.registered(phone));
    for number in 0..EACH {
        gammu.send(number, &numbers[1], &text(number));
        smstools.send(number, &numbers[0], &text(EACH + number));
    }
    gammu.start();
    smstools.start();
    until("all are there", LIMIT, || {
        let (received, sent) = (smstools.received().len(), gammu.sent());
        let back = (gammu.received().len(), smstools.sent());
        received.min(sent).min(back.0).min(back.1) >= EACH
    });
    gammu.stop();
    smstools.stop();
    let expected = |from: &str, first: usize| {
        sorted((first..first + EACH).map(|n| (from.to_owned(), text(n))).collect())
    };
    assert_eq!(sorted(smstools.received()), expected(&numbers[0], 0));
    assert_eq!(sorted(gammu.received()), expected(&numbers[1], EACH));
    assert_eq!(gammu.failed() + smstools.failed(), 0);
}
