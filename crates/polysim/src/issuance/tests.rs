//! Files of keys, and tables.

mod on_site;

use super::table::{
    read_bindings, read_card_keys, read_numbers, read_subscription_keys, write_bindings,
};
use super::*;
use polysim_base::{Eid, Imsi};
use polysim_issuance::keys::{KeyStore, Origin, StoreKey};
use polysim_issuance::platform::CardState;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

/// A folder that is removed again.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("polysim-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

const EID: &str = "89049032123451234512345678901235";
const CARD_KEYS: &str = "eid,version,kic,kid,uplink_kic,uplink_kid,preloaded\n\
    89049032123451234512345678901235,1,00112233445566778899AABBCCDDEEFF,\
    10112233445566778899AABBCCDDEEFF,20112233445566778899AABBCCDDEEFF,\
    30112233445566778899AABBCCDDEEFF,1:001010000000001 2:001010000000002\n";

#[test]
fn a_key_file_is_saved_as_a_whole_and_opens_with_its_key_only() {
    let folder = Folder::new("keys");
    let (path, key_path) = (folder.0.join("keys.store"), folder.0.join("store.key"));
    let key = make_store_key(&key_path).unwrap();
    assert!(make_store_key(&key_path).is_err(), "a key is never overwritten");
    let mut file = KeyFile::create(&path, key.clone(), Origin::Live).unwrap();
    assert!(KeyFile::create(&path, key, Origin::Live).is_err(), "nor is a store");
    let [(eid, keys)] = &read_card_keys(CARD_KEYS.as_bytes(), Origin::Live).unwrap()[..] else {
        panic!("one card")
    };
    file.store.insert_card(*eid, keys.clone()).unwrap();
    let empty = fs::read(&path).unwrap();
    file.save().unwrap();
    assert_ne!(fs::read(&path).unwrap(), empty);
    let once = fs::read(&path).unwrap();
    file.save().unwrap();
    assert_ne!(fs::read(&path).unwrap(), once, "never twice under one nonce");
    assert!(!file.is_exposed());

    let key = read_store_key(&key_path).unwrap();
    let opened = KeyFile::open(&path, key, Origin::Live).unwrap();
    assert_eq!(opened.store.card(*eid).as_ref(), Some(keys));
    let wrong = KeyFile::open(&path, StoreKey::new([1; 32]), Origin::Live).unwrap_err();
    assert!(wrong.to_string().contains("not the store's"), "{wrong}");
}

#[test]
fn a_key_that_others_can_read_is_refused_and_a_store_is_told() {
    let folder = Folder::new("exposed");
    let (path, key_path) = (folder.0.join("keys.store"), folder.0.join("store.key"));
    let key = make_store_key(&key_path).unwrap();
    let file = KeyFile::create(&path, key, Origin::Simulated).unwrap();
    for path in [&path, &key_path] {
        fs::set_permissions(path, Permissions::from_mode(0o640)).unwrap();
    }
    assert!(file.is_exposed());
    let refused = read_store_key(&key_path).unwrap_err();
    assert!(matches!(refused, KeyFileError::Exposed { mode: 0o640, .. }), "{refused}");
}

#[test]
fn bindings_come_back_as_they_were_written() {
    let text = "imei,eid,msisdn,imsi\n\
        35000000000001, 89049032123451234512345678901235 ,+491700000001,001010000000001\n";
    let rows = read_bindings(text.as_bytes()).unwrap();
    assert_eq!(rows[0].eid, EID.parse::<Eid>().unwrap());
    let imsi: Imsi = "001010000000001".parse().unwrap();
    assert_eq!(rows[0].state, CardState::Settled { imsi: Some(imsi) });
    let mut pending = rows[0];
    pending.state = CardState::Pending { old: Some(imsi), new: imsi, proved: true };
    let rows = vec![rows[0], pending];
    let mut written = Vec::new();
    write_bindings(rows.iter().copied(), &mut written).unwrap();
    assert_eq!(read_bindings(&written[..]).unwrap(), rows);
    let header = String::from_utf8(written).unwrap();
    assert!(header.starts_with("eid,imei,iccid,imsi,msisdn,new_imsi,proved\n"), "{header}");
    assert!(header.contains(",350000000000014,"), "with its check digit: {header}");
}

#[test]
fn a_mistake_in_a_table_is_told_with_its_line_and_column() {
    let eid = EID;
    let cases = [
        (
            format!("eid,imei\n{eid},35000000000001\n{eid},350000000000013\n"),
            "line 3, column \"imei\"",
        ),
        ("imei\n35000000000001\n".into(), "line 1: the column \"eid\" is missing"),
        ("eid,imei\n,35000000000001\n".into(), "line 2, column \"eid\": it must not be empty"),
        ("eid,imei,eid\n".into(), "line 1: the column \"eid\" is there twice"),
        ("eid;imei\n".into(), "line 1 does not name the columns"),
        (String::new(), "line 1 does not name the columns"),
        ("eid,colour\n".into(), "there is no column \"colour\""),
        (format!("eid,imei\n{eid}\n"), "line: 2"),
    ];
    for (text, expected) in cases {
        let error = read_bindings(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let short = CARD_KEYS.replace("10112233445566778899AABBCCDDEEFF", "10112233");
    let error = read_card_keys(short.as_bytes(), Origin::Live).unwrap_err().to_string();
    assert_eq!(error, "line 2, column \"kid\": 4 octets where a key of AES has 16, 24 or 32");
    let error = read_subscription_keys("imsi,k,opc\n001010000000001,00,11\n".as_bytes());
    assert!(error.unwrap_err().to_string().contains("column \"k\": 1 octets"));
    let numbers = read_numbers("operator,imsi,msisdn\neast,001010000000001,none\n".as_bytes());
    assert!(numbers.unwrap_err().to_string().contains("line 2, column \"msisdn\""));
}

#[test]
fn a_mistake_in_a_table_of_keys_shows_no_key() {
    const K: &str = "00112233445566778899aabbccddeeff";
    let tables = [
        format!("{K},001010000000001,{K}\n"),
        format!("k,imsi,opc\n001010000000001,{K},{K}\n"),
        format!("imsi,k,opc,{K}\n"),
        format!("imsi,k,opc\n001010000000001,{K}0,{K}\n"),
    ];
    for table in tables {
        let error = read_subscription_keys(table.as_bytes()).unwrap_err().to_string();
        assert!(!error.contains(K) && error.contains("line "), "{error}");
    }
    let moved = CARD_KEYS.replace("1:001010000000001", K);
    let error = read_card_keys(moved.as_bytes(), Origin::Live).unwrap_err().to_string();
    assert!(!error.contains(K) && error.contains("preloaded"), "{error}");
}

#[test]
fn keys_of_a_table_go_into_a_store() {
    let mut store = KeyStore::new(Origin::Simulated);
    for (eid, keys) in read_card_keys(CARD_KEYS.as_bytes(), Origin::Simulated).unwrap() {
        assert_eq!(keys.preloaded.len(), 2);
        store.insert_card(eid, keys).unwrap();
    }
    let text = "imsi,k,opc\n001010000000009,00112233445566778899AABBCCDDEEFF,\
        00112233445566778899AABBCCDDEEFE\n";
    let (imsi, key) = read_subscription_keys(text.as_bytes()).unwrap().remove(0);
    store.insert_subscription(imsi, key, Origin::Simulated).unwrap();
    assert!(store.choose(EID.parse().unwrap(), imsi).is_some());
}
