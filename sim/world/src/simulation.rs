//! A world that runs: what scenarios and tools hold.

use crate::action::Action;
use crate::build::{Blueprint, BuildError};
use crate::config::{PhoneConfig, WorldConfig};
use crate::courier::Courier;
use crate::decode::Decoder;
use crate::event::{Event, Value};
use crate::fleet::{Fleet, Thing};
use crate::issuance::Issuance;
use crate::message::Message;
use crate::paths::ShardMap;
use crate::phone::Power;
use crate::share::Share;
use crate::steering::Steering;
use crate::world::MobileWorld;
use crate::{act, invariants};
use polysim_base::{Duration, Instant, Purpose, Stream};
use polysim_kernel::{Kernel, Shards, Trace};
use polysim_modem::Config as ModemConfig;
use std::sync::Arc;

/// What can be asked of a phone, and what each answer means.
pub const PHONE_STATE: &[(&str, &str)] = &[
    ("bound", "the phone that its card is bound to, empty if to none"),
    ("calls", "how many calls there are, waiting and held ones included"),
    ("counter", "the last counter that its card has accepted from its platform"),
    ("courier_calls", "how many calls over data its courier has"),
    ("courier_kbps", "how fast its courier has measured its data link last, 0 if never"),
    ("courier_linked", "whether its courier has a link to the server"),
    ("courier_marked", "how many of its contacts are registered, as it knows"),
    (
        "courier_number",
        "the phone, or the number, that its courier is registered for; empty if none",
    ),
    ("courier_texts", "how many texts its courier has received"),
    ("key", "the subscription key that its card uses: seed, preloaded-1 and so on, carried"),
    ("memory_kb", "the free memory of its eUICC in kilobytes"),
    ("notifications", "how many notifications of its eUICC no server has taken"),
    ("operator", "the operator that it is registered with, empty if none"),
    ("power", "whether it is switched on"),
    ("profile", "the operator of the profile that is enabled on its eUICC"),
    ("profiles", "how many profiles are on its eUICC"),
    ("record", "what the platform takes its card to be on: old, new or pending; empty at first"),
    ("region", "the region that it is in"),
    ("registered", "whether its modem says that it is registered"),
    ("roaming", "whether that is another operator than its own"),
    (
        "share_active",
        "of a device that shares a SIM: whether it has it, as its own software knows it",
    ),
    ("share_in_range", "of a slave: whether it is at the spot of its master"),
    ("share_linked", "of a slave: whether it has a link to its master"),
    ("share_stored", "of a slave: whether a set is stored on it"),
    ("subscription", "the operator of the IMSI on its card, empty if there is none"),
    ("texts", "how many whole texts it has received"),
];

/// How often invariants are checked.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// A world with all its phones, in one shard, observed.
#[derive(Debug)]
pub struct Simulation {
    pub(crate) shards: Shards<MobileWorld>,
    violations: invariants::Checker,
}

impl Simulation {
    /// Builds the world and plans the power-on of its phones.
    ///
    /// # Errors
    /// [`BuildError`] where the description makes no world.
    pub fn new(config: &WorldConfig) -> Result<Self, BuildError> {
        let map = ShardMap {
            regions: vec![0; config.regions.len()],
            operators: vec![0; config.operators.len()],
        };
        let host = Arc::new(ModemConfig::default());
        let blueprint = Blueprint::new(config, map, true, host)?;
        let mut world = blueprint.shard(0, 0)?;
        for phone in &config.phones {
            blueprint.add_subscriber(&mut world, phone);
            blueprint.add_phone(&mut world, phone)?;
        }
        if let Some(fleet) = &config.fleet {
            world.fleet = Some(Box::new(Fleet::new(&blueprint, fleet, &mut world)?));
        }
        if let Some(issuance) = &config.issuance {
            world.issuance = Some(Box::new(Issuance::new(&blueprint, issuance, 0)?));
        }
        if let Some(steering) = &config.steering {
            let steering = Steering::new(&blueprint, steering, 0, &mut world)?;
            world.steering = Some(Box::new(steering));
        }
        if let Some(share) = &config.share {
            world.share = Some(Box::new(Share::new(&blueprint, share, 0, &mut world)?));
        }
        if let Some(courier) = &config.courier {
            world.courier = Some(Box::new(Courier::new(&blueprint, courier, 0)?));
        }
        let mut kernel = Kernel::new(world);
        let starts: Vec<_> =
            (0_u32..).zip(&config.phones).map(|(i, p)| (i, start(config, i, p))).collect();
        kernel.act(|world, ctx| {
            for (phone, delay) in starts {
                if let Some(delay) = delay {
                    act::power_on_later(ctx, phone, delay);
                }
            }
            world.with_issuance(|issuance, observer| issuance.begin(ctx, observer));
            world.with_steering(|steering, observer| steering.begin(ctx, observer));
            world.with_share(ctx, |share, ctx, observer| share.begin(ctx, observer));
            world.with_courier(ctx, |courier, ctx, observer| courier.begin(ctx, observer));
            if let (Some(fleet), Some(observer)) = (&mut world.fleet, &mut world.observer) {
                for phone in (fleet.first_phone..).take(fleet.modems.len()) {
                    act::power_on_later(ctx, phone, Duration::ZERO);
                }
                fleet.begin(ctx, observer);
            }
        });
        let shards = Shards::new(vec![kernel], Duration::from_secs(1));
        Ok(Self { shards, violations: invariants::Checker::default() })
    }

    /// Returns the virtual time.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.shards.now()
    }

    /// Gives every message from now on to `write`, decoded, as one line of JSON each.
    pub fn trace_to(&mut self, mut write: Box<dyn FnMut(&str) + Send>) {
        if let [kernel] = self.shards.kernels_mut() {
            let Some(observer) = &kernel.world().observer else { return };
            let mut decoder = Decoder::new(observer.names.clone());
            kernel.tap(Box::new(move |at, node, message: &Message| {
                write(&decoder.line(at, node, message));
            }));
        }
    }

    /// Does something to the world, now.
    pub fn apply(&mut self, action: &Action) {
        if let [kernel] = self.shards.kernels_mut() {
            kernel.act(|world, ctx| act::apply(world, ctx, action));
        }
    }

    /// Lets time pass; invariants are checked every virtual second.
    pub fn run_until(&mut self, until: Instant) {
        while self.now() < until {
            let next = self.now().plus(CHECK_EVERY).min(until);
            self.shards.run_until(next, 1);
            if let [kernel] = self.shards.kernels_mut() {
                let now = kernel.now();
                if let Some(fleet) = &mut kernel.world_mut().fleet {
                    fleet.watch(now);
                }
                kernel.world_mut().watch_chips();
                kernel.world_mut().watch_shares();
                if let Some(courier) = &mut kernel.world_mut().courier {
                    courier.watch_at(now);
                }
                self.violations.check(now, kernel.world());
            }
        }
    }

    /// Returns when the next thing happens.
    #[must_use]
    pub fn next_event_time(&self) -> Option<Instant> {
        self.shards.kernels().iter().filter_map(Kernel::next_event_time).min()
    }

    /// Takes what happened since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        let kernels = self.shards.kernels_mut().iter_mut();
        kernels.flat_map(|kernel| kernel.act(|world, _| world.take_events())).collect()
    }

    /// Returns the first violation of each invariant.
    #[must_use]
    pub fn violations(&self) -> &[invariants::Violation] {
        self.violations.found()
    }

    /// Returns what a phone is like: the fields of [`PHONE_STATE`].
    #[must_use]
    pub fn phone_state(&self, phone: usize) -> Vec<(&'static str, Value)> {
        let [kernel] = self.shards.kernels() else { return Vec::new() };
        kernel.world().phone_state(phone)
    }

    /// Returns what a thing is like, in the order of the fields' names: those of [`PHONE_STATE`],
    /// [`SIM_STATE`](crate::SIM_STATE), [`MODEM_STATE`](crate::MODEM_STATE),
    /// [`TERMINAL_STATE`](crate::TERMINAL_STATE), [`SITE_STATE`](crate::SITE_STATE) or
    /// [`SERVER_STATE`](crate::SERVER_STATE). Nothing where there is no such thing.
    #[must_use]
    pub fn state(&self, thing: Thing, index: usize) -> Vec<(&'static str, Value)> {
        if thing == Thing::Phone {
            return self.phone_state(index);
        }
        let [kernel] = self.shards.kernels() else { return Vec::new() };
        let (now, world) = (kernel.now(), kernel.world());
        let issuance = world.issuance.as_deref();
        match thing {
            Thing::Platform => {
                return issuance.map_or_else(Vec::new, |issuance| issuance.platform_state(index));
            }
            Thing::Business => {
                return issuance.map_or_else(Vec::new, |it| it.business_state(now, index));
            }
            Thing::Service => {
                let steering = world.steering.as_deref();
                return steering.map_or_else(Vec::new, |steering| steering.service_state(index));
            }
            Thing::Courier => {
                let courier = world.courier.as_deref().filter(|_| index == 0);
                return courier.map_or_else(Vec::new, |courier| courier.server_state());
            }
            Thing::Group => {
                let (Some(share), Some(observer)) = (&world.share, &world.observer) else {
                    return Vec::new();
                };
                return share.group_state(index, &observer.names);
            }
            Thing::Phone
            | Thing::Sim
            | Thing::Modem
            | Thing::Terminal
            | Thing::Site
            | Thing::Server => {}
        }
        world.fleet.as_ref().map_or_else(Vec::new, |fleet| fleet.state(world, thing, index))
    }

    /// Returns the hash of everything that happened.
    #[must_use]
    pub fn trace_hash(&self) -> u64 {
        self.shards.hash()
    }

    /// Returns how many events there were.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.shards.events()
    }

    /// Returns the trace.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        self.shards.kernels().first().map(Kernel::trace)
    }
}

impl MobileWorld {
    fn take_events(&mut self) -> Vec<Event> {
        self.observer.as_mut().map_or_else(Vec::new, |observer| observer.take())
    }

    fn phone_state(&self, index: usize) -> Vec<(&'static str, Value)> {
        let (Some(phone), Some(observer)) = (self.phones.get(index), &self.observer) else {
            return Vec::new();
        };
        let user = phone.user.as_ref();
        let told = user.and_then(|user| user.registration()).cloned();
        let registration = match &phone.host {
            Some(_) => told,
            // Whoever drives the modem of a lent phone need not tell its user.
            None => told.or_else(|| observer.names.registration(&phone.baseband.machine)),
        };
        let mut state = user.map_or_else(Vec::new, |user| user.state(registration.as_ref()));
        state.push(("power", (phone.power == Power::On).into()));
        state.push(("region", observer.names.region(phone.region).into()));
        if let (Some(issuance), Some(card)) = (&self.issuance, &phone.card) {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            state.extend(issuance.card_state(index, card, &observer.names));
        }
        if let (Some(steering), Some(card)) = (&self.steering, &phone.card) {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            state.extend(steering.chip_state(index, card, &observer.names));
        }
        if let Some(share) = &self.share {
            state.extend(share.phone_state(index));
        }
        if let Some(courier) = &self.courier {
            state.extend(courier.phone_state(index, &observer.names));
        }
        state.sort_unstable_by_key(|(field, _)| *field);
        state
    }
}

/// Draws when a phone is switched on.
fn start(config: &WorldConfig, phone: u32, spec: &PhoneConfig) -> Option<Duration> {
    let range = spec.power_on?;
    let mut stream = Stream::derive(config.seed, phone.into(), Purpose::Scenario, 0);
    Some(stream.duration(range.min, range.max))
}
