//! A simulated modem behind each kind of plug, driven as hardware is.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use async_trait::async_trait;
use polysim_base::Instant;
use polysim_hal::testkit::{PortHarness, modem_conformance};
use polysim_hal::{ModemPort, TokioClock};
use polysim_hal_sim::{LentModem, LiveWorld, demo, pty::Pty, socket::Socket};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::task::JoinHandle;

/// A modem whose plug is pulled out and put back, in the same place.
struct Plug {
    modem: LentModem,
    kind: Kind,
    serving: Option<JoinHandle<()>>,
}

enum Kind {
    /// A link to a pseudo-terminal, which is another one each time.
    Pty(PathBuf),
    Tcp(std::net::SocketAddr),
    Unix(PathBuf),
    Abstract(String),
}

impl Plug {
    async fn new(kind: Kind) -> Self {
        let clock = Arc::new(TokioClock::starting_at(Instant::ZERO));
        let world = LiveWorld::new(&demo::two_phones(), clock).unwrap();
        let mut plug = Self { modem: world.lend_modem(0).unwrap(), kind, serving: None };
        plug.plug().await;
        plug
    }

    fn address(&self) -> String {
        match &self.kind {
            Kind::Pty(link) => link.display().to_string(),
            Kind::Tcp(address) => format!("tcp:{address}"),
            Kind::Unix(path) => format!("unix:{}", path.display()),
            Kind::Abstract(name) => format!("unix:@{name}"),
        }
    }
}

#[async_trait]
impl PortHarness for Plug {
    async fn port(&mut self) -> Box<dyn ModemPort> {
        polysim_hal_serial::open(&self.address()).await.unwrap()
    }

    async fn unplug(&mut self) {
        let serving = self.serving.take().unwrap();
        serving.abort();
        assert!(serving.await.unwrap_err().is_cancelled());
    }

    async fn plug(&mut self) {
        let line = self.modem.line(0);
        let socket = match &mut self.kind {
            Kind::Pty(link) => {
                let pty = Pty::open().unwrap();
                std::fs::remove_file(&*link).unwrap_or_default();
                std::os::unix::fs::symlink(pty.path(), link).unwrap();
                self.serving = Some(tokio::spawn(async move { pty.serve(&line).await.unwrap() }));
                return;
            }
            Kind::Tcp(address) => {
                let socket = Socket::tcp(*address).await.unwrap();
                *address = socket.address().unwrap()["tcp:".len()..].parse().unwrap();
                socket
            }
            Kind::Unix(path) => Socket::unix(path.clone()).unwrap(),
            Kind::Abstract(name) => Socket::unix_abstract(name).unwrap(),
        };
        self.serving = Some(tokio::spawn(async move { socket.serve(&line).await.unwrap() }));
    }
}

/// Returns a path of this test's own.
fn path(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("polysim-plug-{}-{name}", std::process::id()))
}

#[tokio::test]
async fn a_pseudo_terminal_keeps_the_contract_of_ports() {
    let link = path("pty");
    modem_conformance(&mut Plug::new(Kind::Pty(link.clone())).await).await;
    std::fs::remove_file(link).unwrap();
}

#[tokio::test]
async fn a_tcp_connection_keeps_the_contract_of_ports() {
    modem_conformance(&mut Plug::new(Kind::Tcp(([127, 0, 0, 1], 0).into())).await).await;
}

#[tokio::test]
async fn a_unix_connection_keeps_the_contract_of_ports() {
    let file = path("unix");
    modem_conformance(&mut Plug::new(Kind::Unix(file.clone())).await).await;
    tokio::task::yield_now().await;
    std::fs::remove_file(file).unwrap_or_default();
}

#[tokio::test]
async fn a_connection_by_an_abstract_name_keeps_the_contract_of_ports() {
    let name = format!("polysim-plug-{}", std::process::id());
    modem_conformance(&mut Plug::new(Kind::Abstract(name)).await).await;
}

#[tokio::test]
async fn a_socket_that_nobody_listens_on_any_more_is_replaced_and_no_other_file() {
    let file = path("stale");
    drop(std::os::unix::net::UnixListener::bind(&file).unwrap());
    drop(Socket::unix(file.clone()).unwrap());
    assert!(!file.exists(), "it is removed with the socket");
    std::fs::write(&file, "mine").unwrap();
    assert!(Socket::unix(file.clone()).is_err());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn what_is_said_while_nobody_has_the_port_open_is_gone() {
    let clock = Arc::new(TokioClock::starting_at(Instant::ZERO));
    let world = LiveWorld::new(&demo::two_phones(), clock).unwrap();
    let modem = world.lend_modem(0).unwrap();
    let line = modem.line(0);
    line.send(b"AT\r");
    line.close();
    line.open();
    line.send(b"ATE0\r");
    let mut said = Vec::new();
    while !said.ends_with(b"OK\r\n") {
        said.extend(line.receive(64).await.unwrap());
    }
    assert_eq!(said, b"ATE0\r\r\nOK\r\n");
}

#[tokio::test]
async fn what_a_program_wrote_that_was_quick_to_close_the_terminal_is_read() {
    let pty = Pty::open().unwrap();
    let moment = Duration::from_millis(200);
    assert!(tokio::time::timeout(moment, pty.opened()).await.is_err(), "nobody was there");
    std::fs::write(pty.path(), "ATZ\r").unwrap();
    tokio::time::timeout(Duration::from_secs(5), pty.opened()).await.unwrap();
    let (mut reader, _writer) = pty.session().unwrap();
    let mut said = Vec::new();
    reader.read_to_end(&mut said).await.unwrap_err();
    assert_eq!(said, b"ATZ\r");
    assert!(tokio::time::timeout(moment, pty.opened()).await.is_err(), "nobody is there any more");
}
