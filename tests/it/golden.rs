//! Trace hashes that are written down: what a scenario does with a seed stays what it was.
//!
//! `tests/golden-hashes.txt` has a line of file, seed and hash for each. A change that is meant is
//! written with `POLYSIM_BLESS=1 cargo test golden`, and explained where it is committed.

use crate::{scenarios, tree};
use anyhow::{Context as _, Result};
use polysim_scenario::run;
use std::fs;

const FILE: &str = "tests/golden-hashes.txt";

#[test]
fn golden_hashes_are_unchanged() -> Result<()> {
    let path = tree::path(FILE);
    let written = tree::read(&path)?;
    let mut found = String::new();
    for line in written.lines() {
        found.push_str(&renewed(line).with_context(|| format!("{FILE}: {line:?}"))?);
        found.push('\n');
    }
    if std::env::var_os("POLYSIM_BLESS").is_some() {
        fs::write(&path, &found).with_context(|| format!("cannot write {FILE}"))?;
        return Ok(());
    }
    let changed: Vec<_> = written.lines().zip(found.lines()).filter(|(a, b)| a != b).collect();
    assert!(changed.is_empty(), "written, and found: {changed:#?}; see tests/it/golden.rs");
    assert!(written.lines().any(|line| !is_remark(line)), "{FILE} has no hash");
    Ok(())
}

/// Returns the line with the hash that this build gives.
fn renewed(line: &str) -> Result<String> {
    if is_remark(line) {
        return Ok(line.to_owned());
    }
    let mut words = line.split_whitespace();
    let (file, seed) = words.next().zip(words.next()).context("expected: file seed hash")?;
    let outcome = run(&scenarios::load(file)?, seed.parse()?, &mut |_| {})?;
    Ok(format!("{file} {seed} {:016x}", outcome.trace))
}

fn is_remark(line: &str) -> bool {
    line.is_empty() || line.starts_with('#')
}
