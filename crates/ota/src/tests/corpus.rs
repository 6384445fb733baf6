//! The committed corpus of the fuzz targets, replayed.

use std::path::Path;

use crate::testkit::{fuzz_ota_receiver, fuzz_ota_sender};

fn replay(name: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        body(&std::fs::read(file.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count >= 10, "{count} seeds of {name}");
}

#[test]
fn packets_and_scripts_of_the_corpus_hold() {
    replay("ota_receiver", fuzz_ota_receiver);
}

#[test]
fn answers_of_the_corpus_hold() {
    replay("ota_sender", fuzz_ota_sender);
}
