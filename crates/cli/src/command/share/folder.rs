//! The folder of a master or a slave: who it is, its keys, its journal.

use crate::command::private::{self, write_private};
use crate::files::read_text;
use anyhow::{Context as _, Result, bail, ensure};
use polysim::journal::FileJournal;
use polysim::share::Device;
use polysim_base::{Mode, Origin, Randomness};
use polysim_hal_http::system_randomness;
use polysim_share::DeviceName;
use polysim_share::link::Identity;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

const FILE_LEN_MAX: usize = 1 << 12;

/// Whose folder it is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Role {
    Master,
    Slave,
}

/// What is known of a device.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    role: Role,
    pub(super) name: String,
    /// Of a master, in microseconds.
    pub(super) timer_us: Option<u64>,
    /// Of a master: whether the card stays with it.
    #[serde(default)]
    pub(super) remote: bool,
}

pub(super) struct Folder {
    path: PathBuf,
    pub(super) settings: Settings,
}

impl Folder {
    /// Opens the folder of such a device, which is made if it is not there.
    pub(super) fn found(path: &Path, role: Role, name: Option<&DeviceName>) -> Result<Self> {
        if path.join(SETTINGS).exists() {
            let mut folder = Self::open(path, role)?;
            if let Some(name) = name {
                name.as_str().clone_into(&mut folder.settings.name);
            }
            return Ok(folder);
        }
        if private::is_taken(path, SETTINGS) {
            bail!("{} holds something else: name another folder for --state", path.display());
        }
        private::make_folder(path)?;
        let own = path.file_name().and_then(|own| DeviceName::new(&own.to_string_lossy()).ok());
        let name = name.cloned().or(own);
        let name = name.map_or_else(|| role.to_string(), |name| name.as_str().to_owned());
        let settings = Settings { role, name, timer_us: None, remote: false };
        let folder = Self { path: path.to_owned(), settings };
        // First of all: whatever goes wrong then, it is the folder of such a device.
        folder.keep()?;
        Ok(folder)
    }

    /// Opens the folder of such a device.
    pub(super) fn open(path: &Path, role: Role) -> Result<Self> {
        let advice = || format!("{} is no folder of `polysim share {role}`", path.display());
        let text = read_text(&path.join(SETTINGS), FILE_LEN_MAX).with_context(advice)?;
        let settings: Settings = toml::from_str(&text).with_context(advice)?;
        ensure!(
            settings.role == role,
            "{} is the folder of a {}: name another for --state, or start `polysim share {}`",
            path.display(),
            settings.role,
            settings.role
        );
        Ok(Self { path: path.to_owned(), settings })
    }

    /// Writes down what is known of the device.
    pub(super) fn keep(&self) -> Result<()> {
        write_private(&self.path.join(SETTINGS), toml::to_string(&self.settings)?.as_bytes())
    }

    pub(super) fn sim(&self) -> PathBuf {
        self.path.join("sim.toml")
    }

    pub(super) fn journal_path(&self) -> PathBuf {
        self.path.join(format!("{}.journal", self.settings.role))
    }

    /// Opens the journal: nobody else has it then, and so the folder.
    pub(super) async fn journal<R>(&self) -> Result<FileJournal<R>> {
        private::journal(&self.journal_path()).await
    }

    /// Returns who the device is. Its key is drawn if it has none.
    pub(super) fn device(&self) -> Result<Device> {
        let secret = self.key("identity.key")?;
        Ok(Device {
            identity: Identity::from_bytes(secret, Origin::Live),
            name: DeviceName::new(&self.settings.name)
                .with_context(|| self.path.join(SETTINGS).display().to_string())?,
            mode: Mode::Live,
            randomness: Arc::new(system_randomness),
        })
    }

    /// Returns a key, which is drawn if it is not there.
    pub(super) fn key(&self, name: &str) -> Result<Zeroizing<[u8; 32]>> {
        private::key(&self.path.join(name))
    }
}

const SETTINGS: &str = "device.toml";

pub(super) fn randomness() -> Randomness {
    system_randomness()
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Master => "master",
            Self::Slave => "slave",
        })
    }
}
