//! What the exchange knows: entities, and indexes that follow from them.
//!
//! Entities change only in `apply`, record by record. Whatever is found by order (free modems,
//! SIMs to pick or to evict, waiting requests, deadlines) is derived from single entities by the
//! functions in `index`, and updated where an entity changes.

mod aged;
mod apply;
mod handover;
mod index;
mod mail;
mod modem;
mod names;
mod permits;
mod sim;
mod usage;

pub(crate) use aged::Aged;
pub(crate) use handover::Handover;
pub(crate) use index::{Class, Indexes, Load};
pub(crate) use mail::{Shelf, SimBox, UserBox};
pub(crate) use modem::{Modem, Site};
pub(crate) use permits::Permits;
pub use sim::SimState;
pub(crate) use sim::{Enrolment, Held, Pending, Phase, Place, Sim, Turn};
pub(crate) use usage::Usage;

use self::names::Names;
use crate::wire::PlanReport;
use crate::{ExchangeConfig, MailId, ModemId, PlanId, Prefix, SiteId, SlotId, UserId};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use polysim_base::{Iccid, Instant, Msisdn, Plmn};
use polysim_lease::{LeaseTimer, Term};

/// Number of a SIM in the order in which they were first seen.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct SimIx(pub(crate) u32);

/// Number of a modem in the order in which they were first seen.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct ModemIx(pub(crate) u32);

/// Why the exchange wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Timer {
    /// A lease expires, its grace ends, or its guard passes.
    Lease(LeaseTimer),
    /// A request has waited long enough.
    Wait,
    /// The time of an assignment is over.
    Duration,
    /// A modem has rested.
    ModemRest,
    /// The back-off of a site is over.
    SiteBackoff,
    /// A site was not heard of for too long.
    Silence,
    /// The network of a SIM has forgotten it.
    Quarantine,
    /// The turn of a SIM on its modem is over.
    Turn,
    /// A text has waited long enough for its parts.
    Parts,
    /// What was done a day ago counts no more.
    Budget,
}

/// Whose deadline it is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Due {
    Lease(SimIx),
    Wait(SimIx),
    Duration(SimIx),
    Modem(ModemIx),
    Site(SiteId),
    Silence(SiteId),
    Rest(SimIx),
    Turn(SimIx),
    Parts(SimIx),
    Budget(SimIx),
}

#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct State {
    pub(crate) term: Term,
    /// When the last record was, by the clock of the server that wrote it.
    pub(crate) at: Instant,
    sims: Vec<Sim>,
    modems: Vec<Modem>,
    by_iccid: Names,
    pub(crate) by_modem: BTreeMap<ModemId, ModemIx>,
    pub(crate) sites: BTreeMap<SiteId, Site>,
    pub(crate) slots: BTreeMap<SlotId, SimIx>,
    /// The slots of cards that the operator said were not the real ones, until those are gone.
    pub(crate) rejected: BTreeMap<SlotId, SimIx>,
    pub(crate) plans: BTreeMap<PlanId, PlanReport>,
    pub(crate) ranges: BTreeMap<Prefix, Plmn>,
    /// The turn of each user's latest request, for as long as it lies ahead.
    pub(crate) turns: BTreeMap<UserId, u64>,
    /// The latest turn that was served.
    pub(crate) turn: u64,
    pub(crate) denied: u64,
    pub(crate) misreports: u64,
    /// Of SIMs for which something has come, or that have sent something.
    pub(crate) boxes: BTreeMap<SimIx, SimBox>,
    /// Those that may do something, or have sent a text; each with a bounded shelf.
    pub(crate) users: BTreeMap<UserId, UserBox>,
    pub(crate) last_mail: MailId,
    /// Of SIMs that were used, or have caps of their own.
    pub(crate) usage: BTreeMap<SimIx, Usage>,
    pub(crate) indexes: Indexes,
}

impl State {
    pub(crate) fn sim(&self, ix: SimIx) -> Option<&Sim> {
        self.sims.get(ix.0 as usize)
    }

    pub(crate) fn modem(&self, ix: ModemIx) -> Option<&Modem> {
        self.modems.get(ix.0 as usize)
    }

    pub(crate) fn find(&self, iccid: Iccid) -> Option<SimIx> {
        self.by_iccid.find(iccid, |ix| self.sim(ix).is_some_and(|sim| sim.iccid == iccid))
    }

    pub(crate) fn sims(&self) -> impl Iterator<Item = (SimIx, &Sim)> {
        (0..).map(SimIx).zip(&self.sims)
    }

    pub(crate) fn modems(&self) -> impl Iterator<Item = (ModemIx, &Modem)> {
        (0..).map(ModemIx).zip(&self.modems)
    }

    /// Returns the modems of a site.
    pub(crate) fn modems_at(&self, site: SiteId) -> impl Iterator<Item = ModemIx> {
        let (from, to) = (ModemId { site, number: 0 }, ModemId { site, number: u16::MAX });
        self.by_modem.range(from..=to).map(|(_, ix)| *ix)
    }

    /// Returns the SIMs in the slots of a site.
    pub(crate) fn sims_at(&self, site: SiteId) -> impl Iterator<Item = (SlotId, SimIx)> {
        at(&self.slots, site)
    }

    /// Returns the SIMs whose cards in slots of a site are not the real ones.
    pub(crate) fn rejected_at(&self, site: SiteId) -> impl Iterator<Item = (SlotId, SimIx)> {
        at(&self.rejected, site)
    }

    pub(crate) fn online(&self, site: SiteId) -> bool {
        self.sites.get(&site).is_some_and(|site| site.online)
    }

    /// Returns how a SIM is.
    pub(crate) fn sim_state(&self, sim: &Sim) -> SimState {
        sim.state(|site| self.online(site))
    }

    /// Returns whether a modem can be given to a SIM now.
    pub(crate) fn available(&self, modem: &Modem) -> bool {
        modem.idle()
            && self
                .sites
                .get(&modem.id.site)
                .is_some_and(|site| site.online && site.suspect_until.is_none())
    }

    /// Returns whose number this is.
    pub(crate) fn operator_of(&self, number: &Msisdn) -> Option<Plmn> {
        Prefix::of(number).find_map(|prefix| self.ranges.get(&prefix).copied())
    }

    /// Returns what a tariff takes for a destination.
    pub(crate) fn price(&self, plan: PlanId, number: &Msisdn) -> Option<u64> {
        let rates = &self.plans.get(&plan)?.rates;
        Prefix::of(number)
            .find_map(|prefix| rates.iter().find(|(p, _)| *p == prefix).map(|(_, price)| *price))
    }

    /// Returns the turn that a request of `user` gets in the queue: one after the user's own
    /// latest, and not before what is served now. So a user with many requests does not keep out
    /// one with few.
    pub(crate) fn turn_for(&self, user: UserId) -> u64 {
        self.turns.get(&user).copied().unwrap_or(0).max(self.turn) + 1
    }

    pub(crate) fn fold(&mut self, config: &ExchangeConfig, record: &crate::wire::Record) {
        apply::apply(self, config, record);
    }
}

fn at(
    slots: &BTreeMap<SlotId, SimIx>,
    site: SiteId,
) -> impl Iterator<Item = (SlotId, SimIx)> + use<'_> {
    let from = SlotId { site, bank: 0, slot: 0 };
    let to = SlotId { site, bank: u16::MAX, slot: u16::MAX };
    slots.range(from..=to).map(|(slot, ix)| (*slot, *ix))
}
