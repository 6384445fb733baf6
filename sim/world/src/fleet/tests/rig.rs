//! A small fleet to try things with.

use super::super::*;
use crate::{
    Action, CellConfig, Event, LatencyRange, LinkQuality, OperatorConfig, Party, PhoneConfig,
    RegionConfig, Simulation, Tariff, Value, WorldConfig,
};
use polysim_base::{Duration, Imei, Imsi, Msisdn, Plmn};
use polysim_fleet::Permissions;
use polysim_fleet::terminal::TerminalWish;
use polysim_fleet::wire::{Kind, KindWanted, ModemOrder, ModemWanted, Parameters, Reclaim, Target};
use polysim_radio::air::Rat;

pub(super) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) fn millis(min: u64, max: u64) -> LatencyRange {
    LatencyRange { min: Duration::from_millis(min), max: Duration::from_millis(max) }
}

pub(super) fn number(n: usize) -> Msisdn {
    Msisdn::parse(&format!("+99070000{n:03}")).unwrap()
}

fn operator() -> OperatorConfig {
    OperatorConfig {
        name: "north".into(),
        plmn: Plmn::parse("00101").unwrap(),
        full_name: "North".into(),
        country_code: "990".into(),
        centre: Msisdn::parse("+99000000000").unwrap(),
        tariff: Tariff::default(),
        roaming: Vec::new(),
        apns: Vec::new(),
    }
}

fn region() -> RegionConfig {
    RegionConfig {
        name: "here".into(),
        zone_quarters: 0,
        cells: vec![CellConfig {
            name: "here-1".into(),
            operator: 0,
            rat: Rat::Lte,
            level_dbm: -70,
            capacity: u32::MAX,
        }],
    }
}

fn phone() -> PhoneConfig {
    PhoneConfig {
        name: "bert".into(),
        region: 0,
        operator: 0,
        imsi: Imsi::parse("001010000000900").unwrap(),
        number: number(900),
        imei: Imei::parse("35000000000900").unwrap(),
        model: "generic".into(),
        ports: 1,
        power_on: Some(LatencyRange::default()),
        card_pin: None,
        user_pin: None,
        subscribed: true,
        balance_micro: None,
        answers_after: None,
        open_card: None,
        euicc: None,
    }
}

pub(super) fn sim(n: usize) -> SimConfig {
    SimConfig {
        name: format!("s{n}"),
        operator: 0,
        imsi: Imsi::parse(&format!("001010000001{n:03}")).unwrap(),
        number: number(n),
        enrolled: Some((0, 0)),
        subscribed: true,
        balance_micro: None,
        pin: None,
        caps: None,
    }
}

pub(super) fn modem(n: usize, kind: Kind) -> PoolModemConfig {
    PoolModemConfig {
        name: format!("m{n}"),
        model: "generic".into(),
        imei: Imei::parse(&format!("35100000000{n:03}")).unwrap(),
        kind,
        pool: 0,
    }
}

pub(super) fn everything() -> Permissions {
    Permissions::TEXT_SEND
        | Permissions::TEXT_READ
        | Permissions::CALL
        | Permissions::USSD
        | Permissions::APDU
        | Permissions::CONFIGURE
}

/// Two servers, a site with two SIMs and two modems, and Alice with a phone-like terminal and a
/// tablet-like one. Bert has a phone of his own.
pub(super) fn office() -> WorldConfig {
    let link = LinkQuality { latency: millis(5, 25), ..LinkQuality::default() };
    let fleet = FleetConfig {
        servers: ["one", "two"]
            .map(|name| ServerConfig { name: name.into(), ..ServerConfig::default() })
            .into(),
        sites: vec![FleetSiteConfig {
            name: "hall".into(),
            banks: vec![vec![Some(0), Some(1), None]],
            modems: vec![modem(0, Kind::BuiltIn), modem(1, Kind::Cloud)],
            ..FleetSiteConfig::default()
        }],
        sims: vec![sim(0), sim(1)],
        users: vec![FleetUserConfig {
            name: "alice".into(),
            permissions: vec![(0, everything()), (1, everything())],
        }],
        terminals: ["a1", "a2"]
            .map(|name| TerminalNodeConfig { name: name.into(), ..TerminalNodeConfig::default() })
            .into(),
        pools: vec!["pool".into()],
        groups: vec!["group".into()],
        plans: vec![FleetPlanConfig { name: "plan".into(), operator: 0, rates: Vec::new() }],
        links: FleetLinks {
            site_server: link,
            terminal_server: link,
            terminal_site: link,
            site_site: link,
            overrides: Vec::new(),
        },
        sync: millis(2, 8),
        ..FleetConfig::default()
    };
    WorldConfig {
        seed: 1,
        start_unix_s: 1_767_225_600,
        backhaul: millis(20, 60),
        air: millis(8, 20),
        operators: vec![operator()],
        regions: vec![region()],
        phones: vec![phone()],
        fleet: Some(fleet),
        ..WorldConfig::default()
    }
}

/// The same with the modems at another place than the bank.
pub(super) fn two_places(link: LinkQuality) -> WorldConfig {
    let mut config = office();
    if let Some(fleet) = &mut config.fleet {
        let modems = std::mem::take(&mut fleet.sites[0].modems);
        let modems = modems.into_iter().map(|modem| PoolModemConfig { kind: Kind::Cloud, ..modem });
        fleet.sites.push(FleetSiteConfig {
            name: "attic".into(),
            modems: modems.collect(),
            ..FleetSiteConfig::default()
        });
        fleet.links.site_site = link;
    }
    config
}

pub(super) struct Rig {
    pub(super) world: Simulation,
    pub(super) events: Vec<Event>,
}

impl Rig {
    pub(super) fn new(config: &WorldConfig) -> Self {
        Self { world: Simulation::new(config).unwrap(), events: Vec::new() }
    }

    /// With SIM s0 on standby.
    pub(super) fn on_standby(config: &WorldConfig) -> Self {
        let mut rig = Self::new(config);
        rig.pass(20);
        rig.wish(0, assign(0));
        rig.until("sim.attached", &[("sim", "s0")], 60);
        rig
    }

    pub(super) fn pass(&mut self, seconds: u64) {
        self.world.run_until(self.world.now().plus(secs(seconds)));
        self.events.extend(self.world.take_events());
        assert_eq!(self.world.violations(), [], "{}", self.story());
    }

    pub(super) fn wish(&mut self, terminal: usize, wish: TerminalWish) {
        self.act(FleetAction::Wish { terminal, wish });
    }

    pub(super) fn act(&mut self, action: FleetAction) {
        self.world.apply(&Action::Fleet(action));
    }

    pub(super) fn fault(&mut self, fault: FleetFault, on: bool) {
        self.world.apply(&Action::Fault { fault: crate::Fault::Fleet(fault), on });
    }

    pub(super) fn call_from_bert(&mut self, to: usize) {
        let (from, to) = (Party::Phone(0), number(to));
        self.world.apply(&Action::Call { from, to, hide: false, rings: secs(60) });
    }

    pub(super) fn text_from_bert(&mut self, to: usize, text: &str) {
        let (from, to, text) = (Party::Phone(0), number(to), text.into());
        self.world.apply(&Action::Text { from, to, text, report: false, validity: None });
    }

    pub(super) fn count(&self, name: &str, fields: &[(&str, &str)]) -> usize {
        self.events.iter().filter(|event| fits(event, name, fields)).count()
    }

    /// Waits until an event has happened, from the beginning on.
    pub(super) fn until(&mut self, name: &str, fields: &[(&str, &str)], seconds: u64) {
        for _ in 0..seconds {
            if self.count(name, fields) > 0 {
                return;
            }
            self.pass(1);
        }
        panic!("no {name} {fields:?} in {seconds} s:\n{}", self.story());
    }

    pub(super) fn story(&self) -> String {
        self.events.iter().map(|event| format!("{event}\n")).collect()
    }
}

fn fits(event: &Event, name: &str, fields: &[(&str, &str)]) -> bool {
    let value = |value: Option<&Value>| match value {
        Some(Value::Text(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    event.name == name && fields.iter().all(|(field, text)| value(event.field(field)) == *text)
}

pub(super) fn parameters() -> Parameters {
    Parameters {
        modem: ModemWanted::Of {
            pool: FleetConfig::pool_id(0),
            kind: KindWanted::Any,
            order: ModemOrder::LeastRecentlyUsed,
        },
        priority: 100,
        evict: false,
        duration: None,
        reclaim: Reclaim::Gracefully,
        wait: secs(600),
        turns: None,
    }
}

pub(super) fn assign(sim: usize) -> TerminalWish {
    TerminalWish::Assign(FleetConfig::iccid(sim), parameters())
}

pub(super) fn text(sim: usize, body: &str) -> TerminalWish {
    let (sim, to) = (Target::Sim(FleetConfig::iccid(sim)), number(900));
    TerminalWish::Text { sim, to, body: body.into(), report: true }
}

pub(super) fn dial(sim: usize) -> TerminalWish {
    TerminalWish::Dial { sim: Target::Sim(FleetConfig::iccid(sim)), to: number(900) }
}
