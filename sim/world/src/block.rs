//! What worlds of many devices share: a block of the devices is a world of its own, with two operators
//! and numbers that follow from shard, operator and device. Nothing passes between blocks.

use crate::build::{Blueprint, BuildError};
use crate::config::{CellConfig, LatencyRange, OperatorConfig, RegionConfig, Tariff, WorldConfig};
use crate::paths::ShardMap;
use crate::storm::SHARDS;
use crate::world::MobileWorld;
use polysim_base::{Duration, Imsi, Instant, Msisdn, Plmn};
use polysim_kernel::{Kernel, Shards};
use polysim_modem::Config as ModemConfig;
use polysim_radio::air::Rat;
use std::ops::Range;
use std::sync::Arc;

/// Returns the world of a shard with its two operators, and nobody in it.
pub(crate) fn world(shard: u32, seed: u64) -> Result<WorldConfig, BuildError> {
    Ok(WorldConfig {
        seed: seed.wrapping_mul(SHARDS.into()).wrapping_add(shard.into()),
        start_unix_s: 1_767_225_600,
        air: range(8, 20),
        backhaul: range(30, 60),
        operators: vec![operator(shard, 0)?, operator(shard, 1)?],
        ..WorldConfig::default()
    })
}

/// Returns a region with a cell that has room for everybody.
pub(crate) fn region(name: &str, cell: &str, operator: usize) -> RegionConfig {
    let cell = CellConfig {
        name: cell.into(),
        operator,
        rat: Rat::Lte,
        level_dbm: -75,
        capacity: u32::MAX,
    };
    RegionConfig { name: name.into(), zone_quarters: 0, cells: vec![cell] }
}

/// Makes the kernel of a block, whose modems are driven as `host` says. `install` puts the system into the
/// world that it is about.
pub(crate) fn kernel(
    config: &WorldConfig,
    host: Arc<ModemConfig>,
    (first, count): (u32, u32),
    install: impl FnOnce(&Blueprint<'_>, &mut MobileWorld) -> Result<(), BuildError>,
) -> Result<Kernel<MobileWorld>, BuildError> {
    let (regions, operators) = (vec![0; config.regions.len()], vec![0; config.operators.len()]);
    let map = ShardMap { regions, operators };
    let blueprint = Blueprint::new(config, map, false, host)?;
    let mut world = blueprint.shard(0, first)?;
    world.reserve(count as usize, 0);
    for phone in &config.phones {
        blueprint.add_subscriber(&mut world, phone);
        blueprint.add_phone(&mut world, phone)?;
    }
    install(&blueprint, &mut world)?;
    let mut kernel = Kernel::new(world);
    // A deadline each, and for half of them an earlier wake-up still on the wheel.
    kernel.reserve((count + count.div_ceil(2)) as usize);
    kernel.trace_mut().without_recent();
    Ok(kernel)
}

fn operator(shard: u32, index: usize) -> Result<OperatorConfig, BuildError> {
    let too_many = |_| BuildError::TooMany { what: "operators", count: index };
    Ok(OperatorConfig {
        name: name(index),
        plmn: network(shard, index)?,
        full_name: format!("Operator {}", index + 1),
        country_code: "999".into(),
        centre: Msisdn::parse(&format!("9999{index:02}0000")).map_err(too_many)?,
        tariff: Tariff { roaming_factor: 1, ..Tariff::default() },
        roaming: Vec::new(),
        apns: vec!["internet".into()],
    })
}

/// Names an operator.
pub(crate) fn name(operator: usize) -> String {
    format!("operator-{}", operator + 1)
}

/// Returns the network of an operator in a shard.
pub(crate) fn network(shard: u32, operator: usize) -> Result<Plmn, BuildError> {
    let number = shard as usize * 2 + operator + 1;
    Plmn::parse(&format!("001{number:02}"))
        .map_err(|_| BuildError::TooMany { what: "operators", count: number })
}

/// Returns the subscription of an operator that a device has, or shall have.
pub(crate) fn subscription(
    shard: u32,
    operator: usize,
    device: u32,
) -> Result<(Imsi, Msisdn), BuildError> {
    let too_many = || BuildError::TooMany { what: "devices", count: device as usize };
    let imsi = Imsi::parse(&format!("{}{device:010}", network(shard, operator)?));
    let number = Msisdn::parse(&format!("9997{operator:02}{device:08}"));
    Ok((imsi.map_err(|_| too_many())?, number.map_err(|_| too_many())?))
}

/// Returns latencies between two numbers of milliseconds.
pub(crate) const fn range(min_ms: u64, max_ms: u64) -> LatencyRange {
    LatencyRange { min: Duration::from_millis(min_ms), max: Duration::from_millis(max_ms) }
}

/// Returns those of `count` whose turn is within a step, where the first one's is at the planned moment,
/// and number n's at n/count of the spread after that.
pub(crate) fn turns(
    planned: Instant,
    spread: Duration,
    count: u32,
    (from, to): (Instant, Instant),
) -> Range<u32> {
    let span = u128::from(spread.as_micros());
    let turn = |at: Instant| {
        let since = u128::from(at.since(planned).as_micros()).min(span);
        u32::try_from((since * u128::from(count)).div_ceil(span)).unwrap_or(count)
    };
    turn(from)..turn(to)
}

/// Returns how many devices the networks serve.
pub(crate) fn served(shards: &Shards<MobileWorld>) -> u64 {
    let worlds = shards.kernels().iter().map(Kernel::world);
    let cores = worlds.flat_map(|world| world.cores.iter().flatten());
    cores.map(|core| core.machine.visitor_count() as u64).sum()
}
