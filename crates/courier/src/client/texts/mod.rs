//! Texts: one path for each, and never both.
//!
//! A text that the user writes waits until it is sent to the server, is in doubt until the server answers,
//! and is the server's from then on. What has become of it comes with the deliveries to this device, each of
//! which is written down before the server may forget it.
//!
//! The carrier gets a text that was never sent, that the server has refused, or that the server has given
//! back. Nothing else is known to be nowhere: where that will never be known, the text is
//! [`TextState::Unsure`](super::TextState::Unsure), and is not sent again.

mod carrier;
mod inbox;
mod kept;
mod keys;
mod letter;
mod outbox;
#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, BTreeSet};

use polysim_base::{Instant, Msisdn};

use super::{Client, ClientTimer, ReceivedText, TextRecord, Why};
use crate::wire::TextToDevice;
use crate::{DeviceId, MessageId};
use keys::Known;
use letter::Letter;

/// Texts of this device that wait, at most.
const WAITING_MAX: usize = 1_000;
/// Delivered texts of which it would be noticed that they were read, at most.
const DELIVERED_MAX: usize = 1_000;
/// Texts of others of which the server does not know yet that they were read, at most.
const READS_MAX: usize = 1_000;

/// What the user has written, and what has come.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Texts {
    /// As which device texts are sent and taken.
    device: Option<DeviceId>,
    /// The number of the last text that the user has written.
    written: u64,
    /// Those of which there is still something to know.
    letters: BTreeMap<u64, Letter>,
    /// What they are to the server.
    ids: BTreeMap<MessageId, u64>,
    /// The delivered ones.
    delivered: BTreeSet<u64>,
    /// The number of the last text that was sent to the server.
    sent: u64,
    keys: BTreeMap<Msisdn, Known>,
    /// The number of the last delivery that is written down.
    taken: u64,
    /// Written down, and the user was perhaps not told.
    untold: Option<(u64, ReceivedText)>,
    /// What the user has read, and the server does not know.
    reads: BTreeSet<MessageId>,
    retry_at: Option<Instant>,
}

impl Texts {
    pub(super) fn deadline(&self) -> Option<(Instant, ClientTimer)> {
        self.retry_at.map(|at| (at, ClientTimer::Retry))
    }

    /// Returns the number of the last delivery that is written down.
    pub(super) const fn taken(&self) -> u64 {
        self.taken
    }

    /// This is that device from now on, or none. Each has its own numbers.
    pub(super) fn become_device(&mut self, device: Option<DeviceId>) {
        if self.device != device {
            self.device = device;
            self.sent = 0;
            self.taken = 0;
        }
    }

    pub(super) fn restore(&mut self, record: TextRecord) {
        match record {
            TextRecord::Keys { number, version, keys } => {
                self.keys.insert(number, Known { version, keys });
            }
            TextRecord::Written { number, to, text } => self.write(number, to, text),
            TextRecord::Sending { number, id } => self.sending(number, id),
            TextRecord::State { number, state } => self.set(number, state),
            TextRecord::Taken { number, text } => {
                self.taken = number;
                self.untold = text.map(|text| (number, text));
            }
            TextRecord::Told(_) => self.untold = None,
            TextRecord::Read(id) => {
                self.reads.insert(id);
            }
            TextRecord::ReadNoted(id) => {
                self.reads.remove(&id);
            }
            TextRecord::Counts { written, sent, taken } => {
                (self.written, self.sent, self.taken) = (written, sent, taken);
            }
        }
    }
}

impl Client {
    /// The server says something of texts. Before it has welcomed this device in this session, that is
    /// late, and meant for the device that this one was before.
    pub(super) fn text_message(&mut self, now: Instant, message: TextToDevice) {
        if !self.can_send() {
            return;
        }
        match message {
            TextToDevice::Stored { number } => self.stored(now, number),
            TextToDevice::StaleList { number, to, own } => {
                self.learn_list(to);
                self.learn_list(own);
                self.send_from(now, number);
            }
            TextToDevice::Noted { message } => self.read_noted(message),
            TextToDevice::Deliver { number, item } => self.delivered(now, number, item),
        }
    }

    /// It runs, or the link or the registration has come or gone.
    pub(super) fn texts_standing(&mut self, now: Instant, starts: bool) {
        self.texts.become_device(self.account.identity().map(|(device, _)| device));
        if starts {
            self.tell_again();
        }
        self.leave_old_texts();
        if starts {
            self.texts_after_crash();
        }
        if self.can_send() {
            self.say_again(now);
        } else {
            self.texts.retry_at = None;
            if !starts {
                self.offer_all(Why::NoData);
            }
        }
    }

    pub(super) fn text_timeout(&mut self, now: Instant) {
        if self.texts.retry_at.is_some_and(|at| at <= now) {
            self.texts.retry_at = None;
            self.say_again(now);
        }
    }

    /// Returns whether the server can be reached, and knows this device.
    fn can_send(&self) -> bool {
        self.desk.linked && self.texts.device.is_some()
    }
}
