//! Message stores (TS 27.005, 3.1): `ME`, `SM`, `SR`, and `MT`, which is `ME` and then `SM`.

use crate::model::StoreSizes;
use polysim_at::{MessageStatus, MessageStore};
use std::collections::BTreeMap;

/// A message in a store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Message {
    pub(crate) status: MessageStatus,
    /// Address of the service centre and TPDU.
    pub(crate) pdu: Box<[u8]>,
}

impl Message {
    /// Octets of the TPDU, without the service centre.
    pub(crate) fn tpdu_len(&self) -> u16 {
        let sc = self.pdu.first().map_or(0, |len| usize::from(*len) + 1);
        u16::try_from(self.pdu.len().saturating_sub(sc)).unwrap_or(u16::MAX)
    }

    /// The TPDU.
    pub(crate) fn tpdu(&self) -> &[u8] {
        let sc = self.pdu.first().map_or(0, |len| usize::from(*len) + 1);
        self.pdu.get(sc..).unwrap_or_default()
    }
}

type Store = BTreeMap<u16, Message>;

/// The stores of a device; a store numbers its places from 0 in here.
#[derive(Debug, Default)]
pub(crate) struct Stores {
    phone: Store,
    sim: Store,
    reports: Store,
}

/// Where a place of a store is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    Phone(u16),
    Sim(u16),
    Reports(u16),
}

/// Places in a store.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other stores are not of this device")]
pub(crate) fn total(store: MessageStore, sizes: &StoreSizes) -> u16 {
    match store {
        MessageStore::Phone => sizes.phone,
        MessageStore::Sim => sizes.sim,
        MessageStore::Combined => sizes.phone + sizes.sim,
        MessageStore::Reports => sizes.reports,
        _ => 0,
    }
}

/// The first index of a store.
pub(crate) const fn first(store: MessageStore, sizes: &StoreSizes) -> u16 {
    if matches!(store, MessageStore::Phone | MessageStore::Combined) {
        sizes.phone_first
    } else {
        1
    }
}

/// Whether the device has a store.
pub(crate) fn exists(store: MessageStore, sizes: &StoreSizes) -> bool {
    total(store, sizes) > 0
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the other stores are not of this device")]
fn place(store: MessageStore, index: u16, sizes: &StoreSizes) -> Option<Place> {
    let at = index.checked_sub(first(store, sizes))?;
    if at >= total(store, sizes) {
        return None;
    }
    match store {
        MessageStore::Phone => Some(Place::Phone(at)),
        MessageStore::Sim => Some(Place::Sim(at)),
        MessageStore::Reports => Some(Place::Reports(at)),
        MessageStore::Combined if at < sizes.phone => Some(Place::Phone(at)),
        MessageStore::Combined => Some(Place::Sim(at - sizes.phone)),
        _ => None,
    }
}

impl Stores {
    pub(crate) fn is_empty(&self) -> bool {
        self.phone.is_empty() && self.sim.is_empty() && self.reports.is_empty()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let messages = [&self.phone, &self.sim, &self.reports].into_iter().flat_map(Store::values);
        let held = messages.map(|message| size_of::<(u16, Message)>() + message.pdu.len());
        size_of::<Self>() + held.sum::<usize>()
    }

    pub(super) fn clear_sim(&mut self) {
        self.sim.clear();
    }

    fn of(&self, place: Place) -> (&Store, u16) {
        match place {
            Place::Phone(at) => (&self.phone, at),
            Place::Sim(at) => (&self.sim, at),
            Place::Reports(at) => (&self.reports, at),
        }
    }

    fn of_mut(&mut self, place: Place) -> (&mut Store, u16) {
        match place {
            Place::Phone(at) => (&mut self.phone, at),
            Place::Sim(at) => (&mut self.sim, at),
            Place::Reports(at) => (&mut self.reports, at),
        }
    }

    /// How many messages are in a store.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other stores are not of this device")]
    pub(crate) fn used(&self, store: MessageStore) -> u16 {
        let used = match store {
            MessageStore::Phone => self.phone.len(),
            MessageStore::Sim => self.sim.len(),
            MessageStore::Combined => self.phone.len() + self.sim.len(),
            MessageStore::Reports => self.reports.len(),
            _ => 0,
        };
        u16::try_from(used).unwrap_or(u16::MAX)
    }

    pub(crate) fn has_room(&self, store: MessageStore, sizes: &StoreSizes) -> bool {
        self.used(store) < total(store, sizes)
    }

    /// Whether an index is one of the store's.
    pub(crate) fn is_index(store: MessageStore, index: u16, sizes: &StoreSizes) -> bool {
        place(store, index, sizes).is_some()
    }

    /// Keeps a message in the first free place and returns its index, `None` if there is none.
    pub(crate) fn add(
        &mut self,
        store: MessageStore,
        message: Message,
        sizes: &StoreSizes,
    ) -> Option<u16> {
        let start = first(store, sizes);
        let end = start.saturating_add(total(store, sizes));
        let index = (start..end).find(|index| self.get(store, *index, sizes).is_none())?;
        let (store, at) = self.of_mut(place(store, index, sizes)?);
        store.insert(at, message);
        Some(index)
    }

    pub(crate) fn get(
        &self,
        store: MessageStore,
        index: u16,
        sizes: &StoreSizes,
    ) -> Option<&Message> {
        let (store, at) = self.of(place(store, index, sizes)?);
        store.get(&at)
    }

    /// Marks a message, as read or as sent.
    pub(crate) fn mark(
        &mut self,
        store: MessageStore,
        index: u16,
        status: MessageStatus,
        sizes: &StoreSizes,
    ) {
        if let Some(place) = place(store, index, sizes) {
            let (store, at) = self.of_mut(place);
            if let Some(message) = store.get_mut(&at) {
                message.status = status;
            }
        }
    }

    /// Deletes a message. Returns whether there was one.
    pub(crate) fn remove(&mut self, store: MessageStore, index: u16, sizes: &StoreSizes) -> bool {
        let Some(place) = place(store, index, sizes) else {
            return false;
        };
        let (store, at) = self.of_mut(place);
        store.remove(&at).is_some()
    }

    /// Indexes of the messages in a store, in order.
    pub(crate) fn indexes(&self, store: MessageStore, sizes: &StoreSizes) -> Vec<u16> {
        let start = first(store, sizes);
        let end = start.saturating_add(total(store, sizes));
        (start..end).filter(|index| self.get(store, *index, sizes).is_some()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Model;

    fn message() -> Message {
        Message {
            status: MessageStatus::ReceivedUnread,
            pdu: Box::from([0x02, 0x91, 0x10, 0x04, 0x00]),
        }
    }

    #[test]
    fn places_are_numbered_and_used_again() {
        let sizes = &Model::GENERIC.stores;
        let mut stores = Stores::default();
        let add = |stores: &mut Stores| stores.add(MessageStore::Sim, message(), sizes);
        assert_eq!(add(&mut stores), Some(1));
        assert_eq!(add(&mut stores), Some(2));
        assert!(stores.remove(MessageStore::Sim, 1, sizes));
        assert!(!stores.remove(MessageStore::Sim, 1, sizes));
        assert_eq!(add(&mut stores), Some(1));
        for _ in 2..50 {
            assert!(add(&mut stores).is_some());
        }
        assert_eq!(add(&mut stores), None);
        assert_eq!(stores.used(MessageStore::Sim), 50);
    }

    #[test]
    fn both_stores_are_one() {
        let sizes = &StoreSizes { phone: 1, sim: 1, reports: 0, phone_first: 0 };
        let mut stores = Stores::default();
        assert_eq!(stores.add(MessageStore::Combined, message(), sizes), Some(0));
        assert_eq!(stores.add(MessageStore::Combined, message(), sizes), Some(1));
        assert_eq!(stores.used(MessageStore::Phone), 1);
        assert_eq!(stores.indexes(MessageStore::Sim, sizes), [1]);
        assert!(stores.get(MessageStore::Combined, 1, sizes).is_some());
        assert_eq!(message().tpdu_len(), 2);
        assert_eq!(message().tpdu(), [0x04, 0x00]);
    }
}
