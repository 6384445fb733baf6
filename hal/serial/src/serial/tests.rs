use super::*;
use crate::testing::{EC25, Folder, Master, Tree};
use polysim_hal::testkit::{
    PortHarness, WireHarness, modem_port_conformance, stalled_write_conformance,
};
use std::error::Error as _;
use std::fs::Permissions;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

fn kind<T>(result: Result<T, PortError>) -> PortErrorKind {
    *result.err().expect("an error").kind()
}

async fn open(path: &str) -> Result<SerialPort, PortError> {
    SerialPort::open(path, SerialSettings::default()).await
}

async fn at_usb(tree: &Tree) -> Result<SerialPort, PortError> {
    SerialPort::at_usb(tree.root(), EC25.path, 2, SerialSettings::default()).await
}

/// A modem on a made-up USB whose port is a pseudo-terminal. It comes back as another terminal
/// under another name each time.
struct Replugged {
    tree: Tree,
    master: Option<Master>,
    plugged: u32,
}

impl Replugged {
    fn new() -> Self {
        let mut this = Self { tree: Tree::new(), master: None, plugged: 0 };
        this.put_in();
        this
    }

    fn put_in(&mut self) {
        let master = Master::new();
        let name = format!("ttyUSB{}", self.plugged);
        self.plugged += 1;
        self.tree.plug(&EC25, &[(2, &name, Some(master.path())), (3, "ttyUSB99", None)]);
        self.master = Some(master);
    }

    fn pull_out(&mut self) {
        self.tree.unplug(&EC25);
        self.master = None;
    }

    fn master(&self) -> &Master {
        self.master.as_ref().unwrap()
    }
}

#[async_trait]
impl PortHarness for Replugged {
    async fn port(&mut self) -> Box<dyn ModemPort> {
        Box::new(at_usb(&self.tree).await.unwrap())
    }

    async fn unplug(&mut self) {
        self.pull_out();
    }

    async fn plug(&mut self) {
        self.put_in();
    }
}

#[async_trait]
impl WireHarness for Replugged {
    async fn send(&mut self, bytes: &[u8]) {
        self.master().send(bytes).await;
    }

    async fn receive(&mut self) -> Vec<u8> {
        self.master().receive().await
    }
}

#[tokio::test]
async fn a_serial_port_keeps_the_contract_of_modem_ports() {
    modem_port_conformance(&mut Replugged::new()).await;
}

#[tokio::test]
async fn a_modem_that_takes_nothing_stalls_the_writer_and_not_for_ever() {
    stalled_write_conformance(&mut Replugged::new()).await;
}

#[tokio::test]
async fn a_reader_is_told_when_the_modem_is_unplugged() {
    let mut modem = Replugged::new();
    let mut port = at_usb(&modem.tree).await.unwrap();
    let mut buffer = [0; 16];
    let (result, ()) = tokio::join!(port.read(&mut buffer), async { modem.pull_out() });
    assert_eq!(kind(result), PortErrorKind::Gone);
    assert!(matches!(port.line, Line::Gone), "the kernel cannot give the name to another device");
}

#[tokio::test]
async fn a_writer_is_told_when_the_modem_is_unplugged() {
    let mut modem = Replugged::new();
    let mut port = at_usb(&modem.tree).await.unwrap();
    modem.pull_out();
    let error = port.write(b"AT\r").await.unwrap_err();
    assert_eq!(*error.kind(), PortErrorKind::Gone);
    assert!(error.source().unwrap().to_string().contains("Input/output error"), "{error:?}");
}

#[tokio::test]
async fn a_modem_that_comes_back_under_another_name_keeps_its_port() {
    let mut modem = Replugged::new();
    let mut port = at_usb(&modem.tree).await.unwrap();
    assert!(port.name().ends_with("/dev/ttyUSB0"), "{}", port.name());
    modem.pull_out();
    let error = port.reopen().await.unwrap_err();
    assert_eq!(*error.kind(), PortErrorKind::NotFound);
    assert_eq!(error.place(), "usb:1-1.4:2");
    modem.put_in();
    port.reopen().await.unwrap();
    assert!(port.name().ends_with("/dev/ttyUSB1"), "{}", port.name());
    port.write(b"AT\r").await.unwrap();
    assert_eq!(modem.master().receive().await, b"AT\r");
}

#[tokio::test]
async fn a_port_opened_by_the_name_of_a_usb_terminal_follows_the_modem() {
    let mut modem = Replugged::new();
    let path = modem.tree.root().dev().join("ttyUSB0");
    let path = path.to_str().unwrap();
    let settings = SerialSettings::default();
    let mut port = SerialPort::following(modem.tree.root(), path, settings).await.unwrap();
    modem.pull_out();
    modem.put_in();
    port.reopen().await.unwrap();
    assert!(port.name().ends_with("/dev/ttyUSB1"), "{}", port.name());
}

#[tokio::test]
async fn a_port_opened_by_any_other_path_stays_with_the_path() {
    let modem = Replugged::new();
    let link = Folder::new();
    link.link("modem", modem.master().path());
    let path = link.path().join("modem");
    let settings = SerialSettings::default();
    let mut port =
        SerialPort::following(modem.tree.root(), path.to_str().unwrap(), settings).await.unwrap();
    assert_eq!(port.name(), path.to_str().unwrap());
    std::fs::remove_file(&path).unwrap();
    assert_eq!(kind(port.reopen().await), PortErrorKind::NotFound);
}

#[tokio::test]
async fn a_port_is_opened_once_at_a_time() {
    let master = Master::new();
    let first = open(master.name()).await.unwrap();
    assert_eq!(kind(open(master.name()).await), PortErrorKind::Busy);
    drop(first);
    drop(open(master.name()).await.unwrap());
}

#[tokio::test]
async fn a_port_that_another_process_has_locked_is_busy() {
    let master = Master::new();
    let mut holder = Command::new("flock")
        .args([master.name(), "sh", "-c", "echo held; read forever"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "held\n");
    assert_eq!(kind(open(master.name()).await), PortErrorKind::Busy);
    // It ends when it can read no more.
    drop(holder.stdin.take());
    holder.wait().unwrap();
    drop(open(master.name()).await.unwrap());
}

#[tokio::test]
async fn what_is_no_terminal_is_refused_with_a_reason() {
    let folder = Folder::new();
    folder.write("file", "");
    let error = open(folder.path().join("file").to_str().unwrap()).await.err().unwrap();
    assert_eq!(*error.kind(), PortErrorKind::Io);
    assert_eq!(error.source().unwrap().to_string(), "this is not a serial port");
    let nowhere = folder.path().join("ttyUSB0");
    assert_eq!(kind(open(nowhere.to_str().unwrap()).await), PortErrorKind::NotFound);
    assert_eq!(kind(open("/dev/null/ttyUSB0").await), PortErrorKind::NotFound);
}

#[tokio::test]
async fn a_pseudo_terminal_has_no_control_lines() {
    let master = Master::new();
    let mut port = open(master.name()).await.unwrap();
    assert_eq!(kind(port.lines().await), PortErrorKind::Unsupported);
    let lines = OutputLines { dtr: true, rts: true };
    assert_eq!(kind(port.set_lines(lines).await), PortErrorKind::Unsupported);
    port.write(b"still here").await.unwrap();
}

#[tokio::test]
async fn a_question_about_the_lines_that_is_dropped_leaves_the_port_open() {
    let master = Master::new();
    let mut port = open(master.name()).await.unwrap();
    for _ in 0..100 {
        drop(tokio::time::timeout(Duration::ZERO, port.lines()).await);
    }
    port.write(b"AT\r").await.unwrap();
    assert_eq!(master.receive().await, b"AT\r");
    for _ in 0..100 {
        drop(tokio::time::timeout(Duration::ZERO, port.lines()).await);
        port.reopen().await.unwrap();
    }
}

#[tokio::test]
async fn speeds_and_flow_control_are_set_on_the_device() {
    let master = Master::new();
    let settings = SerialSettings { baud: 9_600, flow: Flow::Hardware };
    let _port = SerialPort::open(master.name(), settings).await.unwrap();
    let terminal = std::fs::File::open(master.name()).unwrap();
    let modes = rustix::termios::tcgetattr(&terminal).unwrap();
    assert_eq!(modes.output_speed(), 9_600);
    assert!(modes.control_modes.contains(rustix::termios::ControlModes::CRTSCTS));
    assert!(!modes.local_modes.contains(rustix::termios::LocalModes::ECHO));
}

/// Says whether another user gets a port open: `TIOCEXCL` keeps everybody out but root.
fn opens_for_others(master: &Master) -> bool {
    const NOBODY: u32 = 65_534;
    std::fs::set_permissions(master.path(), Permissions::from_mode(0o666)).unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", ": <> \"$0\"", master.name()]).stderr(Stdio::null());
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.status().unwrap().success()
}

#[tokio::test]
async fn a_pseudo_terminal_is_not_shut_for_those_who_come_after_a_killed_program() {
    let master = Master::new();
    let _port = open(master.name()).await.unwrap();
    assert!(opens_for_others(&master));
}

#[tokio::test]
async fn trying_to_open_a_port_does_not_let_others_in() {
    let master = Master::new();
    let holder = std::fs::File::open(master.name()).unwrap();
    holder.lock().unwrap();
    rustix::termios::ioctl_tiocexcl(&holder).unwrap();
    assert_eq!(kind(open(master.name()).await), PortErrorKind::Busy);
    assert!(!opens_for_others(&master));
}
