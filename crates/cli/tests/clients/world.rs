//! An exposed world for the length of a test.

use crate::program::{Background, DEADLINE};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The beginning of most world files: one operator with one cell, in the region `here`.
pub(crate) const NORTH: &str = r#"
format = 1
name = "clients"
duration = "1h"
[[operator]]
name = "north"
plmn = "00101"
full_name = "North Mobile"
country_code = "990"
[[region]]
name = "here"
cells = [{ id = "here-1", operator = "north", rssi = -70 }]
"#;

/// Returns a phone of that operator for a world file: its name, and what else is said of it, such
/// as `ports = 2`.
pub(crate) fn phone(name: &str, more: &str) -> String {
    format!("[[phone]]\nname = \"{name}\"\nregion = \"here\"\noperator = \"north\"\n{more}\n")
}

/// `polysim expose` under way, in a folder of its own. When it is dropped, it is ended by SIGTERM;
/// it must then end well, and leave neither links nor sockets behind. When the test fails, what it
/// printed is printed, and the folder stays.
pub(crate) struct World {
    process: Option<Background>,
    folder: Folder,
    said: Arc<Said>,
    modems: BTreeMap<(String, u64), Value>,
}

/// A folder of a test; it is removed when the test has passed.
pub(crate) struct Folder(PathBuf);

/// The lines that the command has printed, one JSON object each.
#[derive(Default)]
struct Said {
    lines: Mutex<Vec<Value>>,
    changed: Condvar,
}

impl World {
    /// Writes the world file and exposes it. `name` is the folder's and must be unique among the
    /// tests; `arguments` are further ones, such as `["--pty", "p1"]`. The folder for links and
    /// sockets is [`Self::dir`]. Abstract sockets are named after their phones, so those need names
    /// that no other test has.
    pub(crate) fn start(name: &str, file: &str, arguments: &[&str]) -> Self {
        let folder = Folder::new(name);
        std::fs::write(folder.path().join("world.toml"), file).unwrap();
        Self::expose(folder, &[&["world.toml"], arguments].concat())
    }

    /// Exposes what is in a folder, or what else the arguments name.
    pub(crate) fn expose(folder: Folder, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polysim"));
        command.current_dir(folder.path()).args(["expose", "--json", "--verbose"]);
        // Should the test be killed, the world ends by itself.
        command.args(["--dir", "modems", "--control", "control", "--for", "5min"]);
        command.args(arguments);
        let (process, output) = Background::piped("polysim expose", &mut command, folder.path());
        let said = Arc::new(Said::default());
        let reader = said.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let line =
                    serde_json::from_str(&line).unwrap_or_else(|_| json!({ "garbled": line }));
                reader.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                reader.changed.notify_all();
            }
        });
        let mut world = Self { process: Some(process), folder, said, modems: BTreeMap::new() };
        world.said("ready", DEADLINE, |line| line.get("ready").is_some());
        let lines = world.said.lines.lock().unwrap();
        for line in lines.iter().filter(|line| line.get("modem").is_some()) {
            let Some(port) = line["port"].as_u64() else { continue };
            world.modems.insert((string(line, "modem"), port), line.clone());
        }
        drop(lines);
        world
    }

    /// Returns the folder of this test, for the files of the programs that it starts.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the folder with the links to pseudo-terminals and with the Unix sockets.
    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("modems")
    }

    /// Returns where a port of a phone's modem is, as a path for a pseudo-terminal, else with what
    /// it is before it: `tcp:127.0.0.1:4000`, `unix:@abstract:polysim-p1-0`.
    pub(crate) fn address(&self, phone: &str, port: u64) -> String {
        let address = string(self.modem(phone, port), "address");
        if address.contains(':') {
            return address;
        }
        self.folder.path().join(address).display().to_string()
    }

    /// Returns the number of a phone whose modem is exposed, `+990…`.
    pub(crate) fn number(&self, phone: &str) -> String {
        string(self.modem(phone, 0), "number")
    }

    /// Returns what was printed of a port: `number`, `imei`, `model`.
    pub(crate) fn modem(&self, phone: &str, port: u64) -> &Value {
        let modem = self.modems.get(&(phone.to_owned(), port));
        modem.unwrap_or_else(|| panic!("port {port} of {phone} is not exposed"))
    }

    /// Returns what was printed of the card of a phone so far: where it is to be, with `iccid` and
    /// `imsi`, then whether it is in its reader, `connected`, at each change.
    pub(crate) fn card(&self, phone: &str) -> Vec<Value> {
        let lines = self.said.lines.lock().unwrap();
        lines.iter().filter(|line| line["card"] == phone).cloned().collect()
    }

    /// Says something on the control socket: a verb or a question. It must not be refused.
    pub(crate) fn tell(&self, request: &Value) -> Value {
        let mut stream = UnixStream::connect(self.folder.path().join("control")).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        writeln!(stream, "{request}").unwrap();
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer.get("error").is_none(), "{request} was refused: {answer}");
        answer
    }

    /// Waits until an event has happened with all of these fields, such as
    /// `json!({ "phone": "p2" })`, since the world's start; returns its fields.
    pub(crate) fn event(&self, name: &str, fields: &Value) -> Value {
        let line =
            self.said(&format!("{name} {fields}"), DEADLINE, |line| matches(line, name, fields));
        line["fields"].clone()
    }

    /// Returns the fields of all events so far that have this name and these fields.
    pub(crate) fn events(&self, name: &str, fields: &Value) -> Vec<Value> {
        let lines = self.said.lines.lock().unwrap();
        let found = lines.iter().filter(|line| matches(line, name, fields));
        found.map(|line| line["fields"].clone()).collect()
    }

    /// Waits until the modem of a phone is registered.
    pub(crate) fn registered(&self, phone: &str) {
        self.until(&format!("{phone} is registered"), || {
            self.tell(&json!({ "state": phone }))["registered"] == true
        });
    }

    /// Waits until something is so.
    pub(crate) fn until(&self, what: &str, so: impl FnMut() -> bool) {
        until(what, DEADLINE, so);
    }

    /// Waits for a line that the command prints.
    fn said(&self, what: &str, limit: Duration, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + limit;
        let mut lines = self.said.lines.lock().unwrap();
        loop {
            if let Some(line) = lines.iter().find(|line| wanted(line)) {
                return line.clone();
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited {} s for: {what}", limit.as_secs());
            lines = self.said.changed.wait_timeout(lines, left.min(LOOK_EVERY)).unwrap().0;
        }
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Waits until something is so, or fails.
pub(crate) fn until(what: &str, limit: Duration, mut so: impl FnMut() -> bool) {
    let end = Instant::now() + limit;
    while !so() {
        assert!(Instant::now() < end, "waited {} s until {what}", limit.as_secs());
        std::thread::sleep(LOOK_EVERY);
    }
}

fn string(object: &Value, key: &str) -> String {
    object[key].as_str().unwrap_or_else(|| panic!("no {key} in {object}")).to_owned()
}

fn matches(line: &Value, name: &str, fields: &Value) -> bool {
    let wanted = fields.as_object().into_iter().flatten();
    line["event"] == name && wanted.into_iter().all(|(key, value)| &line["fields"][key] == value)
}

impl Drop for World {
    fn drop(&mut self) {
        let Some(process) = self.process.take() else { return };
        let status = process.end();
        if std::thread::panicking() {
            let lines = self.said.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.iter().for_each(|line| eprintln!("polysim expose: {line}"));
            return;
        }
        assert!(status.success(), "polysim expose ended with {status}");
        let left = std::fs::read_dir(self.dir()).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(left.collect::<Vec<_>>(), [""; 0], "links or sockets were left behind");
        assert!(!self.folder.path().join("control").exists(), "the control socket was left behind");
    }
}

impl Folder {
    /// Makes a folder, in place of the one of an earlier run. It has a short path, since those of
    /// sockets are limited.
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("polysim-{}-{name}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("files of this test: {}", self.0.display());
        } else {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }
}
