//! What is on its way to devices: a window of what waits, said again until taken.

use alloc::vec::Vec;

use polysim_base::Instant;

use super::Texts;
use super::mailbox::{Mailbox, WINDOW};
use crate::server::{Server, ServerEvent, ServerTimer, TextRecord};
use crate::wire::{Item, TextToDevice};
use crate::{DeviceId, MessageId};

impl Texts {
    pub(in crate::server) fn deadline(&self) -> Option<(Instant, ServerTimer)> {
        let retry = self.retries.first().map(|(at, _)| (*at, ServerTimer::Retry));
        let expiry = self.expiries.first().map(|(at, _)| (*at, ServerTimer::Expiry));
        retry.into_iter().chain(expiry).min_by_key(|(at, _)| *at)
    }

    /// Nothing is said again to a device that has no session.
    fn retry_none(&mut self, device: DeviceId) {
        let Some(busy) = self.boxes.get_mut(&device).and_then(|it| it.busy.as_mut()) else {
            return;
        };
        busy.session = None;
        if let Some(at) = busy.retry_at.take() {
            self.retries.remove(&(at, device));
        }
    }

    fn retry_at(&mut self, device: DeviceId, at: Instant) {
        let Some(busy) = self.boxes.get_mut(&device).and_then(|it| it.busy.as_mut()) else {
            return;
        };
        if busy.retry_at.is_none() && busy.offered > 0 {
            busy.retry_at = Some(at);
            self.retries.insert((at, device));
        }
    }
}

impl Server {
    /// It runs: what was on its way when it stopped is in doubt.
    pub(in crate::server) fn start_texts(&mut self) {
        let offering = self.texts.boxes.iter().filter(|(_, it)| it.offers);
        let in_doubt: Vec<_> = offering.map(|(device, it)| (*device, it.doubt())).collect();
        for (device, count) in in_doubt {
            self.in_doubt(device, count);
        }
    }

    /// A session is known to be that of a device, which has written down what was delivered up to `taken`.
    /// Only the first word of a session says so: whatever is said again later is not heard.
    pub(in crate::server) fn texts_connected(
        &mut self,
        now: Instant,
        device: DeviceId,
        taken: u64,
    ) {
        let Some(connection) = self.sessions.connection(device) else { return };
        if self.texts.busy(device).is_some_and(|it| it.session == Some(connection)) {
            return;
        }
        self.texts.retry_none(device);
        // Nothing is on its way to it until what is known not to be there is settled.
        self.acknowledged(now, device, taken);
        let doubt = self.texts.boxes.get(&device).map_or(0, Mailbox::doubt);
        if doubt > 0 {
            self.in_doubt(device, 0);
            self.give_back(now, device, doubt);
        }
        self.offer(now, device);
    }

    /// A session of a device is over.
    pub(in crate::server) fn texts_gone(&mut self, device: DeviceId) {
        self.texts.retry_none(device);
        if let Some(boxed) = self.texts.boxes.get(&device).filter(|it| it.offers) {
            let offered = boxed.busy.as_ref().map_or(0, |it| it.offered);
            self.in_doubt(device, offered);
        }
    }

    fn in_doubt(&mut self, device: DeviceId, count: usize) {
        let written = u16::try_from(count).unwrap_or(u16::MAX);
        self.desk.record(TextRecord::Offered { device, count: written });
        self.texts.doubt(device, count);
    }

    /// Says what waits for a device, as far as the window goes.
    pub(super) fn offer(&mut self, now: Instant, device: DeviceId) {
        let Some(connection) = self.sessions.connection(device) else { return };
        let Some(boxed) = self.texts.boxes.get_mut(&device) else { return };
        let Some(busy) = &mut boxed.busy else { return };
        // What an older session may have lost is said in this one from the first on.
        let again = busy.session != Some(connection);
        let said = if again { 0 } else { busy.offered };
        let all = busy.queue.len().min(WINDOW);
        if said == all {
            return;
        }
        busy.session = Some(connection);
        if said == 0 {
            busy.since = now;
        }
        if !boxed.offers {
            boxed.offers = true;
            self.desk.record(TextRecord::Offers(device));
        }
        let numbers = boxed.taken.saturating_add(1)..;
        for (number, item) in numbers.zip(&busy.queue).take(all).skip(said) {
            self.desk.send(connection, TextToDevice::Deliver { number, item: item.clone() });
        }
        busy.offered = all;
        self.texts.retry_at(device, now.plus(self.desk.config.retry));
    }

    /// A device has written down what was delivered to it.
    pub(super) fn taken(&mut self, now: Instant, device: DeviceId, up_to: u64) {
        self.acknowledged(now, device, up_to);
        self.offer(now, device);
    }

    fn acknowledged(&mut self, now: Instant, device: DeviceId, up_to: u64) {
        let Some(boxed) = self.texts.boxes.get(&device) else { return };
        let there = u64::try_from(boxed.doubt()).unwrap_or(u64::MAX);
        if up_to <= boxed.taken || up_to > boxed.taken.saturating_add(there) {
            return;
        }
        self.desk.record(TextRecord::Taken { device, up_to });
        let texts = self.texts.take(device, up_to);
        if let Some(busy) = self.texts.boxes.get_mut(&device).and_then(|it| it.busy.as_mut()) {
            busy.since = now;
        }
        for (id, first) in texts {
            self.desk.tell(ServerEvent::Delivered(id, device));
            if first {
                self.offer(now, id.from);
            }
        }
    }

    /// Says again what was not taken for too long.
    pub(super) fn say_again(&mut self, now: Instant) {
        while let Some((at, device)) = self.texts.retries.first().copied().filter(|it| it.0 <= now)
        {
            self.texts.retries.remove(&(at, device));
            let Some(boxed) = self.texts.boxes.get_mut(&device) else { continue };
            let taken = boxed.taken;
            let Some(busy) = &mut boxed.busy else { continue };
            busy.retry_at = None;
            let connection = self.sessions.connection(device);
            let Some(connection) = connection.filter(|it| Some(*it) == busy.session) else {
                continue;
            };
            let mut again = busy.since.plus(self.desk.config.retry);
            if again <= now {
                again = now.plus(self.desk.config.retry);
                let numbers = taken.saturating_add(1)..;
                for (number, item) in numbers.zip(&busy.queue).take(busy.offered) {
                    self.desk
                        .send(connection, TextToDevice::Deliver { number, item: item.clone() });
                }
            }
            self.texts.retry_at(device, again);
        }
    }

    /// The first so many of what waits for a device turn out not to be there: texts among them that were
    /// wanted back, or have expired, are removed.
    fn give_back(&mut self, now: Instant, device: DeviceId, count: usize) {
        let Some(busy) = self.texts.busy(device) else { return };
        let ids: Vec<_> = busy.queue.iter().take(count).filter_map(text_id).collect();
        for id in ids {
            if let Some(wanted) = self.texts.live(id).and_then(|live| live.wanted) {
                self.remove_if_sure(now, id, wanted);
            }
        }
    }
}

fn text_id(item: &Item) -> Option<MessageId> {
    match item {
        Item::Text { id, .. } => Some(*id),
        Item::Delivered { .. }
        | Item::Read { .. }
        | Item::Expired { .. }
        | Item::NotStored { .. }
        | Item::Withdrawn { .. }
        | Item::Unsure { .. } => None,
    }
}
