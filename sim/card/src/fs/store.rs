//! Contents of EFs: what was written, else what the template or the identity says.

use super::delta::{Delta, Part};
use crate::template::{Ef, FileIndex, Identity, Source, Template};

/// Everything that a card's EFs hold beside the template.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    identity: Identity,
    delta: Delta,
}

impl Store {
    pub(crate) fn new(identity: Identity) -> Self {
        Self { identity, delta: Delta::default() }
    }

    /// Returns the bytes of memory that files written take.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.delta.bytes()
    }

    /// Appends `len` bytes from `start` on of a record, counted as stored (1 for a transparent
    /// EF). The caller has checked that they are in the record.
    pub(crate) fn read(
        &self,
        template: &Template,
        ef: &Ef,
        record: u8,
        (start, len): (usize, usize),
        out: &mut Vec<u8>,
    ) {
        if let Some(written) = self.delta.get(ef.body, Part::Record(record)) {
            out.extend_from_slice(window(written, start, len));
            return;
        }
        let record_len = usize::from(ef.record_len);
        let end = out.len() + len;
        match ef.source {
            Source::Stored(span) => {
                let before = record_len * usize::from(record.saturating_sub(1));
                out.extend_from_slice(window(template.bytes(span), before + start, len));
            }
            Source::Repeated(span) => {
                out.extend_from_slice(window(template.bytes(span), start, len));
            }
            Source::Personal(personal) => {
                let from = out.len();
                personal.append(&self.identity, template.domain(), record, record_len, out);
                out.truncate(from + start + len);
                out.drain(from..from + start);
            }
        }
        out.resize(end, 0xFF);
    }

    /// Returns one byte of a transparent EF that is no personal one; `FF` past what is stored.
    pub(crate) fn byte(&self, template: &Template, ef: &Ef, at: usize) -> u8 {
        let written = self.delta.get(ef.body, Part::Record(1));
        let bytes = written.unwrap_or_else(|| match ef.source {
            Source::Stored(span) | Source::Repeated(span) => template.bytes(span),
            Source::Personal(_) => &[],
        });
        bytes.get(at).copied().unwrap_or(0xFF)
    }

    /// Overwrites a part of a record, counted as stored.
    pub(crate) fn write(
        &mut self,
        template: &Template,
        ef: &Ef,
        record: u8,
        offset: usize,
        data: &[u8],
    ) {
        let part = Part::Record(record);
        if self.delta.get(ef.body, part).is_none() {
            let mut whole = Vec::with_capacity(usize::from(ef.record_len));
            self.read(template, ef, record, (0, usize::from(ef.record_len)), &mut whole);
            self.delta.entry(ef.body, part, |out| *out = whole);
        }
        let stored = self.delta.entry(ef.body, part, |_| {});
        if let Some(place) = stored.get_mut(offset..).and_then(|rest| rest.get_mut(..data.len())) {
            place.copy_from_slice(data);
        }
    }

    /// Returns where a record is stored: those of a cyclic EF are counted from the newest on.
    pub(crate) fn stored_record(&self, ef: &Ef, record: u8) -> u8 {
        let turn = self.delta.get(ef.body, Part::Turn).and_then(|turn| turn.first());
        match turn {
            None => record,
            Some(&turn) => {
                let records = u16::from(ef.records.max(1));
                let at = (u16::from(turn) + u16::from(record.saturating_sub(1))) % records;
                u8::try_from(at + 1).unwrap_or(1)
            }
        }
    }

    /// Turns a cyclic EF by one: the oldest record becomes record 1 and gets these contents. The
    /// contents are in place before the turn, so that a loss of power shows the old file or the
    /// new one.
    pub(crate) fn push(&mut self, template: &Template, ef: &Ef, data: &[u8]) {
        let oldest = self.stored_record(ef, ef.records);
        self.write(template, ef, oldest, 0, data);
        let turn = self.delta.entry(ef.body, Part::Turn, |out| out.push(0));
        if let Some(turn) = turn.first_mut() {
            *turn = oldest.saturating_sub(1);
        }
    }

    /// Returns the life cycle status byte where the file was deactivated.
    pub(crate) fn is_deactivated(&self, file: FileIndex) -> bool {
        self.delta.get(file, Part::LifeCycle).is_some_and(|status| status == [1])
    }

    pub(crate) fn set_deactivated(&mut self, file: FileIndex, deactivated: bool) {
        if deactivated == self.is_deactivated(file) {
            return;
        }
        let status = self.delta.entry(file, Part::LifeCycle, |out| out.push(0));
        status.fill(u8::from(deactivated));
    }
}

/// Returns `len` bytes from `start` on, as far as there are any.
fn window(bytes: &[u8], start: usize, len: usize) -> &[u8] {
    let rest = bytes.get(start..).unwrap_or_default();
    rest.get(..len).unwrap_or(rest)
}
