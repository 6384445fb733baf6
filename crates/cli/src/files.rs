//! Finds and loads scenario files.

use anyhow::{Context as _, Result, bail};
use polysim_scenario::{FILE_LEN_MAX, Plan, Source, plan};
use std::fs;
use std::path::{Path, PathBuf};

/// Folders of this name hold parts that scenarios include, not scenarios.
const PARTS: &str = "common";
/// The deepest folder that is looked into.
const DEPTH_MAX: usize = 16;

/// Returns the scenario files that the paths name, folders searched, in order.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        let kind = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        if kind.is_dir() {
            let before = found.len();
            search(path, 0, &mut found)?;
            if found.len() == before {
                bail!("no scenario files (*.toml) in {}", path.display());
            }
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

fn search(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<()> {
    if depth > DEPTH_MAX {
        bail!("{} is nested more than {DEPTH_MAX} folders deep", folder.display());
    }
    let reading = || format!("cannot read the folder {}", folder.display());
    let mut entries = fs::read_dir(folder)
        .with_context(reading)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .with_context(reading)?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != PARTS) {
                search(&path, depth + 1, found)?;
            }
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            found.push(path);
        }
    }
    Ok(())
}

/// Reads and checks a scenario with everything that it includes.
pub(crate) fn load(path: &Path) -> Result<Plan> {
    let source = read(path)?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let mut include = |name: &str| {
        read(&folder.join(name)).map_err(|error| format!("cannot include \"{name}\": {error:#}"))
    };
    Ok(plan(&source, &mut include)?)
}

/// Reads a file in TOML.
pub(crate) fn read(path: &Path) -> Result<Source> {
    Ok(Source::new(&path.display().to_string(), &read_text(path, FILE_LEN_MAX)?))
}

/// Reads a file that has no more bytes than this.
pub(crate) fn read_text(path: &Path, limit: usize) -> Result<String> {
    let name = path.display();
    let length = fs::metadata(path).with_context(|| format!("cannot read {name}"))?.len();
    if length > limit as u64 {
        bail!("{name} has {length} bytes; {limit} are the most here");
    }
    fs::read_to_string(path).with_context(|| format!("cannot read {name}"))
}
