//! A journal in a file.

use super::{Journal, JournalError};
use async_trait::async_trait;
use polysim_fleet::wire::{Envelope, FRAME_LEN_MAX, FrameReader, frame};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

/// How much is read at a time.
const CHUNK: usize = 1 << 16;
/// The octets before the body of a frame.
const FRAME_HEAD: u64 = 4;
/// The octets of the checksum at the beginning of a body.
const CHECKSUM: usize = 4;

/// A journal in a file, which only one process has open.
///
/// Records that are appended together are one frame: a checksum (CRC-32), then the records in an
/// [`Envelope`] as JSON. A frame is on the disk before [`append`](Journal::append) returns, whole or
/// not at all: one that a crash tore off at the end is cut away when the journal is replayed.
///
/// Nothing is ever taken out of it: the records of an exchange are the audit log.
///
/// The disk is waited for by threads of the runtime that may wait.
pub struct FileJournal<R> {
    path: PathBuf,
    /// `None` after a failure, and while a thread has it.
    file: Option<File>,
    is_at_end: bool,
    torn: u64,
    records: PhantomData<fn() -> R>,
}

impl<R> FileJournal<R> {
    /// Opens a journal, or begins one.
    ///
    /// # Errors
    /// [`JournalError::InUse`]; where the file cannot be opened or made.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        let path = path.as_ref().to_path_buf();
        let wanted = path.clone();
        let opened = tokio::task::spawn_blocking(move || open(&wanted)).await;
        let file = match opened {
            Ok(Ok(file)) => file,
            Ok(Err(Unopened::InUse)) => return Err(JournalError::InUse { path }),
            Ok(Err(Unopened::Io(source))) => {
                return Err(JournalError::Io { path, doing: "open", source });
            }
            Err(died) => {
                return Err(JournalError::Io { path, doing: "open", source: died.into() });
            }
        };
        Ok(Self { path, file: Some(file), is_at_end: false, torn: 0, records: PhantomData })
    }

    /// Reads what a journal has, also one that somebody has open: what is whole of it. Nothing is cut
    /// away, and nobody is kept from it.
    ///
    /// # Errors
    /// Where it cannot be read, or is damaged.
    pub async fn look(path: impl AsRef<Path>) -> Result<Vec<R>, JournalError>
    where
        R: DeserializeOwned,
    {
        let path = path.as_ref().to_path_buf();
        let wanted = path.clone();
        let read = tokio::task::spawn_blocking(move || std::fs::read(wanted)).await;
        let read = read.map_err(io::Error::from).and_then(|read| read);
        let octets =
            read.map_err(|source| JournalError::Io { path: path.clone(), doing: "read", source })?;
        let journal = Self { path, file: None, is_at_end: false, torn: 0, records: PhantomData };
        let (mut reader, mut rest, mut at) = (FrameReader::new(), &octets[..], 0);
        let mut records = Vec::new();
        loop {
            let body = match reader.next(&mut rest) {
                Ok(Some(body)) => body,
                Ok(None) => return Ok(records),
                Err(_) => return Err(JournalError::Damaged { path: journal.path, at }),
            };
            let is_last = rest.iter().all(|octet| *octet == 0);
            match checked(&body) {
                Some(json) => records.extend(journal.records(json, at)?),
                // Torn, or just being written.
                None if is_last => return Ok(records),
                None => return Err(JournalError::Damaged { path: journal.path, at }),
            }
            at += FRAME_HEAD + u64::try_from(body.len()).unwrap_or(u64::MAX);
        }
    }

    /// Returns how many octets of an unfinished write were cut away at the end.
    #[must_use]
    pub const fn torn(&self) -> u64 {
        self.torn
    }

    /// Does something with the file, where waiting does no harm. After a failure there is none.
    async fn with<T: Send + 'static>(
        &mut self,
        doing: &'static str,
        f: impl FnOnce(&mut File) -> io::Result<T> + Send + 'static,
    ) -> Result<T, JournalError> {
        let Some(mut file) = self.file.take() else { return Err(JournalError::NotAtEnd) };
        let done = tokio::task::spawn_blocking(move || f(&mut file).map(|done| (file, done)));
        let failed = |source| JournalError::Io { path: self.path.clone(), doing, source };
        let (file, done) = done.await.map_err(|died| failed(died.into()))?.map_err(failed)?;
        self.file = Some(file);
        Ok(done)
    }

    /// Reads the records in the frame at `at`.
    fn records(&self, json: &[u8], at: u64) -> Result<Vec<R>, JournalError>
    where
        R: DeserializeOwned,
    {
        let path = || self.path.clone();
        let version = |source| JournalError::Version { path: path(), source };
        match serde_json::from_slice::<Envelope<Vec<R>>>(json) {
            Ok(envelope) => envelope.open().map_err(version),
            Err(source) => {
                // Another release may write other records: say that rather.
                if let Ok(envelope) = serde_json::from_slice::<Envelope<IgnoredAny>>(json) {
                    envelope.open().map_err(version)?;
                }
                Err(JournalError::Foreign { path: path(), at, source })
            }
        }
    }

    /// Cuts away what is no whole frame at the end.
    async fn cut(&mut self, whole: u64, length: u64) -> Result<(), JournalError> {
        self.torn = length.saturating_sub(whole);
        let torn = self.torn > 0;
        self.with("cut", move |file| {
            if torn {
                file.set_len(whole)?;
                file.sync_all()?;
            }
            file.seek(SeekFrom::Start(whole)).map(drop)
        })
        .await
    }

    /// A frame is not as it was written: it was torn, if nothing but zeros is behind it. The length
    /// of a file may be on the disk before what is in it.
    async fn damaged(&mut self, at: u64, behind: u64, length: u64) -> Result<(), JournalError> {
        let is_last = self.with("read", move |file| only_zeros(file, behind)).await?;
        if is_last {
            return self.cut(at, length).await;
        }
        Err(JournalError::Damaged { path: self.path.clone(), at })
    }
}

enum Unopened {
    InUse,
    Io(io::Error),
}

impl From<io::Error> for Unopened {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn open(path: &Path) -> Result<File, Unopened> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => Unopened::InUse,
        TryLockError::Error(error) => Unopened::Io(error),
    })?;
    // That there is such a file must be as durable as what is in it.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()?;
    Ok(file)
}

fn only_zeros(file: &mut File, from: u64) -> io::Result<bool> {
    file.seek(SeekFrom::Start(from))?;
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = file.read(&mut buffer)?;
        let chunk = buffer.get(..read).unwrap_or_default();
        if chunk.is_empty() || chunk.iter().any(|octet| *octet != 0) {
            return Ok(chunk.is_empty());
        }
    }
}

fn read_chunk(file: &mut File) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; CHUNK];
    let read = file.read(&mut buffer)?;
    buffer.truncate(read);
    Ok(buffer)
}

/// Returns the frames that hold records: one, unless that would be too long.
fn frames<R: Serialize>(records: &[R]) -> Result<Vec<Vec<u8>>, JournalError> {
    let json = serde_json::to_vec(&Envelope::new(records)).map_err(JournalError::Unwritable)?;
    if json.len() + CHECKSUM > FRAME_LEN_MAX && records.len() > 1 {
        let (first, second) = records.split_at(records.len() / 2);
        let mut all = frames(first)?;
        all.extend(frames(second)?);
        return Ok(all);
    }
    let body = [&crc32(&json).to_be_bytes()[..], &json].concat();
    Ok(vec![frame(&body)?])
}

/// Returns the JSON of a body, `None` where the checksum does not fit it.
fn checked(body: &[u8]) -> Option<&[u8]> {
    let (checksum, json) = body.split_first_chunk::<CHECKSUM>()?;
    (u32::from_be_bytes(*checksum) == crc32(json)).then_some(json)
}

/// CRC-32 of ISO 3309 (polynomial 04C11DB7, reflected).
pub(super) fn crc32(octets: &[u8]) -> u32 {
    const REFLECTED: u32 = 0xEDB8_8320;
    let step = |crc: u32, octet: &u8| {
        (0..8).fold(crc ^ u32::from(*octet), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ REFLECTED } else { crc >> 1 }
        })
    };
    !octets.iter().fold(u32::MAX, step)
}

#[async_trait]
impl<R: DeserializeOwned + Serialize + Send + Sync> Journal<R> for FileJournal<R> {
    async fn replay(&mut self, fold: &mut (dyn FnMut(R) + Send)) -> Result<(), JournalError> {
        if self.is_at_end {
            return Err(JournalError::NotAtEnd);
        }
        let length = self.with("read", |file| file.seek(SeekFrom::End(0))).await?;
        self.with("read", |file| file.rewind()).await?;
        let (mut reader, mut at) = (FrameReader::new(), 0);
        self.is_at_end = true;
        loop {
            let chunk = self.with("read", read_chunk).await?;
            if chunk.is_empty() {
                return self.cut(at, length).await;
            }
            let mut rest = &chunk[..];
            loop {
                let body = match reader.next(&mut rest) {
                    Ok(Some(body)) => body,
                    Ok(None) => break,
                    Err(_) => return self.damaged(at, at, length).await,
                };
                let behind = at + FRAME_HEAD + u64::try_from(body.len()).unwrap_or(u64::MAX);
                let Some(json) = checked(&body) else {
                    return self.damaged(at, behind, length).await;
                };
                self.records(json, at)?.into_iter().for_each(&mut *fold);
                at = behind;
            }
        }
    }

    async fn append(&mut self, records: Vec<R>) -> Result<(), JournalError> {
        if !self.is_at_end {
            return Err(JournalError::NotAtEnd);
        }
        let frames = frames(&records)?;
        self.with("write", move |file| {
            // Frame by frame, so that only the last one can be torn.
            for frame in &frames {
                file.write_all(frame)?;
                file.sync_data()?;
            }
            Ok(())
        })
        .await
    }
}

impl<R> fmt::Debug for FileJournal<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileJournal").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn the_checksum_is_that_of_everybody() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
