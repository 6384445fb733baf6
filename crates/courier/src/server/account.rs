//! Numbers, their devices, and who holds them.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use polysim_base::{Instant, Msisdn};

use super::{Connection, Server, ServerRecord};
use crate::wire::{DeviceList, FromDevice};
use crate::{CardMark, DeviceId, DeviceKey, DeviceName, ListVersion, MarkVersion};

/// Who is registered.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Accounts {
    pub(super) numbers: BTreeMap<Msisdn, Account>,
    pub(super) devices: BTreeMap<DeviceId, Device>,
    /// Grows with each number that is registered or is not any more.
    pub(super) version: MarkVersion,
}

/// A number that is registered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Account {
    pub(super) primary: DeviceId,
    pub(super) linked: Vec<DeviceId>,
    /// The version of the list of its devices.
    pub(super) list: ListVersion,
    /// When it was registered, as a version of all marks.
    pub(super) marked: MarkVersion,
}

/// A device of a number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Device {
    pub(super) number: Msisdn,
    pub(super) key: DeviceKey,
    pub(super) name: DeviceName,
    /// The card with which the number was proved; of primary devices.
    pub(super) card: Option<CardMark>,
    /// Since when another card is in it.
    pub(super) unproved_since: Option<Instant>,
}

impl Accounts {
    /// Returns the devices of a number, the primary one first.
    pub(super) fn devices_of(&self, number: &Msisdn) -> impl Iterator<Item = DeviceId> {
        let account = self.numbers.get(number);
        account.into_iter().flat_map(|it| [it.primary].into_iter().chain(it.linked.iter().copied()))
    }

    /// Returns the number of a device.
    pub(super) fn number_of(&self, device: DeviceId) -> Option<Msisdn> {
        self.devices.get(&device).map(|it| it.number)
    }

    /// Returns the version of the list of a number's devices.
    pub(super) fn list_of(&self, number: &Msisdn) -> ListVersion {
        self.numbers.get(number).map_or_else(ListVersion::default, |it| it.list)
    }

    /// Returns the list of a number's devices.
    pub(super) fn list(&self, number: &Msisdn) -> DeviceList {
        let key = |device| Some((device, self.devices.get(&device)?.key));
        let devices = self.devices_of(number).filter_map(key).collect();
        DeviceList { number: *number, version: self.list_of(number), devices }
    }

    /// Returns whether a device may act for its number.
    pub(super) fn is_proved(&self, device: DeviceId) -> bool {
        self.devices.get(&device).is_some_and(|it| it.unproved_since.is_none())
    }
}

impl Server {
    pub(super) fn account_message(
        &mut self,
        _now: Instant,
        _from: Connection,
        _message: FromDevice,
    ) {
    }

    pub(super) fn restore_account(&mut self, _record: ServerRecord) {}
}
