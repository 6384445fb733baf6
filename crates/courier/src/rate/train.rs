use alloc::vec::Vec;

use polysim_base::{Duration, Instant};

use super::Rate;

/// Parts of the trains that devices send, and ask for.
pub(crate) const PARTS: u16 = 16;
/// Octets of such a part.
pub(crate) const OCTETS: u16 = 500;
/// Parts of a train, at most.
pub(crate) const PARTS_MAX: u16 = 32;
/// Octets of a part, at most.
pub(crate) const OCTETS_MAX: u16 = 1_200;
/// With fewer parts there is nothing to compare.
const PARTS_MIN: u16 = 4;

/// What is said of a part of a train.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Part {
    pub(crate) train: u32,
    pub(crate) part: u16,
    pub(crate) parts: u16,
    pub(crate) octets: usize,
}

/// The parts of one train that have come, and when.
///
/// A train leaves at once, and the slowest link on its way draws it out: its dispersion is what
/// that link needs for it. The longest gap counts as much as the second longest one, so that one
/// part that was lost, or came late, does not make the link slow.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Arrivals {
    train: u32,
    parts: u16,
    octets: u16,
    /// Which parts: the lowest bit is part 0.
    came: u32,
    first: Instant,
    last: Instant,
    longest: Duration,
    second: Duration,
}

impl Arrivals {
    /// Returns the arrivals of a train that begins with this part, if it is one.
    pub(crate) fn new(now: Instant, part: Part) -> Option<Self> {
        let octets = u16::try_from(part.octets).ok()?;
        let fits = (PARTS_MIN..=PARTS_MAX).contains(&part.parts) && octets <= OCTETS_MAX;
        if !fits || part.part >= part.parts {
            return None;
        }
        Some(Self {
            train: part.train,
            parts: part.parts,
            octets,
            came: 1 << part.part,
            first: now,
            last: now,
            longest: Duration::ZERO,
            second: Duration::ZERO,
        })
    }

    /// Takes another part of it; returns whether it is one that was missing.
    pub(crate) fn came(&mut self, now: Instant, part: Part) -> bool {
        let same = part.train == self.train && part.parts == self.parts;
        let bit = 1_u32.checked_shl(u32::from(part.part)).unwrap_or(0);
        let missing = part.part < self.parts && self.came & bit == 0;
        if !same || !missing || part.octets != usize::from(self.octets) {
            return false;
        }
        self.came |= bit;
        let gap = now.since(self.last);
        self.last = now;
        if gap > self.longest {
            self.second = self.longest;
            self.longest = gap;
        } else {
            self.second = self.second.max(gap);
        }
        true
    }

    pub(crate) const fn train(&self) -> u32 {
        self.train
    }

    /// Returns how many parts have come.
    pub(crate) fn count(&self) -> u16 {
        u16::try_from(self.came.count_ones()).unwrap_or(u16::MAX)
    }

    /// Returns whether all parts have come.
    pub(crate) fn is_whole(&self) -> bool {
        self.count() == self.parts
    }

    /// Returns how fast the link is, once three of four parts have come.
    pub(crate) fn rate(&self) -> Option<Rate> {
        if self.count() < (self.parts * 3 / 4).max(PARTS_MIN - 1) {
            return None;
        }
        let bits = u64::from(self.count() - 1) * u64::from(self.octets) * 8;
        let whole = self.last.since(self.first).as_micros();
        let micros =
            whole.saturating_sub(self.longest.as_micros()).saturating_add(self.second.as_micros());
        let rate = (bits * 1_000).checked_div(micros).and_then(|rate| u32::try_from(rate).ok());
        Some(Rate(rate.unwrap_or(u32::MAX)).clamp(Rate(1), Rate::MAX))
    }
}

/// Returns octets that no link can make fewer.
pub(crate) fn filler(train: u32, part: u16, octets: u16) -> Vec<u8> {
    let mut state = train.wrapping_mul(0x9E37_79B9) ^ u32::from(part) << 16 | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [octet, ..] = state.to_be_bytes();
        octet
    };
    (0..octets).map(|_| next()).collect()
}
