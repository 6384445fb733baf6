//! TCP and Unix sockets as plugs of a simulated modem.

use crate::{Line, serve_line};
use std::io;
use std::net::SocketAddr;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixListener as StdUnixListener};
use std::path::PathBuf;
use tokio::net::{TcpListener, UnixListener};

/// A socket that programs connect to. One program at a time has the line; the next one waits until
/// it is free.
#[derive(Debug)]
pub enum Socket {
    /// TCP.
    Tcp(TcpListener),
    /// A Unix socket, with its path where it has one: then it is removed when this is dropped.
    Unix(UnixListener, Option<PathBuf>),
}

impl Socket {
    /// Listens on a TCP address; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address is taken, or is none of this machine.
    pub async fn tcp(address: SocketAddr) -> io::Result<Self> {
        Ok(Self::Tcp(TcpListener::bind(address).await?))
    }

    /// Listens on a Unix socket with a path, in place of a socket that nobody listens on any more.
    ///
    /// # Errors
    /// When something else is there.
    pub fn unix(path: PathBuf) -> io::Result<Self> {
        let listener = match UnixListener::bind(&path) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_abandoned(&path) => {
                std::fs::remove_file(&path)?;
                UnixListener::bind(&path)?
            }
            other => other?,
        };
        Ok(Self::Unix(listener, Some(path)))
    }

    /// Listens on a Unix socket of the abstract namespace.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn unix_abstract(name: &str) -> io::Result<Self> {
        let address = UnixAddress::from_abstract_name(name)?;
        let listener = StdUnixListener::bind_addr(&address)?;
        listener.set_nonblocking(true)?;
        Ok(Self::Unix(UnixListener::from_std(listener)?, None))
    }

    /// Returns where it is, in the form that drivers take: `tcp:127.0.0.1:4000`, `unix:/run/m0`,
    /// `unix:@m0`.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn address(&self) -> io::Result<String> {
        Ok(match self {
            Self::Tcp(listener) => format!("tcp:{}", listener.local_addr()?),
            Self::Unix(_, Some(path)) => format!("unix:{}", path.display()),
            Self::Unix(listener, None) => {
                let address: UnixAddress = listener.local_addr()?.into();
                let name = address.as_abstract_name().unwrap_or_default();
                format!("unix:@{}", String::from_utf8_lossy(name))
            }
        })
    }

    /// Lets one program after the other have the line, for ever.
    ///
    /// # Errors
    /// When no more connections can be taken.
    pub async fn serve(&self, line: &Line) -> io::Result<()> {
        loop {
            let ended = match self {
                Self::Tcp(listener) => {
                    let (mut stream, _) = listener.accept().await?;
                    stream.set_nodelay(true)?;
                    let (reader, writer) = stream.split();
                    serve_line(reader, writer, line).await
                }
                Self::Unix(listener, _) => {
                    let (mut stream, _) = listener.accept().await?;
                    let (reader, writer) = stream.split();
                    serve_line(reader, writer, line).await
                }
            };
            // A program that ended badly is no reason to refuse the next one.
            ended.unwrap_or_default();
        }
    }
}

/// Whether a path is a socket that nobody listens on.
fn is_abandoned(path: &std::path::Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket());
    is_socket
        && std::os::unix::net::UnixStream::connect(path)
            .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Self::Unix(_, Some(path)) = self {
            // It may have been removed already.
            std::fs::remove_file(path).unwrap_or_default();
        }
    }
}
