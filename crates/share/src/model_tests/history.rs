//! Long histories, drawn at random: no limit to faults and commands.

use super::calm;
use super::run::Run;
use super::system::{Action, Cut, Step, System};
use polysim_base::{Purpose, Stream};
use std::string::String;
use std::vec::Vec;

/// How often, in a thousand, a step is a fault, a wish of a user, or time that passes; else something is
/// heard, told or done that goes on by itself.
const FAULTS: u64 = 40;
const WISHES: u64 = 20;
const TICKS: u64 = 250;
/// How often, in a million, the power fails in the middle of a step.
const CUTS: u32 = 10_000;

/// Runs a history of `steps` steps and returns how it went, or what is wrong and the way there.
pub(super) fn history(
    mut system: System,
    seed: u64,
    steps: usize,
) -> Result<System, (String, Vec<Step>)> {
    let mut random = Stream::derive(seed, 0, Purpose::Test, 0);
    let mut way = Vec::new();
    for _ in 0..steps {
        let step = draw(&system, &mut random);
        way.push(step);
        Run::new(&mut system, step.cut).act(step.action);
        if let Some(wrong) = system.wrong() {
            return Err((wrong, way));
        }
    }
    match calm::service_returns(&system) {
        Ok(()) => Ok(system),
        Err(wrong) => Err((wrong, way)),
    }
}

fn draw(system: &System, random: &mut Stream) -> Step {
    let kind = match random.below(1_000) {
        number if number < FAULTS => Kind::Fault,
        number if number < FAULTS + WISHES => Kind::Wish,
        number if number < FAULTS + WISHES + TICKS => Kind::Time,
        _ => Kind::Course,
    };
    let mut all = system.actions();
    if all.iter().any(|action| Kind::of(system, *action) == kind) {
        all.retain(|action| Kind::of(system, *action) == kind);
    }
    let action = all[usize::try_from(random.below(all.len() as u64)).unwrap()];
    let cut = random.chance(CUTS).then(|| Cut {
        node: usize::try_from(random.below(3)).unwrap(),
        after: u8::try_from(random.range(1, 4)).unwrap(),
    });
    Step { action, cut }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Fault,
    Wish,
    Time,
    Course,
}

impl Kind {
    fn of(system: &System, action: Action) -> Self {
        if action == Action::Tick {
            Self::Time
        } else if system.is_fault(action) {
            Self::Fault
        } else if action.is_command() {
            Self::Wish
        } else {
            Self::Course
        }
    }
}
