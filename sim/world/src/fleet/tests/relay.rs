//! A card at one place, its modem at another.

use super::rig::*;
use crate::LinkQuality;

fn far(one_way_ms: u64) -> LinkQuality {
    LinkQuality { latency: millis(one_way_ms, one_way_ms), ..LinkQuality::default() }
}

#[test]
fn a_card_serves_a_modem_over_a_link_of_300_ms() {
    let config = two_places(far(300));
    let mut rig = Rig::new(&config);
    rig.pass(20);
    rig.wish(0, assign(0));
    rig.until("sim.attached", &[("sim", "s0")], 120);
    rig.text_from_bert(0, "from afar");
    rig.until("terminal.text", &[("terminal", "a1"), ("text", "from afar")], 60);
}

#[test]
fn a_card_serves_a_modem_over_a_link_that_is_too_slow_without_more_time() {
    let mut rig = Rig::new(&two_places(far(400)));
    rig.pass(20);
    rig.wish(0, assign(0));
    rig.until("sim.attached", &[("sim", "s0")], 120);
}

#[test]
fn without_more_time_a_card_so_far_away_is_mute() {
    let mut config = two_places(far(400));
    if let Some(fleet) = &mut config.fleet {
        fleet.timing.null_every = secs(3_600);
    }
    let mut rig = Rig::new(&config);
    rig.pass(20);
    rig.wish(0, assign(0));
    rig.pass(120);
    assert_eq!(rig.count("sim.attached", &[]), 0, "{}", rig.story());
}
