//! Key stores in files, and the key that they are encrypted with.

use polysim_base::Hex;
use polysim_issuance::keys::{
    KeyStore, NONCE_LEN, OpenStoreError, Origin, StoreKey, StoreKeyError,
};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The environment variable that may hold the key of a store, in hexadecimal.
pub const STORE_KEY_VARIABLE: &str = "POLYSIM_STORE_KEY";
/// Only its owner reads and writes it.
const PRIVATE: u32 = 0o600;
/// Anybody else may do something with it.
const OTHERS: u32 = 0o077;
/// The most octets that are read for a key.
const KEY_FILE_MAX: u64 = 4_096;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The disk, or the operating system.
    #[error("{}: cannot {doing}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What was to be done.
        doing: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// Others may read a key.
    #[error(
        "{}: others can read this key (mode {mode:03o}): make it private with chmod 600, and take \
         a new key if somebody may have read it", path.display()
    )]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It does not hold a key.
    #[error("{}: {source}", path.display())]
    Key {
        /// Which file.
        path: PathBuf,
        /// What it holds.
        source: StoreKeyError,
    },
    /// The store cannot be opened with that key.
    #[error("{}: {source}", path.display())]
    Store {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: OpenStoreError,
    },
}

/// A key store in a file, encrypted.
///
/// [`save`](Self::save) replaces the file as a whole: whatever happens meanwhile, it holds the old
/// store or the new one. The disk is waited for.
#[derive(Debug)]
pub struct KeyFile {
    path: PathBuf,
    key: StoreKey,
    /// What is in it.
    pub store: KeyStore,
}

impl KeyFile {
    /// Makes an empty store, where there is no file yet.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn create(path: &Path, key: StoreKey, origin: Origin) -> Result<Self, KeyFileError> {
        let failed = |source| KeyFileError::Io { path: path.into(), doing: "make it", source };
        if path.try_exists().map_err(failed)? {
            return Err(failed(io::ErrorKind::AlreadyExists.into()));
        }
        let file = Self { path: path.into(), key, store: KeyStore::new(origin) };
        file.save()?;
        Ok(file)
    }

    /// Opens a store that is to be used for `origin`.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn open(path: &Path, key: StoreKey, origin: Origin) -> Result<Self, KeyFileError> {
        let failed = |source| KeyFileError::Io { path: path.into(), doing: "read it", source };
        let octets = fs::read(path).map_err(failed)?;
        let store = KeyStore::open(&octets, &key, origin)
            .map_err(|source| KeyFileError::Store { path: path.into(), source })?;
        Ok(Self { path: path.into(), key, store })
    }

    /// Writes the store, under a nonce that was never used.
    ///
    /// # Errors
    /// [`KeyFileError::Io`]; the file is as it was then.
    pub fn save(&self) -> Result<(), KeyFileError> {
        let failed =
            |source| KeyFileError::Io { path: self.path.clone(), doing: "write it", source };
        let nonce = random::<NONCE_LEN>().map_err(failed)?;
        replace(&self.path, &self.store.seal(&self.key, nonce)).map_err(failed)
    }

    /// Tells whether others may read the file. It is encrypted, so that is worth a warning.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|file| file.mode() & OTHERS != 0)
    }
}

/// Reads the key of a store from a file of 64 hexadecimal digits, which must be private.
///
/// # Errors
/// [`KeyFileError`].
pub fn read_store_key(path: &Path) -> Result<StoreKey, KeyFileError> {
    let failed = |source| KeyFileError::Io { path: path.into(), doing: "read it", source };
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.mode() & 0o777;
    if mode & OTHERS != 0 {
        return Err(KeyFileError::Exposed { path: path.into(), mode });
    }
    let mut text = Zeroizing::new(String::with_capacity(128));
    file.take(KEY_FILE_MAX).read_to_string(&mut text).map_err(failed)?;
    StoreKey::parse(&text).map_err(|source| KeyFileError::Key { path: path.into(), source })
}

/// Makes a key of a store at random, and writes it into a new private file.
///
/// # Errors
/// [`KeyFileError::Io`].
pub fn make_store_key(path: &Path) -> Result<StoreKey, KeyFileError> {
    let failed = |source| KeyFileError::Io { path: path.into(), doing: "make it", source };
    let octets = Zeroizing::new(random::<32>().map_err(failed)?);
    let text = Zeroizing::new(format!("{}\n", Hex(&*octets)));
    let mut file = private().create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(StoreKey::new(*octets))
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(PRIVATE);
    options
}

/// Replaces a file as a whole.
fn replace(path: &Path, octets: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let new = path.with_file_name(name);
    match fs::remove_file(&new) {
        // What an earlier try has left.
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut file = private().create_new(true).open(&new)?;
    file.write_all(octets)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut octets = [0; N];
    File::open("/dev/urandom")?.read_exact(&mut octets)?;
    Ok(octets)
}
