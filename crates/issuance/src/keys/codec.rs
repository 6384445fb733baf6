//! A store in octets, before they are encrypted.
//!
//! Origin; number of cards, then each: eID, origin, two key sets, preloaded keys; number of
//! subscriptions, then each: IMSI, K, `OPc`. Numbers are of four octets, most significant first.

use alloc::vec::Vec;

use polysim_aka::{Key as SubscriberKey, Milenage, Opc};
use polysim_base::{Eid, Imsi};
use polysim_ota::{Algorithm, Key, KeySet, KeyVersion, MacLength};
use zeroize::Zeroizing;

use super::{CardKeys, KeyStore, KeyStoreError, Origin};
use crate::{KeyIndex, SubscriptionKey};

/// More octets than the entry of a card without preloaded keys has.
const CARD_OCTETS_MAX: usize = 192;
const PRELOADED_OCTETS: usize = 10;
const SUBSCRIPTION_OCTETS: usize = 9 + 16 + 16;

/// Why octets are no store, though they were encrypted with the right key.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// They end too early.
    #[error("the store ends at octet {at}, in the middle of an entry")]
    Truncated {
        /// Where.
        at: usize,
    },
    /// They do not end where the store does.
    #[error("octet {at}: octets behind the end of the store")]
    Trailing {
        /// Where they begin.
        at: usize,
    },
    /// A value that there is not.
    #[error("octet {at}: not a value that can stand here")]
    Value {
        /// Behind which octet.
        at: usize,
    },
    /// The store refuses an entry.
    #[error(transparent)]
    Refused(#[from] KeyStoreError),
}

/// Writes a store down. Keys that are made from the seed are not in it, and not the seed.
pub(super) fn encode(store: &KeyStore) -> Zeroizing<Vec<u8>> {
    let preloaded: usize = store.cards.values().map(|card| card.preloaded.len()).sum();
    // Memory that a growing vector leaves behind would not be zeroized.
    let capacity = 64
        + store.cards.len() * CARD_OCTETS_MAX
        + preloaded * PRELOADED_OCTETS
        + store.subscriptions.len() * SUBSCRIPTION_OCTETS;
    let mut out = Zeroizing::new(Vec::with_capacity(capacity));
    out.push(origin_octet(store.origin));
    out.extend_from_slice(&number(store.cards.len()));
    for (eid, card) in &store.cards {
        out.extend_from_slice(&eid.octets());
        out.push(origin_octet(card.origin));
        put_set(&mut out, &card.downlink);
        put_set(&mut out, &card.uplink);
        out.extend_from_slice(&number(card.preloaded.len()));
        for (index, imsi) in &card.preloaded {
            out.push(index.0);
            out.extend_from_slice(&imsi.ef());
        }
    }
    out.extend_from_slice(&number(store.subscriptions.len()));
    for (imsi, key) in &store.subscriptions {
        out.extend_from_slice(&imsi.ef());
        match key {
            SubscriptionKey::Milenage(keys) => {
                out.extend_from_slice(keys.key().as_bytes());
                out.extend_from_slice(keys.opc().as_bytes());
            }
        }
    }
    debug_assert!(out.len() <= capacity, "the vector has grown");
    out
}

/// Reads a store.
pub(super) fn decode(octets: &[u8]) -> Result<KeyStore, CodecError> {
    let mut reader = Reader { octets, at: 0 };
    let mut store = KeyStore::new(reader.origin()?);
    for _ in 0..reader.number()? {
        let eid = reader.eid()?;
        let origin = reader.origin()?;
        let (downlink, uplink) = (reader.set()?, reader.set()?);
        let mut preloaded = Vec::new();
        for _ in 0..reader.number()? {
            let index = KeyIndex(reader.octet()?);
            preloaded.push((index, reader.imsi()?));
        }
        store.insert_card(eid, CardKeys { origin, downlink, uplink, preloaded })?;
    }
    for _ in 0..reader.number()? {
        let imsi = reader.imsi()?;
        let (key, opc) = (Zeroizing::new(reader.array()?), Zeroizing::new(reader.array()?));
        let keys = Milenage::new(SubscriberKey::from(*key), Opc::from(*opc));
        let origin = store.origin;
        store.insert_subscription(imsi, SubscriptionKey::Milenage(keys), origin)?;
    }
    if reader.at < octets.len() {
        return Err(CodecError::Trailing { at: reader.at });
    }
    Ok(store)
}

/// The limits of a store are below four octets.
fn number(count: usize) -> [u8; 4] {
    u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes()
}

const fn origin_octet(origin: Origin) -> u8 {
    match origin {
        Origin::Simulated => 0,
        Origin::Live => 1,
    }
}

const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::SingleDes,
    Algorithm::TripleDes2,
    Algorithm::TripleDes3,
    Algorithm::Aes128,
    Algorithm::Aes192,
    Algorithm::Aes256,
];

const fn algorithm_octet(algorithm: Algorithm) -> u8 {
    match algorithm {
        Algorithm::SingleDes => 0,
        Algorithm::TripleDes2 => 1,
        Algorithm::TripleDes3 => 2,
        Algorithm::Aes128 => 3,
        Algorithm::Aes192 => 4,
        Algorithm::Aes256 => 5,
    }
}

fn put_set(out: &mut Vec<u8>, set: &KeySet) {
    out.push(set.version().number());
    out.push(if set.mac_length() == MacLength::Four { 4 } else { 8 });
    for key in [set.kic(), set.kid()] {
        out.push(algorithm_octet(key.algorithm()));
        out.extend_from_slice(key.expose());
    }
}

struct Reader<'a> {
    octets: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], CodecError> {
        let end = self.at.saturating_add(len);
        let taken = self.octets.get(self.at..end);
        let taken = taken.ok_or(CodecError::Truncated { at: self.octets.len() })?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| CodecError::Truncated { at: self.at })
    }

    fn octet(&mut self) -> Result<u8, CodecError> {
        let [octet] = self.array()?;
        Ok(octet)
    }

    fn number(&mut self) -> Result<u32, CodecError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    const fn value(&self) -> CodecError {
        CodecError::Value { at: self.at }
    }

    fn origin(&mut self) -> Result<Origin, CodecError> {
        match self.octet()? {
            0 => Ok(Origin::Simulated),
            1 => Ok(Origin::Live),
            _ => Err(self.value()),
        }
    }

    fn eid(&mut self) -> Result<Eid, CodecError> {
        let octets: [u8; 16] = self.array()?;
        let text = alloc::format!("{}", polysim_base::Hex(&octets));
        Eid::parse(&text).map_err(|_| self.value())
    }

    fn imsi(&mut self) -> Result<Imsi, CodecError> {
        let octets = self.array()?;
        Imsi::from_ef(octets).map_err(|_| self.value())
    }

    fn set(&mut self) -> Result<KeySet, CodecError> {
        let version = KeyVersion::new(self.octet()?).ok_or_else(|| self.value())?;
        let mac = match self.octet()? {
            4 => MacLength::Four,
            8 => MacLength::Eight,
            _ => return Err(self.value()),
        };
        let (kic, kid) = (self.key()?, self.key()?);
        KeySet::new(version, kic, kid).with_mac_length(mac).map_err(|_| self.value())
    }

    /// A store holds single DES only if somebody has asked for it by name.
    fn key(&mut self) -> Result<Key, CodecError> {
        let index = usize::from(self.octet()?);
        let algorithm = *ALGORITHMS.get(index).ok_or_else(|| self.value())?;
        if algorithm == Algorithm::SingleDes {
            return Ok(Key::single_des(self.array()?, polysim_ota::SingleDesAccepted));
        }
        let octets = self.take(algorithm.key_len())?;
        Key::new(algorithm, octets).map_err(|_| self.value())
    }
}
