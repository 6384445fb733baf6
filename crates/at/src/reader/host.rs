//! From the device's bytes to lines, results and prompts, on the host's side.

use super::{APDU_LINE_LEN_MAX, LINE_LEN_MAX, partial::Partial};
use crate::FinalResult;

/// What a device sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HostItem<'a> {
    /// A line of text: information, an unsolicited result or a PDU. Never empty.
    Line(&'a [u8]),
    /// A final result code. `NO CARRIER` and its like come unsolicited too.
    Result(FinalResult),
    /// `>` at the start of a line: the device waits for a text or a PDU.
    Prompt,
    /// A line of more than `limit` bytes was skipped up to its end.
    LineTooLong {
        /// The limit in bytes.
        limit: usize,
    },
}

/// Cuts what a device sends into items.
///
/// Give it each chunk as it arrives and call [`read`](Self::read) until it gives `None`. A line
/// that lies whole in the chunk is borrowed from there; only a piece of a line is kept.
///
/// Any run of CR and LF ends a line and empty lines are dropped, which covers `ATV0`, `ATV1` and
/// devices that frame with two carriage returns.
#[derive(Clone, Debug, Default)]
pub struct HostReader {
    partial: Partial,
    numeric: bool,
    /// A prompt was just given: blanks that follow belong to it.
    after_prompt: bool,
}

impl HostReader {
    /// Sets whether the device gives results as numbers (`ATV0`).
    pub const fn set_numeric(&mut self, numeric: bool) {
        self.numeric = numeric;
    }

    /// Drops a line that began, as after the port was opened anew.
    pub fn clear(&mut self) {
        self.partial.clear();
        self.after_prompt = false;
    }

    /// Takes bytes off the front of `input` up to the end of the next item. `None` when all of
    /// `input` is used up.
    ///
    /// `in_flight` is what was sent last and is not yet answered, as it was written to the port
    /// (a command line or a PDU), or nothing: a line that repeats it is the echo and is dropped.
    pub fn read<'s, 'i: 's>(
        &'s mut self,
        input: &mut &'i [u8],
        in_flight: &[u8],
    ) -> Option<HostItem<'s>> {
        self.partial.begin();
        let echo = without_end(in_flight);
        loop {
            let chunk: &'i [u8] = input;
            if self.partial.is_empty() {
                match chunk {
                    [b'\r' | b'\n', rest @ ..] => {
                        self.after_prompt = false;
                        *input = rest;
                        continue;
                    }
                    [b' ', rest @ ..] if self.after_prompt => {
                        *input = rest;
                        continue;
                    }
                    [b'>', rest @ ..] => {
                        self.after_prompt = true;
                        *input = rest;
                        return Some(HostItem::Prompt);
                    }
                    [] => return None,
                    _ => self.after_prompt = false,
                }
            }
            let end = chunk.iter().position(|b| matches!(*b, b'\r' | b'\n'));
            let Some((piece, rest)) = end.and_then(|at| chunk.split_at_checked(at)) else {
                *input = &[];
                self.partial.push(chunk, line_limit);
                return None;
            };
            *input = rest.get(1..).unwrap_or_default();
            if self.partial.is_empty() && piece.len() <= LINE_LEN_MAX {
                if is_echo(piece, echo) {
                    continue;
                }
                return Some(self.item(piece));
            }
            self.partial.push(piece, line_limit);
            if let Some(limit) = self.partial.exceeded() {
                self.partial.clear();
                return Some(HostItem::LineTooLong { limit });
            }
            if is_echo(self.partial.bytes(), echo) {
                self.partial.clear();
                continue;
            }
            let numeric = self.numeric;
            return Some(classify(self.partial.finish(), numeric));
        }
    }

    fn item<'a>(&self, line: &'a [u8]) -> HostItem<'a> {
        classify(line, self.numeric)
    }
}

fn classify(line: &[u8], numeric: bool) -> HostItem<'_> {
    if !numeric {
        return FinalResult::parse_verbose(line).map_or(HostItem::Line(line), HostItem::Result);
    }
    match line {
        b"2" => HostItem::Line(b"RING"),
        _ => FinalResult::parse_numeric(line).map_or(HostItem::Line(line), HostItem::Result),
    }
}

/// Cuts CR, LF and Ctrl-Z off the end.
const fn without_end(mut sent: &[u8]) -> &[u8] {
    while let [rest @ .., b'\r' | b'\n' | 0x1A] = sent {
        sent = rest;
    }
    sent
}

/// Whether a line repeats what was sent, or is just the Ctrl-Z after it.
fn is_echo(line: &[u8], echo: &[u8]) -> bool {
    let line = without_end(line);
    line.is_empty() || (!echo.is_empty() && line == echo)
}

/// Lines that carry an APDU may be longer than others.
fn line_limit(line: &[u8]) -> usize {
    if line.starts_with(b"+CSIM:") || line.starts_with(b"+CGLA:") {
        APDU_LINE_LEN_MAX
    } else {
        LINE_LEN_MAX
    }
}
