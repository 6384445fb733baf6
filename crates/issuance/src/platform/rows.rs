//! Bindings to be exported and imported.

use polysim_base::{Eid, Instant};

use super::record::Change;
use super::state::Card;
use super::{BindingRow, CardState, ImportConflict, Platform, PlatformOutput};

impl Platform {
    /// Returns what is known of each card, by eID.
    pub fn bindings(&self) -> impl Iterator<Item = BindingRow> + '_ {
        self.state.cards.iter().map(|(eid, card)| self.row(*eid, card))
    }

    /// Returns what is known of one card.
    #[must_use]
    pub fn binding(&self, eid: Eid) -> Option<BindingRow> {
        self.state.card(eid).map(|card| self.row(eid, card))
    }

    fn row(&self, eid: Eid, card: &Card) -> BindingRow {
        let order = self.state.order_of(eid).map(|(_, order)| order.state());
        let state = order.unwrap_or(CardState::Settled { imsi: card.imsi });
        BindingRow { eid, imei: card.imei, iccid: card.iccid, msisdn: card.number, state }
    }

    pub(super) fn import(&mut self, now: Instant, row: BindingRow) {
        let result = self.check_import(&row);
        let before = self.state.card(row.eid).copied();
        if result.is_ok() {
            let (imei, iccid) = (row.imei, row.iccid);
            let CardState::Settled { imsi } = row.state else { return };
            let is_known = before.is_some_and(|card| {
                (imei.is_none() || card.imei == imei)
                    && (iccid.is_none() || card.iccid == iccid)
                    && (imsi.is_none() || card.imsi == imsi)
                    && (row.msisdn.is_none() || card.number == row.msisdn)
            });
            if !is_known {
                self.record(now, Change::Imported(row));
            }
        }
        self.say(PlatformOutput::Imported { eid: row.eid, result });
    }

    fn check_import(&self, row: &BindingRow) -> Result<(), ImportConflict> {
        let BindingRow { eid, imei, msisdn, state, .. } = *row;
        let CardState::Settled { imsi } = state else { return Err(ImportConflict::Pending) };
        if self.keys.downlink(eid).is_none() {
            return Err(ImportConflict::NoKeys);
        }
        let other = |has: Option<&Eid>| has.copied().filter(|has| *has != eid);
        let state = &self.state;
        if let Some(eid) = other(imei.and_then(|imei| state.by_imei.get(&imei))) {
            return Err(ImportConflict::ImeiTaken { eid });
        }
        if let Some(eid) = other(imsi.and_then(|imsi| state.by_imsi.get(&imsi))) {
            return Err(ImportConflict::ImsiTaken { eid });
        }
        if let Some(eid) = other(msisdn.and_then(|number| state.by_number.get(&number))) {
            return Err(ImportConflict::NumberTaken { eid });
        }
        let Some(card) = state.card(eid) else { return Ok(()) };
        if card.order.is_some() {
            return Err(ImportConflict::Pending);
        }
        match (card.imei, card.imsi) {
            (Some(bound), _) if imei.is_some_and(|imei| imei != bound) => {
                Err(ImportConflict::CardBound { imei: bound })
            }
            (_, Some(has)) if imsi.is_some_and(|imsi| imsi != has) => {
                Err(ImportConflict::CardHas { imsi: has })
            }
            _ => Ok(()),
        }
    }
}
