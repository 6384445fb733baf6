//! The committed corpus of the fuzz target, replayed.

use std::path::Path;

use crate::testkit;

#[test]
fn the_corpus_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/cat");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        testkit::fuzz_cat(&std::fs::read(entry.unwrap().path()).unwrap());
        seen += 1;
    }
    assert!(seen >= 20, "{seen} seeds");
}
