//! The clock of a node: it has its own zero and its own rate, and never goes back.

use crate::config::ClockConfig;
use polysim_base::{Duration, Instant};

const MILLION: i64 = 1_000_000;
/// More than this is no clock.
const DRIFT_PPM_MAX: i32 = 200_000;

/// What a node's clock shows, as a line through the world's time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NodeClock {
    /// At this moment of the world …
    world: Instant,
    /// … it showed this.
    shown: Instant,
    drift_ppm: i32,
    own_drift_ppm: i32,
}

impl NodeClock {
    pub(crate) fn new(config: ClockConfig) -> Self {
        let drift_ppm = config.drift_ppm.clamp(-DRIFT_PPM_MAX, DRIFT_PPM_MAX);
        Self {
            world: Instant::ZERO,
            shown: Instant::ZERO.plus(config.skew),
            drift_ppm,
            own_drift_ppm: drift_ppm,
        }
    }

    /// Returns what it shows at a moment of the world.
    pub(crate) fn read(&self, world: Instant) -> Instant {
        let passed = world.since(self.world).as_micros();
        self.shown.plus(scaled(passed, self.rate(), MILLION.unsigned_abs(), false))
    }

    /// Returns the first moment of the world at which it shows that, or more.
    pub(crate) fn when(&self, shown: Instant) -> Instant {
        if shown == Instant::MAX {
            return Instant::MAX;
        }
        let ahead = shown.since(self.shown).as_micros();
        self.world.plus(scaled(ahead, MILLION.unsigned_abs(), self.rate(), true))
    }

    /// Goes ahead at once.
    pub(crate) fn jump(&mut self, world: Instant, by: Duration) {
        (self.shown, self.world) = (self.read(world).plus(by), world);
    }

    /// Goes at another rate from now on, or at its own again.
    pub(crate) fn drift(&mut self, world: Instant, ppm: Option<i32>) {
        (self.shown, self.world) = (self.read(world), world);
        let ppm = ppm.unwrap_or(self.own_drift_ppm);
        self.drift_ppm = ppm.clamp(-DRIFT_PPM_MAX, DRIFT_PPM_MAX);
    }

    fn rate(&self) -> u64 {
        (MILLION + i64::from(self.drift_ppm)).unsigned_abs()
    }
}

/// `value * times / by`, rounded as wished.
fn scaled(value: u64, times: u64, by: u64, up: bool) -> Duration {
    let product = u128::from(value) * u128::from(times);
    let by = u128::from(by);
    let result = if up { product.div_ceil(by) } else { product / by };
    Duration::from_micros(u64::try_from(result).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_deadline_comes_at_the_first_moment_at_which_the_clock_shows_it(
            skew in 0_u64..10_000_000, drift_ppm in -300_000..300_000, ahead in 0_u64..100_000_000_000,
            jump in 0_u64..10_000_000,
        ) {
            let mut clock = NodeClock::new(ClockConfig { skew: Duration::from_micros(skew), drift_ppm });
            clock.jump(Instant::from_micros(12_345), Duration::from_micros(jump));
            let shown = clock.read(Instant::from_micros(12_345)).plus(Duration::from_micros(ahead));
            let when = clock.when(shown);
            prop_assert!(clock.read(when) >= shown);
            if when > Instant::from_micros(12_345) {
                prop_assert!(clock.read(Instant::from_micros(when.as_micros() - 1)) < shown);
            }
        }
    }

    #[test]
    fn a_clock_that_loses_shows_less() {
        let clock = NodeClock::new(ClockConfig { skew: Duration::ZERO, drift_ppm: -100_000 });
        assert_eq!(clock.read(Instant::from_micros(10)), Instant::from_micros(9));
    }
}
