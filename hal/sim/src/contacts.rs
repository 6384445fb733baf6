//! The contacts of a simulated modem's card slot.

use crate::LiveWorld;
use polysim_apdu::{CardReply, CardSignal};
use tokio::sync::mpsc;

/// Most of what a modem does to a card that does not answer; what is beyond is lost.
const SIGNALS_MAX: usize = 64;

/// The contacts of the card slot of a lent modem: whoever has them is the card, wherever that is.
#[derive(Debug)]
pub struct Contacts {
    world: LiveWorld,
    phone: usize,
    signals: mpsc::Receiver<CardSignal>,
}

impl Contacts {
    pub(crate) fn new(world: LiveWorld, phone: usize) -> Self {
        let (sender, signals) = mpsc::channel(SIGNALS_MAX);
        world.shared.contacts(phone, sender);
        world.within(|simulation| drop(simulation.take_card(phone)));
        Self { world, phone, signals }
    }

    /// Waits for what the modem does to its card. Dropping the future loses nothing.
    pub async fn signal(&mut self) -> CardSignal {
        match self.signals.recv().await {
            Some(signal) => signal,
            // Somebody else has them now.
            None => std::future::pending().await,
        }
    }

    /// Says something to the modem, as its card.
    pub fn reply(&self, reply: CardReply) {
        self.world.within(|simulation| simulation.card_reply(self.phone, reply));
    }
}
