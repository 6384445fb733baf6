use super::super::authority::RevocationList;
use super::super::files::{read_certificate, read_private_key};
use super::*;
use proptest::prelude::*;
use std::vec::Vec;

/// A certificate with a changed octet is either not read, or not trusted.
fn assert_worthless(world: &World, bent: &[u8], what: &str) {
    if let Ok(bent) = Certificate::parse(bent) {
        let verdict = world.judge_euicc(&bent, &world.euicc.eum);
        assert!(verdict.is_err(), "eUICC: {what}");
    }
}

#[test]
fn no_octet_of_a_certificate_can_be_changed() {
    let world = world();
    let der = world.euicc.certificate.der();
    for at in 0..der.len() {
        for bit in [0, 7] {
            let mut bent = der.to_vec();
            bent[at] ^= 1 << bit;
            assert_worthless(&world, &bent, &std::format!("octet {at}, bit {bit}"));
        }
    }
    for len in 0..der.len() {
        assert!(Certificate::parse(&der[..len]).is_err(), "{len} octets");
    }
}

#[test]
fn a_certificate_that_is_too_long_is_not_read() {
    let verdict = Certificate::parse(&[0x30; 9_000]);
    assert_eq!(verdict, Err(CertificateError::TooLong { len: 9_000 }));
}

proptest! {
    #[test]
    fn octets_never_panic(octets: Vec<u8>) {
        drop(Certificate::parse(&octets));
        drop(Crl::parse(&octets));
        drop(read_certificate(&octets));
        drop(read_private_key(&octets, Origin::Live));
    }

    #[test]
    fn spoiled_certificates_never_panic(at: prop::sample::Index, with: Vec<u8>, cut: bool) {
        let world = world();
        let list = RevocationList::whole(1, (0, 2_000_000_000), &[world.authority.root()]);
        let crl = world.authority.crl(&list);
        for der in [world.authority.root().der(), world.eum.certificate().der(), &crl] {
            let mut spoiled = der.to_vec();
            let at = at.index(spoiled.len());
            let end = if cut { spoiled.len() } else { (at + with.len()).min(spoiled.len()) };
            spoiled.splice(at..end, with.iter().copied());
            drop(Certificate::parse(&spoiled));
            drop(Crl::parse(&spoiled));
        }
    }
}
