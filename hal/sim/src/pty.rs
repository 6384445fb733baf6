//! A pseudo-terminal as the plug of a simulated modem.

use crate::{Line, Speech, serve_line, serve_speech};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::unix::pipe::{Receiver, Sender};

/// How soon it is looked again whether somebody has opened a terminal that nobody had open.
const LOOK_FIRST: Duration = Duration::from_millis(10);
/// How soon it is looked again once nobody has opened it for long: hundreds of terminals that wait
/// must cost next to nothing.
const LOOK_LAST: Duration = Duration::from_millis(100);

/// The side of a pseudo-terminal that a modem would have. What opens [`Self::path`] finds a serial
/// port there: raw, without echo.
#[derive(Debug)]
pub struct Pty {
    master: OwnedFd,
    path: PathBuf,
}

impl Pty {
    /// Makes a pseudo-terminal.
    ///
    /// # Errors
    /// When the system has no more of them, or `/dev/ptmx` may not be opened.
    pub fn open() -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        let path = PathBuf::from(String::from_utf8_lossy(name.as_bytes()).into_owned());
        // The settings belong to the pair and stay when this side is closed again.
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = rustix::fs::open(&path, flags, Mode::empty())?;
        let mut settings = tcgetattr(&slave)?;
        settings.make_raw();
        tcsetattr(&slave, OptionalActions::Now, &settings)?;
        let flags = rustix::fs::fcntl_getfl(&master)?;
        rustix::fs::fcntl_setfl(&master, flags | OFlags::NONBLOCK)?;
        Ok(Self { master, path })
    }

    /// Returns the path that programs open.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether a program has the terminal open, or has written something that was not read
    /// before it closed the terminal.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let mut looked_at = [PollFd::new(&self.master, PollFlags::IN)];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        let is_wanted =
            |events: PollFlags| events.contains(PollFlags::IN) || !events.contains(PollFlags::HUP);
        poll(&mut looked_at, Some(&at_once)).is_ok()
            && looked_at.iter().all(|fd| is_wanted(fd.revents()))
    }

    /// Waits until a program has the terminal open, or has had it open and written something.
    pub async fn opened(&self) {
        let mut pause = LOOK_FIRST;
        while !self.is_open() {
            tokio::time::sleep(pause).await;
            pause = (pause + pause / 16).min(LOOK_LAST);
        }
    }

    /// Returns both directions of the terminal, for as long as programs have it open: reading fails
    /// when the last one has closed it.
    ///
    /// # Errors
    /// When the process has too many files open.
    pub fn session(&self) -> io::Result<(Receiver, Sender)> {
        // Any descriptor that can be waited for will do, whatever the names of the types say.
        let file = || self.master.try_clone().map(File::from);
        Ok((Receiver::from_file_unchecked(file()?)?, Sender::from_file_unchecked(file()?)?))
    }

    /// Lets one program after the other have the line, for ever.
    ///
    /// # Errors
    /// As [`Self::session`].
    pub async fn serve(&self, line: &Line) -> io::Result<()> {
        loop {
            self.opened().await;
            let (reader, writer) = self.session()?;
            // A program that ended badly is no reason to refuse the next one.
            serve_line(reader, writer, line).await.unwrap_or_default();
        }
    }

    /// Lets one program after the other hear and speak, for ever.
    ///
    /// # Errors
    /// As [`Self::session`].
    pub async fn serve_speech(&self, speech: &Speech) -> io::Result<()> {
        loop {
            self.opened().await;
            let (reader, writer) = self.session()?;
            // It ends when the program has closed the terminal.
            serve_speech(reader, writer, speech).await.unwrap_or_default();
        }
    }
}
