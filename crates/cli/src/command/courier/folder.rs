//! The folder of a server or a device: its key, its journal.

use crate::command::private::{key, make_folder, write_private};
use anyhow::{Result, bail};
use polysim::journal::FileJournal;
use std::fs;
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
        let is_empty = fs::read_dir(path).map_or(true, |mut entries| entries.next().is_none());
        if !is_empty && !folder.file("key").exists() {
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
        if !path.exists() {
            write_private(&path, &[])?;
        }
        Ok(FileJournal::open(path).await?)
    }

    /// Returns what it is called.
    pub(super) fn name(&self) -> String {
        let own = self.path.file_name().map(|own| own.to_string_lossy().into_owned());
        own.unwrap_or_else(|| self.role.name().to_owned())
    }
}
