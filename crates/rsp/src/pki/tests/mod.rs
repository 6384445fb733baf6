use super::authority::{Authority, AuthorityConfig, Eum};
use super::*;
use crate::crypto::{KeyId, Origin, P256, PrivateKey, PublicKey, Randomness, Signature, Verifier};
use polysim_base::{Eid, Purpose, Stream};
use std::sync::atomic::{AtomicUsize, Ordering};

mod authority;
mod chain;
mod crl;
mod der;
mod files;
mod foreign;
mod hostile;

/// A moment at which everything of the fixture is valid: 2026-01-01.
const NOW: Option<i64> = Some(1_767_225_600);
const OID: &str = "2.999.10";

fn randomness(seed: u64) -> Randomness {
    Randomness::Simulated(Stream::derive(seed, 1, Purpose::Keys, 0))
}

fn eid() -> Eid {
    Eid::parse("89049032123451234512345678901235").unwrap()
}

/// A root, a manufacturer, an eUICC, and who trusts the root.
struct World {
    randomness: Randomness,
    authority: Authority,
    eum: Eum,
    euicc: EuiccIdentity,
    trust: Trust,
    ci: KeyId,
}

fn world() -> World {
    let mut randomness = randomness(1);
    let authority = Authority::new(&mut randomness, &AuthorityConfig::default()).unwrap();
    let eum = authority.eum(&mut randomness, "Test EUM", &["89049032"]).unwrap();
    let euicc = eum.euicc(&mut randomness, &eid()).unwrap();
    let mut trust = Trust::new();
    let ci = trust.add_root(authority.root().clone(), Mode::Simulation).unwrap();
    World { randomness, authority, eum, euicc, trust, ci }
}

impl World {
    fn server(&mut self, role: Role) -> Identity {
        let oid = Oid::parse(OID).unwrap();
        self.authority.server(&mut self.randomness, role, &oid, "smdp.example.com").unwrap()
    }

    fn judge_server(&self, certificate: &Certificate, role: Role) -> Result<(), ChainError> {
        self.trust.verify_server(&P256, certificate, role, &self.ci, NOW)
    }

    fn judge_euicc(&self, euicc: &Certificate, eum: &Certificate) -> Result<Eid, ChainError> {
        self.trust.verify_euicc(&P256, euicc, eum, NOW)
    }
}

/// Counts how often a signature is really verified.
#[derive(Default)]
struct Counting(AtomicUsize);

impl Verifier for Counting {
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        P256.verify(key, message, signature)
    }
}
