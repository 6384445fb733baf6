//! The folder of a server or a device: its key, its journal.

use crate::command::private;
use anyhow::{Result, bail};
use polysim::journal::FileJournal;
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
        let key = folder.file("key");
        if !path.join(&key).exists() && private::is_taken(path, &key) {
            bail!(
                "{} is no folder of a {}: name another one for --state",
                path.display(),
                role.name()
            );
        }
        private::make_folder(path)?;
        Ok(folder)
    }

    fn file(&self, kind: &str) -> String {
        format!("{}.{kind}", self.role.name())
    }

    /// Returns its key, which is drawn if it has none.
    pub(super) fn key(&self) -> Result<Zeroizing<[u8; 32]>> {
        private::key(&self.path.join(self.file("key")))
    }

    /// Opens the journal: nobody else has it then, and so the folder.
    pub(super) async fn journal<R>(&self) -> Result<FileJournal<R>> {
        private::journal(&self.path.join(self.file("journal"))).await
    }

    /// Returns what it is called.
    pub(super) fn name(&self) -> String {
        let own = self.path.file_name().map(|own| own.to_string_lossy().into_owned());
        own.unwrap_or_else(|| self.role.name().to_owned())
    }
}
