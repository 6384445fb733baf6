//! How fast a device's data link is.

mod bucket;
mod interval;
mod train;

#[cfg(test)]
mod tests;

use bucket::HOUR;
pub(crate) use bucket::{Allowance, Bucket};
pub(crate) use interval::{Interval, MEASUREMENT, PATIENCE};
pub(crate) use train::{Arrivals, OCTETS, OCTETS_MAX, PARTS, PARTS_MAX, Part, filler};

use serde::{Deserialize, Serialize};

/// Kilobits per second, the slower one of both directions.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
pub struct Rate(pub u32);

impl Rate {
    /// The fastest that is told apart: 1 Gbit/s.
    pub const MAX: Self = Self(1_000_000);

    /// Returns the rate after another train has measured `sample`: the time that an octet takes is
    /// smoothed exponentially, by halves. So a link that has become slow is known to be at once, and
    /// one train that seems fast makes it twice as fast at most.
    pub(crate) fn smoothed(self, sample: Self) -> Self {
        let (before, now) = (u64::from(self.0), u64::from(sample.0));
        let mean = (2 * before.saturating_mul(now)).checked_div(before + now).unwrap_or(0);
        Self(u32::try_from(mean).unwrap_or(u32::MAX)).clamp(Self(1), Self::MAX)
    }
}
