//! The card's memory of accepted sequence numbers (TS 33.102, C.2).

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::sqn::Sqn;

/// `SEQ_MS` per IND: the array of 32 of TS 33.102, C.2.2.
///
/// Only entries above zero are stored, and the highest is stored inline, so that a card which has
/// seen one vector takes 24 bytes and no heap; each further IND in use takes 8 bytes.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct SqnArray {
    /// `SQN_MS`: the highest number accepted; SEQ zero means none.
    highest: Sqn,
    /// The entries of the other INDs with a SEQ above zero, by IND.
    others: Box<[Sqn]>,
}

impl SqnArray {
    /// The limit of a jump ahead, in SEQ (TS 33.102, C.2.1): SEQ - `SEQ_MS` stays below it.
    pub const DELTA: u64 = 1 << 28;

    /// Makes the array of a card that has accepted `sqn_ms` and nothing else.
    #[must_use]
    pub fn starting_at(sqn_ms: Sqn) -> Self {
        Self { highest: sqn_ms, others: Box::default() }
    }

    /// Returns `SQN_MS`: the highest SEQ accepted with its IND.
    #[must_use]
    pub const fn highest(&self) -> Sqn {
        self.highest
    }

    /// Returns the entries of the other INDs with a SEQ above zero, by IND.
    #[must_use]
    pub const fn others(&self) -> &[Sqn] {
        &self.others
    }

    /// Returns `SEQ_MS` of one IND: zero when none was accepted there.
    #[must_use]
    pub fn seq_ms(&self, ind: u8) -> u64 {
        if self.highest.ind() == ind {
            return self.highest.seq();
        }
        self.others.iter().find(|entry| entry.ind() == ind).map_or(0, |entry| entry.seq())
    }

    /// Returns whether `sqn` is in range: above the entry of its IND, and less than
    /// [`Self::DELTA`] ahead of the highest (TS 33.102, C.2.1 and C.2.2).
    #[must_use]
    pub fn is_fresh(&self, sqn: Sqn) -> bool {
        let ahead = sqn.seq().saturating_sub(self.highest.seq());
        sqn.seq() > self.seq_ms(sqn.ind()) && ahead < Self::DELTA
    }

    /// Stores `sqn` when it is fresh; returns whether it was.
    pub fn accept(&mut self, sqn: Sqn) -> bool {
        if !self.is_fresh(sqn) {
            return false;
        }
        self.raise(sqn);
        true
    }

    /// Takes over every entry of another copy of this memory that is above its own: none goes back.
    /// Two copies of one card have accepted what either has.
    pub fn merge(&mut self, other: &Self) {
        for &entry in other.others.iter().chain([&other.highest]) {
            if entry.seq() > self.seq_ms(entry.ind()) {
                self.raise(entry);
            }
        }
    }

    /// Stores `sqn`, which is above the entry of its IND.
    fn raise(&mut self, sqn: Sqn) {
        if sqn <= self.highest {
            self.set_other(sqn.ind(), sqn);
            return;
        }
        let previous = core::mem::replace(&mut self.highest, sqn);
        if previous.ind() != sqn.ind() && previous.seq() > 0 {
            self.set_other(sqn.ind(), previous);
        }
    }

    /// Replaces the entry of `ind`, if there is one, by `entry`, else adds `entry`.
    fn set_other(&mut self, ind: u8, entry: Sqn) {
        if let Some(place) = self.others.iter_mut().find(|other| other.ind() == ind) {
            *place = entry;
        } else {
            let mut others = Vec::with_capacity(self.others.len() + 1);
            others.extend_from_slice(&self.others);
            others.push(entry);
            self.others = others.into_boxed_slice();
        }
        self.others.sort_unstable_by_key(|other| other.ind());
    }
}
