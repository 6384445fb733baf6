//! Breadth first through everything that can happen.

use super::calm;
use super::system::{Step, System};
use std::collections::{HashSet, VecDeque};
use std::string::String;
use std::vec::Vec;

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) states: usize,
    pub(super) steps: usize,
    /// From how many states it was tried whether service returns.
    pub(super) calmed: usize,
    /// How many steps lead to the state that is farthest from the start.
    pub(super) depth: u32,
    pub(super) wrong: Option<Wrong>,
}

/// Something that must not be, and the shortest way there.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) what: String,
    pub(super) way: Vec<Step>,
}

/// How a state was reached first: from which one, and by what.
type From = (u32, Step);

/// Explores all that can follow from `start`, until something is wrong. From one state in `calm_each`
/// it is tried whether service returns once faults stop.
pub(super) fn explore(start: &System, calm_each: u64) -> Report {
    let mut report = Report::default();
    let mut seen = HashSet::from([start.fingerprint()]);
    let mut origins: Vec<Option<From>> = std::vec![None];
    let mut todo = VecDeque::from([(start.clone(), 0_u32, 0_u32)]);
    while let Some((system, number, depth)) = todo.pop_front() {
        report.states += 1;
        report.depth = depth;
        for (step, next) in system.next() {
            report.steps += 1;
            let fingerprint = next.fingerprint();
            if !seen.insert(fingerprint) {
                continue;
            }
            let fresh = u32::try_from(origins.len()).unwrap();
            origins.push(Some((number, step)));
            let mut wrong = next.wrong();
            if wrong.is_none() && fingerprint.is_multiple_of(calm_each) {
                report.calmed += 1;
                wrong = calm::service_returns(&next).err();
            }
            if let Some(what) = wrong {
                report.wrong = Some(Wrong { what, way: way_to(&origins, fresh) });
                return report;
            }
            todo.push_back((next, fresh, depth + 1));
        }
    }
    report
}

fn way_to(origins: &[Option<From>], mut number: u32) -> Vec<Step> {
    let mut way = Vec::new();
    while let Some((before, step)) = origins[number as usize] {
        way.push(step);
        number = before;
    }
    way.reverse();
    way
}
