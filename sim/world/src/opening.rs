//! Many cards opened over the air: bound to their devices, then written, each with a subscription of
//! another operator.

use crate::block::{self, name, network, range, subscription};
use crate::build::BuildError;
use crate::config::{CellConfig, ClockConfig, LinkQuality, PhoneConfig, RegionConfig, WorldConfig};
use crate::issuance::{
    BusinessNodeConfig, Issuance, IssuanceConfig, IssuanceLinks, OpenBearer, OpenCardConfig,
    OtaAlgorithm, PlatformNodeConfig,
};
use crate::storm::{blocks, device_of, switch_on};
use crate::world::MobileWorld;
use polysim_base::{Duration, Imsi, Instant, Plmn};
use polysim_issuance::business::{BATCH_DEVICES_MAX, BatchId, CustomerOrder, Pooled};
use polysim_issuance::platform::{CardState, Policy, Retry};
use polysim_issuance::wire::{Method, Route};
use polysim_kernel::{Kernel, Shards};
use polysim_modem::Config as ModemConfig;
use polysim_ota::Spi;
use polysim_radio::air::Rat;

/// The devices are switched on within this time, and the writes begin within as long a time.
const RUSH: Duration = Duration::from_secs(60);
/// When the customers order.
const ORDER: Duration = Duration::from_secs(90);
/// Who is not done by then will not be.
const END: Duration = Duration::from_secs(600);
/// How far a step goes.
const STEP: Duration = Duration::from_secs(2);
/// The most texts that one platform sends in a second.
const TEXTS_PER_S: u32 = 4_000;
/// Nothing travels between shards, so that no window is too long.
const WINDOW: Duration = STEP;
/// The operator of the subscriptions that the cards are made with, in each region, and of those that
/// they get.
const SEED: usize = 0;
const NEW: usize = 1;
/// The only batch of each business platform.
const BATCH: BatchId = BatchId(1);

/// An opening of many cards under way.
///
/// There are four regions, each with two operators, a platform and a business platform of its own
/// and a quarter of the devices. Nothing passes between them, so each is in a shard of its own.
#[derive(Debug)]
pub struct CardOpening {
    shards: Shards<MobileWorld>,
    /// First device and number of devices of each shard.
    blocks: Vec<(u32, u32)>,
}

/// What an opening has come to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct OpeningReport {
    /// Cards whose platform knows the device that they are in.
    pub bound: u64,
    /// Cards with a subscription of the new operator.
    pub written: u64,
    /// Devices that the new operator's network serves under such a subscription.
    pub attached: u64,
    /// Cards whose platform knows that such a subscription has taken effect.
    pub settled: u64,
    /// Numbers that business platforms have committed.
    pub committed: u64,
    /// Texts between platforms and cards, both ways.
    pub texts: u64,
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

impl CardOpening {
    /// Builds a world of so many devices, all switched off.
    ///
    /// # Errors
    /// [`BuildError`] where there are more devices than a batch may have for each region.
    pub fn new(devices: u32, seed: u64) -> Result<Self, BuildError> {
        let blocks = blocks(devices);
        let kernels = (0_u32..)
            .zip(&blocks)
            .map(|(shard, block)| region(shard, *block, seed))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { shards: Shards::new(kernels, WINDOW), blocks })
    }

    /// Lets two virtual seconds pass on so many threads; returns whether there is anything left to
    /// wait for.
    pub fn advance(&mut self, threads: usize) -> bool {
        let from = self.shards.now();
        let to = from.plus(STEP);
        let switched = |at: Instant| at.min(Instant::ZERO.plus(RUSH));
        for (kernel, (_, count)) in self.shards.kernels_mut().iter_mut().zip(&self.blocks) {
            switch_on(kernel, *count, RUSH, (switched(from), switched(to)));
            if from == Instant::ZERO.plus(ORDER) {
                order(kernel);
            }
        }
        self.shards.run_until(to, threads);
        to < Instant::ZERO.plus(END) && self.is_under_way()
    }

    /// Returns how many devices are on the air, and how many of them with what they were ordered.
    #[must_use]
    pub fn on_air(&self) -> (u64, u64) {
        let served = |operator: usize| {
            let worlds = self.shards.kernels().iter().map(Kernel::world);
            let cores = worlds.filter_map(move |world| world.cores.get(operator)?.as_ref());
            cores.map(|core| core.machine.visitor_count() as u64).sum::<u64>()
        };
        (served(SEED) + served(NEW), served(NEW))
    }

    /// Says whether somebody is not on the air with the new subscription, or waits to hear of it.
    /// This is asked after every step, and so looks at no device.
    fn is_under_way(&self) -> bool {
        let devices = self.blocks.iter().map(|(_, count)| u64::from(*count)).sum();
        let worlds = self.shards.kernels().iter().map(Kernel::world);
        let issuance = worlds.filter_map(|world| world.issuance.as_ref());
        let mut customers = issuance.flat_map(|it| it.businesses.iter());
        self.on_air().1 < devices
            || customers.any(|it| it.machine().is_none_or(|it| it.unfinished(BATCH) != Some(0)))
    }

    /// Returns what it has come to.
    #[must_use]
    pub fn report(&self) -> OpeningReport {
        let mut report = OpeningReport {
            events: self.shards.events(),
            now: self.shards.now(),
            trace: self.shards.hash(),
            ..OpeningReport::default()
        };
        for (shard, kernel) in (0_u32..).zip(self.shards.kernels()) {
            let world = kernel.world();
            report.at_exchanges += world.counters.at;
            report.apdu_exchanges += world.counters.apdu;
            let Ok(network) = network(shard, NEW) else { continue };
            report.count(world, network, kernel.now());
        }
        report
    }
}

impl OpeningReport {
    /// Counts what has become of the cards of a region; `network` is the new operator's.
    fn count(&mut self, world: &MobileWorld, network: Plmn, now: Instant) {
        let is_new = |imsi: Option<Imsi>| imsi.is_some_and(|imsi| imsi.belongs_to(network));
        let cards = world.phones.iter().filter_map(|phone| phone.card.as_ref());
        self.written += cards.filter(|card| is_new(card.imsi())).count() as u64;
        let core = world.cores.get(NEW).and_then(Option::as_ref);
        let visitors = core.into_iter().flat_map(|core| core.machine.visitors());
        self.attached += visitors.filter(|(_, it)| is_new(Some(it.imsi))).count() as u64;
        let Some(issuance) = &world.issuance else { return };
        self.texts += issuance.texts_carried();
        let platforms = issuance.platforms.iter().filter_map(|node| node.machine());
        for row in platforms.flat_map(|platform| platform.bindings()) {
            self.bound += u64::from(row.imei.is_some());
            let settled = matches!(row.state, CardState::Settled { imsi } if is_new(imsi));
            self.settled += u64::from(settled);
        }
        let businesses = issuance.businesses.iter().filter_map(|node| node.machine());
        self.committed += businesses.map(|machine| machine.pool(now).on_card as u64).sum::<u64>();
    }
}

/// Makes a region with its devices.
fn region(
    shard: u32,
    (first, count): (u32, u32),
    seed: u64,
) -> Result<Kernel<MobileWorld>, BuildError> {
    if count as usize > BATCH_DEVICES_MAX {
        return Err(BuildError::TooMany { what: "devices", count: count as usize });
    }
    let config = world(shard, (first, count), seed)?;
    let mut kernel =
        block::kernel(&config, ModemConfig::lean(), (first, count), |blueprint, world| {
            if let Some(issuance) = &config.issuance {
                world.issuance = Some(Box::new(Issuance::new(blueprint, issuance, first)?));
            }
            Ok(())
        })?;
    kernel.act(|world, ctx| {
        world.with_issuance(|issuance, observer| issuance.begin(ctx, observer));
    });
    Ok(kernel)
}

/// The customer of a region orders a subscription of the new operator for each of its devices.
fn order(kernel: &mut Kernel<MobileWorld>) {
    kernel.act(|world, ctx| {
        let devices = world.issuance.as_ref().map_or_else(Vec::new, |it| it.imeis.clone());
        let per_s = devices.len().div_ceil(usize::try_from(RUSH.as_secs()).unwrap_or(1));
        let order = CustomerOrder {
            batch: BATCH,
            devices,
            operator: name(NEW),
            route: Route::Air,
            method: Method::Applet,
            per_s: u32::try_from(per_s).unwrap_or(0),
        };
        world.customer_orders(ctx, 0, order);
    });
}

fn world(shard: u32, (first, count): (u32, u32), seed: u64) -> Result<WorldConfig, BuildError> {
    let cells = [SEED, NEW].map(|operator| CellConfig {
        name: format!("cell-{operator}"),
        operator,
        rat: Rat::Lte,
        level_dbm: -75,
        capacity: u32::MAX,
    });
    let devices = first..first + count;
    Ok(WorldConfig {
        regions: vec![RegionConfig {
            name: format!("region-{}", shard + 1),
            zone_quarters: 0,
            cells: cells.into(),
        }],
        phones: devices.clone().map(|n| phone(shard, n)).collect::<Result<_, _>>()?,
        issuance: Some(issuance(shard, devices)?),
        ..block::world(shard, seed)?
    })
}

fn issuance(shard: u32, devices: core::ops::Range<u32>) -> Result<IssuanceConfig, BuildError> {
    let pooled = |n| {
        let (imsi, msisdn) = subscription(shard, NEW, n)?;
        Ok(Pooled { operator: name(NEW), imsi, msisdn })
    };
    let usual = LinkQuality { latency: range(20, 60), ..LinkQuality::default() };
    Ok(IssuanceConfig {
        platforms: vec![PlatformNodeConfig {
            name: "platform".into(),
            clock: ClockConfig::default(),
            spi: Spi::FULL,
            retry: Retry {
                first: Duration::from_secs(120),
                longest: Duration::from_secs(3_600),
                tries: 10,
            },
            validity: Duration::from_secs(3_600),
            pending_alarm: Duration::from_secs(1_800),
            texts_per_s: TEXTS_PER_S,
            moved: Policy::Refuse,
            conflict: Policy::Refuse,
        }],
        businesses: vec![BusinessNodeConfig {
            name: "business".into(),
            clock: ClockConfig::default(),
            platform: 0,
            pool: devices.map(pooled).collect::<Result<_, _>>()?,
            patience: Duration::from_secs(30),
            rest: Duration::from_secs(3_600),
        }],
        links: IssuanceLinks { usual, overrides: Vec::new() },
        sync: range(1, 4),
    })
}

fn phone(shard: u32, device: u32) -> Result<PhoneConfig, BuildError> {
    let subscription = subscription(shard, SEED, device)?;
    Ok(PhoneConfig {
        open_card: Some(Box::new(OpenCardConfig {
            platform: 0,
            applet: true,
            seed: true,
            bearer: OpenBearer::Text,
            preloaded: Vec::new(),
            trial_min: 10,
            keys: OtaAlgorithm::Aes,
        })),
        ..device_of(device, 0, SEED, subscription)?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(devices: u32, threads: usize) -> OpeningReport {
        let mut opening = CardOpening::new(devices, 1).unwrap();
        while opening.advance(threads) {}
        opening.report()
    }

    #[test]
    fn every_card_is_opened_and_the_trace_is_the_same_on_any_number_of_threads() {
        let one = open(300, 1);
        let done = [one.bound, one.written, one.attached, one.settled, one.committed];
        assert_eq!(done, [300; 5]);
        assert_eq!(one, open(300, 2));
        assert_eq!(one, open(300, 4));
    }
}
