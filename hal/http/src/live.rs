//! Keys and signatures of live work, by the library that TLS brings along.

use polysim_rsp::crypto::{PublicKey, Randomness, Signature, Verifier};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

/// The [`Verifier`] of the library `ring`: five times as fast as the one without assembly.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ring;

impl Verifier for Ring {
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.as_bytes());
        key.verify(message, signature).is_ok()
    }
}

/// Returns the randomness of the operating system: what live keys and challenges are made of.
#[must_use]
pub fn system_randomness() -> Randomness {
    let source = SystemRandom::new();
    Randomness::Live(Box::new(move |out| {
        // Only a system that has just started may have none yet; nothing weaker will do.
        while source.fill(out).is_err() {
            std::thread::yield_now();
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_rsp::crypto::{Origin, P256, PrivateKey};

    #[test]
    fn both_verifiers_judge_alike() {
        let key = PrivateKey::generate(&mut system_randomness());
        assert_eq!(key.origin(), Origin::Live);
        let signature = key.sign(b"polysim");
        for at in 0..signature.len() {
            let mut bent = signature;
            bent[at] ^= 1;
            for signature in [signature, bent] {
                let by = |verifier: &dyn Verifier| {
                    verifier.verify(&key.public(), b"polysim", &signature)
                };
                assert_eq!(by(&Ring), by(&P256), "octet {at}");
            }
        }
        assert!(Ring.verify(&key.public(), b"polysim", &signature));
        assert!(!Ring.verify(&key.public(), b"polysin", &signature));
    }

    #[test]
    fn the_system_gives_nothing_twice() {
        let mut randomness = system_randomness();
        assert_ne!(randomness.bytes::<32>(), randomness.bytes::<32>());
    }
}
