//! No more than so many in a time.

use polysim_base::{Duration, Instant};

/// A meter (GCRA): things at an interval, and some at once after a rest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    interval: Duration,
    /// How far ahead of the time it may run.
    slack: Duration,
    /// When the next one would come at the bare interval.
    next: Instant,
}

impl Rate {
    pub(super) const fn new(interval: Duration, burst: u64) -> Self {
        let slack = interval.times(burst.saturating_sub(1));
        Self { interval, slack, next: Instant::ZERO }
    }

    pub(super) fn per_second(count: u32) -> Self {
        Self::new(Duration::from_micros(1_000_000 / u64::from(count.max(1))), 1)
    }

    /// Returns when the next one may be.
    pub(super) const fn ready_at(&self) -> Instant {
        let ahead = self.next.since(Instant::ZERO).as_micros();
        Instant::from_micros(ahead.saturating_sub(self.slack.as_micros()))
    }

    /// Lets `count` pass at once, if one may.
    pub(super) fn pass(&mut self, now: Instant, count: u64) -> bool {
        if self.ready_at() > now {
            return false;
        }
        self.next = self.next.max(now).plus(self.interval.times(count));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_passes_in_an_interval_and_a_burst_after_a_rest() {
        let at = Instant::from_micros;
        let mut even = Rate::per_second(10);
        let passed = (0..1_000).filter(|n| even.pass(at(n * 1_000), 1)).count();
        assert_eq!(passed, 10);
        let mut burst = Rate::new(Duration::from_secs(1), 3);
        let at_once = (0..9).filter(|_| burst.pass(at(5_000_000), 1)).count();
        assert_eq!(at_once, 3);
        assert!(!burst.pass(at(5_999_999), 1));
        assert!(burst.pass(at(6_000_000), 1));
    }

    #[test]
    fn what_counts_as_several_takes_the_time_of_several() {
        let mut rate = Rate::per_second(1);
        assert!(rate.pass(Instant::ZERO, 3));
        assert_eq!(rate.ready_at(), Instant::from_micros(3_000_000));
    }
}
