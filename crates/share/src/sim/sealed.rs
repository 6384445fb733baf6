//! A set at rest: ChaCha20-Poly1305 under a key that only storage key and lock key together yield.

use alloc::vec::Vec;

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, Nonce};
use zeroize::Zeroizing;

use super::{InvalidSim, LockKey, StorageKey, VirtualSim};

/// Authenticated with what is sealed.
const LABEL: &[u8] = b"polysim share sealed set 1";
/// Octets of Poly1305's tag.
const TAG_LEN: usize = 16;

impl VirtualSim {
    /// Octets of a sealed set, at most.
    pub const SEALED_LEN_MAX: usize = Self::LEN_MAX + TAG_LEN;

    /// Seals the set, so that it opens with both keys only.
    ///
    /// There is no nonce to draw: a lock key is made for one set that one slave is given once, so the key
    /// of each sealing is another one. The same set sealed again gives the same octets.
    #[must_use]
    pub fn seal(&self, storage: &StorageKey, lock: &LockKey) -> Vec<u8> {
        let mut octets = self.encode();
        let cipher = cipher(storage, lock);
        // Enciphered where it stands, so that nothing is left in the clear.
        let tag = cipher.encrypt_inout_detached(&nonce(), LABEL, octets.as_mut_slice().into());
        // It refuses nothing but messages of 256 gigaoctets; without a tag it would not open.
        let tag = tag.unwrap_or_default();
        let mut sealed = Vec::with_capacity(Self::SEALED_LEN_MAX);
        sealed.extend_from_slice(&octets);
        sealed.extend_from_slice(&tag);
        sealed
    }

    /// Opens what was sealed.
    ///
    /// # Errors
    /// [`InvalidSim::Sealed`] where a key is another one, or an octet.
    pub fn open(sealed: &[u8], storage: &StorageKey, lock: &LockKey) -> Result<Self, InvalidSim> {
        if sealed.len() > Self::SEALED_LEN_MAX {
            return Err(InvalidSim::Sealed);
        }
        let (octets, tag) = sealed.split_last_chunk::<TAG_LEN>().ok_or(InvalidSim::Sealed)?;
        let mut octets = Zeroizing::new(octets.to_vec());
        cipher(storage, lock)
            .decrypt_inout_detached(&nonce(), LABEL, octets.as_mut_slice().into(), &(*tag).into())
            .map_err(|_| InvalidSim::Sealed)?;
        Self::decode(&octets)
    }
}

fn cipher(storage: &StorageKey, lock: &LockKey) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&(*storage.seal_key(lock)).into())
}

fn nonce() -> Nonce {
    Nonce::default()
}
