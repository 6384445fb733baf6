//! The committed corpus of the fuzz targets, replayed.

use std::path::Path;

use crate::testkit;

fn replay(name: &str, body: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        body(&std::fs::read(entry.unwrap().path()).unwrap());
        seen += 1;
    }
    seen
}

#[test]
fn pdus_of_the_corpus_hold() {
    assert!(replay("sms_pdu", testkit::fuzz_sms_pdu) >= 15);
}

#[test]
fn parts_of_the_corpus_hold() {
    assert!(replay("sms_reassembly", testkit::fuzz_sms_reassembly) >= 5);
}
