//! The folder of a card-writing platform: settings, keys, journals.

use super::args::StoreKeyArgs;
use crate::files::read_text;
use anyhow::{Context as _, Result, bail};
use polysim::issuance::{KeyFile, Office, STORE_KEY_VARIABLE, make_store_key, read_store_key};
use polysim_base::{Duration, Imsi, Msisdn, Plmn, parse_hex};
use polysim_hal::TokioClock;
use polysim_issuance::business::{BusinessConfig, Pooled};
use polysim_issuance::keys::{KeyStore, Origin, StoreKey};
use polysim_issuance::platform::{Network, PlatformConfig, Policy, Retry};
use polysim_issuance::{FileSizes, Generation};
use polysim_ota::{Spi, Tar};
use serde::{Deserialize, Serialize};
use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SETTINGS: &str = "issuance.toml";
const KEYS: &str = "keys.store";
const SETTINGS_LEN_MAX: usize = 1 << 16;

/// How the platform of a folder works.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Its number.
    pub(crate) number: Msisdn,
    /// The identifier of the applet, in hexadecimal.
    pub(crate) aid: String,
    /// Its toolkit application reference, in hexadecimal.
    pub(crate) tar: String,
    /// The number that all keys are made from; real cards have none.
    pub(crate) simulated: Option<u64>,
    /// Sizes of files of the cards, for remote file management.
    pub(crate) sizes: FileSizes,
    /// The networks whose subscriptions are written.
    pub(crate) networks: Vec<NetworkSettings>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkSettings {
    pub(crate) home: Plmn,
    pub(crate) centre: Option<Msisdn>,
}

impl Settings {
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(SETTINGS);
        let advice = || format!("{} is no folder of `polysim issuance init`", folder.display());
        let text = read_text(&path, SETTINGS_LEN_MAX).with_context(advice)?;
        let settings: Self =
            toml::from_str(&text).with_context(|| format!("in {}", path.display()))?;
        settings.aid()?;
        settings.tar()?;
        Ok(settings)
    }

    /// Makes the folder, with an empty key store.
    pub(super) fn found(&self, folder: &Path, key: &StoreKeyArgs) -> Result<()> {
        self.aid()?;
        self.tar()?;
        let mut private = fs::DirBuilder::new();
        private.recursive(true).mode(0o700);
        private.create(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let path = folder.join(SETTINGS);
        if path.exists() {
            bail!(
                "{} is there already: a platform never begins twice in one folder",
                path.display()
            );
        }
        if self.simulated.is_none() {
            let key = match &key.key_file {
                Some(file) if !file.exists() => make_store_key(file)?,
                Some(_) | None => store_key(key)?,
            };
            KeyFile::create(&folder.join(KEYS), key, Origin::Live)?;
        }
        let text = toml::to_string(self)?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    pub(crate) fn aid(&self) -> Result<Vec<u8>> {
        let aid = parse_hex(self.aid.as_bytes()).context("the applet's identifier")?;
        if !(5..=16).contains(&aid.len()) {
            bail!("an identifier of an application has 5 to 16 octets, not {}", aid.len());
        }
        Ok(aid)
    }

    pub(crate) fn tar(&self) -> Result<Tar> {
        let tar = parse_hex(self.tar.as_bytes()).context("the applet's TAR")?;
        let len = tar.len();
        let tar = <[u8; 3]>::try_from(tar);
        tar.map(Tar).map_err(|_| anyhow::anyhow!("a TAR has 3 octets, not {len}"))
    }

    /// Sees that the length of the IMSI's network code is known.
    pub(crate) fn has_network_of(&self, imsi: Imsi) -> Result<()> {
        if self.networks.iter().any(|it| imsi.belongs_to(it.home)) {
            return Ok(());
        }
        let homes: Vec<_> = self.networks.iter().map(|it| it.home.to_string()).collect();
        bail!(
            "IMSI {imsi} is of none of the networks in {SETTINGS} ({}): add [[networks]] with home",
            homes.join(", ")
        )
    }

    fn platform(&self) -> Result<PlatformConfig> {
        let network = |it: &NetworkSettings| Network { home: it.home, centre: it.centre };
        Ok(PlatformConfig {
            number: self.number,
            tar: self.tar()?,
            spi: Spi::FULL,
            sizes: self.sizes,
            retry: Retry {
                first: Duration::from_secs(60),
                longest: Duration::from_secs(3_600),
                tries: 8,
            },
            validity: Duration::from_secs(3_600),
            pending_alarm: Duration::from_secs(86_400),
            texts_per_s: 1,
            moved: Policy::Accept,
            conflict: Policy::Refuse,
            networks: self.networks.iter().map(network).collect(),
            generation: Generation::EUtran,
        })
    }
}

/// A folder whose keys are open.
pub(crate) struct Opened {
    pub(crate) settings: Settings,
    pub(super) folder: PathBuf,
    /// Nothing where all keys are made from a number.
    pub(super) keys: Option<KeyFile>,
}

impl Opened {
    pub(crate) fn open(folder: &Path, key: &StoreKeyArgs) -> Result<Self> {
        let settings = Settings::read(folder)?;
        let keys = match settings.simulated {
            Some(_) => None,
            None => Some(KeyFile::open(&folder.join(KEYS), store_key(key)?, Origin::Live)?),
        };
        if keys.as_ref().is_some_and(KeyFile::is_exposed) {
            crate::diagnostics::warn(&format!(
                "others can read {}: it is encrypted, but chmod 600 is better",
                folder.join(KEYS).display()
            ));
        }
        Ok(Self { settings, folder: folder.to_path_buf(), keys })
    }

    /// Opens both platforms; these numbers can be given out.
    pub(crate) async fn office(&self, pool: Vec<Pooled>) -> Result<Office> {
        let keys = match (&self.keys, self.settings.simulated) {
            (Some(file), _) => file.store.clone(),
            (None, seed) => KeyStore::simulated(seed.unwrap_or_default()),
        };
        // Somebody names each number that is given out, and means it: none has to rest.
        let (patience, rest) = (Duration::from_secs(60), Duration::ZERO);
        let business = BusinessConfig { pool, patience, rest };
        let clock = Arc::new(TokioClock::unix());
        Ok(Office::open(&self.folder, keys, self.settings.platform()?, business, clock).await?)
    }
}

/// Keeps others from changing the keys of a folder, as long as what it returns is there.
pub(super) fn lock(folder: &Path) -> Result<fs::File> {
    Settings::read(folder)?;
    let path = folder.join(SETTINGS);
    let file = fs::File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let in_use = || format!("{}: another process loads keys: wait for it", folder.display());
    file.try_lock().with_context(in_use)?;
    Ok(file)
}

fn store_key(args: &StoreKeyArgs) -> Result<StoreKey> {
    if let Some(file) = &args.key_file {
        return Ok(read_store_key(file)?);
    }
    match std::env::var(STORE_KEY_VARIABLE) {
        Ok(text) => Ok(StoreKey::parse(&text).with_context(|| STORE_KEY_VARIABLE.to_owned())?),
        Err(_) => bail!(
            "the key of the key store is missing: give --key-file FILE, or set {STORE_KEY_VARIABLE}"
        ),
    }
}
