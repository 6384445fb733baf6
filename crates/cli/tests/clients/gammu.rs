//! gammu, one command at a time.

use crate::program::{Background, program, run};
use crate::texts;
use crate::world::{NORTH, World, phone, until};
use serde_json::json;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// The phone that gammu has to do with: it is within the world and picks up.
const PEER: &str = "+990700000222";
/// Somebody outside the world.
const STRANGER: &str = "+4479460001";

/// gammu on the modem of `p1`.
struct Gammu {
    program: PathBuf,
    config: PathBuf,
}

impl Gammu {
    /// Exposes the modem of `p1`; `p2` stays within the world. `None` where gammu is not installed.
    fn start(test: &str) -> Option<(Self, World)> {
        let program = program("gammu")?;
        let peer = format!("number = \"{PEER}\"\nanswers_after = \"100ms\"");
        let file = [NORTH, &phone("p1", "balance = 12.5"), &phone("p2", &peer)].concat();
        let world = World::start(test, &file, &["--pty", "p1"]);
        let config = world.folder().join("gammurc");
        std::fs::write(&config, connection(&world, "p1")).unwrap();
        world.registered("p1");
        Some((Self { program, config }, world))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("-c").arg(&self.config).args(arguments).env("LC_ALL", "C.UTF-8");
        command
    }

    /// Runs a command, which must succeed; returns what it says.
    fn ok(&self, arguments: &[&str]) -> String {
        run(&mut self.command(arguments), "", Duration::from_secs(30)).ok()
    }
}

/// Returns the part of a configuration that says where a modem is.
pub(crate) fn connection(world: &World, phone: &str) -> String {
    format!("[gammu]\ndevice = {}\nconnection = at115200\n", world.address(phone, 0))
}

/// Every part must be in what a program said.
fn says(said: &str, parts: &[&str]) {
    parts.iter().for_each(|part| assert!(said.contains(part), "{part:?} is not in:\n{said}"));
}

#[test]
fn gammu_identifies_the_modem_and_reads_network_and_memories() {
    let Some((gammu, world)) = Gammu::start("gammu-info") else { return };
    // Over one connection, since that takes it some seconds each time.
    let batch = world.folder().join("batch");
    let commands = "identify\nnetworkinfo\ngetsmsc\ngetmemory SM 1 3\ngetmemory ON 1\n";
    std::fs::write(&batch, commands).unwrap();
    let said = gammu.ok(&["batch", batch.to_str().unwrap()]);
    let imei = world.modem("p1", 0)["imei"].as_str().unwrap();
    says(&said, &["Manufacturer         : polysim", imei, "001010000000001"]);
    says(&said, &["home network", "001 01", "LAC 0001", "\"North Mobile\"", "attached"]);
    says(&said, &["Number               : \"+9909000000\""]);
    says(&said, &["3 entries empty, 0 entries filled", &world.number("p1")]);
}

#[test]
fn gammu_sends_plain_long_and_ucs2_texts() {
    let Some((gammu, world)) = Gammu::start("gammu-send") else { return };
    let long = texts::long();
    let texts = [
        (texts::PLAIN, 1, &["-text"][..]),
        (&long, 3, &["-autolen", "1000", "-text"]),
        (texts::UCS2, 1, &["-unicode", "-text"]),
    ];
    for (text, parts, how) in texts {
        let said = gammu.ok(&[&["sendsms", "TEXT", PEER], how, &[text]].concat());
        assert_eq!(said.matches("OK, message reference").count(), parts, "{said}");
        let wanted = json!({ "phone": "p2", "from": "p1", "text": text, "parts": parts });
        world.event("text.received", &wanted);
    }
    assert_eq!(world.events("text.received", &json!({})).len(), 3);
}

#[test]
fn gammu_reads_and_deletes_plain_long_and_ucs2_texts() {
    let Some((gammu, world)) = Gammu::start("gammu-read") else { return };
    let long = texts::long();
    for text in [texts::PLAIN, texts::UCS2] {
        world.tell(&json!({ "text": { "from": STRANGER, "to": "p1", "text": text } }));
    }
    world.tell(&json!({ "text": { "from": "p2", "to": "p1", "text": long } }));
    world.event("text.sent", &json!({ "phone": "p2", "parts": 3 }));
    let all = gammu.ok(&["getallsms"]);
    says(&all, &[texts::PLAIN, texts::UCS2, STRANGER, PEER, "part 3 of 3", "UnRead"]);
    says(&all, &["5 SMS parts in 5 SMS sequences"]);
    let joined = gammu.ok(&["geteachsms"]);
    says(&joined, &[texts::PLAIN, texts::UCS2, &long, "5 SMS parts in 3 SMS sequences"]);
    gammu.ok(&["deletesms", "1", "1", "5"]);
    says(&gammu.ok(&["geteachsms"]), &["0 SMS parts in 0 SMS sequences"]);
}

#[test]
fn gammu_asks_for_the_balance_and_watches() {
    let Some((gammu, world)) = Gammu::start("gammu-watch") else { return };
    says(&gammu.ok(&["getussd", "*100#"]), &["No action needed", "Balance: 12.50"]);
    // Line by line: it is read while it runs.
    let mut monitor = Command::new("stdbuf");
    monitor.arg("-oL").arg(&gammu.program).arg("-c").arg(&gammu.config).args(["monitor", "60"]);
    monitor.env("LC_ALL", "C.UTF-8");
    let monitor = Background::start("gammu monitor", &mut monitor, world.folder());
    let says = |part: &str| {
        world.until(&format!("gammu monitor says {part:?}"), || monitor.said().contains(part));
    };
    says("Enabling info about incoming SMS    : No error.");
    says("Enabling info about USSD            : No error.");
    // It hears of both while it asks other things.
    world.tell(&json!({ "text": { "from": STRANGER, "to": "p1", "text": texts::PLAIN } }));
    world.tell(&json!({ "call": { "from": STRANGER, "to": "p1", "rings": "2s" } }));
    says("SMS message received");
    says(&format!("incoming call from \"{STRANGER}\""));
    says("Name in phone        : \"North Mobile\"");
    says(texts::PLAIN);
}

#[test]
fn gammu_dials_and_answers() {
    let Some((gammu, world)) = Gammu::start("gammu-call") else { return };
    gammu.ok(&["dialvoice", PEER]);
    world.event("call.incoming", &json!({ "phone": "p2", "peer": "p1" }));
    world.event("call.active", &json!({ "phone": "p2", "peer": "p1" }));
    gammu.ok(&["cancelcall"]);
    world.event("call.ended", &json!({ "phone": "p2", "cause": "released" }));
    world.tell(&json!({ "call": { "from": "p2", "to": "p1" } }));
    world.event("call.alerting", &json!({ "phone": "p2", "peer": "p1" }));
    gammu.ok(&["answercall"]);
    until("the call is answered", Duration::from_secs(5), || {
        world.events("call.active", &json!({ "phone": "p2" })).len() == 2
    });
    gammu.ok(&["cancelcall"]);
    until("the call is over", Duration::from_secs(5), || {
        world.events("call.ended", &json!({ "phone": "p2", "cause": "released" })).len() == 2
    });
}
