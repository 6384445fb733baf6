use super::super::files::{FileError, private_key_pem, read_certificate, read_private_key};
use super::foreign::{certificate, vector};
use super::*;

fn read(name: &str) -> Result<PrivateKey, FileError> {
    read_private_key(vector(&["files", name]).as_bytes(), Origin::Live)
}

#[test]
fn private_keys_that_openssl_wrote_are_read() {
    let expected = PrivateKey::from_bytes(&[4; 32], Origin::Live).unwrap();
    assert_eq!(read("sec1_pem").as_ref(), Ok(&expected));
    assert_eq!(read("pkcs8_pem").as_ref(), Ok(&expected));
    assert_eq!(expected.public(), *certificate("dpauth").public_key());
}

#[test]
fn a_private_key_is_written_as_openssl_writes_it() {
    let key = PrivateKey::from_bytes(&[4; 32], Origin::Live).unwrap();
    assert_eq!(*private_key_pem(&key), vector(&["files", "pkcs8_pem"]));
}

#[test]
fn a_file_that_gives_no_key_says_why() {
    assert_eq!(read("encrypted_pem"), Err(FileError::Encrypted));
    assert_eq!(read("brainpool_pem"), Err(FileError::Curve));
    assert_eq!(read("ci_pem"), Err(FileError::NoBlock { label: "PRIVATE KEY" }));
    let key = vector(&["files", "pkcs8_pem"]);
    let no_certificate = read_certificate(key.as_bytes());
    assert_eq!(no_certificate, Err(FileError::NoBlock { label: "CERTIFICATE" }));
    let damaged = key.replacen('M', "*", 1);
    assert_eq!(read_private_key(damaged.as_bytes(), Origin::Live), Err(FileError::Pem));
    let nothing = read_private_key(&[], Origin::Live);
    assert!(matches!(nothing, Err(FileError::Der(_))), "{nothing:?}");
    let long = std::vec![0; 70_000];
    assert_eq!(read_certificate(&long), Err(FileError::TooLong { len: 70_000 }));
}
