//! Files for their owner alone.

use crate::files::read_text;
use anyhow::{Context as _, Result, ensure};
use polysim::journal::FileJournal;
use polysim_base::{Hex, parse_hex};
use polysim_hal_http::system_randomness;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const FILE_LEN_MAX: usize = 1 << 12;
/// Only its owner reads and writes it.
const PRIVATE: u32 = 0o600;
/// Anybody else may do something with it.
const OTHERS: u32 = 0o077;

/// Makes a folder, if it is not there.
pub(super) fn make_folder(path: &Path) -> Result<()> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.with_context(|| format!("cannot make {}", path.display()))
}

/// Returns whether a folder holds something else than what a start that was broken off has left: the
/// file that is made first in it.
pub(super) fn is_taken(folder: &Path, first: &str) -> bool {
    let left = fresh(Path::new(first));
    let is_other = |entry: io::Result<fs::DirEntry>| {
        entry.map_or(true, |entry| entry.file_name() != left.as_os_str())
    };
    fs::read_dir(folder).is_ok_and(|mut entries| entries.any(is_other))
}

/// Opens a journal: nobody else has it then, and so the folder.
pub(super) async fn journal<R>(path: &Path) -> Result<FileJournal<R>> {
    if path.exists() {
        check_private(path)?;
    } else {
        // Not in the place of one that another process has just begun.
        make_private(path, &[])?;
    }
    Ok(FileJournal::open(path).await?)
}

/// Returns a key, which is drawn if it is not there.
pub(super) fn key(path: &Path) -> Result<Zeroizing<[u8; 32]>> {
    if !path.exists() {
        let key = Zeroizing::new(system_randomness().bytes::<32>());
        let text = Zeroizing::new(format!("{}\n", Hex(&*key)));
        write_private(path, text.as_bytes())?;
        return Ok(key);
    }
    check_private(path)?;
    let text = Zeroizing::new(read_text(path, FILE_LEN_MAX)?);
    let octets = parse_hex(text.trim().as_bytes()).map(Zeroizing::new).ok();
    let key = octets.and_then(|octets| <[u8; 32]>::try_from(octets.as_slice()).ok());
    let key = key.with_context(|| format!("{} holds no key", path.display()))?;
    Ok(Zeroizing::new(key))
}

/// Refuses a secret that others can read.
pub(super) fn check_private(path: &Path) -> Result<()> {
    let name = path.display();
    let mode = fs::metadata(path).with_context(|| format!("cannot read {name}"))?.mode();
    ensure!(
        mode & OTHERS == 0,
        "others can read {name} (mode {:03o}): make it private with chmod 600, and begin with another \
         folder if somebody may have read it",
        mode & 0o777
    );
    Ok(())
}

/// Writes a file for its owner alone: all of it, whenever the process ends, or nothing.
pub(super) fn write_private(path: &Path, octets: &[u8]) -> Result<()> {
    let fresh = fresh(path);
    if fresh.exists() {
        fs::remove_file(&fresh).with_context(|| cannot_write(&fresh))?;
    }
    make_private(&fresh, octets)?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let renamed = fs::rename(&fresh, path).and_then(|()| fs::File::open(folder)?.sync_all());
    renamed.with_context(|| cannot_write(path))
}

/// Where a file is until it is whole.
fn fresh(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

/// Makes a file that was not there, for its owner alone.
fn make_private(path: &Path, octets: &[u8]) -> Result<()> {
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path);
    let written = file.and_then(|mut file| {
        file.write_all(octets)?;
        file.sync_all()
    });
    written.with_context(|| cannot_write(path))
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}
