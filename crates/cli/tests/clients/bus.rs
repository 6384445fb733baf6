//! A private D-Bus, on which daemons find no service of this machine and it finds none of theirs.

use crate::program::{Background, DEADLINE, Ran, program, run};
use crate::world::until;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long a method may take; a search for networks takes its time.
const CALL_WITHIN: Duration = Duration::from_secs(60);

/// The programs of the bus; all of them are there, or the test has nothing to do.
pub(crate) struct BusPrograms {
    daemon: PathBuf,
    gdbus: PathBuf,
}

impl BusPrograms {
    pub(crate) fn find() -> Option<Self> {
        Some(Self { daemon: program("dbus-daemon")?, gdbus: program("gdbus")? })
    }
}

/// The bus; its daemon ends when this is dropped.
pub(crate) struct Bus {
    /// Held for its end.
    _daemon: Background,
    gdbus: PathBuf,
    address: String,
}

impl Bus {
    /// Starts the bus in a folder. Whoever may connect may own every name: the policies that the
    /// packages bring are those of the system's own bus.
    pub(crate) fn start(programs: BusPrograms, folder: &Path) -> Self {
        let socket = folder.join("bus");
        let address = format!("unix:path={}", socket.display());
        let config = format!(
            "<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context=\"default\">
    <allow send_destination=\"*\"/>
    <allow eavesdrop=\"true\"/>
    <allow own=\"*\"/>
  </policy>
</busconfig>
"
        );
        let file = folder.join("bus.conf");
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new(programs.daemon);
        command.arg("--config-file").arg(&file).args(["--nofork", "--nopidfile", "--nosyslog"]);
        let daemon = Background::start("dbus-daemon", &mut command, folder);
        until("the bus is there", DEADLINE, || UnixStream::connect(&socket).is_ok());
        Self { _daemon: daemon, gdbus: programs.gdbus, address }
    }

    /// Returns a command that takes this bus for every bus there is.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command.env("DBUS_SYSTEM_BUS_ADDRESS", &self.address);
        command
    }

    /// Calls a method; `arguments` are in the text form of `GVariant`.
    pub(crate) fn call(&self, service: &str, path: &str, method: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command(&self.gdbus);
        command.args(["call", "--session", "--dest", service, "--object-path", path]);
        command.args(["--method", method]).arg("--").args(arguments);
        run(&mut command, "", CALL_WITHIN)
    }

    /// Waits until a service is on the bus.
    pub(crate) fn service(&self, name: &str) {
        until(&format!("{name} is on the bus"), DEADLINE, || {
            let (bus, path) = ("org.freedesktop.DBus", "/org/freedesktop/DBus");
            let method = "org.freedesktop.DBus.NameHasOwner";
            self.call(bus, path, method, &[&quoted(name)]).ok().contains("true")
        });
    }

    /// Writes the signals of a service into a file from now on, one a line.
    pub(crate) fn monitor(&self, service: &str, folder: &Path) -> (Background, PathBuf) {
        let mut command = self.command(&self.gdbus);
        command.args(["monitor", "--session", "--dest", service]);
        let monitor = Background::start("gdbus monitor", &mut command, folder);
        let file = folder.join("gdbus-monitor.log");
        until("signals are listened to", DEADLINE, || {
            // It says so only after it has asked for signals.
            std::fs::read_to_string(&file).unwrap().contains("is owned by")
        });
        (monitor, file)
    }
}

/// Returns a string in the text form of `GVariant`.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
