//! Texts: which way each went, what each device was shown, and what the server is to keep.

use super::{Found, STORED_KEPT, TEXT_ONCE, TEXT_ONE_WAY};
use polysim_base::Msisdn;
use polysim_courier::client::{self, ClientRecord, ReceivedText};
use polysim_courier::server::{self, Kept, ServerRecord};
use polysim_courier::wire::Item;
use polysim_courier::{DeviceId, MessageId};
use std::collections::{BTreeMap, BTreeSet};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// How each text's sender counts it.
    written: BTreeMap<MessageId, (u32, u64)>,
    /// Texts that the carrier has.
    at_carrier: BTreeSet<(u32, u64)>,
    /// Texts that a device of another number was shown.
    over_data: BTreeSet<(u32, u64)>,
    seen: BTreeMap<u32, Seen>,
    /// As whom each device is registered, and which texts each has written down.
    registered: BTreeMap<u32, (DeviceId, Msisdn)>,
    has: BTreeSet<(DeviceId, MessageId)>,
    /// For which devices a text is that the server has written down, and has accepted.
    stored: BTreeMap<MessageId, BTreeSet<DeviceId>>,
    accepted: BTreeMap<MessageId, BTreeSet<DeviceId>>,
}

/// What a device was shown.
#[derive(Debug, Default)]
struct Seen {
    /// The last text of each sender's device.
    last: BTreeMap<DeviceId, u64>,
    /// The very last one.
    newest: Option<MessageId>,
    /// It has crashed since: its user was perhaps not told of that.
    crashed: bool,
}

impl Texts {
    pub(super) fn written_as(&self, id: MessageId) -> Option<u64> {
        self.written.get(&id).map(|(_, number)| *number)
    }

    pub(super) fn device_records(&mut self, device: u32, record: &ClientRecord) {
        use client::TextRecord;
        if let ClientRecord::Text(TextRecord::Sending { number, id }) = record {
            self.written.insert(*id, (device, *number));
        } else if let ClientRecord::Registered { device: id, number, .. } = record {
            self.registered.insert(device, (*id, *number));
        } else if let ClientRecord::Text(TextRecord::Taken { text: Some(text), .. }) = record
            && let Some((as_device, _)) = self.registered.get(&device)
        {
            self.has.insert((*as_device, text.id));
        }
    }

    pub(super) fn server_records(&mut self, record: &server::TextRecord) {
        use server::TextRecord;
        if let TextRecord::Stored { id, copies, .. } = record {
            let devices = copies.iter().map(|copy| copy.device).collect();
            self.stored.insert(*id, devices);
        } else if let TextRecord::Withdrawn(id) | TextRecord::Expired(id) = record {
            self.stored.remove(id);
            self.accepted.remove(id);
        }
    }

    /// The server has accepted a text, and that is durable.
    pub(super) fn accepted(&mut self, id: MessageId) {
        if let Some(devices) = self.stored.remove(&id) {
            self.accepted.insert(id, devices);
        }
    }

    /// A device shows a text.
    pub(super) fn shown(&mut self, found: &mut Found, device: u32, text: &ReceivedText) {
        let id = text.id;
        let seen = self.seen.entry(device).or_default();
        let again = core::mem::take(&mut seen.crashed) && seen.newest == Some(id);
        let before = seen.last.insert(id.from, id.number);
        if !again && before.is_some_and(|before| before >= id.number) {
            let text = format!("device {device} is shown {id:?} after number {before:?}");
            found.note(TEXT_ONCE, text);
        }
        seen.newest = Some(id);
        // The sender's other devices are shown it, too, and that is no way to the recipient.
        let is_recipient = self.registered.get(&device).is_some_and(|(_, own)| *own == text.to);
        if let Some(written) = self.written.get(&id).filter(|_| is_recipient) {
            self.over_data.insert(*written);
            if self.at_carrier.contains(written) {
                found.note(TEXT_ONE_WAY, format!("{id:?} comes over data, and the carrier has it"));
            }
        }
    }

    /// The carrier gets a text.
    pub(super) fn goes_to_carrier(&mut self, found: &mut Found, device: u32, number: u64) {
        self.at_carrier.insert((device, number));
        if self.over_data.contains(&(device, number)) {
            let text = format!("text {number} of device {device} goes to the carrier after data");
            found.note(TEXT_ONE_WAY, text);
        }
    }

    pub(super) fn crashed(&mut self, device: u32) {
        self.seen.entry(device).or_default().crashed = true;
    }

    /// Looks at all that the server has: what it has accepted is there for each device that is.
    pub(super) fn look(&mut self, found: &mut Found, records: &[ServerRecord]) {
        let (mut there, mut queued, mut taken) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for record in records {
            if let ServerRecord::Kept(Kept::Account { devices, .. }) = record {
                there.extend(devices.iter().map(|device| device.id));
            } else if let ServerRecord::Kept(Kept::Mailbox { device, queue, .. }) = record {
                let texts = queue.iter().filter_map(|item| match item {
                    Item::Text { id, .. } => Some((*id, *device)),
                    Item::Delivered { .. }
                    | Item::Read { .. }
                    | Item::NotStored { .. }
                    | Item::Withdrawn { .. }
                    | Item::Unsure { .. }
                    | Item::Expired { .. } => None,
                });
                queued.extend(texts);
            }
        }
        for (id, devices) in &mut self.accepted {
            devices.retain(|device| there.contains(device));
            for device in devices.iter().filter(|device| !queued.contains(&(*id, **device))) {
                taken.insert((*id, *device));
            }
        }
        for (id, device) in taken {
            if !self.has.remove(&(device, id)) {
                found.note(STORED_KEPT, format!("{id:?} waits for {device:?} no more"));
            }
            if let Some(devices) = self.accepted.get_mut(&id) {
                devices.remove(&device);
            }
        }
        self.accepted.retain(|_, devices| !devices.is_empty());
    }
}
