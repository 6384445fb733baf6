//! A card service of our own, or the reason why there is none.

use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The first virtual reader's port; the second reader has the next one.
pub(crate) const FIRST_PORT: u16 = 35_963;
/// Set to `required` where these tests may not be skipped.
const POLICY: &str = "POLYSIM_CLIENTS";
/// Where the service listens.
const SOCKET: &str = "/run/pcscd/pcscd.comm";
/// The driver of virtual readers, and how Debian tells the service of it.
const DRIVER: &str = "/etc/reader.conf.d/vpcd";
/// How long the service may take to start.
const START_PATIENCE: Duration = Duration::from_secs(10);

/// A running card service with virtual readers. One at a time on a machine: whoever else honours
/// the lock waits.
#[derive(Debug)]
pub(crate) struct Service {
    child: Option<Child>,
    _lock: File,
}

impl Service {
    /// Starts the service; `None`, having said why, where that cannot be done.
    pub(crate) fn start() -> Option<Self> {
        let lock = File::create(std::env::temp_dir().join("pcscd.lock")).unwrap();
        lock.lock().unwrap();
        if let Some(reason) = obstacle() {
            assert!(
                std::env::var_os(POLICY).is_none_or(|policy| policy != "required"),
                "{POLICY}=required, but {reason}"
            );
            eprintln!("SKIPPED: {reason}");
            return None;
        }
        let mut service = Self { child: None, _lock: lock };
        service.go();
        Some(service)
    }

    /// Starts the service again.
    pub(crate) fn go(&mut self) {
        let child = Command::new("pcscd")
            .arg("--foreground")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        let started = Instant::now();
        while UnixStream::connect(SOCKET).is_err() || !has_readers() {
            assert!(started.elapsed() < START_PATIENCE, "pcscd did not start");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops the service.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop();
    }
}

fn obstacle() -> Option<String> {
    let installed = |name: &str| {
        ["/usr/sbin", "/usr/bin", "/sbin"]
            .iter()
            .any(|folder| Path::new(folder).join(name).exists())
    };
    if !installed("pcscd") {
        return Some("pcscd is not installed (apt-get install pcscd)".to_owned());
    }
    if !Path::new(DRIVER).exists() {
        return Some("vpcd is not installed (apt-get install vsmartcard-vpcd)".to_owned());
    }
    if !rustix::process::geteuid().is_root() {
        return Some("pcscd can only be started by root".to_owned());
    }
    if UnixStream::connect(SOCKET).is_ok() {
        return Some("a pcscd is running already that is not ours to stop".to_owned());
    }
    None
}

/// Tells whether the driver listens for cards.
fn has_readers() -> bool {
    std::fs::read_to_string("/proc/net/tcp").is_ok_and(|table| {
        let port = format!(":{FIRST_PORT:04X} ");
        table.lines().any(|line| line.contains(&port) && line.contains(" 0A "))
    })
}
