use super::system::Denied;
use super::*;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

static COMPUTERS: AtomicU32 = AtomicU32::new(0);

/// A made-up computer.
struct Computer(PathBuf);

impl Computer {
    fn new() -> Self {
        let number = COMPUTERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("polysim-doctor-{}-{number}", std::process::id());
        let this = Self(std::env::temp_dir().join(name));
        drop(fs::remove_dir_all(&this.0));
        this.write("etc/group", "root:x:0:\ndialout:x:20:\n").write("sys/class/tty/tty0/dev", "")
    }

    fn write(self, name: &str, text: &str) -> Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn link(self, name: &str, target: &str) -> Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(self.0.join(target), path).unwrap();
        self
    }

    /// Plugs in a USB device with one interface of a class.
    fn usb(self, path: &str, vendor: &str, product: &str, class: &str) -> Self {
        let usb = format!("sys/devices/usb1/{path}");
        self.write(&format!("{usb}/idVendor"), vendor)
            .write(&format!("{usb}/idProduct"), product)
            .write(&format!("{usb}/product"), "Mobile")
            .write(&format!("{usb}/{path}:1.2/bInterfaceNumber"), "02")
            .write(&format!("{usb}/{path}:1.2/bInterfaceClass"), class)
            .link(&format!("sys/bus/usb/devices/{path}"), &usb)
    }

    /// Plugs in an EC25 whose AT port is a terminal.
    fn modem(self) -> Self {
        let port = "sys/devices/usb1/1-1/1-1:1.2/ttyUSB2";
        self.usb("1-1", "2c7c", "0125", "ff")
            .write(&format!("{port}/tty/ttyUSB2/dev"), "188:2")
            .link(&format!("{port}/tty/ttyUSB2/device"), port)
            .link("sys/class/tty/ttyUSB2", &format!("{port}/tty/ttyUSB2"))
            .write("dev/ttyUSB2", "")
    }

    fn program(self, name: &str) -> Self {
        self.write(&format!("usr/bin/{name}"), "")
    }

    fn process(self, id: u32, name: &str) -> Self {
        self.write(&format!("proc/{id}/comm"), &format!("{name}\n"))
    }

    fn system(&self) -> System {
        System::below(&self.0)
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.0.join(name)).unwrap();
    }
}

impl Drop for Computer {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn only(findings: Vec<Finding>) -> Finding {
    let [finding] = <[Finding; 1]>::try_from(findings).expect("one finding");
    finding
}

fn fix(finding: &Finding) -> &str {
    finding.fix.as_deref().expect("a line that puts it right")
}

#[test]
fn a_computer_without_anything_gets_hints_and_nothing_is_missing_but_terminals() {
    let computer = Computer::new();
    let findings = examine(&computer.system());
    let missing: Vec<_> = findings
        .iter()
        .filter(|finding| finding.state == State::Missing)
        .map(|finding| finding.name.as_str())
        .collect();
    assert_eq!(missing, ["pseudo-terminals"]);
    assert_eq!(findings[0].fix.as_deref(), Some("polysim expose WORLD.toml"));
    let text = render(&findings, false);
    assert!(text.contains("hint     modems"), "{text}");
}

#[test]
fn a_modem_that_can_be_used_is_said_with_its_at_port() {
    let computer = Computer::new().modem();
    let finding = only(modems::modems(&computer.system()));
    assert_eq!((finding.state, finding.name.as_str()), (State::Ok, "modem 1-1"));
    assert!(finding.detail.ends_with("/dev/ttyUSB2"), "{finding:?}");
    assert!(fix(&finding).starts_with("polysim modem /"));
    assert_eq!(modems::drivers(&computer.system()), []);
}

#[test]
fn a_port_without_a_node_must_be_given_to_the_container() {
    let computer = Computer::new().modem();
    computer.remove("dev/ttyUSB2");
    let finding = only(modems::modems(&computer.system()));
    assert_eq!(finding.state, State::Missing);
    assert!(fix(&finding).starts_with("docker run --device="));
}

#[test]
fn why_a_port_is_denied_says_what_to_do() {
    let computer = Computer::new();
    let dialout = || Denied::Group("dialout".to_owned());
    assert_eq!(computer.system().why_denied(0o660, 20), dialout());
    assert_eq!(computer.system().why_denied(0o600, 20), Denied::Owner);
    assert_eq!(computer.system().why_denied(0o660, 0), Denied::Owner);
    assert_eq!(computer.system().why_denied(0o660, 77), Denied::Owner);
    let computer = computer.write("etc/group", "dialout:x:20:anna,somebody\n");
    let again = Denied::LogInAgain("dialout".to_owned());
    assert_eq!(computer.system().why_denied(0o660, 20), again);
}

#[test]
fn a_user_who_may_not_use_a_port_is_told_how_to_get_at_it() {
    let computer = Computer::new().modem();
    let modems = polysim_hal_serial::find_modems(&computer.system().root());
    let line = |denied| {
        let finding = modems::refused("modem".to_owned(), "EC25", &modems[0].ports[0], &denied);
        assert_eq!(finding.state, State::Missing);
        fix(&finding).to_owned()
    };
    let dialout = || "dialout".to_owned();
    assert_eq!(line(Denied::Group(dialout())), "sudo usermod -aG dialout $USER");
    assert_eq!(line(Denied::LogInAgain(dialout())), "newgrp dialout");
    assert!(line(Denied::Owner).contains(r#"KERNEL=="ttyUSB2", GROUP="dialout""#));
    assert!(line(Denied::NoNode).starts_with("docker run --device=/"));
}

#[test]
fn a_port_that_another_program_has_open_is_said_with_the_program() {
    let computer = Computer::new().modem().process(41, "init").process(42, "minicom");
    let node = fs::canonicalize(computer.0.join("dev/ttyUSB2")).unwrap();
    fs::create_dir_all(computer.0.join("proc/42/fd")).unwrap();
    symlink(&node, computer.0.join("proc/42/fd/3")).unwrap();
    let finding = only(modems::modems(&computer.system()));
    assert_eq!(finding.state, State::Hint);
    assert!(finding.detail.ends_with("is in use by minicom (42)"), "{finding:?}");
    assert_eq!(fix(&finding), "kill 42");
}

#[test]
fn a_modem_without_a_driver_gets_one() {
    let computer = Computer::new().usb("1-2", "2c7c", "0125", "ff");
    let finding = only(modems::drivers(&computer.system()));
    assert_eq!(finding.state, State::Missing);
    assert!(fix(&finding).contains("modprobe option && echo '2c7c 0125'"), "{finding:?}");
    // A keyboard is no modem.
    let computer = Computer::new().usb("1-2", "046d", "c31c", "03");
    assert_eq!(modems::drivers(&computer.system()), []);
}

#[test]
fn a_modem_that_shows_itself_as_a_disc_is_switched() {
    let computer = Computer::new().usb("1-2", "12d1", "1f01", "08");
    let finding = only(modems::storage_mode(&computer.system()));
    let line = "sudo apt-get install usb-modeswitch && sudo usb_modeswitch -v 12d1 -p 1f01 -J";
    assert_eq!(fix(&finding), line);
    assert_eq!(modems::drivers(&computer.system()), []);
    let computer = Computer::new().usb("1-2", "19d2", "2000", "08").program("usb_modeswitch");
    let finding = only(modems::storage_mode(&computer.system()));
    assert_eq!(fix(&finding), "sudo usb_modeswitch -v 19d2 -p 2000 -K");
    // A disc of somebody else is a disc; a modem with other interfaces is one already.
    let computer = Computer::new().usb("1-2", "0781", "5567", "08").modem();
    assert_eq!(modems::storage_mode(&computer.system()), []);
}

#[test]
fn modem_manager_is_in_the_way_of_a_modem_until_it_is_told_to_leave_it_alone() {
    let computer = Computer::new();
    assert_eq!(modems::modem_manager(&computer.system()).state, State::Ok);
    let computer = computer.process(7, "ModemManager");
    assert_eq!(modems::modem_manager(&computer.system()).state, State::Ok);
    let computer = computer.modem();
    let finding = modems::modem_manager(&computer.system());
    assert_eq!(finding.state, State::Missing);
    let line = fix(&finding);
    let rule = line.split('\'').nth(1).unwrap();
    assert!(line.contains("sudo udevadm control --reload"), "{line}");
    // The line that it says puts it right.
    let computer = computer.write("etc/udev/rules.d/78-polysim-ignore.rules", rule);
    assert_eq!(modems::modem_manager(&computer.system()).state, State::Ok);
    let computer = computer.write("etc/udev/rules.d/78-polysim-ignore.rules", "# none");
    assert_eq!(modems::modem_manager(&computer.system()).state, State::Missing);
}

#[test]
fn pseudo_terminals_are_there_unless_all_are_taken() {
    let computer = Computer::new();
    assert_eq!(programs::pseudo_terminals(&computer.system()).state, State::Missing);
    let computer = computer
        .write("dev/ptmx", "")
        .write("dev/pts/0", "")
        .write("proc/sys/kernel/pty/nr", "3\n")
        .write("proc/sys/kernel/pty/max", "4096\n");
    let finding = programs::pseudo_terminals(&computer.system());
    assert_eq!(finding, Finding::ok("pseudo-terminals", "3 of 4096 in use"));
    let computer = computer.write("proc/sys/kernel/pty/nr", "4096\n");
    let finding = programs::pseudo_terminals(&computer.system());
    assert_eq!(fix(&finding), "sudo sysctl kernel.pty.max=8192");
}

#[test]
fn the_card_service_is_installed_started_or_there() {
    let computer = Computer::new();
    assert!(fix(&cards::service(&computer.system())).contains("apt-get install pcscd"));
    let computer = computer.program("pcscd");
    let line = "sudo systemctl enable --now pcscd.socket";
    assert_eq!(fix(&cards::service(&computer.system())), line);
    let computer = computer.write("run/pcscd/pcscd.comm", "");
    assert_eq!(cards::service(&computer.system()).state, State::Ok);
}

#[test]
fn the_virtual_reader_is_installed_waiting_or_there() {
    let computer = Computer::new();
    let line = fix(&cards::virtual_reader(&computer.system())).to_owned();
    assert!(line.contains("apt-get install vsmartcard-vpcd"), "{line}");
    let computer = computer.write("etc/reader.conf.d/vpcd", "");
    assert_eq!(fix(&cards::virtual_reader(&computer.system())), "sudo systemctl restart pcscd");
    let table = "sl local_address rem_address st\n0: 00000000:8C7B 00000000:0000 0A 0\n";
    let computer = computer.write("proc/net/tcp", table);
    assert_eq!(cards::virtual_reader(&computer.system()).state, State::Ok);
}

#[test]
fn clients_are_found_in_the_path_or_said_with_their_package() {
    let computer = Computer::new().program("gammu");
    let findings = programs::clients(&computer.system());
    assert_eq!((findings[0].state, findings[0].fix.as_deref()), (State::Ok, None));
    assert_eq!(fix(&findings[1]), "sudo apt-get install modemmanager");
    assert!(Path::new(&findings[0].detail).ends_with("usr/bin/gammu"), "{findings:?}");
}

#[test]
fn a_build_says_whether_it_can_use_readers() {
    let finding = cards::built_in();
    let expected = if cfg!(feature = "pcsc") { State::Ok } else { State::Hint };
    assert_eq!(finding.state, expected);
    assert!(cfg!(feature = "pcsc") || fix(&finding).contains("--features pcsc"));
}
