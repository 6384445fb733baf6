//! Deadlines with their reasons, earliest first.

use alloc::collections::BTreeMap;
use polysim_base::Instant;

/// A deadline that was set; it is cancelled with this.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Deadline {
    due: Instant,
    serial: u32,
}

/// Deadlines, first set first served within an instant.
#[derive(Clone, Debug)]
pub(crate) struct Deadlines<R> {
    pending: BTreeMap<Deadline, R>,
    serial: u32,
}

impl<R: Copy> Deadlines<R> {
    pub(crate) const fn new() -> Self {
        Self { pending: BTreeMap::new(), serial: 0 }
    }

    pub(crate) fn set(&mut self, due: Instant, reason: R) -> Deadline {
        self.serial = self.serial.wrapping_add(1);
        let deadline = Deadline { due, serial: self.serial };
        self.pending.insert(deadline, reason);
        deadline
    }

    pub(crate) fn cancel(&mut self, deadline: Deadline) {
        self.pending.remove(&deadline);
    }

    pub(crate) fn next(&self) -> Option<(Instant, R)> {
        let (deadline, reason) = self.pending.first_key_value()?;
        Some((deadline.due, *reason))
    }

    /// Takes the earliest one that is due.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<R> {
        let entry = self.pending.first_entry()?;
        (entry.key().due <= now).then(|| entry.remove())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_come_in_order_of_time_then_of_setting() {
        let at = Instant::from_micros;
        let mut deadlines = Deadlines::new();
        deadlines.set(at(20), 'c');
        deadlines.set(at(10), 'a');
        let gone = deadlines.set(at(10), 'x');
        deadlines.set(at(10), 'b');
        deadlines.cancel(gone);
        assert_eq!(deadlines.next(), Some((at(10), 'a')));
        assert_eq!(deadlines.pop(at(9)), None);
        assert_eq!(deadlines.pop(at(10)), Some('a'));
        assert_eq!(deadlines.pop(at(30)), Some('b'));
        assert_eq!(deadlines.pop(at(30)), Some('c'));
        assert_eq!(deadlines.next(), None);
    }
}
