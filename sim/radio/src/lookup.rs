//! An index from keys to numbers that stores neither: four bytes a slot.
//!
//! The keys live where the numbers lead. The order of slots depends on the hash alone and is never
//! seen from outside.

use core::hash::{Hash, Hasher};

/// Numbers found by the hash of a key that is kept elsewhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookup {
    /// A number plus one, or 0. The length is a power of two or zero.
    slots: Vec<u32>,
    len: usize,
}

impl Lookup {
    /// Makes room for `count` keys in all.
    pub(crate) fn reserve(&mut self, count: usize, hash_of: impl Fn(u32) -> Option<u64>) {
        let wanted = (count + count / 3 + 8).next_power_of_two();
        if wanted > self.slots.len() {
            self.resize(wanted, hash_of);
        }
    }

    /// Returns the number whose key has this hash and passes `matches`.
    pub(crate) fn find(&self, hash: u64, matches: impl Fn(u32) -> bool) -> Option<u32> {
        self.probe(hash)
            .map_while(|at| self.slots.get(at)?.checked_sub(1))
            .find(|index| matches(*index))
    }

    /// Adds a number; the key must not be there yet.
    pub(crate) fn insert(&mut self, hash: u64, index: u32, hash_of: impl Fn(u32) -> Option<u64>) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            self.resize((self.slots.len() * 2).max(8), hash_of);
        }
        self.place(hash, index);
        self.len += 1;
    }

    fn resize(&mut self, slots: usize, hash_of: impl Fn(u32) -> Option<u64>) {
        let old = core::mem::replace(&mut self.slots, vec![0; slots]);
        for index in old.into_iter().filter_map(|slot| slot.checked_sub(1)) {
            if let Some(hash) = hash_of(index) {
                self.place(hash, index);
            }
        }
    }

    fn place(&mut self, hash: u64, index: u32) {
        let empty = self.probe(hash).find(|at| self.slots.get(*at) == Some(&0));
        if let Some(slot) = empty.and_then(|at| self.slots.get_mut(at)) {
            *slot = index.saturating_add(1);
        }
    }

    /// The places of a hash, one after the other, each once.
    fn probe(&self, hash: u64) -> impl Iterator<Item = usize> + use<> {
        let mask = self.slots.len().wrapping_sub(1);
        let start = usize::try_from(hash >> 32).unwrap_or(0);
        (0..self.slots.len()).map(move |step| start.wrapping_add(step) & mask)
    }
}

/// Returns the hash of a key, the same on every run.
pub(crate) fn hash_of(key: &impl Hash) -> u64 {
    let mut state = Mix(0x51_7C_C1_B7_27_22_0A_95);
    key.hash(&mut state);
    state.finish()
}

/// Multiply and fold, eight bytes at a time.
struct Mix(u64);

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let word = chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
            let wide = u128::from(self.0 ^ word) * 0xA076_1D64_78BD_642F_u128;
            #[expect(clippy::cast_possible_truncation, reason = "both halves are meant")]
            let folded = wide as u64 ^ (wide >> 64) as u64;
            self.0 = folded;
        }
    }

    fn finish(&self) -> u64 {
        self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_added_is_found(keys in proptest::collection::btree_set(any::<u64>(), 0..200)) {
            let keys: Vec<u64> = keys.into_iter().collect();
            let hash = |index: u32| keys.get(index as usize).map(hash_of);
            let mut lookup = Lookup::default();
            for index in 0..u32::try_from(keys.len()).unwrap() {
                lookup.insert(hash(index).unwrap(), index, hash);
            }
            for (key, index) in keys.iter().zip(0..) {
                prop_assert_eq!(lookup.find(hash_of(key), |i| keys[i as usize] == *key), Some(index));
            }
            prop_assert_eq!(lookup.find(hash_of(&"absent"), |_| false), None);
        }
    }

    #[test]
    fn neighbours_spread() {
        let mut buckets = [0_u32; 16];
        for n in 0..16_000_u64 {
            buckets[usize::try_from(hash_of(&n) >> 32).unwrap() % 16] += 1;
        }
        assert!(buckets.iter().all(|n| (700..1_300).contains(n)), "{buckets:?}");
    }
}
