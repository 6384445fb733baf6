use super::*;
use alloc::boxed::Box;
use polysim_base::{Purpose, Stream, parse_hex};
use std::format;
use std::vec::Vec;

fn randomness(seed: u64) -> Randomness {
    Randomness::Simulated(Stream::derive(seed, 1, Purpose::Keys, 0))
}

fn hex<const N: usize>(text: &str) -> [u8; N] {
    parse_hex(text.as_bytes()).unwrap().try_into().unwrap()
}

fn counted(first: u8) -> PrivateKey {
    let octets: Vec<u8> = (first..first + 32).collect();
    PrivateKey::from_bytes(&octets, Origin::Live).unwrap()
}

// The vectors of this file were made with pyca/cryptography 48 (OpenSSL): keys 01..20 and 21..40,
// `exchange(ECDH())`, `X963KDF(SHA256)`, `sign(.., deterministic_signing=True)`.
const PUBLIC_A: &str = "04515C3D6EB9E396B904D3FECA7F54FDCD0CC1E997BF375DCA515AD0A6C3B4035F\
     4536BE3A50F318FBF9A5475902A221502BEF0D57E08C53B2CC0A56F17D9F9354";
const SIGNATURE: &str = "7C49459168676D55B718CD6F0B44E0177BA6EDBEA3EFA6541892D3F75FE3B7E9\
     1B7E865EC8845C79D2F2967F50E7B764D5D0204B06360F48E5EDED2DBB1BF60C";

#[test]
fn a_signature_is_the_one_of_rfc_6979_that_openssl_gives() {
    let key = counted(1);
    assert_eq!(key.public().to_bytes(), hex(PUBLIC_A));
    assert_eq!(key.sign(b"polysim"), hex(SIGNATURE));
}

#[test]
fn a_signature_holds_for_its_key_and_message_only() {
    let (key, other) = (counted(1), counted(33));
    let signature = key.sign(b"polysim");
    assert!(P256.verify(&key.public(), b"polysim", &signature));
    assert!(!P256.verify(&other.public(), b"polysim", &signature));
    assert!(!P256.verify(&key.public(), b"polysin", &signature));
    for at in 0..signature.len() {
        let mut bent = signature;
        bent[at] ^= 1;
        assert!(!P256.verify(&key.public(), b"polysim", &bent), "octet {at}");
    }
    assert!(!P256.verify(&key.public(), b"polysim", &[0; 64]));
    assert!(!P256.verify(&key.public(), b"polysim", &[0xFF; 64]));
}

#[test]
fn both_parties_agree_and_derive_what_openssl_derives() {
    let (a, b) = (counted(1), counted(33));
    let secret = a.agree(&b.public());
    assert_eq!(secret.as_bytes(), b.agree(&a.public()).as_bytes());
    assert_eq!(
        *secret.as_bytes(),
        hex("4FE243908F378AA1C2A69538822E6ED908C3225D8692575507C649901245150A")
    );
    let mut shared_info = std::vec![0x88, 0x10, 4];
    shared_info.extend(b"host\x10");
    shared_info.extend(0..16_u8);
    let mut keys = [0; 48];
    derive_x963(&secret, &shared_info, &mut keys);
    let expected = "1CA7A9917AAD7EEF7721F4D6DF2C1A25ED23C1A215193598\
         A1F95384B16BD1AD92822741A87AD8CED68FBA37BB945BAC";
    assert_eq!(keys, hex(expected));
}

#[test]
fn a_seed_gives_its_keys_again_and_another_gives_others() {
    let key = |seed| PrivateKey::generate(&mut randomness(seed));
    assert_eq!(key(1), key(1));
    assert_ne!(key(1), key(2));
    assert_eq!(*key(1).to_bytes(), *PrivateKey::generate(&mut randomness(1)).to_bytes());
}

#[test]
fn a_broken_source_still_gives_a_key() {
    for octet in [0, 0xFF] {
        let mut broken = Randomness::Live(Box::new(move |out: &mut [u8]| out.fill(octet)));
        let key = PrivateKey::generate(&mut broken);
        assert!(P256.verify(&key.public(), b"m", &key.sign(b"m")));
    }
}

#[test]
fn live_work_refuses_what_a_simulation_made() {
    let simulated = PrivateKey::generate(&mut randomness(1));
    assert_eq!(simulated.origin(), Origin::Simulated);
    assert!(simulated.clone().admitted(Mode::Simulation).is_ok());
    assert_eq!(simulated.admitted(Mode::Live), Err(OriginRefused));
    let live = counted(1);
    assert!(live.clone().admitted(Mode::Simulation).is_ok());
    assert!(live.admitted(Mode::Live).is_ok());
}

#[test]
fn points_off_the_curve_and_numbers_out_of_range_are_no_keys() {
    let mut off: [u8; 65] = hex(PUBLIC_A);
    off[64] ^= 1;
    assert_eq!(PublicKey::from_bytes(&off), Err(KeyError::NotOnCurve));
    assert_eq!(PublicKey::from_bytes(&off[..64]), Err(KeyError::PublicKeyForm));
    assert_eq!(PublicKey::from_bytes(&[0]), Err(KeyError::PublicKeyForm));
    for form in [0, 2, 6, 7] {
        off[0] = form;
        assert_eq!(PublicKey::from_bytes(&off), Err(KeyError::PublicKeyForm));
    }
    let refused = Err(KeyError::PrivateKeyRange);
    assert_eq!(PrivateKey::from_bytes(&[0; 32], Origin::Live), refused);
    assert_eq!(PrivateKey::from_bytes(&[0xFF; 32], Origin::Live), refused);
    assert_eq!(PrivateKey::from_bytes(&[1; 31], Origin::Live), refused);
}

#[test]
fn secrets_are_not_shown() {
    let key = counted(1);
    let shown = format!("{key:?} {:?} {:?}", key.agree(&key.public()), randomness(0x1234_5678));
    assert!(!shown.contains("0102") && !shown.contains("1, 2"), "{shown}");
    assert!(shown.contains("SharedSecret(..) Randomness(Simulated)"), "{shown}");
}
