//! How long what may take.

use polysim_base::Duration;
use polysim_lease::Margin;

/// How long what may take. Master and slaves have the same; the master says it in its own words when
/// they are paired.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Timing {
    /// When one end of a link is told that it is down, the other is told that much later at most.
    pub supervision: Duration,
    /// For how long a slave may keep the subscription after it was told that the link is down. It has
    /// left the network by then.
    pub timer: Duration,
    /// What leaving the network may take; after that its modem's power is cut. Less than the timer.
    pub detach: Duration,
    /// How wrong clocks may be.
    pub margin: Margin,
    /// After how long what was not answered is said again.
    pub retry: Duration,
}

/// Times that do not go together.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidTiming {
    /// No time is left between the loss of the link and leaving.
    #[error(
        "the timer, less the margin of the clocks, is no longer than leaving the network takes: make the timer longer"
    )]
    TimerTooShort,
    /// What was not answered would be said again at once, for ever.
    #[error("the time after which something is said again is zero")]
    NoRetry,
}

impl Timing {
    /// Checks that they go together.
    ///
    /// # Errors
    /// [`InvalidTiming`].
    pub fn check(&self) -> Result<(), InvalidTiming> {
        if self.margin.hold(self.timer) <= self.detach {
            return Err(InvalidTiming::TimerTooShort);
        }
        if self.retry == Duration::ZERO {
            return Err(InvalidTiming::NoRetry);
        }
        Ok(())
    }

    /// Returns for how long a slave that holds the subscription may do so after the master was told that
    /// the link is down: what a lease lasts from then on.
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.supervision.plus(self.timer)
    }

    /// Returns after how long, by its own clock, a slave that was told that the link is down begins to
    /// leave the network.
    #[must_use]
    pub fn leaves_after(&self) -> Duration {
        let hold = self.margin.hold(self.timer).as_micros();
        Duration::from_micros(hold.saturating_sub(self.detach.as_micros()))
    }
}
