//! What is delivered to this device: written down, told, and then taken.

use polysim_base::{Instant, Msisdn};

use super::READS_MAX;
use super::letter::Place;
use crate::MessageId;
use crate::client::{Client, ClientEvent, ReceivedText, TextRecord, TextState, Why};
use crate::wire::{Item, Refusal, TextFromDevice};

impl Client {
    pub(super) fn delivered(&mut self, now: Instant, number: u64, item: Item) {
        if number > self.texts.taken.saturating_add(1) {
            return;
        }
        if number > self.texts.taken {
            self.item(now, number, item);
        }
        self.desk.send(TextFromDevice::Taken { up_to: self.texts.taken });
    }

    fn item(&mut self, now: Instant, number: u64, item: Item) {
        match item {
            Item::Text { id, from, to, sealed, at } => {
                let text = self.open(id, from, to, &sealed, at);
                return self.received(number, text);
            }
            Item::Delivered { number, .. } => self.was_delivered(number),
            Item::Read { number, by, .. } => self.was_read(number, by),
            Item::Expired { number } => self.ends(number, TextState::Expired),
            Item::Unsure { number } => self.ends(number, TextState::Unsure),
            Item::NotStored { number, why } => self.not_stored(number, Some(why)),
            Item::Withdrawn { number } => self.not_stored(number, None),
        }
        self.desk.record(TextRecord::Taken { number, text: None });
        self.texts.taken = number;
        self.send_waiting(now);
    }

    fn open(
        &mut self,
        id: MessageId,
        from: Msisdn,
        to: Msisdn,
        sealed: &[u8],
        at: Instant,
    ) -> ReceivedText {
        let opened = self.desk.config.secret.open(id, &to, sealed);
        if let Some((key, _)) = &opened {
            self.learn_sender(from, id.from, *key);
        }
        ReceivedText { id, from, to, text: opened.map(|(_, text)| text), at }
    }

    fn received(&mut self, number: u64, text: ReceivedText) {
        self.desk.record(TextRecord::Taken { number, text: Some(text.clone()) });
        self.texts.taken = number;
        self.tell_text(number, text);
    }

    fn tell_text(&mut self, number: u64, text: ReceivedText) {
        self.desk.tell(ClientEvent::Received(text));
        self.desk.record(TextRecord::Told(number));
    }

    /// The user was perhaps not told of the last text, for a crash came in between.
    pub(super) fn tell_again(&mut self) {
        if let Some((number, text)) = self.texts.untold.take() {
            self.tell_text(number, text);
        }
    }

    fn was_delivered(&mut self, number: u64) {
        let Some((number, letter)) = self.texts.sent_as(number) else { return };
        if !matches!(letter.place, Place::Delivered(_)) {
            self.text_is(number, TextState::Delivered);
        }
    }

    /// Only the recipient can have read it.
    fn was_read(&mut self, number: u64, by: Msisdn) {
        let Some((number, letter)) = self.texts.sent_as(number) else { return };
        if letter.to == by {
            self.text_is(number, TextState::Read);
        }
    }

    fn ends(&mut self, number: u64, state: TextState) {
        if let Some((number, _)) = self.texts.sent_as(number) {
            self.text_is(number, state);
        }
    }

    /// Nobody has the text, and nobody gets it over data: because the server says so, or because it was
    /// wanted back.
    fn not_stored(&mut self, number: u64, why: Option<Refusal>) {
        let Some((number, letter)) = self.texts.sent_as(number) else { return };
        match (letter.place, why) {
            (Place::Withdrawing { carrier: true, .. }, _) => self.give_to_carrier(number),
            (Place::Withdrawing { carrier: false, .. }, _) => self.text_is(number, TextState::Quit),
            (Place::Sending(_) | Place::Stored(_), Some(why)) => {
                self.text_is(number, TextState::NotStored(why));
                self.offer_text(number, Why::Text(why));
            }
            (Place::Sending(_) | Place::Stored(_), None)
            | (Place::Here | Place::Asked(_) | Place::Delivered(_) | Place::AtCarrier, _) => {}
        }
    }

    /// The user has read a text.
    pub(in crate::client) fn read(&mut self, now: Instant, id: MessageId) {
        if self.texts.reads.len() >= READS_MAX || !self.texts.reads.insert(id) {
            return;
        }
        self.desk.record(TextRecord::Read(id));
        if self.can_send() {
            self.desk.send(TextFromDevice::Read { message: id });
            self.retry_later(now);
        }
    }

    pub(super) fn read_noted(&mut self, id: MessageId) {
        if self.texts.reads.remove(&id) {
            self.desk.record(TextRecord::ReadNoted(id));
        }
    }
}
