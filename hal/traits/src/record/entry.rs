//! What a recording consists of: one entry a line, as JSON.

use crate::{CardErrorKind, InputLines, OutputLines, PortErrorKind, Reset};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::{BufRead, BufReader, Read};

/// The longest recording that is played back, in bytes.
pub const RECORDING_LEN_MAX: u64 = 256 << 20;

/// How something went.
pub(super) type Went<T, K> = Result<T, K>;

/// An entry about a port. Secrets are masked in all texts.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum PortEntry {
    /// The port's name; the first entry.
    Port(String),
    Read(Text),
    ReadFailed(PortErrorKind),
    Write(Text),
    WriteFailed(PortErrorKind),
    SetLines(OutputLines, Went<(), PortErrorKind>),
    Lines(Went<InputLines, PortErrorKind>),
    Reopen(Went<(), PortErrorKind>),
}

/// An entry about a card. Secrets are masked in all APDUs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum CardEntry {
    /// Answer to reset and epoch; the first entry.
    Card { atr: String, epoch: u64 },
    Did {
        what: CardAct,
        went: Went<String, CardErrorKind>,
        /// The epoch after it.
        epoch: u64,
        /// The answer to reset after it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        atr: Option<String>,
    },
}

/// What a driver asked of a card. Channels of other lives have none here: they never reach it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum CardAct {
    Transmit { channel: u8, epoch: u64, command: String },
    Open { aid: String },
    Close { channel: u8, epoch: u64 },
    Reset(Reset),
    Begin,
    End,
}

/// Bytes as text: each is the character of that number, so that AT can be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Text(pub(super) Vec<u8>);

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.escape_ascii().fmt(f)
    }
}

impl Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text: String = self.0.iter().map(|byte| char::from(*byte)).collect();
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = text.chars().map(|c| u8::try_from(u32::from(c)));
        let bytes: Result<_, _> = bytes.collect();
        bytes.map(Self).map_err(|_| serde::de::Error::custom("a character above U+00FF"))
    }
}

/// The driver did something else than what was recorded. It is the source of the error that the
/// driver gets, too.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line} of the recording: expected {expected}, {came} came")]
pub struct Mismatch {
    /// The line of the recording, from 1.
    pub line: usize,
    /// What it says.
    pub expected: String,
    /// What the driver did; secrets are masked.
    pub came: String,
}

/// Why something is no recording.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of the recording: {kind}")]
pub struct RecordingError {
    /// The line, from 1.
    pub line: usize,
    /// Why.
    #[source]
    pub kind: RecordingErrorKind,
}

/// What is wrong with a line of a recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingErrorKind {
    /// It cannot be read.
    #[error("it cannot be read")]
    Unreadable(#[source] std::io::Error),
    /// It is no entry.
    #[error("it is no entry of such a recording: {0}")]
    Entry(serde_json::Error),
    /// The first entry does not say what was recorded, or a later one does.
    #[error("the first entry, and no other, says what was recorded")]
    Start,
    /// An APDU is not in hexadecimal digits.
    #[error("it holds an APDU that is not hexadecimal")]
    Hex,
    /// More than [`RECORDING_LEN_MAX`] bytes.
    #[error("the recording is longer than {RECORDING_LEN_MAX} bytes")]
    TooLong,
}

/// Reads all entries, with the number of each line.
pub(super) fn entries<E: for<'de> Deserialize<'de>>(
    input: impl Read,
) -> Result<Vec<(usize, E)>, RecordingError> {
    let mut input = BufReader::new(input.take(RECORDING_LEN_MAX + 1));
    let (mut entries, mut text, mut total) = (Vec::new(), String::new(), 0_u64);
    for line in 1.. {
        let error = |kind| RecordingError { line, kind };
        text.clear();
        let read = input.read_line(&mut text);
        let read = read.map_err(|source| error(RecordingErrorKind::Unreadable(source)))?;
        if read == 0 {
            break;
        }
        total = total.saturating_add(read as u64);
        if total > RECORDING_LEN_MAX {
            return Err(error(RecordingErrorKind::TooLong));
        }
        if text.trim().is_empty() {
            continue;
        }
        let entry =
            serde_json::from_str(&text).map_err(RecordingErrorKind::Entry).map_err(error)?;
        entries.push((line, entry));
    }
    Ok(entries)
}
