//! Cards of a fleet: in slots of banks, or beside.

use polysim_base::{Duration, Instant, Machine as _, Out};
use polysim_card::{Card, CardInput, CardOutput};
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
        let input = match signal {
            CardSignal::PowerOn => CardInput::PowerOn,
            CardSignal::Reset => CardInput::ResetWarm,
            CardSignal::PowerOff => CardInput::PowerOff,
            CardSignal::Command(bytes) => CardInput::Command(bytes),
        };
        self.card.handle(now, input);
        let mut said = Vec::new();
        while let Some(Out::Do(output)) = self.card.poll_output() {
            said.push(match output {
                CardOutput::Atr(atr) => CardReply::Atr(atr.to_vec()),
                CardOutput::Response(bytes) => CardReply::Response(bytes),
            });
        }
        if self.mute {
            said.clear();
        }
        said
    }
}
