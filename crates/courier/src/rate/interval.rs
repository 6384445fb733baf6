use polysim_base::Duration;

use super::train::{OCTETS, PARTS};
use super::{Allowance, HOUR};

/// How long it is waited for the parts of a train: with less than 24 kbit/s not all of them come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);
/// Octets of a train.
const TRAIN: u64 = PARTS as u64 * OCTETS as u64;
/// Octets of both trains of a measurement.
pub(crate) const MEASUREMENT: u64 = 2 * TRAIN;
/// What measurements may cost in an hour at least, however seldom they are: links come and go.
const PER_HOUR_MIN: u64 = 512 * 1_024;
/// How many measurements can be made at once.
const AT_ONCE: u64 = 4;
/// Trains that the server sends to one device at once, at most: devices crash, and begin anew.
const TRAINS_AT_ONCE: u64 = 16;

/// How often a link is measured. What that may cost, and how long a rate holds, follow from it: a
/// link that stays is measured whenever that is due, and its rate is known all the time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Interval(Duration);

impl Interval {
    /// The shortest one.
    pub(crate) const MIN: Self = Self(Duration::from_secs(10));

    /// Returns that one, or the shortest one if it is shorter.
    pub(crate) fn new(every: Duration) -> Self {
        Self(every.max(Self::MIN.0))
    }

    pub(crate) const fn every(self) -> Duration {
        self.0
    }

    /// Returns for how long a rate holds: until the second measurement after it is over, so that one
    /// of which too little comes changes nothing.
    pub(crate) const fn holds(self) -> Duration {
        self.0.times(2).plus(PATIENCE.times(2))
    }

    /// Returns what measurements may cost a device.
    pub(crate) const fn allowance(self) -> Allowance {
        let per_hour = self.per_hour(MEASUREMENT);
        let per_hour = if per_hour > PER_HOUR_MIN { per_hour } else { PER_HOUR_MIN };
        Allowance { per_hour, burst: AT_ONCE * MEASUREMENT }
    }

    /// Returns which trains the server sends to one device: those of the shortest interval.
    pub(crate) const fn server_allowance() -> Allowance {
        Allowance { per_hour: Self::MIN.per_hour(TRAIN), burst: TRAINS_AT_ONCE * TRAIN }
    }

    /// Returns what so much at each time is in an hour, and a quarter more, for what comes to nothing.
    const fn per_hour(self, octets: u64) -> u64 {
        let micros = HOUR.as_micros().saturating_mul(octets + octets / 4);
        match micros.checked_div(self.0.as_micros()) {
            Some(octets) => octets,
            None => u64::MAX,
        }
    }
}
