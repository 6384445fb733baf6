//! A T=0 interface in front of a card.

use polysim_apdu::T0Card;
use polysim_base::Instant;

use crate::card::Card;

/// The card's side of a T=0 interface: TPDUs with P3 go in, `61xx`, `6Cxx` and data come out as
/// over the wire (ISO 7816-3, 12.2; TS 102.221, 7.3.1.1.4). Use it in place of [`Card::transmit`];
/// idle it takes two words.
#[derive(Clone, Debug, Default)]
pub struct T0Interface(T0Card);

impl T0Interface {
    /// Carries a TPDU out and replaces `response` by data, SW1 and SW2; it is left empty if there
    /// is no answer, as the card is off or mute.
    pub fn transmit(&mut self, card: &mut Card, now: Instant, tpdu: &[u8], response: &mut Vec<u8>) {
        card.exchange(now, &mut self.0, tpdu, response);
        if !card.is_on() {
            self.0.reset();
        }
    }

    /// Forgets what waits for GET RESPONSE: call it when the card is reset.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}
