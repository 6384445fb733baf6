//! From an agreed secret to keys.

use core::fmt;

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What two parties agreed on. It is wiped when dropped and never shown.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SharedSecret([u8; 32]);

impl SharedSecret {
    pub(super) const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// Returns the octets, for a key derivation.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(..)")
    }
}

/// Fills `out` by the key derivation of ANSI X9.63 with SHA-256.
pub fn derive_x963(secret: &SharedSecret, shared_info: &[u8], out: &mut [u8]) {
    for (counter, chunk) in (1_u32..).zip(out.chunks_mut(32)) {
        let block = Sha256::new()
            .chain_update(secret.0)
            .chain_update(counter.to_be_bytes())
            .chain_update(shared_info)
            .finalize();
        chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
    }
}
