//! Which SIM has an ICCID: asked of every message, so it takes one step, not one for each level of
//! a tree.

use super::SimIx;
use alloc::vec::Vec;
use core::hash::{Hash as _, Hasher};
use core::num::NonZeroU32;
use polysim_base::Iccid;

/// A hash table with linear probing that is never quite full. It only grows: a SIM that was ever
/// heard of stays. The ICCIDs themselves are with the SIMs. What is where follows from the order of
/// the entries, so that the same records make the same table.
///
/// The hash is no secret, so whoever makes up ICCIDs may have them collide. Those are the operator
/// and sites, which are limited in how many cards they tell of; and passing such an entry takes
/// about a nanosecond.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Names {
    /// As many as a power of two.
    places: Vec<Option<Entry>>,
    entries: usize,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Entry {
    /// Never zero, so that an entry takes eight octets.
    hash: NonZeroU32,
    ix: SimIx,
}

/// So many places the first table has.
const PLACES_MIN: usize = 16;

impl Names {
    /// Returns the SIM of that ICCID; `is` tells whether a SIM has it.
    pub(super) fn find(&self, iccid: Iccid, is: impl Fn(SimIx) -> bool) -> Option<SimIx> {
        let hash = hash(iccid);
        let there = self.from(hash).map_while(|place| *self.places.get(place)?);
        there.filter(|entry| entry.hash == hash).map(|entry| entry.ix).find(|ix| is(*ix))
    }

    /// Enters a SIM that is not in it.
    pub(super) fn insert(&mut self, iccid: Iccid, ix: SimIx) {
        if self.entries >= self.places.len() / 8 * 7 {
            self.grow();
        }
        self.entries += 1;
        self.put(Entry { hash: hash(iccid), ix });
    }

    fn grow(&mut self) {
        let places = (self.places.len() * 2).max(PLACES_MIN);
        let old = core::mem::replace(&mut self.places, alloc::vec![None; places]);
        old.into_iter().flatten().for_each(|entry| self.put(entry));
    }

    fn put(&mut self, entry: Entry) {
        let vacant = self.from(entry.hash).find(|place| self.places.get(*place) == Some(&None));
        if let Some(place) = vacant.and_then(|place| self.places.get_mut(place)) {
            *place = Some(entry);
        }
    }

    /// The places where an entry may be, in the order in which they are looked at.
    fn from(&self, hash: NonZeroU32) -> impl Iterator<Item = usize> + use<> {
        let (places, first) = (self.places.len(), hash.get() as usize);
        (0..places).map(move |n| first.wrapping_add(n) & (places - 1))
    }
}

fn hash(iccid: Iccid) -> NonZeroU32 {
    let mut mixed = Mixed(0);
    iccid.hash(&mut mixed);
    let [a, b, c, d, ..] = mixed.finish().to_be_bytes();
    NonZeroU32::new(u32::from_be_bytes([a, b, c, d])).unwrap_or(NonZeroU32::MIN)
}

/// 2^64 divided by the golden ratio: its multiples are spread evenly.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Mixes words by a multiplication each: quick, and good enough for digits.
struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            let mixed = (self.0 ^ u64::from_le_bytes(word)).wrapping_mul(SPREAD);
            self.0 = mixed ^ (mixed >> 32);
        }
    }

    fn finish(&self) -> u64 {
        self.0.wrapping_mul(SPREAD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use proptest::prelude::*;
    use std::format;

    fn iccid(n: u32) -> Iccid {
        Iccid::parse(&format!("89990000000{n:08}")).unwrap()
    }

    fn named(all: &[Iccid]) -> Names {
        let mut names = Names::default();
        (0..).map(SimIx).zip(all).for_each(|(ix, iccid)| names.insert(*iccid, ix));
        names
    }

    fn find(names: &Names, all: &[Iccid], iccid: Iccid) -> Option<SimIx> {
        names.find(iccid, |ix| all.get(ix.0 as usize) == Some(&iccid))
    }

    proptest! {
        #[test]
        fn each_sim_is_found_and_no_other(of in prop::collection::btree_set(0_u32..200, 0..150)) {
            let all: Vec<Iccid> = of.iter().copied().map(iccid).collect();
            let names = named(&all);
            for n in 0..200 {
                let place = all.iter().position(|it| *it == iccid(n));
                let expected = place.map(|at| SimIx(u32::try_from(at).unwrap()));
                prop_assert_eq!(find(&names, &all, iccid(n)), expected);
            }
        }
    }

    #[test]
    fn two_iccids_of_one_hash_are_told_apart() {
        let mut seen = BTreeMap::new();
        let twins = (0..).find_map(|n| Some([seen.insert(hash(iccid(n)), iccid(n))?, iccid(n)]));
        let all = twins.unwrap();
        let names = named(&all);
        assert_eq!(find(&names, &all, all[0]), Some(SimIx(0)));
        assert_eq!(find(&names, &all, all[1]), Some(SimIx(1)));
        assert_eq!(find(&named(&all[..1]), &all[..1], all[1]), None);
    }

    #[test]
    fn iccids_in_a_row_are_spread() {
        let all: Vec<Iccid> = (0..100_000).map(iccid).collect();
        let names = named(&all);
        let looks = |iccid: &Iccid| {
            let at = |place: &usize| names.places[*place].unwrap().ix;
            names.from(hash(*iccid)).position(|place| all[at(&place).0 as usize] == *iccid).unwrap()
        };
        let passed: usize = all.iter().map(looks).sum();
        // At random it were 1.6 at this load (Knuth, volume 3, 6.4).
        assert!(passed < 200_000, "{passed} entries are passed to find 100000");
    }
}
