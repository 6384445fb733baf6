//! An ordinary day of many people who call and write over data, with hours without any.

use crate::act;
use crate::action::{Action, Fault};
use crate::block::{self, range, served, subscription, turns};
use crate::build::BuildError;
use crate::config::{ClockConfig, LinkQuality, PhoneConfig, WorldConfig};
use crate::courier::{
    Courier, CourierAction, CourierConfig, CourierCounts, CourierDeviceConfig, CourierFault,
    CourierLinks, CourierServerConfig, CourierUser,
};
use crate::links::LinkFault;
use crate::storm::{blocks, device_of, switch_on};
use crate::world::MobileWorld;
use polysim_base::{Duration, Instant, Msisdn};
use polysim_courier::client::Choice;
use polysim_courier::server::Limits;
use polysim_courier::{ContactMode, Rate, TenantId};
use polysim_kernel::{Kernel, Shards};
use polysim_modem::Config as ModemConfig;

/// The phones are switched on within this time.
const RUSH: Duration = Duration::from_secs(600);
/// What a user does at a time, the last one does so much later.
const SPREAD: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
/// How far a step goes. Nothing travels between shards, so that no window is too long.
const STEP: Duration = Duration::from_secs(20);
/// So many users who come next, and the other one of the pair, are contacts.
const NEIGHBOURS: u32 = 20;
/// One user in so many sends by the carrier what does not go over data; the others wait.
const IMPATIENT_ONE_IN: u32 = 8;
/// What data links carry, each way.
const LINK_KBPS: u32 = 2_000;
/// The operator has no data from here to there.
const OUTAGE: (Instant, Instant) = (moment(15, 30, 0), moment(15, 40, 0));

/// What a user does.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Writes to the contact who comes so many places later.
    Write(u32),
    /// Calls the other one of the pair, if its own number is odd, or if it is even.
    Call {
        odd: bool,
    },
    HangUp,
    /// Has no data from now on, or has it again.
    Cut(bool),
}

/// The day.
const PLAN: [(Instant, Deed); 16] = [
    (moment(8, 0, 0), Deed::Write(1)),
    (moment(9, 0, 0), Deed::Call { odd: false }),
    (moment(9, 1, 10), Deed::HangUp),
    (moment(10, 0, 0), Deed::Write(2)),
    (moment(11, 0, 0), Deed::Write(3)),
    // The next one writes to somebody who has no data; the one after that has none itself.
    (moment(12, 0, 0), Deed::Cut(true)),
    (moment(12, 4, 0), Deed::Write(1)),
    (moment(12, 10, 0), Deed::Cut(false)),
    (moment(13, 0, 0), Deed::Write(4)),
    (moment(14, 0, 0), Deed::Write(5)),
    (moment(15, 0, 0), Deed::Write(6)),
    (moment(17, 0, 0), Deed::Write(7)),
    (moment(18, 0, 0), Deed::Call { odd: true }),
    (moment(18, 1, 10), Deed::HangUp),
    (moment(20, 0, 0), Deed::Write(8)),
    (moment(21, 0, 0), Deed::Write(9)),
];

const fn moment(hour: u64, minute: u64, second: u64) -> Instant {
    Instant::ZERO.plus(Duration::from_secs((hour * 60 + minute) * 60 + second))
}

/// A day of many users under way.
///
/// There are four towns, each with a quarter of the users and a server of its own. Nothing passes between
/// them, so each is in a shard of its own.
#[derive(Debug)]
pub struct Conversing {
    shards: Shards<MobileWorld>,
    towns: Vec<Town>,
}

/// The users of a shard: its number, that of the first user in all shards, and how many there are.
#[derive(Clone, Copy, Debug)]
struct Town {
    shard: u32,
    first: u32,
    count: u32,
}

/// What a day has come to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ConversingReport {
    /// Phones that the network serves.
    pub attached: u64,
    /// Users who are registered.
    pub registered: u64,
    /// Of their devices, how many have a session with their server.
    pub connected: u64,
    /// Codes that were sent.
    pub codes: u64,
    /// Contacts that devices know to be registered.
    pub marked: u64,
    /// Texts that servers have stored.
    pub stored: u64,
    /// Of those, how many have reached their recipient's device.
    pub delivered: u64,
    /// Texts that devices have given to the carrier.
    pub to_carrier: u64,
    /// Calls that went over data.
    pub calls: u64,
    /// Calls that servers have left to the carrier.
    pub refused: u64,
    /// Messages between devices and servers.
    pub messages: u64,
    /// Octets of those.
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

impl Conversing {
    /// Builds a world of so many users, all phones switched off.
    ///
    /// # Errors
    /// [`BuildError`] where there are more users than numbers.
    pub fn new(users: u32, seed: u64) -> Result<Self, BuildError> {
        let towns = (0_u32..).zip(blocks(users));
        let towns: Vec<_> =
            towns.map(|(shard, (first, count))| Town { shard, first, count }).collect();
        let kernels = towns.iter().map(|town| town.kernel(seed)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { shards: Shards::new(kernels, STEP), towns })
    }

    /// Lets some virtual seconds pass on so many threads; returns whether the day goes on.
    pub fn advance(&mut self, threads: usize) -> bool {
        let from = self.shards.now();
        let to = from.plus(STEP);
        let rush = |at: Instant| at.min(Instant::ZERO.plus(RUSH));
        for (kernel, town) in self.shards.kernels_mut().iter_mut().zip(&self.towns) {
            switch_on(kernel, town.count, RUSH, (rush(from), rush(to)));
            outage(kernel, (from, to));
            PLAN.iter().for_each(|planned| town.follow(kernel, *planned, (from, to)));
        }
        self.shards.run_until(to, threads);
        to < Instant::ZERO.plus(DAY)
    }

    /// Returns the virtual time.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.shards.now()
    }

    /// Returns what it has come to.
    #[must_use]
    pub fn report(&self) -> ConversingReport {
        let mut report = ConversingReport {
            attached: served(&self.shards),
            events: self.shards.events(),
            now: self.shards.now(),
            trace: self.shards.hash(),
            ..ConversingReport::default()
        };
        for world in self.shards.kernels().iter().map(Kernel::world) {
            report.at_exchanges += world.counters.at;
            report.apdu_exchanges += world.counters.apdu;
            let Some(courier) = &world.courier else { continue };
            report.registered += courier.registered();
            report.connected += courier.connected();
            report.marked += courier.marked();
            report.add(&courier.counts);
        }
        report
    }
}

impl ConversingReport {
    const fn add(&mut self, counts: &CourierCounts) {
        self.codes += counts.codes;
        self.stored += counts.stored;
        self.delivered += counts.delivered;
        self.to_carrier += counts.to_carrier;
        self.calls += counts.over_data;
        self.refused += counts.carrier;
        self.messages += counts.messages;
        self.octets += counts.octets;
    }
}

/// The outage of the operator begins, or ends.
fn outage(kernel: &mut Kernel<MobileWorld>, (from, to): (Instant, Instant)) {
    for (at, on) in [(OUTAGE.0, true), (OUTAGE.1, false)] {
        if (from..to).contains(&at) {
            let fault = Fault::Courier(CourierFault::NoData { operator: 0 });
            kernel.act(|world, ctx| act::apply(world, ctx, &Action::Fault { fault, on }));
        }
    }
}

impl Town {
    /// Has those users do what they have planned whose turn is within a step.
    fn follow(
        self,
        kernel: &mut Kernel<MobileWorld>,
        (planned, deed): (Instant, Deed),
        step: (Instant, Instant),
    ) {
        let turns = turns(planned, SPREAD, self.count, step);
        if turns.is_empty() {
            return;
        }
        kernel.act(|world, ctx| {
            for action in turns.filter_map(|user| self.action(user, deed)) {
                act::apply(world, ctx, &action);
            }
        });
    }

    fn action(self, user: u32, deed: Deed) -> Option<Action> {
        let phone = user as usize;
        Some(match deed {
            Deed::Write(places) => {
                let to = self.number((user + places) % self.count)?;
                let text = format!("From user {user}: see you at the station at ten past six?");
                Action::Courier(CourierAction::Text { phone, to, text })
            }
            Deed::Call { odd } if odd == (user % 2 == 1) => {
                let to = self.number(user ^ 1)?;
                Action::Courier(CourierAction::Dial { phone, to })
            }
            Deed::Call { .. } => return None,
            Deed::HangUp => Action::Courier(CourierAction::HangUp { phone }),
            Deed::Cut(on) => {
                let fault = LinkFault::Cut { both_ways: true };
                let fault = Fault::Courier(CourierFault::Link { phone, fault });
                Action::Fault { fault, on }
            }
        })
    }

    /// Returns the number of a user, if there is that user.
    fn number(self, user: u32) -> Option<Msisdn> {
        let device = self.first.checked_add(user).filter(|_| user < self.count)?;
        subscription(self.shard, 0, device).ok().map(|(_, number)| number)
    }

    fn kernel(self, seed: u64) -> Result<Kernel<MobileWorld>, BuildError> {
        let config = self.world(seed)?;
        let of = (self.first, self.count);
        let host = ModemConfig::lean();
        let mut kernel = block::kernel(&config, host, of, |blueprint, world| {
            if let Some(courier) = &config.courier {
                world.courier = Some(Box::new(Courier::new(blueprint, courier, self.first)?));
            }
            Ok(())
        })?;
        kernel.act(|world, ctx| {
            world.with_courier(ctx, |courier, ctx, observer| courier.begin(ctx, observer));
        });
        Ok(kernel)
    }

    fn world(self, seed: u64) -> Result<WorldConfig, BuildError> {
        let phones = self.first..self.first + self.count;
        let phone = |n| -> Result<PhoneConfig, BuildError> {
            device_of(n, 0, 0, subscription(self.shard, 0, n)?)
        };
        Ok(WorldConfig {
            regions: vec![block::region(&format!("town-{}", self.shard + 1), "cell", 0)],
            phones: phones.map(phone).collect::<Result<_, _>>()?,
            courier: Some(CourierConfig {
                server: server(),
                devices: (0..self.count).map(|user| self.device(user)).collect(),
                links: CourierLinks {
                    usual: LinkQuality { latency: range(20, 60), ..LinkQuality::default() },
                    overrides: Vec::new(),
                },
                sync: range(1, 4),
            }),
            ..block::world(self.shard, seed)?
        })
    }

    fn device(self, user: u32) -> CourierDeviceConfig {
        let next = (1..=NEIGHBOURS.min(self.count - 1)).map(|places| (user + places) % self.count);
        let contacts = core::iter::once(user ^ 1).chain(next);
        let is_impatient = user.is_multiple_of(IMPATIENT_ONE_IN);
        CourierDeviceConfig {
            phone: user as usize,
            linked_to: None,
            number: None,
            tenant: TenantId(1),
            threshold: Rate(100),
            measure_every: Duration::from_secs(7_200),
            rate_age_max: Duration::from_secs(3 * 3_600),
            refresh_every: Duration::from_secs(3_600),
            retry: Duration::from_secs(5),
            call_grace: Duration::from_secs(20),
            carrier_rule: false,
            expires: None,
            rate_kbps: LINK_KBPS,
            contacts: contacts.filter_map(|user| self.number(user)).collect(),
            clock: ClockConfig::default(),
            user: CourierUser {
                of_calls: Some(Choice::Quit),
                of_texts: Some(if is_impatient { Choice::Carrier } else { Choice::Wait }),
                reads: true,
                speaks_every: Duration::from_secs(1),
                ..CourierUser::default()
            },
        }
    }
}

/// Describes a server. All numbers of a town begin alike, and all register at once.
fn server() -> CourierServerConfig {
    CourierServerConfig {
        name: "courier".into(),
        clock: ClockConfig::default(),
        contacts: ContactMode::Digests,
        limits: Limits { per_range: 100, per_tenant: u32::MAX, ..Limits::default() },
        threshold: Rate(100),
        rate_age_max: Duration::from_secs(3 * 3_600),
        ring: Duration::from_secs(30),
        call_grace: Duration::from_secs(20),
        retry: Duration::from_secs(5),
        verify_within: DAY,
        hold_down: DAY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(users: u32, threads: usize) -> ConversingReport {
        let mut conversing = Conversing::new(users, 1).unwrap();
        while conversing.advance(threads) {}
        conversing.report()
    }

    #[test]
    fn every_user_has_their_day_and_the_trace_is_the_same_on_any_number_of_threads() {
        let one = day(96, 1);
        assert_eq!([one.attached, one.registered, one.connected, one.codes], [96; 4], "{one:?}");
        assert_eq!(one.marked, 96 * 20 + 48, "{one:?}");
        assert_eq!(one.stored, one.delivered, "{one:?}");
        assert_eq!(one.stored + one.to_carrier, 96 * 10, "{one:?}");
        assert_eq!([one.calls, one.refused], [96, 0], "{one:?}");
        assert_eq!(one, day(96, 2));
    }
}
