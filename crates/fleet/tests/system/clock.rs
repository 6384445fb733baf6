//! A clock that is wrong within its bounds.

use polysim_base::Instant;

const MILLION: i128 = 1_000_000;

/// What a node's clock shows: it began somewhere and runs a little fast or slow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Clock {
    truly: i128,
    shown: i128,
    ppm: i128,
}

impl Clock {
    pub(crate) const fn new(offset_micros: u64, ppm: i32) -> Self {
        Self { truly: 0, shown: offset_micros as i128, ppm: ppm as i128 }
    }

    /// Returns what it shows.
    pub(crate) fn shows(&self, truly: Instant) -> Instant {
        let passed = i128::from(truly.as_micros()) - self.truly;
        let shown = self.shown + passed * (MILLION + self.ppm) / MILLION;
        Instant::from_micros(u64::try_from(shown).unwrap_or(0))
    }

    /// Returns when it shows at least that.
    pub(crate) fn when(&self, shown: Instant) -> Instant {
        if shown == Instant::MAX {
            return shown;
        }
        let wanted = i128::from(shown.as_micros()) - self.shown;
        let rate = MILLION + self.ppm;
        let truly = self.truly + (wanted * MILLION + rate - 1).div_euclid(rate);
        Instant::from_micros(u64::try_from(truly.max(0)).unwrap_or(u64::MAX))
    }

    /// Runs at another rate from now on, and jumps ahead.
    pub(crate) fn turn(&mut self, now: Instant, ppm: i32, ahead_micros: u64) {
        let shown = i128::from(self.shows(now).as_micros()) + i128::from(ahead_micros);
        *self = Self { truly: i128::from(now.as_micros()), shown, ppm: i128::from(ppm) };
    }
}

#[test]
fn a_clock_shows_what_is_due_when_it_is_due() {
    for ppm in [-200, 0, 7, 200] {
        let mut clock = Clock::new(123_456_789, ppm);
        clock.turn(Instant::from_micros(77_777), -ppm, 500);
        for due in (124_000_000..124_000_100).map(Instant::from_micros) {
            let when = clock.when(due);
            assert!(clock.shows(when) >= due);
            assert!(clock.shows(Instant::from_micros(when.as_micros() - 1)) < due);
        }
    }
}
