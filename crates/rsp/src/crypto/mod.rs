//! The elliptic-curve cryptography of remote SIM provisioning: P-256 with SHA-256, signatures as
//! raw `r || s`, key agreement and the key derivation of ANSI X9.63.
//!
//! Signing is deterministic (RFC 6979), so that a run repeats. Where keys come from is part of
//! their type: a [`PrivateKey`] carries its [`Origin`], and whoever works in [`Mode::Live`] refuses
//! one that a simulation made.

mod agreement;
mod key;
#[cfg(test)]
mod tests;

pub use agreement::{SharedSecret, derive_x963};
pub use key::{KeyError, KeyId, PrivateKey, PublicKey};
pub use polysim_base::{LiveSource, Mode, Origin, OriginRefused, Randomness};

use p256::ecdsa::signature::Verifier as _;

/// A signature as SGP.22 carries it: `r || s`, both of 32 octets.
pub type Signature = [u8; 64];

/// Who checks signatures. A trait, so that a process may put a faster library behind it.
pub trait Verifier: Send + Sync {
    /// Returns whether `signature` is one of `key` over the SHA-256 of `message`.
    #[must_use]
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool;
}

/// The [`Verifier`] of the crate `p256`: it works everywhere, without assembly.
#[derive(Clone, Copy, Debug, Default)]
pub struct P256;

impl Verifier for P256 {
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        let Ok(signature) = p256::ecdsa::Signature::from_slice(signature) else { return false };
        key.point().is_ok_and(|key| {
            p256::ecdsa::VerifyingKey::from(key).verify(message, &signature).is_ok()
        })
    }
}
