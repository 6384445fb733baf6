//! Programs that the tests start, and what becomes of them.

use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long anything is waited for.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);
/// How long a program may take to end when it is asked to.
const END_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Programs and the Debian packages that they are in, where the names differ.
const PACKAGES: &[(&str, &str)] = &[
    ("smsd", "smstools"),
    ("ofonod", "ofono"),
    ("ModemManager", "modemmanager"),
    ("mmcli", "modemmanager"),
    ("gdbus", "libglib2.0-bin"),
];

/// Returns where a program is. `None`, and a word about it, where it is not installed: the test
/// then has nothing to do. With `POLYSIM_CLIENTS=required` that is a failure.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Daemons are not on everybody's path.
    let further = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec"].map(PathBuf::from);
    let mut places = std::env::split_paths(&path).chain(further).map(|folder| folder.join(name));
    if let Some(found) = places.find(|place| place.is_file()) {
        return Some(found);
    }
    let package = PACKAGES.iter().find(|(program, _)| *program == name).map_or(name, |(_, it)| it);
    skip(&format!("{name} is not installed (apt-get install {package})"));
    None
}

/// Says that a test cannot be carried out here, or fails where that is not allowed.
pub(crate) fn skip(reason: &str) {
    let required = std::env::var_os("POLYSIM_CLIENTS").is_some_and(|value| value == "required");
    assert!(!required, "{reason}");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    // Not by `eprintln`, whose output a test that passes does not show.
    std::io::stderr().write_all(format!("SKIPPED: {test}: {reason}\n").as_bytes()).unwrap();
}

/// A program that runs beside the test; it is ended when this is dropped. Its standard error, and
/// its standard output unless that is piped, are kept in a file, and printed when the test fails.
pub(crate) struct Background {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Background {
    /// Starts a program; its log is a file in `folder`.
    pub(crate) fn start(name: &'static str, command: &mut Command, folder: &Path) -> Self {
        Self::spawn(name, command, folder, false)
    }

    /// Starts a program whose standard output the test reads.
    pub(crate) fn piped(
        name: &'static str,
        command: &mut Command,
        folder: &Path,
    ) -> (Self, ChildStdout) {
        let mut started = Self::spawn(name, command, folder, true);
        let output = started.child.stdout.take().unwrap();
        (started, output)
    }

    fn spawn(name: &'static str, command: &mut Command, folder: &Path, piped: bool) -> Self {
        let log = folder.join(format!("{}.log", name.replace(' ', "-")));
        let file = File::options().create(true).append(true).open(&log).unwrap();
        let output = if piped { Stdio::piped() } else { file.try_clone().unwrap().into() };
        let command = command.stdin(Stdio::null()).stdout(output).stderr(file);
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        Self { name, child, log }
    }

    /// Returns whether it runs still.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Returns what it has written so far.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        // It may have ended just now.
        kill_process(pid, signal).unwrap_or_default();
    }

    /// Asks it to end, by SIGTERM, and waits; what does not end in time is killed.
    pub(crate) fn end(mut self) -> ExitStatus {
        self.stop()
    }

    fn stop(&mut self) -> ExitStatus {
        if self.is_running() {
            self.signal(Signal::TERM);
        }
        wait(&mut self.child, END_WITHIN)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let status = self.stop();
        if std::thread::panicking() {
            eprintln!("--- {} ended with {status}; it said:\n{}", self.name, self.said());
        }
    }
}

/// What a program that was run to its end has said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    /// Standard output, then standard error.
    pub(crate) output: String,
}

impl Ran {
    /// The program must have ended well; returns what it said.
    pub(crate) fn ok(self) -> String {
        assert!(self.status.success(), "ended with {}: {}", self.status, self.output);
        self.output
    }
}

/// Runs a program to its end, which must come within `limit`: else it is killed, and its status
/// says so. `input` is its standard input.
pub(crate) fn run(command: &mut Command, input: &str, limit: Duration) -> Ran {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that does not read it has no use for it.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let mut out = child.stdout.take().unwrap();
    let mut err = child.stderr.take().unwrap();
    let out = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        out.read_to_end(&mut bytes).map(|_| bytes).unwrap()
    });
    let err = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        err.read_to_end(&mut bytes).map(|_| bytes).unwrap()
    });
    let status = wait(&mut child, limit);
    let mut bytes = out.join().unwrap();
    bytes.extend(err.join().unwrap());
    Ran { status, output: String::from_utf8_lossy(&bytes).into_owned() }
}

/// Waits for the end of a program, and kills it if it does not come in time.
fn wait(child: &mut Child, limit: Duration) -> ExitStatus {
    let end = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if Instant::now() >= end {
            // It may have ended just now.
            drop(child.kill());
            return child.wait().unwrap();
        }
        std::thread::sleep(LOOK_EVERY);
    }
}
