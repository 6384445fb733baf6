//! A port that plays a recording back.

use super::entry::{Mismatch, PortEntry, RecordingError, RecordingErrorKind, Text, entries};
use crate::{InputLines, ModemPort, OutputLines, PortError, PortErrorKind};
use async_trait::async_trait;
use polysim_at::SecretMask;
use std::collections::VecDeque;
use std::io::Read;

/// A port that says what a modem said when the session was recorded.
///
/// What was read comes when the driver has written all that was written before it; how either is
/// cut into pieces does not matter. Failures, control lines and reopening come in their places.
/// A driver that says something else gets [`Io`](PortErrorKind::Io) with a [`Mismatch`] as its
/// source, then and ever after. When the recording is at its end, the port is gone.
#[derive(Debug)]
pub struct ReplayedPort {
    name: String,
    entries: VecDeque<(usize, PortEntry)>,
    outgoing: SecretMask,
    mismatch: Option<Mismatch>,
}

impl ReplayedPort {
    /// Reads a recording of a port.
    ///
    /// # Errors
    /// [`RecordingError`] where it is none.
    pub fn new(recording: impl Read) -> Result<Self, RecordingError> {
        let mut entries: VecDeque<_> = entries(recording)?.into();
        let error = |line| RecordingError { line, kind: RecordingErrorKind::Start };
        let Some((_, PortEntry::Port(name))) = entries.pop_front() else { return Err(error(1)) };
        if let Some((line, _)) =
            entries.iter().find(|(_, entry)| matches!(entry, PortEntry::Port(_)))
        {
            return Err(error(*line));
        }
        // No port reads nothing, and nobody waits for nothing to be written.
        entries.retain(|(_, entry)| {
            !matches!(entry, PortEntry::Read(Text(text)) | PortEntry::Write(Text(text)) if text.is_empty())
        });
        Ok(Self { name, entries, outgoing: SecretMask::default(), mismatch: None })
    }

    /// Returns what the driver did that was not recorded, if it did.
    #[must_use]
    pub const fn mismatch(&self) -> Option<&Mismatch> {
        self.mismatch.as_ref()
    }

    /// Returns whether all of the recording was played.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.entries.is_empty()
    }

    fn error(&self, kind: PortErrorKind) -> PortError {
        PortError::new(kind, self.name.clone())
    }

    /// Fails if the driver has once done something else.
    fn agreed(&self) -> Result<(), PortError> {
        match &self.mismatch {
            Some(mismatch) => Err(self.error(PortErrorKind::Io).caused_by(mismatch.clone())),
            None => Ok(()),
        }
    }

    /// Returns the error for something that was not recorded here.
    fn disagrees(&mut self, place: usize, came: String) -> PortError {
        let (line, expected) = match self.entries.get(place) {
            Some((line, entry)) => (*line, describe(entry)),
            None => {
                return self.error(PortErrorKind::Gone).caused_by("the recording is at its end");
            }
        };
        let mismatch = Mismatch { line, expected, came };
        self.mismatch = Some(mismatch.clone());
        self.error(PortErrorKind::Io).caused_by(mismatch)
    }

    /// Returns where the next entry stands that is not about reading: the driver may do something
    /// before it reads all that has come.
    fn next_act(&self) -> usize {
        let is_read =
            |entry: &PortEntry| matches!(entry, PortEntry::Read(_) | PortEntry::ReadFailed(_));
        let at = self.entries.iter().position(|(_, entry)| !is_read(entry));
        at.unwrap_or(self.entries.len())
    }

    /// Takes what the driver says as said, as far as it was recorded.
    fn say(&mut self, mut said: &[u8]) -> Result<(), PortError> {
        while !said.is_empty() {
            let place = self.next_act();
            let Some((_, PortEntry::Write(Text(expected)))) = self.entries.get_mut(place) else {
                return Err(self.disagrees(place, describe_write(said)));
            };
            let len = expected.len().min(said.len());
            if expected.get(..len) != said.get(..len) {
                return Err(self.disagrees(place, describe_write(said)));
            }
            expected.drain(..len);
            if expected.is_empty() {
                self.entries.remove(place);
            }
            said = said.get(len..).unwrap_or_default();
        }
        Ok(())
    }
}

fn describe(entry: &PortEntry) -> String {
    match entry {
        PortEntry::Port(name) => format!("the port {name}"),
        PortEntry::Read(text) => format!("a read of \"{text}\""),
        PortEntry::ReadFailed(kind) => format!("a read that fails ({kind})"),
        PortEntry::Write(text) => describe_write(&text.0),
        PortEntry::WriteFailed(kind) => format!("a write that fails ({kind})"),
        PortEntry::SetLines(lines, _) => describe_set_lines(*lines),
        PortEntry::Lines(_) => "reading lines".to_owned(),
        PortEntry::Reopen(_) => "reopening".to_owned(),
    }
}

fn describe_write(bytes: &[u8]) -> String {
    format!("a write of \"{}\"", bytes.escape_ascii())
}

fn describe_set_lines(lines: OutputLines) -> String {
    format!("setting DTR {} and RTS {}", lines.dtr, lines.rts)
}

#[async_trait]
impl ModemPort for ReplayedPort {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, PortError> {
        self.agreed()?;
        if buffer.is_empty() {
            return Ok(0);
        }
        match self.entries.front_mut() {
            Some((_, PortEntry::Read(Text(bytes)))) => {
                let read = bytes.len().min(buffer.len());
                buffer.iter_mut().zip(bytes.drain(..read)).for_each(|(to, from)| *to = from);
                if bytes.is_empty() {
                    self.entries.pop_front();
                }
                Ok(read)
            }
            Some((_, PortEntry::ReadFailed(kind))) => {
                let kind = *kind;
                self.entries.pop_front();
                Err(self.error(kind))
            }
            // The driver has to do something first: it will drop this future and do it.
            Some(_) => std::future::pending().await,
            None => Err(self.disagrees(0, String::new())),
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        self.agreed()?;
        let mut said = Vec::new();
        self.outgoing.mask(bytes, &mut said);
        self.say(&said)?;
        let place = self.next_act();
        if let Some((_, PortEntry::WriteFailed(kind))) = self.entries.get(place) {
            let kind = *kind;
            self.entries.remove(place);
            return Err(self.error(kind));
        }
        Ok(())
    }

    async fn set_lines(&mut self, lines: OutputLines) -> Result<(), PortError> {
        self.agreed()?;
        let place = self.next_act();
        match self.entries.get(place) {
            Some((_, PortEntry::SetLines(expected, went))) if *expected == lines => {
                let went = *went;
                self.entries.remove(place);
                went.map_err(|kind| self.error(kind))
            }
            Some(_) | None => Err(self.disagrees(place, describe_set_lines(lines))),
        }
    }

    async fn lines(&mut self) -> Result<InputLines, PortError> {
        self.agreed()?;
        let place = self.next_act();
        match self.entries.get(place) {
            Some((_, PortEntry::Lines(went))) => {
                let went = *went;
                self.entries.remove(place);
                went.map_err(|kind| self.error(kind))
            }
            Some(_) | None => Err(self.disagrees(place, "reading lines".to_owned())),
        }
    }

    async fn reopen(&mut self) -> Result<(), PortError> {
        self.agreed()?;
        let place = self.next_act();
        match self.entries.get(place) {
            Some((_, PortEntry::Reopen(went))) => {
                let went = *went;
                // What was not read of the old connection is lost with it.
                self.entries.drain(..=place);
                self.outgoing = SecretMask::default();
                went.map_err(|kind| self.error(kind))
            }
            Some(_) | None => Err(self.disagrees(place, "reopening".to_owned())),
        }
    }
}
