//! eSIM as users of the command meet it: an authority, a server, orders by HTTPS.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// A folder of its own for each test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polysim"));
        command.args(arguments).current_dir(&self.0).env("XDG_STATE_HOME", self.0.join("home"));
        command.stdin(Stdio::null());
        command
    }

    fn polysim(&self, arguments: &[&str]) -> (i32, String, String) {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }

    /// Runs a command that is to succeed, and returns the object that it prints.
    fn json(&self, arguments: &[&str]) -> Value {
        let (code, out, err) = self.polysim(&[arguments, &["--json"]].concat());
        assert_eq!(code, 0, "{arguments:?}: {out}{err}");
        serde_json::from_str(out.lines().last().unwrap()).unwrap()
    }

    /// Starts a command that goes on, and waits until it says that it is ready.
    fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(&[arguments, &["--json"]].concat());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let ready = loop {
            let line = next(&mut lines).unwrap();
            if line.get("ready") == Some(&Value::Bool(true)) {
                break line;
            }
        };
        Running { child, _lines: lines, ready }
    }
}

fn next(lines: &mut BufReader<ChildStdout>) -> Option<Value> {
    let mut line = String::new();
    (lines.read_line(&mut line).unwrap() > 0).then(|| serde_json::from_str(&line).unwrap())
}

/// A command that goes on until it is dropped.
struct Running {
    child: Child,
    /// Kept open, so that it can go on printing.
    _lines: BufReader<ChildStdout>,
    ready: Value,
}

impl Running {
    /// Ends it as a service is ended; returns its exit code.
    fn end(mut self) -> i32 {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn an_authority_is_made_once_and_what_it_issues_is_trusted() {
    let folder = Folder::new("ca");
    let made = folder.json(&["ca", "init", "trial"]);
    assert_eq!(made["eids"][0].as_str().unwrap().len(), 32);
    for (name, mode) in [("smdp/dpauth.key", 0o600), ("smdp/dpauth.pem", 0o644), ("smdp", 0o700)] {
        let found = std::fs::metadata(folder.0.join("trial").join(name)).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, mode, "{name}");
    }
    let files = ["trial/smdp/dptls.pem", "trial/euicc/eum.pem", "trial/roots/ci.pem"];
    let show = [&["ca", "show", "--roots", "trial/euicc"][..], &files].concat();
    let shown = folder.json(&show);
    let roles: Vec<_> =
        shown["files"].as_array().unwrap().iter().map(|it| &it["roles"][0]).collect();
    assert_eq!(roles, ["CERT.DP.TLS", "CERT.EUM", "CERT.CI"]);
    assert_eq!(shown["files"][0]["host_names"][0], "localhost");
    let verdicts = shown["files"].as_array().unwrap().iter().map(|file| &file["verdict"]);
    assert!(verdicts.into_iter().all(|verdict| verdict == "trusted"), "{shown}");
    let (code, _, err) = folder.polysim(&["ca", "init", "trial"]);
    assert_eq!((code, err.matches("has an authority already").count()), (2, 1), "{err}");
    folder.json(&["ca", "init", "other"]);
    let other = ["ca", "show", "other/smdp/dptls.pem", "--roots", "trial/roots"];
    assert_eq!(folder.polysim(&other).0, 1, "of another authority");
    let (code, out, _) = folder.polysim(&["ca", "show", "trial/smdp/dptls.key"]);
    assert_eq!((code, out.contains("not shown")), (0, true), "{out}");
}

#[test]
fn wrong_inputs_say_what_was_expected() {
    let folder = Folder::new("esim-wrong");
    folder.json(&["ca", "init", "trial"]);
    std::fs::write(folder.0.join("no.png"), "no picture").unwrap();
    for (arguments, expected) in [
        (&["ca", "init", "a", "--smdp", "a:1"][..], "without a port"),
        (&["ca", "init", "a", "--oid", "x"], "2.999.10"),
        (&["ca", "init", "a", "--eid", "1"], "digits"),
        (&["ca", "show", "no.png"], "PEM or DER"),
        (&["smdp", "serve", "--certs", "trial/roots", "--state", "s"], "CERT.DP.TLS"),
        (
            &[
                "smdp",
                "serve",
                "--certs",
                "trial/smdp",
                "--state",
                "s",
                "--http",
                "--listen",
                "0.0.0.0:0",
            ],
            "this machine only",
        ),
        (
            &[
                "smdp",
                "serve",
                "--certs",
                "trial/smdp",
                "--state",
                "s",
                "--listen",
                "127.0.0.1:0",
                "--host",
                "other.example",
            ],
            "not for other.example",
        ),
        (&["smdp", "order", "--state", "gone"], "state folder"),
        (&["esim", "modem:/dev/null", "download", "LPA:2$a$b"], "activation code"),
        (&["esim", "modem:/dev/null", "download", "--qr", "no.png"], "PNG or JPEG"),
        (&["expose", "--identity", "trial/roots"], "CERT.EUICC"),
    ] {
        let (code, _, err) = folder.polysim(arguments);
        assert_eq!(code, 2, "{arguments:?}: {err}");
        assert!(err.contains(expected), "{arguments:?}: {err}");
    }
}

#[test]
fn a_profile_is_ordered_by_https_from_a_server_that_is_trusted() {
    let folder = Folder::new("esim-https");
    folder.json(&["ca", "init", "trial"]);
    let serve = ["smdp", "serve", "--certs", "trial/smdp", "--state", "office", "--listen"];
    let server = folder.start(&[&serve[..], &["127.0.0.1:0"]].concat());
    let address = server.ready["address"].as_str().unwrap().to_owned();
    let ordered = folder.json(&["smdp", "order", "--state", "office"]);
    let code = ordered["activation_code"].as_str().unwrap().to_owned();
    assert!(code.starts_with(&format!("LPA:1${address}$")), "{code}");
    let second = folder.json(&["smdp", "order", "--state", "office"]);
    assert_ne!(ordered["iccid"], second["iccid"], "each order has a profile of its own");
    let table = std::fs::read_to_string(folder.0.join("office/subscriptions.csv")).unwrap();
    assert!(table.contains(ordered["iccid"].as_str().unwrap()), "{table}");

    let order = ["smdp", "order", "--server", &address, "--token-file", "office/es2.token"];
    folder.json(&[&order[..], &["--roots", "trial/roots"]].concat());
    folder.json(&["ca", "init", "other"]);
    let (exit, _, err) = folder.polysim(&[&order[..], &["--roots", "other/roots"]].concat());
    assert_eq!((exit, err.contains("not trusted")), (1, true), "{err}");
    std::fs::write(folder.0.join("wrong.token"), "0".repeat(64)).unwrap();
    let wrong = ["smdp", "order", "--server", &address, "--token-file", "wrong.token"];
    let (exit, _, err) = folder.polysim(&[&wrong[..], &["--roots", "trial/roots"]].concat());
    assert_eq!((exit, err.contains("401")), (1, true), "{err}");
    assert_eq!(server.end(), 0, "SIGTERM ends it in order");

    let again =
        folder.start(&[&serve[..], &[address.replace("localhost", "127.0.0.1").as_str()]].concat());
    let third = folder.json(&["smdp", "order", "--state", "office"]);
    assert!(third["iccid"] != ordered["iccid"] && third["iccid"] != second["iccid"], "{third}");
    assert_eq!(again.end(), 0);
}

#[test]
fn a_profile_lives_its_whole_life_on_the_euicc_in_a_modem() {
    let folder = Folder::new("esim-life");
    folder.json(&["ca", "init", "trial"]);
    let serve = ["smdp", "serve", "--certs", "trial/smdp", "--state", "office"];
    let server = folder.start(&[&serve[..], &["--listen", "127.0.0.1:0"]].concat());
    let expose = ["expose", "--identity", "trial/euicc", "--pty", "euicc", "--dir", "modems"];
    let euicc = folder.start(&expose);
    let place = format!("modem:{}", folder.0.join("modems/euicc.0").display());
    let esim = |arguments: &[&str]| folder.json(&[&["esim", &place], arguments].concat());
    let list = || esim(&["list"])["profiles"].clone();
    let order = || {
        let ordered = folder.json(&["smdp", "order", "--state", "office"]);
        let text = |key: &str| ordered[key].as_str().unwrap().to_owned();
        (text("iccid"), text("activation_code"))
    };

    assert_eq!(list().as_array().unwrap().len(), 0, "it begins without profiles");
    let (home, code) = order();
    let download = ["download", &code, "--yes", "--roots", "trial/roots"];
    let installed = esim(&[&download[..], &["--no-notify"]].concat());
    assert_eq!((&installed["iccid"], &installed["enabled"]), (&home.clone().into(), &false.into()));
    let waiting = esim(&["notifications"]);
    assert_eq!(waiting["notifications"][0]["operation"], "install", "{waiting}");
    let sent = esim(&["notifications", "--send", "--roots", "trial/roots"]);
    assert_eq!(sent["notifications"][0]["taken"], true, "{sent}");
    let (exit, _, err) =
        folder.polysim(&[&["esim", &place, "--roots", "trial/roots"], &download[..3]].concat());
    assert_eq!(exit, 1, "a code is of use once: {err}");

    esim(&["enable", &home, "--roots", "trial/roots"]);
    assert_eq!(list()[0]["enabled"], true);
    esim(&["nickname", &home, "home"]);
    let (abroad, code) = order();
    esim(&["download", &code, "--yes", "--enable", "--roots", "trial/roots"]);
    let both = list();
    let enabled = |iccid: &str| {
        let profiles = both.as_array().unwrap();
        profiles.iter().find(|profile| profile["iccid"] == iccid).unwrap()["enabled"].clone()
    };
    assert_eq!((enabled(&home), enabled(&abroad)), (false.into(), true.into()), "{both}");

    let (exit, _, err) = folder.polysim(&["esim", &place, "delete", &abroad, "--yes"]);
    assert_eq!((exit, err.is_empty()), (1, false), "one that is enabled stays");
    esim(&["disable", &abroad, "--roots", "trial/roots"]);
    esim(&["delete", "home", "--yes", "--roots", "trial/roots"]);
    let left = list();
    assert_eq!((left.as_array().unwrap().len(), &left[0]["iccid"]), (1, &abroad.into()));
    let waiting = esim(&["notifications"]);
    assert_eq!(waiting["notifications"].as_array().unwrap().len(), 0, "all are delivered");
    assert_eq!((euicc.end(), server.end()), (0, 0));
}
