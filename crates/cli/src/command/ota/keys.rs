//! Keys: from a file, from the environment, or from the command line. No error shows one.

use super::args::{KeyArgs, KeyText};
use anyhow::{Context as _, Result, anyhow, bail};
use polysim_ota::{Algorithm, Key, KeySet, KeyVersion, MacLength, SingleDesAccepted};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// The variables that may hold keys.
const VARIABLES: [&str; 2] = ["POLYSIM_OTA_KIC", "POLYSIM_OTA_KID"];
/// Anybody but the owner may do something with a file.
const OTHERS: u32 = 0o077;
/// Longest file of keys that is read.
const FILE_LEN_MAX: usize = 1 << 16;

/// The key sets at hand.
#[derive(Debug)]
pub(super) struct Keys {
    sets: Vec<KeySet>,
    wanted: Option<KeyVersion>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    keys: Vec<Entry>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    set: u8,
    kic: KeyText,
    kid: KeyText,
    mac: Option<u8>,
}

impl Keys {
    pub(super) fn of(args: &KeyArgs) -> Result<Self> {
        let wanted = args.key_set.and_then(KeyVersion::new);
        let sets = match (&args.keys, &args.kic, &args.kid) {
            (Some(path), ..) => from_file(path)?,
            (None, Some(kic), Some(kid)) => vec![set(args, kic, kid, ["--kic", "--kid"])?],
            (None, ..) => match VARIABLES.map(std::env::var) {
                [Ok(kic), Ok(kid)] => vec![set(args, &kic.into(), &kid.into(), VARIABLES)?],
                [Err(_), Err(_)] => Vec::new(),
                _ => bail!("{} and {} belong together", VARIABLES[0], VARIABLES[1]),
            },
        };
        Ok(Self { sets, wanted })
    }

    /// Returns the set to secure something with: the one asked for, or the only one; none where
    /// there are none.
    pub(super) fn chosen(&self) -> Result<Option<&KeySet>> {
        match (self.wanted, &*self.sets) {
            (_, []) => Ok(None),
            (None, [only]) => Ok(Some(only)),
            (None, sets) => bail!("{} key sets are there; name one by --key-set", sets.len()),
            (Some(wanted), _) => match self.named(wanted) {
                Some(set) => Ok(Some(set)),
                None => bail!("key set {wanted} is not there; {}", self.listed()),
            },
        }
    }

    /// Returns all sets, or the one asked for.
    pub(super) fn all(&self) -> Vec<&KeySet> {
        let is_wanted = |set: &&KeySet| self.wanted.is_none_or(|wanted| set.version() == wanted);
        self.sets.iter().filter(is_wanted).collect()
    }

    /// Returns the set of a version that a packet names; another one if that is not there, for the
    /// packet to be held against.
    pub(super) fn for_packet(&self, named: [Option<KeyVersion>; 2]) -> Option<&KeySet> {
        let named = named.into_iter().flatten().find_map(|version| self.named(version));
        named.or_else(|| self.sets.first())
    }

    fn named(&self, version: KeyVersion) -> Option<&KeySet> {
        self.sets.iter().find(|set| set.version() == version)
    }

    fn listed(&self) -> String {
        let versions = self.sets.iter().map(|set| set.version().to_string());
        format!("there are: {}", versions.collect::<Vec<_>>().join(", "))
    }
}

fn set(args: &KeyArgs, kic: &KeyText, kid: &KeyText, names: [&str; 2]) -> Result<KeySet> {
    let [kic_name, kid_name] = names;
    let kic = key(kic).with_context(|| kic_name.to_owned())?;
    let kid = key(kid).with_context(|| kid_name.to_owned())?;
    key_set(args.key_set.unwrap_or(1), kic, kid, args.mac)
}

fn key_set(version: u8, kic: Key, kid: Key, mac: Option<u8>) -> Result<KeySet> {
    let version = KeyVersion::new(version)
        .ok_or_else(|| anyhow!("{version} is no version of a key set; 1 to 15 are"))?;
    let mac = match mac {
        None | Some(8) => MacLength::Eight,
        Some(4) => MacLength::Four,
        Some(other) => bail!("a checksum has 4 or 8 octets, not {other}"),
    };
    Ok(KeySet::new(version, kic, kid).with_mac_length(mac)?)
}

fn from_file(path: &Path) -> Result<Vec<KeySet>> {
    let named = || format!("in {}", path.display());
    let text = Zeroizing::new(crate::files::read_text(path, FILE_LEN_MAX)?);
    if std::fs::metadata(path).is_ok_and(|file| file.mode() & OTHERS != 0) {
        crate::diagnostics::warn(&format!(
            "others can read the keys in {0}: chmod 600 {0}",
            path.display()
        ));
    }
    // The error of the parser would show the line, and with it the key.
    let file: File = toml::from_str(&text).map_err(|error| {
        let line = error.span().and_then(|span| text.get(..span.start));
        let line = line.map_or(1, |before| before.lines().count().max(1));
        anyhow!("{}, near line {line}: it must have [[keys]] with set, kic and kid", named())
    })?;
    if file.keys.is_empty() {
        bail!("{}: there are no [[keys]]", named());
    }
    let sets = file.keys.iter().map(|entry| {
        let set = entry.set;
        let kic = key(&entry.kic).with_context(|| format!("kic of set {set}"))?;
        let kid = key(&entry.kid).with_context(|| format!("kid of set {set}"))?;
        key_set(set, kic, kid, entry.mac)
    });
    sets.collect::<Result<_>>().with_context(named)
}

/// Reads a key: its algorithm, then its octets.
fn key(KeyText(text): &KeyText) -> Result<Key> {
    let form = "a key is aes:HEX, 3des:HEX or des:HEX";
    let (algorithm, hex) = text.trim().split_once(':').ok_or_else(|| anyhow!(form))?;
    let octets = Zeroizing::new(crate::command::octets::parse(hex)?);
    let lengths = |octets: &[u8]| anyhow!("{} octets of key; {form}", octets.len());
    let algorithm = match (algorithm.to_lowercase().as_str(), octets.len()) {
        ("aes", 16) => Algorithm::Aes128,
        ("aes", 24) => Algorithm::Aes192,
        ("aes", 32) => Algorithm::Aes256,
        ("3des", 16) => Algorithm::TripleDes2,
        ("3des", 24) => Algorithm::TripleDes3,
        ("des", _) => {
            let octets = octets.as_slice().try_into().map_err(|_| lengths(&octets))?;
            return Ok(Key::single_des(octets, SingleDesAccepted));
        }
        ("aes" | "3des", _) => {
            return Err(lengths(&octets)).context("aes has 16, 24 or 32 octets, 3des 16 or 24");
        }
        _ => bail!(form),
    };
    Ok(Key::new(algorithm, &octets)?)
}
