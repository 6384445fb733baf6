//! CNTR: the counter against replay (TS 102.225, 5.1.4).

use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::header::CounterMode;

/// Octets of a counter.
pub(crate) const COUNTER_LEN: usize = 5;

/// A counter of 40 bits.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Counter(u64);

/// Why a counter is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CounterRefusal {
    /// It was used before.
    #[error("counter {got} where {stored} was the last one: a replay, or the sender lags behind")]
    Low {
        /// The last one accepted.
        stored: Counter,
        /// The one that came.
        got: Counter,
    },
    /// It leaves some out, where each must be one higher.
    #[error("counter {got} where only the one after {stored} will do")]
    High {
        /// The last one accepted.
        stored: Counter,
        /// The one that came.
        got: Counter,
    },
    /// The last one is the highest there is: the key set can be used no more.
    #[error("the counter has reached its end; the card needs a new key set")]
    Blocked,
}

impl Counter {
    /// Where every counter begins.
    pub const ZERO: Self = Self(0);
    /// The highest.
    pub const MAX: Self = Self((1 << 40) - 1);

    /// Makes a counter; `None` above 40 bits.
    #[must_use]
    pub const fn new(value: u64) -> Option<Self> {
        if value <= Self::MAX.0 { Some(Self(value)) } else { None }
    }

    /// Returns the number.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }

    /// Returns the one after it; `None` after the highest.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        Self::new(self.0 + 1)
    }

    /// Returns the octets, the most significant first.
    #[must_use]
    pub const fn octets(self) -> [u8; COUNTER_LEN] {
        let [_, _, _, a, b, c, d, e] = self.0.to_be_bytes();
        [a, b, c, d, e]
    }

    /// Holds the counter that came against this one, the last that was accepted. Gives back what
    /// is to be remembered: nothing in the modes that do not check.
    ///
    /// # Errors
    /// [`CounterRefusal`] where the mode does not allow it.
    pub const fn accept(
        self,
        mode: CounterMode,
        got: Self,
    ) -> Result<Option<Self>, CounterRefusal> {
        let stored = self;
        match mode {
            CounterMode::None | CounterMode::Unchecked => Ok(None),
            CounterMode::Higher | CounterMode::Next if stored.0 == Self::MAX.0 => {
                Err(CounterRefusal::Blocked)
            }
            CounterMode::Higher | CounterMode::Next if got.0 <= stored.0 => {
                Err(CounterRefusal::Low { stored, got })
            }
            CounterMode::Next if got.0 > stored.0 + 1 => Err(CounterRefusal::High { stored, got }),
            CounterMode::Higher | CounterMode::Next => Ok(Some(got)),
        }
    }
}

impl From<[u8; COUNTER_LEN]> for Counter {
    fn from([a, b, c, d, e]: [u8; COUNTER_LEN]) -> Self {
        Self(u64::from_be_bytes([0, 0, 0, a, b, c, d, e]))
    }
}

/// Written down as its number.
impl Serialize for Counter {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(self.0)
    }
}
impl<'de> Deserialize<'de> for Counter {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = u64::deserialize(from)?;
        Self::new(value).ok_or_else(|| D::Error::custom("a counter has 40 bits"))
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn counter(value: u64) -> Counter {
        Counter::new(value).unwrap()
    }

    #[test]
    fn each_mode_has_its_rule() {
        let stored = counter(7);
        for mode in [CounterMode::None, CounterMode::Unchecked] {
            for got in [0, 7, 8, Counter::MAX.0] {
                assert_eq!(stored.accept(mode, counter(got)), Ok(None));
                assert_eq!(Counter::MAX.accept(mode, counter(got)), Ok(None));
            }
        }
        for mode in [CounterMode::Higher, CounterMode::Next] {
            for got in [0, 6, 7] {
                let got = counter(got);
                assert_eq!(stored.accept(mode, got), Err(CounterRefusal::Low { stored, got }));
            }
            assert_eq!(stored.accept(mode, counter(8)), Ok(Some(counter(8))));
            for got in [counter(0), Counter::MAX] {
                assert_eq!(Counter::MAX.accept(mode, got), Err(CounterRefusal::Blocked));
            }
            let before = counter(Counter::MAX.0 - 1);
            assert_eq!(before.accept(mode, Counter::MAX), Ok(Some(Counter::MAX)));
        }
        for got in [counter(9), Counter::MAX] {
            assert_eq!(stored.accept(CounterMode::Higher, got), Ok(Some(got)));
            let refused = Err(CounterRefusal::High { stored, got });
            assert_eq!(stored.accept(CounterMode::Next, got), refused);
        }
    }

    #[test]
    fn a_counter_has_40_bits() {
        assert_eq!(Counter::new(1 << 40), None);
        assert_eq!(Counter::MAX.next(), None);
        assert_eq!(Counter::MAX.octets(), [0xFF; 5]);
        assert_eq!(Counter::from([1, 2, 3, 4, 5]).value(), 0x01_0203_0405);
        assert_eq!(Counter::from([1, 2, 3, 4, 5]).octets(), [1, 2, 3, 4, 5]);
    }
}
