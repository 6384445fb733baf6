//! A plan's timeline for one seed: every action and every look, in order.

use crate::plan::{Entry, Expectation, Plan, Rule};
use polysim_base::{Duration, Instant, Purpose, Stream};
use polysim_world::Action;

/// Something that the runner does at a moment.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// An action of the timeline.
    Do(&'a Action),
    /// A look at the state of phones.
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
        // By the phone's own number, so that another phone in the pattern changes no draw.
        let mut stream = stream.fork(run.phone.map_or(number, |phone| phone as u64));
        let mut moment = Some(entry.first);
        while let Some(at) = moment.filter(|at| *at <= entry.until) {
            let at = at.plus(stream.duration(Duration::ZERO, entry.spread));
            let actions = run.actions.iter();
            steps.extend(actions.map(|(after, action)| (at.plus(*after), Step::Do(action))));
            moment = entry
                .every
                .filter(|period| *period > Duration::ZERO)
                .and_then(|period| moment.map(|moment| moment.plus(period)));
        }
    }
}
