//! The keys that a stored set is sealed under.

use core::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{Epoch, PeerKey};

const LOCK_LABEL: &[u8] = b"polysim share lock 1";
const SEAL_LABEL: &[u8] = b"polysim share seal 1";

/// What the master gives with each activation, and a slave forgets when it is active no more: without it
/// a stored set does not open.
#[derive(Clone, Eq, Hash, PartialEq, Zeroize, ZeroizeOnDrop)]
pub struct LockKey(pub [u8; 32]);

/// The key under which a device stores what must not be read.
#[derive(Clone, Eq, Hash, PartialEq, Zeroize, ZeroizeOnDrop)]
pub struct StorageKey(pub [u8; 32]);

impl LockKey {
    /// Derives the key that locks the set which a slave was given with the lease of this number. Another
    /// slave, another lease or another group has another one, and nobody has to keep them.
    #[must_use]
    pub fn derive(&self, peer: &PeerKey, epoch: Epoch) -> Self {
        let (term, count) = (epoch.term().0.to_be_bytes(), epoch.count().to_be_bytes());
        Self(*prf(&self.0, [LOCK_LABEL, &peer.0, &term, &count]))
    }
}

impl StorageKey {
    /// Derives the key of one sealing.
    pub(super) fn seal_key(&self, lock: &LockKey) -> Zeroizing<[u8; 32]> {
        prf(&self.0, [SEAL_LABEL, &lock.0])
    }
}

/// HMAC-SHA-256 over parts, of which only the last may vary in length.
fn prf<const N: usize>(key: &[u8; 32], parts: [&[u8]; N]) -> Zeroizing<[u8; 32]> {
    // A key of 32 octets is padded with zeros to a block (RFC 2104), which always has its length.
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    parts.iter().for_each(|part| mac.update(part));
    Zeroizing::new(mac.finalize().into_bytes().into())
}

impl fmt::Debug for LockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LockKey(..)")
    }
}

impl fmt::Debug for StorageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StorageKey(..)")
    }
}
