//! The numbers: each is free, reserved for a request, or on a card.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use polysim_base::{Eid, Imsi, Instant, Msisdn};

use super::Pooled;
use crate::wire::RequestId;

#[derive(Clone, Debug)]
pub(super) struct Pool {
    numbers: Vec<Number>,
    by_imsi: BTreeMap<Imsi, usize>,
    /// For each operator, from when on which of the numbers can be given out.
    free: BTreeMap<String, BTreeSet<(Instant, usize)>>,
    on_card: BTreeMap<Eid, usize>,
}

#[derive(Clone, Debug)]
struct Number {
    pooled: Pooled,
    place: Place,
}

/// Where a number is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    Free { from: Instant },
    Reserved(RequestId),
    OnCard(Eid),
}

/// How many numbers of a pool are where.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct PoolTally {
    /// Can be given out.
    pub free: usize,
    /// Were released, and can be given out after their rest.
    pub resting: usize,
    /// Are meant for a write that has not ended.
    pub reserved: usize,
    /// Are on a card.
    pub on_card: usize,
}

impl Pool {
    /// Makes a pool. Of entries that share an IMSI or a number, the first counts.
    pub(super) fn new(entries: Vec<Pooled>) -> Self {
        let mut pool = Self {
            numbers: Vec::with_capacity(entries.len()),
            by_imsi: BTreeMap::new(),
            free: BTreeMap::new(),
            on_card: BTreeMap::new(),
        };
        let mut taken: BTreeSet<Msisdn> = BTreeSet::new();
        for pooled in entries {
            if pool.by_imsi.contains_key(&pooled.imsi) || !taken.insert(pooled.msisdn) {
                continue;
            }
            let index = pool.numbers.len();
            let from = Instant::ZERO;
            pool.by_imsi.insert(pooled.imsi, index);
            pool.free.entry(pooled.operator.clone()).or_default().insert((from, index));
            pool.numbers.push(Number { pooled, place: Place::Free { from } });
        }
        pool
    }

    /// Returns the number of an operator that has been free for longest.
    pub(super) fn next(&self, operator: &str, now: Instant) -> Option<&Pooled> {
        let (from, index) = *self.free.get(operator)?.first()?;
        let number = self.numbers.get(index)?;
        (from <= now).then_some(&number.pooled)
    }

    pub(super) fn reserve(&mut self, imsi: Imsi, request: RequestId) {
        self.put(imsi, Place::Reserved(request));
    }

    /// Puts a number on a card; the one that was on it is free again after its rest.
    pub(super) fn commit(&mut self, imsi: Imsi, eid: Eid, rested: Instant) {
        let before = self.on_card.get(&eid).and_then(|index| self.numbers.get(*index));
        if let Some(before) = before.map(|number| number.pooled.imsi) {
            self.release(before, rested);
        }
        self.put(imsi, Place::OnCard(eid));
    }

    /// Makes a number free again from `rested` on.
    pub(super) fn release(&mut self, imsi: Imsi, rested: Instant) {
        self.put(imsi, Place::Free { from: rested });
    }

    pub(super) fn tally(&self, now: Instant) -> PoolTally {
        let mut tally = PoolTally::default();
        for number in &self.numbers {
            match number.place {
                Place::Free { from } if from > now => tally.resting += 1,
                Place::Free { .. } => tally.free += 1,
                Place::Reserved(_) => tally.reserved += 1,
                Place::OnCard(_) => tally.on_card += 1,
            }
        }
        tally
    }

    /// Returns the numbers that are on cards.
    pub(super) fn on_cards(&self) -> impl Iterator<Item = (Eid, &Pooled)> {
        let number = |index: &usize| self.numbers.get(*index).map(|number| &number.pooled);
        self.on_card.iter().filter_map(move |(eid, index)| Some((*eid, number(index)?)))
    }

    /// A number that is not of this pool any more is passed over.
    fn put(&mut self, imsi: Imsi, place: Place) {
        let Some(&index) = self.by_imsi.get(&imsi) else { return };
        let Some(number) = self.numbers.get_mut(index) else { return };
        let free = self.free.entry(number.pooled.operator.clone()).or_default();
        match number.place {
            Place::Free { from } => {
                free.remove(&(from, index));
            }
            Place::Reserved(_) => {}
            Place::OnCard(eid) => {
                self.on_card.remove(&eid);
            }
        }
        match place {
            Place::Free { from } => {
                free.insert((from, index));
            }
            Place::Reserved(_) => {}
            Place::OnCard(eid) => {
                self.on_card.insert(eid, index);
            }
        }
        number.place = place;
    }
}
