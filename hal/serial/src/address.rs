//! Ports as people write them.

use crate::serial::{SerialPort, SerialSettings};
use crate::socket::SocketPort;
use crate::sysfs::SysRoot;
use polysim_hal::{ModemPort, PortError, PortErrorKind};
use std::fmt;
use std::str::FromStr;

/// Where a port is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Address {
    /// A device node, or a link to one: a path.
    Device(String),
    /// A port of a modem, by where that is plugged in: `usb:1-1.4:2`.
    Usb {
        /// Bus and chain of ports.
        path: String,
        /// The number of the interface.
        interface: u8,
    },
    /// A TCP endpoint: `tcp:host:port`.
    Tcp(String),
    /// A Unix socket: `unix:/path`.
    Unix(String),
    /// A Unix socket in the abstract space: `unix:@name`.
    UnixAbstract(String),
}

/// The text is no address of a port.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "{text:?} is no port: write a path such as /dev/ttyUSB2, usb:1-1.4:2 (where it is plugged in, \
     and the number of the interface), tcp:host:port, unix:/path or unix:@name"
)]
pub struct AddressError {
    text: String,
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let error = || AddressError { text: text.to_owned() };
        if let Some(place) = text.strip_prefix("tcp:") {
            let (host, port) = place.rsplit_once(':').ok_or_else(error)?;
            let is_port = port.parse::<u16>().is_ok_and(|port| port != 0);
            return (is_port && !host.is_empty())
                .then(|| Self::Tcp(place.to_owned()))
                .ok_or_else(error);
        }
        if let Some(place) = text.strip_prefix("usb:") {
            let (path, interface) = place.rsplit_once(':').ok_or_else(error)?;
            let interface = interface.parse().map_err(|_| error())?;
            let is_path = path.contains('-') && !path.contains('/');
            return is_path
                .then(|| Self::Usb { path: path.to_owned(), interface })
                .ok_or_else(error);
        }
        match text.strip_prefix("unix:") {
            Some(place) => match place.strip_prefix('@') {
                Some(name) if !name.is_empty() => Ok(Self::UnixAbstract(name.to_owned())),
                None if !place.is_empty() => Ok(Self::Unix(place.to_owned())),
                Some(_) | None => Err(error()),
            },
            None if text.contains('/') => Ok(Self::Device(text.to_owned())),
            None => Err(error()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(path) => f.write_str(path),
            Self::Usb { path, interface } => write!(f, "usb:{path}:{interface}"),
            Self::Tcp(place) => write!(f, "tcp:{place}"),
            Self::Unix(path) => write!(f, "unix:{path}"),
            Self::UnixAbstract(name) => write!(f, "unix:@{name}"),
        }
    }
}

impl Address {
    /// Opens the port; `settings` are for serial ports.
    ///
    /// # Errors
    /// As [`ModemPort::reopen`].
    pub async fn open(&self, settings: SerialSettings) -> Result<Box<dyn ModemPort>, PortError> {
        let root = SysRoot::default();
        Ok(match self {
            Self::Device(path) => Box::new(SerialPort::following(root, path, settings).await?),
            Self::Usb { path, interface } => {
                Box::new(SerialPort::at_usb(root, path, *interface, settings).await?)
            }
            Self::Tcp(place) => Box::new(SocketPort::tcp(place).await?),
            Self::Unix(path) => Box::new(SocketPort::unix(path).await?),
            Self::UnixAbstract(name) => Box::new(SocketPort::unix_abstract(name).await?),
        })
    }
}

/// Opens the port that `address` names: `/dev/ttyUSB2`, `usb:1-1.4:2`, `tcp:host:port`,
/// `unix:/path` or `unix:@name`, a serial one with the usual settings.
///
/// # Errors
/// As [`ModemPort::reopen`], and [`NotFound`](PortErrorKind::NotFound) from an [`AddressError`]
/// when the text has none of these forms.
pub async fn open(address: &str) -> Result<Box<dyn ModemPort>, PortError> {
    let parsed: Address = address.parse().map_err(|error: AddressError| {
        PortError::new(PortErrorKind::NotFound, address).caused_by(error)
    })?;
    parsed.open(SerialSettings::default()).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn every_form_is_read_and_written_the_same() {
        for text in [
            "/dev/ttyUSB2",
            "./modem-at",
            "usb:1-1.4:2",
            "tcp:localhost:4000",
            "tcp:[::1]:4000",
            "unix:/run/modem",
            "unix:@modem",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        assert_eq!(
            "usb:1-1.4:2".parse(),
            Ok(Address::Usb { path: "1-1.4".to_owned(), interface: 2 })
        );
    }

    #[tokio::test]
    async fn what_is_no_address_is_told_the_forms() {
        for text in [
            "",
            "ttyUSB2",
            "tcp:",
            "tcp:host",
            "tcp::1",
            "tcp:host:0",
            "tcp:host:65536",
            "usb:1-1",
            "usb:1-1:256",
            "usb:/dev/x:1",
            "unix:",
            "unix:@",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text:?}");
        }
        let error = open("COM1").await.err().unwrap();
        assert_eq!(*error.kind(), PortErrorKind::NotFound);
        assert!(error.source().unwrap().to_string().contains("tcp:host:port"));
    }
}
