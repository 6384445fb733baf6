//! What the errors of the system mean for a port, and writing that does not wait for ever.

use polysim_base::Duration;
use polysim_hal::{PortError, PortErrorKind, WRITE_PATIENCE};
use rustix::io::Errno;
use std::io;
use std::time::Duration as StdDuration;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::task::JoinError;
use tokio::time::timeout;

/// Returns what an error means that came while the port was open.
pub(crate) fn while_open(place: &str, error: io::Error) -> PortError {
    let kind = match Errno::from_io_error(&error) {
        Some(
            Errno::IO
            | Errno::NXIO
            | Errno::NODEV
            | Errno::PIPE
            | Errno::CONNRESET
            | Errno::CONNABORTED
            | Errno::TIMEDOUT
            | Errno::NOTCONN,
        ) => PortErrorKind::Gone,
        _ => PortErrorKind::Io,
    };
    PortError::new(kind, place).caused_by(error)
}

/// Returns what an error means that came while the port was being opened.
///
/// A node without its device, or a pseudo-terminal whose other side is locked, is no port yet.
pub(crate) fn while_opening(place: &str, error: io::Error) -> PortError {
    use io::ErrorKind as Kind;
    let kind = error.kind();
    let is = |kinds: &[Kind]| kinds.contains(&kind);
    let no_device = [Errno::IO, Errno::NXIO, Errno::NODEV];
    let has_no_device =
        Errno::from_io_error(&error).is_some_and(|errno| no_device.contains(&errno));
    let kind = if has_no_device
        || is(&[Kind::NotFound, Kind::NotADirectory])
        || is(&[Kind::ConnectionRefused, Kind::HostUnreachable, Kind::NetworkUnreachable])
        || is(&[Kind::TimedOut])
    {
        PortErrorKind::NotFound
    } else if is(&[Kind::PermissionDenied]) {
        PortErrorKind::Denied
    } else if is(&[Kind::ResourceBusy, Kind::WouldBlock]) {
        PortErrorKind::Busy
    } else {
        PortErrorKind::Io
    };
    PortError::new(kind, place).caused_by(error)
}

/// A thread that opened or closed a port has ended without an answer.
pub(crate) fn lost_thread(place: &str, error: JoinError) -> PortError {
    PortError::new(PortErrorKind::Io, place).caused_by(error)
}

/// The other side has closed: there is nothing more to read.
pub(crate) fn gone(place: &str) -> PortError {
    PortError::new(PortErrorKind::Gone, place)
}

/// Writes all of `bytes`; each part of it has [`WRITE_PATIENCE`] to be taken.
///
/// It never flushes: for a terminal that would be `tcdrain`, which blocks the thread.
pub(crate) async fn write_patiently(
    place: &str,
    sink: &mut (impl AsyncWrite + Unpin),
    mut bytes: &[u8],
) -> Result<(), PortError> {
    while !bytes.is_empty() {
        match timeout(to_std(WRITE_PATIENCE), sink.write(bytes)).await {
            Err(elapsed) => {
                return Err(PortError::new(PortErrorKind::Stalled, place).caused_by(elapsed));
            }
            Ok(Ok(0)) => return Err(gone(place)),
            Ok(Ok(taken)) => bytes = bytes.get(taken..).unwrap_or_default(),
            Ok(Err(error)) => return Err(while_open(place, error)),
        }
    }
    Ok(())
}

pub(crate) const fn to_std(duration: Duration) -> StdDuration {
    StdDuration::from_micros(duration.as_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(errno: Errno) -> PortErrorKind {
        *while_opening("x", errno.into()).kind()
    }

    #[test]
    fn errors_while_opening_say_what_to_do() {
        assert_eq!(opening(Errno::NOENT), PortErrorKind::NotFound);
        assert_eq!(opening(Errno::NODEV), PortErrorKind::NotFound);
        assert_eq!(opening(Errno::CONNREFUSED), PortErrorKind::NotFound);
        assert_eq!(opening(Errno::ACCESS), PortErrorKind::Denied);
        assert_eq!(opening(Errno::BUSY), PortErrorKind::Busy);
        assert_eq!(opening(Errno::AGAIN), PortErrorKind::Busy);
        assert_eq!(opening(Errno::NOTTY), PortErrorKind::Io);
    }

    #[test]
    fn an_unplugged_device_is_gone_and_nothing_else_is() {
        for errno in [Errno::IO, Errno::NXIO, Errno::NODEV, Errno::PIPE, Errno::CONNRESET] {
            assert_eq!(*while_open("x", errno.into()).kind(), PortErrorKind::Gone, "{errno}");
        }
        assert_eq!(*while_open("x", Errno::INVAL.into()).kind(), PortErrorKind::Io);
    }

    #[tokio::test(start_paused = true)]
    async fn a_writer_is_patient_with_each_part_and_not_for_ever() {
        let (mut near, _far) = tokio::io::duplex(16);
        let error = write_patiently("x", &mut near, &[0; 17]).await.unwrap_err();
        assert_eq!(*error.kind(), PortErrorKind::Stalled);
    }
}
