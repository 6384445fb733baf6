//! Folders of certificates.

use super::Office;
use crate::esim::{Credentials, CredentialsError};
use polysim_rsp::crypto::{Mode, P256};
use polysim_rsp::pki::authority::RevocationList;
use polysim_rsp::pki::{Role, files};
use std::fs;
use std::path::PathBuf;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("polysim-{name}-{}", std::process::id()));
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(path.join("within")).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, octets: impl AsRef<[u8]>) -> &Self {
        fs::write(self.0.join(name), octets).unwrap();
        self
    }

    fn read(&self) -> Result<Credentials, CredentialsError> {
        Credentials::read(&self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[test]
fn certificates_are_known_by_their_roles_and_paired_with_their_keys() {
    let office = Office::new();
    let folder = Folder::new("credentials");
    let key = files::private_key_pem(&office.euicc.key);
    folder
        .write("a.pem", files::certificate_pem(office.authority.root()))
        .write("b.der", office.euicc.certificate.der())
        .write("within/c.cer", office.euicc.eum.der())
        .write("within/d.key", key.as_bytes())
        .write("notes.txt", "no certificate");
    let found = folder.read().unwrap();
    assert_eq!(found.roots().count(), 1);
    let euicc = found.euicc(None, Mode::Live).unwrap();
    assert_eq!((&euicc.certificate, &euicc.eum), (&office.euicc.certificate, &office.euicc.eum));
    assert_eq!(euicc.key.to_bytes(), office.euicc.key.to_bytes());
    assert!(found.euicc(Some(&office.eid), Mode::Simulation).is_ok());
    let other = polysim_base::Eid::with_check_digits("890490320000000000000000000002").unwrap();
    let missing = found.euicc(Some(&other), Mode::Simulation).unwrap_err();
    assert!(matches!(missing, CredentialsError::NoCertificate { role: Role::Euicc, .. }));
    let missing = found.identity(Role::DpAuth, Mode::Simulation).unwrap_err();
    assert!(missing.to_string().contains("CERT.DPauth"), "{missing}");
    let trust = found.trust(&P256, Mode::Simulation, None).unwrap();
    let eid = trust.verify_euicc(&P256, &office.euicc.certificate, &office.euicc.eum, None);
    assert_eq!(eid, Ok(office.eid));
}

#[test]
fn live_work_refuses_the_root_of_a_simulation() {
    let office = Office::new();
    let folder = Folder::new("live");
    folder.write("ci.pem", files::certificate_pem(office.authority.root()));
    let refused = folder.read().unwrap().trust(&P256, Mode::Live, None).unwrap_err();
    assert!(matches!(refused, CredentialsError::Root { .. }), "{refused}");
}

#[test]
fn revocation_lists_of_a_folder_are_heeded() {
    let office = Office::new();
    let folder = Folder::new("revoked");
    let list = RevocationList::whole(1, (0, 4_000_000_000), &[&office.euicc.eum]);
    folder
        .write("ci.pem", files::certificate_pem(office.authority.root()))
        .write("list.crl", office.authority.crl(&list));
    let trust = folder.read().unwrap().trust(&P256, Mode::Simulation, None).unwrap();
    let verdict = trust.verify_euicc(&P256, &office.euicc.certificate, &office.euicc.eum, None);
    assert!(verdict.is_err());
}

#[test]
fn what_is_missing_or_damaged_is_named_with_its_file() {
    let office = Office::new();
    let folder = Folder::new("damaged");
    let empty = folder.read().unwrap().trust(&P256, Mode::Simulation, None).unwrap_err();
    assert!(matches!(empty, CredentialsError::NoRoot { .. }));
    folder.write("euicc.pem", files::certificate_pem(&office.euicc.certificate));
    let unpaired = folder.read().unwrap().euicc(None, Mode::Simulation).unwrap_err();
    assert!(unpaired.to_string().contains("euicc.pem"), "{unpaired}");
    folder.write("bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let damaged = folder.read().unwrap_err();
    assert!(damaged.to_string().contains("bad.pem"), "{damaged}");
    let gone = Credentials::read(&folder.0.join("gone")).unwrap_err();
    assert!(gone.to_string().contains("gone"), "{gone}");
}
