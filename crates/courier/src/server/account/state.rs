//! How records change who is registered: alike when they are made and after a crash.

use alloc::vec::Vec;

use polysim_base::{Instant, Msisdn};

use super::{Account, Accounts, Device, Invited};
use crate::server::{AccountRecord, CodeSent, Kept, KeptDevice, Server};
use crate::wire::DeviceList;
use crate::{CardMark, DeviceId, DeviceKey, DeviceName, ListVersion, MarkVersion};

impl Server {
    /// Does what a record says of registrations; returns the devices that are no more.
    pub(super) fn apply(&mut self, record: &AccountRecord) -> Vec<DeviceId> {
        let limits = &self.desk.config.limits;
        match record {
            AccountRecord::CodeSent(sent) => self.proofs.sent(sent.clone(), limits),
            AccountRecord::Texted { registration, taken } => {
                self.proofs.texted(*registration, *taken);
            }
            AccountRecord::Tried(registration) => self.proofs.tried(*registration),
            AccountRecord::Registered { registration, device, generation, at } => {
                if let Some(sent) = self.proofs.used(*registration, *device) {
                    return self.apply_registered(*device, *generation, sent, *at);
                }
            }
            AccountRecord::Linked { device, number, key, name, generation } => {
                self.accounts.link(*device, *number, (*key, name.clone()), *generation);
            }
            AccountRecord::Invited { by, at } => self.accounts.invited(*by, *at),
            AccountRecord::Unlinked(device) => {
                self.accounts.unlink(*device);
                self.contacts.forget(*device);
                return alloc::vec![*device];
            }
            AccountRecord::Deregistered { number, .. } => return self.apply_deregistered(number),
            AccountRecord::CardChanged { device, at } => self.accounts.unprove(*device, *at),
            AccountRecord::CardBack(device) => self.accounts.prove(*device),
        }
        Vec::new()
    }

    fn apply_registered(
        &mut self,
        id: DeviceId,
        generation: u32,
        sent: CodeSent,
        at: Instant,
    ) -> Vec<DeviceId> {
        let number = sent.number;
        let holder = self.accounts.numbers.get(&number).map(|it| it.primary);
        let mut former = Vec::new();
        match holder {
            Some(holder) if holder == id => self.accounts.prove(id),
            Some(_) => {
                former = self.remove_number(&number);
                self.accounts.held.insert(number, at);
                self.accounts.add_number(number, id);
            }
            None => {
                self.accounts.add_number(number, id);
                self.contacts.mark(&number, true);
            }
        }
        self.accounts.add_device(id, number, (sent.key, sent.name, sent.card, generation));
        former
    }

    fn apply_deregistered(&mut self, number: &Msisdn) -> Vec<DeviceId> {
        let former = self.remove_number(number);
        if !former.is_empty() {
            self.contacts.mark(number, false);
        }
        former
    }

    fn remove_number(&mut self, number: &Msisdn) -> Vec<DeviceId> {
        let former = self.accounts.remove(number);
        former.iter().for_each(|device| self.contacts.forget(*device));
        former
    }

    /// Goes on from a checkpoint.
    pub(in crate::server) fn restore_kept(&mut self, kept: Kept) {
        let limits = &self.desk.config.limits;
        match kept {
            kept @ Kept::Mailbox { .. } => self.texts.restore_kept(kept),
            Kept::Counts { devices, registrations, invitations, lists, marks } => {
                self.accounts.last = devices;
                self.accounts.invited = invitations;
                self.accounts.lists = lists;
                self.proofs.last = registrations;
                self.contacts.marks.restore_version(marks);
            }
            Kept::Account { number, list, marked, held_since, unproved_since, devices } => {
                self.contacts.restore_mark(&number, marked);
                let held_since = held_since.map(|since| (number, since));
                self.accounts.held.extend(held_since);
                self.accounts.restore(number, list, devices);
                if let Some(primary) = self.accounts.numbers.get(&number).map(|it| it.primary)
                    && let Some(since) = unproved_since
                {
                    self.accounts.unprove(primary, since);
                }
            }
            Kept::Invitation { by, number, at } => {
                self.accounts.invitations.insert(by, Invited { number, at, asked: None });
            }
            Kept::Code { at, number, tenant } => {
                self.proofs.restore_code((at, number, tenant), limits);
            }
            Kept::Waiting { sent, tried, texted } => {
                self.proofs.restore_waiting(sent, tried, texted);
            }
        }
    }
}

impl Accounts {
    /// Returns the devices of a number, the primary one first.
    pub(in crate::server) fn devices_of(&self, number: &Msisdn) -> impl Iterator<Item = DeviceId> {
        let account = self.numbers.get(number);
        account.into_iter().flat_map(|it| [it.primary].into_iter().chain(it.linked.iter().copied()))
    }

    /// Returns the number of a device.
    pub(in crate::server) fn number_of(&self, device: DeviceId) -> Option<Msisdn> {
        self.devices.get(&device).map(|it| it.number)
    }

    /// Returns the version of the list of a number's devices.
    pub(in crate::server) fn list_of(&self, number: &Msisdn) -> ListVersion {
        self.numbers.get(number).map_or(ListVersion(0), |it| it.list)
    }

    /// Returns the devices of a number; none: it is not registered.
    pub(in crate::server) fn list(&self, number: &Msisdn) -> DeviceList {
        let keyed = |id| Some((id, self.devices.get(&id)?.key));
        let devices = self.devices_of(number).filter_map(keyed).collect();
        DeviceList { number: *number, version: self.list_of(number), devices }
    }

    /// Returns whether a device may act for its number.
    pub(in crate::server) fn is_proved(&self, device: DeviceId) -> bool {
        self.devices.get(&device).is_some_and(|it| it.unproved_since.is_none())
    }

    /// Returns whether a device holds the card of its number.
    pub(in crate::server) fn is_primary(&self, device: DeviceId) -> bool {
        let account = self.number_of(device).and_then(|number| self.numbers.get(&number));
        account.is_some_and(|it| it.primary == device)
    }

    fn next_list(&mut self) -> ListVersion {
        self.lists = ListVersion(self.lists.0.saturating_add(1));
        self.lists
    }

    fn add_number(&mut self, number: Msisdn, primary: DeviceId) {
        let list = self.next_list();
        self.numbers.insert(number, Account { primary, linked: Vec::new(), list });
    }

    fn add_device(
        &mut self,
        id: DeviceId,
        number: Msisdn,
        (key, name, card, generation): (DeviceKey, DeviceName, Option<CardMark>, u32),
    ) {
        self.last = self.last.max(id);
        let device = Device { number, key, name, card, generation, unproved_since: None };
        self.devices.insert(id, device);
    }

    fn link(
        &mut self,
        id: DeviceId,
        number: Msisdn,
        (key, name): (DeviceKey, DeviceName),
        generation: u32,
    ) {
        let list = self.next_list();
        let Some(account) = self.numbers.get_mut(&number) else { return };
        self.invitations.remove(&account.primary);
        if !account.linked.contains(&id) {
            account.linked.push(id);
            account.list = list;
        }
        let unproved_since = self.devices.get(&account.primary).and_then(|it| it.unproved_since);
        self.add_device(id, number, (key, name, None, generation));
        if let Some(device) = self.devices.get_mut(&id) {
            device.unproved_since = unproved_since;
        }
    }

    fn unlink(&mut self, id: DeviceId) {
        let list = self.next_list();
        let Some(device) = self.devices.remove(&id) else { return };
        if let Some(account) = self.numbers.get_mut(&device.number) {
            account.linked.retain(|it| *it != id);
            account.list = list;
        }
    }

    /// Removes a number; returns its devices.
    fn remove(&mut self, number: &Msisdn) -> Vec<DeviceId> {
        let former: Vec<DeviceId> = self.devices_of(number).collect();
        if let Some(primary) = former.first() {
            self.prove(*primary);
            self.invitations.remove(primary);
        }
        former.iter().for_each(|id| {
            self.devices.remove(id);
        });
        self.numbers.remove(number);
        self.held.remove(number);
        former
    }

    fn invited(&mut self, by: DeviceId, at: Instant) {
        self.invited += 1;
        self.invitations.insert(by, Invited { number: self.invited, at, asked: None });
    }

    /// Another card is in a primary device since then.
    fn unprove(&mut self, primary: DeviceId, since: Instant) {
        self.set_unproved(primary, Some(since));
    }

    /// The number of a primary device is proved.
    fn prove(&mut self, primary: DeviceId) {
        self.set_unproved(primary, None);
    }

    fn set_unproved(&mut self, primary: DeviceId, since: Option<Instant>) {
        let Some(device) = self.devices.get(&primary) else { return };
        let (number, before) = (device.number, device.unproved_since);
        if before == since {
            return;
        }
        self.unproved.extend(since.map(|since| (since, number)));
        if let Some(before) = before {
            self.unproved.remove(&(before, number));
        }
        let all: Vec<DeviceId> = self.devices_of(&number).collect();
        for id in all {
            if let Some(device) = self.devices.get_mut(&id) {
                device.unproved_since = since;
            }
        }
    }

    /// Returns what a checkpoint keeps of a number.
    pub(super) fn kept(&self, number: Msisdn, account: &Account, marked: MarkVersion) -> Kept {
        let devices = self.devices_of(&number).filter_map(|id| {
            let Device { key, name, card, generation, .. } = self.devices.get(&id)?;
            let (name, card) = (name.clone(), *card);
            Some(KeptDevice { id, key: *key, name, card, generation: *generation })
        });
        Kept::Account {
            number,
            list: account.list,
            marked,
            held_since: self.held.get(&number).copied(),
            unproved_since: self.devices.get(&account.primary).and_then(|it| it.unproved_since),
            devices: devices.collect(),
        }
    }

    pub(super) fn kept_invitations(&self) -> impl Iterator<Item = Kept> {
        let invitations = self.invitations.iter();
        invitations.map(|(by, it)| Kept::Invitation { by: *by, number: it.number, at: it.at })
    }

    fn restore(&mut self, number: Msisdn, list: ListVersion, devices: Vec<KeptDevice>) {
        let mut ids = devices.iter().map(|it| it.id);
        let Some(primary) = ids.next() else { return };
        self.numbers.insert(number, Account { primary, linked: ids.collect(), list });
        for KeptDevice { id, key, name, card, generation } in devices {
            self.add_device(id, number, (key, name, card, generation));
        }
    }
}
