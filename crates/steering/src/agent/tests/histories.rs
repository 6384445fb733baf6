//! Histories: everything may fail at any time, and what must hold holds.

use std::vec;

use polysim_base::{Machine as _, Purpose, Stream};
use proptest::prelude::*;

use super::super::*;
use super::rig::{Faults, Rig};
use super::setup::{ABROAD, HOME, ORIGINAL, config, iccid, secs};

/// A trip that downloads a profile, finds that it does not work, switches to another, and comes home.
fn trip(rig: &mut Rig) {
    rig.dead = [1].into();
    rig.run(secs(60));
    rig.go_abroad();
    rig.run(secs(4_000));
    rig.go_home();
    rig.run(secs(8_000));
}

#[test]
fn a_crash_before_any_output_of_the_device_loses_nothing() {
    let mut whole = Rig::new(&[2]);
    trip(&mut whole);
    whole.settle();
    let expected = whole.outcomes();
    assert_eq!(expected.len(), 3, "{expected:?}");
    for at in 0..whole.outputs {
        let mut rig = Rig::new(&[2]);
        rig.crash_at = Some(at);
        trip(&mut rig);
        rig.run(secs(20_000));
        rig.settle();
        assert_eq!(rig.crash_at, None, "{at}: there was a crash");
        assert_eq!(rig.enabled, iccid(ORIGINAL), "{at}: {:?}", rig.told);
        assert_eq!(rig.outcomes(), expected, "{at}");
        assert_eq!(rig.orders.len(), 1, "{at}: one order");
        assert_eq!(rig.enables.len(), whole.enables.len(), "{at}: nothing is enabled twice");
    }
}

#[test]
fn a_crash_before_any_output_of_the_platform_loses_nothing() {
    let mut whole = Rig::new(&[2]);
    trip(&mut whole);
    whole.settle();
    for at in 0..whole.advisor_outputs {
        let mut rig = Rig::new(&[2]);
        rig.advisor_crash_at = Some(at);
        trip(&mut rig);
        rig.settle();
        assert_eq!(rig.advisor_crash_at, None, "{at}: there was a crash");
        // A device that is not enrolled in the end was lost before it was recorded.
        if rig.advisor.device(super::setup::eid()).is_none() {
            continue;
        }
        assert_eq!(rig.outcomes(), whole.outcomes(), "{at}: {:?}", rig.told);
        assert_eq!(rig.orders.len(), 1, "{at}: one order");
    }
}

#[test]
fn a_checkpoint_stands_for_every_beginning_of_a_history_and_is_short() {
    let mut rig = Rig::new(&[2]);
    trip(&mut rig);
    rig.settle();
    assert!(rig.records.len() > 30, "{}", rig.records.len());
    let mut long = rig.restored(&[]);
    let mut was_open = false;
    for record in rig.records.clone() {
        long.restore(record.clone());
        let short = long.checkpoint();
        was_open |= short.len() == 2;
        assert!(short.len() <= 2, "{record:?}: {short:?}");
        assert_eq!(rig.restored(&short).checkpoint(), short, "{record:?}");
    }
    assert!(was_open, "the assistant's download is in one of them");
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Travel(u8),
    Wait(u64),
    Crash(usize),
    CrashPlatform(usize),
    Platform(bool),
    Bearers(bool, bool),
    Dead(u8),
    Refusing(u8),
    NoOrders(u8),
    ServersDown(u8),
    Room(usize),
    Roaming(bool),
    Power,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..32).prop_map(Step::Travel),
        6 => (1_u64..20_000).prop_map(Step::Wait),
        4 => (0_usize..60).prop_map(Step::Crash),
        2 => (0_usize..60).prop_map(Step::CrashPlatform),
        1 => any::<bool>().prop_map(Step::Platform),
        2 => any::<(bool, bool)>().prop_map(|(data, texts)| Step::Bearers(data, texts)),
        2 => (0_u8..32).prop_map(Step::Dead),
        1 => (0_u8..32).prop_map(Step::Refusing),
        1 => (0_u8..32).prop_map(Step::NoOrders),
        1 => (0_u8..32).prop_map(Step::ServersDown),
        1 => (1_usize..5).prop_map(Step::Room),
        1 => any::<bool>().prop_map(Step::Roaming),
        1 => Just(Step::Power),
    ]
}

fn chosen(mask: u8) -> impl Iterator<Item = u16> {
    (0..5).filter(move |n| mask >> n & 1 == 1)
}

fn take(rig: &mut Rig, step: Step) {
    match step {
        Step::Travel(mask) => {
            let names = [HOME, ABROAD[0], ABROAD[1], ABROAD[2], ABROAD[3]];
            let seen: vec::Vec<_> = chosen(mask)
                .map(|n| (names[usize::from(n)], -60 - i16::try_from(n).unwrap()))
                .collect();
            rig.travel(&seen);
        }
        Step::Wait(time) => rig.run(secs(time)),
        Step::Crash(after) => rig.crash_at = Some(rig.outputs + after),
        Step::CrashPlatform(after) => rig.advisor_crash_at = Some(rig.advisor_outputs + after),
        Step::Platform(down) => rig.platform_down = down,
        Step::Bearers(data, texts) => (rig.data, rig.texts) = (data, texts),
        Step::Dead(mask) => rig.dead = chosen(mask).collect(),
        Step::Refusing(mask) => rig.refusing = chosen(mask).map(|n| (n, 11)).collect(),
        Step::NoOrders(mask) => rig.no_orders = chosen(mask).collect(),
        Step::ServersDown(mask) => rig.smdp_down = chosen(mask).collect(),
        Step::Room(room) => rig.room = room.max(rig.profiles.len()),
        Step::Roaming(no) => rig.no_roaming = no,
        Step::Power => rig.crash(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// At every moment a profile is enabled and the original one is there (the rig checks that); in
    /// the end each report is recorded once, both ends are what their records say, no order is left
    /// over for ever, and there were no more orders than the platform allows.
    #[test]
    fn no_history_leaves_a_device_without_a_profile_or_a_report_untold(
        steps in proptest::collection::vec(step(), 1..40),
        lost in 0_u32..400_000,
        doubled in 0_u32..400_000,
        late in 0_u64..120,
        seed: u64,
        needed: bool,
    ) {
        let room = if needed { Room::AsNeeded } else { Room::AsPlatformSays };
        let mut rig = Rig::with(&[1], AgentConfig { room, ..config() });
        rig.run(secs(30));
        rig.stream = Stream::derive(seed, 1, Purpose::Test, 0);
        rig.faults = Faults { lost, doubled, delay: secs(late) };
        for step in steps {
            take(&mut rig, step);
        }
        (rig.crash_at, rig.advisor_crash_at) = (None, None);
        (rig.dead, rig.no_roaming) = (vec![], false);
        rig.refusing.clear();
        rig.go_home();
        rig.settle();
        rig.run(secs(30 * 86_400));
        rig.settle();
        prop_assert_eq!(rig.advisor.orders(), 0, "every order is over");
        prop_assert_eq!(rig.enabled, iccid(ORIGINAL), "home again: {:?}", rig.told);
    }
}
