//! polysim itself, with `run --live`: the drivers that it has for real modems.

use crate::program::{Ran, run};
use crate::world::{NORTH, World, phone};
use serde_json::Value;
use std::process::Command;
use std::time::Duration;

/// A world in which phones have other numbers than those that are exposed.
const TALK: &str = r#"
format = 1
name = "talk"
duration = "9s"
[[operator]]
name = "north"
plmn = "00101"
country_code = "991"
[[region]]
name = "here"
cells = [{ id = "here-1", operator = "north", rssi = -70 }]
[[phone]]
name = "p{1..3}"
region = "here"
operator = "north"
[[at]]
t = "0:00.5"
do = [
  { text = { from = "p1", to = "p2", text = "hello", report = true } },
  { text = { from = "p1", to = "p3", text = "never sent" } },
  { move = { phone = "p2", to = "here" } },
]
[[at]]
t = "0:02"
do = [{ ussd = { phone = "p1", code = "*100#" } }]
[[at]]
t = "0:03"
do = [{ call = { from = "p1", to = "p2" } }]
[[at]]
t = "0:05"
do = [{ answer = { phone = "p2" } }]
[[at]]
t = "0:08"
do = [{ hang_up = { phone = "p1" } }]
[[expect]]
id = "both-are-on-the-network"
state = { registered = true, operator = "north", roaming = false, power = true, calls = 0 }
at = "0:00"
all = { phone = "p{1..2}" }
[[expect]]
id = "it-arrives"
event = "text.received"
where = { phone = "p2", from = "p1", text = "hello" }
count = 1
[[expect]]
id = "it-is-reported"
event = "text.report"
where = { phone = "p1", to = "p2", status = "delivered" }
after = "0:00.5"
within = "5s"
[[expect]]
id = "each-text-is-reported"
event = "text.report"
for_each = { event = "text.sent", as = "sent" }
where = { phone = "$sent.phone", to = "$sent.to" }
within = "5s"
[[expect]]
id = "the-code-is-answered"
event = "ussd.answer"
where = { phone = "p1" }
[[expect]]
id = "they-talk"
state = { calls = 1 }
at = "0:07"
all = { phone = "p{1..2}" }
[[expect]]
id = "it-ends"
event = "call.ended"
where = { phone = "p2", peer = "p1", cause = "released" }
after = "0:08"
[[expect]]
id = "it-is-charged"
event = "charge"
where = { phone = "p1", kind = "call" }
"#;

/// Two exposed modems, one on a pseudo-terminal and one on TCP, the former with a PIN.
fn world(name: &str) -> World {
    let phones = [phone("a1", "card_pin = \"4711\""), phone("a2", "")].concat();
    let world = World::start(name, &(NORTH.to_owned() + &phones), &["--pty", "a1", "--tcp", "a2"]);
    let modem = |name: &str, exposed: &str, more: &str| {
        let (port, number) = (world.address(exposed, 0), world.number(exposed));
        format!("[[phone]]\nname = \"{name}\"\nport = \"{port}\"\nnumber = \"{number}\"\n{more}\n")
    };
    let config = [modem("p1", "a1", "pin_file = \"pin\""), modem("p2", "a2", "")].concat();
    std::fs::write(world.folder().join("modems.toml"), config).unwrap();
    std::fs::write(world.folder().join("pin"), "4711\n").unwrap();
    world
}

fn live(world: &World, scenario: &str, arguments: &[&str]) -> Ran {
    std::fs::write(world.folder().join("talk.toml"), scenario).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_polysim"));
    command.current_dir(world.folder()).args(["run", "talk.toml", "--live", "modems.toml"]);
    run(command.args(arguments), "", Duration::from_secs(60))
}

#[test]
fn the_same_scenario_runs_on_modems_outside_and_says_what_it_skips() {
    let world = world("live");
    let said = live(&world, TALK, &["--yes", "--json", "report.json", "--junit", "report.xml"]);
    assert_eq!(said.status.code(), Some(0), "{}", said.output);
    for line in [
        "PASS talk seed=1 live=9s ",
        "1 text to p2 (+990",
        "skipped talk.toml:18: text: no modem in modems.toml for p3",
        "skipped talk.toml:18: move: p2: only a simulated world can do this",
        ": expectation it-is-charged: no modem tells charge",
        "1 passed, 0 failed, 3 things skipped",
    ] {
        assert!(said.output.contains(line), "{line} in: {}", said.output);
    }
    let report = std::fs::read_to_string(world.folder().join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    let run = &report["runs"][0];
    assert_eq!((&run["live"], &run["trace"]), (&Value::Bool(true), &Value::Null));
    assert_eq!(run["skipped"].as_array().unwrap().len(), 3);
    let report = std::fs::read_to_string(world.folder().join("report.xml")).unwrap();
    assert!(report.contains("tests=\"4\" skipped=\"3\" failures=\"0\""), "{report}");
}

#[test]
fn what_does_not_hold_on_modems_outside_fails_the_run_and_calls_are_ended() {
    let world = world("live-fails");
    let short = TALK.replace("duration = \"9s\"", "duration = \"6s\"");
    let wrong = short.replace("text = \"hello\" }\ncount", "text = \"bye\" }\ncount");
    // Neither the end of the call nor the look at it comes within the time.
    let wrong = wrong.replace("at = \"0:07\"", "at = \"0:06\"");
    let said = live(&world, &wrong, &["--yes"]);
    assert_eq!(said.status.code(), Some(1), "{}", said.output);
    assert!(said.output.contains("FAIL talk seed=1 live=6s"), "{}", said.output);
    assert!(said.output.contains("it-arrives at 0:06"), "{}", said.output);
    assert!(said.output.contains("replay: polysim run --live modems.toml talk.toml"));
    let ended = world.event("charge", &serde_json::json!({ "kind": "call" }));
    assert!(ended["seconds"].as_u64().is_some_and(|seconds| seconds < 4), "{ended}");
}

#[test]
fn nothing_is_done_before_somebody_agrees_or_where_the_configuration_is_wrong() {
    let world = world("live-asks");
    let stranger = TALK.replace("to = \"p2\", text", "to = \"+46700000000\", text");
    let said = live(&world, &stranger, &[]);
    assert_eq!(said.status.code(), Some(2), "{}", said.output);
    assert!(said.output.contains("1 text to +46700000000"), "{}", said.output);
    assert!(said.output.contains("add --yes"), "{}", said.output);

    let config = world.folder().join("modems.toml");
    let right = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, right.replace("\"p2\"", "\"q2\"")).unwrap();
    let said = live(&world, TALK, &["--yes"]);
    assert_eq!(said.status.code(), Some(2), "{}", said.output);
    assert!(said.output.contains("no phone of the scenario is called \"q2\""), "{}", said.output);
    assert!(said.output.contains("did you mean \"p2\"?"), "{}", said.output);

    std::fs::write(&config, right.replace("/modems/a1.0", "/modems/gone")).unwrap();
    let said = live(&world, TALK, &["--yes"]);
    assert_eq!(said.status.code(), Some(2), "{}", said.output);
    assert!(said.output.contains("p1: cannot open") && said.output.contains("polysim doctor"));

    assert_eq!(live(&world, TALK, &["--yes", "--twice"]).status.code(), Some(2));
    assert_eq!(world.events("text.sent", &Value::Null), [Value::Null; 0]);
}
