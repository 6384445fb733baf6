//! The way out: what does not go over data is offered to the carrier.

use alloc::vec::Vec;

use polysim_base::{Instant, Out};

use super::letter::Place;
use crate::client::{
    CarrierOrder, Choice, Client, ClientEvent, ClientOutput, Offer, Outcome, TextState, Why,
};
use crate::wire::TextFromDevice;

impl Client {
    pub(in crate::client) fn choose_text(&mut self, now: Instant, number: u64, choice: Choice) {
        let Some(letter) = self.texts.letters.get(&number) else { return };
        match (letter.place, choice) {
            (Place::Here | Place::Asked(_), Choice::Carrier) => self.give_to_carrier(number),
            (Place::Here | Place::Asked(_), Choice::Quit) => self.text_is(number, TextState::Quit),
            (Place::Asked(_), Choice::Wait) => {
                self.text_is(number, TextState::Waiting);
                if self.can_send() {
                    self.send_waiting(now);
                } else {
                    self.offer_once(number, Why::NoData);
                }
            }
            (
                Place::Sending(id) | Place::Stored(id) | Place::Withdrawing { id, .. },
                Choice::Carrier | Choice::Quit,
            ) => {
                let carrier = choice == Choice::Carrier;
                self.text_is(number, TextState::Withdrawing { carrier });
                if self.can_send() {
                    self.desk.send(TextFromDevice::Withdraw { number: id.number });
                    self.retry_later(now);
                }
            }
            (
                Place::Here | Place::Sending(_) | Place::Stored(_) | Place::Withdrawing { .. },
                Choice::Wait,
            )
            | (
                Place::Delivered(_) | Place::AtCarrier,
                Choice::Carrier | Choice::Quit | Choice::Wait,
            ) => {}
        }
    }

    /// Nobody has the text, and nobody gets it over data: the carrier gets it.
    pub(super) fn give_to_carrier(&mut self, number: u64) {
        let Some(letter) = self.texts.letters.get(&number) else { return };
        let (to, text) = (letter.to, letter.text.clone());
        self.text_is(number, TextState::AtCarrier);
        let order = CarrierOrder::Text { number, to, text };
        self.desk.out.push(Out::Do(ClientOutput::Carrier(order)));
    }

    /// Offers the carrier, or takes it where there is a rule.
    pub(super) fn offer_text(&mut self, number: u64, why: Why) {
        // The carrier is not tried for ever.
        if self.desk.config.carrier_rule && why != Why::Carrier {
            return self.give_to_carrier(number);
        }
        self.desk.tell(ClientEvent::Offered { offer: Offer::Text(number), why });
    }

    /// There is no data: offers the carrier for a text once. One that the server perhaps has goes there by
    /// no rule, for it is not known to wait.
    pub(super) fn offer_once(&mut self, number: u64, why: Why) {
        let Some(letter) = self.texts.letters.get_mut(&number) else { return };
        let asked = core::mem::replace(&mut letter.asked, true);
        match letter.place {
            Place::Here if !asked => self.offer_text(number, why),
            Place::Sending(_) if !asked => {
                self.desk.tell(ClientEvent::Offered { offer: Offer::Text(number), why });
            }
            Place::Here
            | Place::Sending(_)
            | Place::Asked(_)
            | Place::Stored(_)
            | Place::Withdrawing { .. }
            | Place::Delivered(_)
            | Place::AtCarrier => {}
        }
    }

    pub(super) fn offer_all(&mut self, why: Why) {
        let unsent = |place| matches!(place, Place::Here | Place::Sending(_));
        let letters = self.texts.letters.iter().filter(|(_, letter)| unsent(letter.place));
        for number in letters.map(|(number, _)| *number).collect::<Vec<_>>() {
            self.offer_once(number, why);
        }
    }

    pub(in crate::client) fn carrier_texted(&mut self, number: u64, outcome: Outcome) {
        let letter = self.texts.letters.get(&number);
        if letter.is_none_or(|letter| letter.place != Place::AtCarrier) {
            return;
        }
        self.text_is(number, TextState::Carrier(outcome));
        if outcome == Outcome::Failed {
            self.offer_text(number, Why::Carrier);
        }
    }

    /// What the carrier was given before a crash is not given to it again, for it perhaps has it. What was
    /// offered is offered again.
    pub(super) fn texts_after_crash(&mut self) {
        let letters = self.texts.letters.iter().map(|(number, letter)| (*number, letter.place));
        for (number, place) in letters.collect::<Vec<_>>() {
            match place {
                Place::AtCarrier => self.text_is(number, TextState::Carrier(Outcome::Unknown)),
                Place::Asked(unsent) => self.offer_text(number, unsent.why()),
                Place::Here
                | Place::Sending(_)
                | Place::Stored(_)
                | Place::Withdrawing { .. }
                | Place::Delivered(_) => {}
            }
        }
    }
}
