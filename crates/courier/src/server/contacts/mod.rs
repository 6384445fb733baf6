//! Address books: which contacts of a device are registered, as changes since it asked last.

mod lookups;
mod marks;

#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use polysim_base::{Instant, Msisdn};

use super::{Connection, Server, ServerRecord};
use crate::wire::{ContactsToDevice, Refresh, Refusal};
use crate::{ContactKey, ContactMode, DeviceId, MarkVersion, RequestId, Salt};
use lookups::Lookups;
use marks::{Change, Marks};

/// What devices have said of their contacts, and which numbers are marked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Contacts {
    mode: ContactMode,
    pub(super) salt: Salt,
    pub(super) marks: Marks,
    /// The contacts of each device, sorted.
    books: BTreeMap<DeviceId, Box<[ContactKey]>>,
    /// The last question of a device: an older one is late, and answered no more.
    asked: BTreeMap<DeviceId, (Connection, RequestId)>,
    lookups: Lookups,
}

/// How contacts have changed.
pub(super) struct Delta {
    pub(super) add: Vec<ContactKey>,
    pub(super) remove: Vec<ContactKey>,
    pub(super) whole: bool,
}

impl Contacts {
    pub(super) fn new(mode: ContactMode, salt: Salt) -> Self {
        let (books, asked) = (BTreeMap::new(), BTreeMap::new());
        Self { mode, salt, marks: Marks::default(), books, asked, lookups: Lookups::default() }
    }

    /// A number is registered, or is not any more.
    pub(super) fn mark(&mut self, number: &Msisdn, registered: bool) {
        let key = ContactKey::of(self.mode, &self.salt, number);
        if registered { self.marks.on(key) } else { self.marks.off(key) }
    }

    /// Returns the version of a number's mark.
    pub(super) fn marked(&self, number: &Msisdn) -> MarkVersion {
        self.marks.marked(&ContactKey::of(self.mode, &self.salt, number))
    }

    pub(super) fn restore_mark(&mut self, number: &Msisdn, marked: MarkVersion) {
        self.marks.restore(ContactKey::of(self.mode, &self.salt, number), marked);
    }

    /// A device is not registered any more.
    pub(super) fn forget(&mut self, device: DeviceId) {
        self.books.remove(&device);
        self.asked.remove(&device);
    }

    fn book(&self, device: DeviceId) -> &[ContactKey] {
        self.books.get(&device).map_or(&[], |book| book)
    }

    pub(super) fn restore(&mut self, device: DeviceId, change: Delta) {
        let book = change.applied_to(self.book(device));
        self.books.insert(device, book.into_boxed_slice());
    }

    /// Returns what a checkpoint keeps.
    pub(super) fn checkpoint(&self) -> impl Iterator<Item = ServerRecord> {
        self.books.iter().map(|(device, book)| ServerRecord::Contacts {
            device: *device,
            add: book.to_vec(),
            remove: Vec::new(),
            whole: true,
        })
    }

    /// Returns which of a device's contacts are registered, as changes, and fully of those it has added.
    fn answer(
        &self,
        device: DeviceId,
        since: MarkVersion,
        added: &[ContactKey],
    ) -> (Vec<ContactKey>, Vec<ContactKey>) {
        let (mut on, mut off) = (Vec::new(), Vec::new());
        let since = self.marks.since(since);
        let mut added = added.iter().peekable();
        for key in self.book(device) {
            while added.next_if(|it| *it < key).is_some() {}
            let is_new = added.peek() == Some(&key);
            match self.marks.change(key, since) {
                Change::On => on.push(*key),
                Change::Same { on: true } if is_new => on.push(*key),
                Change::Off => off.push(*key),
                Change::Same { .. } => {}
            }
        }
        (on, off)
    }
}

impl Delta {
    /// Sorts what a device says, and drops what is no contact in this mode.
    fn tidied(mut self, mode: ContactMode) -> Self {
        for keys in [&mut self.add, &mut self.remove] {
            keys.retain(|key| key.mode() == mode);
            keys.sort_unstable();
            keys.dedup();
        }
        self
    }

    /// Returns how many contacts are new to a book.
    fn added_to(&self, book: &[ContactKey]) -> usize {
        self.add.iter().filter(|key| book.binary_search(key).is_err()).count()
    }

    /// Returns a book, sorted, after the change.
    fn applied_to(&self, book: &[ContactKey]) -> Vec<ContactKey> {
        if self.whole {
            return self.add.clone();
        }
        let removed = |key: &&ContactKey| self.remove.binary_search(key).is_err();
        let mut after: Vec<ContactKey> = book.iter().filter(removed).copied().collect();
        after.extend(&self.add);
        // Both parts are sorted: this merges them.
        after.sort();
        after.dedup();
        after
    }
}

impl Server {
    /// A device says how its contacts have changed, and asks which are registered.
    pub(super) fn refresh(&mut self, now: Instant, from: Connection, refresh: Refresh) {
        let Some(device) = self.sessions.device(from) else { return };
        let Refresh { request, since, add, remove, whole } = refresh;
        let delta = Delta { add, remove, whole };
        let last = self.contacts.asked.get(&device);
        if last.is_some_and(|(session, last)| *session == from && request < *last) {
            return;
        }
        self.contacts.asked.insert(device, (from, request));
        let limit = usize::from(self.desk.config.limits.contacts);
        let refused = |why| ContactsToDevice::Refused { request, why };
        if delta.add.len() > limit || delta.remove.len() > limit {
            return self.desk.send(from, refused(Refusal::Full));
        }
        let delta = delta.tidied(self.contacts.mode);
        if delta.whole || !delta.add.is_empty() || !delta.remove.is_empty() {
            let book = delta.applied_to(self.contacts.book(device));
            if book.len() > limit {
                return self.desk.send(from, refused(Refusal::Full));
            }
            let added = delta.added_to(self.contacts.book(device));
            if let Err(after) = self.look_up(now, device, added) {
                return self.desk.send(from, refused(Refusal::LookupLimit(after)));
            }
            if book != self.contacts.book(device) {
                let Delta { add, remove, whole } = &delta;
                let (add, remove, whole) = (add.clone(), remove.clone(), *whole);
                self.desk.record(ServerRecord::Contacts { device, add, remove, whole });
                self.contacts.books.insert(device, book.into_boxed_slice());
            }
        }
        let (on, off) = self.contacts.answer(device, since, &delta.add);
        let version = self.contacts.marks.version();
        self.desk.send(from, ContactsToDevice::Marks { request, version, on, off });
    }
}
