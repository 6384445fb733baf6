//! Which contacts are registered.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use polysim_base::{Instant, Msisdn};

use super::{Client, ClientRecord, ClientTimer};
use crate::wire::ToDevice;

/// The address book, as far as the server has to do with it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Contacts {
    registered: BTreeSet<Msisdn>,
}

impl Contacts {
    pub(super) fn is_registered(&self, number: &Msisdn) -> bool {
        self.registered.contains(number)
    }

    pub(super) const fn deadline(&self) -> Option<(Instant, ClientTimer)> {
        None
    }

    pub(super) fn restore(&mut self, record: ClientRecord) {
        if let ClientRecord::Marks { on, .. } = record {
            self.registered.extend(on);
        }
    }
}

impl Client {
    pub(super) fn contacts_message(&mut self, _now: Instant, _message: ToDevice) {}

    pub(super) fn set_contacts(&mut self, _now: Instant, _contacts: Vec<Msisdn>) {}

    pub(super) fn contacts_timeout(&mut self, _now: Instant) {}
}
