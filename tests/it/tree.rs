//! The files of the repository.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold parts of scenarios, not scenarios.
const PARTS: &str = "common";

/// Returns the place of a file or folder of the repository.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// Returns what a folder holds, in order.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let reading = || format!("cannot read {}", folder.display());
    let entries = fs::read_dir(folder).with_context(reading)?;
    let mut paths: Vec<_> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .with_context(reading)?;
    paths.sort();
    Ok(paths)
}

/// Returns the files below a folder whose names end so, in order; folders of parts are left out.
pub(crate) fn files_below(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in entries(folder)? {
        if entry.is_dir() {
            if name(&entry) != PARTS {
                found.extend(files_below(&entry, ending)?);
            }
        } else if entry.extension().is_some_and(|found| found == ending) {
            found.push(entry);
        }
    }
    Ok(found)
}

/// Returns the sources of all crates: path and text.
pub(crate) fn sources() -> Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    for folder in ["crates", "hal", "sim", "tests/it"] {
        for file in files_below(&path(folder), "rs")? {
            let text = read(&file)?;
            found.push((file, text));
        }
    }
    Ok(found)
}

/// Reads a text file.
pub(crate) fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Returns the last part of a path.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
