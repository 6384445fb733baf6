//! What makes two systems the same: everything but how late it is.

use core::hash::{Hash, Hasher};
use polysim_base::{Instant, Purpose, Stream};

/// What every clock shows at the start: no other number of a machine comes near it, so that whatever
/// does is an instant.
pub(super) const START: u64 = 1 << 62;

/// Longer ago than that does not matter: no time of a machine is as long.
const LONG_AGO: u64 = 1_000;

/// A hasher that sees instants as far from now. Machines know time by differences only, so that two
/// which differ by a shift of all their instants go on alike; this makes them one state.
pub(super) struct Relative {
    state: u64,
    now: u64,
}

/// The fingerprint of what belongs to a node whose clock shows `now`.
pub(super) fn fingerprint_at(now: Instant, what: &impl Hash) -> u64 {
    let mut hasher = Relative { state: 0, now: now.as_micros() };
    what.hash(&mut hasher);
    hasher.finish()
}

/// The fingerprint of something without instants.
pub(super) fn fingerprint(what: &impl Hash) -> u64 {
    fingerprint_at(Instant::from_micros(START), what)
}

impl Relative {
    /// A step with full avalanche: states by the million are told apart by 64 bits.
    fn mix(&mut self, number: u64) {
        self.state = Stream::derive(self.state, number, Purpose::Test, 0).next_u64();
    }
}

impl Hasher for Relative {
    fn write(&mut self, octets: &[u8]) {
        for chunk in octets.chunks(8) {
            let number = chunk.iter().fold(0, |number, octet| number << 8 | u64::from(*octet));
            self.mix(number);
        }
    }

    fn write_u64(&mut self, number: u64) {
        let instant = (START..START << 1).contains(&number);
        self.mix(if instant { (number + LONG_AGO).saturating_sub(self.now) } else { number });
    }

    fn finish(&self) -> u64 {
        self.state
    }
}
