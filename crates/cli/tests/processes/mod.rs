//! Processes of one command that work together, in a folder of their own.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(90);

/// A folder of its own for each test, and all that was printed there.
#[derive(Clone)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) printed: Arc<Mutex<String>>,
    command: &'static str,
}

impl Folder {
    /// Makes the folder of a test, for processes of a command.
    pub(crate) fn new(command: &'static str, test: &str) -> Self {
        // Short: the paths of sockets are limited.
        let name = format!("{command}-{test}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).unwrap();
        Self { path, printed: Arc::default(), command }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.other(&[&[self.command], arguments].concat())
    }

    /// Another command of polysim.
    pub(crate) fn other(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polysim"));
        command.args(arguments).current_dir(&self.path);
        command
    }

    /// Runs one to its end; returns its exit code and what it has printed.
    pub(crate) fn polysim(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = self.command(arguments);
        let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (stdout, stderr) = (text(stdout), text(stderr));
        self.note(&stdout);
        self.note(&stderr);
        (status.code().unwrap(), stdout, stderr)
    }

    fn note(&self, text: &str) {
        self.printed.lock().unwrap().push_str(text);
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Program {
        self.run(self.command(&[arguments, &["--json"]].concat()))
    }

    pub(crate) fn run(&self, mut command: Command) -> Program {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (tell, lines) = channel();
        let (out, folder) = (child.stdout.take().unwrap(), self.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                folder.note(&format!("{line}\n"));
                drop(tell.send(serde_json::from_str::<Value>(&line).unwrap()));
            }
        });
        let (mut err, folder) = (child.stderr.take().unwrap(), self.clone());
        std::thread::spawn(move || {
            let mut text = String::new();
            drop(err.read_to_string(&mut text));
            folder.note(&text);
        });
        let stdin = child.stdin.take();
        Program { child, stdin, lines, seen: Vec::new() }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Clones are of threads that end with their programs.
        if Arc::strong_count(&self.printed) == 1 {
            drop(std::fs::remove_dir_all(&self.path));
        }
    }
}

/// A command that goes on until it is dropped.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) stdin: Option<ChildStdin>,
    pub(crate) lines: Receiver<Value>,
    pub(crate) seen: Vec<Value>,
}

impl Program {
    pub(crate) fn types(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Waits for an event of that name; those before it are passed over.
    pub(crate) fn event(&mut self, name: &str) -> Value {
        self.event_with(name, |_| true)
    }

    pub(crate) fn event_with(&mut self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.line(name, |it| it["event"] == name && wanted(it))
    }

    /// Waits for such a line; those before it are passed over.
    pub(crate) fn line(&mut self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + DEADLINE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("no {name} after {:#?}", self.seen)
            };
            self.seen.push(line.clone());
            if wanted(&line) {
                return line;
            }
        }
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it as a service is ended; returns its exit code.
    pub(crate) fn end(mut self) -> i32 {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
