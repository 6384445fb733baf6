//! A card service with sixteen virtual readers, for the length of a test.

use crate::program::{Background, DEADLINE, program, skip};
use crate::world::{Folder, until};
use std::fs::File;
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the service listens; it has no other place.
const SOCKET: &str = "/run/pcscd/pcscd.comm";
/// The driver of virtual readers.
const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
/// As many readers as the service takes.
pub(crate) const READERS: u16 = 16;
/// A reader of the driver has two slots, which the service takes for a reader each.
const SLOTS: u16 = 2;

/// A running service. There is one on a machine: the tests wait for each other, and for those of
/// other packages that honour the lock.
pub(crate) struct Service {
    process: Option<Background>,
    program: PathBuf,
    folder: Folder,
    /// The port of the first reader.
    port: u16,
    _lock: File,
}

impl Service {
    /// Starts the service. `None`, and a word about it, where that cannot be done.
    pub(crate) fn start(name: &str) -> Option<Self> {
        let program = program("pcscd")?;
        let lock = File::create(std::env::temp_dir().join("pcscd.lock")).unwrap();
        lock.lock().unwrap();
        if let Some(reason) = obstacle() {
            skip(reason);
            return None;
        }
        let folder = Folder::new(name);
        let port = free_ports();
        let readers = folder.path().join("readers");
        std::fs::create_dir(&readers).unwrap();
        std::fs::write(readers.join("vpcd"), configuration(port, folder.path())).unwrap();
        let mut service = Self { process: None, program, folder, port, _lock: lock };
        service.go();
        Some(service)
    }

    /// Returns where the first card is to connect to; the next has the next port.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts the service again.
    pub(crate) fn go(&mut self) {
        let mut command = Command::new(&self.program);
        command
            .args(["--foreground", "--info", "--config"])
            .arg(self.folder.path().join("readers"));
        let process = Background::start("pcscd", &mut command, self.folder.path());
        until("pcscd is ready", DEADLINE, || {
            process.said().contains("daemon ready") && UnixStream::connect(SOCKET).is_ok()
        });
        self.process = Some(process);
    }

    /// Stops the service.
    pub(crate) fn stop(&mut self) {
        drop(self.process.take());
        std::fs::remove_file(self.folder.path().join("pcscd.log")).unwrap();
    }
}

/// Returns the name of a reader, counted from 0.
pub(crate) fn reader(number: u16) -> String {
    format!("polysim {} 00 {:02}", number / SLOTS, number % SLOTS)
}

/// Returns why no service can be started here.
fn obstacle() -> Option<&'static str> {
    if !Path::new(DRIVER).exists() {
        return Some("vpcd is not installed (apt-get install vsmartcard-vpcd)");
    }
    if !rustix::process::geteuid().is_root() {
        return Some("only root can start pcscd");
    }
    if UnixStream::connect(SOCKET).is_ok() {
        return Some("a pcscd runs on this machine already, and it is not ours to stop");
    }
    None
}

/// Returns the readers as the service reads them. Each has a copy of the driver in a folder: one
/// driver, loaded once, keeps the connections of all its readers in the same place.
fn configuration(first: u16, folder: &Path) -> String {
    let reader = |number: u16| {
        let port = first + number * SLOTS;
        let driver = folder.join(format!("vpcd-{number}.so"));
        std::fs::copy(DRIVER, &driver).unwrap();
        format!(
            "FRIENDLYNAME \"polysim {number}\"\nDEVICENAME /dev/null:0x{port:X}\n\
             LIBPATH {}\nCHANNELID 0x{port:X}\n\n",
            driver.display()
        )
    };
    (0..READERS / SLOTS).map(reader).collect()
}

/// Finds that many ports in a row, below those that the system gives to connections.
fn free_ports() -> u16 {
    let is_free = |port: u16| TcpListener::bind(("0.0.0.0", port)).is_ok();
    let first = (20_000..30_000).step_by(usize::from(READERS));
    let found = first.into_iter().find(|first| (*first..first + READERS).all(is_free));
    found.unwrap_or_else(|| panic!("no {READERS} ports in a row are free"))
}
