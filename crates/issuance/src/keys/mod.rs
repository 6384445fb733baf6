//! The keys of cards and of subscriptions, as the card-writing platform needs them.

mod codec;
mod sealed;
mod simulated;
#[cfg(test)]
mod tests;

pub use codec::CodecError;
pub use sealed::{NONCE_LEN, OpenStoreError, STORE_LEN_MAX, StoreKey, StoreKeyError};

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use polysim_base::{Eid, Imsi};
use polysim_ota::KeySet;

use crate::{KeyChoice, KeyIndex, SubscriptionKey};

/// The most cards of a store.
pub const CARDS_MAX: usize = 4_000_000;
/// The most subscription keys of a store.
pub const SUBSCRIPTIONS_MAX: usize = 4_000_000;

/// Where keys come from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Origin {
    /// They were made for a simulation, and anybody can make them again.
    Simulated,
    /// They belong to real cards.
    Live,
}

/// The keys of one card. `Debug` masks them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CardKeys {
    /// Where they come from.
    pub origin: Origin,
    /// For what the platform sends to the card.
    pub downlink: KeySet,
    /// For what the card's applet sends to the platform.
    pub uplink: KeySet,
    /// The subscription keys that the card was made with, and the IMSI that each is meant for.
    pub preloaded: Vec<(KeyIndex, Imsi)>,
}

/// Why keys are not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyStoreError {
    /// Simulated keys where live ones belong.
    #[error("these keys are simulated, so anybody has them; load those of the real card")]
    Simulated,
    /// Uplink and downlink have the same keys.
    #[error("a card needs other keys for what it sends than for what it gets")]
    SameKeys,
    /// There are too many.
    #[error("the store holds {limit} already, which is the limit")]
    Full {
        /// [`CARDS_MAX`] or [`SUBSCRIPTIONS_MAX`].
        limit: usize,
    },
    /// A card with too many preloaded keys.
    #[error("{count} preloaded keys, a card has at most 256")]
    Preloaded {
        /// How many there are.
        count: usize,
    },
}

/// The keys of cards and subscriptions. They are zeroized when dropped, and never printed.
///
/// A live store refuses simulated keys. A simulated one may make keys from a seed, and then has
/// keys for every card and every subscription without storing any.
#[derive(Clone, Eq, PartialEq)]
pub struct KeyStore {
    origin: Origin,
    seed: Option<u64>,
    cards: BTreeMap<Eid, CardKeys>,
    subscriptions: BTreeMap<Imsi, SubscriptionKey>,
}

impl KeyStore {
    /// Returns a store without keys.
    #[must_use]
    pub const fn new(origin: Origin) -> Self {
        Self { origin, seed: None, cards: BTreeMap::new(), subscriptions: BTreeMap::new() }
    }

    /// Returns a simulated store that makes the keys that it was not given, each from the seed and
    /// the eID or IMSI alone.
    #[must_use]
    pub const fn simulated(seed: u64) -> Self {
        let mut store = Self::new(Origin::Simulated);
        store.seed = Some(seed);
        store
    }

    /// Returns what the store is for.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// Takes the keys of a card, in place of those that it had.
    ///
    /// # Errors
    /// [`KeyStoreError`]; the store is as it was then.
    pub fn insert_card(&mut self, eid: Eid, mut keys: CardKeys) -> Result<(), KeyStoreError> {
        self.check_origin(keys.origin)?;
        let (up, down) = (&keys.uplink, &keys.downlink);
        if up.kic() == down.kic() || up.kid() == down.kid() {
            return Err(KeyStoreError::SameKeys);
        }
        let count = keys.preloaded.len();
        if count > 256 {
            return Err(KeyStoreError::Preloaded { count });
        }
        if self.cards.len() >= CARDS_MAX && !self.cards.contains_key(&eid) {
            return Err(KeyStoreError::Full { limit: CARDS_MAX });
        }
        keys.preloaded.shrink_to_fit();
        self.cards.insert(eid, keys);
        Ok(())
    }

    /// Takes the key of a subscription, in place of the one that it had.
    ///
    /// # Errors
    /// [`KeyStoreError`]; the store is as it was then.
    pub fn insert_subscription(
        &mut self,
        imsi: Imsi,
        key: SubscriptionKey,
        origin: Origin,
    ) -> Result<(), KeyStoreError> {
        self.check_origin(origin)?;
        if self.subscriptions.len() >= SUBSCRIPTIONS_MAX && !self.subscriptions.contains_key(&imsi)
        {
            return Err(KeyStoreError::Full { limit: SUBSCRIPTIONS_MAX });
        }
        self.subscriptions.insert(imsi, key);
        Ok(())
    }

    /// Returns the keys of a card.
    #[must_use]
    pub fn card(&self, eid: Eid) -> Option<CardKeys> {
        let made = || self.seed.map(|seed| simulated::card(seed, eid));
        self.cards.get(&eid).cloned().or_else(made)
    }

    /// Returns the keys for what goes to a card.
    #[must_use]
    pub fn downlink(&self, eid: Eid) -> Option<KeySet> {
        let made = || self.seed.map(|seed| simulated::downlink(seed, eid));
        self.cards.get(&eid).map(|keys| keys.downlink.clone()).or_else(made)
    }

    /// Returns the keys for what comes from a card.
    #[must_use]
    pub fn uplink(&self, eid: Eid) -> Option<KeySet> {
        let made = || self.seed.map(|seed| simulated::uplink(seed, eid));
        self.cards.get(&eid).map(|keys| keys.uplink.clone()).or_else(made)
    }

    /// Returns which of its own keys a card has for a subscription.
    #[must_use]
    pub fn preloaded(&self, eid: Eid, imsi: Imsi) -> Option<KeyIndex> {
        let keys = self.cards.get(&eid)?;
        keys.preloaded.iter().find(|(_, meant)| *meant == imsi).map(|(index, _)| *index)
    }

    /// Returns the key of a subscription.
    #[must_use]
    pub fn subscription(&self, imsi: Imsi) -> Option<SubscriptionKey> {
        let made = || self.seed.map(|seed| simulated::subscription(seed, imsi));
        self.subscriptions.get(&imsi).cloned().or_else(made)
    }

    /// Returns which key a card gets for a subscription: one of its own if it has one for it, else
    /// one that travels.
    #[must_use]
    pub fn choose(&self, eid: Eid, imsi: Imsi) -> Option<KeyChoice> {
        let carried = || self.subscription(imsi).map(KeyChoice::Carried);
        self.preloaded(eid, imsi).map(KeyChoice::Preloaded).or_else(carried)
    }

    const fn check_origin(&self, origin: Origin) -> Result<(), KeyStoreError> {
        match (self.origin, origin) {
            (Origin::Live, Origin::Simulated) => Err(KeyStoreError::Simulated),
            (Origin::Live, Origin::Live)
            | (Origin::Simulated, Origin::Simulated | Origin::Live) => Ok(()),
        }
    }
}

impl fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyStore")
            .field("origin", &self.origin)
            .field("derived", &self.seed.is_some())
            .field("cards", &self.cards.len())
            .field("subscriptions", &self.subscriptions.len())
            .finish()
    }
}
