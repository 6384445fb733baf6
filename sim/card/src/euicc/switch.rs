//! The enabled profile takes the place of the one before: what the terminal sees follows what is
//! durable, at a reset or at once.

use polysim_cat::{Feature, ProactiveCommand, Refresh, RefreshMode};

use super::Euicc;
use super::isdp::Parked;
use super::session::Session;
use crate::card::Card;
use crate::toolkit::Owner;

impl Euicc {
    /// Makes the terminal see the enabled profile, or none. Files, PINs and keys of the one before
    /// are put by as they are.
    pub(super) fn put_in_place(&mut self, card: &mut Card) {
        if self.seen == self.enabled {
            return;
        }
        let incoming = match self.enabled {
            Some(id) => self.isdp_mut(id).and_then(|isdp| isdp.parked.take()),
            None => self.bare.take(),
        };
        let Some(incoming) = incoming else {
            return;
        };
        let outgoing = Some(Box::new(card.exchange_contents(*incoming)));
        match self.seen {
            // Of one that was deleted meanwhile nothing is kept.
            Some(id) => drop(self.isdp_mut(id).map(|isdp| isdp.parked = outgoing)),
            None => self.bare = outgoing,
        }
        self.seen = self.enabled;
    }

    /// The card is reset or has lost its power.
    pub(crate) fn reset(&mut self, card: &mut Card) {
        self.selected.clear();
        self.chain = None;
        self.session = Session::None;
        self.note_interruption();
        self.stuck = false;
        self.put_in_place(card);
    }

    /// What was enabled or disabled becomes visible: at once, or at the reset that REFRESH asks the
    /// terminal for.
    pub(super) fn let_terminal_know(&mut self, card: &mut Card, refresh: bool) {
        if self.seen == self.enabled {
            return;
        }
        let behaviour = self.model.behaviour;
        if refresh {
            if !behaviour.no_refresh {
                let mode = match card.terminal_can(Feature::ProfileStateChange) {
                    true => RefreshMode::ProfileStateChange,
                    false => RefreshMode::UiccReset,
                };
                card.queue_refresh(mode);
            }
        } else if behaviour.reset_needed {
            self.stuck = true;
        } else {
            self.show_now(card);
        }
    }

    /// Returns whether a REFRESH is wanted and cannot be sent, as the terminal has not answered the
    /// proactive command before it.
    pub(super) fn is_cat_busy(&self, card: &Card, refresh: bool) -> bool {
        refresh && !self.model.behaviour.no_refresh && card.has_command_out()
    }

    /// Without a reset: nothing is selected of the new profile, and no PIN of it verified.
    pub(super) fn show_now(&mut self, card: &mut Card) {
        if self.seen != self.enabled {
            self.put_in_place(card);
            card.begin_profile();
        }
    }

    pub(super) const fn is_stuck(&self) -> bool {
        self.stuck
    }
}

impl Card {
    /// Puts the contents of a profile in place and returns those before.
    fn exchange_contents(&mut self, incoming: Parked) -> Parked {
        let Parked { contents, managed } = incoming;
        let contents = std::mem::replace(&mut self.contents, contents);
        let managed = self.exchange_managed(managed);
        Parked { contents, managed }
    }

    /// The terminal has carried the REFRESH out without a reset.
    pub(crate) fn show_enabled_profile(&mut self) {
        let _plain = self.with_euicc(|card, euicc| euicc.show_now(card));
    }

    fn queue_refresh(&mut self, mode: RefreshMode) {
        let command = ProactiveCommand::new(1, Refresh::new(mode));
        // A queue that is full leaves it to the terminal to reset the card.
        let _room = self.queue_command(Owner::Euicc, command);
    }
}
