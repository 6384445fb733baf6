//! Calls and texts over data between processes, as users of the command meet them.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod processes;

use processes::{Folder, Program};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

const ALICE: &str = "+999100000001";
const BOB: &str = "+999100000002";

impl Folder {
    fn server(&self, listen: &str) -> (Program, String) {
        let mut server =
            self.start(&["serve", "--state", "office", "--carrier", "air", "--listen", listen]);
        let address = server.event("ready")["listen"].as_str().unwrap().to_owned();
        (server, address)
    }

    fn device(&self, name: &str, number: &str, address: &str) -> Program {
        let mut device = self.start(&[
            "device",
            "--state",
            name,
            "--number",
            number,
            "--connect",
            address,
            "--carrier",
            "air",
            "--yes",
        ]);
        device.event("ready");
        device
    }
}

impl Program {
    fn text_is(&mut self, number: u64, state: &str) {
        self.event_with("text", |it| it["number"] == number && it["state"] == state);
    }

    /// How often it has told of such a text, after some time in which it may tell it again.
    fn received(&mut self, text: &str) -> usize {
        std::thread::sleep(Duration::from_secs(3));
        self.seen.extend(self.lines.try_iter());
        self.seen.iter().filter(|it| it["event"] == "received" && it["text"] == text).count()
    }
}

#[test]
fn the_demonstration_ends_by_itself_and_says_what_has_come_of_it() {
    let folder = Folder::new("courier", "demo");
    let (code, out, err) = folder.polysim(&["demo", "--talk", "2", "--json"]);
    assert_eq!(code, 0, "{out}\n{err}");
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = lines.last().unwrap();
    assert_eq!((&summary["event"], &summary["texts"]), (&"summary".into(), &2.into()));
    assert!(summary["played"].as_u64().unwrap() > 20, "{summary}");
    let marked = |who: &str| {
        lines
            .iter()
            .any(|it| it["event"] == "marked" && it["who"] == who && it["registered"] == true)
    };
    assert!(marked("alice") && marked("bob"), "{out}");
    assert!(lines.iter().any(|it| it["event"] == "level" && it["who"] == "bob"), "{out}");
}

#[test]
fn the_demonstration_is_readable_in_a_pipe() {
    let folder = Folder::new("courier", "plain");
    let (code, out, err) = folder.polysim(&["demo", "--talk", "1"]);
    assert_eq!(code, 0, "{out}\n{err}");
    assert!(out.is_ascii() && !out.contains('\x1b'), "{out}");
    for line in
        ["alice   registered   +999100000001", "bob     received", "bob     level        [####"]
    {
        assert!(out.contains(line), "{line} in:\n{out}");
    }
    assert!(out.lines().last().unwrap().starts_with("held: "), "{out}");
}

#[test]
fn a_demonstration_in_which_nothing_is_heard_fails() {
    let folder = Folder::new("courier", "silent");
    let (code, out, err) = folder.polysim(&["demo", "--talk", "1", "--mic", "none"]);
    assert_eq!(code, 1, "{out}\n{err}");
    assert!(err.contains("bob has not heard the tone"), "{err}");
    assert!(!out.contains("held: "), "{out}");
}

#[test]
fn two_devices_and_a_server_that_is_killed_lose_nothing() {
    let folder = Folder::new("courier", "killed");
    let (mut server, address) = folder.server("127.0.0.1:0");
    let mut alice = folder.device("alice", ALICE, &address);
    let mut bob = folder.device("bob", BOB, &address);
    for device in [&mut alice, &mut bob] {
        device.types("register");
        device.event("registered");
    }
    alice.types(&format!("contacts {BOB}"));
    bob.types(&format!("contacts {ALICE}"));
    for device in [&mut alice, &mut bob] {
        device.event_with("marked", |it| it["registered"] == true);
    }

    // One is away, and the server is killed with what waits.
    assert_eq!(bob.end(), 0);
    server.event("gone");
    alice.types(&format!("text {BOB} while you are away"));
    alice.text_is(1, "stored");
    server.kill();
    alice.types(&format!("text {BOB} while the server is, too"));
    alice.event("offered");
    let (_server, _) = folder.server(&address);
    let mut bob = folder.device("bob", BOB, &address);
    for text in ["while you are away", "while the server is, too"] {
        bob.event_with("received", |it| it["text"] == text && it["from"] == ALICE);
    }
    alice.text_is(2, "delivered");
    bob.types("read");
    alice.text_is(2, "read");
    assert_eq!(bob.received("while you are away"), 1);

    call(&mut alice, &mut bob);
    let printed = folder.printed.lock().unwrap().clone();
    for key in ["office/server.key", "alice/device.key", "bob/device.key"] {
        let secret = std::fs::read_to_string(folder.path.join(key)).unwrap();
        assert!(!printed.contains(secret.trim()), "{key} was printed");
    }
}

/// The links were measured when they came up.
fn call(alice: &mut Program, bob: &mut Program) {
    alice.types(&format!("call {BOB}"));
    bob.event("incoming");
    bob.types("answer");
    let loud = |it: &Value| it["decibels"].as_f64().is_some_and(|it| (-18.0..-12.0).contains(&it));
    bob.event_with("level", loud);
    alice.event_with("level", loud);
    alice.types("hangup");
    let ended = bob.event("ended");
    assert_eq!(ended["why"], "hung-up");
    assert!(ended["heard"]["played"].as_u64().unwrap() > 10, "{ended}");
    alice.event("ended");
}

#[test]
fn a_code_is_printed_where_no_device_waits_for_it_and_a_carrier_takes_what_has_no_data() {
    let folder = Folder::new("courier", "carrier");
    let mut server = folder.start(&["serve", "--state", "office", "--listen", "127.0.0.1:0"]);
    let address = server.event("ready")["listen"].as_str().unwrap().to_owned();
    let mut alice = folder.device("alice", ALICE, &address);
    alice.types("register");
    let code = server.event_with("code", |it| it["to"] == ALICE);
    let digits: String =
        code["text"].as_str().unwrap().chars().filter(char::is_ascii_digit).collect();
    let wrong = if digits == "000000" { "000001" } else { "000000" };
    alice.types(&format!("confirm {wrong}"));
    assert_eq!(alice.event("wrong-code")["tries_left"], 4);
    alice.types(&format!("confirm {digits}"));
    alice.event("registered");

    // Bob is not registered: the text goes by the carrier, once that is chosen.
    let mut bob = folder.device("bob", BOB, &address);
    alice.types(&format!("text {BOB} by the carrier"));
    alice.event("offered");
    alice.types("choose carrier");
    alice.text_is(1, "carrier-sent");
    let text = bob.event("carrier-text");
    assert_eq!((&text["from"], &text["text"]), (&ALICE.into(), &"by the carrier".into()));
    alice.types("dance");
    assert!(alice.event("mistake")["error"].as_str().unwrap().contains("type help"));
}

#[test]
fn a_modem_sends_codes_as_texts() {
    const WORLD: &str = r#"
        format = 1
        name = "desk"
        duration = "1h"
        [[operator]]
        name = "alpha"
        plmn = "00101"
        [[region]]
        name = "office"
        cells = [{ id = "o-1", operator = "alpha", rssi = -70 }]
        [[phone]]
        name = "p{1..2}"
        region = "office"
        operator = "alpha"
    "#;
    let folder = Folder::new("courier", "modem");
    std::fs::write(folder.path.join("world.toml"), WORLD).unwrap();
    let expose = ["expose", "world.toml", "--unix", "all", "--dir", ".", "--json"];
    let mut world = folder.run(folder.other(&expose));
    let phone = world.line("modem", |it| it["modem"] == "p2");
    let number = phone["number"].as_str().unwrap().to_owned();
    let port = |name: &str| format!("unix:{}", folder.path.join(name).display());
    let modem = port("p1.0");
    let serve = ["serve", "--state", "office", "--listen", "127.0.0.1:0", "--modem", &modem];
    let mut server = folder.start(&serve);
    let address = server.event("ready")["listen"].as_str().unwrap().to_owned();
    let device = ["device", "--state", "p2", "--number", &number, "--connect", &address];
    let mut device = folder.start(&device);
    device.types("register");
    device.event("code-sent");
    let inbox = ["modem", &port("p2.0"), "inbox", "--wait", "30s", "--json"];
    let mut inbox = folder.run(folder.other(&inbox));
    let text = inbox.line("text", |it| it["text"].is_string());
    let code: String =
        text["text"].as_str().unwrap().chars().filter(char::is_ascii_digit).collect();
    device.types(&format!("confirm {code}"));
    assert_eq!(device.event("registered")["number"], number);
    server.event("registered");
    assert!(server.seen.iter().all(|it| it["event"] != "code"), "it is for its recipient alone");
    assert_eq!(server.end(), 0);
}

#[test]
fn a_linked_device_gets_what_comes_for_its_number() {
    let folder = Folder::new("courier", "linked");
    let (_server, address) = folder.server("127.0.0.1:0");
    let mut alice = folder.device("alice", ALICE, &address);
    let mut bob = folder.device("bob", BOB, &address);
    for device in [&mut alice, &mut bob] {
        device.types("register");
        device.event("registered");
    }
    let mut tablet = folder.start(&["device", "--state", "tablet", "--connect", &address]);
    bob.types("invite");
    let invitation = bob.event("invited")["invitation"].as_str().unwrap().to_owned();
    tablet.types(&format!("redeem {invitation}"));
    assert_eq!(tablet.event("registered")["number"], BOB);
    alice.types(&format!("text {BOB} to both"));
    bob.event_with("received", |it| it["text"] == "to both");
    tablet.event_with("received", |it| it["text"] == "to both");
}

#[test]
fn what_is_not_enciphered_stays_on_this_machine() {
    let folder = Folder::new("courier", "loopback");
    for arguments in [
        &["serve", "--state", "office", "--listen", "0.0.0.0:0"][..],
        &["device", "--state", "alice", "--connect", "192.0.2.1:7755"],
    ] {
        let (code, _, err) = folder.polysim(arguments);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains("not enciphered") && err.contains("loopback"), "{err}");
    }
    assert!(!Path::new(&folder.path.join("office")).exists(), "nothing was begun");
}
