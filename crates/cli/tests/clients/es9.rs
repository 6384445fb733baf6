//! The SM-DP+, asked by a client that knows of ES9+ what the standard says.

use crate::program::{Background, DEADLINE, program, run};
use crate::world::Folder;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::{ChildStdout, Command};

const SCRIPT: &str = include_str!("es9.py");

/// `polysim smdp serve`, with certificates of its own authority.
pub(crate) struct Server {
    _process: Background,
    /// Kept open, so that it can go on printing.
    _output: BufReader<ChildStdout>,
    address: String,
    folder: Folder,
}

impl Server {
    pub(crate) fn start(name: &str) -> Self {
        let folder = Folder::new(name);
        run(polysim(&folder).args(["ca", "init", "trial"]), "", DEADLINE).ok();
        let mut serve = polysim(&folder);
        serve.args(["smdp", "serve", "--certs", "trial/smdp", "--state", "office", "--json"]);
        serve.args(["--listen", "127.0.0.1:0"]);
        let (process, output) = Background::piped("polysim smdp", &mut serve, folder.path());
        let mut output = BufReader::new(output);
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let address = ready["address"].as_str().unwrap().to_owned();
        Self { _process: process, _output: output, address, folder }
    }
}

#[cfg(feature = "pcsc")]
impl Server {
    /// Returns where a file of its folder is.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Runs a command in its folder, which must succeed; returns what it said.
    pub(crate) fn polysim(&self, arguments: &[&str]) -> String {
        run(polysim(&self.folder).args(arguments), "", DEADLINE).ok()
    }

    /// Orders a profile; returns its activation code.
    pub(crate) fn order(&self) -> String {
        let said = self.polysim(&["smdp", "order", "--state", "office"]);
        said.lines().find(|line| line.starts_with("LPA:")).unwrap().to_owned()
    }
}

fn polysim(folder: &Folder) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polysim"));
    command.current_dir(folder.path()).env("XDG_STATE_HOME", folder.path().join("home"));
    command
}

#[test]
fn a_client_that_knows_the_standard_alone_authenticates_the_server() {
    let Some(python) = program("python3") else { return };
    let server = Server::start("es9");
    let mut client = Command::new(python);
    client
        .args(["-c", SCRIPT, &server.address])
        .arg(server.folder.path().join("trial/roots/ci.pem"));
    let said = run(&mut client, "", DEADLINE).ok();
    assert!(said.ends_with("what is no function is not found\n"), "{said}");
}
