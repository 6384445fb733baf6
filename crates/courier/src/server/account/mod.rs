//! Numbers, their devices, and who holds them.

mod hello;
mod link;
mod register;
mod state;

#[cfg(test)]
pub(super) mod tests;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use polysim_base::{Instant, Msisdn};

use super::{AccountRecord, Connection, Kept, Server, ServerEvent, ServerOutput, ServerRecord};
use crate::wire::{AccountFromDevice, AccountToDevice, Refusal};
use crate::{CardMark, DeviceId, DeviceKey, DeviceName, ListVersion, RequestId};

/// Who is registered.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Accounts {
    pub(super) numbers: BTreeMap<Msisdn, Account>,
    pub(super) devices: BTreeMap<DeviceId, Device>,
    /// When a number has changed hands last; of few numbers.
    held: BTreeMap<Msisdn, Instant>,
    /// Numbers whose primary device has another card in it, by since when.
    unproved: BTreeSet<(Instant, Msisdn)>,
    /// The last invitation of a device; of few devices.
    invitations: BTreeMap<DeviceId, Invited>,
    /// How many invitations there were.
    invited: u64,
    /// The last device.
    last: DeviceId,
    /// How many changes of lists there were: versions of lists are of all numbers together, so that a
    /// number that is registered again has a version that it never had.
    lists: ListVersion,
}

/// A number that is registered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Account {
    pub(super) primary: DeviceId,
    pub(super) linked: Vec<DeviceId>,
    /// The version of the list of its devices.
    pub(super) list: ListVersion,
}

/// A device of a number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Device {
    pub(super) number: Msisdn,
    pub(super) key: DeviceKey,
    pub(super) name: DeviceName,
    /// The card with which the number was proved; of primary devices.
    pub(super) card: Option<CardMark>,
    /// Which of its tokens holds.
    generation: u32,
    /// Since when another card is in the primary device of its number: until the number is proved again,
    /// no device of it may act for it.
    unproved_since: Option<Instant>,
}

/// An invitation that was not used.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Invited {
    number: u64,
    at: Instant,
    /// In which session, by which question: the same one gets the same answer.
    asked: Option<(Connection, RequestId)>,
}

impl Server {
    pub(super) fn account_message(
        &mut self,
        now: Instant,
        from: Connection,
        message: AccountFromDevice,
    ) {
        if !self.sessions.is_open(from) {
            return;
        }
        if let Some(request) = request_of(&message)
            && !self.sessions.asks(from, request)
        {
            return;
        }
        match message {
            AccountFromDevice::Register { request, number, key, card, tenant, name } => {
                let registration = self.proofs.next();
                let sent =
                    super::CodeSent { registration, at: now, number, key, card, tenant, name };
                self.register(now, (from, request), sent);
            }
            AccountFromDevice::Confirm { request, registration, code } => {
                self.confirm(now, (from, request), registration, code);
            }
            AccountFromDevice::Redeem { request, invitation, key, name } => {
                self.redeem(now, (from, request), &invitation, (key, name));
            }
            AccountFromDevice::Hello { request, device, token, card, taken } => {
                if self.sessions.says(from, request) {
                    self.hello(now, (from, request), (device, &token), card, taken);
                }
            }
            AccountFromDevice::Invite { request } => self.invite(now, (from, request)),
            AccountFromDevice::Unlink { request, device } => {
                self.unlink(now, (from, request), device);
            }
            AccountFromDevice::Deregister { request } => self.deregister(now, (from, request)),
        }
    }

    fn refuse(&mut self, (to, request): (Connection, RequestId), why: Refusal) {
        self.desk.send(to, AccountToDevice::Refused { request, why });
    }

    /// Does what a record says, and writes it down.
    fn keep(&mut self, now: Instant, record: AccountRecord) {
        let former = self.apply(&record);
        self.desk.record(record);
        former.into_iter().for_each(|device| self.forget_texts(now, device));
    }

    /// A session is that of a device from now on: the older session of that one is over, and whoever
    /// the session was of before is gone, and gives up its place: it has become another device.
    fn bind(&mut self, now: Instant, from: Connection, device: DeviceId) {
        let before = self.sessions.bound(from);
        if before == Some(device) {
            return;
        }
        if let Some(older) = self.sessions.is_of(from, device) {
            self.desk.close(older);
        }
        self.desk.tell(ServerEvent::Connected(device));
        let Some(before) = before else { return };
        self.gone(before);
        if self.accounts.is_primary(before) {
            self.end_number(now, before);
        } else if self.accounts.devices.contains_key(&before) {
            self.end_device(now, before);
        }
    }

    /// Devices are not registered any more: their sessions end, and in the next one they are unknown.
    fn dismiss(&mut self, former: &[DeviceId]) {
        for device in former {
            if let Some(connection) = self.sessions.end(*device) {
                self.desk.close(connection);
                self.gone(*device);
            }
        }
    }

    /// The registration of a number ends.
    fn end_number(&mut self, now: Instant, primary: DeviceId) {
        let Some(number) = self.accounts.number_of(primary) else { return };
        let former: Vec<DeviceId> = self.accounts.devices_of(&number).collect();
        self.keep(now, AccountRecord::Deregistered { number, at: now });
        self.desk.tell(ServerEvent::Deregistered(number));
        self.dismiss(&former);
    }

    /// A linked device is linked no more.
    fn end_device(&mut self, now: Instant, device: DeviceId) {
        self.keep(now, AccountRecord::Unlinked(device));
        self.desk.tell(ServerEvent::Unlinked(device));
        self.dismiss(&[device]);
    }

    /// Registrations end of numbers that were not proved again in time.
    fn expire_unproved(&mut self, now: Instant) {
        while let Some((since, number)) = self.accounts.unproved.first().copied()
            && since.plus(self.desk.config.verify_within) <= now
            && let Some(primary) = self.accounts.numbers.get(&number).map(|it| it.primary)
        {
            self.end_number(now, primary);
        }
    }

    /// Returns when something of registrations is due.
    pub(super) fn account_deadline(&self) -> Option<(Instant, super::ServerTimer)> {
        let unproved = self.accounts.unproved.first().map(|(since, _)| {
            (since.plus(self.desk.config.verify_within), super::ServerTimer::Proof)
        });
        let code = self.proofs.deadline(&self.desk.config.limits);
        let due = [unproved, code, self.sessions.deadline()];
        due.into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    pub(super) fn account_timeout(&mut self, now: Instant) {
        self.proofs.expire(now, &self.desk.config.limits);
        self.expire_unproved(now);
        for connection in self.sessions.silent(now) {
            self.desk.close(connection);
        }
    }

    pub(super) fn restore_account(&mut self, record: &AccountRecord) {
        let former = self.apply(record);
        former.into_iter().for_each(|device| {
            self.texts.forget(device);
        });
    }

    /// Returns what a checkpoint keeps of who is registered.
    pub(super) fn account_checkpoint(&self) -> Vec<ServerRecord> {
        let counts = Kept::Counts {
            devices: self.accounts.last,
            registrations: self.proofs.last,
            invitations: self.accounts.invited,
            lists: self.accounts.lists,
            marks: self.contacts.marks.version(),
        };
        let accounts = self.accounts.numbers.iter().map(|(number, account)| {
            self.accounts.kept(*number, account, self.contacts.marked(number))
        });
        let all = core::iter::once(counts).chain(accounts).chain(self.accounts.kept_invitations());
        all.chain(self.proofs.checkpoint()).map(ServerRecord::Kept).collect()
    }
}

impl super::Desk {
    fn close(&mut self, connection: Connection) {
        self.out.push(polysim_base::Out::Do(ServerOutput::Close(connection)));
    }
}

/// Returns the number of a question about registrations.
const fn request_of(message: &AccountFromDevice) -> Option<RequestId> {
    match message {
        AccountFromDevice::Register { request, .. }
        | AccountFromDevice::Confirm { request, .. }
        | AccountFromDevice::Redeem { request, .. }
        | AccountFromDevice::Invite { request }
        | AccountFromDevice::Unlink { request, .. }
        | AccountFromDevice::Deregister { request } => Some(*request),
        AccountFromDevice::Hello { .. } => None,
    }
}
