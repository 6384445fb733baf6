//! A modem on a terminal device.

use crate::failure::{gone, lost_thread, while_open, while_opening, write_patiently};
use crate::modems::{terminal_at, usb_place};
use crate::sysfs::SysRoot;
use async_trait::async_trait;
use line::{Line, Opened};
use polysim_hal::{InputLines, ModemPort, OutputLines, PortError, PortErrorKind};
use std::path::Path;
use tokio::io::AsyncReadExt as _;
use tokio::task::spawn_blocking;

mod line;

/// Speed and flow control; characters are always 8 bits without parity and one stop bit.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SerialSettings {
    /// Bits per second. USB modems take any.
    pub baud: u32,
    /// Who says when to wait.
    pub flow: Flow,
}

/// Flow control.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Flow {
    /// Nobody says when to wait.
    #[default]
    None,
    /// The lines RTS and CTS do.
    Hardware,
}

impl Default for SerialSettings {
    /// 115,200 bits per second without flow control, as modems are when they leave the factory.
    fn default() -> Self {
        Self { baud: 115_200, flow: Flow::None }
    }
}

/// Where the port is found each time that it is opened.
#[derive(Clone, Debug)]
enum Locator {
    /// Always by this path.
    Path(String),
    /// By where the device is plugged in; its terminal is looked up.
    Usb { root: SysRoot, usb_path: String, interface: u8 },
}

/// A modem on a terminal device: USB modem, UART, pseudo-terminal.
///
/// # Sharing
/// While it is open nobody else gets the port: it holds an exclusive `flock`, which every program
/// that asks for one respects, and on real devices `TIOCEXCL`, which keeps everybody else out but
/// root. On a pseudo-terminal `TIOCEXCL` would outlive a program that was killed, for as long as
/// the other side is open, and lock its user out; there the lock has to do.
///
/// A program that has only set `TIOCEXCL` cannot be noticed by root: the kernel lets root in.
///
/// # Examples
/// ```no_run
/// use polysim_hal::ModemPort as _;
/// use polysim_hal_serial::{SerialPort, SerialSettings};
///
/// # async fn example() -> Result<(), polysim_hal::PortError> {
/// let mut port = SerialPort::open("/dev/ttyUSB2", SerialSettings::default()).await?;
/// port.write(b"AT\r").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SerialPort {
    locator: Locator,
    settings: SerialSettings,
    name: String,
    line: Line,
}

impl SerialPort {
    /// Opens the device at `path`, now and whenever it is opened again.
    ///
    /// # Errors
    /// As [`ModemPort::reopen`].
    pub async fn open(path: &str, settings: SerialSettings) -> Result<Self, PortError> {
        Self::start(Locator::Path(path.to_owned()), settings).await
    }

    /// Opens the terminal that an interface of a USB device has, whatever it is called.
    ///
    /// When it is opened again it is looked up again: the modem keeps its port when it comes back
    /// under another name.
    ///
    /// # Errors
    /// As [`ModemPort::reopen`].
    pub async fn at_usb(
        root: SysRoot,
        usb_path: &str,
        interface: u8,
        settings: SerialSettings,
    ) -> Result<Self, PortError> {
        let usb_path = usb_path.to_owned();
        Self::start(Locator::Usb { root, usb_path, interface }, settings).await
    }

    /// Opens the device at `path`, and follows it when it comes back under another name.
    ///
    /// If `path` is the kernel's own name of a terminal of a USB device, this is
    /// [`at_usb`](Self::at_usb) with what has that name now. Other paths, such as links that udev
    /// made, are opened as they are.
    ///
    /// # Errors
    /// As [`ModemPort::reopen`].
    pub async fn following(
        root: SysRoot,
        path: &str,
        settings: SerialSettings,
    ) -> Result<Self, PortError> {
        let wanted = path.to_owned();
        let locator = spawn_blocking(move || {
            let name = Path::new(&wanted).strip_prefix(root.dev()).ok().and_then(Path::to_str);
            match name.and_then(|name| usb_place(&root, name)) {
                Some((usb_path, interface)) => Locator::Usb { root, usb_path, interface },
                None => Locator::Path(wanted),
            }
        });
        let locator = locator.await.map_err(|error| lost_thread(path, error))?;
        Self::start(locator, settings).await
    }

    async fn start(locator: Locator, settings: SerialSettings) -> Result<Self, PortError> {
        let name = locator.to_string();
        let mut port = Self { locator, settings, name, line: Line::Gone };
        port.reopen().await?;
        Ok(port)
    }

    /// Remembers that the port is gone, and lets go of it: while it is held, the kernel gives its
    /// name to no other device.
    fn noticed<T>(&mut self, result: Result<T, PortError>) -> Result<T, PortError> {
        if let Err(error) = &result
            && *error.kind() == PortErrorKind::Gone
        {
            self.line = Line::Gone;
        }
        result
    }
}

impl std::fmt::Display for Locator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Path(path) => f.write_str(path),
            Self::Usb { usb_path, interface, .. } => write!(f, "usb:{usb_path}:{interface}"),
        }
    }
}

impl Locator {
    /// Returns the path that the port has now.
    fn find(&self) -> Result<String, PortError> {
        match self {
            Self::Path(path) => Ok(path.clone()),
            Self::Usb { root, usb_path, interface } => {
                let name = terminal_at(root, usb_path, *interface)
                    .ok_or_else(|| PortError::new(PortErrorKind::NotFound, self.to_string()))?;
                Ok(root.dev().join(name).to_string_lossy().into_owned())
            }
        }
    }
}

#[async_trait]
impl ModemPort for SerialPort {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, PortError> {
        let opened = self.line.opened(&self.name).await?;
        if buffer.is_empty() {
            return Ok(0);
        }
        let result = match opened.stream.read(buffer).await {
            Ok(0) => Err(gone(&self.name)),
            Ok(count) => Ok(count),
            Err(error) => Err(while_open(&self.name, error)),
        };
        self.noticed(result)
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        let opened = self.line.opened(&self.name).await?;
        // So it is until it has succeeded: the future may be dropped.
        opened.stalled = true;
        let result = write_patiently(&self.name, &mut opened.stream, bytes).await;
        opened.stalled = result.is_err();
        self.noticed(result)
    }

    async fn set_lines(&mut self, lines: OutputLines) -> Result<(), PortError> {
        let result = self.line.ask(&self.name, move |opened| opened.set_lines(lines)).await;
        self.noticed(result)
    }

    async fn lines(&mut self) -> Result<InputLines, PortError> {
        let result = self.line.ask(&self.name, Opened::lines).await;
        self.noticed(result)
    }

    async fn reopen(&mut self) -> Result<(), PortError> {
        let before = std::mem::replace(&mut self.line, Line::Gone);
        let (locator, settings) = (self.locator.clone(), self.settings);
        // Both block: closing waits for what the device has not taken yet, opening asks the device.
        before.close().await;
        let opened = spawn_blocking(move || {
            let path = locator.find()?;
            Opened::open(&path, settings)
                .map(|opened| (opened, path.clone()))
                .map_err(|error| while_opening(&path, error))
        });
        let (opened, path) = opened.await.map_err(|error| lost_thread(&self.name, error))??;
        self.line = Line::Open(opened);
        self.name = path;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
