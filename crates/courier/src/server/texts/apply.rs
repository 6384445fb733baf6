//! What records change. What was done and what is restored go the same way.

use alloc::vec::Vec;

use polysim_base::{Instant, Msisdn};

use super::Texts;
use super::mailbox::{Live, Mailbox, Wanted};
use crate::server::TextRecord;
use crate::wire::{Copy, Item, Refusal};
use crate::{DeviceId, MessageId};

/// A text on its way into the store.
#[derive(Clone, Debug)]
pub(super) struct NewText {
    pub(super) id: MessageId,
    pub(super) from: Msisdn,
    pub(super) to: Msisdn,
    pub(super) copies: Vec<Copy>,
    pub(super) own: Vec<Copy>,
    pub(super) at: Instant,
    pub(super) until: Option<Instant>,
}

impl Texts {
    pub(in crate::server) fn restore(&mut self, record: TextRecord) {
        match record {
            TextRecord::Stored { id, from, to, copies, own, at, until } => {
                self.store(NewText { id, from, to, copies, own, at, until });
            }
            TextRecord::Taken { device, up_to } => {
                self.take(device, up_to);
            }
            TextRecord::Read { id, by, device } => self.read(id, by, device),
            TextRecord::Refused { id, why } => self.refuse(id, why),
            TextRecord::Withdrawn(id) => {
                self.withdraw(id);
            }
            TextRecord::Expired(id) => {
                self.expire(id);
            }
            TextRecord::Offers(device) => self.offers(device),
            TextRecord::Offered { device, count } => self.doubt(device, usize::from(count)),
        }
    }

    fn boxed(&mut self, device: DeviceId) -> &mut Mailbox {
        self.boxes.entry(device).or_default()
    }

    fn offers(&mut self, device: DeviceId) {
        if let Some(boxed) = self.boxes.get_mut(&device) {
            boxed.offers = true;
        }
    }

    pub(super) fn store(&mut self, text: NewText) {
        let NewText { id, from, to, copies, own, at, until } = text;
        let devices = |copies: &[Copy]| copies.iter().map(|copy| copy.device).collect();
        let live = Live {
            devices: devices(&copies),
            own: devices(&own),
            until,
            wanted: None,
            unsure: false,
        };
        let sender = self.boxed(id.from);
        sender.sent = id.number;
        sender.busy().live.insert(id.number, live);
        self.expiries.extend(until.map(|until| (until, id)));
        for Copy { device, sealed } in copies.into_iter().chain(own) {
            self.boxed(device).push(Item::Text { id, from, to, sealed, at });
        }
    }

    pub(super) fn refuse(&mut self, id: MessageId, why: Refusal) {
        let sender = self.boxed(id.from);
        sender.sent = id.number;
        sender.push(Item::NotStored { number: id.number, why });
    }

    /// A device has what was delivered to it up to that number. Returns the texts among that, and which
    /// of them are those that a device of the recipient has for the first time.
    pub(super) fn take(&mut self, device: DeviceId, up_to: u64) -> Vec<(MessageId, bool)> {
        let mut texts = Vec::new();
        while let Some(boxed) = self.boxes.get_mut(&device).filter(|it| it.taken < up_to) {
            match boxed.pop() {
                Some(Item::Text { id, .. }) => texts.push((id, self.reached(id, device))),
                Some(_) => {}
                None => break,
            }
        }
        self.tidy(device);
        texts
    }

    /// A device has a text; returns whether the sender is told.
    fn reached(&mut self, id: MessageId, device: DeviceId) -> bool {
        let first = self.live(id).is_some_and(|live| live.devices.contains(&device));
        if first {
            self.settle(id, Item::Delivered { number: id.number, device });
        }
        first
    }

    pub(super) fn read(&mut self, id: MessageId, by: Msisdn, device: DeviceId) {
        if let Some(sender) = self.boxes.get_mut(&id.from) {
            sender.push(Item::Read { number: id.number, by, device });
            self.tidy(id.from);
        }
    }

    /// A text is taken back, or will not be taken when it comes. Returns whether nobody has it.
    pub(super) fn withdraw(&mut self, id: MessageId) -> bool {
        let sender = self.boxed(id.from);
        if sender.sent < id.number {
            sender.sent = id.number;
            sender.push(Item::Withdrawn { number: id.number });
            return true;
        }
        self.remove(id, Item::Withdrawn { number: id.number })
    }

    /// A text has waited for too long. Returns whether nobody has it.
    pub(super) fn expire(&mut self, id: MessageId) -> bool {
        self.remove(id, Item::Expired { number: id.number })
    }

    /// Removes a text that no device of the recipient has, and tells the sender. Returns whether that is
    /// sure.
    fn remove(&mut self, id: MessageId, answer: Item) -> bool {
        let Some(live) = self.live(id) else { return false };
        let sure = !live.unsure;
        for device in live.devices.clone() {
            self.remove_copy(id, device, 0);
        }
        self.remove_own(id);
        let answer = if sure { answer } else { Item::Unsure { number: id.number } };
        self.settle(id, answer);
        sure
    }

    /// The sender's other devices do not get it, unless they perhaps have it.
    fn remove_own(&mut self, id: MessageId) {
        let own = self.live(id).map(|live| live.own.clone());
        for device in own.into_iter().flatten() {
            let doubt = self.boxes.get(&device).map_or(0, Mailbox::doubt);
            self.remove_copy(id, device, doubt);
        }
    }

    /// Removes a copy that is not among the first ones.
    fn remove_copy(&mut self, id: MessageId, device: DeviceId, first: usize) {
        let Some(at) = self.position(id, device).filter(|at| *at >= first) else { return };
        let Some(boxed) = self.boxes.get_mut(&device) else { return };
        let busy = boxed.busy();
        if busy.queue.remove(at).is_some() {
            busy.texts = busy.texts.saturating_sub(1);
        }
        if at < busy.offered {
            busy.offered = busy.offered.saturating_sub(1);
        }
        self.tidy(device);
    }

    /// It is known what has become of a text: its sender is told.
    fn settle(&mut self, id: MessageId, answer: Item) {
        let Some(sender) = self.boxes.get_mut(&id.from) else { return };
        let Some(live) = sender.busy().live.remove(&id.number) else { return };
        sender.push(answer);
        if let Some(until) = live.until {
            self.expiries.remove(&(until, id));
        }
        self.tidy(id.from);
    }

    /// So much was on its way to a device when a session ended, or is perhaps there.
    pub(super) fn doubt(&mut self, device: DeviceId, count: usize) {
        let Some(boxed) = self.boxes.get_mut(&device) else { return };
        boxed.offers = false;
        if let Some(busy) = &mut boxed.busy {
            busy.offered = count.min(busy.queue.len());
        }
    }

    /// A device is no more: nothing waits for it. Returns the devices that are told of texts that waited
    /// for it alone. Also for records.
    pub(in crate::server) fn forget(&mut self, device: DeviceId) -> Vec<DeviceId> {
        let mut told = Vec::new();
        let Some(boxed) = self.boxes.get_mut(&device) else { return told };
        let doubt = boxed.doubt();
        boxed.offers = false;
        let Some(busy) = &mut boxed.busy else {
            self.boxes.remove(&device);
            return told;
        };
        busy.gone = true;
        (busy.texts, busy.offered, busy.session) = (0, 0, None);
        busy.denied.clear();
        for (at, item) in core::mem::take(&mut busy.queue).into_iter().enumerate() {
            if let Item::Text { id, .. } = item {
                told.extend(self.lost(id, device, at < doubt));
            }
        }
        self.tidy(device);
        told
    }

    /// A device that a text waited for is no more; returns who is told.
    fn lost(&mut self, id: MessageId, device: DeviceId, perhaps: bool) -> Option<DeviceId> {
        let busy = self.boxes.get_mut(&id.from)?.busy.as_mut()?;
        let live = busy.live.get_mut(&id.number)?;
        let before = live.devices.len();
        live.devices.retain(|it| *it != device);
        if live.devices.len() == before {
            return None;
        }
        live.unsure |= perhaps;
        if !live.devices.is_empty() {
            // What was in doubt is so no more: it may expire now.
            if live.wanted == Some(Wanted::Expired) {
                self.expiries.extend(live.until.map(|until| (until, id)));
            }
            return None;
        }
        let why = Refusal::NotRegistered;
        self.remove(id, Item::NotStored { number: id.number, why });
        Some(id.from)
    }

    /// Frees what is not needed any more.
    pub(super) fn tidy(&mut self, device: DeviceId) {
        let Some(boxed) = self.boxes.get_mut(&device) else { return };
        let Some(busy) = &boxed.busy else { return };
        if !busy.is_idle() {
            return;
        }
        if let Some(at) = busy.retry_at {
            self.retries.remove(&(at, device));
        }
        if busy.gone {
            self.boxes.remove(&device);
        } else {
            boxed.busy = None;
        }
    }

    pub(super) fn live(&self, id: MessageId) -> Option<&Live> {
        self.boxes.get(&id.from)?.busy.as_ref()?.live.get(&id.number)
    }

    /// Where in what waits for a device a text is.
    pub(super) fn position(&self, id: MessageId, device: DeviceId) -> Option<usize> {
        let queue = &self.boxes.get(&device)?.busy.as_ref()?.queue;
        queue.iter().position(|item| matches!(item, Item::Text { id: it, .. } if *it == id))
    }
}
