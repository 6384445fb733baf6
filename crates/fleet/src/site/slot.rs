//! The cards in the banks: each is reset and asked who it is before anything else.

use super::identify::{Identify, Next};
use super::{Site, SiteOutput};
use crate::wire::{CardReply, CardReport, CardSignal};
use crate::{Epoch, SlotId};
use alloc::vec::Vec;
use polysim_base::{Duration, Iccid, Instant};

/// After so long a card that did not answer is tried again.
const MUTE_AGAIN: Duration = Duration::from_secs(60);

/// Which bank, which slot.
pub(super) type Place = (u16, u16);

/// A slot with a card in it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Slot {
    report: Option<CardReport>,
    pub(super) doing: Doing,
    due: Option<Instant>,
}

/// What a card is at.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Doing {
    /// Nothing.
    Resting,
    /// It says who it is.
    Identifying(Identify),
    /// It is reset for a lease.
    Resetting(Iccid, Epoch),
    /// It does what a modem wants.
    Exchanging {
        iccid: Iccid,
        epoch: Epoch,
        number: u32,
        /// The answer is one to a reset.
        atr: bool,
    },
    /// It did not answer.
    Mute,
}

impl Slot {
    /// Returns who the card is, as far as it is usable.
    pub(super) const fn known(&self) -> Option<&CardReport> {
        self.report.as_ref()
    }

    pub(super) const fn due(&self) -> Option<Instant> {
        self.due
    }
}

impl Site {
    pub(super) fn card(&mut self, place: Place, reply: CardReply) {
        match reply {
            CardReply::Inserted => {
                self.card_gone(place);
                self.identify(place);
            }
            CardReply::Removed => self.card_gone(place),
            CardReply::Atr(atr) => self.card_answered(place, CardReply::Atr(atr)),
            CardReply::Response(response) => {
                self.card_answered(place, CardReply::Response(response));
            }
            // The contacts are paced by the site of the modem.
            CardReply::MoreTime => {}
        }
    }

    pub(super) fn signal(&mut self, (bank, slot): Place, signal: CardSignal) {
        self.emit(SiteOutput::Card { bank, slot, signal });
    }

    /// Resets a card; it answers within the time that one exchange may take.
    fn power_cycle(&mut self, place: Place, doing: Doing) {
        self.signal(place, CardSignal::PowerOff);
        self.signal(place, CardSignal::PowerOn);
        self.busy(place, doing);
    }

    pub(super) fn busy(&mut self, place: Place, doing: Doing) {
        let due = Some(self.now.plus(self.config.card_max));
        if let Some(slot) = self.slots.get_mut(&place) {
            slot.doing = doing;
            slot.due = due;
        }
    }

    pub(super) fn rest(&mut self, place: Place) {
        if let Some(slot) = self.slots.get_mut(&place) {
            slot.doing = Doing::Resting;
            slot.due = None;
        }
    }

    fn identify(&mut self, place: Place) {
        let slot = Slot { report: None, doing: Doing::Resting, due: None };
        self.slots.insert(place, slot);
        self.power_cycle(place, Doing::Identifying(Identify::new()));
    }

    pub(super) fn reset_for(&mut self, place: Place, iccid: Iccid, epoch: Epoch) {
        self.power_cycle(place, Doing::Resetting(iccid, epoch));
    }

    /// A card is turned off: what was selected or verified is gone.
    pub(super) fn turn_off(&mut self, place: Place) {
        let usable = self.slots.get(&place).is_some_and(|slot| slot.report.is_some());
        if usable {
            self.signal(place, CardSignal::PowerOff);
            self.rest(place);
        }
    }

    fn card_answered(&mut self, place: Place, reply: CardReply) {
        let Some(slot) = self.slots.get_mut(&place) else { return };
        let is_atr = matches!(reply, CardReply::Atr(_));
        match slot.doing.clone() {
            Doing::Identifying(identify) => self.identifying(place, identify, reply),
            Doing::Resetting(iccid, epoch) if is_atr => {
                self.rest(place);
                self.reset_done(iccid, epoch);
            }
            Doing::Exchanging { iccid, epoch, number, atr } if atr == is_atr => {
                self.rest(place);
                self.exchanged(iccid, epoch, number, reply);
            }
            // An answer to what was asked before the last reset.
            Doing::Resetting(..) | Doing::Exchanging { .. } | Doing::Resting | Doing::Mute => {}
        }
    }

    fn identifying(&mut self, place: Place, mut identify: Identify, reply: CardReply) {
        let Some(next) = identify.answered(reply) else { return };
        match next {
            Next::Ask(apdu) => {
                self.busy(place, Doing::Identifying(identify));
                self.signal(place, CardSignal::Command(apdu));
            }
            Next::Known(card) => {
                let (bank, slot) = place;
                let slot = SlotId { site: self.config.site, bank, slot };
                let (iccid, imsi, msisdn) = (card.iccid, card.imsi, card.msisdn);
                if let Some(known) = self.slots.get_mut(&place) {
                    known.report = Some(CardReport { slot, iccid, imsi, msisdn });
                }
                self.turn_off(place);
                self.inventory_changed();
            }
            Next::Nobody => self.mute(place),
        }
    }

    /// A card is out of its slot.
    fn card_gone(&mut self, place: Place) {
        let Some(slot) = self.slots.remove(&place) else { return };
        self.card_lost(place, slot);
    }

    /// A card does not answer: it counts as absent, and is tried again after a while.
    pub(super) fn mute(&mut self, place: Place) {
        self.counters.mute_cards = self.counters.mute_cards.saturating_add(1);
        let due = Some(self.now.plus(MUTE_AGAIN));
        let mute = Slot { report: None, doing: Doing::Mute, due };
        let Some(slot) = self.slots.insert(place, mute) else { return };
        self.signal(place, CardSignal::PowerOff);
        self.card_lost(place, slot);
    }

    fn card_lost(&mut self, place: Place, slot: Slot) {
        let Some(card) = slot.report else { return };
        self.inventory_changed();
        self.lease_lost_card(place, card.iccid);
    }

    pub(super) fn slots_expire(&mut self) {
        let overdue = |slot: &Slot| slot.due.is_some_and(|due| due <= self.now);
        let places: Vec<(Place, bool)> = self
            .slots
            .iter()
            .filter(|(_, slot)| overdue(slot))
            .map(|(place, slot)| (*place, slot.doing == Doing::Mute))
            .collect();
        for (place, was_mute) in places {
            if was_mute {
                self.identify(place);
            } else {
                self.mute(place);
            }
        }
    }
}
