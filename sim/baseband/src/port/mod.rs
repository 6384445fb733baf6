//! One AT port: its line discipline and what it is busy with.

mod engine;
mod last_line;
mod online;
mod settings;
mod writer;

pub(crate) use last_line::LastLine;
pub(crate) use online::{Escape, Online};
pub(crate) use settings::Settings;
pub(crate) use writer::Writer;

use crate::Model;
use crate::sms::Entry;
use polysim_at::{Command, DeviceReader, FinalResult};
use polysim_base::{Duration, Instant};

/// Most bytes typed ahead while a command runs; what comes beyond is lost, as in a UART.
const TYPED_AHEAD_MAX: usize = 8_192;
/// Most bytes of unsolicited results that wait for a busy port; later ones are lost.
const HELD_MAX: usize = 65_536;
/// Characters right after a command do not abort it (V.250, 5.6.1).
const ABORT_GRACE: Duration = Duration::from_millis(125);

/// One port.
#[derive(Debug)]
pub(crate) struct Port {
    /// Holds a line or an entry that began; most lines come whole, and then there is none.
    pub(crate) reader: Option<Box<DeviceReader>>,
    pub(crate) settings: Settings,
    pub(crate) last: LastLine,
    pub(crate) activity: Option<Box<Activity>>,
    pub(crate) open: bool,
}

/// What a port is busy with, and what has to wait meanwhile.
#[derive(Debug)]
pub(crate) struct Activity {
    pub(crate) kind: Kind,
    /// The commands of the line that come after this one.
    pub(crate) rest: Box<[u8]>,
    /// Bytes that came since.
    pub(crate) typed: Vec<u8>,
    /// Unsolicited results that wait for the end of the command, framed.
    pub(crate) held: Vec<u8>,
    pub(crate) since: Instant,
}

/// What a port is busy with.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A command that waits for card or network.
    Command {
        /// Whether a character ends it.
        abortable: bool,
    },
    /// A command that runs once the card has been read.
    Retry(Box<Command>),
    /// An entry at the prompt.
    Prompt(Entry),
    /// Data goes through.
    Online(Online),
}

/// The end of a command that took time.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) port: u8,
    /// Information lines without framing, each ended by LF.
    pub(crate) lines: Vec<u8>,
    pub(crate) result: FinalResult,
}

impl Done {
    pub(crate) const fn new(port: u8, result: FinalResult) -> Self {
        Self { port, lines: Vec::new(), result }
    }
}

impl Port {
    pub(crate) fn new(model: &'static Model) -> Self {
        Self {
            reader: None,
            settings: Settings::new(model),
            last: LastLine::default(),
            activity: None,
            open: true,
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let activity = self.activity.as_deref().map_or(0, |activity| {
            size_of::<Activity>() + activity.rest.len() + activity.typed.len() + activity.held.len()
        });
        activity + self.last.heap_bytes()
    }

    pub(crate) fn expects_entry(&self) -> bool {
        matches!(self.activity.as_deref(), Some(Activity { kind: Kind::Prompt(_), .. }))
    }
}

impl Activity {
    pub(crate) fn new(kind: Kind, rest: &[u8], since: Instant) -> Self {
        Self { kind, rest: rest.into(), typed: Vec::new(), held: Vec::new(), since }
    }

    /// Keeps bytes for later, unless one aborts the command: what follows it is returned.
    pub(crate) fn keep_typed<'b>(&mut self, now: Instant, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let abortable = matches!(self.kind, Kind::Command { abortable: true });
        if abortable && now.since(self.since) >= ABORT_GRACE {
            let abort = bytes.iter().position(|b| *b != b'\n');
            return Some(bytes.get(abort? + 1..).unwrap_or_default());
        }
        let room = TYPED_AHEAD_MAX.saturating_sub(self.typed.len());
        self.typed.extend_from_slice(bytes.get(..bytes.len().min(room)).unwrap_or_default());
        None
    }

    pub(crate) fn hold(&mut self, line: &[u8]) {
        if self.held.len() + line.len() <= HELD_MAX {
            self.held.extend_from_slice(line);
        }
    }
}
