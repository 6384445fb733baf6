//! Writing lines and results the way a port and its model frame them.

use crate::Model;
use crate::port::Settings;
use polysim_at::{AreaQuotes, ErrorReporting, FinalResult, Framing, Line, encode_numbers, put_hex};

/// Appends framed lines to an answer.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    framing: Framing,
    errors: ErrorReporting,
    model: &'static Model,
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    pub(crate) const fn new(
        settings: &Settings,
        model: &'static Model,
        out: &'a mut Vec<u8>,
    ) -> Self {
        Self { framing: settings.framing(), errors: settings.errors, model, out }
    }

    pub(crate) fn line(&mut self, line: &impl Line) {
        self.framed(|out| line.encode(out));
    }

    /// A line and the line of a PDU after it.
    pub(crate) fn line_with_pdu(&mut self, line: &impl Line, pdu: &[u8]) {
        self.line(line);
        put_hex(pdu, self.out);
        self.end();
    }

    /// A line and a line of text after it.
    pub(crate) fn line_with_text(&mut self, line: &[u8], text: &[u8]) {
        self.text(line);
        self.put_clean(text);
        self.end();
    }

    /// Free text; control characters become blanks.
    pub(crate) fn text(&mut self, text: impl AsRef<[u8]>) {
        let text = text.as_ref();
        self.begin();
        let start = self.out.len();
        self.put_clean(text);
        self.tighten(start);
        self.end();
    }

    pub(crate) fn numbers(&mut self, name: &str, values: &[u32]) {
        self.framed(|out| encode_numbers(name, values, out));
    }

    pub(crate) fn framed(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.begin();
        let start = self.out.len();
        write(self.out);
        self.tighten(start);
        self.end();
    }

    /// `RING`, or its number.
    pub(crate) fn ring(&mut self) {
        if self.framing.verbose {
            self.text("RING");
        } else {
            self.out.extend_from_slice(&[b'2', self.framing.cr]);
        }
    }

    pub(crate) const fn area_quotes(&self) -> AreaQuotes {
        self.model.area_quotes
    }

    pub(crate) fn result(&mut self, result: FinalResult) {
        if self.framing.verbose {
            self.begin();
            result.encode_verbose(self.errors, self.out);
            self.end();
        } else {
            self.framing.result(result, self.errors, self.out);
        }
    }

    fn begin(&mut self) {
        if self.framing.verbose {
            self.end();
        }
    }

    fn end(&mut self) {
        if self.model.double_carriage_return {
            self.out.push(self.framing.cr);
        }
        self.out.extend_from_slice(&[self.framing.cr, self.framing.lf]);
    }

    fn put_clean(&mut self, text: &[u8]) {
        self.out.extend(text.iter().map(|b| if *b < b' ' { b' ' } else { *b }));
    }

    /// Takes the blank after the name away, where the model has none.
    fn tighten(&mut self, start: usize) {
        if !self.model.no_space_after_colon {
            return;
        }
        let written = self.out.get(start..).unwrap_or_default();
        let colon = written.windows(2).position(|pair| pair == b": ");
        if let Some(colon) = colon {
            self.out.remove(start + colon + 1);
        }
    }
}
