//! From the host's bytes to command lines, on the device's side.

use super::{APDU_LINE_LEN_MAX, DATA_LEN_MAX, LINE_LEN_MAX, partial::Partial};

const BACKSPACE: u8 = 0x08;
const CTRL_Z: u8 = 0x1A;
const ESC: u8 = 0x1B;

/// What a host sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DeviceItem<'a> {
    /// A line, ended by S3. An empty one asks for nothing and gets no answer.
    Line(CommandLine<'a>),
    /// `A/` at the start of a line: the last command line again (V.250, 5.2.4). Echo: `A/`.
    Repeat,
    /// What was typed at the prompt, up to Ctrl-Z, which is cut off.
    Data(&'a [u8]),
    /// ESC ended the entry at the prompt: nothing is to be sent.
    DataCancelled,
    /// A line of more than `limit` bytes was skipped up to its end; the answer is `ERROR`.
    LineTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// An entry of more than `limit` bytes was skipped up to its end.
    DataTooLong {
        /// The limit in bytes.
        limit: usize,
    },
}

/// A command line as edited: control characters dropped, backspaces done, S3 still at its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CommandLine<'a>(&'a [u8]);

impl<'a> CommandLine<'a> {
    /// Returns the line without its end, for [`parse_line`](crate::parse_line).
    #[must_use]
    pub const fn text(self) -> &'a [u8] {
        match self.0 {
            [text @ .., _end] => text,
            [] => &[],
        }
    }

    /// Returns what a device with `ATE1` echoes: the line and its end, but never a line feed.
    #[must_use]
    pub const fn echo(self) -> &'a [u8] {
        self.0
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    Command,
    Data,
}

/// Cuts what a host sends into items.
///
/// Give it each chunk as it arrives and call [`read`](Self::read) until it gives `None`. A line
/// that lies whole in the chunk is borrowed from there; only a piece of a line is kept.
///
/// Line feeds, ESC and all other control characters outside the prompt are dropped (V.250,
/// 5.2.2): a bare CR gives an empty line, ESC gives nothing.
#[derive(Clone, Debug)]
pub struct DeviceReader {
    pub(super) partial: Partial,
    mode: Mode,
    /// A line just ended: a line feed that follows belongs to its end, not to the data.
    after_end: bool,
    s3: u8,
    s5: u8,
}

impl Default for DeviceReader {
    fn default() -> Self {
        Self {
            partial: Partial::default(),
            mode: Mode::Command,
            after_end: false,
            s3: b'\r',
            s5: BACKSPACE,
        }
    }
}

impl DeviceReader {
    /// Sets the character that ends a line (S3).
    pub const fn set_line_end(&mut self, s3: u8) {
        self.s3 = s3;
    }

    /// Sets the character that takes back the last one (S5).
    pub const fn set_backspace(&mut self, s5: u8) {
        self.s5 = s5;
    }

    /// Takes what follows as an entry at the prompt, until Ctrl-Z or ESC.
    /// Call it when the prompt is sent, before the next [`read`](Self::read).
    pub fn expect_data(&mut self) {
        self.partial.clear();
        self.mode = Mode::Data;
    }

    /// Gives the entry at the prompt up and takes what follows as commands.
    pub fn abandon_data(&mut self) {
        if self.mode == Mode::Data {
            self.partial.clear();
            self.mode = Mode::Command;
        }
    }

    /// Whether an entry at the prompt is awaited.
    #[must_use]
    pub const fn expects_data(&self) -> bool {
        matches!(self.mode, Mode::Data)
    }

    /// Takes bytes off the front of `input` up to the end of the next item. `None` when all of
    /// `input` is used up. What is left in `input` is to be given again, with more or as it is.
    pub fn read<'s, 'i: 's>(&'s mut self, input: &mut &'i [u8]) -> Option<DeviceItem<'s>> {
        self.partial.begin();
        if self.mode == Mode::Data { self.read_data(input) } else { self.read_line(input) }
    }

    fn read_line<'s, 'i: 's>(&'s mut self, input: &mut &'i [u8]) -> Option<DeviceItem<'s>> {
        loop {
            let chunk: &'i [u8] = input;
            let at = self.next_special(chunk);
            let (piece, stop) = match at.and_then(|at| chunk.split_at_checked(at)) {
                Some((piece, [stop, rest @ ..])) => {
                    *input = rest;
                    (piece, Some(*stop))
                }
                Some(_) | None => {
                    *input = &[];
                    (chunk, None)
                }
            };
            if let Some(skipped) = self.repeat_end(piece) {
                *input = chunk.get(skipped..).unwrap_or_default();
                self.partial.clear();
                return Some(DeviceItem::Repeat);
            }
            match stop {
                Some(stop) if stop == self.s3 => {
                    self.after_end = true;
                    if self.partial.is_empty() && piece.len() <= LINE_LEN_MAX {
                        let line = chunk.get(..=piece.len()).unwrap_or_default();
                        return Some(DeviceItem::Line(CommandLine(line)));
                    }
                    return Some(self.end_line(piece));
                }
                Some(stop) => {
                    self.partial.push(piece, line_limit);
                    if stop == self.s5 {
                        self.partial.pop();
                    }
                }
                None => {
                    self.after_end &= piece.is_empty();
                    self.partial.push(piece, line_limit);
                    return None;
                }
            }
        }
    }

    /// Returns where the next control character, S3 or S5 stands.
    fn next_special(&self, chunk: &[u8]) -> Option<usize> {
        if self.s3 < b' ' && self.s5 < b' ' {
            return chunk.iter().position(|b| *b < b' ');
        }
        chunk.iter().position(|b| *b < b' ' || *b == self.s3 || *b == self.s5)
    }

    /// Returns how many bytes of `piece` complete an `A/` that begins the line.
    fn repeat_end(&self, piece: &[u8]) -> Option<usize> {
        match (self.partial.bytes(), piece) {
            ([], [b'A' | b'a', b'/', ..]) if self.partial.is_empty() => Some(2),
            ([b'A' | b'a'], [b'/', ..]) => Some(1),
            _ => None,
        }
    }

    fn end_line(&mut self, piece: &[u8]) -> DeviceItem<'_> {
        self.partial.push(piece, line_limit);
        if let Some(limit) = self.partial.exceeded() {
            self.partial.clear();
            return DeviceItem::LineTooLong { limit };
        }
        // The end itself does not count towards the limit.
        self.partial.push(&[self.s3], |_| usize::MAX);
        DeviceItem::Line(CommandLine(self.partial.finish()))
    }

    fn read_data<'s, 'i: 's>(&'s mut self, input: &mut &'i [u8]) -> Option<DeviceItem<'s>> {
        if self.after_end {
            let [first, rest @ ..] = *input else { return None };
            self.after_end = false;
            if *first == b'\n' {
                *input = rest;
            }
        }
        let chunk: &'i [u8] = input;
        let end = chunk.iter().position(|b| matches!(*b, CTRL_Z | ESC));
        let Some((piece, [stop, rest @ ..])) = end.and_then(|at| chunk.split_at_checked(at)) else {
            *input = &[];
            self.partial.push(chunk, |_| DATA_LEN_MAX);
            return None;
        };
        *input = rest;
        self.mode = Mode::Command;
        self.after_end = false;
        if *stop == ESC {
            self.partial.clear();
            return Some(DeviceItem::DataCancelled);
        }
        if self.partial.is_empty() && piece.len() <= DATA_LEN_MAX {
            return Some(DeviceItem::Data(piece));
        }
        self.partial.push(piece, |_| DATA_LEN_MAX);
        if let Some(limit) = self.partial.exceeded() {
            self.partial.clear();
            return Some(DeviceItem::DataTooLong { limit });
        }
        Some(DeviceItem::Data(self.partial.finish()))
    }
}

/// Lines that carry an APDU may be longer than others.
fn line_limit(line: &[u8]) -> usize {
    let carries_apdu = |window: &[u8]| {
        window.eq_ignore_ascii_case(b"+CSIM=") || window.eq_ignore_ascii_case(b"+CGLA=")
    };
    let beginning = line.get(..LINE_LEN_MAX).unwrap_or(line);
    if beginning.windows(6).any(carries_apdu) { APDU_LINE_LEN_MAX } else { LINE_LEN_MAX }
}
