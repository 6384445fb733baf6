//! Cards of a fleet: in slots of banks, or beside.

use polysim_base::{Duration, Instant};
use polysim_card::Card;
use polysim_fleet::wire::{CardReply, CardSignal};
use polysim_fleet::{Epoch, SlotId};

/// A card.
#[derive(Debug)]
pub(crate) struct BankCard {
    card: Card,
    /// Whose it is, by index.
    pub(crate) sim: usize,
    /// Where it is.
    pub(crate) place: Option<SlotId>,
    /// Where it was last.
    pub(crate) home: Option<SlotId>,
    pub(crate) mute: bool,
    /// How much longer it takes than cards do.
    pub(crate) slow: Duration,
    pub(crate) history: History,
}

/// What was done to a card, as far as a violation could show.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// By which lease it was last commanded.
    pub(crate) commanded: Epoch,
    /// Whether it was reset after that.
    pub(crate) reset: bool,
}

impl BankCard {
    pub(crate) fn new(card: Card, sim: usize, place: Option<SlotId>) -> Self {
        Self {
            card,
            sim,
            place,
            home: place,
            mute: false,
            slow: Duration::ZERO,
            history: History::default(),
        }
    }

    /// Takes it out of its slot; returns where that was.
    pub(crate) fn pull(&mut self) -> Option<SlotId> {
        self.card.power_off();
        self.place.take()
    }

    pub(crate) fn put(&mut self, slot: SlotId) {
        self.place = Some(slot);
        self.home = Some(slot);
    }

    /// Does something to it; returns what it says.
    pub(crate) fn handle(&mut self, now: Instant, signal: CardSignal) -> Vec<CardReply> {
        let mut said = self.card.replies(now, signal);
        if self.mute {
            said.clear();
        }
        said
    }
}
