//! What was received and is not yet done with.

use alloc::{boxed::Box, collections::VecDeque, vec::Vec};

use polysim_at::MessageStore;
use polysim_base::{Duration, Instant};
use polysim_sms::{Limits, Reassembler};

use crate::TextId;

/// The most received texts that wait to be recorded, deleted or acknowledged. Beyond that texts
/// stay where they are, and are listed again when there is room.
pub(crate) const PENDING_MAX: usize = 64;
/// The most places that wait to be read one by one; beyond that the store is listed.
const TO_READ_MAX: usize = 32;
/// How often a text is deleted in vain before it is left where it is.
const DELETE_ATTEMPTS: u8 = 5;
/// How long after a failed delete it is tried again.
pub(super) const DELETE_AGAIN: Duration = Duration::from_secs(30);

/// A place in a store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) store: MessageStore,
    pub(super) index: u16,
}

/// Where a received text is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Whereabouts {
    /// In a store.
    Stored {
        place: Place,
        /// It was seen there, and nothing happened since that could have changed the place.
        verified: bool,
        /// Deletes that failed.
        failures: u8,
    },
    /// With the network, which waits for an acknowledgement.
    Direct {
        /// The modem waits for `+CNMA`.
        awaited: bool,
    },
}

/// A received text that was told to the owner.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: TextId,
    pub(super) pdu: Box<[u8]>,
    pub(super) whereabouts: Whereabouts,
    pub(super) recorded: bool,
    /// Seen by the listing that is being read.
    seen: bool,
}

/// Whether a text that came is to be told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Arrival {
    /// It is new.
    New,
    /// It is the one that was told as this.
    Known,
    /// There is no room: it is to come again.
    NoRoom,
}

/// What was received and is not yet done with. Dropped when there is nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inbox {
    to_read: VecDeque<Place>,
    entries: Vec<Entry>,
    pub(super) parts: Option<Box<Parts>>,
    pub(super) list_at: Option<Instant>,
    /// Texts were left in the store for want of room.
    left: bool,
}

impl Inbox {
    pub(crate) fn has_work(&self) -> bool {
        !self.to_read.is_empty() || self.entries.iter().any(Entry::is_to_delete)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.to_read.is_empty()
            && self.entries.is_empty()
            && self.parts.is_none()
            && self.list_at.is_none()
            && !self.left
    }

    /// Returns the oldest direct delivery if it is recorded: acknowledgements keep their order.
    pub(crate) fn to_acknowledge(&self) -> Option<TextId> {
        let awaited =
            |entry: &&Entry| matches!(entry.whereabouts, Whereabouts::Direct { awaited: true });
        self.entries.iter().find(awaited).filter(|entry| entry.recorded).map(|entry| entry.id)
    }

    /// The modem was reset: stores may have changed, and the network will deliver again.
    pub(crate) fn modem_was_reset(&mut self) {
        self.to_read.clear();
        self.list_at = None;
        for entry in &mut self.entries {
            match &mut entry.whereabouts {
                Whereabouts::Stored { verified, failures, .. } => {
                    *verified = false;
                    *failures = 0;
                }
                Whereabouts::Direct { awaited } => *awaited = false,
            }
        }
    }

    /// Notes a place to be read. Returns whether there was room.
    pub(super) fn read_later(&mut self, place: Place) -> bool {
        if self.to_read.contains(&place) {
            return true;
        }
        let room = self.to_read.len() < TO_READ_MAX;
        if room {
            self.to_read.push_back(place);
        } else {
            self.to_read.clear();
        }
        room
    }

    pub(super) fn first_to_read(&self) -> Option<Place> {
        self.to_read.front().copied()
    }

    pub(super) fn has_read(&mut self, place: Place) {
        self.to_read.retain(|waiting| *waiting != place);
    }

    pub(super) fn first_to_delete(&self) -> Option<(TextId, Place)> {
        let entry = self.entries.iter().find(|entry| entry.is_to_delete())?;
        Some((entry.id, entry.place()?))
    }

    pub(super) fn place_of(&self, id: TextId) -> Option<Place> {
        self.entries.iter().find(|entry| entry.id == id)?.place()
    }

    /// A text was found in a store.
    pub(super) fn stored(&mut self, place: Place, pdu: &[u8], id: TextId) -> Arrival {
        if let Some(at) = self.entries.iter().position(|entry| entry.place() == Some(place)) {
            if let Some(entry) = self.entries.get_mut(at).filter(|entry| *entry.pdu == *pdu) {
                entry.seen = true;
                entry.verify(true);
                return Arrival::Known;
            }
            // Another text has the place: what was there is gone.
            self.entries.remove(at);
        }
        let whereabouts = Whereabouts::Stored { place, verified: true, failures: 0 };
        let arrival = self.add(id, pdu, whereabouts);
        self.left |= arrival == Arrival::NoRoom;
        arrival
    }

    /// A text came directly.
    pub(super) fn direct(&mut self, pdu: &[u8], id: TextId) -> Arrival {
        let known = self.entries.iter_mut().find(|entry| {
            matches!(entry.whereabouts, Whereabouts::Direct { .. }) && *entry.pdu == *pdu
        });
        if let Some(entry) = known {
            entry.whereabouts = Whereabouts::Direct { awaited: true };
            return Arrival::Known;
        }
        self.add(id, pdu, Whereabouts::Direct { awaited: true })
    }

    fn add(&mut self, id: TextId, pdu: &[u8], whereabouts: Whereabouts) -> Arrival {
        if self.entries.len() >= PENDING_MAX {
            // What is recorded is only remembered to know it again.
            let Some(at) = self.entries.iter().position(Entry::is_memory) else {
                return Arrival::NoRoom;
            };
            self.entries.remove(at);
        }
        let entry = Entry { id, pdu: pdu.into(), whereabouts, recorded: false, seen: true };
        self.entries.push(entry);
        Arrival::New
    }

    /// The owner recorded a text. Returns whether its place must be looked at again first.
    pub(super) fn recorded(&mut self, id: TextId) -> bool {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) else {
            return false;
        };
        entry.recorded = true;
        matches!(entry.whereabouts, Whereabouts::Stored { verified: false, .. })
    }

    pub(super) fn begin_listing(&mut self) {
        for entry in &mut self.entries {
            entry.seen = false;
        }
    }

    /// All of a store was listed: what was not seen is not there.
    pub(super) fn end_listing(&mut self, store: MessageStore) {
        self.entries.retain_mut(|entry| {
            let listed = entry.place().is_some_and(|place| place.store == store);
            if listed && !entry.seen {
                entry.verify(false);
                return !entry.recorded;
            }
            true
        });
    }

    /// A text is deleted or acknowledged.
    pub(super) fn finished(&mut self, id: TextId) {
        self.entries.retain(|entry| entry.id != id);
    }

    /// A text could not be deleted or acknowledged. Returns whether to look for it again.
    pub(super) fn failed(&mut self, id: TextId) -> bool {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) else {
            return false;
        };
        match &mut entry.whereabouts {
            Whereabouts::Direct { awaited } => {
                *awaited = false;
                false
            }
            Whereabouts::Stored { verified, failures, .. } => {
                *verified = false;
                *failures = failures.saturating_add(1);
                *failures < DELETE_ATTEMPTS
            }
        }
    }

    /// Returns whether texts that were left for want of room can be read now.
    pub(super) fn has_room_again(&mut self) -> bool {
        let room = self.left && self.entries.len() <= PENDING_MAX / 2;
        self.left &= !room;
        room
    }
}

impl Entry {
    const fn place(&self) -> Option<Place> {
        match self.whereabouts {
            Whereabouts::Stored { place, .. } => Some(place),
            Whereabouts::Direct { .. } => None,
        }
    }

    const fn verify(&mut self, seen: bool) {
        if let Whereabouts::Stored { verified, .. } = &mut self.whereabouts {
            *verified = seen;
        }
    }

    /// Recorded, and surely where it was.
    const fn is_to_delete(&self) -> bool {
        match self.whereabouts {
            Whereabouts::Stored { verified, failures, .. } => {
                self.recorded && verified && failures < DELETE_ATTEMPTS
            }
            Whereabouts::Direct { .. } => false,
        }
    }

    /// Recorded, and nothing is to be done about it now.
    const fn is_memory(&self) -> bool {
        match self.whereabouts {
            Whereabouts::Stored { failures, .. } => self.recorded && failures >= DELETE_ATTEMPTS,
            Whereabouts::Direct { awaited } => self.recorded && !awaited,
        }
    }
}

/// Parts of long texts.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub(super) reassembler: Reassembler<TextId>,
    /// Until when late duplicates of parts are told from new texts.
    pub(super) kept_until: Instant,
}

impl Parts {
    pub(super) fn new(limits: Limits) -> Box<Self> {
        Box::new(Self { reassembler: Reassembler::new(limits), kept_until: Instant::ZERO })
    }

    /// Returns when the next text is given up, or when all can be forgotten.
    pub(super) fn poll_timeout(&self) -> Instant {
        self.reassembler.poll_timeout().unwrap_or(self.kept_until)
    }
}
