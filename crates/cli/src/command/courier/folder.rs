//! The folder of a server or a device: its key, its journal.

use crate::command::private::{check_private, key, make_folder, make_private};
use anyhow::{Result, bail};
use polysim::journal::FileJournal;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Whose folder it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    Server,
    Device,
}

pub(super) struct Folder {
    path: PathBuf,
    role: Role,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Device => "device",
        }
    }
}

impl Folder {
    /// Opens the folder of such a part, which is made if it is not there.
    pub(super) fn found(path: &Path, role: Role) -> Result<Self> {
        let folder = Self { path: path.to_owned(), role };
        // What a start that was broken off has left is its own.
        let own = format!("{}.", role.name());
        let is_other = |entry: io::Result<fs::DirEntry>| {
            entry.map_or(true, |it| !it.file_name().to_string_lossy().starts_with(&own))
        };
        if fs::read_dir(path).is_ok_and(|mut entries| entries.any(is_other)) {
            bail!(
                "{} is no folder of a {}: name another one for --state",
                path.display(),
                role.name()
            );
        }
        make_folder(path)?;
        Ok(folder)
    }

    fn file(&self, kind: &str) -> PathBuf {
        self.path.join(format!("{}.{kind}", self.role.name()))
    }

    /// Returns its key, which is drawn if it has none.
    pub(super) fn key(&self) -> Result<Zeroizing<[u8; 32]>> {
        key(&self.file("key"))
    }

    /// Opens the journal: nobody else has it then, and so the folder.
    pub(super) async fn journal<R>(&self) -> Result<FileJournal<R>> {
        let path = self.file("journal");
        if path.exists() {
            check_private(&path)?;
        } else {
            // Not in the place of one that another process has just begun.
            make_private(&path, &[])?;
        }
        Ok(FileJournal::open(path).await?)
    }

    /// Returns what it is called.
    pub(super) fn name(&self) -> String {
        let own = self.path.file_name().map(|own| own.to_string_lossy().into_owned());
        own.unwrap_or_else(|| self.role.name().to_owned())
    }
}
