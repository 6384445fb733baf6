use super::Handover;
use alloc::collections::{BTreeMap, VecDeque};
use polysim_base::{Duration, Instant};

/// Things by name, forgotten in the order in which they came.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Aged<K, V = ()> {
    by_name: BTreeMap<K, V>,
    order: VecDeque<(Instant, K)>,
}

impl<K, V> Default for Aged<K, V> {
    fn default() -> Self {
        Self { by_name: BTreeMap::new(), order: VecDeque::new() }
    }
}

impl<K: Clone + Ord, V> Aged<K, V> {
    pub(crate) fn contains(&self, name: &K) -> bool {
        self.by_name.contains_key(name)
    }

    pub(crate) fn get(&self, name: &K) -> Option<&V> {
        self.by_name.get(name)
    }

    pub(crate) fn get_mut(&mut self, name: &K) -> Option<&mut V> {
        self.by_name.get_mut(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.by_name.iter()
    }

    /// Returns the first name from that one on, in the order of the names.
    pub(crate) fn first_from(&self, name: &K) -> Option<&K> {
        self.by_name.range(name..).next().map(|(name, _)| name)
    }

    /// Takes note of something that is not there yet.
    pub(crate) fn insert(&mut self, at: Instant, name: K, value: V) {
        if self.by_name.insert(name.clone(), value).is_none() {
            self.order.push_back((at, name));
        }
    }

    pub(crate) fn handed_over(&mut self, by: Handover) {
        self.order.iter_mut().for_each(|(at, _)| by.moves(at));
    }

    /// Returns whether there are `max` that are not yet older than `keep`.
    pub(crate) fn full(&self, now: Instant, keep: Duration, max: usize) -> bool {
        let nth = self.order.len().checked_sub(max).and_then(|at| self.order.get(at));
        max == 0 || nth.is_some_and(|(at, _)| at.plus(keep) > now)
    }

    /// Forgets what is older than `keep`, and the oldest beyond `max`.
    pub(crate) fn forget(&mut self, now: Instant, keep: Duration, max: usize) {
        while let Some((at, name)) = self.order.front() {
            if at.plus(keep) > now && self.order.len() <= max {
                return;
            }
            self.by_name.remove(name);
            self.order.pop_front();
        }
    }
}
