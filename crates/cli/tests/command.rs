//! The command as its users meet it: exit codes, reports, wrong input.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const GOOD: &str = r#"
format = 1
name = "two-phones"
duration = "1min"
[[operator]]
name = "north"
plmn = "00101"
[[region]]
name = "here"
cells = [{ id = "here-1", operator = "north", rssi = -70 }]
[[phone]]
name = "p{1..2}"
region = "here"
operator = "north"
card_pin = "4711"
[[at]]
t = "0:30"
do = [{ text = { from = "p1", to = "p2", text = "hello" } }]
[[expect]]
id = "it-arrives"
event = "text.received"
where = { phone = "p2", text = "hello" }
count = 1
"#;

/// A folder of its own for each test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> &Self {
        std::fs::write(self.0.join(name), text).unwrap();
        self
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn polysim(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polysim"));
        let Output { status, stdout, stderr } =
            command.args(arguments).current_dir(&self.0).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }
}

#[test]
fn a_good_scenario_passes_and_its_hash_is_the_same_twice() {
    let folder = Folder::new("good");
    folder.write("good.toml", GOOD);
    let (code, out, _) = folder.polysim(&["run", "good.toml", "--seeds", "1..3", "--twice"]);
    assert_eq!(code, 0, "{out}");
    assert_eq!(out.matches("PASS two-phones seed=").count(), 3, "{out}");
    assert!(out.contains("every hash is the same"), "{out}");
}

#[test]
fn a_broken_expectation_fails_with_the_events_and_the_command_to_replay() {
    let folder = Folder::new("broken");
    folder.write(
        "broken.toml",
        &GOOD.replace("text = \"hello\" }\ncount", "text = \"bye\" }\ncount"),
    );
    let (code, out, _) = folder.polysim(&["run", "broken.toml", "--seed", "7"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("FAIL two-phones seed=7"), "{out}");
    assert!(out.contains("text.received phone=\"p2\" from=\"p1\" text=\"hello\""), "{out}");
    assert!(out.contains("replay: polysim run broken.toml --seed 7"), "{out}");
}

#[test]
fn mistakes_are_shown_with_their_lines_and_nothing_runs() {
    let folder = Folder::new("mistakes");
    folder
        .write("a.toml", &GOOD.replace("plmn", "plm"))
        .write("b.toml", &GOOD.replace("\"p2\"", "\"p3\""));
    let (code, out, err) = folder.polysim(&["run", "."]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("unknown key \"plm\"") && err.contains("did you mean \"plmn\"?"), "{err}");
    assert!(err.contains("no phone is called \"p3\""), "{err}");
    let (code, out, _) = folder.polysim(&["check", "--json", "."]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 2);
    assert!(report["mistakes"].as_array().unwrap().iter().all(|m| m["line"].as_u64() > Some(1)));
}

#[test]
fn reports_are_json_and_junit() {
    let folder = Folder::new("reports");
    folder.write("good.toml", GOOD);
    let (code, out, _) =
        folder.polysim(&["run", "good.toml", "--json", "-", "--junit", "report.xml"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["runs"][0]["passed"]), (0, &Value::Bool(true)));
    assert!(folder.read("report.xml").contains("<testcase name=\"seed 1\""));
}

#[test]
fn a_trace_is_json_lines_without_secrets_and_does_not_change_the_run() {
    let folder = Folder::new("trace");
    folder.write("good.toml", GOOD);
    let (_, plain, _) = folder.polysim(&["run", "good.toml"]);
    let (code, traced, _) = folder.polysim(&["run", "good.toml", "--trace", "trace.jsonl"]);
    let hash = |text: &str| text.split("trace=").nth(1).map(|rest| rest[..16].to_owned());
    assert_eq!((code, hash(&plain)), (0, hash(&traced)));
    let trace = folder.read("trace.jsonl");
    let lines: Vec<Value> = trace.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["content"] == "AT+CFUN=1\\r"), "AT is text");
    assert!(!trace.contains("4711"), "the PIN is masked");
    assert!(!trace.contains("34373131"), "the PIN is masked in APDUs too");
}

#[test]
fn wrong_arguments_and_missing_files_say_what_to_do() {
    let folder = Folder::new("arguments");
    let (code, _, err) = folder.polysim(&["run", "gone.toml"]);
    assert_eq!(code, 2);
    assert!(err.contains("cannot read gone.toml"), "{err}");
    let (code, _, err) = folder.polysim(&["run", "."]);
    assert_eq!(code, 2);
    assert!(err.contains("no scenario files"), "{err}");
    assert_eq!(folder.polysim(&["run", ".", "--seeds", "3..1"]).0, 2);
    assert_eq!(folder.polysim(&["frobnicate"]).0, 2);
}

#[test]
fn texts_are_made_and_taken_apart() {
    let folder = Folder::new("texts");
    let (code, out, _) =
        folder.polysim(&["sms", "encode", "--to", "+46700000001", "--text", "Привет"]);
    assert_eq!(code, 0);
    let pdu = out.lines().nth(1).unwrap();
    let (code, out, _) = folder.polysim(&["sms", "decode", "--way", "sent", pdu]);
    assert_eq!(code, 0);
    assert!(out.contains("text: Привет"), "{out}");
    let (code, _, err) = folder.polysim(&["sms", "decode", &pdu[..pdu.len() - 4]]);
    assert_eq!(code, 2);
    assert!(err.contains("octet"), "{err}");
}

#[test]
fn programs_are_told_of_errors_as_objects() {
    for arguments in
        [["modem", "/dev/no-such-port", "info"], ["card", "modem:/dev/no-such-port", "info"]]
    {
        let output = Command::new(env!("CARGO_BIN_EXE_polysim"))
            .args(arguments)
            .arg("--json")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(told["error"].as_str().unwrap().contains("no-such-port"), "{told}");
        assert!(!output.stderr.is_empty(), "people are told, too");
    }
}
