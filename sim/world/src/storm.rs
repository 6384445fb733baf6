//! The attach storm: many devices are switched on within a minute, and all of them register.

use crate::act;
use crate::block;
use crate::build::{Blueprint, BuildError};
use crate::config::{LatencyRange, OperatorConfig, PhoneConfig, Tariff, WorldConfig};
use crate::paths::ShardMap;
use crate::world::MobileWorld;
use polysim_base::{Duration, Imei, Imsi, Instant, Msisdn, Plmn};
use polysim_kernel::{Kernel, Shards};
use polysim_modem::Config as ModemConfig;

/// Regions, each with an operator and in a shard of its own. The split is part of the storm, so the
/// trace is the same for any number of threads.
pub(crate) const SHARDS: u32 = 4;
/// One device in so many is away from home, and its home network is in another shard.
const ROAMERS_ONE_IN: u32 = 16;
/// The devices are switched on within this time.
const STORM: Duration = Duration::from_secs(60);
/// The last ones get this long to register.
const CALM: Duration = Duration::from_secs(30);
/// The smallest latency between regions, which is the window of the shards.
const WINDOW: Duration = Duration::from_millis(30);

/// A storm under way.
#[derive(Debug)]
pub struct AttachStorm {
    shards: Shards<MobileWorld>,
    /// First device and number of devices of each shard.
    blocks: Vec<(u32, u32)>,
}

/// What a storm came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StormReport {
    /// Devices whose host knows that they are registered.
    pub registered: u64,
    /// Command lines that hosts sent to their modems.
    pub at_exchanges: u64,
    /// Commands that modems sent to their cards.
    pub apdu_exchanges: u64,
    /// Events that the kernels handled.
    pub events: u64,
    /// The hash of all of them.
    pub trace: u64,
}

impl AttachStorm {
    /// Builds a world of so many devices, all switched off.
    ///
    /// # Errors
    /// [`BuildError`] where there are more devices than identities.
    pub fn new(devices: u32, seed: u64) -> Result<Self, BuildError> {
        let config = world(seed)?;
        let map = ShardMap { regions: (0..SHARDS).collect(), operators: (0..SHARDS).collect() };
        let blueprint = Blueprint::new(&config, map, false, ModemConfig::lean())?;
        let blocks = blocks(devices);
        let mut worlds = (0_u32..)
            .zip(&blocks)
            .map(|(shard, (first, _))| blueprint.shard(shard, *first))
            .collect::<Result<Vec<_>, _>>()?;
        for (shard, (first, count)) in blocks.iter().enumerate() {
            if let Some(world) = worlds.get_mut(shard) {
                world.reserve(*count as usize, count.div_ceil(ROAMERS_ONE_IN) as usize);
            }
            for device in *first..first + count {
                let phone = phone(device, shard)?;
                if let Some(home) = worlds.get_mut(phone.operator) {
                    blueprint.add_subscriber(home, &phone);
                }
                if let Some(world) = worlds.get_mut(shard) {
                    blueprint.add_phone(world, &phone)?;
                }
            }
        }
        let kernels = worlds.into_iter().zip(&blocks).map(|(world, (_, count))| {
            let mut kernel = Kernel::new(world);
            // A deadline each, and for half of them an earlier wake-up still on the wheel.
            kernel.reserve((*count + count.div_ceil(2)) as usize);
            kernel.trace_mut().without_recent();
            kernel
        });
        Ok(Self { shards: Shards::new(kernels.collect(), WINDOW), blocks })
    }

    /// Lets step number `step` of `steps` pass, 1 being the first, on so many threads.
    pub fn advance(&mut self, step: u32, steps: u32, threads: usize) {
        let part = |step: u32| STORM.as_micros() * u64::from(step) / u64::from(steps.max(1));
        let (from, to) = (step.saturating_sub(1), step);
        let (from, to) = (Instant::from_micros(part(from)), Instant::from_micros(part(to)));
        for (kernel, (_, count)) in self.shards.kernels_mut().iter_mut().zip(&self.blocks) {
            switch_on(kernel, *count, STORM, (from, to));
        }
        self.shards.run_until(to, threads);
    }

    /// Lets the last devices register.
    pub fn finish(&mut self, threads: usize) {
        self.shards.run_until(Instant::ZERO.plus(STORM).plus(CALM), threads);
    }

    /// Returns how many devices the networks serve.
    #[must_use]
    pub fn registered(&self) -> u64 {
        block::served(&self.shards)
    }

    /// Returns what it came to.
    #[must_use]
    pub fn report(&self) -> StormReport {
        let worlds = || self.shards.kernels().iter().map(Kernel::world);
        let hosts = worlds().flat_map(|world| &world.phones).filter_map(|p| p.host.as_ref());
        let registered =
            hosts.filter(|host| host.machine.registration().is_registered()).count() as u64;
        StormReport {
            registered,
            at_exchanges: worlds().map(|world| world.counters.at).sum(),
            apdu_exchanges: worlds().map(|world| world.counters.apdu).sum(),
            events: self.shards.events(),
            trace: self.shards.hash(),
        }
    }
}

/// Switches on those of a shard's `count` devices whose turn is from one moment to another: device n
/// is switched on at n/count of the span.
pub(crate) fn switch_on(
    kernel: &mut Kernel<MobileWorld>,
    count: u32,
    span: Duration,
    (from, to): (Instant, Instant),
) {
    let span = span.as_micros();
    let device = |at: Instant| {
        let n = (u128::from(at.as_micros()) * u128::from(count)).div_ceil(u128::from(span));
        u32::try_from(n).unwrap_or(count).min(count)
    };
    kernel.act(|_, ctx| {
        for n in device(from)..device(to) {
            let at = span * u64::from(n) / u64::from(count);
            act::power_on_later(ctx, n, Instant::from_micros(at).since(ctx.now()));
        }
    });
}

/// First device and number of devices of each shard.
pub(crate) fn blocks(devices: u32) -> Vec<(u32, u32)> {
    let end = |shard: u32| {
        let end = u64::from(devices) * u64::from(shard) / u64::from(SHARDS);
        u32::try_from(end).unwrap_or(devices)
    };
    (0..SHARDS).map(|shard| (end(shard), end(shard + 1) - end(shard))).collect()
}

fn world(seed: u64) -> Result<WorldConfig, BuildError> {
    let too_many = BuildError::TooMany { what: "operators", count: SHARDS as usize };
    let mut config = WorldConfig {
        seed,
        start_unix_s: 1_767_225_600,
        air: LatencyRange { min: Duration::from_millis(8), max: Duration::from_millis(20) },
        backhaul: LatencyRange { min: WINDOW, max: Duration::from_millis(60) },
        ..WorldConfig::default()
    };
    for index in 0..SHARDS as usize {
        let number = index + 1;
        let plmn = Plmn::parse(&format!("001{number:02}")).map_err(|_| too_many.clone())?;
        let centre =
            Msisdn::parse(&format!("9999{number:02}0000")).map_err(|_| too_many.clone())?;
        config.operators.push(OperatorConfig {
            name: format!("operator-{number}"),
            plmn,
            full_name: format!("Operator {number}"),
            country_code: "999".into(),
            centre,
            tariff: Tariff { roaming_factor: 1, ..Tariff::default() },
            roaming: (0..SHARDS as usize).filter(|other| *other != index).collect(),
            apns: vec!["internet".into()],
        });
        config.regions.push(block::region(
            &format!("region-{number}"),
            &format!("cell-{number}"),
            index,
        ));
    }
    Ok(config)
}

fn phone(device: u32, shard: usize) -> Result<PhoneConfig, BuildError> {
    let roams = device.is_multiple_of(ROAMERS_ONE_IN);
    let operator = if roams { (shard + 1) % SHARDS as usize } else { shard };
    let too_many = || BuildError::TooMany { what: "devices", count: device as usize };
    let imsi = Imsi::parse(&format!("001{:02}{device:010}", operator + 1));
    let number = Msisdn::parse(&format!("9997{operator:02}{device:08}"));
    let subscription = (imsi.map_err(|_| too_many())?, number.map_err(|_| too_many())?);
    device_of(device, shard, operator, subscription)
}

/// Describes a device in a region, with a subscription of an operator; it is switched off.
pub(crate) fn device_of(
    device: u32,
    region: usize,
    operator: usize,
    (imsi, number): (Imsi, Msisdn),
) -> Result<PhoneConfig, BuildError> {
    let too_many = |_| BuildError::TooMany { what: "devices", count: device as usize };
    Ok(PhoneConfig {
        name: String::new(),
        region,
        operator,
        imsi,
        number,
        imei: Imei::parse(&format!("001019{:08}", device % 100_000_000)).map_err(too_many)?,
        model: "generic".into(),
        ports: 1,
        power_on: None,
        card_pin: None,
        user_pin: None,
        subscribed: true,
        balance_micro: None,
        answers_after: None,
        open_card: None,
        euicc: None,
    })
}

impl MobileWorld {
    pub(crate) fn reserve(&mut self, phones: usize, roamers: usize) {
        self.phones.reserve_exact(phones);
        for core in self.cores.iter_mut().flatten() {
            core.machine.reserve(phones + roamers);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn storm(devices: u32, threads: usize) -> StormReport {
        let mut storm = AttachStorm::new(devices, 1).unwrap();
        (1..=6).for_each(|step| storm.advance(step, 6, threads));
        storm.finish(threads);
        storm.report()
    }

    #[test]
    fn everybody_registers_and_the_trace_is_the_same_on_any_number_of_threads() {
        let one = storm(500, 1);
        assert_eq!(one.registered, 500);
        assert_eq!(one, storm(500, 2));
        assert_eq!(one, storm(500, 4));
    }
}
