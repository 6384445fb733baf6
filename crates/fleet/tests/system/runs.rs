//! Ten thousand histories.

use super::check::INVARIANTS;
use super::history::{Outcome, Tally, run};
use std::sync::atomic::{AtomicU64, Ordering};

const HISTORIES: u64 = 10_000;
/// Of so many histories one is run twice.
const REPEATED: u64 = 64;

/// Prints for whoever looks: figures, and what led to a failure.
#[expect(clippy::print_stdout, reason = "the harness shows it when it is wanted")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Returns what a failing history has to say: what was done to the fleet and what it told. What
/// passed between machines is seen in a replay.
fn told(seed: u64, outcome: &Outcome) -> Option<String> {
    let (invariant, found) = outcome.violation.as_ref()?;
    let mut story = run(seed, true).story;
    story.retain(|line| !line.contains("   "));
    let story = story.join("\n");
    let (name, number) = INVARIANTS.iter().find(|(name, _)| name == invariant)?;
    Some(format!("{story}\n{name} ({number}) does not hold: {found}\nFLEET_SEED={seed} replays it"))
}

#[test]
fn invariants_hold_after_every_event_of_ten_thousand_histories() {
    if let Ok(seed) = std::env::var("FLEET_SEED") {
        let seed = seed.parse().unwrap();
        let outcome = run(seed, true);
        say(&format!("{}\n{:?}", outcome.story.join("\n"), outcome.tally));
        assert!(outcome.violation.is_none(), "{}", told(seed, &outcome).unwrap());
        return;
    }
    let histories = std::env::var("FLEET_HISTORIES").map_or(HISTORIES, |n| n.parse().unwrap());
    let next = AtomicU64::new(0);
    let work = || {
        let mut sum = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= histories {
                return Ok(sum);
            }
            let outcome = run(seed, false);
            if let Some(told) = told(seed, &outcome) {
                next.store(histories, Ordering::Relaxed);
                return Err(told);
            }
            if seed.is_multiple_of(REPEATED) && run(seed, false).hash != outcome.hash {
                return Err(format!("same-seed-same-hash (F15) does not hold for seed {seed}"));
            }
            sum = sum.plus(outcome.tally);
        }
    };
    let sums = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let mut whole = Tally::default();
    for sum in sums {
        whole = whole.plus(sum.unwrap_or_else(|told| panic!("{told}")));
    }
    say(&format!("{whole:?}"));
}
