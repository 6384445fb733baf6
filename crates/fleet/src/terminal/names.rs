use super::TerminalRecord;
use crate::{RequestId, TerminalId};

/// How many names are set aside at once: so many are lost in a crash.
const BLOCK: u32 = 256;

/// Names requests: the terminal in the upper half, a number in the lower one. No name is given
/// twice, over all lives of the terminal, until 2^32 have been given.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Names {
    terminal: TerminalId,
    next: u32,
    /// The first number that was not set aside.
    end: u32,
}

impl Names {
    pub(super) const fn new(terminal: TerminalId) -> Self {
        Self { terminal, next: 0, end: 0 }
    }

    /// Returns a name, and what is to be recorded before it is used.
    pub(super) fn take(&mut self) -> (RequestId, Option<TerminalRecord>) {
        let record = (self.next == self.end).then(|| {
            self.end = self.end.wrapping_add(BLOCK);
            TerminalRecord::Requests(self.end)
        });
        let id = RequestId::of(self.terminal, self.next);
        self.next = self.next.wrapping_add(1);
        (id, record)
    }

    pub(super) const fn restore(&mut self, end: u32) {
        (self.next, self.end) = (end, end);
    }
}
