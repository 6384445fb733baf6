//! What must hold of a fleet, by name.

use super::config::{FleetConfig, FleetNode};
use super::ledger::SimEntry;
use super::system::Fleet;
use polysim_base::{Duration, Iccid, Instant};
use polysim_fleet::site::ModemPhase;
use polysim_fleet::wire::{Kind, KindWanted, ModemWanted};
use polysim_fleet::{Epoch, ModemId, SimState, SlotId};
use std::collections::{BTreeMap, BTreeSet};

/// The invariants of fleets and what each says.
pub(crate) const NAMES: &[(&str, &str)] = &[
    ("denied-changes-nothing", "a request that was denied changes nothing"),
    (
        "epochs-only-grow",
        "the epochs of a SIM only grow, over restarts and changes of the server too",
    ),
    ("every-lease-ends", "a SIM does not attach, is not taken back and is not in doubt for ever"),
    (
        "everything-is-audited",
        "a lease is recorded, with who caused it, before anybody hears of it",
    ),
    ("graceful-spares-calls", "a SIM that is taken back gracefully keeps its call up to the limit"),
    ("identity-survives-moves", "a card that is moved keeps its epoch, and what is known of it"),
    (
        "no-apdu-of-an-older-epoch",
        "no card executes a command of an older lease than its site knows",
    ),
    ("no-old-text-for-the-next-sim", "a SIM gets no text that its network has sent to another one"),
    ("no-starvation", "no SIM waits while a modem is free that would do for it"),
    ("one-lease-per-sim", "no SIM is leased to two modems"),
    ("one-sim-per-modem", "no modem has two SIMs"),
    ("one-slot-per-iccid", "an ICCID that two cards claim is not used"),
    ("only-entitled-use", "nobody is rung, talks or reads without being entitled to the SIM"),
    ("replay-equals-live", "the fold over the log is the state of the server that leads"),
    ("reset-between-epochs", "between the commands of two leases a card is reset"),
    ("ring-ends-once", "a call that rings ends once at each terminal, and one terminal talks"),
    ("sims-are-conserved", "each SIM is in one state, and one that has no lease has no modem"),
    ("texts-exactly-once", "no text is recorded twice or lost, nor told twice at a terminal"),
    ("wire-types-round-trip", "what is said and recorded comes back from its encoding as it was"),
];

/// After how long, while nothing is broken, what has come and is not recorded counts as lost.
const LOST: Duration = Duration::from_secs(900);
/// How often the whole fleet is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// What a lease may take beyond all that is configured.
const SLACK: Duration = Duration::from_secs(120);
/// How long a SIM may wait while a modem is free.
const STARVING: Duration = Duration::from_secs(120);

/// What is known from one look to the next.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    next: Instant,
    /// How much time has passed in which a server led.
    led: Duration,
    /// How long the log was at the last look.
    looked: usize,
    /// Since when, in time that was led, SIMs have been in a state that must pass.
    passing: BTreeMap<usize, ((SimState, Epoch), Duration)>,
    starving: BTreeMap<usize, Duration>,
}

impl Fleet {
    /// Returns what was found so far, by name.
    pub(crate) fn contradictions(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let truth = self.truth.contradictions.iter();
        truth.chain(&self.ledger.contradictions).map(|(name, text)| (*name, text))
    }

    /// Looks at the whole fleet, if it is time.
    pub(crate) fn watch(&mut self, now: Instant) {
        if now < self.watch.next {
            return;
        }
        self.watch.next = now.plus(LOOK_EVERY);
        let leader = self.leader();
        if leader.is_some() {
            self.watch.led = self.watch.led.plus(LOOK_EVERY);
        }
        let recorded = self.log.len();
        if self.watch.looked != recorded {
            self.sims_are_conserved();
            if self.replay_equals_live(leader) {
                self.watch.looked = recorded;
            }
        }
        for sim in 0..self.ledger.sims.len() {
            self.every_lease_ends(sim);
            self.no_starvation(sim);
        }
        self.texts_exactly_once(now);
    }

    /// The server that leads in truth, and can write.
    fn leader(&self) -> Option<usize> {
        let leader = self.log.leader?;
        let leads = self.servers.get(leader).is_some_and(super::server::Server::leads);
        (leads && !self.links.is_cut(FleetNode::Server(leader), FleetNode::Log)).then_some(leader)
    }

    /// Compares the leader with the log, and returns whether that could be done: not while records
    /// are on their way to the log.
    fn replay_equals_live(&mut self, leader: Option<usize>) -> bool {
        let server = leader.and_then(|leader| self.servers.get(leader));
        let settled = server.filter(|server| server.is_settled());
        let Some(live) = settled.and_then(super::server::Server::machine) else { return false };
        if !live.agrees(self.log.fold()) {
            self.truth.found("replay-equals-live", "the leader knows what the log does not".into());
        }
        true
    }

    fn sims_are_conserved(&mut self) {
        let fold = self.log.fold();
        let counted: u32 = fold.tally().map(|(_, count)| count).sum();
        let mut states = BTreeMap::new();
        let mut found = None;
        for (sim, entry) in self.ledger.sims.iter().enumerate() {
            let Some(state) = fold.sim_state(FleetConfig::iccid(sim)) else { continue };
            *states.entry(state).or_insert(0_u32) += 1;
            if state == SimState::Idle && entry.modem.is_some() {
                found = Some(format!("SIM {sim} is idle and has a modem"));
            }
            let epoch = fold.epoch(FleetConfig::iccid(sim));
            if epoch.is_none_or(|epoch| epoch < entry.epoch) {
                let text = format!("SIM {sim} had {} and has {epoch:?}", entry.epoch);
                self.truth.found("identity-survives-moves", text);
            }
        }
        for (state, count) in fold.tally() {
            if states.get(&state).copied().unwrap_or(0) != count {
                found = Some(format!("{count} are counted as {state:?}, of {counted}"));
            }
        }
        if let Some(text) = found {
            self.truth.found("sims-are-conserved", text);
        }
    }

    fn every_lease_ends(&mut self, sim: usize) {
        let Some(entry) = self.ledger.sims.get(sim) else { return };
        let (state, epoch) = (entry.state, entry.epoch);
        let led = self.watch.led;
        if !matches!(state, SimState::Attaching | SimState::Reclaiming | SimState::InDoubt) {
            self.watch.passing.remove(&sim);
            return;
        }
        let now = (state, epoch);
        let entry = self.watch.passing.entry(sim).or_insert((now, led));
        if entry.0 != now {
            *entry = (now, led);
        }
        let exchange = self.names.config.exchange;
        let guard = exchange.margin.guard(exchange.ttl);
        let own = if state == SimState::Attaching {
            self.names.config.timing.attach_max
        } else {
            exchange.grace
        };
        let limit = own.plus(guard);
        if led.as_micros().saturating_sub(entry.1.as_micros())
            > limit.plus(guard).plus(SLACK).as_micros()
        {
            let text = format!("SIM {sim} is {state:?} for more than {limit}");
            self.truth.found("every-lease-ends", text);
        }
    }

    fn no_starvation(&mut self, sim: usize) {
        let Some(entry) = self.ledger.sims.get(sim) else { return };
        let led = self.watch.led;
        if !entry.queues() || !self.ledger_has_modem_for(entry) {
            self.watch.starving.remove(&sim);
            return;
        }
        let since = *self.watch.starving.entry(sim).or_insert(led);
        if led.as_micros().saturating_sub(since.as_micros()) > STARVING.as_micros() {
            self.truth.found("no-starvation", format!("SIM {sim} waits, and a modem is free"));
        }
    }

    /// What has come to modems is in the log in the end, and nothing else is.
    fn texts_exactly_once(&mut self, now: Instant) {
        let kept = |entry: &SimEntry| entry.texts.saturating_add(entry.reports);
        let recorded: u32 = self.ledger.sims.iter().map(kept).sum();
        let came: u32 = self.truth.received.values().sum();
        let calm = self.links.are_whole()
            && self.leader().is_some()
            && self.sites.iter().all(|site| site.machine().is_some());
        let asleep = self.asleep();
        for (sim, entry) in self.ledger.sims.iter().enumerate() {
            let (kept, came_here) = (kept(entry), self.truth.received.get(&sim).copied());
            let came_here = came_here.unwrap_or(0);
            if kept > came_here {
                let old = recorded <= came;
                let name = if old { "no-old-text-for-the-next-sim" } else { "texts-exactly-once" };
                self.truth.found(name, format!("SIM {sim}: {kept} recorded, {came_here} came"));
            }
            let delivered = self.truth.delivered.get(&sim).copied().unwrap_or(0);
            let texts = entry.texts;
            if texts >= delivered || !calm || asleep.contains(&FleetConfig::iccid(sim)) {
                self.truth.missing.remove(&sim);
                continue;
            }
            let since = self.truth.missing.entry(sim).or_insert((now, texts));
            if since.1 != texts {
                *since = (now, texts);
            }
            if now.since(since.0) > LOST {
                let text = format!("SIM {sim}: {delivered} were delivered, {texts} are recorded");
                self.truth.found("texts-exactly-once", text);
            }
        }
    }

    /// The SIMs whose texts may lie in the memory of a modem that nobody uses: they are read before
    /// the modem is used again.
    fn asleep(&self) -> BTreeSet<Iccid> {
        let modems = self.modems.iter().filter_map(|modem| {
            let site = self.sites.get(usize::from(modem.site.0))?.machine()?;
            let view = site.modem(modem.number)?;
            let awake = matches!(view.phase, ModemPhase::Standby | ModemPhase::Service);
            let memory = view.memory.filter(|memory| !awake || view.lease != Some(*memory))?;
            Some(memory.iccid)
        });
        modems.collect()
    }

    fn ledger_has_modem_for(&self, sim: &SimEntry) -> bool {
        let (Some(wanted), Some(slot)) = (sim.wants, sim.place) else { return false };
        let free = |modem: &ModemId| {
            let index = self.names.config.modem_index(*modem);
            let entry = index.and_then(|index| self.ledger.modems.get(index));
            let site = self.ledger.sites.get(usize::from(modem.site.0));
            entry.is_some_and(|entry| entry.sim.is_none() && !entry.resting)
                && site.is_some_and(|site| site.online && !site.suspect)
        };
        let suits = |modem: &ModemId| {
            let site = self.names.config.sites.get(usize::from(modem.site.0));
            let config = site.and_then(|site| site.modems.get(usize::from(modem.number)));
            let Some(config) = config else { return false };
            let reaches = match config.kind {
                Kind::Cloud => true,
                Kind::BuiltIn => modem.site == slot.site,
                Kind::OwnCard { bank, slot: own } => {
                    slot == SlotId { site: modem.site, bank, slot: own }
                }
            };
            reaches
                && match wanted {
                    ModemWanted::Fixed(fixed) => fixed == *modem,
                    ModemWanted::Of { pool, kind, .. } => {
                        let kind = match kind {
                            KindWanted::Any => true,
                            KindWanted::BuiltIn => config.kind != Kind::Cloud,
                            KindWanted::Cloud => config.kind == Kind::Cloud,
                        };
                        kind && pool == FleetConfig::pool_id(config.pool)
                    }
                }
        };
        self.modems.iter().any(|modem| suits(modem) && free(modem))
    }
}
