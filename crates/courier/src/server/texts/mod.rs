//! Texts: stored before they are accepted, delivered to each device once and in order.
//!
//! What a device has to know for sure, texts of others and what has become of its own ones, waits for it in
//! one queue, in order, until it has written it down. A text is taken back, or expires, while it is known
//! that no device of its recipient has it: what was on its way when a session ended is in doubt until the
//! device says in its next session what it has. What is in doubt survives a crash (`Offers`, `Offered`).
//!
//! The texts of a device are heard of in the order of their numbers, without gaps, so that one number tells
//! what is known already.

mod apply;
mod back;
mod deliver;
mod kept;
mod mailbox;
#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use polysim_base::{Duration, Instant, Msisdn};

use super::{Connection, Server, ServerEvent, TextRecord};
use crate::wire::{Copy, DeviceList, Refusal, TextFromDevice, TextToDevice};
use crate::{DeviceId, ListVersion, MessageId};
use apply::NewText;
use mailbox::Mailbox;

/// What waits for whom.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Texts {
    boxes: BTreeMap<DeviceId, Mailbox>,
    expiries: BTreeSet<(Instant, MessageId)>,
    retries: BTreeSet<(Instant, DeviceId)>,
}

/// A text as its sender's device says it.
#[derive(Clone, Debug)]
struct Sent {
    id: MessageId,
    to: Msisdn,
    lists: (ListVersion, ListVersion),
    copies: Vec<Copy>,
    expires: Option<Duration>,
}

/// What becomes of it.
enum Verdict {
    /// It is stored.
    Store(NewText),
    /// It is not, for good.
    Refuse(Refusal),
    /// It was made for other devices.
    Stale { to: DeviceList, own: DeviceList },
    /// The sender has to take first what waits for it.
    Later,
}

impl Server {
    pub(super) fn text_message(&mut self, now: Instant, from: Connection, message: TextFromDevice) {
        let Some(device) = self.sessions.device(from) else { return };
        match message {
            TextFromDevice::Send { number, to, list, own, copies, expires } => {
                let id = MessageId { from: device, number };
                let sent = Sent { id, to, lists: (list, own), copies, expires };
                self.sent(now, from, sent);
            }
            TextFromDevice::Withdraw { number } => {
                self.wanted_back(now, MessageId { from: device, number });
            }
            TextFromDevice::Taken { up_to } => self.taken(now, device, up_to),
            TextFromDevice::Read { message } => self.was_read(now, from, device, message),
        }
    }

    fn sent(&mut self, now: Instant, from: Connection, sent: Sent) {
        let id = sent.id;
        match self.texts.is_next(id) {
            Heard::Before => self.desk.send(from, TextToDevice::Stored { number: id.number }),
            Heard::Denied | Heard::TooEarly => {}
            Heard::Next => match self.judge_at_a_price(now, sent) {
                Verdict::Store(text) => self.store(now, from, text),
                Verdict::Refuse(why) => {
                    self.desk.record(TextRecord::Refused { id, why });
                    self.texts.refuse(id, why);
                    self.offer(now, id.from);
                }
                Verdict::Stale { to, own } => {
                    let stale = TextToDevice::StaleList { number: id.number, to, own };
                    self.desk.send(from, stale);
                }
                Verdict::Later => {}
            },
        }
    }

    /// Whoever writes to a number without knowing its devices learns whether it is registered.
    fn judge_at_a_price(&mut self, now: Instant, sent: Sent) -> Verdict {
        let from = sent.id.from;
        match self.judge(now, sent) {
            verdict @ (Verdict::Stale { .. } | Verdict::Refuse(Refusal::NotRegistered)) => {
                match self.look_up(now, from, 1) {
                    Ok(()) => verdict,
                    Err(after) => Verdict::Refuse(Refusal::LookupLimit(after)),
                }
            }
            verdict @ (Verdict::Store(_) | Verdict::Refuse(_) | Verdict::Later) => verdict,
        }
    }

    fn judge(&self, now: Instant, sent: Sent) -> Verdict {
        let Sent { id, to, lists, mut copies, expires } = sent;
        let limits = &self.desk.config.limits;
        let Some(from) = self.accounts.number_of(id.from) else { return Verdict::Later };
        if !self.has_notes_left(id.from) {
            return Verdict::Later;
        }
        let waiting = count(limits.waiting);
        if !self.accounts.is_proved(id.from) {
            return Verdict::Refuse(Refusal::Unproved);
        }
        let devices = self.others(&to, id.from);
        if devices.is_empty() {
            return Verdict::Refuse(Refusal::NotRegistered);
        }
        let own = if to == from { Vec::new() } else { self.others(&from, id.from) };
        let current = lists == (self.accounts.list_of(&to), self.accounts.list_of(&from));
        if !current || !are_for(&copies, &devices, &own) {
            return Verdict::Stale { to: self.accounts.list(&to), own: self.accounts.list(&from) };
        }
        if copies.iter().any(|copy| copy.sealed.len() > count(limits.text_octets)) {
            return Verdict::Refuse(Refusal::TooLong(limits.text_octets));
        }
        let full = |device: &DeviceId| self.texts.texts(*device) >= waiting;
        if devices.iter().any(full) || self.texts.live_of(id.from) >= waiting {
            return Verdict::Refuse(Refusal::Full);
        }
        let mut own_copies = Vec::new();
        if !own.is_empty() {
            let (theirs, ours) = copies.into_iter().partition(|it| devices.contains(&it.device));
            copies = theirs;
            own_copies = ours;
            // A device of the sender that never comes does not hinder the others.
            own_copies.retain(|it| !full(&it.device));
        }
        let until = expires.map(|time| now.plus(time));
        Verdict::Store(NewText { id, from, to, copies, own: own_copies, at: now, until })
    }

    fn store(&mut self, now: Instant, from: Connection, text: NewText) {
        let id = text.id;
        let devices: Vec<_> = text.copies.iter().chain(&text.own).map(|it| it.device).collect();
        let NewText { id: _, from: number, to, copies, own, at, until } = text.clone();
        self.desk.record(TextRecord::Stored { id, from: number, to, copies, own, at, until });
        self.texts.store(text);
        self.desk.send(from, TextToDevice::Stored { number: id.number });
        self.desk.tell(ServerEvent::Stored(id));
        for device in devices {
            self.offer(now, device);
        }
    }

    /// Returns whether a device may be told more than what waits for it.
    fn has_notes_left(&self, device: DeviceId) -> bool {
        self.texts.notes(device) < count(self.desk.config.limits.waiting)
    }

    /// The devices of a number but that one.
    fn others(&self, number: &Msisdn, but: DeviceId) -> Vec<DeviceId> {
        self.accounts.devices_of(number).filter(|device| *device != but).collect()
    }

    fn was_read(&mut self, now: Instant, from: Connection, device: DeviceId, id: MessageId) {
        let Some(by) = self.accounts.number_of(device) else { return };
        if self.texts.has_sent(id) {
            if !self.has_notes_left(id.from) {
                return;
            }
            self.desk.record(TextRecord::Read { id, by, device });
            self.texts.read(id, by, device);
        }
        self.desk.send(from, TextToDevice::Noted { message: id });
        self.offer(now, id.from);
    }
}

/// What is known of a text that comes.
enum Heard {
    /// It was stored.
    Before,
    /// It was refused or taken back, and its sender is being told.
    Denied,
    /// It is the next one.
    Next,
    /// Others come first.
    TooEarly,
}

impl Texts {
    fn is_next(&self, id: MessageId) -> Heard {
        let boxed = self.boxes.get(&id.from);
        let sent = boxed.map_or(0, |it| it.sent);
        let denied = || boxed?.busy.as_ref().map(|it| it.denied.contains(&id.number));
        match id.number {
            number if number <= sent && denied() == Some(true) => Heard::Denied,
            number if number <= sent => Heard::Before,
            number if number == sent.saturating_add(1) => Heard::Next,
            _ => Heard::TooEarly,
        }
    }

    fn has_sent(&self, id: MessageId) -> bool {
        self.boxes.get(&id.from).is_some_and(|it| (1..=it.sent).contains(&id.number))
    }

    fn texts(&self, device: DeviceId) -> usize {
        self.busy(device).map_or(0, |it| it.texts)
    }

    fn notes(&self, device: DeviceId) -> usize {
        self.busy(device).map_or(0, mailbox::Busy::notes)
    }

    fn live_of(&self, device: DeviceId) -> usize {
        self.busy(device).map_or(0, |it| it.live.len())
    }

    fn busy(&self, device: DeviceId) -> Option<&mailbox::Busy> {
        self.boxes.get(&device)?.busy.as_deref()
    }
}

/// There is one copy for each device, and none for others.
fn are_for(copies: &[Copy], devices: &[DeviceId], own: &[DeviceId]) -> bool {
    let mut all = devices.iter().chain(own);
    copies.len() == devices.len().saturating_add(own.len())
        && all.all(|device| copies.iter().any(|copy| copy.device == *device))
}

fn count(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
