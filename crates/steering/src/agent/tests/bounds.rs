//! How often a device switches at most, and how much memory one takes that does nothing.

use super::super::*;
use super::rig::Rig;
use super::setup::{ABROAD, HOME, ORIGINAL, config, iccid, secs};

/// The most switches that stay within a time.
fn bound(config: &AgentConfig, time: polysim_base::Duration) -> usize {
    usize::try_from(1 + time.as_secs() / config.switch_gap.as_secs()).unwrap()
}

fn most_within(rig: &Rig, time: polysim_base::Duration) -> usize {
    let within = |from: usize| {
        let start = rig.enables[from].0;
        rig.enables[from..].iter().take_while(|(at, _)| at.since(start) < time).count()
    };
    (0..rig.enables.len()).map(within).max().unwrap_or(0)
}

/// A device that crosses the border again and again: home for one time, abroad for another.
fn flap(home: u64, abroad: u64, no_roaming: bool) -> Rig {
    let dwell = secs(60);
    let quick = AgentConfig { away_dwell: dwell, home_dwell: dwell, ..config() };
    let mut rig = Rig::with(&[1], AgentConfig { check_every: secs(120), ..quick });
    rig.no_roaming = no_roaming;
    rig.run(secs(60));
    for _ in 0..(2 * 86_400 / (home + abroad)) {
        rig.travel(&[(ABROAD[0], -70)]);
        rig.run(secs(abroad));
        rig.travel(&[(HOME, -70)]);
        rig.run(secs(home));
    }
    rig
}

#[test]
fn a_device_on_a_border_switches_no_more_often_than_the_bound_says() {
    for (home, abroad) in [(100, 100), (300, 300), (900, 900), (2_000, 2_000), (100, 1_000)] {
        let rig = flap(home, abroad, false);
        let bound = bound(&rig.config, secs(3_600));
        let most = most_within(&rig, secs(3_600));
        assert!(most <= bound, "{home}/{abroad}: {most} switches in an hour, {bound} at most");
    }
}

#[test]
fn a_device_that_goes_back_and_forth_is_slowed_down() {
    let rig = flap(2_000, 2_000, false);
    let count = rig.enables.len();
    assert!((4..=14).contains(&count), "{count} switches in two days at 43 crossings");
}

#[test]
fn without_service_it_is_not_slowed_down_below_the_plain_gap() {
    let rig = flap(4_000, 4_000, true);
    let bound = bound(&rig.config, secs(3_600));
    assert!(most_within(&rig, secs(3_600)) <= bound);
    assert!(rig.enables.iter().filter(|(_, it)| *it == iccid(1)).count() >= 15);
    assert!(rig.profiles.contains_key(&iccid(ORIGINAL)));
}

#[test]
fn an_idle_agent_is_small() {
    let size = size_of::<Agent>();
    let identity = size_of::<Identity>();
    assert!(size <= 320, "an agent takes {size} octets");
    assert!(identity <= 128, "who it is takes {identity} octets");
}
