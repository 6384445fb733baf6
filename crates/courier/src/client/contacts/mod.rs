//! Which contacts are registered.

#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use polysim_base::{Instant, Msisdn};

use super::{Client, ClientEvent, ClientRecord, ClientTimer};
use crate::wire::{ContactsToDevice, Refresh, Refusal};
use crate::{ContactKey, ContactMode, MarkVersion, RequestId, Salt};

/// The address book, as far as the server has to do with it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Contacts {
    /// The contacts, sorted.
    book: Vec<Msisdn>,
    /// Those of them that are registered, as of that version.
    marked: BTreeSet<Msisdn>,
    version: MarkVersion,
    /// How they are told, as the server has said.
    told: Option<(ContactMode, Salt)>,
    /// The contacts as they are told, sorted.
    keys: Vec<(ContactKey, Msisdn)>,
    /// The contacts that the server surely has.
    known: Option<Vec<ContactKey>>,
    asked: Option<Box<Asked>>,
    /// When they are asked for next; at once if never.
    refresh_at: Option<Instant>,
}

/// A question that was not answered yet.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Asked {
    refresh: Refresh,
    again_at: Instant,
}

impl Contacts {
    pub(super) fn deadline(&self) -> Option<(Instant, ClientTimer)> {
        match &self.asked {
            Some(asked) => Some((asked.again_at, ClientTimer::Retry)),
            None => self.refresh_at.map(|at| (at, ClientTimer::Refresh)),
        }
    }

    /// Returns whether a number is that of a contact that is registered.
    pub(super) fn is_registered(&self, number: &Msisdn) -> bool {
        self.marked.contains(number)
    }

    /// Returns the contacts that are registered.
    pub(super) fn marked(&self) -> impl Iterator<Item = Msisdn> {
        self.marked.iter().copied()
    }

    /// The session is over: if the server was asked, it may have heard that or not.
    pub(super) fn down(&mut self) {
        if self.asked.take().is_some() {
            self.known = None;
        }
        // Until the next session nothing is due.
        self.refresh_at = None;
    }

    /// The server knows no contacts of the device that this one is now.
    pub(super) fn another_device(&mut self) {
        self.down();
        self.known = None;
    }

    /// Takes the contacts, sorted; what is no contact any more has no mark.
    pub(super) fn set(&mut self, contacts: Vec<Msisdn>) {
        self.book = contacts;
        let book = &self.book;
        self.marked.retain(|number| book.binary_search(number).is_ok());
        self.key();
    }

    fn key(&mut self) {
        let Some((mode, salt)) = &self.told else { return };
        let key = |number: &Msisdn| (ContactKey::of(*mode, salt, number), *number);
        self.keys = self.book.iter().map(key).collect();
        self.keys.sort_unstable();
    }

    pub(super) fn mark(&mut self, version: MarkVersion, on: &[Msisdn], off: &[Msisdn]) {
        self.version = version;
        self.marked.extend(on);
        off.iter().for_each(|number| {
            self.marked.remove(number);
        });
    }

    /// Returns what a checkpoint keeps.
    pub(super) fn checkpoint(&self) -> impl Iterator<Item = ClientRecord> {
        let contacts = ClientRecord::Contacts(self.book.clone());
        let (on, off) = (self.marked().collect(), Vec::new());
        let marks = ClientRecord::Marks { version: self.version, on, off };
        [contacts, marks].into_iter()
    }

    /// Nothing is known any more; returns what was marked.
    pub(super) fn unmark(&mut self) -> BTreeSet<Msisdn> {
        self.version = MarkVersion(0);
        core::mem::take(&mut self.marked)
    }

    /// Returns the contacts that are told so: two may have the same digest.
    fn told_as(&self, key: ContactKey) -> impl Iterator<Item = Msisdn> {
        let from = self.keys.partition_point(|(it, _)| *it < key);
        let these = self.keys.iter().skip(from).take_while(move |(it, _)| *it == key);
        these.map(|(_, number)| *number)
    }

    /// Returns the contacts as they are told, each once.
    fn all(&self) -> Vec<ContactKey> {
        let mut all: Vec<ContactKey> = self.keys.iter().map(|(key, _)| *key).collect();
        all.dedup();
        all
    }

    /// Returns the question of which contacts are registered, with what the server does not know.
    fn question(&self, request: RequestId) -> Refresh {
        let all = self.all();
        let less = |these: &[ContactKey], those: &[ContactKey]| -> Vec<ContactKey> {
            these.iter().filter(|key| those.binary_search(key).is_err()).copied().collect()
        };
        let (add, remove, whole) = match &self.known {
            Some(known) => (less(&all, known), less(known, &all), false),
            None => (all, Vec::new(), true),
        };
        Refresh { request, since: self.version, add, remove, whole }
    }
}

impl Client {
    /// The device is welcome, and contacts are told like this.
    pub(super) fn contacts_welcome(&mut self, now: Instant, mode: ContactMode, salt: Salt) {
        if self.contacts.told != Some((mode, salt)) {
            self.contacts.told = Some((mode, salt));
            self.contacts.known = None;
            self.contacts.asked = None;
            self.contacts.key();
        }
        if self.contacts.asked.is_none() && self.contacts.refresh_at.is_none() {
            self.refresh(now);
        }
    }

    /// Asks which contacts are registered.
    fn refresh(&mut self, now: Instant) {
        self.contacts.refresh_at = None;
        if !self.desk.linked {
            return;
        }
        let request = self.desk.request();
        self.ask_contacts(now, self.contacts.question(request));
    }

    fn ask_contacts(&mut self, now: Instant, refresh: Refresh) {
        let again_at = now.plus(self.desk.config.retry);
        self.desk.send(refresh.clone());
        self.contacts.asked = Some(Box::new(Asked { refresh, again_at }));
    }

    pub(super) fn contacts_message(&mut self, now: Instant, message: ContactsToDevice) {
        let (ContactsToDevice::Marks { request, .. } | ContactsToDevice::Refused { request, .. }) =
            message;
        let answered = |asked: &mut Box<Asked>| asked.refresh.request == request;
        let Some(asked) = self.contacts.asked.take_if(answered) else { return };
        match message {
            ContactsToDevice::Marks { version, on, off, .. } => {
                self.marks(now, &asked.refresh, version, (&on, &off));
            }
            // There are too many, or too many new ones.
            ContactsToDevice::Refused { why, .. } => {
                self.refresh_later(now);
                if let Refusal::LookupLimit(after) = why {
                    self.contacts.refresh_at = Some(now.plus(after));
                }
                self.desk.tell(ClientEvent::Refused(why));
            }
        }
    }

    fn marks(
        &mut self,
        now: Instant,
        asked: &Refresh,
        version: MarkVersion,
        (on, off): (&[ContactKey], &[ContactKey]),
    ) {
        self.contacts.learn(asked);
        self.refresh_later(now);
        self.take_marks(version, on, off);
        if self.contacts.known.as_ref() != Some(&self.contacts.all()) {
            self.refresh(now);
        }
    }

    /// Marks change, and the user sees which.
    fn take_marks(&mut self, version: MarkVersion, on: &[ContactKey], off: &[ContactKey]) {
        let contacts = &self.contacts;
        let numbers = |keys: &[ContactKey], registered: bool| -> Vec<Msisdn> {
            let told = keys.iter().flat_map(|key| contacts.told_as(*key));
            told.filter(|number| contacts.marked.contains(number) != registered).collect()
        };
        let (on, off) = (numbers(on, true), numbers(off, false));
        if on.is_empty() && off.is_empty() && version == self.contacts.version {
            return;
        }
        self.contacts.mark(version, &on, &off);
        self.desk.record(ClientRecord::Marks { version, on: on.clone(), off: off.clone() });
        let changes =
            on.into_iter().map(|it| (it, true)).chain(off.into_iter().map(|it| (it, false)));
        for (number, registered) in changes {
            self.desk.tell(ClientEvent::Marked { number, registered });
        }
    }

    fn refresh_later(&mut self, now: Instant) {
        self.contacts.refresh_at = Some(now.plus(self.desk.config.refresh_every));
    }

    /// The device is not registered any more: it marks nobody.
    pub(super) fn contacts_unregistered(&mut self) {
        self.contacts.another_device();
        for number in self.contacts.unmark() {
            self.desk.tell(ClientEvent::Marked { number, registered: false });
        }
    }

    pub(super) fn set_contacts(&mut self, now: Instant, mut contacts: Vec<Msisdn>) {
        contacts.sort_unstable();
        contacts.dedup();
        if contacts == self.contacts.book {
            return;
        }
        self.contacts.set(contacts.clone());
        self.desk.record(ClientRecord::Contacts(contacts));
        if self.contacts.asked.is_none() {
            self.refresh(now);
        }
    }

    pub(super) fn contacts_timeout(&mut self, now: Instant) {
        if let Some(asked) = &self.contacts.asked {
            if asked.again_at <= now {
                self.ask_contacts(now, asked.refresh.clone());
            }
        } else if self.contacts.refresh_at.is_some_and(|at| at <= now) {
            self.refresh(now);
        }
    }
}

impl Contacts {
    /// The server knows what it was told.
    fn learn(&mut self, told: &Refresh) {
        let Refresh { add, remove, whole, .. } = told;
        let before = if *whole { None } else { self.known.take() };
        let mut known = before.unwrap_or_default();
        known.retain(|key| remove.binary_search(key).is_err());
        known.extend(add);
        known.sort();
        self.known = Some(known);
    }
}
