//! What one download costs in cryptography.
#![expect(clippy::expect_used, reason = "a bench that cannot be set up stops")]

use divan::Bencher;
use polysim_base::{Eid, Purpose, Stream};
use polysim_rsp::crypto::{Mode, P256, PrivateKey, Randomness, Verifier};
use polysim_rsp::pki::authority::{Authority, AuthorityConfig};
use polysim_rsp::pki::{Certificate, EuiccIdentity, Trust};

fn main() {
    divan::main();
}

fn randomness() -> Randomness {
    Randomness::Simulated(Stream::derive(1, 1, Purpose::Keys, 0))
}

fn eid() -> Eid {
    Eid::parse("89049032123451234512345678901235").expect("an EID")
}

fn euicc() -> (Trust, EuiccIdentity) {
    let mut randomness = randomness();
    let authority = Authority::new(&mut randomness, &AuthorityConfig::default()).expect("a root");
    let eum = authority.eum(&mut randomness, "EUM", &["89049032"]).expect("an EUM");
    let mut trust = Trust::new();
    trust.add_root(authority.root().clone(), Mode::Simulation).expect("a root");
    (trust, eum.euicc(&mut randomness, &eid()).expect("an eUICC"))
}

#[divan::bench]
fn sign(bencher: Bencher<'_, '_>) {
    let key = PrivateKey::generate(&mut randomness());
    bencher.bench(|| key.sign(b"what is signed"));
}

#[divan::bench]
fn verify(bencher: Bencher<'_, '_>) {
    let key = PrivateKey::generate(&mut randomness());
    let (public, signature) = (key.public(), key.sign(b"what is signed"));
    bencher.bench(|| P256.verify(&public, b"what is signed", &signature));
}

#[divan::bench]
fn generate_and_agree(bencher: Bencher<'_, '_>) {
    let mut randomness = randomness();
    let other = PrivateKey::generate(&mut randomness).public();
    bencher.bench_local(|| PrivateKey::generate(&mut randomness).agree(&other));
}

#[divan::bench]
fn make_an_euicc_identity(bencher: Bencher<'_, '_>) {
    let mut randomness = randomness();
    let authority = Authority::new(&mut randomness, &AuthorityConfig::default()).expect("a root");
    let eum = authority.eum(&mut randomness, "EUM", &["89049032"]).expect("an EUM");
    bencher.bench_local(|| eum.euicc(&mut randomness, &eid()).expect("an eUICC"));
}

#[divan::bench]
fn parse_a_certificate(bencher: Bencher<'_, '_>) {
    let (_, euicc) = euicc();
    bencher.bench(|| Certificate::parse(euicc.certificate.der()).expect("a certificate"));
}

#[divan::bench]
fn chain_known(bencher: Bencher<'_, '_>) {
    let (trust, euicc) = euicc();
    bencher
        .bench(|| trust.verify_euicc(&P256, &euicc.certificate, &euicc.eum, Some(1_767_225_600)));
}

#[divan::bench]
fn chain_of_a_new_euicc(bencher: Bencher<'_, '_>) {
    let (trust, euicc) = euicc();
    bencher.with_inputs(|| trust.clone()).bench_refs(|trust| {
        trust.verify_euicc(&P256, &euicc.certificate, &euicc.eum, Some(1_767_225_600))
    });
}
