//! F1 to F10: leases, where they are granted and where they count.

use super::{Check, Violation};
use crate::card::{Tag, Used};
use crate::modem::Modem;
use crate::names::iccid;
use crate::world::World;
use polysim_base::{Iccid, Imsi};
use polysim_fleet::wire::{Change, InventoryChange, LeaseChange, LeaseClaim, Record};
use polysim_fleet::{Epoch, ModemId, SimState, SlotId};
use std::collections::{BTreeMap, BTreeSet};

/// What is true of leases.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    /// The newest epoch of each SIM, and its modem.
    granted: BTreeMap<Iccid, (Epoch, ModemId)>,
    places: BTreeMap<Iccid, BTreeSet<SlotId>>,
    known: BTreeSet<Iccid>,
    /// By which lease a modem has used its card, session by session.
    sessions: BTreeMap<Tag, LeaseClaim>,
    /// The newest epoch that has used a card, and on which modem.
    executed: BTreeMap<Iccid, (Epoch, ModemId)>,
    pub(crate) uses_of_cards: u64,
    pub(crate) grants: u64,
}

impl Leases {
    pub(super) fn granted_to(&self, iccid: Iccid) -> Option<(Epoch, ModemId)> {
        self.granted.get(&iccid).copied()
    }

    pub(super) fn ever_granted(&self, iccid: Iccid, epoch: Epoch) -> bool {
        self.granted.get(&iccid).is_some_and(|(newest, _)| epoch <= *newest)
    }
}

impl Check {
    pub(super) fn lease_recorded(&mut self, record: &Record) {
        match &record.change {
            Change::Lease(
                LeaseChange::Granted { iccid, modem, epoch, .. }
                | LeaseChange::GrantedAtOnce { iccid, modem, epoch, .. },
            ) => self.granted(*iccid, *modem, *epoch),
            Change::Inventory(InventoryChange::CardSeen(card)) => {
                self.leases.known.insert(card.iccid);
                self.leases.places.entry(card.iccid).or_default().insert(card.slot);
            }
            Change::Inventory(InventoryChange::CardGone(slot)) => {
                for slots in self.leases.places.values_mut() {
                    slots.remove(slot);
                }
            }
            // The operator has said which one is real: the others are as good as gone.
            Change::Inventory(InventoryChange::Resolved(iccid, slot)) => {
                self.leases.places.insert(*iccid, [*slot].into());
            }
            Change::Configure(
                polysim_fleet::wire::ConfigureChange::Enrolled(iccid, ..)
                | polysim_fleet::wire::ConfigureChange::Permitted(iccid, ..)
                | polysim_fleet::wire::ConfigureChange::Capped(iccid, ..),
            ) => {
                self.leases.known.insert(*iccid);
            }
            Change::Lead(_)
            | Change::Inventory(_)
            | Change::Configure(_)
            | Change::Lease(_)
            | Change::Used(_)
            | Change::Denied
            | Change::Kept(_)
            | Change::Incomplete(_)
            | Change::WindowMoved(_)
            | Change::Misreported(_) => {}
        }
    }

    fn granted(&mut self, iccid: Iccid, modem: ModemId, epoch: Epoch) {
        self.leases.grants += 1;
        let before = self.leases.granted.insert(iccid, (epoch, modem));
        if let Some((old, _)) = before.filter(|(old, _)| *old >= epoch) {
            self.fail("epochs-only-grow", || format!("{iccid}: {epoch} after {old}"));
        }
        let places = self.leases.places.get(&iccid).map_or(0, BTreeSet::len);
        if places > 1 {
            self.fail("one-slot-per-iccid", || {
                format!("{iccid} is granted, and in {places} slots")
            });
        }
    }

    /// A modem was given a card by a lease.
    pub(crate) fn session(&mut self, modem: ModemId, session: u32, claim: LeaseClaim) {
        self.leases.sessions.insert(Tag { modem, session }, claim);
    }

    /// A card was used through the contacts of a modem; its site has heard of that epoch at most.
    pub(crate) fn used(&mut self, sim: u32, used: Used, highest: Option<Epoch>) {
        self.leases.uses_of_cards += 1;
        let Used { by, before, reset } = used;
        let Some(claim) = self.leases.sessions.get(&by).copied() else {
            return self
                .fail("no-apdu-of-an-older-epoch", || format!("{by:?} has no lease at all"));
        };
        if claim.iccid != iccid(sim) {
            return self.fail("one-lease-per-sim", || {
                format!("a modem with a lease of {} uses card {sim}", claim.iccid)
            });
        }
        let epoch_before = before.and_then(|tag| self.leases.sessions.get(&tag)).map(|it| it.epoch);
        if epoch_before.is_some_and(|old| old != claim.epoch) && !reset {
            self.fail("reset-between-epochs", || {
                format!("{epoch_before:?} and {} used {}", claim.epoch, claim.iccid)
            });
        }
        let executed = self.leases.executed.insert(claim.iccid, (claim.epoch, by.modem));
        let newest = executed.map(|(epoch, _)| epoch).max(highest).unwrap_or_default();
        if claim.epoch < newest {
            self.fail("no-apdu-of-an-older-epoch", || {
                format!("{} used {} after {newest} was known", claim.epoch, claim.iccid)
            });
        }
        if let Some((epoch, modem)) = executed.filter(|(_, modem)| *modem != by.modem)
            && epoch == claim.epoch
        {
            self.fail("one-lease-per-sim", || {
                format!("modems {modem} and {} use {} by one lease", by.modem, claim.iccid)
            });
        }
    }

    /// A modem registers: the network forgets any other one with this subscription. That other one
    /// must have left before, unless it hangs, or its site could not be told to make it leave.
    pub(crate) fn registers(&mut self, imsi: Imsi, id: ModemId, modems: &BTreeMap<ModemId, Modem>) {
        let others = modems.values().filter(|modem| modem.id != id && !modem.hung);
        for other in others.filter(|modem| modem.registered == Some(imsi)) {
            self.fail("one-active-device-per-imsi", || {
                format!("{} is registered on modem {} and now on {id}", imsi.masked(), other.id)
            });
        }
    }
}

impl World {
    /// F1 and F2 where they count: which modem's commands a card would execute now.
    pub(super) fn look_at_edges(&self) -> Option<Violation> {
        let mut holders: BTreeMap<Iccid, ModemId> = BTreeMap::new();
        for id in self.modems.keys().filter(|id| self.sites[usize::from(id.site.0)].up) {
            let view = self.sites[usize::from(id.site.0)].machine.modem(id.number);
            let Some(view) = view.filter(|view| view.card_in) else { continue };
            let Some(claim) = view.lease else { continue };
            if !self.card_is_open_to(claim) {
                continue;
            }
            if let Some(other) = holders.insert(claim.iccid, *id) {
                let found = format!("modems {other} and {id} both reach {}", claim.iccid);
                return Some(("one-lease-per-sim", found));
            }
        }
        None
    }

    fn card_is_open_to(&self, claim: LeaseClaim) -> bool {
        self.sites.iter().filter(|host| host.up).any(|host| {
            let fence = host.machine.fence(host.local(self.now), claim.iccid);
            fence.is_some_and(|it| it.card_here && it.open && it.highest == claim.epoch)
        })
    }

    /// What the leading server believes, against the records and itself.
    pub(super) fn look_at_server(&mut self) -> Option<Violation> {
        if self.check.looked == self.check.records {
            return None;
        }
        self.check.looked = self.check.records;
        let exchange = &self.leading()?.machine;
        if !exchange.agrees(&self.check.shadow) {
            return Some(("replay-equals-live", "the fold over the log is another state".into()));
        }
        let leases = &self.check.leases;
        let mut modems: BTreeMap<ModemId, Iccid> = BTreeMap::new();
        let mut counted = 0;
        for (state, count) in exchange.tally() {
            counted += count;
            if count > u32::try_from(leases.known.len()).unwrap() {
                return Some(("sims-are-conserved", format!("{count} SIMs are {state:?}")));
            }
        }
        if counted != u32::try_from(leases.known.len()).unwrap() {
            return Some(("sims-are-conserved", format!("{counted} of {}", leases.known.len())));
        }
        for iccid in &leases.known {
            let holder = exchange.holder(*iccid);
            let state = exchange.sim_state(*iccid);
            if state == Some(SimState::Idle) && holder.is_some() {
                return Some(("sims-are-conserved", format!("{iccid} is idle, and on a modem")));
            }
            let places = leases.places.get(iccid).map_or(0, BTreeSet::len);
            let apart = matches!(state, Some(SimState::Duplicate | SimState::Blocked));
            if places > 1 && !apart {
                return Some(("one-slot-per-iccid", format!("{iccid} is {state:?}")));
            }
            let Some(modem) = holder else { continue };
            if leases.granted.get(iccid).map(|(_, modem)| *modem) != Some(modem) {
                return Some(("one-lease-per-sim", format!("{iccid} is held by {modem}")));
            }
            if let Some(other) = modems.insert(modem, *iccid) {
                let found = format!("{iccid} and {other} are both on modem {modem}");
                return Some(("one-sim-per-modem", found));
            }
        }
        None
    }
}
