//! Makes the nodes of a fleet from its description.

use super::card::BankCard;
use super::config::FleetConfig;
use super::invariants::Watch;
use super::ledger::Ledger;
use super::names::FleetNames;
use super::server::{Log, Server};
use super::system::Fleet;
use super::tell::Seen;
use super::truth::Truth;
use crate::build::{Blueprint, BuildError, CardSpec};
use crate::clock::NodeClock;
use crate::config::ClockConfig;
use crate::durable::Durable;
use crate::links::Links;
use crate::observer::Observer;
use crate::world::MobileWorld;
use polysim_base::{Purpose, Stream};
use polysim_fleet::site::{Site, SiteConfig, SiteModem};
use polysim_fleet::terminal::{Terminal, TerminalConfig};
use polysim_fleet::wire::{OperatorInput, PlanReport};
use polysim_kernel::Disk;
use polysim_modem::{Config as ModemConfig, InitPlan, Modem};
use polysim_radio::{Keys, Money, SubscriberConfig};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Streams of nodes and cards of a fleet are derived from numbers beyond those of phones.
const SITE_ENTITY: u64 = 1 << 40;
const TERMINAL_ENTITY: u64 = 2 << 40;
const CARD_ENTITY: u64 = 3 << 40;
const DISK_ENTITY: u64 = 4 << 40;
const CUTS_ENTITY: u64 = 5 << 40;
/// Most servers that a fleet names.
const SERVERS_MAX: usize = 255;

/// Returns how the modems of pools are driven: a card far away takes its time.
pub(crate) fn driver() -> Arc<ModemConfig> {
    let mut config = ModemConfig { init: InitPlan::pool(), ..ModemConfig::default() };
    config.deadlines.card = polysim_base::Duration::from_secs(120);
    Arc::new(config)
}

/// Returns what a site is set up with.
pub(crate) fn site_config(config: &FleetConfig, node: usize, unix_s: u64) -> Option<SiteConfig> {
    let site = config.sites.get(node)?;
    let timing = config.timing;
    let modems = site.modems.iter().map(|modem| SiteModem {
        imei: modem.imei,
        kind: modem.kind,
        pool: FleetConfig::pool_id(modem.pool),
        address: modem.name.clone(),
    });
    Some(SiteConfig {
        site: FleetConfig::site_id(node),
        servers: servers(config),
        modems: modems.collect(),
        margin: config.exchange.margin,
        renew_every: timing.renew_every,
        attach_max: timing.attach_max,
        ring_max: timing.ring_max,
        call_max: timing.call_max,
        card_max: timing.card_max,
        null_every: timing.null_every,
        unix_at_zero_s: unix_s,
    })
}

/// Returns what a terminal is set up with.
pub(crate) fn terminal_config(config: &FleetConfig, node: usize) -> Option<TerminalConfig> {
    let terminal = config.terminals.get(node)?;
    let timing = config.terminal;
    Some(TerminalConfig {
        terminal: FleetConfig::terminal_id(node),
        user: FleetConfig::user_id(terminal.user),
        servers: servers(config),
        patience: timing.patience,
        tries: timing.tries,
        mail_every: timing.mail_every,
        codec: timing.codec,
    })
}

fn servers(config: &FleetConfig) -> u8 {
    u8::try_from(config.servers.len()).unwrap_or(u8::MAX)
}

/// Returns what the operator of the fleet says first: tariffs, ranges, enrolments, caps,
/// permissions.
pub(crate) fn first_words(config: &FleetConfig, observer: &Observer) -> Vec<OperatorInput> {
    let mut words = Vec::new();
    for (plan, spec) in config.plans.iter().enumerate() {
        let Some(operator) = observer.names.plmn(spec.operator) else { continue };
        let plan = FleetConfig::plan_id(plan);
        words.push(OperatorInput::Plan(PlanReport { plan, operator, rates: spec.rates.clone() }));
    }
    for range in &config.ranges {
        let Some(operator) = observer.names.plmn(range.operator) else { continue };
        words.push(OperatorInput::Range { prefix: range.prefix, operator });
    }
    for (sim, spec) in config.sims.iter().enumerate() {
        let iccid = FleetConfig::iccid(sim);
        if let Some((group, plan)) = spec.enrolled {
            let (group, plan) = (FleetConfig::group_id(group), FleetConfig::plan_id(plan));
            words.push(OperatorInput::Enrol { iccid, group, plan });
        }
        if let Some(caps) = spec.caps {
            words.push(OperatorInput::Cap { iccid, caps });
        }
    }
    for (user, spec) in config.users.iter().enumerate() {
        let user = FleetConfig::user_id(user);
        let permit = |(sim, set): &(usize, _)| OperatorInput::Permit {
            iccid: FleetConfig::iccid(*sim),
            user,
            set: *set,
        };
        words.extend(spec.permissions.iter().map(permit));
    }
    words
}

impl Fleet {
    /// Makes the fleet of a world, adds its modems to the phones and its subscriptions to the
    /// operators.
    pub(crate) fn new(
        blueprint: &Blueprint<'_>,
        config: &FleetConfig,
        world: &mut MobileWorld,
    ) -> Result<Self, BuildError> {
        check(config)?;
        let names = Arc::new(FleetNames::new(config.clone()));
        let seed = blueprint.config.seed;
        let first_phone = u32::try_from(world.phones.len()).unwrap_or(u32::MAX);
        let modems = add_modems(blueprint, config, world)?;
        add_subscribers(config, world);
        let unix_s = blueprint.config.start_unix_s;
        let disk = |entity| Stream::derive(seed, entity, Purpose::Fault, 0);
        let sites = (0..config.sites.len()).filter_map(|node| {
            let machine = Site::new(site_config(config, node, unix_s)?);
            let clock = clock(config.sites.get(node).map(|site| site.clock));
            Some(Durable::new(machine, Disk::new(disk(SITE_ENTITY + node as u64)), clock))
        });
        let terminals = (0..config.terminals.len()).filter_map(|node| {
            let machine = Terminal::new(terminal_config(config, node)?);
            let clock = clock(config.terminals.get(node).map(|terminal| terminal.clock));
            Some(Durable::new(machine, Disk::new(disk(TERMINAL_ENTITY + node as u64)), clock))
        });
        let server = |server: &super::config::ServerConfig| {
            Server::new(config.exchange, NodeClock::new(server.clock))
        };
        Ok(Self {
            encode: blueprint.config.encode_messages,
            cuts: Stream::derive(seed, CUTS_ENTITY, Purpose::Link, 0),
            start_unix_s: unix_s,
            first_phone,
            modems,
            links: Links::new(seed, config.links.clone()),
            log: Log::new(config.exchange),
            servers: config.servers.iter().map(server).collect(),
            sites: sites.collect(),
            terminals: terminals.collect(),
            terminals_of: terminals_of(config),
            cards: cards(blueprint, config)?,
            ledger: Ledger::new(&names),
            seen: config.terminals.iter().map(|_| Seen::default()).collect(),
            texts: BTreeMap::new(),
            truth: Truth::default(),
            operator: VecDeque::new(),
            disks: Stream::derive(seed, DISK_ENTITY, Purpose::Timing, 0),
            next_wish: 1,
            watch: Watch::default(),
            speaking: BTreeMap::new(),
            names,
        })
    }
}

fn clock(config: Option<ClockConfig>) -> NodeClock {
    NodeClock::new(config.unwrap_or_default())
}

/// Sees to it that whatever is named by index is there.
fn check(config: &FleetConfig) -> Result<(), BuildError> {
    let there = |what, index: usize, count: usize| {
        if index < count { Ok(()) } else { Err(BuildError::Missing { what, index }) }
    };
    let few = |what, count: usize, max: usize| {
        if count <= max { Ok(()) } else { Err(BuildError::TooMany { what, count }) }
    };
    few("servers", config.servers.len(), SERVERS_MAX)?;
    few("sites", config.sites.len(), usize::from(u16::MAX))?;
    for site in &config.sites {
        few("modems of a site", site.modems.len(), usize::from(u16::MAX))?;
        for sim in site.banks.iter().flatten().flatten() {
            there("SIM", *sim, config.sims.len())?;
        }
        for modem in &site.modems {
            there("pool", modem.pool, config.pools.len())?;
        }
    }
    for (sim, _) in config.users.iter().flat_map(|user| &user.permissions) {
        there("SIM", *sim, config.sims.len())?;
    }
    for terminal in &config.terminals {
        there("user", terminal.user, config.users.len())?;
    }
    for (group, plan) in config.sims.iter().filter_map(|sim| sim.enrolled) {
        there("group", group, config.groups.len())?;
        there("plan", plan, config.plans.len())?;
    }
    Ok(())
}

fn terminals_of(config: &FleetConfig) -> Vec<Vec<usize>> {
    let of = |user: usize| {
        let all = config.terminals.iter().enumerate();
        all.filter(|(_, terminal)| terminal.user == user).map(|(index, _)| index).collect()
    };
    (0..config.users.len()).map(of).collect()
}

fn add_modems(
    blueprint: &Blueprint<'_>,
    config: &FleetConfig,
    world: &mut MobileWorld,
) -> Result<Vec<polysim_fleet::ModemId>, BuildError> {
    let driver = driver();
    let mut modems = Vec::new();
    for (site, spec) in config.sites.iter().enumerate() {
        for (number, modem) in spec.modems.iter().enumerate() {
            let host = Modem::new(driver.clone());
            blueprint.add_modem(world, spec.region, &modem.model, modem.imei, host)?;
            modems.push(FleetConfig::modem_id(site, number));
        }
    }
    Ok(modems)
}

fn add_subscribers(config: &FleetConfig, world: &mut MobileWorld) {
    for sim in config.sims.iter().filter(|sim| sim.subscribed) {
        let core = world.cores.get_mut(sim.operator).and_then(Option::as_mut);
        let Some(core) = core else { continue };
        let mut subscriber = SubscriberConfig::new(sim.imsi, Some(sim.number));
        subscriber.keys = Keys::Derived;
        let balance = sim.balance_micro.unwrap_or(0);
        subscriber.balance = Money(i64::try_from(balance).unwrap_or(i64::MAX));
        subscriber.prepaid = sim.balance_micro.is_some();
        // Two SIMs may hold the same subscription: the register knows it once.
        drop(core.machine.add_subscriber(subscriber));
    }
}

/// Makes the cards of all SIMs, and then the second ones, which lie beside.
fn cards(blueprint: &Blueprint<'_>, config: &FleetConfig) -> Result<Vec<BankCard>, BuildError> {
    let mut places = BTreeMap::new();
    for (site, spec) in config.sites.iter().enumerate() {
        for (bank, slots) in spec.banks.iter().enumerate() {
            for (slot, sim) in slots.iter().enumerate() {
                places.extend(sim.map(|sim| (sim, FleetConfig::slot_id(site, bank, slot))));
            }
        }
    }
    let count = config.sims.len();
    let numbered = || config.sims.iter().enumerate();
    let all = numbered().map(|it| (it, true)).chain(numbered().map(|it| (it, false)));
    let mut cards = Vec::with_capacity(2 * count);
    for (entity, ((sim, spec), first)) in (CARD_ENTITY..).zip(all) {
        let card = blueprint.card(CardSpec {
            owner: &spec.name,
            operator: spec.operator,
            iccid: FleetConfig::iccid(sim),
            imsi: spec.imsi,
            number: spec.number,
            pin: spec.pin.as_deref(),
            entity,
            opening: None,
            blank: false,
        })?;
        let place = if first { places.get(&sim).copied() } else { None };
        cards.push(BankCard::new(card, sim, place));
    }
    Ok(cards)
}
