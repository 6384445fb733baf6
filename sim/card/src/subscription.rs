//! The subscription keys of a card: the set in use, and those in reserve.

use polysim_aka::{Algorithm, SqnArray};

/// Most sets that were carried to a card and are kept beside the one in use: who goes back to one
/// finds the sequence numbers that were accepted under it.
pub const CARRIED_SETS_MAX: usize = 4;

/// Which set of subscription keys.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SubscriptionKeySet {
    /// One that the card was made with; 0 is the one of its first subscription.
    Preloaded(u8),
    /// One that came later, ciphered.
    Carried,
}

/// The secret and the sequence numbers accepted under it.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) algorithm: Algorithm,
    pub(crate) sequence: SqnArray,
}

/// The sets of a card that can change what it uses.
#[derive(Clone, Debug)]
pub(crate) struct KeySets {
    in_use: Option<SubscriptionKeySet>,
    reserve: Vec<(SubscriptionKeySet, Subscription)>,
}

impl Subscription {
    pub(crate) const fn new(algorithm: Algorithm, sequence: SqnArray) -> Self {
        Self { algorithm, sequence }
    }
}

impl KeySets {
    /// Returns the sets of a fresh card, which uses set 0 if it has one.
    pub(crate) fn new(preloaded: Vec<(u8, Algorithm)>, has_first: bool) -> Self {
        let fresh = |algorithm| Subscription::new(algorithm, SqnArray::default());
        let reserve = preloaded.into_iter();
        let reserve = reserve.filter(|(index, _)| !(has_first && *index == 0));
        Self {
            in_use: has_first.then_some(SubscriptionKeySet::Preloaded(0)),
            reserve: reserve
                .map(|(index, keys)| (SubscriptionKeySet::Preloaded(index), fresh(keys)))
                .collect(),
        }
    }

    pub(crate) const fn in_use(&self) -> Option<SubscriptionKeySet> {
        self.in_use
    }

    /// Returns whether the card has a preloaded set, in use or in reserve.
    pub(crate) fn has(&self, index: u8) -> bool {
        let set = SubscriptionKeySet::Preloaded(index);
        self.in_use == Some(set) || self.reserve.iter().any(|(known, _)| *known == set)
    }

    /// Puts a preloaded set into use.
    pub(crate) fn choose(&mut self, index: u8, current: &mut Option<Subscription>) {
        let set = SubscriptionKeySet::Preloaded(index);
        if self.in_use == Some(set) {
            return;
        }
        if let Some(at) = self.reserve.iter().position(|(known, _)| *known == set) {
            let (set, chosen) = self.reserve.remove(at);
            self.put(set, chosen, current);
        }
    }

    /// Puts a set into use that was carried to the card. One that was there before keeps its
    /// sequence numbers, or old vectors could be replayed.
    pub(crate) fn carry(&mut self, algorithm: Algorithm, current: &mut Option<Subscription>) {
        let carried = SubscriptionKeySet::Carried;
        let same = |known: &Subscription| known.algorithm == algorithm;
        if self.in_use == Some(carried) && current.as_ref().is_some_and(same) {
            return;
        }
        let kept = self.reserve.iter().position(|(set, keys)| *set == carried && same(keys));
        let chosen = match kept {
            Some(at) => self.reserve.remove(at).1,
            None => Subscription::new(algorithm, SqnArray::default()),
        };
        self.put(carried, chosen, current);
    }

    fn put(
        &mut self,
        set: SubscriptionKeySet,
        chosen: Subscription,
        current: &mut Option<Subscription>,
    ) {
        let before = self.in_use.replace(set).zip(current.replace(chosen));
        self.reserve.extend(before);
        let is_carried =
            |(set, _): &(SubscriptionKeySet, Subscription)| *set == SubscriptionKeySet::Carried;
        if self.reserve.iter().filter(|kept| is_carried(kept)).count() > CARRIED_SETS_MAX
            && let Some(oldest) = self.reserve.iter().position(is_carried)
        {
            self.reserve.remove(oldest);
        }
    }
}
