//! REFRESH: what the card changed of itself is read anew (TS 102.223, 6.4.7; TS 31.111, 6.4.7).

use super::CardSaid;
use super::session::Waits;
use crate::card::{CardPort, CardState, Change, Outcome, Owner, is_usim, select_usim, transmit};
use crate::core::Core;
use crate::effects::Effects;
use crate::radio::{State, update_location};
use polysim_base::Imsi;
use polysim_cat::{Aid, GeneralResult, PlmnWithAccessList, Refresh, RefreshMode, TerminalProblem};

/// Bit of the enforcement policy: also during a call (TS 102.223, 8.103).
const DURING_CALL: u8 = 0x04;

/// The card is being read anew.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    result: GeneralResult,
    /// Whose the subscription was before.
    imsi: Option<Imsi>,
    /// The application started anew, and so does the search for service.
    initialised: bool,
}

impl Core {
    pub(super) fn refresh(&mut self, fx: &mut Effects, refresh: Refresh) {
        let forced = refresh.policy.is_some_and(|policy| policy.0 & DURING_CALL != 0);
        let mine = |aid: &Aid| is_usim(aid.octets());
        if self.calls_busy() && !forced {
            return self.conclude(fx, GeneralResult::TerminalBusy(TerminalProblem::CallBusy));
        }
        if !refresh.aid.as_ref().is_none_or(mine) {
            return self.conclude(fx, GeneralResult::NaaNotActive);
        }
        match refresh.mode {
            RefreshMode::UiccReset => self.leave_card(fx, CardSaid::ReadyForReset),
            RefreshMode::FileChange => {
                // All of the files that live here are read, not only those listed.
                self.begin_reading(GeneralResult::AdditionalFilesRead, false);
                self.read_anew(fx);
            }
            RefreshMode::InitialisationAndFullFileChange
            | RefreshMode::Initialisation
            | RefreshMode::InitialisationAndFileChange
            | RefreshMode::ApplicationReset
            | RefreshMode::SessionReset => {
                self.begin_reading(GeneralResult::Performed, true);
                self.leave_card(fx, CardSaid::ReadyForReading);
            }
            RefreshMode::Steering => self.steer(fx, refresh.steering.unwrap_or_default()),
            RefreshMode::WlanSteering
            | RefreshMode::ProfileStateChange
            | RefreshMode::ApplicationUpdate => {
                self.conclude(fx, GeneralResult::BeyondCapabilities);
            }
        }
    }

    fn begin_reading(&mut self, result: GeneralResult, initialised: bool) {
        let imsi = self.slot.subscription.as_ref().map(|subscription| subscription.imsi);
        let reading = Reading { result, imsi, initialised };
        self.toolkit().session.wait_for(Waits::Reading(reading));
    }

    /// Leaves the network and writes where it was, as a terminal does before it lets go of the
    /// application.
    fn leave_card(&mut self, fx: &mut Effects, then: CardSaid) {
        let left = self.radio.serving.filter(|_| self.radio.registered);
        let location = left.map(|cell| update_location(&cell, None));
        self.radio_off(fx);
        self.slot.start(fx.now, Owner::Device, move |port| write_back(port, location, then));
        self.serve_card(fx);
    }

    /// The reset is the answer to a REFRESH that asks for it.
    pub(super) fn reset_card(&mut self, fx: &mut Effects) {
        let owners = self.slot.reset(fx);
        self.card_gone(fx, owners);
        self.radio_if_wanted(fx);
    }

    pub(super) fn read_anew(&mut self, fx: &mut Effects) {
        self.messages.forget_centre();
        self.slot.reread(fx);
        self.radio_if_wanted(fx);
    }

    fn radio_if_wanted(&mut self, fx: &mut Effects) {
        if self.functionality == 1 && self.radio.state == State::Off {
            self.radio_on(fx);
        }
    }

    /// The card was read again. Returns false if no REFRESH had asked for it.
    pub(crate) fn card_was_read_anew(&mut self, fx: &mut Effects) -> bool {
        let toolkit = self.toolkit_mut();
        let reading =
            toolkit.and_then(|t| t.session.take_waits(|w| matches!(w, Waits::Reading(_))));
        let Some(Waits::Reading(reading)) = reading else {
            return false;
        };
        self.conclude(fx, reading.result);
        let imsi = self.slot.subscription.as_ref().map(|subscription| subscription.imsi);
        let other = imsi != reading.imsi;
        if other && !reading.initialised && self.radio.state != State::Off {
            // It is somebody else's now, whatever the card said.
            self.radio_off(fx);
            self.radio_on(fx);
        }
        if reading.initialised && self.functionality == 1 && self.slot.state() == CardState::Ready {
            self.begin_search(fx);
        }
        true
    }

    /// Steering of roaming: other networks are preferred from now on (TS 31.111, 6.4.7.2).
    fn steer(&mut self, fx: &mut Effects, list: PlmnWithAccessList) {
        if let Some(subscription) = &mut self.slot.subscription {
            let networks = list.0.into_iter().map(|entry| (entry.plmn, entry.access));
            subscription.steer(networks);
        }
        self.conclude(fx, GeneralResult::Performed);
        self.look_for_better(fx);
    }
}

async fn write_back(mut port: CardPort, location: Option<Vec<u8>>, then: CardSaid) -> Outcome {
    if let Some(location) = location {
        // A card that does not take it has it no worse.
        drop(transmit(&mut port, select_usim()).await);
        drop(transmit(&mut port, location).await);
    }
    Outcome::done().changed(Change::Toolkit(then))
}
