//! The catalogue: every event by name, with its fields.

mod courier;
mod fields;
mod general;
mod share;
mod steering;

use crate::event::EventKind;
use general::GENERAL;

/// Every event, by name.
pub const EVENTS: &[EventKind] =
    &merged::<_, _, { GENERAL.len() + SYSTEMS.len() }>(&GENERAL, &SYSTEMS);

const SYSTEMS: [EventKind; courier::EVENTS.len() + SIMS.len()] = merged(&courier::EVENTS, &SIMS);

const SIMS: [EventKind; share::EVENTS.len() + steering::EVENTS.len()] =
    merged(&share::EVENTS, &steering::EVENTS);

/// Puts two lists together, each in the order of its names.
const fn merged<const A: usize, const B: usize, const ALL: usize>(
    one: &[EventKind; A],
    other: &[EventKind; B],
) -> [EventKind; ALL] {
    assert!(A + B == ALL, "both lists fill the whole");
    let (mut one, mut other) = (one.as_slice(), other.as_slice());
    let mut all = [EventKind { name: "", about: "", fields: &[] }; ALL];
    let mut rest = all.as_mut_slice();
    while let Some((place, behind)) = rest.split_first_mut() {
        rest = behind;
        match (one.split_first(), other.split_first()) {
            (Some((first, after)), Some((second, _))) if is_before(first.name, second.name) => {
                (*place, one) = (*first, after);
            }
            (_, Some((second, after))) => (*place, other) = (*second, after),
            (Some((first, after)), None) => (*place, one) = (*first, after),
            (None, None) => {}
        }
    }
    all
}

const fn is_before(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    while let (Some((a, more)), Some((b, others))) = (one.split_first(), other.split_first()) {
        if *a != *b {
            return *a < *b;
        }
        (one, other) = (more, others);
    }
    one.len() < other.len()
}
