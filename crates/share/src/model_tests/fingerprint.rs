//! What makes two systems the same: everything but how late it is.

use core::hash::{Hash, Hasher};
use std::collections::hash_map::DefaultHasher;

/// What every clock shows at the start: no other number of a machine comes near it, so that whatever
/// does is an instant.
pub(super) const START: u64 = 1 << 62;

/// Longer ago than that does not matter: no time of a machine is as long.
const LONG_AGO: u64 = 1_000;

/// A hasher that sees instants as far from now. Machines know time by differences only, so that two
/// which differ by a shift of all their instants go on alike; this makes them one state.
pub(super) struct Relative {
    hasher: DefaultHasher,
    now: u64,
}

impl Relative {
    pub(super) fn new() -> Self {
        Self { hasher: DefaultHasher::new(), now: START }
    }

    /// Takes in what belongs to a node whose clock shows `now`.
    pub(super) fn add(&mut self, now: u64, what: &impl Hash) {
        self.now = now;
        what.hash(self);
    }
}

impl Hasher for Relative {
    fn write(&mut self, octets: &[u8]) {
        self.hasher.write(octets);
    }

    fn write_u64(&mut self, number: u64) {
        let instant = (START..START << 1).contains(&number);
        let seen = if instant { (number + LONG_AGO).saturating_sub(self.now) } else { number };
        self.hasher.write_u64(seen);
    }

    fn finish(&self) -> u64 {
        self.hasher.finish()
    }
}

/// The fingerprint of something without instants.
pub(super) fn fingerprint(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}
