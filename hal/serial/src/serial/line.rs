//! The open device, and calls to it that block.

use super::{Flow, SerialSettings};
use crate::failure::gone;
use polysim_hal::{InputLines, OutputLines, PortError, PortErrorKind};
use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_serial::{
    ClearBuffer, DataBits, ErrorKind, FlowControl, Parity, SerialPort as _, SerialStream, StopBits,
};

/// The numbers of the device nodes of pseudo-terminals (Linux: admin-guide/devices).
const PSEUDO_TERMINALS: std::ops::RangeInclusive<u32> = 136..=143;

/// The line to the modem.
#[derive(Debug)]
pub(super) enum Line {
    /// It is here.
    Open(Opened),
    /// It is on another thread, which asks it something, and comes back. The answer is for nobody
    /// any more if this is found later: who asked has dropped the future.
    Away(JoinHandle<Opened>),
    /// It is closed, by us or by the other side.
    Gone,
}

/// An open device.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) stream: SerialStream,
    /// The other side did not take what was written.
    pub(super) stalled: bool,
}

impl Line {
    /// Returns the open device, once it is back.
    pub(super) async fn opened(&mut self, place: &str) -> Result<&mut Opened, PortError> {
        if let Self::Away(handle) = self {
            *self = match handle.await {
                Ok(opened) => Self::Open(opened),
                Err(_) => Self::Gone,
            };
        }
        match self {
            Self::Open(opened) => Ok(opened),
            Self::Away(_) | Self::Gone => Err(gone(place)),
        }
    }

    /// Asks the device something on a thread that may block: setting lines of a USB modem is a
    /// request to the modem, which may take seconds to answer.
    pub(super) async fn ask<T: Send + 'static>(
        &mut self,
        place: &str,
        question: impl FnOnce(&mut Opened) -> Result<T, PortErrorKind> + Send + 'static,
    ) -> Result<T, PortError> {
        self.opened(place).await?;
        let Self::Open(mut opened) = std::mem::replace(self, Self::Gone) else {
            return Err(gone(place));
        };
        let (tell, answer) = tokio::sync::oneshot::channel();
        *self = Self::Away(spawn_blocking(move || {
            let answer = question(&mut opened);
            drop(tell.send(answer));
            opened
        }));
        self.opened(place).await?;
        match answer.await {
            Ok(answer) => answer.map_err(|kind| PortError::new(kind, place)),
            Err(error) => Err(PortError::new(PortErrorKind::Io, place).caused_by(error)),
        }
    }

    /// Closes the device, and waits until it is closed.
    pub(super) async fn close(self) {
        let opened = match self {
            Self::Open(opened) => opened,
            Self::Away(handle) => match handle.await {
                Ok(opened) => opened,
                Err(_) => return,
            },
            Self::Gone => return,
        };
        drop(spawn_blocking(move || drop(opened)).await);
    }
}

impl Opened {
    /// Opens a device. It blocks for as long as the device needs to answer.
    ///
    /// The device is opened twice, for a moment: the error codes of the first time are the
    /// system's own, and asking for the lock there leaves another program's `TIOCEXCL` alone.
    pub(super) fn open(path: &str, settings: SerialSettings) -> io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let probe = File::from(rustix::fs::open(path, flags, Mode::empty())?);
        if !rustix::termios::isatty(&probe) {
            return Err(io::Error::other("this is not a serial port"));
        }
        let is_pseudo = PSEUDO_TERMINALS.contains(&rustix::fs::major(probe.metadata()?.rdev()));
        probe.try_lock()?;
        probe.unlock()?;
        let builder = tokio_serial::new(path, settings.baud)
            .data_bits(DataBits::Eight)
            .parity(Parity::None)
            .stop_bits(StopBits::One)
            .flow_control(match settings.flow {
                Flow::None => FlowControl::None,
                Flow::Hardware => FlowControl::Hardware,
            });
        let stream = SerialStream::open(&builder).map_err(opening_error)?;
        if is_pseudo {
            // The lock stays; see the documentation of `SerialPort`.
            rustix::termios::ioctl_tiocnxcl(&probe)?;
        }
        Ok(Self { stream, stalled: false })
    }

    pub(super) fn set_lines(&mut self, lines: OutputLines) -> Result<(), PortErrorKind> {
        let result = self
            .stream
            .write_data_terminal_ready(lines.dtr)
            .and_then(|()| self.stream.write_request_to_send(lines.rts));
        result.map_err(|_| self.why_no_lines())
    }

    pub(super) fn lines(&mut self) -> Result<InputLines, PortErrorKind> {
        self.read_lines().map_err(|_| self.why_no_lines())
    }

    fn read_lines(&mut self) -> tokio_serial::Result<InputLines> {
        Ok(InputLines {
            cts: self.stream.read_clear_to_send()?,
            dsr: self.stream.read_data_set_ready()?,
            dcd: self.stream.read_carrier_detect()?,
            ri: self.stream.read_ring_indicator()?,
        })
    }

    /// Tells a device without lines from one that is gone. The error does not: its code is lost
    /// on the way. A device that is gone answers no other question either.
    fn why_no_lines(&self) -> PortErrorKind {
        match self.stream.bytes_to_read() {
            Ok(_) => PortErrorKind::Unsupported,
            Err(_) => PortErrorKind::Gone,
        }
    }
}

impl Drop for Opened {
    /// Closing waits, for up to half a minute, until the device has taken everything. Where it has
    /// shown that it does not, what is left is thrown away.
    fn drop(&mut self) {
        if self.stalled {
            drop(self.stream.clear(ClearBuffer::Output));
        }
    }
}

/// Gives back what the serial library made of the system's error.
fn opening_error(error: tokio_serial::Error) -> io::Error {
    match error.kind {
        // It says so of a device that another program has locked.
        ErrorKind::NoDevice => io::ErrorKind::ResourceBusy.into(),
        ErrorKind::Io(kind) => io::Error::new(kind, error),
        ErrorKind::InvalidInput | ErrorKind::Unknown => io::Error::other(error),
    }
}
