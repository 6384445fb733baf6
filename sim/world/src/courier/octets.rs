//! How many octets messages take on a link: what is large is counted, the rest is an allowance.

use polysim_courier::wire::{
    ContactsToDevice, Copy, FromDevice, Item, RateFromDevice, RateToDevice, Refresh,
    TextFromDevice, TextToDevice, ToDevice, VoiceFromDevice, VoiceToDevice,
};

/// What every message takes: headers of the layers below, and small fields.
const SMALL: usize = 64;
/// A contact, or a device with its key.
const ENTRY: usize = 16;

pub(super) fn from_device(said: &FromDevice) -> u64 {
    let large = match said {
        FromDevice::Rate(RateFromDevice::Probe { octets, .. }) => octets.len(),
        FromDevice::Text(TextFromDevice::Send { copies, .. }) => copies.iter().map(copy).sum(),
        FromDevice::Contacts(Refresh { add, remove, .. }) => (add.len() + remove.len()) * ENTRY,
        FromDevice::Voice(VoiceFromDevice::Speech { packet, .. }) => packet.payload.len(),
        FromDevice::Account(_)
        | FromDevice::Text(_)
        | FromDevice::Rate(_)
        | FromDevice::Voice(_) => 0,
    };
    total(large)
}

pub(super) fn to_device(said: &ToDevice) -> u64 {
    let large = match said {
        ToDevice::Rate(RateToDevice::Probe { octets, .. }) => octets.len(),
        ToDevice::Text(TextToDevice::Deliver { item: Item::Text { sealed, .. }, .. }) => {
            sealed.len()
        }
        ToDevice::Text(TextToDevice::StaleList { to, own, .. }) => {
            (to.devices.len() + own.devices.len()) * 2 * ENTRY
        }
        ToDevice::Contacts(ContactsToDevice::Marks { on, off, .. }) => {
            (on.len() + off.len()) * ENTRY
        }
        ToDevice::Voice(VoiceToDevice::Speech { packet, .. }) => packet.payload.len(),
        ToDevice::Account(_)
        | ToDevice::Contacts(_)
        | ToDevice::Text(_)
        | ToDevice::Rate(_)
        | ToDevice::Voice(_) => 0,
    };
    total(large)
}

fn copy(copy: &Copy) -> usize {
    copy.sealed.len() + ENTRY
}

fn total(large: usize) -> u64 {
    u64::try_from(large.saturating_add(SMALL)).unwrap_or(u64::MAX)
}
