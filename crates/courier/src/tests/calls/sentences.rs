use polysim_base::Duration;
use std::vec::Vec;

use super::world::World;
use crate::Rate;
use crate::client::{CallId, Choice, ClientCommand, Why};
use crate::wire::{CallEnd, VoiceRefusal};

const CALLER: usize = 0;
const CALLEE: usize = 2;
const TABLET: usize = 3;

fn talking() -> World {
    let mut world = World::measured(1, 0);
    world.command(CALLER, ClientCommand::Dial(world.number(CALLEE)));
    world.pass(Duration::from_secs(1));
    world.answer(CALLEE);
    world.pass(Duration::from_secs(1));
    world
}

fn hang_up(world: &mut World, place: usize) {
    for call in world.calls(place) {
        world.command(place, ClientCommand::HangUp(call));
    }
}

#[test]
fn two_devices_talk_and_the_others_ring_no_more() {
    let mut world = talking();
    world.speak(&[CALLER, CALLEE], 100);
    hang_up(&mut world, CALLEE);
    world.pass(Duration::from_secs(1));
    for place in [CALLER, CALLEE] {
        let seen = world.ends[place].log.calls[&CallId(1)];
        assert_eq!((seen.answered, seen.ended), (true, Some(CallEnd::HungUp)));
        assert!(world.ends[place].played >= 90, "{}", world.ends[place].played);
    }
    let tablet = world.ends[TABLET].log.calls[&CallId(1)];
    assert_eq!((tablet.answered, tablet.ended), (false, Some(CallEnd::Elsewhere)));
    assert_eq!(world.ends[TABLET].played, 0);
    world.ends_well();
}

#[test]
fn the_rate_that_trains_measure_decides() {
    for (rate, over_data) in [(Rate(95), false), (Rate(110), true)] {
        let mut world = World::new(1, 0);
        world.ends[CALLEE].rate = rate;
        (0..4).for_each(|place| world.join(place));
        world.pass(Duration::from_secs(10));
        world.command(CALLER, ClientCommand::Dial(world.number(CALLEE)));
        world.pass(Duration::from_secs(1));
        let [decision] = world.decisions[..] else { panic!("one decision") };
        assert_eq!(decision.over_data, over_data, "{decision:?}");
        let measured = decision.callee.and_then(|(_, rate)| rate).unwrap();
        assert!(measured.0.abs_diff(rate.0) <= 2, "{decision:?}");
        let offered = world.ends[CALLER].log.calls.get(&CallId(1)).and_then(|seen| seen.offered);
        let slow = Why::Voice(VoiceRefusal::Slow { rate: measured, threshold: Rate(100) });
        assert_eq!(offered, (!over_data).then_some(slow));
        world.ends_well();
    }
}

#[test]
fn a_link_that_is_lost_in_mid_call_offers_the_caller_the_carrier() {
    for lost in [CALLER, CALLEE] {
        let mut world = talking();
        world.speak(&[CALLER, CALLEE], 50);
        world.cut(lost);
        world.pass(Duration::from_secs(15));
        for place in [CALLER, CALLEE] {
            let seen = world.ends[place].log.calls[&CallId(1)];
            assert_eq!(seen.ended, Some(CallEnd::Lost), "{place}");
            assert_eq!(seen.offered, (place == CALLER).then_some(Why::Lost));
        }
        world.choose(CALLER, Choice::Carrier);
        assert!(world.ends[CALLER].log.calls[&CallId(1)].carrier);
        world.ends_well();
    }
}

#[test]
fn a_server_that_restarts_ends_calls_and_the_next_one_goes() {
    let mut world = talking();
    world.crash_server();
    (0..4).for_each(|place| world.join(place));
    world.pass(Duration::from_secs(10));
    for place in [CALLER, CALLEE] {
        assert_eq!(world.ends[place].log.calls[&CallId(1)].ended, Some(CallEnd::Lost));
    }
    world.command(CALLER, ClientCommand::Dial(world.number(CALLEE)));
    world.pass(Duration::from_secs(1));
    assert!(world.ends[CALLER].log.calls[&CallId(2)].ringing);
    world.ends_well();
}

#[test]
fn a_device_that_restarts_has_left_its_call() {
    for crashes in [CALLER, CALLEE] {
        let mut world = talking();
        world.crash_client(crashes);
        world.join(crashes);
        world.pass(Duration::from_secs(15));
        let stays = CALLER + CALLEE - crashes;
        assert_eq!(world.ends[stays].log.calls[&CallId(1)].ended, Some(CallEnd::Lost));
        world.ends_well();
    }
}

#[test]
fn the_call_goes_on_in_a_new_session() {
    let mut world = talking();
    for place in [CALLER, CALLEE, CALLER] {
        world.cut(place);
        world.pass(Duration::from_secs(5));
        world.join(place);
        world.pass(Duration::from_secs(5));
    }
    let ended: Vec<_> =
        [CALLER, CALLEE].map(|place| world.ends[place].log.calls[&CallId(1)].ended).into();
    assert_eq!(ended, [None, None]);
    let before = world.ends[CALLEE].played;
    world.speak(&[CALLER], 50);
    assert!(world.ends[CALLEE].played > before + 40);
    world.ends_well();
}
