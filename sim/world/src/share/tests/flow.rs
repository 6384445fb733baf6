//! What the user does, what breaks, and what comes of it.

use super::{AWAY, HOME, MASTER, ONE, OTHER, Rig, config, text};
use crate::action::{Action, Fault};
use crate::block;
use crate::config::{ClockConfig, LinkQuality};
use crate::event::Value;
use crate::fleet::Thing;
use crate::links::LinkFault;
use crate::share::{ShareAction, ShareFault};
use polysim_base::Duration;
use polysim_share::master::{Consent, Mode};

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
