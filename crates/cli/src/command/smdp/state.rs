//! The folder that a server keeps its state in.

use crate::files::read_text;
use anyhow::{Context as _, Result};
use polysim::esim::server::OperatorToken;
use polysim_hal_http::system_randomness;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

const FILE_LEN_MAX: usize = 1 << 16;

/// How a server of this machine is reached: what `order --state` needs.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contact {
    /// Its address, as devices know it.
    pub(super) address: String,
    /// Where it listens.
    pub(super) listen: String,
    /// Whether it speaks plain HTTP.
    pub(super) http: bool,
    /// The root of its certificate, as PEM.
    pub(super) root: String,
    /// The file with the token.
    pub(super) token_file: PathBuf,
}

pub(super) struct StateFolder(PathBuf);

impl StateFolder {
    /// Opens a folder, which is made if it is not there: for its owner alone, as it holds keys.
    pub(super) fn found(path: &Path) -> Result<Self> {
        let mut private = fs::DirBuilder::new();
        let made = private.recursive(true).mode(0o700).create(path);
        made.with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path.to_owned()))
    }

    /// Opens the folder of a server.
    pub(super) fn open(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.0.join("smdp.journal")
    }

    pub(super) fn subscriptions(&self) -> PathBuf {
        self.0.join("subscriptions.csv")
    }

    pub(super) fn own_token_file(&self) -> PathBuf {
        self.0.join("es2.token")
    }

    pub(super) fn contact(&self) -> Result<Contact> {
        let path = self.0.join("server.json");
        let advice = || format!("{} is no state folder of `polysim smdp serve`", self.0.display());
        let text = read_text(&path, FILE_LEN_MAX).with_context(advice)?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    }

    pub(super) fn keep(&self, contact: &Contact) -> Result<()> {
        let path = self.0.join("server.json");
        let text = serde_json::to_string_pretty(contact)?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}

pub(super) fn read_token(path: &Path) -> Result<OperatorToken> {
    let text = read_text(path, FILE_LEN_MAX)?;
    OperatorToken::parse(&text).with_context(|| path.display().to_string())
}

/// Reads the token of a file, which is made if it is not there.
pub(super) fn found_token(path: &Path) -> Result<OperatorToken> {
    if path.exists() {
        return read_token(path);
    }
    let token = OperatorToken::of(&system_randomness().bytes());
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| writeln!(file, "{}", token.expose()));
    written.with_context(|| format!("cannot write {}", path.display()))?;
    Ok(token)
}
