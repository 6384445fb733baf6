use super::*;
use crate::testing::Folder;
use polysim_hal::testkit::{
    PortHarness, WireHarness, modem_port_conformance, stalled_write_conformance,
};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener as StdUnixListener};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, UnixListener};

enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// A server whose connection is the modem.
struct Server {
    endpoint: Endpoint,
    listener: Option<Listener>,
    connection: Option<Connection>,
    /// Where a socket lies that has a path.
    _folder: Option<Folder>,
}

impl Server {
    async fn new(endpoint: Endpoint, folder: Option<Folder>) -> Self {
        let mut this = Self { endpoint, listener: None, connection: None, _folder: folder };
        this.plug().await;
        // A port that the system has chosen is kept.
        if let Some(Listener::Tcp(listener)) = &this.listener {
            this.endpoint = Endpoint::Tcp(listener.local_addr().unwrap().to_string());
        }
        this
    }

    async fn tcp() -> Self {
        Self::new(Endpoint::Tcp("127.0.0.1:0".to_owned()), None).await
    }

    async fn unix() -> Self {
        let folder = Folder::new();
        Self::new(Endpoint::Unix(folder.path().join("modem")), Some(folder)).await
    }

    async fn connected(&mut self) -> &mut Connection {
        if self.connection.is_none() {
            let connection: Connection = match self.listener.as_ref().unwrap() {
                Listener::Tcp(listener) => Box::new(listener.accept().await.unwrap().0),
                Listener::Unix(listener) => Box::new(listener.accept().await.unwrap().0),
            };
            self.connection = Some(connection);
        }
        self.connection.as_mut().unwrap()
    }
}

#[async_trait]
impl PortHarness for Server {
    async fn port(&mut self) -> Box<dyn ModemPort> {
        Box::new(match &self.endpoint {
            Endpoint::Tcp(address) => SocketPort::tcp(address).await.unwrap(),
            Endpoint::Unix(path) => SocketPort::unix(path).await.unwrap(),
            Endpoint::Abstract(name) => SocketPort::unix_abstract(name).await.unwrap(),
        })
    }

    async fn unplug(&mut self) {
        self.listener = None;
        self.connection = None;
    }

    async fn plug(&mut self) {
        self.listener = Some(match &self.endpoint {
            Endpoint::Tcp(address) => Listener::Tcp(TcpListener::bind(address).await.unwrap()),
            Endpoint::Unix(path) => {
                drop(std::fs::remove_file(path));
                Listener::Unix(UnixListener::bind(path).unwrap())
            }
            Endpoint::Abstract(name) => {
                let address = SocketAddr::from_abstract_name(name).unwrap();
                let listener = StdUnixListener::bind_addr(&address).unwrap();
                listener.set_nonblocking(true).unwrap();
                Listener::Unix(UnixListener::from_std(listener).unwrap())
            }
        });
    }
}

#[async_trait]
impl WireHarness for Server {
    async fn send(&mut self, bytes: &[u8]) {
        self.connected().await.write_all(bytes).await.unwrap();
    }

    async fn receive(&mut self) -> Vec<u8> {
        let mut buffer = vec![0; 4096];
        loop {
            match self.connected().await.read(&mut buffer).await {
                Ok(0) | Err(_) => self.connection = None,
                Ok(count) => {
                    buffer.truncate(count);
                    return buffer;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_tcp_connection_keeps_the_contract_of_modem_ports() {
    modem_port_conformance(&mut Server::tcp().await).await;
}

#[tokio::test]
async fn a_unix_connection_keeps_the_contract_of_modem_ports() {
    modem_port_conformance(&mut Server::unix().await).await;
}

#[tokio::test]
async fn an_abstract_unix_connection_keeps_the_contract_of_modem_ports() {
    let name = format!("polysim-hal-serial-{}", std::process::id());
    modem_port_conformance(&mut Server::new(Endpoint::Abstract(name), None).await).await;
}

#[tokio::test]
async fn a_server_that_takes_nothing_stalls_the_writer_and_not_for_ever() {
    stalled_write_conformance(&mut Server::tcp().await).await;
}

#[tokio::test]
async fn ports_are_opened_by_their_address() {
    let mut server = Server::tcp().await;
    let mut port = crate::open(&server.endpoint.to_string()).await.unwrap();
    assert_eq!(port.name(), server.endpoint.to_string());
    port.write(b"AT\r").await.unwrap();
    assert_eq!(server.receive().await, b"AT\r");
}

#[tokio::test]
async fn nobody_there_is_no_such_port() {
    let error = SocketPort::unix("/nowhere/modem").await.err().unwrap();
    assert_eq!(*error.kind(), PortErrorKind::NotFound);
    let mut server = Server::tcp().await;
    server.unplug().await;
    let error = crate::open(&server.endpoint.to_string()).await.err().unwrap();
    assert_eq!(*error.kind(), PortErrorKind::NotFound);
}

#[tokio::test]
async fn a_socket_has_no_control_lines() {
    let mut server = Server::unix().await;
    let mut port = server.port().await;
    assert_eq!(*port.lines().await.unwrap_err().kind(), PortErrorKind::Unsupported);
}
