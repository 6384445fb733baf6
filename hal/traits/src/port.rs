//! One AT channel of a modem.

use crate::PortError;
use async_trait::async_trait;
use polysim_base::Duration;

/// How long a write may make no progress.
pub const WRITE_PATIENCE: Duration = Duration::from_secs(5);

/// Lines that this side drives (V.24, 108/2 and 105).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct OutputLines {
    /// Data terminal ready: the host is there.
    pub dtr: bool,
    /// Request to send.
    pub rts: bool,
}

/// Lines that the modem drives (V.24, 106, 107, 109 and 125).
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize,
)]
pub struct InputLines {
    /// Clear to send.
    pub cts: bool,
    /// Data set ready.
    pub dsr: bool,
    /// Data carrier detect.
    pub dcd: bool,
    /// Ring indicator.
    pub ri: bool,
}

/// One AT channel of a modem: bytes both ways, control lines, opening anew.
///
/// # Contract
/// - It is open when it is made.
/// - After [`Gone`](crate::PortErrorKind::Gone) every call fails with that kind until
///   [`reopen`](Self::reopen) has succeeded. What was read before is not lost.
/// - It blocks no thread of the runtime.
#[cfg_attr(any(test, feature = "testkit"), mockall::automock)]
#[async_trait]
pub trait ModemPort: Send {
    /// Returns what it is called: a path, an address, the name of a simulated modem.
    fn name(&self) -> String;

    /// Waits for bytes and puts at least one, at most `buffer.len()`, into `buffer`.
    ///
    /// Dropping the future loses no byte. An empty buffer is answered `Ok(0)` at once.
    ///
    /// # Errors
    /// [`Gone`](crate::PortErrorKind::Gone) when the other side has closed, or the device went.
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, PortError>;

    /// Writes all of `bytes`.
    ///
    /// Dropping the future may leave any number of them written: synchronise the line again.
    ///
    /// # Errors
    /// [`Stalled`](crate::PortErrorKind::Stalled) when the other side takes nothing for
    /// [`WRITE_PATIENCE`](crate::WRITE_PATIENCE); [`Gone`](crate::PortErrorKind::Gone).
    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError>;

    /// Sets the lines that this side drives.
    ///
    /// # Errors
    /// [`Unsupported`](crate::PortErrorKind::Unsupported) where there are none.
    async fn set_lines(&mut self, lines: OutputLines) -> Result<(), PortError>;

    /// Returns the lines that the modem drives.
    ///
    /// # Errors
    /// [`Unsupported`](crate::PortErrorKind::Unsupported) where there are none.
    async fn lines(&mut self) -> Result<InputLines, PortError>;

    /// Closes what is open and opens it again, under another name if the device has a new one.
    ///
    /// It tries once; how often and when to try again is for the caller. Dropping the future
    /// leaves the port closed.
    ///
    /// # Errors
    /// [`NotFound`](crate::PortErrorKind::NotFound) while the device is not there,
    /// [`Denied`](crate::PortErrorKind::Denied), [`Busy`](crate::PortErrorKind::Busy).
    async fn reopen(&mut self) -> Result<(), PortError>;
}

#[async_trait]
impl<P: ModemPort + ?Sized> ModemPort for Box<P> {
    fn name(&self) -> String {
        (**self).name()
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, PortError> {
        (**self).read(buffer).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        (**self).write(bytes).await
    }

    async fn set_lines(&mut self, lines: OutputLines) -> Result<(), PortError> {
        (**self).set_lines(lines).await
    }

    async fn lines(&mut self) -> Result<InputLines, PortError> {
        (**self).lines().await
    }

    async fn reopen(&mut self) -> Result<(), PortError> {
        (**self).reopen().await
    }
}
