//! Groups in small worlds, with everything on.

use super::truth::{Seen, Truth};
use super::{ShareAction, ShareConfig, ShareFault, ShareGroupConfig, ShareLinks, ShareSlaveConfig};
use crate::action::{Action, Fault};
use crate::block;
use crate::config::{CellConfig, ClockConfig, LinkQuality, RegionConfig, WorldConfig};
use crate::event::{Event, Value};
use crate::fleet::Thing;
use crate::links::LinkFault;
use crate::simulation::Simulation;
use crate::storm::device_of;
use polysim_aka::{Sqn, SqnArray};
use polysim_base::Duration;
use polysim_lease::{Epoch, Margin, Term};
use polysim_radio::air::Rat;
use polysim_share::Timing;
use polysim_share::master::{Consent, Ended, Holder, MasterRecord, Mode, SlaveId, Way};

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
    config.regions = vec![RegionConfig {
        name: "town".into(),
        zone_quarters: 0,
        cells: vec![CellConfig {
            name: "cell".into(),
            operator: 0,
            rat: Rat::Lte,
            level_dbm: -75,
            capacity: u32::MAX,
        }],
    }];
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
        other => other.to_string(),
    })
}

#[test]
fn the_subscription_goes_from_the_masters_modem_to_the_slave_that_is_picked() {
    let mut rig = Rig::new(&config(1));
    rig.run(10);
    assert_eq!(rig.on_air(), "phone");
    rig.act(ShareAction::Pick { phone: ONE });
    rig.run(10);
    assert_eq!(rig.on_air(), "car");
    assert_eq!(rig.hows(), ["own", "none"]);
    rig.act(ShareAction::Pick { phone: MASTER });
    rig.run(10);
    assert_eq!(rig.on_air(), "phone");
    rig.act(ShareAction::Pick { phone: ONE });
    rig.run(10);
    assert_eq!(rig.hows(), ["own", "none", "own", "equal"]);
    assert_eq!(text(&rig.world.state(Thing::Phone, ONE), "registered"), "true");
    assert_eq!(rig.count("network.resync"), 0);
}

#[test]
fn a_second_slave_is_refused_and_served_without_reconnecting_when_the_first_lets_go() {
    let mut rig = Rig::new(&config(2));
    rig.run(10);
    rig.act(ShareAction::Want { phone: ONE });
    rig.act(ShareAction::Pick { phone: ONE });
    rig.run(10);
    rig.act(ShareAction::Want { phone: OTHER });
    rig.run(10);
    assert_eq!(rig.on_air(), "car");
    let refused = rig.first("share.refused", "tablet").unwrap();
    assert_eq!(refused.field("holder"), Some(&Value::from("car")));
    rig.act(ShareAction::Release { phone: ONE });
    rig.run(10);
    assert_eq!(rig.on_air(), "tablet");
    assert_eq!(rig.count_of("share.connected", "tablet"), 1);
}

#[test]
fn a_link_that_is_back_in_time_changes_nothing() {
    let mut rig = Rig::new(&config(3));
    rig.run(10);
    rig.act(ShareAction::Pick { phone: ONE });
    rig.run(10);
    rig.act(ShareAction::Carry { phone: ONE, spot: AWAY });
    rig.run(20);
    assert_eq!(rig.count_of("share.unlinked", "car"), 1);
    rig.act(ShareAction::Carry { phone: ONE, spot: HOME });
    rig.run(80);
    assert_eq!(rig.count_of("share.continued", "car"), 1);
    assert_eq!(rig.count_of("share.registered", "car"), 1);
    assert_eq!(rig.on_air(), "car");
}

#[test]
fn a_slave_whose_link_stays_down_leaves_before_another_one_is_served() {
    let mut rig = Rig::new(&config(4));
    rig.run(10);
    rig.act(ShareAction::Pick { phone: ONE });
    rig.run(10);
    rig.act(ShareAction::Want { phone: OTHER });
    let cut = ShareFault::Link { phone: ONE, fault: LinkFault::Cut { both_ways: true } };
    rig.fault(cut, true);
    rig.run(200);
    let left = rig.last("share.left", "car").unwrap();
    assert_eq!(left.field("why"), Some(&Value::from("timer")));
    let granted = rig.last("share.granted", "tablet").unwrap();
    assert!(left.at < granted.at, "{left} is before {granted}");
    assert_eq!(rig.on_air(), "tablet");
    let free = rig.last("share.free", "car").unwrap();
    assert_eq!(free.field("ended"), Some(&Value::from("guard")));
}

#[test]
fn software_that_dies_and_batteries_that_are_pulled_never_put_two_on_the_air() {
    for (seed, phone) in [(5, MASTER), (6, ONE), (7, OTHER)] {
        let mut rig = Rig::new(&config(seed));
        rig.run(10);
        rig.act(ShareAction::Want { phone: OTHER });
        rig.act(ShareAction::Pick { phone: ONE });
        rig.run(10);
        for fault in [ShareFault::Crash { phone }, ShareFault::Battery { phone }] {
            rig.fault(fault.clone(), true);
            rig.run(15);
            rig.fault(fault, false);
            rig.run(150);
            assert_ne!(rig.on_air(), "", "somebody is on the air again");
        }
    }
}

#[test]
fn a_modem_that_does_not_leave_loses_its_power() {
    let mut rig = Rig::new(&config(8));
    rig.run(10);
    rig.act(ShareAction::Pick { phone: ONE });
    rig.run(10);
    rig.world.apply(&Action::Fault { fault: Fault::ModemHang { phone: ONE }, on: true });
    rig.act(ShareAction::Pick { phone: OTHER });
    rig.run(30);
    let left = rig.last("share.left", "car").unwrap();
    assert_eq!(left.field("left"), Some(&Value::from("power-cut")));
    assert_eq!(rig.on_air(), "tablet");
}

#[test]
fn what_replaces_the_set_is_sent_to_whoever_has_the_old_one() {
    let mut rig = Rig::new(&config(9));
    rig.run(10);
    for action in [
        ShareAction::Pick { phone: ONE },
        ShareAction::Pick { phone: MASTER },
        ShareAction::Replace { group: 0 },
        ShareAction::Pick { phone: ONE },
    ] {
        rig.act(action);
        rig.run(10);
    }
    assert_eq!(rig.on_air(), "car");
    assert_eq!(rig.hows().last().map(String::as_str), Some("different"));
}

#[test]
fn a_slave_that_is_unpaired_erases_what_it_has_and_is_linked_no_more() {
    let mut rig = Rig::new(&config(10));
    rig.run(10);
    rig.act(ShareAction::Pick { phone: ONE });
    rig.run(10);
    rig.act(ShareAction::Unpair { phone: ONE });
    rig.run(20);
    let state = rig.world.state(Thing::Phone, ONE);
    assert_eq!(text(&state, "share_stored"), "false");
    assert_eq!(text(&state, "share_linked"), "false");
    rig.act(ShareAction::Pair { phone: ONE });
    rig.run(10);
    assert_eq!(text(&rig.world.state(Thing::Phone, ONE), "share_linked"), "true");
}

#[test]
fn clocks_that_drift_and_links_that_lose_double_and_reorder_change_nothing_that_matters() {
    for seed in 20..26 {
        let mut config = config(seed);
        let share = config.share.as_mut().unwrap();
        let rough = LinkQuality {
            latency: block::range(5, 1_500),
            loss_ppm: 200_000,
            duplicate_ppm: 100_000,
            reorder_ppm: 300_000,
        };
        share.links.usual = rough;
        let clock = |drift_ppm| ClockConfig { skew: Duration::from_secs(seed), drift_ppm };
        share.groups[0].clock = clock(500);
        for (slave, drift) in share.groups[0].slaves.iter_mut().zip([-500, 500]) {
            (slave.clock, slave.wants) = (clock(drift), true);
        }
        let mut rig = Rig::new(&config);
        rig.run(10);
        for round in 0..12 {
            let phone = [ONE, OTHER, MASTER][round % 3];
            rig.act(ShareAction::Pick { phone });
            rig.run(7);
            let moved = ShareAction::Carry { phone: [ONE, OTHER][round % 2], spot: round / 2 % 2 };
            rig.act(moved);
            rig.run(11 + 13 * (seed + round as u64) % 100);
        }
        rig.act(ShareAction::Carry { phone: ONE, spot: HOME });
        rig.act(ShareAction::Carry { phone: OTHER, spot: HOME });
        rig.run(200);
        assert_ne!(rig.on_air(), "", "somebody is served when all is well");
    }
}

#[test]
fn encoding_the_messages_on_their_way_changes_no_event() {
    let run = |encode| {
        let mut config = config(30);
        config.encode_messages = encode;
        let mut rig = Rig::new(&config);
        rig.run(10);
        rig.act(ShareAction::Pick { phone: ONE });
        rig.run(20);
        (rig.world.trace_hash(), rig.events.len())
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn a_card_that_stays_with_the_master_serves_the_modem_of_a_slave_and_is_lost_with_the_link() {
    let mut config = config(40);
    config.share.as_mut().unwrap().groups[0].mode = Mode::Remote;
    let mut rig = Rig::new(&config);
    rig.run(10);
    assert_eq!(rig.on_air(), "phone");
    rig.act(ShareAction::Pick { phone: ONE });
    rig.run(20);
    assert_eq!(rig.on_air(), "car");
    assert_eq!(rig.hows(), ["own", "lent"]);
    assert_eq!(text(&rig.world.state(Thing::Phone, ONE), "share_stored"), "false");
    rig.act(ShareAction::Want { phone: OTHER });
    rig.act(ShareAction::Carry { phone: ONE, spot: AWAY });
    rig.run(20);
    assert_eq!(rig.on_air(), "");
    let left = rig.last("share.left", "car").unwrap();
    assert_eq!(left.field("why"), Some(&Value::from("card-lost")));
    rig.run(100);
    assert_eq!(rig.on_air(), "tablet");
}

#[test]
fn a_card_is_lent_over_a_link_that_loses_messages() {
    let mut config = config(41);
    let share = config.share.as_mut().unwrap();
    share.groups[0].mode = Mode::Remote;
    share.links.usual.loss_ppm = 200_000;
    let mut rig = Rig::new(&config);
    rig.run(10);
    for phone in [ONE, OTHER, MASTER, ONE] {
        rig.act(ShareAction::Pick { phone });
        rig.run(40);
        assert_eq!(rig.on_air(), ["phone", "car", "tablet"][phone]);
    }
}

#[test]
fn the_user_of_the_master_is_asked_each_time_where_that_is_wanted() {
    let mut config = config(50);
    config.share.as_mut().unwrap().groups[0].consent = Consent::EachTime;
    let mut rig = Rig::new(&config);
    rig.run(10);
    rig.act(ShareAction::Release { phone: MASTER });
    rig.act(ShareAction::Want { phone: ONE });
    rig.run(10);
    assert_eq!(rig.count_of("share.asks", "car"), 1);
    assert_eq!(rig.on_air(), "");
    rig.act(ShareAction::Consent { phone: ONE, allow: true });
    rig.run(10);
    assert_eq!(rig.on_air(), "car");
    rig.act(ShareAction::Forget { phone: ONE });
    rig.run(10);
    assert_eq!(rig.on_air(), "");
    assert_eq!(text(&rig.world.state(Thing::Phone, ONE), "share_stored"), "false");
}

/// A group of which the first slave holds the newest lease.
fn known() -> (Truth, Vec<Seen>) {
    let mut truth = Truth::new(1);
    let epoch = Epoch::NONE.next(Term(1)).unwrap();
    let holder = Holder::Slave(SlaveId(0));
    truth.recorded(0, &MasterRecord::Granted { holder, epoch });
    let own = Seen {
        phone: "phone".into(),
        holder: Some(Holder::Own),
        on_air: false,
        active: None,
        has_card: false,
    };
    let slave = Seen {
        phone: "car".into(),
        holder: Some(holder),
        on_air: true,
        active: Some(Some(epoch)),
        has_card: true,
    };
    (truth, vec![own, slave])
}

fn found(truth: &Truth) -> Vec<&'static str> {
    truth.contradictions().map(|(name, _)| name).collect()
}

#[test]
fn an_ordinary_group_contradicts_nothing() {
    let (mut truth, seen) = known();
    truth.look(0, &seen);
    assert_eq!(found(&truth), [""; 0]);
}

#[test]
fn two_devices_on_the_air_are_found_and_that_one_of_them_has_no_lease() {
    let (mut truth, mut seen) = known();
    seen[0].on_air = true;
    truth.look(0, &seen);
    assert_eq!(found(&truth), ["share-active-by-lease", "share-one-device-on-the-air"]);
}

#[test]
fn a_device_that_is_on_the_air_after_its_lease_is_found() {
    let (mut truth, seen) = known();
    let epoch = Epoch::NONE.next(Term(1)).unwrap();
    truth.recorded(0, &MasterRecord::Free { epoch, ended: Ended::Guard });
    truth.look(0, &seen);
    assert_eq!(found(&truth), ["share-active-by-lease"]);
}

#[test]
fn a_card_in_a_slave_that_is_not_active_is_found() {
    let (mut truth, mut seen) = known();
    (seen[1].on_air, seen[1].active) = (false, Some(None));
    truth.look(0, &seen);
    assert_eq!(found(&truth), ["share-locked-when-inactive"]);
}

#[test]
fn a_card_that_would_accept_again_what_was_accepted_is_found() {
    let (mut truth, _) = known();
    let accepted = SqnArray::starting_at(Sqn::new(7, 0).unwrap());
    truth.accepted(0, &accepted);
    let epoch = Epoch::NONE.next(Term(1)).unwrap();
    truth.recorded(0, &MasterRecord::Free { epoch, ended: Ended::Confirmed });
    truth.carries(0, &accepted);
    assert_eq!(found(&truth), [""; 0]);
    truth.carries(0, &SqnArray::default());
    assert_eq!(found(&truth), ["share-sequence-never-back"]);
}
