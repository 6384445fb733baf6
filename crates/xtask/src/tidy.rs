//! Sizes of files, names of modules, and what the top level holds.

use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::process::Command;

/// The most lines of a source file; tests sit in files of their own.
const FILE_LINES_MAX: usize = 600;
/// The most lines of a file of tests.
const TEST_LINES_MAX: usize = 1_000;
/// Names that say nothing about what a module holds.
const FORBIDDEN_NAMES: [&str; 6] = ["utils", "util", "common", "helpers", "helper", "types"];
/// What the top level may hold besides hidden files.
const TOP_LEVEL: [&str; 17] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "clippy.toml",
    "crates",
    "deny.toml",
    "fuzz",
    "hal",
    "rustfmt.toml",
    "scenarios",
    "sim",
    "tests",
];

/// Returns what is untidy.
pub(crate) fn check() -> Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .output()
        .context("cannot run git")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listing = String::from_utf8(output.stdout)?;
    let mut found = Vec::new();
    for name in listing.lines().filter(|name| Path::new(name).exists()) {
        found.extend(top_level(name));
        if name.ends_with(".rs") {
            let text = std::fs::read_to_string(name).with_context(|| name.to_owned())?;
            found.extend(size(name, text.lines().count()));
            found.extend(module_name(name));
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn top_level(name: &str) -> Option<String> {
    let first = name.split('/').next()?;
    let known = first.starts_with('.') || TOP_LEVEL.contains(&first);
    (!known).then(|| format!("{first}: does not belong at the top level"))
}

fn size(name: &str, lines: usize) -> Option<String> {
    let is_test = name.split('/').any(|part| part == "tests" || part == "tests.rs");
    let most = if is_test { TEST_LINES_MAX } else { FILE_LINES_MAX };
    (lines > most).then(|| format!("{name}: {lines} lines, {most} are the most; split by concern"))
}

fn module_name(name: &str) -> Option<String> {
    let mut parts = name.trim_end_matches(".rs").split('/').skip(1);
    let bad = parts.find(|part| FORBIDDEN_NAMES.contains(part))?;
    Some(format!("{name}: \"{bad}\" says nothing; name it after what it holds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sizes_are_looked_at() {
        assert!(module_name("crates/at/src/utils.rs").is_some());
        assert!(module_name("crates/at/src/helpers/mod.rs").is_some());
        assert!(module_name("crates/at/src/line.rs").is_none());
        assert!(size("a.rs", 601).is_some());
        assert!(size("sim/x/src/tests.rs", 601).is_none());
        assert!(top_level("notes.txt").is_some());
        assert!(top_level(".ci/run").is_none());
    }
}
