//! Makes the nodes of a world that steer its eSIMs.

use super::cards::{Chips, chip, master_key, preset_subscription, subscription};
use super::config::{AdvisorNodeConfig, AgentPlace, ServiceKind, SteeringConfig, StockConfig};
use super::front::Front;
use super::host::HostAgent;
use super::pki::SmdpIdentities;
use super::system::{Faults, Service, ServiceMachine, Steering};
use super::tell::Told;
use super::truth::Truth;
use super::watch::Seen;
use crate::build::{Blueprint, BuildError};
use crate::clock::NodeClock;
use crate::config::{ClockConfig, OperatorConfig, RegionConfig, WorldConfig};
use crate::durable::Durable;
use crate::links::Links;
use crate::world::MobileWorld;
use polysim_base::{Duration, Iccid, Machine, Plmn, Purpose, Stream};
use polysim_kernel::Disk;
use polysim_radio::{Keys, SubscriberConfig};
use polysim_rsp::crypto::{Mode, P256, Randomness};
use polysim_rsp::data::UiccCapability;
use polysim_rsp::pki::{Identity, Trust};
use polysim_smdp::{
    ConfigError, Credentials, ProfileMetadata, ProfileState, ProfileType, Range, Smdp, SmdpConfig,
    Smds, SmdsConfig, Stock,
};
use polysim_steering::advisor::{Advisor, AdvisorConfig, Operator, Region, Tariff};
use polysim_steering::wire::{Capabilities, OperatorNumber};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Streams of services are derived from numbers beyond those of phones, fleets and platforms.
const SERVICE_ENTITY: u64 = 12 << 40;
const DISK_ENTITY: u64 = 13 << 40;
/// How long an SM-DS keeps an event.
const EVENT_LIFETIME: Duration = Duration::from_secs(30 * 86_400);
/// How long a device may take from one request of a session to the next.
const SESSION_LIFETIME: Duration = Duration::from_secs(600);
/// How many orders of a device may be open.
const OPEN_MAX: u16 = 4;

/// An operator as services know it.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) name: Arc<str>,
    pub(crate) config: OperatorConfig,
}

impl Steering {
    /// Makes what steers the eSIMs of a world, whose phones' radios are numbered from
    /// `first_radio`, and gives hosts their agents and operators the subscriptions of presets.
    pub(crate) fn new(
        blueprint: &Blueprint<'_>,
        config: &SteeringConfig,
        first_radio: u32,
        world: &mut MobileWorld,
    ) -> Result<Self, BuildError> {
        let spec = blueprint.config;
        let missing = BuildError::Missing { what: "steering", index: 0 };
        let factory = blueprint.factory.as_ref().ok_or(missing)?;
        let services = 0..config.services.len();
        let numbers = services.filter_map(|it| Some((SteeringConfig::number(it)?, it)));
        let mut steering = Self {
            config: config.clone(),
            seed: spec.seed,
            epoch: i64::try_from(spec.start_unix_s).unwrap_or(0),
            directory: blueprint.directory().clone(),
            operators: spec.operators.iter().map(home).collect(),
            regions: spec.regions.iter().map(|region| networks(spec, region)).collect(),
            pki: factory.pki.clone(),
            chips: Chips::default(),
            services: Vec::new(),
            numbers: numbers.collect(),
            links: Links::new(spec.seed, config.links.clone()),
            front: Front::default(),
            no_data: BTreeSet::new(),
            serving: BTreeMap::new(),
            first_radio,
            observed: blueprint.observed,
            told: Told::new(config.services.len()),
            seen: Seen::default(),
            truth: Truth::default(),
            disks: Stream::derive(spec.seed, DISK_ENTITY, Purpose::Timing, 0),
        };
        for node in 0..config.services.len() {
            let service = steering.service(node)?;
            steering.services.push(service);
        }
        for (phone, of) in (0_u32..).zip(&spec.phones) {
            let Some(chip) = chip(first_radio + phone, phone, of)? else { continue };
            steering.issue(blueprint, world, chip)?;
        }
        Ok(steering)
    }

    /// Takes an eUICC up that was made.
    fn issue(
        &mut self,
        blueprint: &Blueprint<'_>,
        world: &mut MobileWorld,
        chip: super::cards::Chip,
    ) -> Result<(), BuildError> {
        let radio = self.first_radio + chip.phone;
        let operators = &blueprint.config.operators;
        for (_, operator) in &chip.presets {
            let subscription = preset_subscription(operators, *operator, radio);
            let core = world.cores.get_mut(*operator).and_then(Option::as_mut);
            if let (Some((imsi, number)), Some(core)) = (subscription, core) {
                let mut subscriber = SubscriberConfig::new(imsi, Some(number));
                subscriber.keys = Keys::Derived;
                drop(core.machine.add_subscriber(subscriber));
            }
        }
        if self.observed {
            self.note_issue(blueprint.config, &chip, radio);
        }
        let euicc = &chip.config;
        if euicc.agent == Some(AgentPlace::Host)
            && let Some(factory) = &blueprint.factory
            && let Some(setup) = factory.agent(blueprint.config, &chip, euicc)
            && let Some(phone) = world.phones.get_mut(chip.phone as usize)
        {
            let entity = DISK_ENTITY + 1 + u64::from(radio);
            let disk = Disk::new(Stream::derive(self.seed, entity, Purpose::Fault, 0));
            phone.agent = Some(Box::new(HostAgent::new(setup, euicc.advisor, disk)));
        }
        self.chips.add(chip);
        Ok(())
    }

    fn note_issue(&mut self, world: &WorldConfig, chip: &super::cards::Chip, radio: u32) {
        let Some(phone) = world.phones.get(chip.phone as usize) else { return };
        self.truth.issued(chip.phone, chip.original, chip.operator);
        if phone.subscribed {
            self.truth.ready(phone.imsi);
        }
        let on_host = chip.config.agent == Some(AgentPlace::Host);
        let mut numbers = vec![phone.number];
        for (iccid, operator) in &chip.presets {
            self.truth.issued(chip.phone, *iccid, *operator);
            if let Some((imsi, number)) = preset_subscription(&world.operators, *operator, radio) {
                self.truth.ready(imsi);
                numbers.push(number);
            }
        }
        if on_host {
            numbers.into_iter().for_each(|number| self.truth.is_on_host(number));
        }
    }

    fn service(&self, node: usize) -> Result<Service, BuildError> {
        let missing = BuildError::Missing { what: "service", index: node };
        let spec = self.config.services.get(node).ok_or_else(|| missing.clone())?;
        let (entity, clock) = (SERVICE_ENTITY + node as u64, spec.clock);
        let machine = match &spec.kind {
            ServiceKind::Smdp(_) => ServiceMachine::Smdp(Box::new(durable(
                fresh_smdp(self, node, 0)?,
                entity,
                self,
                clock,
            ))),
            ServiceKind::Smds => ServiceMachine::Smds(Box::new(durable(
                fresh_smds(self, node, 0)?,
                entity,
                self,
                clock,
            ))),
            ServiceKind::Advisor(_) => {
                let machine = fresh_advisor(self, node).ok_or(missing)?;
                ServiceMachine::Advisor(Box::new(durable(machine, entity, self, clock)))
            }
        };
        Ok(Service { machine, faults: Faults::default() })
    }

    pub(crate) fn advisor_config(&self, node: usize) -> Option<&AdvisorNodeConfig> {
        match &self.config.services.get(node)?.kind {
            ServiceKind::Advisor(advisor) => Some(advisor),
            ServiceKind::Smdp(_) | ServiceKind::Smds => None,
        }
    }
}

fn durable<M: Machine>(
    machine: M,
    entity: u64,
    steering: &Steering,
    clock: ClockConfig,
) -> Durable<M>
where
    M::Record: Clone,
{
    let disk = Disk::new(Stream::derive(steering.seed, entity, Purpose::Fault, 0));
    Durable::new(machine, disk, NodeClock::new(clock))
}

fn networks(world: &WorldConfig, region: &RegionConfig) -> Vec<Plmn> {
    let mut networks = Vec::new();
    for cell in &region.cells {
        let plmn = world.operators.get(cell.operator).map(|operator| operator.plmn);
        networks.extend(plmn.filter(|plmn| !networks.contains(plmn)));
    }
    networks
}

fn home(operator: &OperatorConfig) -> Home {
    Home { name: operator.name.as_str().into(), config: operator.clone() }
}

/// Returns what a server works with in one of its lives. It never draws again what it drew before.
fn credentials(steering: &Steering, node: usize, life: u32, auth: Identity) -> Credentials {
    let entity = SERVICE_ENTITY + node as u64;
    let stream = Stream::derive(steering.seed, entity, Purpose::Keys, life);
    Credentials {
        auth,
        trust: Trust::clone(&steering.pki.trust),
        verifier: Arc::new(P256),
        randomness: Randomness::Simulated(stream),
    }
}

/// Returns a management platform that has heard of nothing.
pub(crate) fn fresh_advisor(steering: &Steering, node: usize) -> Option<Advisor> {
    let spec = steering.advisor_config(node)?;
    let number = |operator: usize| u16::try_from(operator).map(OperatorNumber).ok();
    let numbers = |operators: &[usize]| operators.iter().filter_map(|it| number(*it)).collect();
    let operators = spec.operators.iter().filter_map(|index| {
        let home = steering.operators.get(*index)?;
        let operator = Operator {
            plmns: vec![home.config.plmn],
            profile_type: profile_type(&home.name),
            memory: super::package::MEMORY,
            needs: Capabilities(0),
        };
        Some((number(*index)?, operator))
    });
    let mut tariffs = Vec::new();
    for (region, operators) in &spec.answers {
        let operators: Vec<_> = numbers(operators);
        let here = steering.regions.get(*region).into_iter().flatten().copied();
        tariffs.extend(
            here.map(|plmn| Tariff { region: Region::Network(plmn), operators: operators.clone() }),
        );
    }
    tariffs.push(Tariff { region: Region::Anywhere, operators: numbers(&spec.elsewhere) });
    Some(Advisor::new(AdvisorConfig {
        key: master_key(steering.seed, node),
        requester: steering.config.host(node),
        operators: operators.collect(),
        tariffs,
        order: spec.order,
        make_room: spec.make_room,
        open_max: OPEN_MAX,
        retry: spec.retry,
        order_age_max: spec.order_age_max,
    }))
}

/// Returns what operators call the profiles of one of them.
pub(crate) fn profile_type(operator: &str) -> String {
    format!("{operator}-profile")
}

/// Returns an SM-DP+ that has heard of nothing.
pub(crate) fn fresh_smdp(steering: &Steering, node: usize, life: u32) -> Result<Smdp, BuildError> {
    let missing = BuildError::Missing { what: "SM-DP+", index: node };
    let spec = match steering.config.services.get(node).map(|service| &service.kind) {
        Some(ServiceKind::Smdp(smdp)) => smdp,
        Some(ServiceKind::Smds | ServiceKind::Advisor(_)) | None => return Err(missing),
    };
    let profiles = spec.stock.iter().filter_map(|stock| profiles(steering, stock));
    let config = SmdpConfig {
        address: steering.config.host(node),
        epoch: steering.epoch,
        mode: Mode::Simulation,
        profiles: profiles.collect(),
        order_lifetime: spec.order_lifetime,
        session_lifetime: spec.session_lifetime,
    };
    let SmdpIdentities { auth, binding } =
        steering.pki.smdp(steering.seed, node, &config.address)?;
    let unfit = |error: ConfigError| BuildError::Certificates { why: error.to_string() };
    Smdp::new(config, credentials(steering, node, life, auth), binding).map_err(unfit)
}

/// Returns an SM-DS that has heard of nothing.
pub(crate) fn fresh_smds(steering: &Steering, node: usize, life: u32) -> Result<Smds, BuildError> {
    let config = SmdsConfig {
        address: steering.config.host(node),
        epoch: steering.epoch,
        mode: Mode::Simulation,
        event_lifetime: EVENT_LIFETIME,
        session_lifetime: SESSION_LIFETIME,
    };
    let auth = steering.pki.smds(steering.seed, node, &config.address)?;
    let unfit = |error: ConfigError| BuildError::Certificates { why: error.to_string() };
    Smds::new(config, credentials(steering, node, life, auth)).map_err(unfit)
}

/// Describes the profiles of an operator.
fn profiles(steering: &Steering, stock: &StockConfig) -> Option<ProfileType> {
    let home = steering.operators.get(stock.operator)?;
    let (first_imsi, _) = subscription(&home.config, stock.operator, stock.first.into())?;
    Some(ProfileType {
        name: profile_type(&home.name),
        operator: home.name.to_string(),
        template: super::package::template(&home.config, first_imsi)?,
        metadata: ProfileMetadata {
            service_provider_name: home.name.to_string(),
            profile_name: home.config.full_name.clone(),
            ..ProfileMetadata::default()
        },
        stock: Stock::Range(Range {
            first_iccid: super::package::iccid(stock.operator, stock.first)?,
            first_imsi,
            count: stock.count,
        }),
        capabilities: UiccCapability::default(),
        memory: super::package::MEMORY,
    })
}

/// Returns whether an SM-DP+ has recorded that a profile was installed; `None` where it does not
/// know the profile.
pub(crate) fn is_recorded(smdp: &Smdp, iccid: &Iccid) -> Option<bool> {
    let state = smdp.profile_state(*iccid)?;
    Some(state == ProfileState::Installed)
}
