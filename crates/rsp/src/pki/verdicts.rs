//! Which signatures were already found good.

use alloc::vec::Vec;
use core::fmt;

use atomic_refcell::AtomicRefCell;
use sha2::{Digest, Sha256};

use super::certificate::Certificate;
use crate::crypto::{PublicKey, Verifier};

/// A bounded memory of good signatures; the oldest is forgotten first.
///
/// It only saves time: whether a signature is good does not change, and where another thread holds
/// the memory the signature is simply verified again.
pub(super) struct Verdicts {
    good: AtomicRefCell<Ring>,
}

#[derive(Default)]
struct Ring {
    digests: Vec<[u8; 32]>,
    next: usize,
    limit: usize,
}

impl Verdicts {
    pub(super) const fn new(limit: usize) -> Self {
        Self { good: AtomicRefCell::new(Ring { digests: Vec::new(), next: 0, limit }) }
    }

    /// Returns whether `key` signed `certificate`.
    pub(super) fn is_signed_by(
        &self,
        verifier: &dyn Verifier,
        certificate: &Certificate,
        key: &PublicKey,
    ) -> bool {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(key.as_bytes())
            .chain_update(certificate.der())
            .finalize()
            .into();
        if self.good.try_borrow().is_ok_and(|ring| ring.digests.contains(&digest)) {
            return true;
        }
        let good = certificate.is_signed_by(verifier, key);
        if good && let Ok(mut ring) = self.good.try_borrow_mut() {
            ring.put(digest);
        }
        good
    }
}

impl Ring {
    fn put(&mut self, digest: [u8; 32]) {
        if self.digests.len() < self.limit {
            self.digests.push(digest);
        } else if let Some(oldest) = self.digests.get_mut(self.next) {
            *oldest = digest;
            self.next = (self.next + 1) % self.limit;
        }
    }
}

/// A copy begins with an empty memory.
impl Clone for Verdicts {
    fn clone(&self) -> Self {
        Self::new(self.good.try_borrow().map_or(0, |ring| ring.limit))
    }
}

impl fmt::Debug for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verdicts(..)")
    }
}
