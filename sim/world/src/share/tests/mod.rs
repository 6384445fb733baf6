//! Groups in small worlds, with everything on.

mod chaos;
mod flow;
mod truth;

use super::{ShareAction, ShareConfig, ShareFault, ShareGroupConfig, ShareLinks, ShareSlaveConfig};
use crate::action::{Action, Fault};
use crate::block;
use crate::config::{ClockConfig, LinkQuality, WorldConfig};
use crate::event::{Event, Value};
use crate::fleet::Thing;
use crate::simulation::Simulation;
use crate::storm::device_of;
use polysim_base::Duration;
use polysim_lease::Margin;
use polysim_share::Timing;
use polysim_share::master::{Consent, Mode, Way};

const MASTER: usize = 0;
const ONE: usize = 1;
const OTHER: usize = 2;
const HOME: usize = 0;
const AWAY: usize = 1;

fn timing() -> Timing {
    Timing {
        supervision: Duration::from_secs(6),
        timer: Duration::from_secs(60),
        detach: Duration::from_secs(10),
        margin: Margin::new(500, Duration::from_millis(100)).unwrap(),
        retry: Duration::from_secs(2),
    }
}

/// A master and two slaves in one place; the master's own modem has the subscription.
fn config(seed: u64) -> WorldConfig {
    let mut config = block::world(0, seed).unwrap();
    config.regions = vec![block::region("town", "cell", 0)];
    for (phone, name) in (0_u32..).zip(["phone", "car", "tablet"]) {
        let subscription = block::subscription(0, 0, phone).unwrap();
        let mut phone = device_of(phone, 0, 0, subscription).unwrap();
        (phone.name, phone.power_on) = (name.into(), Some(block::range(100, 400)));
        config.phones.push(phone);
    }
    let slave = |phone| ShareSlaveConfig {
        phone,
        wants: false,
        paired: true,
        clock: ClockConfig::default(),
        spot: HOME,
    };
    config.share = Some(ShareConfig {
        spots: vec!["home".into(), "away".into()],
        groups: vec![ShareGroupConfig {
            name: "family".into(),
            master: MASTER,
            slaves: vec![slave(ONE), slave(OTHER)],
            mode: Mode::Provisioned,
            way: Way::Compare,
            consent: Consent::Once,
            timing: timing(),
            own: true,
            clock: ClockConfig::default(),
            spot: HOME,
        }],
        links: ShareLinks {
            usual: LinkQuality { latency: block::range(5, 30), ..LinkQuality::default() },
            overrides: Vec::new(),
        },
        sync: block::range(1, 4),
    });
    config.encode_messages = true;
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

    fn run(&mut self, seconds: u64) {
        let until = self.world.now().plus(Duration::from_secs(seconds));
        self.world.run_until(until);
        self.events.extend(self.world.take_events());
        assert_eq!(self.world.violations(), []);
    }

    fn act(&mut self, action: ShareAction) {
        self.world.apply(&Action::Share(action));
    }

    fn fault(&mut self, fault: ShareFault, on: bool) {
        self.world.apply(&Action::Fault { fault: Fault::Share(fault), on });
    }

    fn on_air(&self) -> String {
        text(&self.world.state(Thing::Group, 0), "on_air")
    }

    /// Returns the events of a name, of one phone.
    fn of(&self, name: &str, phone: &str) -> Vec<&Event> {
        let own = Value::from(phone);
        let events = self.events.iter().filter(|event| event.name == name);
        events.filter(|event| event.field("phone") == Some(&own)).collect()
    }

    fn first(&self, name: &str, phone: &str) -> Option<&Event> {
        self.of(name, phone).first().copied()
    }

    fn last(&self, name: &str, phone: &str) -> Option<&Event> {
        self.of(name, phone).last().copied()
    }

    fn count_of(&self, name: &str, phone: &str) -> usize {
        self.of(name, phone).len()
    }

    fn count(&self, name: &str) -> usize {
        self.events.iter().filter(|event| event.name == name).count()
    }

    /// Returns what was sent for each lease.
    fn hows(&self) -> Vec<String> {
        let granted = self.events.iter().filter(|event| event.name == "share.granted");
        granted.map(|event| text(&event.fields, "how")).collect()
    }
}

fn text(state: &[(&'static str, Value)], field: &str) -> String {
    let found = state.iter().find(|(name, _)| *name == field);
    found.map_or(String::new(), |(_, value)| match value {
        Value::Text(text) => text.clone(),
        Value::Flag(_) | Value::Number(_) => value.to_string(),
    })
}
