//! What a command that was killed has left in the places that this one wants.

use anyhow::{Context as _, Result, bail};
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// Where the system has its pseudo-terminals.
const TERMINALS: &str = "/dev/pts";

/// Removes a link to a pseudo-terminal, or a socket that nobody listens on. Anything else stays.
pub(in crate::command) fn clear(path: &Path) -> Result<()> {
    let is_link = std::fs::read_link(path).is_ok_and(|target| target.starts_with(TERMINALS));
    if is_link || is_abandoned(path) {
        std::fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

fn is_abandoned(path: &Path) -> bool {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket());
    is_socket
        && UnixStream::connect(path)
            .is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

/// A folder for links and sockets. It belongs to one command at a time, so that what lies there at
/// its start is left over; the system gives it back however the command ends. The links that it
/// holds then are removed.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Holds the lock.
    _lock: File,
    links: Vec<PathBuf>,
}

impl Folder {
    /// Makes the folder, unless it is there.
    pub(super) fn take(path: &Path) -> Result<Self> {
        let name = path.display();
        if path.exists() && !path.is_dir() {
            bail!("{name} is there already and is no folder: name another for --dir");
        }
        std::fs::create_dir_all(path).with_context(|| format!("cannot make the folder {name}"))?;
        let lock = File::open(path).with_context(|| format!("cannot open the folder {name}"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock, links: Vec::new() }),
            Err(std::fs::TryLockError::WouldBlock) => {
                bail!("another polysim exposes modems in {name}: name another folder for --dir")
            }
            Err(std::fs::TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock the folder {name}"))
            }
        }
    }

    /// Returns the place of a file of this name, free of leftovers.
    pub(super) fn place(&self, name: &str) -> Result<PathBuf> {
        let place = self.path.join(name);
        clear(&place)?;
        Ok(place)
    }

    /// Makes a link of this name; returns its path.
    pub(super) fn link(&mut self, target: &Path, name: &str) -> Result<PathBuf> {
        let link = self.place(name)?;
        std::os::unix::fs::symlink(target, &link)
            .with_context(|| format!("cannot make the link {}", link.display()))?;
        self.links.push(link.clone());
        Ok(link)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for link in &self.links {
            // Somebody may have removed it already.
            std::fs::remove_file(link).unwrap_or_default();
        }
    }
}
