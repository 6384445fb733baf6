//! The cards that can be opened: who they are, and which phone each is in.

use super::config::{OpenCardConfig, OtaAlgorithm};
use crate::build::BuildError;
use polysim_aka::Algorithm as SubscriberAlgorithm;
use polysim_base::{Eid, Iccid, Imsi, Purpose, Stream};
use polysim_issuance::keys::{CardKeys, KeyStore, Origin};
use polysim_issuance::{KeyChoice, KeyIndex, SubscriptionKey};
use polysim_ota::{Algorithm, Key, KeySet};
use polysim_radio::derived_algorithm;
use std::collections::BTreeMap;

/// Keys are made from the seed of the world by way of this number.
const KEYS_ENTITY: u64 = 6 << 40;

/// The key that belongs to a card's first subscription.
const SEED_KEY: KeyIndex = KeyIndex(0);

/// A card.
#[derive(Clone, Debug)]
pub(crate) struct OpenCard {
    pub(crate) eid: Eid,
    pub(crate) iccid: Iccid,
    /// The subscription that it is issued with.
    pub(crate) seed: Option<Imsi>,
    pub(crate) config: OpenCardConfig,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Cards {
    list: Vec<OpenCard>,
    by_eid: BTreeMap<Eid, usize>,
    /// The card of each phone that has one of these.
    in_phone: BTreeMap<u32, usize>,
    /// The phone that each card is in.
    phones: Vec<u32>,
}

impl Cards {
    /// Adds the card of a phone.
    pub(crate) fn add(&mut self, card: OpenCard, phone: u32) {
        self.by_eid.insert(card.eid, self.list.len());
        self.in_phone.insert(phone, self.list.len());
        self.list.push(card);
        self.phones.push(phone);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &OpenCard> {
        self.list.iter()
    }

    pub(crate) fn get(&self, card: usize) -> Option<&OpenCard> {
        self.list.get(card)
    }

    pub(crate) fn with(&self, eid: &Eid) -> Option<usize> {
        self.by_eid.get(eid).copied()
    }

    pub(crate) fn in_phone(&self, phone: u32) -> Option<usize> {
        self.in_phone.get(&phone).copied()
    }

    /// Returns the phone that a card is in.
    pub(crate) fn phone_of(&self, eid: &Eid) -> Option<u32> {
        self.phones.get(self.with(eid)?).copied()
    }

    /// The cards of two phones change places.
    pub(crate) fn swap(&mut self, one: u32, other: u32) {
        let (of_one, of_other) = (self.in_phone.remove(&one), self.in_phone.remove(&other));
        for (card, phone) in [(of_one, other), (of_other, one)] {
            if let Some(card) = card {
                self.in_phone.insert(phone, card);
                if let Some(place) = self.phones.get_mut(card) {
                    *place = phone;
                }
            }
        }
    }
}

/// Returns the eID of a phone's card.
pub(crate) fn eid(phone: u32) -> Result<Eid, BuildError> {
    Eid::with_check_digits(&format!("8904903200{phone:020}"))
        .map_err(|_| BuildError::TooMany { what: "cards", count: phone as usize })
}

/// Returns the keys that a platform has: those of the cards that name it, and of every subscription.
pub(crate) fn key_store<'a>(
    seed: u64,
    platform: usize,
    cards: impl Iterator<Item = &'a OpenCard>,
) -> KeyStore {
    let mut store = KeyStore::simulated(store_seed(seed));
    for card in cards.filter(|card| card.config.platform == platform) {
        if let Some(keys) = own_keys(seed, &store, card) {
            let taken = store.insert_card(card.eid, keys);
            debug_assert!(taken.is_ok(), "the keys of a simulated card are good ones");
        }
    }
    store
}

/// Returns the keys of a card, as it has them.
pub(crate) fn keys_of(seed: u64, card: &OpenCard) -> Option<CardKeys> {
    let store = KeyStore::simulated(store_seed(seed));
    own_keys(seed, &store, card).or_else(|| store.card(card.eid))
}

/// Returns the subscription key that belongs to an IMSI.
pub(crate) fn subscription_key(seed: u64, imsi: Imsi) -> Option<SubscriptionKey> {
    KeyStore::simulated(store_seed(seed)).subscription(imsi)
}

/// Returns what a card computes with where it uses this key.
pub(crate) fn chosen(seed: u64, card: &OpenCard, key: &KeyChoice) -> Option<SubscriberAlgorithm> {
    match key {
        KeyChoice::Carried(key) => algorithm(key),
        KeyChoice::Preloaded(SEED_KEY) => Some(derived_algorithm(seed, &card.seed?)),
        KeyChoice::Preloaded(index) => {
            let nth = usize::from(index.0).checked_sub(1)?;
            let imsi = *card.config.preloaded.get(nth)?;
            algorithm(&subscription_key(seed, imsi)?)
        }
    }
}

fn algorithm(key: &SubscriptionKey) -> Option<SubscriberAlgorithm> {
    match key {
        SubscriptionKey::Milenage(keys) => Some(keys.clone().into()),
        _ => None,
    }
}

fn store_seed(seed: u64) -> u64 {
    Stream::derive(seed, KEYS_ENTITY, Purpose::Keys, 0).next_u64()
}

/// Returns what a card has of its own beside what every card gets from the seed.
fn own_keys(seed: u64, store: &KeyStore, card: &OpenCard) -> Option<CardKeys> {
    let triple = card.config.keys == OtaAlgorithm::TripleDes;
    if !triple && card.config.preloaded.is_empty() {
        return None;
    }
    let mut keys = store.card(card.eid)?;
    keys.origin = Origin::Simulated;
    if triple {
        let phone = card.eid.octets().iter().fold(0, |n: u64, octet| n << 7 ^ u64::from(*octet));
        let mut stream = Stream::derive(seed, KEYS_ENTITY ^ phone, Purpose::Keys, 1);
        keys.downlink = triple_des(&mut stream, &keys.downlink);
        keys.uplink = triple_des(&mut stream, &keys.uplink);
    }
    // Without the applet a card uses one key whatever its files say.
    let index = |nth| if card.config.applet { KeyIndex(nth) } else { SEED_KEY };
    let preloaded = card.config.preloaded.iter();
    keys.preloaded = (1..).map(index).zip(preloaded.copied()).collect();
    Some(keys)
}

/// Makes keys of triple DES for the version of a set.
fn triple_des(stream: &mut Stream, set: &KeySet) -> KeySet {
    let mut key = || Key::new(Algorithm::TripleDes2, &stream.bytes::<16>()).ok();
    match (key(), key()) {
        (Some(kic), Some(kid)) => KeySet::new(set.version(), kic, kid),
        // One key in 2^56 is none of triple DES.
        _ => triple_des(stream, set),
    }
}
