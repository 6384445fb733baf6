//! What there is of a device that has ever sent or got a text.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use polysim_base::Instant;

use crate::DeviceId;
use crate::server::Connection;
use crate::wire::Item;

/// Deliveries to one device that are on their way at the same time.
pub(super) const WINDOW: usize = 16;

/// What there is of a device: two numbers, until something waits.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Mailbox {
    /// The number of the last text that was heard of from it.
    pub(super) sent: u64,
    /// The number of the last delivery that it has.
    pub(super) taken: u64,
    /// It is written down that deliveries are on their way.
    pub(super) offers: bool,
    pub(super) busy: Option<Box<Busy>>,
}

/// What waits for a device, and what of its own waits for others.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Busy {
    /// What is delivered to it: the first one has the number after the last one taken.
    pub(super) queue: VecDeque<Item>,
    /// How many of them are texts.
    pub(super) texts: usize,
    /// How many of them, from the front, the device perhaps has: they are on their way, or were when
    /// a session ended.
    pub(super) offered: usize,
    /// The session in which they are on their way.
    pub(super) session: Option<Connection>,
    /// Since when nothing was taken.
    pub(super) since: Instant,
    pub(super) retry_at: Option<Instant>,
    /// Its texts of which no device of the recipient is known to have them.
    pub(super) live: BTreeMap<u64, Live>,
    /// Its texts that were refused or taken back, until it has taken that.
    pub(super) denied: BTreeSet<u64>,
    /// The device is no more; only its texts are left.
    pub(super) gone: bool,
}

/// A text that waits for devices of its recipient.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Live {
    /// They.
    pub(super) devices: Vec<DeviceId>,
    /// The sender's other devices that get it too.
    pub(super) own: Vec<DeviceId>,
    pub(super) until: Option<Instant>,
    pub(super) wanted: Option<Wanted>,
    /// A device that perhaps had it is no more.
    pub(super) unsure: bool,
}

/// Why a text is to be removed as soon as it is known that nobody has it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wanted {
    /// Its sender wants it back.
    Back,
    /// It has waited for too long.
    Expired,
}

impl Mailbox {
    pub(super) fn busy(&mut self) -> &mut Busy {
        self.busy.get_or_insert_default()
    }

    /// How many deliveries from the front the device perhaps has, as far as records tell.
    pub(super) fn doubt(&self) -> usize {
        let Some(busy) = &self.busy else { return 0 };
        if self.offers { busy.queue.len().min(WINDOW) } else { busy.offered }
    }

    /// Something waits for the device, unless it is no more.
    pub(super) fn push(&mut self, item: Item) {
        let busy = self.busy();
        if busy.gone {
            return;
        }
        match &item {
            Item::Text { .. } => busy.texts = busy.texts.saturating_add(1),
            Item::NotStored { number, .. } | Item::Withdrawn { number } => {
                busy.denied.insert(*number);
            }
            Item::Delivered { .. }
            | Item::Read { .. }
            | Item::Expired { .. }
            | Item::Unsure { .. } => {}
        }
        busy.queue.push_back(item);
    }

    /// The device has the first delivery.
    pub(super) fn pop(&mut self) -> Option<Item> {
        let busy = self.busy.as_mut()?;
        let item = busy.queue.pop_front()?;
        busy.offered = busy.offered.saturating_sub(1);
        self.taken = self.taken.saturating_add(1);
        match &item {
            Item::Text { .. } => busy.texts = busy.texts.saturating_sub(1),
            Item::NotStored { number, .. } | Item::Withdrawn { number } => {
                busy.denied.remove(number);
            }
            Item::Delivered { .. }
            | Item::Read { .. }
            | Item::Expired { .. }
            | Item::Unsure { .. } => {}
        }
        Some(item)
    }
}

impl Busy {
    /// Returns whether there is nothing to remember.
    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.live.is_empty()
    }

    /// How many deliveries are no texts.
    pub(super) fn notes(&self) -> usize {
        self.queue.len().saturating_sub(self.texts)
    }
}
