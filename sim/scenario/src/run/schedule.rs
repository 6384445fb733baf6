//! A plan's timeline for one seed: every action and every look, in order.

use crate::plan::{Entry, Expectation, Plan, Rule, Run};
use crate::units::SpanRange;
use polysim_base::{Duration, Instant, Purpose, Stream};
use polysim_world::Action;

/// All of a million cases.
const ALWAYS_PPM: u32 = 1_000_000;

/// Something that the runner does at a moment.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// An action of the timeline.
    Do(&'a Action),
    /// A look at the state of things.
    Look(&'a Expectation),
}

/// Returns the steps up to the end, in order of time and then of the file.
#[must_use]
pub fn schedule(plan: &Plan, seed: u64) -> Vec<(Instant, Step<'_>)> {
    let end = Instant::ZERO.plus(plan.duration);
    let mut steps = Vec::new();
    for (number, entry) in (0_u64..).zip(&plan.timeline) {
        let stream = Stream::derive(seed, number, Purpose::Scenario, 1);
        runs(entry, &stream, &mut steps);
    }
    for expectation in &plan.expectations {
        if let Rule::State { at, .. } = expectation.rule {
            steps.push((at, Step::Look(expectation)));
        }
    }
    steps.retain(|(at, _)| *at <= end);
    steps.sort_by_key(|(at, _)| *at);
    steps
}

fn runs<'a>(entry: &'a Entry, stream: &Stream, steps: &mut Vec<(Instant, Step<'a>)>) {
    for (number, run) in (0_u64..).zip(&entry.runs) {
        let mut stream = stream.fork(run.number.unwrap_or(number));
        let mut moment = Some(entry.first);
        while let Some(at) = moment.filter(|at| *at <= entry.until) {
            let at = at.plus(stream.duration(Duration::ZERO, entry.spread));
            if entry.chance_ppm >= ALWAYS_PPM || stream.chance(entry.chance_ppm) {
                once(run, at, &mut stream, steps);
            }
            moment = entry
                .every
                .filter(|period| *period > Duration::ZERO)
                .and_then(|period| moment.map(|moment| moment.plus(period)));
        }
    }
}

/// What is done for one, once. Nothing is drawn where the file leaves no choice.
fn once<'a>(
    run: &'a Run,
    mut at: Instant,
    stream: &mut Stream,
    steps: &mut Vec<(Instant, Step<'a>)>,
) {
    for deed in &run.deeds {
        let SpanRange { min, max } = deed.pause;
        at = at.plus(if min == max { min } else { stream.duration(min, max) });
        let chosen = match deed.any.as_slice() {
            [only] => Some(only),
            any => {
                let choice = stream.below(any.len() as u64);
                usize::try_from(choice).ok().and_then(|choice| any.get(choice))
            }
        };
        steps.extend(chosen.map(|action| (at.plus(deed.after), Step::Do(action))));
    }
}
