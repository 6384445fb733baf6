//! Sites, cards and modems.

use super::super::{Modem, ModemIx, Place, State};
use crate::wire::{CardReport, InventoryChange, ModemReport};
use crate::{ExchangeConfig, SlotId};
use alloc::vec;
use alloc::vec::Vec;
use polysim_base::{Iccid, Instant};

impl State {
    pub(super) fn inventory(
        &mut self,
        config: &ExchangeConfig,
        at: Instant,
        change: &InventoryChange,
    ) {
        match change {
            InventoryChange::SiteUp { site, incarnation, revision, stamp } => {
                self.change_site(*site, |site| {
                    site.online = true;
                    site.introduced = true;
                    site.stamp = if site.incarnation == *incarnation {
                        site.stamp.max(*stamp)
                    } else {
                        *stamp
                    };
                    (site.incarnation, site.revision) = (*incarnation, *revision);
                    site.silent_at = at.plus(config.silence);
                });
            }
            InventoryChange::SiteAway(site) => self.change_site(*site, |site| site.online = false),
            InventoryChange::SiteSuspect(site, until) => self.change_site(*site, |site| {
                site.suspect_until = Some(*until);
                site.failures = 0;
            }),
            InventoryChange::SiteCleared(site) => {
                self.change_site(*site, |site| site.suspect_until = None);
            }
            InventoryChange::CardSeen(card) => self.card_seen(at, card),
            InventoryChange::CardGone(slot) => self.card_gone(*slot),
            InventoryChange::CardBlocked(iccid) => {
                if let Some(ix) = self.find(*iccid) {
                    self.change_sim(ix, |sim| sim.blocked = true);
                }
            }
            InventoryChange::CardUnblocked(iccid) => {
                if let Some(ix) = self.find(*iccid) {
                    self.change_sim(ix, |sim| sim.blocked = false);
                }
            }
            InventoryChange::Resolved(iccid, slot) => self.resolved(*iccid, *slot),
            InventoryChange::ModemSeen(report) => self.modem_seen(at, report),
            InventoryChange::ModemGone(modem) => {
                if let Some(ix) = self.by_modem.get(modem).copied() {
                    self.change_modem(ix, |modem| modem.present = false);
                }
            }
            InventoryChange::ModemRests(modem, until) => {
                if let Some(ix) = self.by_modem.get(modem).copied() {
                    self.change_modem(ix, |modem| {
                        modem.rests_until = Some(*until);
                        modem.failures = modem.failures.saturating_add(1);
                    });
                }
                self.change_site(modem.site, |site| {
                    site.failures = site.failures.saturating_add(1);
                });
            }
            InventoryChange::ModemRested(modem) => {
                if let Some(ix) = self.by_modem.get(modem).copied() {
                    self.change_modem(ix, |modem| modem.rests_until = None);
                }
            }
        }
    }

    fn card_seen(&mut self, at: Instant, card: &CardReport) {
        let Some(ix) = self.known(at, card.iccid) else { return };
        self.rejected.remove(&card.slot);
        self.slots.insert(card.slot, ix);
        self.change_sim(ix, |sim| {
            sim.imsi = card.imsi.or(sim.imsi);
            sim.msisdn = card.msisdn.or(sim.msisdn);
            match &mut sim.place {
                Place::Nowhere => sim.place = Place::In(card.slot),
                Place::In(slot) if *slot == card.slot => {}
                Place::In(slot) => sim.place = Place::Several(vec![*slot, card.slot]),
                Place::Several(slots) if slots.contains(&card.slot) => {}
                Place::Several(slots) => slots.push(card.slot),
            }
        });
    }

    fn card_gone(&mut self, slot: SlotId) {
        self.rejected.remove(&slot);
        let Some(ix) = self.slots.remove(&slot) else { return };
        self.change_sim(ix, |sim| match &mut sim.place {
            Place::Nowhere => {}
            Place::In(there) if *there == slot => {
                sim.place = Place::Nowhere;
                sim.blocked = false;
            }
            Place::In(_) => {}
            Place::Several(slots) => {
                slots.retain(|other| *other != slot);
                if let [last] = slots.as_slice() {
                    sim.place = Place::In(*last);
                }
            }
        });
    }

    fn resolved(&mut self, iccid: Iccid, slot: SlotId) {
        let Some(ix) = self.find(iccid) else { return };
        let others: Vec<SlotId> = match self.sim(ix).map(|sim| &sim.place) {
            Some(Place::Several(slots)) => slots.iter().copied().filter(|s| *s != slot).collect(),
            Some(Place::Nowhere | Place::In(_)) | None => return,
        };
        for other in others {
            self.slots.remove(&other);
            self.rejected.insert(other, ix);
        }
        self.change_sim(ix, |sim| sim.place = Place::In(slot));
    }

    fn modem_seen(&mut self, at: Instant, report: &ModemReport) {
        let fresh = |leased, claimed| Modem {
            id: report.modem,
            imei: report.imei,
            kind: report.kind,
            pool: report.pool,
            address: report.address.clone(),
            present: true,
            rests_until: None,
            failures: 0,
            leased,
            claimed,
            idle_since: at,
        };
        if let Some(ix) = self.by_modem.get(&report.modem).copied() {
            // What a SIM can be evicted for depends on its modem.
            let sim = self.modem(ix).and_then(|modem| modem.leased);
            let old = sim.and_then(|ix| self.sim(ix).map(|sim| (ix, self.sim_keys(ix, sim))));
            self.change_modem(ix, |modem| *modem = fresh(modem.leased, modem.claimed));
            if let Some((sim, old)) = old {
                self.index_sim(sim, Some(&old));
            }
            return;
        }
        let Ok(number) = u32::try_from(self.modems.len()) else { return };
        self.modems.push(fresh(None, None));
        self.by_modem.insert(report.modem, ModemIx(number));
        self.index_modem(ModemIx(number), None);
    }
}
