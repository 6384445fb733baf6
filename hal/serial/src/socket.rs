//! A modem behind a socket: a terminal server, or a simulation.

use crate::failure::{gone, to_std, while_open, while_opening, write_patiently};
use async_trait::async_trait;
use polysim_base::Duration;
use polysim_hal::{InputLines, ModemPort, OutputLines, PortError, PortErrorKind};
use std::fmt;
use std::io;
use std::path::PathBuf;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

/// How long a connection may take.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// A modem behind a TCP or Unix connection.
///
/// It has no control lines: a terminal server keeps them to itself, in raw mode at least.
#[derive(Debug)]
pub struct SocketPort {
    endpoint: Endpoint,
    name: String,
    connection: Option<Connection>,
}

#[derive(Debug)]
enum Endpoint {
    Tcp(String),
    Unix(PathBuf),
    /// A name in the abstract space of Linux (unix(7)).
    Abstract(String),
}

/// An open connection. Two kinds, and only bytes matter.
trait Connected: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin {}
impl Connected for TcpStream {}
impl Connected for UnixStream {}
type Connection = Box<dyn Connected>;

impl SocketPort {
    /// Connects to `host:port`; IPv6 addresses are in brackets.
    ///
    /// # Errors
    /// As [`ModemPort::reopen`].
    pub async fn tcp(address: &str) -> Result<Self, PortError> {
        Self::start(Endpoint::Tcp(address.to_owned())).await
    }

    /// Connects to the Unix socket at `path`.
    ///
    /// # Errors
    /// As [`ModemPort::reopen`].
    pub async fn unix(path: impl Into<PathBuf> + Send) -> Result<Self, PortError> {
        Self::start(Endpoint::Unix(path.into())).await
    }

    /// Connects to the Unix socket that has `name` in the abstract space.
    ///
    /// # Errors
    /// As [`ModemPort::reopen`].
    pub async fn unix_abstract(name: &str) -> Result<Self, PortError> {
        Self::start(Endpoint::Abstract(name.to_owned())).await
    }

    async fn start(endpoint: Endpoint) -> Result<Self, PortError> {
        let name = endpoint.to_string();
        let mut port = Self { endpoint, name, connection: None };
        port.reopen().await?;
        Ok(port)
    }

    fn connection<'a>(
        connection: &'a mut Option<Connection>,
        name: &str,
    ) -> Result<&'a mut Connection, PortError> {
        connection.as_mut().ok_or_else(|| gone(name))
    }

    fn noticed<T>(&mut self, result: Result<T, PortError>) -> Result<T, PortError> {
        if let Err(error) = &result
            && *error.kind() == PortErrorKind::Gone
        {
            self.connection = None;
        }
        result
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "tcp:{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Abstract(name) => write!(f, "unix:@{name}"),
        }
    }
}

impl Endpoint {
    async fn connect(&self) -> io::Result<Connection> {
        Ok(match self {
            Self::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                // A command is a few bytes, and the answer is waited for.
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
            Self::Unix(path) => Box::new(UnixStream::connect(path).await?),
            Self::Abstract(name) => Box::new(UnixStream::connect(format!("\0{name}")).await?),
        })
    }
}

#[async_trait]
impl ModemPort for SocketPort {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, PortError> {
        let connection = Self::connection(&mut self.connection, &self.name)?;
        if buffer.is_empty() {
            return Ok(0);
        }
        let result = match connection.read(buffer).await {
            Ok(0) => Err(gone(&self.name)),
            Ok(count) => Ok(count),
            Err(error) => Err(while_open(&self.name, error)),
        };
        self.noticed(result)
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        let connection = Self::connection(&mut self.connection, &self.name)?;
        let result = write_patiently(&self.name, connection, bytes).await;
        self.noticed(result)
    }

    async fn set_lines(&mut self, _lines: OutputLines) -> Result<(), PortError> {
        Self::connection(&mut self.connection, &self.name)?;
        Err(PortError::new(PortErrorKind::Unsupported, &self.name))
    }

    async fn lines(&mut self) -> Result<InputLines, PortError> {
        Self::connection(&mut self.connection, &self.name)?;
        Err(PortError::new(PortErrorKind::Unsupported, &self.name))
    }

    async fn reopen(&mut self) -> Result<(), PortError> {
        self.connection = None;
        match timeout(to_std(CONNECT_PATIENCE), self.endpoint.connect()).await {
            Ok(Ok(connection)) => self.connection = Some(connection),
            Ok(Err(error)) => return Err(while_opening(&self.name, error)),
            Err(elapsed) => {
                return Err(PortError::new(PortErrorKind::NotFound, &self.name).caused_by(elapsed));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
