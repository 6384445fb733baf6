use polysim_base::{Duration, Instant};

pub(super) const HOUR: Duration = Duration::from_secs(3_600);

/// How much there is to take.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Allowance {
    /// What comes back in an hour.
    pub(crate) per_hour: u64,
    /// What there is at most.
    pub(crate) burst: u64,
}

impl Allowance {
    /// Returns in which time so much comes back.
    const fn time(self, amount: u64) -> Duration {
        let micros = HOUR.as_micros().saturating_mul(amount).checked_div(self.per_hour);
        Duration::from_micros(match micros {
            Some(micros) => micros,
            None => u64::MAX,
        })
    }
}

/// A token bucket, full at first. It keeps only when it is full again.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Bucket {
    full: Instant,
}

impl Bucket {
    /// It is full.
    pub(crate) const FULL: Self = Self { full: Instant::ZERO };

    pub(crate) fn is_full(&self, now: Instant) -> bool {
        self.full <= now
    }

    /// Takes so much, or nothing.
    ///
    /// # Errors
    /// From when on there is so much.
    pub(crate) fn take(&mut self, now: Instant, amount: u64, of: Allowance) -> Result<(), Instant> {
        let full = self.full.max(now).plus(of.time(amount));
        let missing = full.since(now.plus(of.time(of.burst)));
        if missing > Duration::ZERO {
            return Err(now.plus(missing));
        }
        self.full = full;
        Ok(())
    }
}
