//! Which card is in which device.

use polysim_base::{Eid, Iccid, Imei, Imsi, Instant, Msisdn};

use super::record::Change;
use super::uplink::Path;
use super::{Alarm, Platform, Policy};
use crate::wire::NotBound;

impl Platform {
    /// Takes a binding request, or refuses it by policy.
    pub(super) fn bind(
        &mut self,
        now: Instant,
        (eid, imei, iccid, imsi): (Eid, Imei, Iccid, Option<Imsi>),
        path: Path,
    ) -> Result<(), NotBound> {
        let card = self.state.card(eid).copied().unwrap_or_default();
        let bound = self.state.by_imei.get(&imei).copied().filter(|bound| *bound != eid);
        let from = card.imei.filter(|from| *from != imei);
        if let Some(bound) = bound {
            self.alarm(Alarm::Conflict { imei, bound, asks: eid });
        }
        if let Some(from) = from {
            self.alarm(Alarm::Moved { eid, from, to: imei });
        }
        if bound.is_some() && self.config.conflict == Policy::Refuse {
            return Err(NotBound::ImeiTaken);
        }
        if from.is_some() && self.config.moved == Policy::Refuse {
            return Err(NotBound::CardMoved);
        }
        let (has, number) = self.subscription_told(eid, imsi, path);
        let known = (card.imei, card.iccid, card.imsi, card.number);
        if known != (Some(imei), Some(iccid), has, number) {
            self.record(now, Change::Bound { eid, imei, iccid, imsi: has, number });
        }
        self.written_by_own_word(now, eid, imsi);
        Ok(())
    }

    /// Returns the subscription of a card, after what it has said of it.
    fn subscription_told(
        &mut self,
        eid: Eid,
        told: Option<Imsi>,
        path: Path,
    ) -> (Option<Imsi>, Option<Msisdn>) {
        let card = self.state.card(eid).copied().unwrap_or_default();
        let known = (card.imsi, card.number);
        if card.order.is_some() {
            return known;
        }
        let number = sender(path).filter(|from| !self.state.number_is_taken(*from, eid));
        if told == card.imsi {
            // The number of one that was written is known from its order.
            let number = if card.is_written { card.number } else { number.or(card.number) };
            return (card.imsi, number.filter(|_| told.is_some()));
        }
        // What was said before a write may come after it: then the write counts.
        if card.is_written || told.is_some_and(|imsi| self.state.imsi_is_taken(imsi, eid)) {
            self.alarm(Alarm::Contradiction { eid, imsi: told });
            return known;
        }
        (told, number.filter(|_| told.is_some()))
    }

    /// A card that names the subscription of its order has got it.
    fn written_by_own_word(&mut self, now: Instant, eid: Eid, told: Option<Imsi>) {
        let Some((id, order)) = self.state.order_of(eid) else { return };
        if told == Some(order.write.imsi) && order.was_said() {
            self.proved(now, id);
        }
    }
}

/// Returns the number that something came from.
pub(super) const fn sender(path: Path) -> Option<Msisdn> {
    match path {
        Path::Text(from) => Some(from),
        Path::Stream(_) | Path::Site(_) => None,
    }
}
