//! The contract of [`Clock`].

use super::step::{LONGEST, for_a_moment, within};
use crate::Clock;
use polysim_base::{Duration, Instant};

/// Checks the contract of [`Clock`]. It waits some 30 ms of the clock's time.
///
/// # Panics
/// When the contract does not hold.
pub async fn clock_conformance(clock: &dyn Clock) {
    let start = clock.now();
    let mut last = start;
    for _ in 0..1000 {
        let now = clock.now();
        assert!(now >= last, "the clock went back from {last:?} to {now:?}");
        last = now;
    }
    within("waiting for a time that has passed", clock.sleep_until(Instant::ZERO)).await;
    within("waiting for now", clock.sleep_until(clock.now())).await;
    for millis in [1, 5, 20] {
        let due = clock.now().plus(Duration::from_millis(millis));
        within("waiting", clock.sleep_until(due)).await;
        assert!(clock.now() >= due, "the clock woke before the time it was to wait for");
    }
    for round in 0..4 {
        let later = clock.now().plus(Duration::from_secs(1000));
        let woke = for_a_moment(round, clock.sleep_until(later)).await;
        assert!(woke.is_none(), "the clock woke 1,000 s early");
    }
    let woke = for_a_moment(LONGEST, clock.sleep_until(Instant::MAX)).await;
    assert!(woke.is_none(), "the clock woke at the end of time");
    two_wait_together(clock).await;
}

async fn two_wait_together(clock: &dyn Clock) {
    let start = clock.now();
    let woken = std::sync::Mutex::new(Vec::new());
    let sleeper = async |millis| {
        clock.sleep_until(start.plus(Duration::from_millis(millis))).await;
        woken.lock().unwrap().push(millis);
    };
    within("two waiting together", async { tokio::join!(sleeper(6), sleeper(2)) }).await;
    assert_eq!(*woken.lock().unwrap(), [2, 6], "they woke in the wrong order");
}
