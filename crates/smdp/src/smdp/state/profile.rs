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
    /// The first number that is higher than all.
    next: u64,
    /// Which of the 64 numbers below that were seen, the highest in the lowest bit.
    below: u64,
}

impl Seen {
    /// Tells whether a number was seen. Numbers far below the highest are taken for seen.
    pub(in super::super) const fn has(self, seq: u64) -> bool {
        if seq >= self.next {
            return false;
        }
        let back = self.next - 1 - seq;
        back >= 64 || self.below >> back & 1 == 1
    }

    pub(super) const fn mark(&mut self, seq: u64) {
        if seq >= self.next {
            let up = seq.saturating_sub(self.next).saturating_add(1);
            self.below = if up >= 64 { 0 } else { self.below << up };
            self.next = seq.saturating_add(1);
        }
        let back = self.next - 1 - seq;
        if back < 64 {
            self.below |= 1 << back;
        }
    }
}
