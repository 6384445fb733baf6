//! What time it is, and waiting.

use async_trait::async_trait;
use polysim_base::{Duration, Instant};
use std::time::{Duration as StdDuration, SystemTime, UNIX_EPOCH};

/// A clock that never goes back.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Returns the time.
    fn now(&self) -> Instant;

    /// Waits until it is `at` or later. Dropping the future has no effect.
    async fn sleep_until(&self, at: Instant);
}

/// The clock of the tokio runtime: real time, or virtual time where the runtime is paused.
///
/// It starts at Unix time, or at zero for tests, and then counts monotonically: a wall clock that
/// is set moves it neither forward nor back.
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    origin: tokio::time::Instant,
    start: Instant,
}

impl TokioClock {
    /// Returns a clock that tells Unix time now.
    #[must_use]
    pub fn unix() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::starting_at(Instant::ZERO.plus(from_std(since)))
    }

    /// Returns a clock that tells `start` now.
    #[must_use]
    pub fn starting_at(start: Instant) -> Self {
        Self { origin: tokio::time::Instant::now(), start }
    }
}

#[async_trait]
impl Clock for TokioClock {
    fn now(&self) -> Instant {
        self.start.plus(from_std(self.origin.elapsed()))
    }

    async fn sleep_until(&self, at: Instant) {
        let wait = StdDuration::from_micros(at.since(self.start).as_micros());
        match self.origin.checked_add(wait) {
            Some(moment) => tokio::time::sleep_until(moment).await,
            None => std::future::pending().await,
        }
    }
}

fn from_std(duration: StdDuration) -> Duration {
    Duration::from_micros(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}
