//! An ordinary day of many groups that share a SIM: the phone in the night, the car in the morning, the
//! tablet in the evening.

use crate::act;
use crate::action::Action;
use crate::block::{self, range, served, subscription, turns};
use crate::build::BuildError;
use crate::config::{ClockConfig, LinkQuality, PhoneConfig, WorldConfig};
use crate::share::{
    Share, ShareAction, ShareConfig, ShareCounts, ShareGroupConfig, ShareLinks, ShareSlaveConfig,
};
use crate::storm::{blocks, device_of, switch_on};
use crate::world::MobileWorld;
use polysim_base::{Duration, Instant};
use polysim_kernel::{Kernel, Shards};
use polysim_lease::Margin;
use polysim_modem::{Config as ModemConfig, InitPlan, InitStep};
use polysim_share::Timing;
use polysim_share::master::{Consent, Mode, Way};
use std::sync::Arc;

/// The devices are switched on within this time.
const RUSH: Duration = Duration::from_secs(600);
/// What a group does at a time, the last group does so much later.
const SPREAD: Duration = Duration::from_secs(1_200);
const DAY: Duration = Duration::from_secs(86_400);
/// How far a step goes. Nothing travels between shards, so that no window is too long.
const STEP: Duration = Duration::from_secs(20);
/// The devices of a group, and where they are.
const DEVICES: u32 = 3;
const PHONE: u32 = 0;
const CAR: u32 = 1;
const TABLET: u32 = 2;
const AT_HOME: usize = 0;
const IN_CAR: usize = 1;
const OUTSIDE: usize = 2;

/// What the user of a group does.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Goes somewhere, with the phone.
    Go(usize),
    /// Picks a device.
    Pick(u32),
}

/// The day, by the second. The phone has the subscription at midnight.
const PLAN: [(u64, Deed); 16] = [
    (at(7, 0, 0), Deed::Go(IN_CAR)),
    (at(7, 1, 0), Deed::Pick(CAR)),
    // The user walks off: the car has to leave, and only then the phone is served.
    (at(7, 45, 0), Deed::Go(OUTSIDE)),
    (at(7, 45, 20), Deed::Pick(PHONE)),
    (at(17, 0, 0), Deed::Go(IN_CAR)),
    (at(17, 1, 0), Deed::Pick(CAR)),
    (at(17, 40, 0), Deed::Pick(PHONE)),
    (at(17, 41, 0), Deed::Go(AT_HOME)),
    (at(18, 0, 0), Deed::Pick(TABLET)),
    // To the letter box, and back in time.
    (at(19, 0, 0), Deed::Go(OUTSIDE)),
    (at(19, 0, 40), Deed::Go(AT_HOME)),
    (at(20, 0, 0), Deed::Pick(PHONE)),
    (at(21, 0, 0), Deed::Pick(TABLET)),
    // To the neighbours, and not back in time.
    (at(21, 30, 0), Deed::Go(OUTSIDE)),
    (at(21, 30, 20), Deed::Pick(PHONE)),
    (at(22, 30, 0), Deed::Go(AT_HOME)),
];

const fn at(hour: u64, minute: u64, second: u64) -> u64 {
    (hour * 60 + minute) * 60 + second
}

/// A day of many groups under way.
///
/// There are four towns, each with a quarter of the groups. Nothing passes between them, so each is in a
/// shard of its own.
#[derive(Debug)]
pub struct Sharing {
    shards: Shards<MobileWorld>,
    /// First group and number of groups of each shard.
    blocks: Vec<(u32, u32)>,
}

/// What a day has come to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SharingReport {
    /// Leases that masters have granted: each one is a hand-over.
    pub granted: u64,
    /// Of those, how many took an activation command only.
    pub equal: u64,
    /// Of those, how many took the parameters.
    pub sent: u64,
    /// How many went to the masters' own modems.
    pub own: u64,
    /// Links to holders that were back in time.
    pub resumed: u64,
    /// Leases that have ended by their guard.
    pub guards: u64,
    /// Groups one of whose devices the network serves with their SIM.
    pub attached: u64,
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

impl Sharing {
    /// Builds a world of so many groups, all devices switched off.
    ///
    /// # Errors
    /// [`BuildError`] where there are more devices than numbers.
    pub fn new(groups: u32, seed: u64) -> Result<Self, BuildError> {
        let blocks = blocks(groups);
        let kernels = (0_u32..)
            .zip(&blocks)
            .map(|(shard, block)| town(shard, *block, seed))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { shards: Shards::new(kernels, STEP), blocks })
    }

    /// Lets some virtual seconds pass on so many threads; returns whether the day goes on.
    pub fn advance(&mut self, threads: usize) -> bool {
        let from = self.shards.now();
        let to = from.plus(STEP);
        let rush = |at: Instant| at.min(Instant::ZERO.plus(RUSH));
        for (kernel, (_, count)) in self.shards.kernels_mut().iter_mut().zip(&self.blocks) {
            switch_on(kernel, *count * DEVICES, RUSH, (rush(from), rush(to)));
            PLAN.iter().for_each(|planned| follow(kernel, *count, *planned, (from, to)));
        }
        self.shards.run_until(to, threads);
        to < Instant::ZERO.plus(DAY)
    }

    /// Returns what it has come to.
    #[must_use]
    pub fn report(&self) -> SharingReport {
        let mut report = SharingReport {
            attached: served(&self.shards),
            events: self.shards.events(),
            now: self.shards.now(),
            trace: self.shards.hash(),
            ..SharingReport::default()
        };
        for world in self.shards.kernels().iter().map(Kernel::world) {
            report.at_exchanges += world.counters.at;
            report.apdu_exchanges += world.counters.apdu;
            let counts = world.share.as_ref().map_or_else(ShareCounts::default, |it| it.counts);
            report.granted += counts.granted;
            report.equal += counts.equal;
            report.sent += counts.sent;
            report.own += counts.own;
            report.resumed += counts.resumed;
            report.guards += counts.guards;
        }
        report
    }
}

/// Has those groups do what they have planned whose turn is within a step.
fn follow(
    kernel: &mut Kernel<MobileWorld>,
    count: u32,
    (second, deed): (u64, Deed),
    step: (Instant, Instant),
) {
    let planned = Instant::ZERO.plus(Duration::from_secs(second));
    let turns = turns(planned, SPREAD, count, step);
    if turns.is_empty() {
        return;
    }
    kernel.act(|world, ctx| {
        for group in turns {
            let phone = |device: u32| (group * DEVICES + device) as usize;
            let action = match deed {
                Deed::Go(spot) => ShareAction::Carry { phone: phone(PHONE), spot },
                Deed::Pick(device) => ShareAction::Pick { phone: phone(device) },
            };
            act::apply(world, ctx, &Action::Share(action));
        }
    });
}

/// Makes a town with its groups.
fn town(
    shard: u32,
    (first, count): (u32, u32),
    seed: u64,
) -> Result<Kernel<MobileWorld>, BuildError> {
    let too_many = || BuildError::TooMany { what: "groups", count: count as usize };
    let devices = (first.checked_mul(DEVICES), count.checked_mul(DEVICES));
    let (Some(first), Some(count)) = devices else { return Err(too_many()) };
    let config = world(shard, (first, count), seed)?;
    let mut kernel = block::kernel(&config, host(), (first, count), |blueprint, world| {
        if let Some(share) = &config.share {
            world.share = Some(Box::new(Share::new(blueprint, share, first, world)?));
        }
        Ok(())
    })?;
    kernel.act(|world, ctx| {
        world.with_share(ctx, |share, ctx, observer| share.begin(ctx, observer));
    });
    Ok(kernel)
}

/// Returns how the modems are driven: they do nothing but register.
fn host() -> Arc<ModemConfig> {
    const STEPS: &[InitStep] = &[
        InitStep::EchoOff,
        InitStep::ErrorCauses,
        InitStep::EpsRegistration,
        InitStep::Card,
        InitStep::PowerOn,
        InitStep::ReadRegistration,
    ];
    let init = InitPlan { steps: STEPS.into(), ..InitPlan::lean() };
    Arc::new(ModemConfig { init, ..ModemConfig::clone(&ModemConfig::lean()) })
}

fn world(shard: u32, (first, count): (u32, u32), seed: u64) -> Result<WorldConfig, BuildError> {
    let groups = 0..(count / DEVICES);
    let groups = groups.map(|group| of_group(group as usize * DEVICES as usize));
    Ok(WorldConfig {
        regions: vec![block::region(&format!("town-{}", shard + 1), "cell", 0)],
        phones: (first..first + count).map(|n| device(shard, n)).collect::<Result<_, _>>()?,
        share: Some(ShareConfig {
            spots: ["at home", "in the car", "outside"].map(Into::into).into(),
            groups: groups.collect::<Result<_, _>>()?,
            links: ShareLinks {
                usual: LinkQuality { latency: range(5, 40), ..LinkQuality::default() },
                overrides: Vec::new(),
            },
            sync: range(1, 4),
        }),
        ..block::world(shard, seed)?
    })
}

/// Describes a group whose devices begin with a phone.
fn of_group(phone: usize) -> Result<ShareGroupConfig, BuildError> {
    let slave = |device: u32, spot| ShareSlaveConfig {
        phone: phone + device as usize,
        wants: false,
        paired: true,
        clock: ClockConfig::default(),
        spot,
    };
    let margin = Margin::new(500, Duration::from_millis(200));
    Ok(ShareGroupConfig {
        name: String::new(),
        master: phone,
        slaves: vec![slave(CAR, IN_CAR), slave(TABLET, AT_HOME)],
        mode: Mode::Provisioned,
        way: Way::Compare,
        consent: Consent::Once,
        timing: Timing {
            supervision: Duration::from_secs(5),
            timer: Duration::from_secs(120),
            detach: Duration::from_secs(10),
            margin: margin.map_err(|_| BuildError::Missing { what: "margin", index: 0 })?,
            retry: Duration::from_secs(5),
        },
        own: true,
        clock: ClockConfig::default(),
        spot: AT_HOME,
    })
}

/// Describes a device; only the first one of a group has a subscription of its own.
fn device(shard: u32, device: u32) -> Result<PhoneConfig, BuildError> {
    let subscription = subscription(shard, 0, device)?;
    let subscribed = device.is_multiple_of(DEVICES);
    Ok(PhoneConfig { subscribed, ..device_of(device, 0, 0, subscription)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(groups: u32, threads: usize) -> SharingReport {
        let mut sharing = Sharing::new(groups, 1).unwrap();
        while sharing.advance(threads) {}
        sharing.report()
    }

    #[test]
    fn every_group_has_its_day_and_the_trace_is_the_same_on_any_number_of_threads() {
        let one = day(12, 1);
        let each = |count: u64| count * 12;
        assert_eq!([one.granted, one.own], [each(9), each(5)]);
        assert_eq!([one.sent, one.equal], [each(2), each(2)]);
        assert_eq!([one.resumed, one.guards, one.attached], [each(1), each(2), each(1)]);
        assert_eq!(one, day(12, 2));
    }
}
