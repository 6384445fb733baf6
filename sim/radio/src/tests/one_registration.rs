//! One registration per subscription (invariant I1), against a naive reference, and determinism.

use super::{Network, imsi, network::*};
use crate::{air::*, *};
use proptest::prelude::*;

/// What somebody does with one of three devices, of which two have the same subscription.
#[derive(Clone, Copy, Debug)]
enum Step {
    Attach(usize, usize),
    Detach(usize),
    LoseLink(usize),
    Wait(u64),
}

const RADIOS: [RadioId; 3] = [RadioId(1), RadioId(2), RadioId(3)];
const SUBSCRIPTIONS: [u32; 3] = [1, 1, 2];
const CELLS: [CellId; 3] = [CELL_1, CELL_1_GSM, CELL_2];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3_usize, 0..3_usize).prop_map(|(device, cell)| Step::Attach(device, cell)),
        1 => (0..3_usize).prop_map(Step::Detach),
        1 => (0..3_usize).prop_map(Step::LoseLink),
        4 => (0..400_u64).prop_map(Step::Wait),
    ]
}

fn world(seed: u64) -> Network {
    let mut network = Network::new(seed);
    for n in [1, 2] {
        network.subscribe(SubscriberConfig::new(imsi(ONE, n), Some(number(ONE, n))), ONE);
    }
    for (radio, n) in RADIOS.into_iter().zip(SUBSCRIPTIONS) {
        network.device(radio, ONE, n);
    }
    network
}

fn take_step(network: &mut Network, step: Step) {
    match step {
        Step::Attach(device, cell) => network.attach(RADIOS[device], CELLS[cell]),
        Step::Detach(device) => network.uplink(RADIOS[device], Uplink::Detach),
        Step::LoseLink(device) => network.region(HERE, RegionInput::LoseLink(RADIOS[device])),
        Step::Wait(millis) => watch(network, millis),
    }
}

/// Lets time pass and looks often.
fn watch(network: &mut Network, millis: u64) {
    for _ in 0..millis / 5 {
        network.run_ms(5);
        check(network);
    }
}

/// Counts registered devices per subscription over all cores: never two.
fn check(network: &Network) {
    for n in [1, 2] {
        let registered = network.cores.values().flat_map(Core::visitors);
        let count = registered.filter(|(_, visitor)| visitor.imsi == imsi(ONE, n)).count();
        assert!(count <= 1, "subscription {n} is registered {count} times at {}", network.now);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_subscription_is_ever_registered_twice(seed: u64, steps in proptest::collection::vec(step(), 1..25)) {
        let mut network = world(seed);
        let mut last = [None; 3];
        for step in &steps {
            take_step(&mut network, *step);
            // The naive reference: whoever attaches last, and stays, has the registration.
            match *step {
                Step::Attach(device, _) => {
                    let n = SUBSCRIPTIONS[device];
                    for other in 0..3 {
                        if SUBSCRIPTIONS[other] == n { last[other] = None; }
                    }
                    watch(&mut network, 500);
                    last[device] = Some(network.dev(RADIOS[device]).registered);
                    prop_assert_eq!(last[device], Some(true));
                }
                Step::Detach(device) => {
                    watch(&mut network, 500);
                    let known = network.cores.values().any(|c| c.visitor(RADIOS[device]).is_some_and(|v| !v.lost));
                    prop_assert!(!known, "a detached device is registered");
                }
                Step::LoseLink(_) | Step::Wait(_) => {}
            }
            check(&network);
        }
        network.run_s(30);
        for n in [1, 2] {
            let home = network.core(ONE).subscriber(&imsi(ONE, n)).unwrap().location;
            let served: Vec<(OperatorId, RadioId)> = network.cores.iter().flat_map(|(id, core)| {
                core.visitors().filter(|(_, v)| v.imsi == imsi(ONE, n)).map(|(radio, _)| (*id, radio)).collect::<Vec<_>>()
            }).collect();
            prop_assert_eq!(home.into_iter().collect::<Vec<_>>(), served, "home and serving side agree");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_messages(seed: u64, steps in proptest::collection::vec(step(), 1..15)) {
        let run = |seed| {
            let mut network = world(seed);
            for step in &steps {
                take_step(&mut network, *step);
            }
            network.run_s(5);
            network.log
        };
        prop_assert_eq!(run(seed), run(seed));
    }
}

#[test]
fn another_seed_gives_other_challenges() {
    let run = |seed| {
        let mut network = world(seed);
        network.attach(RADIOS[0], CELL_1);
        network.run_s(1);
        network.log
    };
    assert_ne!(run(1), run(2));
}
