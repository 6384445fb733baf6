//! How many octets messages take on a link: what is large is counted, the rest is an allowance.

use polysim_courier::wire::{Copy, FromDevice, Item, ToDevice};

/// What every message takes: headers of the layers below, and small fields.
const SMALL: usize = 64;
/// A contact, or a device with its key.
const ENTRY: usize = 16;

pub(super) fn from_device(said: &FromDevice) -> u64 {
    let large = match said {
        FromDevice::Probe { octets, .. } => octets.len(),
        FromDevice::Send { copies, .. } => copies.iter().map(copy).sum(),
        FromDevice::Contacts { add, remove, .. } => (add.len() + remove.len()) * ENTRY,
        FromDevice::Speech { packet, .. } => packet.payload.len(),
        FromDevice::Register { .. }
        | FromDevice::Confirm { .. }
        | FromDevice::Redeem { .. }
        | FromDevice::Hello { .. }
        | FromDevice::Invite { .. }
        | FromDevice::Unlink { .. }
        | FromDevice::Deregister { .. }
        | FromDevice::Devices { .. }
        | FromDevice::Withdraw { .. }
        | FromDevice::Taken { .. }
        | FromDevice::Read { .. }
        | FromDevice::ProbeMe { .. }
        | FromDevice::Measured(_)
        | FromDevice::Call { .. }
        | FromDevice::Answer { .. }
        | FromDevice::InCall { .. }
        | FromDevice::HangUp { .. }
        | FromDevice::Fared { .. } => 0,
    };
    total(large)
}

pub(super) fn to_device(said: &ToDevice) -> u64 {
    let large = match said {
        ToDevice::Probe { octets, .. } => octets.len(),
        ToDevice::Deliver { item: Item::Text { sealed, .. }, .. } => sealed.len(),
        ToDevice::Marks { on, off, .. } => (on.len() + off.len()) * ENTRY,
        ToDevice::Devices { devices, .. } => devices.len() * 2 * ENTRY,
        ToDevice::StaleList { to, own, .. } => (to.devices.len() + own.devices.len()) * 2 * ENTRY,
        ToDevice::Speech { packet, .. } => packet.payload.len(),
        ToDevice::CodeSent { .. }
        | ToDevice::WrongCode { .. }
        | ToDevice::Registered { .. }
        | ToDevice::Refused { .. }
        | ToDevice::Welcome { .. }
        | ToDevice::Unknown { .. }
        | ToDevice::Invited { .. }
        | ToDevice::Done { .. }
        | ToDevice::Stored { .. }
        | ToDevice::Noted { .. }
        | ToDevice::Deliver { .. }
        | ToDevice::Probed { .. }
        | ToDevice::Ringing { .. }
        | ToDevice::NoVoice { .. }
        | ToDevice::Incoming { .. }
        | ToDevice::Answered { .. }
        | ToDevice::Ended { .. } => 0,
    };
    total(large)
}

fn copy(copy: &Copy) -> usize {
    copy.sealed.len() + ENTRY
}

fn total(large: usize) -> u64 {
    u64::try_from(large.saturating_add(SMALL)).unwrap_or(u64::MAX)
}
