//! A line of a modem, connected to something that another program has open.

use crate::Line;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Octets that are carried at a time.
const PIECE: usize = 4_096;

/// Opens a line and carries bytes both ways until the program at the other end has gone; then the
/// line is closed again. Dropping the future ends it as well.
///
/// While the program does not read, what the modem says waits, and is lost beyond a limit; what the
/// program says always reaches the modem.
///
/// # Errors
/// When the program's end fails in another way than by being closed.
pub async fn serve_line<R, W>(reader: R, writer: W, line: &Line) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    line.open();
    let result = tokio::select! {
        biased;
        result = to_modem(reader, line) => result,
        result = to_program(writer, line) => result,
    };
    line.close();
    match result {
        Err(error) if is_closed(&error) => Ok(()),
        other => other,
    }
}

async fn to_modem(mut reader: impl AsyncRead + Unpin, line: &Line) -> io::Result<()> {
    let mut buffer = [0; PIECE];
    loop {
        let count = reader.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        line.send(buffer.get(..count).unwrap_or_default());
    }
}

async fn to_program(mut writer: impl AsyncWrite + Unpin, line: &Line) -> io::Result<()> {
    loop {
        let bytes = line.receive_even_off(PIECE).await;
        writer.write_all(&bytes).await?;
    }
}

/// A pseudo-terminal that the last program has closed answers EIO.
fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::NotConnected
    ) || error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
}
