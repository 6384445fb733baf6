//! Texts on their way to the server, in the order in which they were written.

use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::{Instant, Msisdn};

use super::letter::Place;
use super::{Texts, WAITING_MAX};
use crate::client::{Client, ClientEvent, NotWritten, TextRecord, TextState, Why};
use crate::wire::{Copy, TextFromDevice};
use crate::{MessageId, TEXT_OCTETS_MAX};

/// Texts that are sent and not answered, at most.
const WINDOW: usize = 8;

impl Client {
    pub(in crate::client) fn write_text(&mut self, now: Instant, to: Msisdn, text: String) {
        let waiting = self.texts.letters.len().saturating_sub(self.texts.delivered.len());
        let refused = if text.len() > TEXT_OCTETS_MAX {
            Some(NotWritten::TooLong { octets: text.len(), limit: TEXT_OCTETS_MAX })
        } else if waiting >= WAITING_MAX {
            Some(NotWritten::Full { limit: WAITING_MAX })
        } else {
            None
        };
        if let Some(why) = refused {
            return self.desk.tell(ClientEvent::NotWritten(why));
        }
        let number = self.texts.written.saturating_add(1);
        self.desk.record(TextRecord::Written { number, to, text: text.clone() });
        self.texts.write(number, to, text);
        self.desk.tell(ClientEvent::Text { number, state: TextState::Waiting });
        if self.can_send() {
            self.send_waiting(now);
        } else {
            self.offer_once(number, Why::NoData);
        }
    }

    /// A text has another state, which is written down and told.
    pub(super) fn text_is(&mut self, number: u64, state: TextState) {
        self.desk.record(TextRecord::State { number, state });
        self.texts.set(number, state);
        self.desk.tell(ClientEvent::Text { number, state });
    }

    /// Sends what waits here, as far as the window goes.
    pub(super) fn send_waiting(&mut self, now: Instant) {
        let Some(from) = self.texts.device else { return };
        for number in self.texts.next_to_send() {
            let id = MessageId { from, number: self.texts.sent.saturating_add(1) };
            self.desk.record(TextRecord::Sending { number, id });
            self.texts.sending(number, id);
            self.send(id, number);
        }
        self.retry_later(now);
    }

    /// Says again whatever the server has not answered, in order.
    pub(super) fn say_again(&mut self, now: Instant) {
        if !self.can_send() {
            return;
        }
        self.send_from(now, 0);
        for message in self.texts.reads.clone() {
            self.desk.send(TextFromDevice::Read { message });
        }
        self.send_waiting(now);
    }

    /// Says again what was said from that number on and not answered. The server hears of texts in the
    /// order of their numbers.
    pub(super) fn send_from(&mut self, now: Instant, first: u64) {
        if !self.can_send() {
            return;
        }
        for (id, number) in self.texts.ids.clone() {
            let place = self.texts.letters.get(&number).map(|letter| letter.place);
            match place.filter(|_| id.number >= first) {
                Some(Place::Sending(_)) => self.send(id, number),
                Some(Place::Withdrawing { .. }) => {
                    self.desk.send(TextFromDevice::Withdraw { number: id.number });
                }
                Some(
                    Place::Here
                    | Place::Asked(_)
                    | Place::Stored(_)
                    | Place::Delivered(_)
                    | Place::AtCarrier,
                )
                | None => {}
            }
        }
        self.retry_later(now);
    }

    fn send(&mut self, id: MessageId, number: u64) {
        let Some((_, own)) = self.account.identity() else { return };
        let Some(letter) = self.texts.letters.get(&number) else { return };
        let to = letter.to;
        let copy = |(device, key)| {
            // A device with a key that is none gets a copy that it cannot open.
            let sealed = self.desk.config.secret.seal(id, &to, key, &letter.text);
            Copy { device, sealed: sealed.unwrap_or_default() }
        };
        let (lists, devices) = self.texts.devices(&to, &own, id.from);
        let copies = devices.into_iter().map(copy).collect();
        let expires = self.desk.config.expires;
        let (list, own) = lists;
        let send = TextFromDevice::Send { number: id.number, to, list, own, copies, expires };
        self.desk.send(send);
    }

    /// The server has a text.
    pub(super) fn stored(&mut self, now: Instant, number: u64) {
        let Some((number, letter)) = self.texts.sent_as(number) else { return };
        if matches!(letter.place, Place::Sending(_)) {
            self.text_is(number, TextState::Stored);
            self.send_waiting(now);
        }
    }

    /// Whatever is not answered is said again after a while.
    pub(super) fn retry_later(&mut self, now: Instant) {
        let open = self.can_send() && self.texts.is_open();
        let at = self.texts.retry_at.unwrap_or_else(|| now.plus(self.desk.config.retry));
        self.texts.retry_at = open.then_some(at);
    }

    /// What was sent under a registration that is over is not heard of any more.
    pub(super) fn leave_old_texts(&mut self) {
        let device = self.texts.device;
        let old = |id: &MessageId| Some(id.from) != device;
        let ids: Vec<_> = self.texts.ids.iter().filter(|(id, _)| old(id)).map(|it| *it.1).collect();
        for number in ids {
            let Some(letter) = self.texts.letters.get(&number) else { continue };
            match letter.place {
                Place::Sending(_) | Place::Withdrawing { .. } => {
                    self.text_is(number, TextState::Unsure);
                }
                Place::Stored(_)
                | Place::Delivered(_)
                | Place::Here
                | Place::Asked(_)
                | Place::AtCarrier => self.texts.forget(number),
            }
        }
    }
}

impl Texts {
    /// The next ones for which there is place.
    fn next_to_send(&self) -> Vec<u64> {
        let sending = self.letters.values().filter(|it| matches!(it.place, Place::Sending(_)));
        let place = WINDOW.saturating_sub(sending.count());
        let here = self.letters.iter().filter(|(_, letter)| letter.place == Place::Here);
        here.map(|(number, _)| *number).take(place).collect()
    }

    /// Returns whether something waits for an answer of the server.
    fn is_open(&self) -> bool {
        let asked = |place| matches!(place, Place::Sending(_) | Place::Withdrawing { .. });
        !self.reads.is_empty() || self.letters.values().any(|letter| asked(letter.place))
    }
}
