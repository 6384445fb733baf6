//! Seeded randomness. One [`Stream`] per (seed, entity, purpose, incarnation): adding a device
//! changes no other device's draws, and a restart repeats none.

use crate::Duration;

/// What a stream's draws are for; part of its derivation.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Purpose {
    /// Secrets made for a simulated subscription (K, `OPc`).
    Keys,
    /// Challenges of an authentication centre.
    Challenge,
    /// Latency, loss and reordering of a link.
    Link,
    /// Times that a device takes or draws for itself.
    Timing,
    /// Values of a scenario file that are ranges.
    Scenario,
    /// Faults drawn by a swarm.
    Fault,
    /// Identities assigned by the network (TMSI, references).
    Identity,
    /// Anything of a test.
    Test,
}

/// A counter-based generator: 16 bytes of state, the n-th draw is a function of key and n.
///
/// It is made for simulation: repeatable everywhere, well mixed, not cryptographic. Live keys
/// never come from a `Stream`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Stream {
    key: u64,
    counter: u64,
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of `MurmurHash3`, variant 13 of D. Stafford: a bijection with full avalanche.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Stream {
    /// Returns the stream of `entity` for `purpose` in the run of `seed`; `incarnation` grows with
    /// every restart of the entity.
    #[must_use]
    pub const fn derive(seed: u64, entity: u64, purpose: Purpose, incarnation: u32) -> Self {
        let salt = ((purpose as u64) << 32) | incarnation as u64;
        let key = mix(mix(mix(seed ^ GOLDEN).wrapping_add(entity)).wrapping_add(salt));
        Self { key, counter: 0 }
    }

    /// Returns a child stream that shares nothing with this one's later draws.
    #[must_use]
    pub const fn fork(&self, entity: u64) -> Self {
        Self { key: mix(self.key ^ mix(entity.wrapping_add(GOLDEN))), counter: 0 }
    }

    /// Draws 64 bits.
    pub const fn next_u64(&mut self) -> u64 {
        self.counter = self.counter.wrapping_add(1);
        mix(mix(self.counter.wrapping_mul(GOLDEN) ^ self.key).wrapping_add(self.key))
    }

    /// Fills `out` with random bytes.
    pub fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let bytes = self.next_u64().to_le_bytes();
            chunk.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        }
    }

    /// Draws an array of random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }

    /// Draws uniformly from `0..bound`; 0 when `bound` is 0.
    ///
    /// Multiply-shift with rejection, so that every value is exactly as likely as another.
    #[expect(clippy::cast_possible_truncation, reason = "the low and the high half are both meant")]
    pub const fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let reject = bound.wrapping_neg() % bound;
        loop {
            let wide = self.next_u64() as u128 * bound as u128;
            if wide as u64 >= reject {
                return (wide >> 64) as u64;
            }
        }
    }

    /// Draws uniformly from `low..=high`; `low` where the range is empty.
    pub const fn range(&mut self, low: u64, high: u64) -> u64 {
        match high.saturating_sub(low).checked_add(1) {
            Some(span) if high >= low => low + self.below(span),
            Some(_) => low,
            None => self.next_u64(),
        }
    }

    /// Draws uniformly from a range of durations, both ends included.
    pub const fn duration(&mut self, low: Duration, high: Duration) -> Duration {
        Duration::from_micros(self.range(low.as_micros(), high.as_micros()))
    }

    /// Draws true with a probability of `millionths` in a million.
    pub const fn chance(&mut self, millionths: u32) -> bool {
        self.below(1_000_000) < millionths as u64
    }

    /// Shuffles a slice; every order is as likely as another.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let pick = self.below(last as u64 + 1);
            items.swap(last, usize::try_from(pick).unwrap_or(last));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn stream(entity: u64) -> Stream {
        Stream::derive(1, entity, Purpose::Test, 0)
    }

    #[test]
    fn derivations_differ_in_every_part() {
        let first =
            |seed, entity, purpose, inc| Stream::derive(seed, entity, purpose, inc).next_u64();
        let base = first(1, 1, Purpose::Test, 0);
        assert_ne!(base, first(2, 1, Purpose::Test, 0));
        assert_ne!(base, first(1, 2, Purpose::Test, 0));
        assert_ne!(base, first(1, 1, Purpose::Link, 0));
        assert_ne!(base, first(1, 1, Purpose::Test, 1));
    }

    #[test]
    fn draws_are_pinned_so_that_traces_stay_comparable_between_releases() {
        let mut s = stream(7);
        let draws: Vec<u64> = (0..2).map(|_| s.next_u64()).collect();
        assert_eq!(draws, PINNED);
    }
    const PINNED: [u64; 2] = [8_153_921_750_053_633_342, 8_683_538_682_954_587_574];

    #[test]
    fn below_is_even() {
        let mut s = stream(3);
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[usize::try_from(s.below(6)).unwrap()] += 1;
        }
        assert!(counts.iter().all(|c| (9_600..10_400).contains(c)), "{counts:?}");
    }

    #[test]
    fn the_whole_range_can_be_drawn() {
        let mut s = stream(4);
        assert!((0..64).map(|_| s.range(0, u64::MAX)).any(|v| v > u64::MAX / 2));
        assert_eq!(s.range(5, 5), 5);
        assert_eq!(s.range(9, 5), 9);
        assert_eq!(s.below(0), 0);
    }

    proptest! {
        #[test]
        fn ranges_hold(seed: u64, low: u64, span in 0_u64..1_000_000) {
            let high = low.saturating_add(span);
            let drawn = Stream::derive(seed, 0, Purpose::Test, 0).range(low, high);
            prop_assert!((low..=high).contains(&drawn));
        }

        #[test]
        fn a_shuffle_keeps_the_items(seed: u64, mut items: Vec<u8>) {
            let mut shuffled = items.clone();
            Stream::derive(seed, 0, Purpose::Test, 0).shuffle(&mut shuffled);
            shuffled.sort_unstable();
            items.sort_unstable();
            prop_assert_eq!(items, shuffled);
        }
    }
}
