//! A line of which only the beginning has arrived.

use alloc::vec::Vec;
use core::num::NonZeroU16;

/// Room for nearly all lines.
const LINE_LEN_TYPICAL: usize = 48;

/// Collects the pieces of one line, up to a limit; holds no memory while idle.
#[derive(Clone, Debug, Default)]
pub(super) struct Partial {
    pub(super) bytes: Vec<u8>,
    /// The limit that was exceeded; what follows is skipped up to the end of the line.
    exceeded: Option<NonZeroU16>,
    /// The line was handed out; its bytes are dropped at the next call.
    finished: bool,
}

impl Partial {
    /// Forgets a line that was handed out.
    pub(super) fn begin(&mut self) {
        if self.finished {
            *self = Self::default();
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.exceeded.is_none()
    }

    pub(super) fn exceeded(&self) -> Option<usize> {
        self.exceeded.map(|limit| limit.get().into())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds a piece; beyond the limit the line is given up but remembered as too long.
    pub(super) fn push(&mut self, piece: &[u8], limit: impl FnOnce(&[u8]) -> usize) {
        if self.exceeded.is_some() {
            return;
        }
        if self.bytes.capacity() == 0 && !piece.is_empty() {
            self.bytes.reserve(LINE_LEN_TYPICAL.max(piece.len()));
        }
        self.bytes.extend_from_slice(piece);
        if self.bytes.len() > super::LINE_LEN_MAX {
            let limit = limit(&self.bytes);
            if self.bytes.len() > limit {
                self.bytes = Vec::new();
                let limit = u16::try_from(limit).ok().and_then(NonZeroU16::new);
                self.exceeded = Some(limit.unwrap_or(NonZeroU16::MAX));
            }
        }
    }

    pub(super) fn pop(&mut self) {
        self.bytes.pop();
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Marks the line as complete and returns it.
    pub(super) fn finish(&mut self) -> &[u8] {
        self.finished = true;
        &self.bytes
    }
}
