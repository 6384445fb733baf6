//! The folder of a master or a slave: who it is, its keys, its journal.

use crate::files::read_text;
use anyhow::{Context as _, Result, bail, ensure};
use polysim::journal::FileJournal;
use polysim::share::Device;
use polysim_base::{Hex, Mode, Origin, Randomness, parse_hex};
use polysim_hal_http::system_randomness;
use polysim_share::DeviceName;
use polysim_share::link::Identity;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

const FILE_LEN_MAX: usize = 1 << 12;
/// Only its owner reads and writes it.
const PRIVATE: u32 = 0o600;
/// Anybody else may do something with it.
const OTHERS: u32 = 0o077;

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
        // What a start that was broken off has left is no reason.
        let left = fresh(Path::new(SETTINGS));
        let is_other = |entry: io::Result<fs::DirEntry>| {
            entry.map_or(true, |entry| entry.file_name() != left.as_os_str())
        };
        if fs::read_dir(path).is_ok_and(|mut entries| entries.any(is_other)) {
            bail!("{} holds something else: name another folder for --state", path.display());
        }
        let mut private = fs::DirBuilder::new();
        let made = private.recursive(true).mode(0o700).create(path);
        made.with_context(|| format!("cannot make {}", path.display()))?;
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
        let path = self.journal_path();
        if path.exists() {
            check_private(&path)?;
        } else {
            // Not in the place of one that another process has just begun.
            make_private(&path, &[])?;
        }
        Ok(FileJournal::open(path).await?)
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
        let path = self.path.join(name);
        if !path.exists() {
            let key = Zeroizing::new(randomness().bytes::<32>());
            let text = Zeroizing::new(format!("{}\n", Hex(&*key)));
            write_private(&path, text.as_bytes())?;
            return Ok(key);
        }
        check_private(&path)?;
        let text = Zeroizing::new(read_text(&path, FILE_LEN_MAX)?);
        let octets = parse_hex(text.trim().as_bytes()).map(Zeroizing::new).ok();
        let key = octets.and_then(|octets| <[u8; 32]>::try_from(octets.as_slice()).ok());
        let key = key.with_context(|| format!("{} holds no key", path.display()))?;
        Ok(Zeroizing::new(key))
    }
}

const SETTINGS: &str = "device.toml";

pub(super) fn randomness() -> Randomness {
    system_randomness()
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
    let folder = path.parent().unwrap_or(Path::new("."));
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

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Master => "master",
            Self::Slave => "slave",
        })
    }
}
