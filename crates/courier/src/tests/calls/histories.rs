use polysim_base::Duration;
use proptest::collection;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::vec;
use std::vec::Vec;

use super::world::{DEVICES, World};
use crate::Rate;
use crate::client::{Choice, ClientCommand};

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Dial(usize, usize),
    Answer(usize),
    /// One dials, and a little later another one answers, or two do.
    Call(usize, usize, usize),
    HangUp(usize),
    Choose(usize, Choice),
    Speak(usize, usize, u32),
    Join(usize),
    Cut(usize),
    Rate(usize, u32),
    /// Stops dead before the n-th output from now.
    Crash(usize, usize),
    CrashServer(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let place = 0..DEVICES;
    prop_oneof![
        6 => (1_u64..4_000).prop_map(Step::Wait),
        1 => (4_000_u64..70_000).prop_map(Step::Wait),
        6 => (place.clone(), place.clone()).prop_map(|(from, to)| Step::Dial(from, to)),
        3 => place.clone().prop_map(Step::Answer),
        6 => (place.clone(), place.clone(), place.clone())
            .prop_map(|(from, to, other)| Step::Call(from, to, other)),
        2 => place.clone().prop_map(Step::HangUp),
        1 => (place.clone(), prop_oneof![Just(Choice::Carrier), Just(Choice::Quit)])
            .prop_map(|(place, choice)| Step::Choose(place, choice)),
        3 => (place.clone(), place.clone(), 1_u32..30)
            .prop_map(|(one, other, frames)| Step::Speak(one, other, frames)),
        2 => place.clone().prop_map(Step::Join),
        1 => place.clone().prop_map(Step::Cut),
        1 => (place.clone(), 30_u32..400).prop_map(|(place, rate)| Step::Rate(place, rate)),
        1 => (place, 0_usize..8).prop_map(|(place, at)| Step::Crash(place, at)),
        1 => (0_usize..12).prop_map(Step::CrashServer),
    ]
}

impl World {
    fn step(&mut self, step: Step) {
        match step {
            Step::Wait(millis) => self.pass(Duration::from_millis(millis)),
            Step::Dial(from, to) => self.command(from, ClientCommand::Dial(self.number(to))),
            Step::Answer(place) => self.answer(place),
            Step::Call(from, to, other) => {
                self.command(from, ClientCommand::Dial(self.number(to)));
                self.pass(Duration::from_millis(300));
                self.answer(to);
                self.answer(other);
                self.pass(Duration::from_millis(300));
                self.speak(&[from, to, other], 3);
            }
            Step::HangUp(place) => {
                for call in self.calls(place) {
                    self.command(place, ClientCommand::HangUp(call));
                }
            }
            Step::Choose(place, choice) => self.choose(place, choice),
            Step::Speak(one, other, frames) => self.speak(&[one, other], frames),
            Step::Join(place) => self.join(place),
            Step::Cut(place) => self.cut(place),
            Step::Rate(place, rate) => self.ends[place].rate = Rate(rate),
            Step::Crash(place, at) => self.ends[place].stops = Some(at),
            Step::CrashServer(at) => self.server_stops = Some(at),
        }
    }

    fn history(seed: u64, loss: u64, steps: Vec<Step>) -> Self {
        let mut world = Self::measured(seed, loss);
        steps.into_iter().for_each(|step| world.step(step));
        world.ends_well();
        world
    }

    fn answered(&self) -> usize {
        self.ends.iter().map(|end| end.log.answered).sum()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// What the logs check: a call ends in exactly one way at each end, one device answers at most, speech
    /// reaches nobody else, and what goes over data was decided by rates that reach the thresholds.
    #[test]
    fn calls_end_once_and_speech_goes_nowhere_else(
        seed: u64, loss in 0_u64..12, steps in collection::vec(step(), 1..60),
    ) {
        World::history(seed, loss, steps);
    }
}

#[test]
fn the_histories_have_calls_in_them() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut answered, mut over_data, mut refused, mut played) = (0, 0, 0, 0);
    for seed in 0..24 {
        let steps = collection::vec(step(), 40..60).new_tree(&mut runner).unwrap().current();
        let world = World::history(seed * 77 + 5, seed % 12, steps);
        answered += world.answered();
        over_data += world.server_log.over_data;
        refused += world.decisions.len() - world.server_log.over_data;
        played += world.ends.iter().map(|end| end.played).sum::<usize>();
    }
    assert!(
        answered >= 20 && over_data >= 20 && refused >= 20 && played >= 100,
        "{answered} {over_data} {refused} {played}"
    );
}
