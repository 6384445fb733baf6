use polysim_base::Duration;

/// How wrong a clock may be: its rate, and what else happens between deadline and silence.
///
/// A clock of drift `d` shows between `1 - d` and `1 + d` seconds in a second. The fixed part
/// covers what an edge needs to fall silent once its deadline has come (resetting a card), and the
/// steps in which clocks are read. Either side gives way by the whole margin, each for itself: an
/// edge has stopped before the time to live has truly passed, a grantor waits until it surely has.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Margin {
    drift_ppm: u32,
    skew: Duration,
}

/// Why numbers are no margin.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("drift of {drift_ppm} ppm: at most {} is a clock", Margin::DRIFT_PPM_MAX)]
pub struct InvalidMargin {
    drift_ppm: u32,
}

const MILLION: u64 = 1_000_000;

impl Margin {
    /// The most drift that is allowed for; quartz has below 200.
    pub const DRIFT_PPM_MAX: u32 = 200_000;

    /// Returns a margin of a drift in parts per million and a fixed part.
    ///
    /// # Errors
    /// [`InvalidMargin`] above [`DRIFT_PPM_MAX`](Self::DRIFT_PPM_MAX).
    pub const fn new(drift_ppm: u32, skew: Duration) -> Result<Self, InvalidMargin> {
        if drift_ppm > Self::DRIFT_PPM_MAX {
            return Err(InvalidMargin { drift_ppm });
        }
        Ok(Self { drift_ppm, skew })
    }

    /// Returns how long an edge may go on, by its own clock, after the moment that it had asked.
    /// Zero where the margin eats the whole time to live.
    #[must_use]
    pub fn hold(self, ttl: Duration) -> Duration {
        Duration::from_micros(ttl.as_micros().saturating_sub(self.slack(ttl)))
    }

    /// Returns after how long, by its own clock, a grantor may grant again what it granted for
    /// `ttl` to a holder it has not heard of since.
    #[must_use]
    pub fn guard(self, ttl: Duration) -> Duration {
        ttl.plus(Duration::from_micros(self.slack(ttl)))
    }

    /// Drift over `ttl`, rounded up, and the fixed part.
    fn slack(self, ttl: Duration) -> u64 {
        let drift = u128::from(ttl.as_micros()) * u128::from(self.drift_ppm);
        let drift = u64::try_from(drift.div_ceil(u128::from(MILLION))).unwrap_or(u64::MAX);
        drift.saturating_add(self.skew.as_micros())
    }
}
