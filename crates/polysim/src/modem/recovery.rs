//! How long to wait before a lost port is opened anew.

use polysim_base::{Duration, Instant, Purpose, Stream};

/// How a lost port is opened anew: after waits that double, each drawn between its half and its
/// whole, so that many modems behind one hub do not come at once.
#[derive(Clone, Debug)]
pub struct Reopening {
    /// The first wait.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
    /// Where the waits are drawn from; by default from the time when the modem was opened.
    pub jitter: Option<Stream>,
}

impl Default for Reopening {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_secs(60), jitter: None }
    }
}

/// The waits of one loss.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
}

/// Draws waits.
#[derive(Debug)]
pub(super) struct Waits {
    first: Duration,
    longest: Duration,
    jitter: Stream,
}

impl Waits {
    pub(super) fn new(reopening: Reopening, now: Instant) -> Self {
        let Reopening { first, longest, jitter } = reopening;
        let jitter =
            jitter.unwrap_or_else(|| Stream::derive(now.as_micros(), 0, Purpose::Timing, 0));
        Self { first, longest, jitter }
    }

    pub(super) const fn begin(&self) -> Backoff {
        Backoff { next: self.first }
    }

    /// Draws the next wait.
    pub(super) fn draw(&mut self, backoff: &mut Backoff) -> Duration {
        let whole = backoff.next.min(self.longest);
        backoff.next = whole.times(2);
        let half = Duration::from_micros(whole.as_micros() / 2);
        self.jitter.duration(half, whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_differ() {
        let mut waits = Waits::new(Reopening::default(), Instant::ZERO);
        let mut backoff = waits.begin();
        let mut drawn = Vec::new();
        for whole in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            let wait = waits.draw(&mut backoff);
            let whole = Duration::from_secs(whole);
            assert!(wait <= whole && wait.times(2).plus(Duration::from_micros(1)) >= whole);
            drawn.push(wait);
        }
        drawn.dedup();
        assert_eq!(drawn.len(), 9);
        let again = waits.begin();
        assert_eq!(again.next, Duration::from_secs(1));
    }
}
