//! What one download costs in cryptography.
#![expect(clippy::expect_used, reason = "a bench that cannot be set up stops")]

use divan::Bencher;
use divan::counter::BytesCount;
use polysim_base::{Eid, Purpose, Stream, parse_hex};
use polysim_rsp::bsp::{
    Binding, BppBuilder, Channel, SEGMENT_LEN_MAX, SessionKeys, Unprotect, segments,
};
use polysim_rsp::crypto::{Mode, Origin, P256, PrivateKey, PublicKey, Randomness, Verifier};
use polysim_rsp::data::{ConfigureIsdpRequest, StoreMetadataRequest, decode};
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

/// Octets of a profile, as large as the test profiles of TS.48 are.
const PROFILE_LEN: usize = 12_000;

fn key(octet: u8) -> PrivateKey {
    PrivateKey::from_bytes(&[octet; 32], Origin::Live).expect("a key")
}

fn metadata() -> StoreMetadataRequest {
    let octets = parse_hex(b"BF25125A0A98001032547698103214910141920142").expect("octets");
    decode("metadata", &octets).expect("metadata")
}

/// What a server has at hand when it builds a package.
struct Server {
    one_time_key: PrivateKey,
    euicc: PublicKey,
    signer: PrivateKey,
    metadata: StoreMetadataRequest,
}

impl Server {
    fn new() -> Self {
        let (one_time_key, euicc, signer) = (key(7), key(8).public(), key(9));
        Self { one_time_key, euicc, signer, metadata: metadata() }
    }

    fn package(&self) -> Vec<u8> {
        let package = BppBuilder {
            transaction_id: &[1; 16],
            host_id: b"dp.example.com",
            eid: &eid(),
            one_time_key: &self.one_time_key,
            euicc_one_time_key: &self.euicc,
            signer: &self.signer,
            configure: &ConfigureIsdpRequest::default(),
            metadata: &self.metadata,
            profile: &[0x5A; PROFILE_LEN],
            profile_keys: None,
        };
        package.build().expect("a package")
    }
}

fn keys() -> SessionKeys {
    SessionKeys::draw(&mut randomness())
}

/// The ciphers alone: elliptic curves are measured above.
#[divan::bench]
fn protect(bencher: Bencher<'_, '_>) {
    let (keys, profile) = (keys(), vec![0x5A; PROFILE_LEN]);
    bencher.counter(BytesCount::new(PROFILE_LEN)).bench(|| {
        let mut out = Vec::with_capacity(PROFILE_LEN + 1_024);
        Channel::new(&keys).encrypt(0x86, &profile, &mut out);
        out
    });
}

#[divan::bench]
fn unprotect(bencher: Bencher<'_, '_>) {
    let (keys, profile) = (keys(), vec![0x5A; PROFILE_LEN]);
    let mut sealed = Vec::new();
    Channel::new(&keys).encrypt(0x86, &profile, &mut sealed);
    let sealed: Vec<&[u8]> = sealed.chunks(SEGMENT_LEN_MAX).collect();
    bencher.counter(BytesCount::new(PROFILE_LEN)).bench(|| {
        let mut channel = Channel::new(&keys);
        let open = |segment: &&[u8]| channel.decrypt(0x86, segment).expect("a segment").len();
        sealed.iter().map(open).sum::<usize>()
    });
}

#[divan::bench]
fn build_a_package(bencher: Bencher<'_, '_>) {
    let server = Server::new();
    bencher.counter(BytesCount::new(PROFILE_LEN)).bench(|| server.package());
}

#[divan::bench]
fn install_a_package(bencher: Bencher<'_, '_>) {
    let package = Server::new().package();
    let cut = segments(&package).expect("a package");
    let binding = Binding {
        transaction_id: vec![1; 16],
        one_time_key: key(8),
        eid: eid(),
        signer: key(9).public(),
    };
    bencher.counter(BytesCount::new(PROFILE_LEN)).bench(|| {
        let mut unprotect = Unprotect::new(binding.clone());
        for segment in &cut {
            unprotect.segment(&P256, segment).expect("a segment");
        }
        unprotect
    });
}
