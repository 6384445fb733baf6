//! Many devices that are carried abroad: each takes a profile of the operator there, which it has
//! from the factory or downloads.

use crate::act;
use crate::action::Action;
use crate::block::{self, network, range, subscription};
use crate::build::BuildError;
use crate::config::{ClockConfig, LinkQuality, PhoneConfig, WorldConfig};
use crate::steering::{
    AdvisorNodeConfig, AgentPlace, AgentPolicy, EuiccPhoneConfig, EuiccVariant, ServiceConfig,
    ServiceKind, SmdpNodeConfig, Steering, SteeringConfig, SteeringLinks, StockConfig,
};
use crate::storm::{blocks, device_of, switch_on};
use crate::world::MobileWorld;
use polysim_base::{Duration, Imsi, Instant};
use polysim_kernel::{Kernel, Shards};
use polysim_modem::Config as ModemConfig;
use polysim_smdp::ProfileState;
use polysim_steering::agent::Retry;
use polysim_steering::wire::Order;

/// The devices are switched on within this time.
const RUSH: Duration = Duration::from_secs(60);
/// Then they are carried abroad.
const DEPARTURE: Duration = Duration::from_secs(90);
/// How far a step goes. Nothing travels between shards, so that no window is too long.
const STEP: Duration = Duration::from_secs(5);
/// The operator of the profiles that the devices are issued with, and the one abroad, in each shard.
const HOME: usize = 0;
const ABROAD: usize = 1;
/// The region at home, and the one abroad.
const HOME_REGION: usize = 0;
const ABROAD_REGION: usize = 1;
/// Subscriptions of the SM-DP+ are numbered from here on.
const STOCK_FIRST: u32 = 9_000_000;
/// The most devices of one shard: as many as there are numbers for profiles.
const DEVICES_MAX: u32 = 900_000;

/// How devices come by the profile abroad.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Baggage {
    /// They have it from the factory.
    Preset,
    /// They download it.
    Nothing,
}

impl Baggage {
    /// Returns within which time the devices are carried abroad.
    const fn travel(self) -> Duration {
        match self {
            Self::Preset => Duration::from_secs(60),
            Self::Nothing => Duration::from_secs(600),
        }
    }

    /// Returns when who is not done will not be.
    const fn end(self) -> Duration {
        match self {
            Self::Preset => Duration::from_secs(900),
            Self::Nothing => Duration::from_secs(2_400),
        }
    }
}

/// A journey of many devices under way.
///
/// There are four pairs of countries, each with two operators, an SM-DP+, a platform, and a quarter of
/// the devices. Nothing passes between the pairs, so each is in a shard of its own.
#[derive(Debug)]
pub struct Journey {
    shards: Shards<MobileWorld>,
    baggage: Baggage,
    /// First device and number of devices of each shard.
    blocks: Vec<(u32, u32)>,
}

/// What a journey has come to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct JourneyReport {
    /// Devices whose eUICC has a profile of the operator abroad enabled.
    pub switched: u64,
    /// Devices that the network abroad serves under it.
    pub attached: u64,
    /// Profiles that the SM-DP+ know as installed.
    pub installed: u64,
    /// Octets that devices and services have sent each other over their connections.
    pub octets: u64,
    /// Command lines that hosts sent to their modems.
    pub at_exchanges: u64,
    /// Commands that modems sent to their cards.
    pub apdu_exchanges: u64,
    /// Events that the kernels handled.
    pub events: u64,
    /// The virtual time.
    pub now: Instant,
    /// The hash of all events.
    pub trace: u64,
}

impl Journey {
    /// Builds a world of so many devices, all switched off.
    ///
    /// # Errors
    /// [`BuildError`] where there are more devices than numbers.
    pub fn new(devices: u32, seed: u64, baggage: Baggage) -> Result<Self, BuildError> {
        let blocks = blocks(devices);
        let kernels = (0_u32..)
            .zip(&blocks)
            .map(|(shard, block)| pair(shard, *block, seed, baggage))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { shards: Shards::new(kernels, STEP), baggage, blocks })
    }

    /// Lets some virtual seconds pass on so many threads; returns whether there is anything left to
    /// wait for.
    pub fn advance(&mut self, threads: usize) -> bool {
        let from = self.shards.now();
        let to = from.plus(STEP);
        let rush = |at: Instant| at.min(Instant::ZERO.plus(RUSH));
        let travel = self.baggage.travel();
        for (kernel, (_, count)) in self.shards.kernels_mut().iter_mut().zip(&self.blocks) {
            switch_on(kernel, *count, RUSH, (rush(from), rush(to)));
            depart(kernel, *count, travel, from.since(Instant::ZERO.plus(DEPARTURE)), from);
        }
        self.shards.run_until(to, threads);
        let gone = Instant::ZERO.plus(DEPARTURE).plus(travel);
        to < Instant::ZERO.plus(self.baggage.end()) && (to < gone || self.is_under_way())
    }

    /// Returns how many devices are on the air.
    #[must_use]
    pub fn on_air(&self) -> u64 {
        let worlds = self.shards.kernels().iter().map(Kernel::world);
        let cores = worlds.flat_map(|world| world.cores.iter().flatten());
        cores.map(|core| core.machine.visitor_count() as u64).sum()
    }

    /// Returns how many devices have switched, and are served under that.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        let kernels = (0_u32..).zip(self.shards.kernels());
        let arrived = kernels.filter_map(|(shard, kernel)| {
            let network = network(shard, ABROAD).ok()?;
            let core = kernel.world().cores.get(ABROAD)?.as_ref()?;
            let own = core.machine.visitors().filter(|(_, it)| it.imsi.belongs_to(network));
            Some(own.count() as u64)
        });
        arrived.sum()
    }

    /// Says whether somebody has not arrived, or a server waits to hear of it.
    fn is_under_way(&self) -> bool {
        let devices = self.blocks.iter().map(|(_, count)| u64::from(*count)).sum::<u64>();
        let wanted = match self.baggage {
            Baggage::Preset => 0,
            Baggage::Nothing => devices,
        };
        self.arrived() < devices || self.installed() < wanted
    }

    fn installed(&self) -> u64 {
        let worlds = self.shards.kernels().iter().map(Kernel::world);
        let services = worlds.filter_map(|world| world.steering.as_ref());
        let smdps = services.flat_map(|it| it.services.iter()).filter_map(|it| it.smdp());
        let profiles = smdps.flat_map(|smdp| smdp.profiles());
        profiles.filter(|(_, state)| *state == ProfileState::Installed).count() as u64
    }

    /// Returns what it has come to.
    #[must_use]
    pub fn report(&self) -> JourneyReport {
        let mut report = JourneyReport {
            attached: self.arrived(),
            installed: self.installed(),
            events: self.shards.events(),
            now: self.shards.now(),
            trace: self.shards.hash(),
            ..JourneyReport::default()
        };
        for (shard, kernel) in (0_u32..).zip(self.shards.kernels()) {
            let world = kernel.world();
            report.at_exchanges += world.counters.at;
            report.apdu_exchanges += world.counters.apdu;
            report.octets += world.steering.as_ref().map_or(0, |it| it.front.octets);
            let Ok(network) = network(shard, ABROAD) else { continue };
            let cards = world.phones.iter().filter_map(|phone| phone.card.as_ref());
            let is_new = |imsi: Option<Imsi>| imsi.is_some_and(|imsi| imsi.belongs_to(network));
            report.switched += cards.filter(|card| is_new(card.imsi())).count() as u64;
        }
        report
    }
}

/// Carries those devices abroad whose turn is within a step: device n at n/count of the time.
fn depart(
    kernel: &mut Kernel<MobileWorld>,
    count: u32,
    travel: Duration,
    since: Duration,
    from: Instant,
) {
    if from < Instant::ZERO.plus(DEPARTURE) || since >= travel {
        return;
    }
    let (span, since) = (u128::from(travel.as_micros()), u128::from(since.as_micros()));
    let device = |at: u128| {
        let n = (at.min(span) * u128::from(count)).div_ceil(span);
        usize::try_from(n).unwrap_or(usize::MAX)
    };
    let step = u128::from(STEP.as_micros());
    kernel.act(|world, ctx| {
        for phone in device(since)..device(since + step) {
            act::apply(world, ctx, &Action::Move { phone, region: ABROAD_REGION });
        }
    });
}

/// Makes a pair of countries with its devices.
fn pair(
    shard: u32,
    (first, count): (u32, u32),
    seed: u64,
    baggage: Baggage,
) -> Result<Kernel<MobileWorld>, BuildError> {
    if count > DEVICES_MAX {
        return Err(BuildError::TooMany { what: "devices", count: count as usize });
    }
    let config = world(shard, (first, count), seed, baggage)?;
    let mut kernel =
        block::kernel(&config, ModemConfig::lean(), (first, count), |blueprint, world| {
            if let Some(steering) = &config.steering {
                let steering = Steering::new(blueprint, steering, first, world)?;
                world.steering = Some(Box::new(steering));
            }
            Ok(())
        })?;
    kernel.act(|world, ctx| {
        world.with_steering(|steering, observer| steering.begin(ctx, observer));
    });
    Ok(kernel)
}

pub(crate) fn world(
    shard: u32,
    (first, count): (u32, u32),
    seed: u64,
    baggage: Baggage,
) -> Result<WorldConfig, BuildError> {
    let mut config = block::world(shard, seed)?;
    if let Some(home) = config.operators.get_mut(HOME) {
        home.roaming = vec![ABROAD];
    }
    let region = |index: usize| {
        block::region(
            &format!("region-{}-{}", shard + 1, index + 1),
            &format!("cell-{index}"),
            index,
        )
    };
    let devices = first..first + count;
    Ok(WorldConfig {
        regions: [HOME_REGION, ABROAD_REGION].map(region).into(),
        phones: devices.map(|n| phone(shard, n, baggage)).collect::<Result<_, _>>()?,
        steering: Some(steering(count)),
        ..config
    })
}

fn steering(devices: u32) -> SteeringConfig {
    let smdp = SmdpNodeConfig {
        stock: vec![StockConfig { operator: ABROAD, count: devices.max(1), first: STOCK_FIRST }],
        order_lifetime: Duration::from_secs(86_400),
        session_lifetime: Duration::from_secs(600),
    };
    let advisor = AdvisorNodeConfig {
        operators: vec![HOME, ABROAD],
        answers: vec![(ABROAD_REGION, vec![ABROAD])],
        elsewhere: Vec::new(),
        order: None,
        entitled: None,
        downloads_per_month: 3,
        make_room: true,
        retry: Duration::from_secs(10),
        order_age_max: Duration::from_secs(86_400),
    };
    let service =
        |name: &str, kind| ServiceConfig { name: name.into(), clock: ClockConfig::default(), kind };
    let usual = LinkQuality { latency: range(20, 60), ..LinkQuality::default() };
    SteeringConfig {
        services: vec![
            service("smdp", ServiceKind::Smdp(smdp)),
            service("advisor", ServiceKind::Advisor(Box::new(advisor))),
        ],
        links: SteeringLinks { usual, overrides: Vec::new() },
        sync: range(1, 4),
    }
}

fn phone(shard: u32, device: u32, baggage: Baggage) -> Result<PhoneConfig, BuildError> {
    let subscription = subscription(shard, HOME, device)?;
    let euicc = EuiccPhoneConfig {
        presets: match baggage {
            Baggage::Preset => vec![ABROAD],
            Baggage::Nothing => Vec::new(),
        },
        memory: 512 * 1_024,
        variant: EuiccVariant::Standard,
        agent: Some(AgentPlace::Card),
        advisor: 1,
        policy: policy(),
    };
    Ok(PhoneConfig {
        model: "iot".into(),
        euicc: Some(Box::new(euicc)),
        ..device_of(device, HOME_REGION, HOME, subscription)?
    })
}

const fn policy() -> AgentPolicy {
    AgentPolicy {
        check_every: Duration::from_secs(3_600),
        away_dwell: Duration::from_secs(10),
        home_dwell: Duration::from_secs(60),
        home_level_dbm: -105,
        switch_gap: Duration::from_secs(60),
        switch_gap_max: Duration::from_secs(3_600),
        attach_deadline: Duration::from_secs(120),
        order: Order::Tariff,
        list_age_max: Duration::from_secs(86_400),
        presets_alone: true,
        retry: Retry {
            first: Duration::from_secs(30),
            longest: Duration::from_secs(600),
            tries: 5,
        },
        pause: Duration::from_secs(600),
        pause_max: Duration::from_secs(86_400),
        downloads_per_month: 3,
        makes_room: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn travel(devices: u32, threads: usize, baggage: Baggage) -> JourneyReport {
        let mut journey = Journey::new(devices, 1, baggage).unwrap();
        while journey.advance(threads) {}
        journey.report()
    }

    #[test]
    fn every_device_switches_and_the_trace_is_the_same_on_any_number_of_threads() {
        let one = travel(40, 1, Baggage::Preset);
        assert_eq!([one.switched, one.attached, one.installed], [40, 40, 0]);
        assert_eq!(one, travel(40, 2, Baggage::Preset));
    }

    #[test]
    fn every_device_downloads_the_profile_that_it_lacks() {
        let one = travel(8, 2, Baggage::Nothing);
        assert_eq!([one.switched, one.attached, one.installed], [8; 3]);
    }
}
