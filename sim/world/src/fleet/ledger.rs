//! What the log says, record by record: for events, for questions, and for invariants.

use super::names::FleetNames;
use super::words::{number, word};
use crate::event::Value;
use crate::observer::Observer;
use polysim_base::{Hex, Iccid, Instant};
use polysim_fleet::wire::{
    Cause, Change, ConfigureChange, EndReason, InventoryChange, Kept, LeaseChange, ModemWanted,
    Record, Why,
};
use polysim_fleet::{Epoch, Exchange, ModemId, SimState, SiteId, SlotId, UserId};
use polysim_lease::Revoke;
use polysim_sms::{AtPdu, MobileTerminated, Rp};
use std::collections::{BTreeMap, BTreeSet};

/// The view of everything that is durable at the servers.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) sims: Vec<SimEntry>,
    pub(crate) modems: Vec<ModemEntry>,
    pub(crate) sites: Vec<SiteEntry>,
    /// What the records themselves contradict.
    pub(crate) contradictions: BTreeMap<&'static str, String>,
    touched: BTreeSet<usize>,
}

/// A SIM in the ledger.
#[derive(Clone, Debug)]
pub(crate) struct SimEntry {
    pub(crate) state: SimState,
    pub(crate) modem: Option<ModemId>,
    pub(crate) epoch: Epoch,
    pub(crate) why: Why,
    pub(crate) place: Option<SlotId>,
    /// Where cards with its ICCID are.
    pub(crate) places: BTreeSet<SlotId>,
    /// What the request that waits wants.
    pub(crate) wants: Option<ModemWanted>,
    /// Whose request was made last.
    asker: Option<UserId>,
    pub(crate) texts: u32,
    pub(crate) reports: u32,
    ending: Option<EndReason>,
}

impl SimEntry {
    /// Returns whether it waits for a modem and nothing else.
    pub(crate) const fn queues(&self) -> bool {
        matches!(self.state, SimState::Waiting) && matches!(self.why, Why::Queued { .. })
    }
}

/// A modem in the ledger.
#[derive(Clone, Debug, Default)]
pub(crate) struct ModemEntry {
    pub(crate) sim: Option<usize>,
    pub(crate) resting: bool,
}

/// A site in the ledger.
#[derive(Clone, Debug, Default)]
pub(crate) struct SiteEntry {
    pub(crate) online: bool,
    incarnation: u32,
    pub(crate) suspect: bool,
    pub(crate) fenced: u32,
}

/// Where events of the ledger go.
pub(crate) struct Desk<'a> {
    pub(crate) at: Instant,
    pub(crate) names: &'a FleetNames,
    pub(crate) observer: &'a mut Observer,
}

impl Desk<'_> {
    pub(crate) fn tell(&mut self, name: &'static str, fields: Vec<(&'static str, Value)>) {
        self.observer.note(self.at, name, fields);
    }

    fn sim(&self, iccid: Iccid) -> (&'static str, Value) {
        ("sim", self.names.sim(iccid).into())
    }

    fn modem(&self, modem: Option<ModemId>) -> (&'static str, Value) {
        ("modem", modem.map_or_else(String::new, |modem| self.names.modem(modem)).into())
    }

    fn site(&self, site: SiteId) -> (&'static str, Value) {
        ("site", self.names.site(site).into())
    }
}

impl Ledger {
    pub(crate) fn new(names: &FleetNames) -> Self {
        let sim = SimEntry {
            state: SimState::NotPresent,
            modem: None,
            epoch: Epoch::default(),
            why: Why::default(),
            place: None,
            places: BTreeSet::new(),
            wants: None,
            asker: None,
            texts: 0,
            reports: 0,
            ending: None,
        };
        Self {
            sims: vec![sim; names.config.sims.len()],
            modems: vec![ModemEntry::default(); names.config.modem_count()],
            sites: vec![SiteEntry::default(); names.config.sites.len()],
            contradictions: BTreeMap::new(),
            touched: BTreeSet::new(),
        }
    }

    /// Returns the epoch of the newest lease of a SIM.
    pub(crate) fn epoch(&self, names: &FleetNames, iccid: Iccid) -> Option<Epoch> {
        Some(self.sims.get(names.sim_index(iccid)?)?.epoch)
    }

    /// Takes a record that became durable; `fold` is the fold up to it.
    pub(crate) fn take(&mut self, record: &Record, fold: &Exchange, desk: &mut Desk<'_>) {
        self.record(record, desk);
        for sim in core::mem::take(&mut self.touched) {
            self.settle(sim, fold, desk);
        }
    }

    fn record(&mut self, record: &Record, desk: &mut Desk<'_>) {
        match &record.change {
            Change::Inventory(change) => self.inventory(change, desk),
            Change::Configure(change) => self.configure(change, desk),
            Change::Lease(change) => self.lease(change, desk),
            Change::Denied => {
                if let Cause::User(user, _) = record.cause {
                    desk.tell("user.denied", vec![("user", desk.names.user(user).into())]);
                }
            }
            Change::Kept(kept) => self.kept(kept, desk),
            Change::Lead(_)
            | Change::Used(_)
            | Change::Incomplete(_)
            | Change::WindowMoved(_)
            | Change::Misreported(_) => {}
        }
    }

    fn inventory(&mut self, change: &InventoryChange, desk: &mut Desk<'_>) {
        match change {
            InventoryChange::SiteUp { site, incarnation, .. } => {
                let entry = self.sites.get_mut(usize::from(site.0));
                let known = entry.is_some_and(|entry| {
                    let before = core::mem::replace(&mut entry.incarnation, *incarnation);
                    entry.online && before == *incarnation
                });
                self.online(*site, true);
                if known {
                    return;
                }
                let fields = vec![desk.site(*site), ("incarnation", (*incarnation).into())];
                desk.tell("site.up", fields);
            }
            InventoryChange::SiteAway(site) => {
                self.online(*site, false);
                desk.tell("site.away", vec![desk.site(*site)]);
            }
            InventoryChange::SiteSuspect(site, _) => {
                self.suspect(*site, true);
                desk.tell("site.suspect", vec![desk.site(*site)]);
            }
            InventoryChange::SiteCleared(site) => {
                self.suspect(*site, false);
                desk.tell("site.cleared", vec![desk.site(*site)]);
            }
            InventoryChange::CardSeen(report) => {
                let slot = report.slot;
                if let Some(sim) = self.sim(report.iccid, desk) {
                    sim.place = Some(slot);
                    sim.places.insert(slot);
                }
                let mut fields = vec![desk.sim(report.iccid)];
                fields.extend(place(slot, desk));
                desk.tell("sim.seen", fields);
            }
            InventoryChange::CardGone(slot) => {
                let gone = self.sims.iter().position(|sim| sim.places.contains(slot));
                if let Some(sim) = gone.and_then(|sim| self.sims.get_mut(sim)) {
                    sim.places.remove(slot);
                    sim.place = sim.places.first().copied();
                }
                self.touched.extend(gone);
                let fields = place(*slot, desk);
                desk.tell("sim.gone", fields);
            }
            InventoryChange::CardBlocked(iccid) => {
                self.sim(*iccid, desk);
                desk.tell("sim.blocked", vec![desk.sim(*iccid)]);
            }
            InventoryChange::CardUnblocked(iccid) => {
                self.sim(*iccid, desk);
            }
            InventoryChange::Resolved(iccid, slot) => {
                if let Some(sim) = self.sim(*iccid, desk) {
                    sim.place = Some(*slot);
                    sim.places = BTreeSet::from([*slot]);
                }
            }
            InventoryChange::ModemRests(modem, _) => {
                self.rests(*modem, true, desk);
                desk.tell("modem.failed", vec![desk.modem(Some(*modem)), desk.site(modem.site)]);
            }
            InventoryChange::ModemRested(modem) => {
                self.rests(*modem, false, desk);
                desk.tell("modem.rested", vec![desk.modem(Some(*modem)), desk.site(modem.site)]);
            }
            InventoryChange::ModemSeen(_) | InventoryChange::ModemGone(_) => {}
        }
    }

    /// A site has told something that must not be lost.
    fn kept(&mut self, kept: &Kept, desk: &mut Desk<'_>) {
        let sim = desk.sim(kept.claim().iccid);
        match kept {
            Kept::Text(text) => {
                if let Some(sim) = self.sim(text.claim.iccid, desk) {
                    sim.texts = sim.texts.saturating_add(1);
                }
                let (from, body, parts) = read(&text.pdu);
                let from = desk.observer.names.party(&from);
                let fields = vec![
                    sim,
                    ("from", from.into()),
                    ("text", body.into()),
                    ("parts", parts.into()),
                ];
                desk.tell("sim.text", fields);
            }
            Kept::Outcome(outcome) => {
                let to = desk.observer.names.party(&outcome.to);
                let state = outcome.parts.iter().map(word).max().unwrap_or_default();
                let parts = u32::try_from(outcome.parts.len()).unwrap_or(u32::MAX);
                let fields =
                    vec![sim, ("to", to.into()), ("parts", parts.into()), ("state", state.into())];
                desk.tell("sim.text-out", fields);
            }
            Kept::Call(call) => {
                let peer = call.peer.as_deref().unwrap_or_default();
                let peer = desk.observer.names.party(peer);
                let terminal = call.terminal.map_or_else(String::new, |(_, terminal)| {
                    desk.names.terminal(terminal.0 as usize)
                });
                let talked = call
                    .talked
                    .map_or(-1, |talked| i64::try_from(talked.as_secs()).unwrap_or(i64::MAX));
                let fields = vec![
                    sim,
                    ("direction", word(&call.direction).into()),
                    ("peer", peer.into()),
                    ("terminal", terminal.into()),
                    ("rang", call.rang.as_secs().into()),
                    ("talked", talked.into()),
                    ("why", word(&call.ending).into()),
                ];
                desk.tell("sim.call", fields);
            }
            Kept::Report(report) => {
                if let Some(sim) = self.sim(report.claim.iccid, desk) {
                    sim.reports = sim.reports.saturating_add(1);
                }
            }
        }
    }

    fn waits(&mut self, iccid: Iccid, why: Why, desk: &mut Desk<'_>) {
        if let Some(sim) = self.sim(iccid, desk) {
            sim.why = why;
        }
        if why != Why::NeverAsked {
            desk.tell("sim.waiting", vec![desk.sim(iccid), ("why", word(&why).into())]);
        }
    }

    fn configure(&mut self, change: &ConfigureChange, desk: &mut Desk<'_>) {
        match change {
            ConfigureChange::Asked { iccid, user, why, parameters, .. } => {
                if let Some(sim) = self.sim(*iccid, desk) {
                    (sim.wants, sim.asker) = (Some(parameters.modem), Some(*user));
                }
                self.waits(*iccid, *why, desk);
            }
            ConfigureChange::Waits { iccid, why } => self.waits(*iccid, *why, desk),
            ConfigureChange::Claims { iccid, modem, why } => {
                if let Some(sim) = self.sim(*iccid, desk) {
                    sim.why = *why;
                }
                desk.tell("sim.claims", vec![desk.sim(*iccid), desk.modem(Some(*modem))]);
            }
            ConfigureChange::Dropped { iccid, reason } => {
                if let Some(sim) = self.sim(*iccid, desk) {
                    sim.why = Why::Dropped(*reason);
                    sim.wants = None;
                }
                desk.tell("sim.dropped", vec![desk.sim(*iccid), ("why", word(reason).into())]);
            }
            ConfigureChange::Unclaimed(iccid) => {
                self.sim(*iccid, desk);
            }
            ConfigureChange::Enrolled(..)
            | ConfigureChange::Capped(..)
            | ConfigureChange::Permitted(..)
            | ConfigureChange::Plan(_)
            | ConfigureChange::Range(..) => {}
        }
    }

    fn lease(&mut self, change: &LeaseChange, desk: &mut Desk<'_>) {
        match change {
            LeaseChange::Granted { iccid, modem, epoch, why } => {
                self.granted(*iccid, *modem, *epoch, *why, desk);
            }
            LeaseChange::GrantedAtOnce { iccid, user, modem, epoch, why, .. } => {
                if let Some(sim) = self.sim(*iccid, desk) {
                    sim.asker = Some(*user);
                }
                self.granted(*iccid, *modem, *epoch, *why, desk);
            }
            LeaseChange::Attached(iccid) => {
                let modem = self.sim(*iccid, desk).and_then(|sim| sim.modem);
                desk.tell("sim.attached", vec![desk.sim(*iccid), desk.modem(modem)]);
            }
            LeaseChange::ServiceBegan(iccid, _) => {
                self.sim(*iccid, desk);
                desk.tell("sim.service-began", vec![desk.sim(*iccid)]);
            }
            LeaseChange::ServiceEnded(iccid, _) => {
                self.sim(*iccid, desk);
                desk.tell("sim.service-ended", vec![desk.sim(*iccid)]);
            }
            LeaseChange::Revoked { iccid, how, reason } => {
                let entry = self.sim(*iccid, desk);
                let modem = entry.and_then(|sim| {
                    sim.ending = Some(*reason);
                    sim.modem
                });
                let how = match how {
                    Revoke::Graceful { .. } => "gracefully",
                    Revoke::AtOnce => "at-once",
                };
                let fields = vec![
                    desk.sim(*iccid),
                    desk.modem(modem),
                    ("how", how.into()),
                    ("why", word(reason).into()),
                ];
                desk.tell("sim.revoked", fields);
            }
            LeaseChange::Passed(iccid) => {
                let away = self.sim(*iccid, desk).filter(|sim| {
                    matches!(
                        sim.state,
                        SimState::SiteAway | SimState::NotPresent | SimState::Duplicate
                    )
                });
                let modem = away.and_then(|sim| sim.modem);
                let sim = desk.names.sim_index(*iccid);
                let index = modem.and_then(|modem| desk.names.config.modem_index(modem));
                let entry = index.and_then(|index| self.modems.get_mut(index));
                if let Some(entry) = entry.filter(|entry| entry.sim == sim) {
                    entry.sim = None;
                }
            }
            LeaseChange::Released(iccid) => self.ends(*iccid, EndReason::LetGo, desk),
            LeaseChange::Lost(iccid) => self.ends(*iccid, EndReason::SiteRestarted, desk),
            LeaseChange::Rested(iccid) | LeaseChange::TurnOver(iccid) => {
                self.sim(*iccid, desk);
            }
            LeaseChange::Renewed { sims, .. } => {
                // A renewal changes how a SIM is only where nobody knew how it was.
                let doubtful = |sim: &usize| {
                    self.sims.get(*sim).is_some_and(|sim| {
                        matches!(sim.state, SimState::InDoubt | SimState::SiteAway)
                    })
                };
                let sims = sims.iter().filter_map(|iccid| desk.names.sim_index(*iccid));
                self.touched.extend(sims.filter(doubtful));
            }
        }
    }

    /// A lease ends; the reason is that for which it was taken back, if it was.
    fn ends(&mut self, iccid: Iccid, reason: EndReason, desk: &Desk<'_>) {
        if let Some(sim) = self.sim(iccid, desk) {
            sim.ending.get_or_insert(reason);
        }
    }

    fn granted(
        &mut self,
        iccid: Iccid,
        modem: ModemId,
        epoch: Epoch,
        why: Why,
        desk: &mut Desk<'_>,
    ) {
        let index = desk.names.sim_index(iccid);
        let mut asker = None;
        if let Some(sim) = self.sim(iccid, desk) {
            asker = sim.asker;
            let before = core::mem::replace(&mut sim.epoch, epoch);
            let held = sim.modem.replace(modem);
            (sim.why, sim.ending, sim.wants) = (why, None, None);
            if before >= epoch {
                let text = format!("{}: {before} before {epoch}", desk.names.sim(iccid));
                self.contradictions.entry("epochs-only-grow").or_insert(text);
            }
            if held.is_some() {
                let text = format!("{} is granted while it is held", desk.names.sim(iccid));
                self.contradictions.entry("one-lease-per-sim").or_insert(text);
            }
        }
        let entry = desk.names.config.modem_index(modem).and_then(|m| self.modems.get_mut(m));
        if let Some(entry) = entry
            && let Some(other) = core::mem::replace(&mut entry.sim, index)
            && Some(other) != index
        {
            let text = format!("{} is given to two SIMs", desk.names.modem(modem));
            self.contradictions.entry("one-sim-per-modem").or_insert(text);
        }
        let user = asker.map(|user| desk.names.user(user)).unwrap_or_default();
        let fields = vec![
            desk.sim(iccid),
            desk.modem(Some(modem)),
            desk.site(modem.site),
            ("user", user.into()),
            ("epoch", number(epoch).into()),
            ("why", word(&why).into()),
        ];
        desk.tell("sim.assigned", fields);
    }

    /// Sees how a SIM is after what was recorded.
    fn settle(&mut self, index: usize, fold: &Exchange, desk: &mut Desk<'_>) {
        let iccid = super::config::FleetConfig::iccid(index);
        let (Some(state), Some(sim)) = (fold.sim_state(iccid), self.sims.get_mut(index)) else {
            return;
        };
        let before = core::mem::replace(&mut sim.state, state);
        if sim.places.len() > 1 && state != SimState::Duplicate {
            let text =
                format!("{} is in {} slots and {state:?}", desk.names.sim(iccid), sim.places.len());
            self.contradictions.entry("one-slot-per-iccid").or_insert(text);
        }
        if before == state && sim.modem.is_none() {
            return;
        }
        let free = matches!(
            state,
            SimState::Idle | SimState::Waiting | SimState::Blocked | SimState::Quarantine
        ) || (sim.ending.is_some()
            && matches!(state, SimState::NotPresent | SimState::Duplicate));
        self.modem_of(index, before, state, desk);
        let Some(sim) = self.sims.get_mut(index) else { return };
        if state == SimState::InDoubt && before != state {
            let fields = vec![desk.sim(iccid), desk.modem(sim.modem)];
            desk.tell("sim.doubtful", fields);
        }
        if free && let Some(modem) = sim.modem.take() {
            let why = sim.ending.take().unwrap_or(EndReason::Expired);
            let fields = vec![
                desk.sim(iccid),
                desk.modem(Some(modem)),
                ("epoch", number(sim.epoch).into()),
                ("why", word(&why).into()),
            ];
            desk.tell("sim.released", fields);
            let entry = desk.names.config.modem_index(modem).and_then(|m| self.modems.get_mut(m));
            if let Some(entry) = entry.filter(|entry| entry.sim == Some(index)) {
                entry.sim = None;
            }
        }
        if before != state {
            let fields = vec![
                desk.sim(iccid),
                ("state", word(&state).into()),
                ("before", word(&before).into()),
            ];
            desk.tell("sim.state", fields);
        }
    }

    /// A lease in doubt keeps its SIM and not its modem, which its own site may give on; one that
    /// was heard of again has it as before.
    fn modem_of(&mut self, sim: usize, before: SimState, now: SimState, desk: &Desk<'_>) {
        let Some(modem) = self.sims.get(sim).and_then(|sim| sim.modem) else { return };
        let index = desk.names.config.modem_index(modem);
        let Some(entry) = index.and_then(|index| self.modems.get_mut(index)) else { return };
        let held = matches!(
            now,
            SimState::Attaching | SimState::Standby | SimState::InService | SimState::Reclaiming
        );
        if now == SimState::InDoubt && entry.sim == Some(sim) {
            entry.sim = None;
        } else if before == SimState::InDoubt && held {
            let other = entry.sim.replace(sim);
            if other.is_some_and(|other| other != sim) {
                let text = format!("{} has two SIMs again", desk.names.modem(modem));
                self.contradictions.entry("one-sim-per-modem").or_insert(text);
            }
        }
    }

    fn sim(&mut self, iccid: Iccid, desk: &Desk<'_>) -> Option<&mut SimEntry> {
        let index = desk.names.sim_index(iccid)?;
        self.touched.insert(index);
        self.sims.get_mut(index)
    }

    fn online(&mut self, site: SiteId, online: bool) {
        if let Some(entry) = self.sites.get_mut(usize::from(site.0)) {
            entry.online = online;
        }
        let there = |sim: &SimEntry| sim.place.is_some_and(|slot| slot.site == site);
        let sims = self.sims.iter().enumerate().filter(|(_, sim)| there(sim));
        self.touched.extend(sims.map(|(index, _)| index));
    }

    fn suspect(&mut self, site: SiteId, suspect: bool) {
        if let Some(entry) = self.sites.get_mut(usize::from(site.0)) {
            entry.suspect = suspect;
        }
    }

    fn rests(&mut self, modem: ModemId, resting: bool, desk: &Desk<'_>) {
        let entry = desk.names.config.modem_index(modem).and_then(|m| self.modems.get_mut(m));
        if let Some(entry) = entry {
            entry.resting = resting;
        }
    }
}

/// Returns sender, text and number of parts of a text, or of the one it is a part of.
fn read(pdu: &[u8]) -> (String, String, u8) {
    let Ok(AtPdu { tpdu: MobileTerminated::Deliver(deliver), .. }) = AtPdu::parse(pdu, Rp::Data)
    else {
        return (String::new(), Hex(pdu).to_string(), 1);
    };
    let data = &deliver.user_data;
    let body = data.text().unwrap_or_else(|_| Hex(data.payload()).to_string());
    let parts = data.concatenation().map_or(1, |part| part.total());
    (deliver.originator.to_string(), body, parts)
}

fn place(slot: SlotId, desk: &Desk<'_>) -> Vec<(&'static str, Value)> {
    vec![
        desk.site(slot.site),
        ("bank", u32::from(slot.bank).into()),
        ("slot", u32::from(slot.slot).into()),
    ]
}
