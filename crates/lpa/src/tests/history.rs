//! Random histories: whatever is lost, and wherever an assistant stops, nothing is installed twice, no
//! notification is lost, and the journal ends clean.

use proptest::prelude::*;
use std::vec::Vec;

use super::download::download;
use super::world::{Fault, World};
use super::{iccid, profile};
use crate::{LpaCommand, LpaConfig, LpaDone, LpaError};

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::LostAsk),
        Just(Fault::LostAnswer),
        Just(Fault::LateAnswer),
        Just(Fault::Twice),
        Just(Fault::ResetBefore),
        Just(Fault::ResetAfter),
    ]
}

fn command() -> impl Strategy<Value = LpaCommand> {
    prop_oneof![
        3 => prop_oneof![Just("T1"), Just("T2")].prop_map(download),
        2 => (0u8..4).prop_map(|n| LpaCommand::Enable { profile: profile(n), refresh: false }),
        1 => (0u8..4).prop_map(|n| LpaCommand::Disable { profile: profile(n), refresh: false }),
        1 => (0u8..4).prop_map(|n| LpaCommand::Delete(profile(n))),
        1 => Just(LpaCommand::ProcessNotifications),
    ]
}

fn world() -> World {
    let mut world = World::new(LpaConfig::default());
    world.server.order("T1", 1, None);
    world.server.order("T2", 2, None);
    world
}

fn install_counts(world: &World) -> [usize; 2] {
    [1, 2].map(|n| world.card.installs.iter().filter(|other| **other == iccid(n)).count())
}

/// Whether the card itself was out of reach for good, so that nobody can know.
fn is_unknown(error: &LpaError) -> bool {
    matches!(error, LpaError::Card { error, .. } if !error.is_certain())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_installed_twice_and_no_notification_is_lost(
        commands in proptest::collection::vec(command(), 1..6),
        faults in proptest::collection::btree_map(0usize..150, fault(), 0..12),
        crashes in proptest::collection::btree_set(0usize..200, 0..4),
    ) {
        let mut world = world();
        world.faults = faults.into_iter().collect();
        world.crashes = crashes.into_iter().collect();
        for command in commands {
            let before = install_counts(&world);
            let result = world.run(command.clone());
            let after = install_counts(&world);
            world.check();
            match (&command, &result) {
                (LpaCommand::Download(_), Ok(LpaDone::Downloaded(installed))) => {
                    prop_assert!(
                        world.card.profiles.iter().any(|p| p.iccid == installed.iccid())
                    );
                }
                (LpaCommand::Download(_), Err(error)) if !is_unknown(error) => {
                    prop_assert_eq!(before, after, "{}", error);
                }
                _ => {}
            }
            prop_assert!(after.iter().all(|count| *count <= 1), "{:?}", after);
        }
        // What is left is delivered when everything works again.
        world.faults.clear();
        world.crashes.clear();
        prop_assert!(world.run(LpaCommand::ProcessNotifications).is_ok());
        prop_assert!(world.card.notifications.is_empty());
        world.check();
    }
}

#[test]
fn a_crash_before_every_output_of_a_download_installs_it_once() {
    let mut whole = world();
    assert!(whole.run(download("T1")).is_ok());
    let outputs = whole.outputs();
    assert!(outputs >= 40, "{outputs}");
    let mut resumed = 0;
    for first in 0..outputs {
        for second in [None, Some(first + 3), Some(first + 20)] {
            let mut world = world();
            world.crashes = [first].into_iter().chain(second).collect();
            let result = world.run(download("T1"));
            assert!(matches!(result, Ok(LpaDone::Downloaded(_))), "{first} {second:?} {result:?}");
            assert_eq!(install_counts(&world), [1, 0], "{first} {second:?}");
            assert!(world.card.notifications.is_empty(), "{first} {second:?}");
            world.check();
            resumed += usize::from(world.asks() > whole.asks());
        }
    }
    assert!(resumed > 50, "{resumed}");
}

#[test]
fn a_download_that_is_interrupted_again_and_again_is_given_up() {
    let mut world = world();
    let crashes: Vec<usize> = (1..=8).map(|n| n * 12).collect();
    world.crashes = crashes;
    let result = world.run(download("T1"));
    assert!(result.is_err(), "{result:?}");
    assert_eq!(install_counts(&world), [0, 0]);
    world.check();
}
