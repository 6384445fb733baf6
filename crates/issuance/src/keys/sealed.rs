//! A store at rest: encrypted and authenticated with XChaCha20-Poly1305, in a file of
//! `PSKS`, version, nonce, and what was encrypted.

use alloc::vec::Vec;

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use polysim_base::{InvalidHex, parse_hex};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::codec::{self, CodecError};
use super::{KeyStore, KeyStoreError, Origin};

/// The most octets that are taken for a store.
pub const STORE_LEN_MAX: usize = 1 << 30;
/// Octets of a nonce. They may be drawn at random: so many never meet by chance.
pub const NONCE_LEN: usize = 24;
const MAGIC: [u8; 4] = *b"PSKS";
const VERSION: u8 = 1;
const HEAD_LEN: usize = MAGIC.len() + 1;

/// The key that a store is encrypted with. It comes from a file or the environment, never from
/// beside the store; `Debug` masks it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct StoreKey(pub(super) [u8; 32]);

/// Why a text is no key of a store.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreKeyError {
    /// It is not hexadecimal.
    #[error("the key of the store: {0}")]
    Hex(#[from] InvalidHex),
    /// It has a wrong length.
    #[error("the key of the store has {got} octets, 32 are needed: 64 hexadecimal digits")]
    Length {
        /// Octets it has.
        got: usize,
    },
}

/// Why octets cannot be opened as a store.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenStoreError {
    /// Too many octets.
    #[error("{len} octets, a key store has at most {limit}")]
    TooLong {
        /// How many there are.
        len: usize,
        /// [`STORE_LEN_MAX`].
        limit: usize,
    },
    /// They are something else.
    #[error("this is no key store: it does not begin like one")]
    NotAStore,
    /// A version that is not known here.
    #[error("a key store of version {version}; this program knows version 1: take a newer one")]
    Version {
        /// Its version.
        version: u8,
    },
    /// It was encrypted with another key, or changed.
    #[error("the key is not the store's, or the store was changed")]
    NotAuthentic,
    /// It was made for a simulation.
    #[error("{}", KeyStoreError::Simulated)]
    Simulated,
    /// What is in it is no store.
    #[error(transparent)]
    Content(#[from] CodecError),
}

impl StoreKey {
    /// Makes a key of 32 octets, which should be random.
    #[must_use]
    pub const fn new(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    /// Reads 64 hexadecimal digits; white space around them is left out.
    ///
    /// # Errors
    /// [`StoreKeyError`] for another character or length.
    pub fn parse(hex: &str) -> Result<Self, StoreKeyError> {
        let octets = Zeroizing::new(parse_hex(hex.trim().as_bytes())?);
        let got = octets.len();
        <[u8; 32]>::try_from(octets.as_slice()).map(Self).map_err(|_| StoreKeyError::Length { got })
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}

impl core::fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("StoreKey(***)")
    }
}

impl KeyStore {
    /// Encrypts the store. A nonce must not be used again with the same key. Keys that are made
    /// from a seed are not in it.
    #[must_use]
    pub fn seal(&self, key: &StoreKey, nonce: [u8; NONCE_LEN]) -> Vec<u8> {
        let mut body = codec::encode(self);
        let mut head = MAGIC.to_vec();
        head.push(VERSION);
        let tag = key.cipher().encrypt_inout_detached(
            &XNonce::from(nonce),
            &head,
            body.as_mut_slice().into(),
        );
        // The cipher takes 256 GiB; the limits of a store are far below.
        let tag = tag.unwrap_or_default();
        let mut out = head;
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&body);
        out.extend_from_slice(&tag);
        out
    }

    /// Decrypts a store that is to be used for `origin`.
    ///
    /// # Errors
    /// [`OpenStoreError`]; a simulated store is refused where a live one is wanted.
    pub fn open(octets: &[u8], key: &StoreKey, origin: Origin) -> Result<Self, OpenStoreError> {
        let len = octets.len();
        if len > STORE_LEN_MAX {
            return Err(OpenStoreError::TooLong { len, limit: STORE_LEN_MAX });
        }
        let (head, rest) = octets.split_at_checked(HEAD_LEN).ok_or(OpenStoreError::NotAStore)?;
        let [a, b, c, d, version] = *head else { return Err(OpenStoreError::NotAStore) };
        if [a, b, c, d] != MAGIC {
            return Err(OpenStoreError::NotAStore);
        }
        if version != VERSION {
            return Err(OpenStoreError::Version { version });
        }
        let (nonce, rest) =
            rest.split_first_chunk::<NONCE_LEN>().ok_or(OpenStoreError::NotAuthentic)?;
        let (body, tag) = rest.split_last_chunk::<16>().ok_or(OpenStoreError::NotAuthentic)?;
        let mut body = Zeroizing::new(body.to_vec());
        key.cipher()
            .decrypt_inout_detached(
                &XNonce::from(*nonce),
                head,
                body.as_mut_slice().into(),
                &(*tag).into(),
            )
            .map_err(|_| OpenStoreError::NotAuthentic)?;
        let store = codec::decode(&body)?;
        match (origin, store.origin) {
            (Origin::Live, Origin::Simulated) => Err(OpenStoreError::Simulated),
            (Origin::Live, Origin::Live)
            | (Origin::Simulated, Origin::Simulated | Origin::Live) => Ok(store),
        }
    }
}
