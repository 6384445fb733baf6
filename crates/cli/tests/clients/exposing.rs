//! `polysim expose` as its user meets it: what is wrong is explained, and nothing is left behind.

use crate::program::{Background, DEADLINE, Ran, run};
use crate::world::{Folder, NORTH, World, phone, until};
use rustix::process::Signal;
use serde_json::json;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polysim"));
    command.current_dir(folder).args(arguments);
    command
}

fn polysim(folder: &Path, arguments: &[&str]) -> Ran {
    run(&mut command(folder, arguments), "", DEADLINE)
}

fn two_phones() -> String {
    [NORTH, &phone("p{1..2}", "")].concat()
}

/// Returns the names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_cannot_be_exposed_is_explained_and_leaves_nothing_behind() {
    let folder = Folder::new("mistakes");
    std::fs::write(folder.path().join("w.toml"), two_phones()).unwrap();
    std::fs::write(folder.path().join("a-file"), "").unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let cases: &[(&[&str], &str)] = &[
        (&["no-file.toml"], "cannot read no-file.toml"),
        (&["w.toml", "--pty", "p9"], "no phone is called \"p9\""),
        (
            &["w.toml", "--pty", "p1", "--tcp", "p{1..2}"],
            "the modem of p1 can be in one place only",
        ),
        (&["w.toml", "--unix", "p1"], "--dir"),
        (&["w.toml", "--tcp", "p1", "--tcp-bind", &taken], "(see --tcp-bind)"),
        (
            &["w.toml", "--tcp", "all", "--tcp-bind", "127.0.0.1:65535"],
            "there are not so many ports above 127.0.0.1:65535",
        ),
        (&["w.toml", "--dir", "a-file"], "a-file is there already and is no folder"),
        (&["w.toml", "--dir", "/proc/none"], "cannot make the folder /proc/none"),
        (&["w.toml", "--dir", "d", "--control", "a-file"], "a-file is there already: name another"),
        (&["w.toml", "--dir", "d", "--control", "none/c"], "cannot listen on none/c"),
        (&["w.toml", "--dir", "d", "--card", "p1", "--vpcd", "here"], "expected host:port"),
        (&["w.toml", "--for", "5"], "expected a duration such as"),
    ];
    for (arguments, explained) in cases {
        let ran = polysim(folder.path(), &[&["expose"], *arguments].concat());
        assert_eq!(ran.status.code(), Some(2), "{arguments:?}: {}", ran.output);
        assert!(ran.output.contains(explained), "{arguments:?}: {}", ran.output);
    }
    assert_eq!(names(folder.path()), ["a-file", "d", "w.toml"]);
    assert_eq!(names(&folder.path().join("d")), [""; 0]);
}

#[test]
fn a_second_command_by_mistake_leaves_the_first_alone() {
    let world = World::start("second", &two_phones(), &["--pty", "p1", "--unix", "p2"]);
    let before = std::fs::read_link(world.dir().join("p1.0")).unwrap();
    let other = ["expose", "world.toml", "--dir", "others", "--control", "control"];
    let ran = polysim(world.folder(), &other);
    assert!(ran.output.contains("another program listens on control"), "{}", ran.output);
    let same = ["expose", "world.toml", "--dir", "modems"];
    let ran = polysim(world.folder(), &same);
    assert!(ran.output.contains("another polysim exposes modems in modems"), "{}", ran.output);
    assert_eq!(ran.status.code(), Some(2));
    assert_eq!(std::fs::read_link(world.dir().join("p1.0")).unwrap(), before);
    world.registered("p2");
}

#[test]
fn what_a_killed_command_has_left_is_replaced() {
    let folder = Folder::new("killed");
    std::fs::write(folder.path().join("w.toml"), two_phones()).unwrap();
    let shared = ["expose", "w.toml", "--dir", "d", "--control", "c"];
    for places in [["--pty", "p1", "--unix", "p2"], ["--pty", "p2", "--unix", "p1"]] {
        let mut command = command(folder.path(), &[&shared[..], &places].concat());
        let process = Background::start("polysim", &mut command, folder.path());
        until("it is ready", DEADLINE, || process.said().matches("ready").count() == 1);
        process.signal(Signal::KILL);
        drop(process);
        std::fs::remove_file(folder.path().join("polysim.log")).unwrap();
    }
    assert!(names(&folder.path().join("d")).contains(&"p1.0".to_owned()));
    let last = [&shared[..], &["--unix", "p2", "--pty", "p1", "--for", "100ms"]].concat();
    polysim(folder.path(), &last).ok();
    assert_eq!(names(folder.path()), ["d", "w.toml"]);
}

#[test]
fn it_ends_in_order_at_each_signal_and_when_told_to() {
    let folder = Folder::new("signals");
    std::fs::write(folder.path().join("w.toml"), two_phones()).unwrap();
    let arguments =
        ["expose", "w.toml", "--dir", "d", "--control", "c", "--pty", "p1", "--unix", "p2"];
    for signal in [Some(Signal::INT), Some(Signal::HUP), Some(Signal::TERM), None] {
        let mut command = command(folder.path(), &arguments);
        let mut process = Background::start("polysim", &mut command, folder.path());
        until("it is ready", DEADLINE, || process.said().contains("ready"));
        match signal {
            Some(signal) => process.signal(signal),
            None => drop(polysim(folder.path(), &["tell", "c", r#"{"stop": true}"#]).ok()),
        }
        until("it has ended", DEADLINE, || !process.is_running());
        assert_eq!(process.end().code(), Some(0), "{signal:?}");
        assert_eq!(names(&folder.path().join("d")), [""; 0], "{signal:?}");
        assert!(!folder.path().join("c").exists(), "{signal:?}");
        std::fs::remove_file(folder.path().join("polysim.log")).unwrap();
    }
}

#[test]
fn what_the_user_of_an_exposed_phone_would_do_is_refused_or_left_out() {
    let timeline = r#"
[[at]]
t = "1s"
do = [
    { text = { from = "p1", to = "p2", text = "left out" } },
    { text = { from = "p2", to = "p1", text = "played" } },
]
"#;
    let file = two_phones() + timeline;
    let world = World::start("users", &file, &["--pty", "p1"]);
    world.registered("p1");
    world.event("text.sent", &json!({ "phone": "p2" }));
    let tell = |request: &str| polysim(world.folder(), &["tell", "control", request]);
    for request in
        [r#"{"text": {"from": "p1", "to": "p2", "text": "x"}}"#, r#"{"answer": {"phone": "p1"}}"#]
    {
        let ran = tell(request);
        assert_eq!(ran.status.code(), Some(1), "{}", ran.output);
        assert!(ran.output.contains("the modem of p1 is exposed"), "{}", ran.output);
    }
    tell(r#"{"text": {"from": "p2", "to": "p1", "text": "x"}}"#).ok();
    tell(r#"{"power": {"phone": "p1", "on": false}}"#).ok();
    world.until("p1 is off", || world.tell(&json!({ "state": "p1" }))["power"] == false);
    assert_eq!(world.events("text.received", &json!({ "phone": "p2" })).len(), 0);
}

#[test]
fn a_line_that_is_too_long_or_no_text_is_refused_and_the_next_one_heard() {
    let world = World::start("lines", &two_phones(), &["--pty", "p1"]);
    let mut stream = UnixStream::connect(world.folder().join("control")).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap()).lines();
    // What is beyond the longest line must not be taken for a line of its own.
    let too_long = [" ".repeat(65_536), r#"{"stop": true}"#.to_owned()].concat();
    let cases: [(&[u8], &str); 4] = [
        (too_long.as_bytes(), "a line has at most 65536 octets"),
        (b"\xFF\xFE", "expected one JSON object a line"),
        (br#"{"te\nxt": {}}"#, r#"unknown verb \"te\nxt\""#),
        (br#"{"state": "p1"}"#, r#""registered""#),
    ];
    for (line, expected) in cases {
        stream.write_all(&[line, b"\n"].concat()).unwrap();
        let answer = answers.next().unwrap().unwrap();
        assert!(answer.contains(expected), "{answer}");
    }
}

#[test]
fn a_listener_that_has_gone_is_not_kept_until_something_happens() {
    let world = World::start("listener", &two_phones(), &["--pty", "p1"]);
    world.registered("p2");
    let mut stream = UnixStream::connect(world.folder().join("control")).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.write_all(b"{\"events\": true}\n").unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap()).lines();
    assert_eq!(answers.next().unwrap().unwrap(), r#"{"ok":true}"#);
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    // Nothing happens any more but the end of the connection.
    assert!(answers.all(|line| line.is_ok()), "it was not closed");
}

#[test]
fn the_control_socket_may_lie_in_the_folder_of_the_modems() {
    let folder = Folder::new("all-in-one");
    std::fs::write(folder.path().join("w.toml"), two_phones()).unwrap();
    let arguments = ["expose", "w.toml", "--dir", "d", "--control", "d/control", "--for", "1ms"];
    let ran = polysim(folder.path(), &arguments);
    assert!(ran.ok().contains("d/control"));
    assert!(names(&folder.path().join("d")).is_empty(), "nothing is left");
}

#[test]
fn a_request_that_can_never_be_right_is_wrong_input_and_another_one_a_refusal() {
    let world = World::start("requests", &two_phones(), &["--pty", "p1"]);
    for (request, code) in [
        (r#"{"state": "p1"}"#, 0),
        (r#"{"pull": "p1"}"#, 1),
        (r#"{"dance": {"phone": "p1"}}"#, 2),
        (r#"{"state": "p9"}"#, 2),
        ("dance", 2),
    ] {
        let ran = polysim(world.folder(), &["tell", "control", request]);
        assert_eq!(ran.status.code(), Some(code), "{request}: {}", ran.output);
    }
}
