//! What a device must do about each refusal (TS 24.301, 5.5.1.2.5; TS 24.008, 4.4.4.7).

use super::{AREAS_MAX, Radio};
use crate::card::Subscription;
use polysim_radio::air::{CellView, RejectCause};

/// What follows a refusal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reaction {
    /// No more attempts with this card.
    Stop,
    /// The network of the next cell in the round.
    NextNetwork,
    /// Another cell, of this network if there is one.
    OtherCell,
    /// The same cell again, later.
    Retry,
}

impl Radio {
    /// Keeps what a refusal forbids and says how to go on. The second value tells whether the
    /// forbidden list of the card changed.
    pub(super) fn react(
        &mut self,
        cause: RejectCause,
        cell: &CellView,
        subscription: &mut Subscription,
    ) -> (Reaction, bool) {
        let area = (cell.plmn, cell.area);
        match cause {
            RejectCause::ImsiUnknownInHlr
            | RejectCause::IllegalMs
            | RejectCause::ImeiNotAccepted
            | RejectCause::IllegalMe
            | RejectCause::ServicesNotAllowed => {
                self.card_refused = true;
                (Reaction::Stop, false)
            }
            RejectCause::PacketServicesNotAllowed => {
                self.packet_refused = true;
                (Reaction::OtherCell, false)
            }
            RejectCause::PlmnNotAllowed => {
                let known = subscription.is_forbidden(cell.plmn);
                subscription.forbid(cell.plmn);
                (Reaction::NextNetwork, !known)
            }
            RejectCause::AreaNotAllowed | RejectCause::NoSuitableCells => {
                self.forbid_area(area);
                (Reaction::OtherCell, false)
            }
            RejectCause::RoamingNotAllowedInArea => {
                self.forbid_area(area);
                (Reaction::NextNetwork, false)
            }
            RejectCause::PacketServicesNotAllowedInPlmn => {
                let networks = &mut self.refused().packet_networks;
                if !networks.contains(&cell.plmn) {
                    networks.push(cell.plmn);
                }
                (Reaction::OtherCell, false)
            }
            RejectCause::NetworkFailure | RejectCause::Congestion => (Reaction::Retry, false),
        }
    }

    fn forbid_area(&mut self, area: (polysim_base::Plmn, u16)) {
        let areas = &mut self.refused().areas;
        if areas.contains(&area) {
            return;
        }
        if areas.len() == AREAS_MAX {
            areas.remove(0);
        }
        areas.push(area);
    }
}
