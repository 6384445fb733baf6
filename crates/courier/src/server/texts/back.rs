//! Texts that are taken back, expire, or have nobody left to wait for.

use polysim_base::Instant;

use super::mailbox::Wanted;
use super::{Heard, Texts};
use crate::server::{Server, ServerEvent, TextRecord};
use crate::{DeviceId, MessageId};

impl Server {
    /// A device wants a text back, which has perhaps never come.
    pub(super) fn wanted_back(&mut self, now: Instant, id: MessageId) {
        match self.texts.is_next(id) {
            Heard::Next if self.has_notes_left(id.from) => self.remove(now, id, Wanted::Back),
            Heard::Before => self.remove_if_sure(now, id, Wanted::Back),
            // What has become of it waits for the sender already.
            Heard::Next | Heard::Denied | Heard::TooEarly => {}
        }
    }

    /// Removes a text at once where no device of the recipient can have it, and otherwise as soon as that
    /// is known.
    pub(super) fn remove_if_sure(&mut self, now: Instant, id: MessageId, wanted: Wanted) {
        let Some(live) = self.texts.live(id) else { return };
        if live.devices.iter().any(|device| self.texts.perhaps_has(*device, id)) {
            self.texts.want(id, wanted);
        } else {
            self.remove(now, id, wanted);
        }
    }

    fn remove(&mut self, now: Instant, id: MessageId, wanted: Wanted) {
        let (record, event, sure) = match wanted {
            Wanted::Back => {
                let sure = self.texts.withdraw(id);
                (TextRecord::Withdrawn(id), ServerEvent::Withdrawn(id), sure)
            }
            Wanted::Expired => {
                let sure = self.texts.expire(id);
                (TextRecord::Expired(id), ServerEvent::Expired(id), sure)
            }
        };
        self.desk.record(record);
        if sure {
            self.desk.tell(event);
        }
        self.offer(now, id.from);
    }

    pub(in crate::server) fn expire_texts(&mut self, now: Instant) {
        while let Some((until, id)) = self.texts.expiries.first().copied().filter(|it| it.0 <= now)
        {
            self.texts.expiries.remove(&(until, id));
            self.remove_if_sure(now, id, Wanted::Expired);
        }
        self.say_again(now);
    }

    /// A device is no more: nothing waits for it, and senders are told where nobody else gets their text.
    pub(in crate::server) fn forget_texts(&mut self, now: Instant, device: DeviceId) {
        for sender in self.texts.forget(device) {
            self.offer(now, sender);
        }
    }
}

impl Texts {
    fn perhaps_has(&self, device: DeviceId, id: MessageId) -> bool {
        let offered = self.busy(device).map_or(0, |it| it.offered);
        self.position(id, device).is_some_and(|at| at < offered)
    }

    fn want(&mut self, id: MessageId, wanted: Wanted) {
        let busy = self.boxes.get_mut(&id.from).and_then(|it| it.busy.as_mut());
        if let Some(live) = busy.and_then(|it| it.live.get_mut(&id.number)) {
            live.wanted = Some(wanted);
        }
    }
}
