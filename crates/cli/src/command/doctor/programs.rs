//! Checks of the computer itself, and of programs that can be tried on simulated hardware.

use super::finding::Finding;
use super::system::System;

/// Programs for modems and cards, and the Debian package that each is in.
const CLIENTS: [(&str, &str, &str); 4] = [
    ("gammu", "gammu", "texts, calls and USSD by hand"),
    ("mmcli", "modemmanager", "the ModemManager of desktops"),
    ("ofonod", "ofono", "the telephony of phones and cars"),
    ("pcsc_scan", "pcsc-tools", "shows readers and cards"),
];

/// Whether simulated modems can be shown as terminals.
pub(crate) fn pseudo_terminals(system: &System) -> Finding {
    const NAME: &str = "pseudo-terminals";
    let number = |path| system.read(path).trim().parse::<u32>().ok();
    if system.may_use(&system.place("dev/ptmx")).is_err() || !system.exists("dev/pts") {
        return Finding::missing(NAME, "simulated modems cannot be shown as terminals")
            .fixed_by("sudo mkdir -p /dev/pts && sudo mount -t devpts -o ptmxmode=0666 devpts /dev/pts && sudo ln -sf pts/ptmx /dev/ptmx");
    }
    let limits = number("proc/sys/kernel/pty/nr").zip(number("proc/sys/kernel/pty/max"));
    match limits {
        Some((used, most)) if used >= most => {
            Finding::missing(NAME, format!("all {most} are in use"))
                .fixed_by(format!("sudo sysctl kernel.pty.max={}", most.saturating_mul(2)))
        }
        Some((used, most)) => Finding::ok(NAME, format!("{used} of {most} in use")),
        None => Finding::ok(NAME, "there"),
    }
}

/// Which clients are installed.
pub(crate) fn clients(system: &System) -> Vec<Finding> {
    let found = |(program, package, about): (&str, &str, &str)| match system.program(program) {
        Some(path) => Finding::ok(program, format!("{about}: {}", path.display())),
        None => Finding::hint(program, format!("{about}: not installed"))
            .fixed_by(format!("sudo apt-get install {package}")),
    };
    CLIENTS.into_iter().map(found).collect()
}
