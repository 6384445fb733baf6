//! A hierarchical timer wheel: eight levels of 256 slots, one microsecond to 2^64.
//!
//! An item sits at the level of the highest octet in which its time differs from the cursor. When
//! the cursor enters a slot of a higher level, its items cascade down in order, so items of one
//! instant leave in the order in which they came.

use polysim_base::Instant;

const SLOT_BITS: u32 = 8;
const SLOTS: usize = 1 << SLOT_BITS;
const LEVELS: usize = 8;
const NIL: u32 = u32::MAX;

/// Items by due time, first in first out within an instant.
#[derive(Clone, Debug)]
pub struct Wheel<T> {
    cursor: u64,
    levels: Vec<Level>,
    entries: Vec<Entry<T>>,
    free: u32,
    len: usize,
}

#[derive(Clone, Debug)]
struct Level {
    slots: Vec<List>,
    occupied: [u64; SLOTS / 64],
}

#[derive(Clone, Copy, Debug)]
struct List {
    head: u32,
    tail: u32,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    at: u64,
    next: u32,
    item: T,
}

impl<T: Default> Default for Wheel<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Default> Wheel<T> {
    /// Returns an empty wheel whose time is zero.
    #[must_use]
    pub fn new() -> Self {
        let level =
            Level { slots: vec![List { head: NIL, tail: NIL }; SLOTS], occupied: [0; SLOTS / 64] };
        Self { cursor: 0, levels: vec![level; LEVELS], entries: Vec::new(), free: NIL, len: 0 }
    }

    /// Makes room for `count` items at once.
    pub fn reserve(&mut self, count: usize) {
        self.entries.reserve_exact(count.saturating_sub(self.entries.len()));
    }

    /// Returns how many items wait.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns whether nothing waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds an item. A time that has passed counts as now.
    ///
    /// # Panics
    /// When 2^32 - 1 items wait: no world of this size fits a machine.
    pub fn push(&mut self, at: Instant, item: T) {
        let at = at.as_micros().max(self.cursor);
        let entry = Entry { at, next: NIL, item };
        let index = match self.entries.get_mut(self.free as usize) {
            Some(vacant) => {
                let index = self.free;
                self.free = vacant.next;
                *vacant = entry;
                index
            }
            None => {
                self.entries.push(entry);
                #[expect(clippy::expect_used, reason = "documented; 2^32 entries are 200 GB")]
                u32::try_from(self.entries.len() - 1).expect("fewer than 2^32 events wait")
            }
        };
        self.len += 1;
        self.place(index, at);
    }

    /// Takes the next item due at `limit` or before, with its time.
    pub fn pop_until(&mut self, limit: Instant) -> Option<(Instant, T)> {
        let limit = limit.as_micros();
        if self.len == 0 {
            return None;
        }
        loop {
            let (level, slot) = self.next_slot()?;
            let start = self.slot_start(level, slot);
            if start > limit {
                return None;
            }
            self.cursor = self.cursor.max(start);
            if level == 0 {
                let index = self.unlink_first(level, slot)?;
                return self.release(index);
            }
            self.cascade(level, slot);
        }
    }

    /// Returns the time of the next item.
    #[must_use]
    pub fn next_time(&self) -> Option<Instant> {
        let (level, slot) = self.next_slot()?;
        let mut index = self.levels.get(level)?.slots.get(slot)?.head;
        let mut earliest = u64::MAX;
        while let Some(entry) = self.entries.get(index as usize) {
            earliest = earliest.min(entry.at);
            index = entry.next;
        }
        Some(Instant::from_micros(earliest))
    }

    fn place(&mut self, index: u32, at: u64) {
        let differing = (at ^ self.cursor) | 1;
        let level = ((63 - differing.leading_zeros()) / SLOT_BITS) as usize;
        let slot = octet(at, level);
        let Some(wheel_level) = self.levels.get_mut(level) else {
            return;
        };
        let Some(list) = wheel_level.slots.get_mut(slot) else {
            return;
        };
        if list.head == NIL {
            *list = List { head: index, tail: index };
            if let Some(word) = wheel_level.occupied.get_mut(slot / 64) {
                *word |= 1 << (slot % 64);
            }
        } else {
            let tail = core::mem::replace(&mut list.tail, index);
            if let Some(entry) = self.entries.get_mut(tail as usize) {
                entry.next = index;
            }
        }
    }

    /// The first occupied slot at or after the cursor, on the lowest level that has one.
    fn next_slot(&self) -> Option<(usize, usize)> {
        self.levels.iter().enumerate().find_map(|(number, level)| {
            let from = octet(self.cursor, number);
            level.first_occupied(from).map(|slot| (number, slot))
        })
    }

    fn slot_start(&self, level: usize, slot: usize) -> u64 {
        let shift = shift(level);
        let above = self.cursor.checked_shr(shift + SLOT_BITS).unwrap_or(0);
        let above = above.checked_shl(shift + SLOT_BITS).unwrap_or(0);
        above | (slot as u64) << shift
    }

    fn cascade(&mut self, level: usize, slot: usize) {
        let Some(wheel_level) = self.levels.get_mut(level) else {
            return;
        };
        let mut index = wheel_level.clear(slot);
        while let Some(entry) = self.entries.get_mut(index as usize) {
            let (at, next) = (entry.at, core::mem::replace(&mut entry.next, NIL));
            self.place(index, at);
            index = next;
        }
    }

    fn unlink_first(&mut self, level: usize, slot: usize) -> Option<u32> {
        let wheel_level = self.levels.get_mut(level)?;
        let list = wheel_level.slots.get_mut(slot)?;
        let index = list.head;
        let next = self.entries.get(index as usize)?.next;
        if next == NIL {
            wheel_level.clear(slot);
        } else {
            list.head = next;
        }
        Some(index)
    }

    fn release(&mut self, index: u32) -> Option<(Instant, T)> {
        let entry = self.entries.get_mut(index as usize)?;
        let item = core::mem::take(&mut entry.item);
        entry.next = self.free;
        self.free = index;
        self.len -= 1;
        Some((Instant::from_micros(entry.at), item))
    }
}

impl Level {
    fn first_occupied(&self, from: usize) -> Option<usize> {
        let mut mask = u64::MAX << (from % 64);
        for (i, word) in self.occupied.iter().enumerate().skip(from / 64) {
            let set = word & mask;
            if set != 0 {
                return Some(i * 64 + set.trailing_zeros() as usize);
            }
            mask = u64::MAX;
        }
        None
    }

    fn clear(&mut self, slot: usize) -> u32 {
        if let Some(word) = self.occupied.get_mut(slot / 64) {
            *word &= !(1 << (slot % 64));
        }
        let empty = List { head: NIL, tail: NIL };
        self.slots.get_mut(slot).map_or(NIL, |list| core::mem::replace(list, empty).head)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "there are eight levels")]
const fn shift(level: usize) -> u32 {
    level as u32 * SLOT_BITS
}

#[expect(clippy::cast_possible_truncation, reason = "the octet is what is asked for")]
const fn octet(at: u64, level: usize) -> usize {
    (at >> shift(level)) as usize & (SLOTS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn one_instant_is_first_in_first_out_across_cascades() {
        let mut wheel = Wheel::new();
        let at = Instant::from_micros(70_000);
        wheel.push(at, 1);
        wheel.push(Instant::from_micros(65_000), 0);
        assert_eq!(wheel.pop_until(at), Some((Instant::from_micros(65_000), 0)));
        wheel.push(at, 2);
        assert_eq!(wheel.next_time(), Some(at));
        assert_eq!(wheel.pop_until(Instant::from_micros(69_999)), None);
        wheel.push(at, 3);
        let order: Vec<_> = std::iter::from_fn(|| wheel.pop_until(at)).map(|(_, i)| i).collect();
        assert_eq!(order, [1, 2, 3]);
    }

    #[test]
    fn the_far_future_is_reached() {
        let mut wheel = Wheel::new();
        wheel.push(Instant::MAX, ());
        assert_eq!(wheel.pop_until(Instant::from_micros(u64::MAX - 1)), None);
        assert_eq!(wheel.pop_until(Instant::MAX), Some((Instant::MAX, ())));
        assert!(wheel.is_empty());
    }

    proptest! {
        /// Against a sorted map of (time, order of arrival), with pauses at arbitrary limits.
        #[test]
        fn it_orders_as_a_sorted_map(steps in prop::collection::vec((any::<bool>(), 0_u64..1 << 34, 0_u32..35), 1..200)) {
            let mut wheel = Wheel::new();
            let mut model = BTreeMap::new();
            let mut now = 0;
            for (number, (is_push, ahead, shrink)) in steps.into_iter().enumerate() {
                let at = now + (ahead >> shrink);
                if is_push {
                    wheel.push(Instant::from_micros(at), number);
                    model.insert((at, number), ());
                    continue;
                }
                while let Some((time, item)) = wheel.pop_until(Instant::from_micros(at)) {
                    let (first, ()) = model.pop_first().unwrap();
                    prop_assert_eq!((time.as_micros(), item), first);
                }
                prop_assert!(model.first_key_value().is_none_or(|((first, _), ())| *first > at));
                prop_assert_eq!(wheel.next_time().map(Instant::as_micros), model.first_key_value().map(|((first, _), ())| *first));
                now = at;
            }
            prop_assert_eq!(wheel.len(), model.len());
        }
    }
}
