//! One profile and its order.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use polysim_base::{Eid, Instant};

use super::super::{Bound, OutboxId, ProfileState, Terms};
use crate::Personal;

/// A profile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in super::super) struct Profile {
    pub(in super::super) profile_type: Arc<str>,
    pub(in super::super) personal: Personal,
    pub(in super::super) state: ProfileState,
    /// The eUICC that has it, or may have it: no other ever gets it.
    pub(in super::super) holder: Option<Eid>,
    /// The operator has the subscription.
    pub(in super::super) is_provisioned: bool,
    pub(in super::super) seen: Seen,
    /// What is known of the order while it is open.
    pub(in super::super) order: Option<Box<Order>>,
}

/// An order that is open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in super::super) struct Order {
    pub(in super::super) call: (String, String),
    pub(in super::super) terms: Terms,
    /// So many confirmation codes were wrong.
    pub(in super::super) codes_refused: u8,
    /// The packages that were handed out.
    pub(in super::super) bound: Vec<Bound>,
    pub(in super::super) expires: Instant,
    pub(in super::super) event: Event,
}

/// What an SM-DS was told of an order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in super::super) enum Event {
    None,
    Registering(OutboxId),
    Registered,
}

impl Profile {
    /// Returns the eUICC that the order is for: the one that the operator has named, or the one that
    /// a package was bound to.
    pub(in super::super) fn eid(&self) -> Option<Eid> {
        self.holder.or_else(|| self.order.as_ref()?.terms.eid)
    }
}

/// Numbers of notifications that were seen. They come in about their order.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(in super::super) struct Seen {
    /// The highest, where there is one.
    highest: u64,
    /// Which of the 64 numbers from the highest down were seen, the highest in the lowest bit.
    bits: u64,
}

impl Seen {
    /// Tells whether a number was seen. Numbers far below the highest are taken for seen.
    pub(in super::super) const fn has(self, seq: u64) -> bool {
        if self.bits == 0 || seq > self.highest {
            return false;
        }
        let back = self.highest - seq;
        back >= 64 || self.bits >> back & 1 == 1
    }

    pub(super) const fn mark(&mut self, seq: u64) {
        if self.bits == 0 || seq > self.highest {
            let up = seq.saturating_sub(self.highest);
            self.bits = if up >= 64 { 1 } else { self.bits << up | 1 };
            self.highest = seq;
        } else if self.highest - seq < 64 {
            self.bits |= 1 << (self.highest - seq);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;

    #[test]
    fn numbers_of_notifications_are_seen_once_up_to_the_highest_that_there_is() {
        let mut seen = Seen::default();
        for seq in [3, 1, 70, u64::MAX] {
            assert!(!seen.has(seq), "{seq}");
            seen.mark(seq);
            assert!(seen.has(seq), "{seq}");
            assert!(seq < 70 || seen.has(2), "what is far below counts as seen");
        }
        assert!(!seen.has(u64::MAX - 1));
        seen.mark(u64::MAX - 1);
        assert!(seen.has(u64::MAX - 1) && seen.has(u64::MAX));
    }
}
