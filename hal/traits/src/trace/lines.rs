//! A trace as lines of text or JSON.

use super::{Direction, TraceEvent, TraceSink};
use polysim_base::Instant;
use serde_json::json;
use std::io::{self, Write};

/// How lines look.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum LineForm {
    /// For people: `12.345678 /dev/ttyUSB2 > AT\r`.
    Text,
    /// For programs: an object a line, with `at_us`, `name`, and what passed.
    Json,
}

/// Writes a line per piece of bytes, exchange or note: AT as escaped text, APDUs as hexadecimal.
#[derive(Debug)]
pub struct Lines<W> {
    form: LineForm,
    out: W,
}

impl<W: Write + Send> Lines<W> {
    /// Writes lines of a form to `out`, each at once and flushed.
    pub const fn new(form: LineForm, out: W) -> Self {
        Self { form, out }
    }
}

impl<W: Write + Send> TraceSink for Lines<W> {
    fn write(&mut self, at: Instant, name: &str, event: &TraceEvent<'_>) -> io::Result<()> {
        let mut line = match self.form {
            LineForm::Text => text(at, name, event),
            LineForm::Json => json(at, name, event),
        };
        line.push('\n');
        self.out.write_all(line.as_bytes())?;
        self.out.flush()
    }
}

fn text(at: Instant, name: &str, event: &TraceEvent<'_>) -> String {
    let (seconds, micros) = (at.as_micros() / 1_000_000, at.as_micros() % 1_000_000);
    let what = match event {
        TraceEvent::Bytes { direction: Direction::Out, bytes } => {
            format!("> {}", bytes.escape_ascii())
        }
        TraceEvent::Bytes { direction: Direction::In, bytes } => {
            format!("< {}", bytes.escape_ascii())
        }
        TraceEvent::Exchange { command, response } => format!("> {command} < {response}"),
        TraceEvent::Note(words) => format!("- {}", words.escape_debug()),
    };
    format!("{seconds}.{micros:06} {} {what}", name.escape_debug())
}

fn json(at: Instant, name: &str, event: &TraceEvent<'_>) -> String {
    let at_us = at.as_micros();
    let line = match event {
        TraceEvent::Bytes { direction, bytes } => json!({
            "at_us": at_us, "name": name, "direction": direction,
            "at": bytes.escape_ascii().to_string(),
        }),
        TraceEvent::Exchange { command, response } => json!({
            "at_us": at_us, "name": name,
            "command": command.to_string(), "response": response.to_string(),
        }),
        TraceEvent::Note(words) => json!({ "at_us": at_us, "name": name, "note": words }),
    };
    line.to_string()
}
