//! A courier in small worlds, with everything on.

mod chaos;
mod flow;
mod truth;

use super::{
    CourierAction, CourierConfig, CourierDeviceConfig, CourierFault, CourierLinks, CourierMatter,
    CourierServerConfig, CourierUser,
};
use crate::action::{Action, Fault};
use crate::block;
use crate::config::{ClockConfig, LinkQuality, WorldConfig};
use crate::event::{Event, Value};
use crate::fleet::Thing;
use crate::simulation::Simulation;
use crate::storm::device_of;
use polysim_base::{Duration, Msisdn};
use polysim_courier::server::Limits;
use polysim_courier::{ContactMode, Rate, TenantId};

const ANNA: usize = 0;
const BERT: usize = 1;
const TABLET: usize = 2;
const CARLA: usize = 3;

fn number(phone: usize) -> Msisdn {
    block::subscription(0, 0, u32::try_from(phone).unwrap()).unwrap().1
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn limits() -> Limits {
    Limits {
        code_lifetime: secs(600),
        tries: 5,
        per_number: 5,
        per_range: 20,
        per_tenant: 100,
        countries: Vec::new(),
        devices: 4,
        contacts: 300,
        waiting: 100,
        lookups_per_day: 10_000,
        text_octets: 10_000,
    }
}

fn server() -> CourierServerConfig {
    CourierServerConfig {
        name: "courier".into(),
        clock: ClockConfig { skew: secs(3), drift_ppm: 40 },
        contacts: ContactMode::Digests,
        limits: limits(),
        threshold: Rate(64),
        rate_age_max: secs(1_800),
        ring: secs(30),
        call_grace: secs(20),
        retry: secs(4),
        verify_within: secs(3_600),
        hold_down: secs(600),
    }
}

fn device(phone: usize) -> CourierDeviceConfig {
    CourierDeviceConfig {
        phone,
        linked_to: None,
        number: None,
        tenant: TenantId(1),
        threshold: Rate(64),
        measure_every: secs(600),
        rate_age_max: secs(1_500),
        refresh_every: secs(20),
        retry: secs(5),
        call_grace: secs(12),
        carrier_rule: false,
        expires: None,
        rate_kbps: 2_000,
        contacts: Vec::new(),
        clock: ClockConfig { skew: secs(7), drift_ppm: -30 },
        user: CourierUser::default(),
    }
}

/// Anna, Bert and Carla have phones; Anna has a tablet that is to be linked to hers.
fn config(seed: u64) -> WorldConfig {
    let mut config = block::world(0, seed).unwrap();
    config.regions = vec![block::region("town", "cell", 0)];
    for (phone, name) in (0_u32..).zip(["anna", "bert", "tablet", "carla"]) {
        let subscription = block::subscription(0, 0, phone).unwrap();
        let mut phone = device_of(phone, 0, 0, subscription).unwrap();
        (phone.name, phone.power_on) = (name.into(), Some(block::range(100, 400)));
        phone.answers_after = Some(secs(2));
        config.phones.push(phone);
    }
    let mut devices: Vec<_> = [ANNA, BERT, TABLET, CARLA].map(device).into();
    let people = [ANNA, BERT, CARLA];
    for phone in people {
        let others = people.into_iter().filter(|other| *other != phone);
        devices[phone].contacts = others.map(number).collect();
    }
    devices[TABLET].linked_to = Some(ANNA);
    config.courier = Some(CourierConfig {
        server: server(),
        devices,
        links: CourierLinks {
            usual: LinkQuality { latency: block::range(20, 60), ..LinkQuality::default() },
            overrides: Vec::new(),
        },
        sync: block::range(1, 4),
    });
    config
}

struct Rig {
    world: Simulation,
    events: Vec<Event>,
}

impl Rig {
    fn new(config: &WorldConfig) -> Self {
        Self { world: Simulation::new(config).unwrap(), events: Vec::new() }
    }

    /// A world in which everybody is registered and linked.
    fn registered(config: &WorldConfig) -> Self {
        let mut rig = Self::new(config);
        rig.run(90);
        rig
    }

    fn run(&mut self, seconds: u64) {
        let until = self.world.now().plus(secs(seconds));
        self.world.run_until(until);
        self.events.extend(self.world.take_events());
        assert_eq!(self.world.violations(), []);
    }

    fn act(&mut self, action: CourierAction) {
        self.world.apply(&Action::Courier(action));
    }

    fn fault(&mut self, fault: CourierFault, on: bool) {
        self.world.apply(&Action::Fault { fault: Fault::Courier(fault), on });
    }

    fn text(&mut self, phone: usize, to: usize, text: &str) {
        self.act(CourierAction::Text { phone, to: number(to), text: text.into() });
    }

    fn dial(&mut self, phone: usize, to: usize) {
        self.act(CourierAction::Dial { phone, to: number(to) });
    }

    /// Returns the events of a name, of one phone.
    fn of(&self, name: &str, phone: &str) -> Vec<&Event> {
        let own = Value::from(phone);
        let events = self.events.iter().filter(|event| event.name == name);
        events.filter(|event| event.field("phone") == Some(&own)).collect()
    }

    fn count(&self, name: &str) -> usize {
        self.events.iter().filter(|event| event.name == name).count()
    }

    /// Returns what a field said in the events of a name, of one phone.
    fn said(&self, name: &str, phone: &str, field: &str) -> Vec<String> {
        let events = self.of(name, phone).into_iter();
        events.filter_map(|event| event.field(field)).map(word).collect()
    }

    fn server(&self, field: &str) -> String {
        state(&self.world.state(Thing::Courier, 0), field)
    }

    fn phone(&self, phone: usize, field: &str) -> String {
        state(&self.world.phone_state(phone), field)
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Flag(_) | Value::Number(_) => value.to_string(),
    }
}

fn state(state: &[(&'static str, Value)], field: &str) -> String {
    let found = state.iter().find(|(name, _)| *name == field);
    found.map_or(String::new(), |(_, value)| word(value))
}
