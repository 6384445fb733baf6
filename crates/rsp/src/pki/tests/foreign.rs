use super::super::certificate::ECDSA_SHA256;
use super::super::der::{BIT_STRING, OBJECT_IDENTIFIER, Reader, SEQUENCE, tlv, write_signature};
use super::super::files::read_certificate;
use super::*;
use polysim_base::parse_hex;
use std::string::String;
use std::vec::Vec;

const VECTORS: &str = include_str!("../../../../../tests/vectors/esim_certificates.json");

pub(super) fn vector(path: &[&str]) -> String {
    let file: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
    path.iter().fold(&file, |value, name| &value[*name]).as_str().unwrap().into()
}

fn octets(path: &[&str]) -> Vec<u8> {
    parse_hex(vector(path).as_bytes()).unwrap()
}

pub(super) fn certificate(name: &str) -> Certificate {
    Certificate::parse(&octets(&["certificates", name])).unwrap()
}

fn trusting() -> (Trust, KeyId) {
    let mut trust = Trust::new();
    let ci = trust.add_root(certificate("ci"), Mode::Live).unwrap();
    (trust, ci)
}

#[test]
fn certificates_that_another_library_wrote_are_read() {
    let dptls = certificate("dptls");
    assert!(dptls.dns_names().eq(["testsmdpplus1.example.com"]));
    assert!(
        dptls
            .crl_points()
            .eq(["http://ci.test.example.com/CRL-A.crl", "http://ci.test.example.com/CRL-B.crl"])
    );
    assert_eq!(certificate("dpauth").registered_ids()[0], Oid::parse("2.999.10").unwrap());
    assert_eq!(certificate("ci").serial(), [0, 0xB8, 0x74, 0xF3, 0xAB, 0xFA, 0x6C, 0x44, 0xD3]);
    assert_eq!(certificate("euicc").eid(), Some(&eid()));
    // 2020-04-01 08:27:51 and 7496-01-24 09:48:58, as `date -u +%s` gives them.
    assert_eq!(certificate("euicc").validity(), (1_585_729_671, 174_385_734_538));
}

#[test]
fn chains_that_another_library_wrote_hold() {
    let (trust, ci) = trusting();
    for (name, role) in [("dpauth", Role::DpAuth), ("dppb", Role::DpPb), ("dptls", Role::DpTls)] {
        let verdict = trust.verify_server(&P256, &certificate(name), role, &ci, NOW);
        assert_eq!(verdict, Ok(()), "{name}");
    }
    for eum in ["eum", "eum_eins"] {
        let verdict = trust.verify_euicc(&P256, &certificate("euicc"), &certificate(eum), NOW);
        assert_eq!(verdict, Ok(eid()), "{eum}");
    }
    let late = Some(1_800_000_000);
    let verdict = trust.verify_server(&P256, &certificate("dptls"), Role::DpTls, &ci, late);
    assert_eq!(verdict, Err(ChainError::Expired(Role::DpTls)));
}

#[test]
fn a_revocation_list_that_another_library_wrote_is_taken() {
    let (mut trust, ci) = trusting();
    assert_eq!(trust.load_crl(&P256, &octets(&["crl"]), NOW), Ok(std::vec![]));
    let judge = |name, role| trust.verify_server(&P256, &certificate(name), role, &ci, NOW);
    assert_eq!(judge("dpauth", Role::DpAuth), Err(ChainError::Revoked(Role::DpAuth)));
    assert_eq!(judge("dppb", Role::DpPb), Ok(()));
}

#[test]
fn live_work_refuses_the_published_test_root() {
    let der = octets(&["certificates", "ci"]);
    let known = KeyId::from_bytes(&parse_hex(b"F54172BDF98A95D65CBEB88A38A1C11D800A85C3").unwrap())
        .unwrap();
    let own = certificate("ci").subject_key_id().unwrap();
    // The private key of the real root is not ours to sign with: another key takes its identifier.
    let key = PrivateKey::from_bytes(&[1; 32], Origin::Live).unwrap();
    let at = der.windows(20).position(|octets| octets == own.as_bytes()).unwrap();
    let mut tbs = Reader::only(&der, SEQUENCE).unwrap().any().unwrap().2.to_vec();
    let offset = der.len() - Reader::only(&der, SEQUENCE).unwrap().error().left;
    tbs[at - offset..at - offset + 20].copy_from_slice(known.as_bytes());
    let signature = write_signature(&key.sign(&tbs));
    let algorithm = tlv(SEQUENCE, &[&tlv(OBJECT_IDENTIFIER, &[&ECDSA_SHA256])]);
    let bits = tlv(BIT_STRING, &[&[0], &signature]);
    let root = Certificate::parse(&tlv(SEQUENCE, &[&tbs, &algorithm, &bits])).unwrap();
    let mut trust = Trust::new();
    let verdict = trust.add_root(root.clone(), Mode::Live);
    assert_eq!(verdict, Err(RootError::TestRoot { key_id: known }));
    assert_eq!(trust.add_root(root, Mode::Simulation), Ok(known));
}

#[test]
fn a_certificate_file_is_pem_or_der() {
    let pem = vector(&["files", "ci_pem"]);
    assert_eq!(read_certificate(pem.as_bytes()), Ok(certificate("ci")));
    assert_eq!(read_certificate(certificate("ci").der()), Ok(certificate("ci")));
    assert_eq!(super::super::files::certificate_pem(&certificate("ci")), pem);
}

#[test]
fn what_is_critical_and_unknown_is_refused_and_so_is_a_list_without_a_number() {
    let (mut trust, ci) = trusting();
    let odd = certificate("dpauth_critical");
    let verdict = trust.verify_server(&P256, &odd, Role::DpAuth, &ci, NOW);
    assert_eq!(verdict, Err(ChainError::UnknownExtension(Role::DpAuth)));
    for list in ["crl_critical", "crl_unnumbered"] {
        let verdict = trust.load_crl(&P256, &octets(&[list]), NOW);
        assert_eq!(verdict, Err(LoadCrlError::InvalidFormat), "{list}");
    }
}

#[test]
fn an_eid_that_is_excluded_is_out_of_range() {
    let (trust, _) = trusting();
    let eum = certificate("eum_excluded");
    let verdict = trust.verify_euicc(&P256, &certificate("euicc"), &eum, NOW);
    assert_eq!(verdict, Err(ChainError::EidOutOfRange));
}
