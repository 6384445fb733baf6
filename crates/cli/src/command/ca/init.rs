//! Makes an authority and what it issues.

use super::args::InitArgs;
use crate::command::answer::Answer;
use anyhow::{Context as _, Result, bail};
use polysim_base::Eid;
use polysim_hal_http::system_randomness;
use polysim_rsp::crypto::{PrivateKey, Randomness};
use polysim_rsp::pki::authority::{Authority, AuthorityConfig};
use polysim_rsp::pki::{Certificate, Identity, Oid, Role, files};
use serde_json::json;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const DAY_S: i64 = 86_400;
/// What the EIDs of test cards begin with.
const TRIAL_EIN: &str = "89049032";
/// How many digits of an EID name its manufacturer.
const EIN_LEN: usize = 8;

pub(super) fn run(args: &InitArgs) -> Result<Answer> {
    let oid = oid(args)?;
    let mut out = Folder::found(&args.folder)?;
    let mut randomness = system_randomness();
    let now = unix_now();
    let config = AuthorityConfig {
        name: args.name.clone(),
        // Whose clock is a little behind is no reason to refuse.
        not_before: now - DAY_S,
        not_after: now + i64::from(args.days) * DAY_S,
        ..AuthorityConfig::default()
    };
    let authority = Authority::new(&mut randomness, &config).context("the name of the root")?;
    for folder in ["roots", "smdp", "euicc"] {
        out.certificate(folder, "ci", authority.root())?;
    }
    out.pair("authority", "ci", authority.root(), authority.key())?;
    for (name, role) in [("dpauth", Role::DpAuth), ("dppb", Role::DpPb), ("dptls", Role::DpTls)] {
        let Identity { certificate, key } =
            authority.server(&mut randomness, role, &oid, &args.smdp)?;
        out.pair("smdp", name, &certificate, &key)?;
    }
    let eids = eids(&args.eids, &mut randomness)?;
    let eins: Vec<_> = eids.iter().map(ein).collect();
    let eum = authority.eum(
        &mut randomness,
        "polysim trial EUM",
        &eins.iter().map(String::as_str).collect::<Vec<_>>(),
    )?;
    out.pair("authority", "eum", eum.certificate(), eum.key())?;
    out.certificate("euicc", "eum", eum.certificate())?;
    for eid in &eids {
        let euicc = eum.euicc(&mut randomness, eid)?;
        out.pair("euicc", &eid.to_string(), &euicc.certificate, &euicc.key)?;
    }
    Ok(report(args, &eids, &out.written))
}

/// Checks what the server is called, and returns its object identifier.
fn oid(args: &InitArgs) -> Result<Oid> {
    let host = &args.smdp;
    if polysim_hal::HttpAddress::secure(host).is_err() || host.contains([':', '[']) {
        bail!("{host:?}: a host name such as smdp.example.com is expected, without a port");
    }
    Oid::parse(&args.oid)
        .with_context(|| format!("{:?}: an OID such as 2.999.10 is expected", args.oid))
}

fn eids(given: &[Eid], randomness: &mut Randomness) -> Result<Vec<Eid>> {
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    let number = u64::from_be_bytes(randomness.bytes()) % 100_000_000_000_000;
    Ok(vec![Eid::with_check_digits(&format!("{TRIAL_EIN}00000000{number:014}"))?])
}

fn ein(eid: &Eid) -> String {
    eid.to_string().chars().take(EIN_LEN).collect()
}

fn unix_now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}

fn report(args: &InitArgs, eids: &[Eid], written: &[PathBuf]) -> Answer {
    let folder = args.folder.display();
    let files: String = written.iter().map(|path| format!("{}\n", path.display())).collect();
    let numbers: String = eids.iter().map(|eid| format!("EID {eid}\n")).collect();
    let host = &args.smdp;
    let text = format!(
        "{files}{numbers}\n\
         Serve:   polysim smdp serve --certs {folder}/smdp --host {host}\n\
         Trust:   polysim esim … --roots {folder}/roots\n\
         eUICC:   polysim expose --identity {folder}/euicc\n"
    );
    let json = json!({
        "folder": folder.to_string(), "smdp": host,
        "eids": eids.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "files": written.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
    });
    Answer { text, json, problem: None }
}

/// The folder of an authority, for its owner alone.
struct Folder {
    root: PathBuf,
    written: Vec<PathBuf>,
}

impl Folder {
    fn found(root: &Path) -> Result<Self> {
        if root.join("authority").exists() {
            bail!("{} has an authority already: choose another folder", root.display());
        }
        let folder = Self { root: root.to_owned(), written: Vec::new() };
        for name in ["authority", "roots", "smdp", "euicc"] {
            let path = root.join(name);
            let mut private = fs::DirBuilder::new();
            let made = private.recursive(true).mode(0o700).create(&path);
            made.with_context(|| format!("cannot make {}", path.display()))?;
        }
        Ok(folder)
    }

    fn certificate(&mut self, folder: &str, name: &str, certificate: &Certificate) -> Result<()> {
        let text = files::certificate_pem(certificate);
        self.write(&format!("{folder}/{name}.pem"), 0o644, text.as_bytes())
    }

    fn pair(
        &mut self,
        folder: &str,
        name: &str,
        certificate: &Certificate,
        key: &PrivateKey,
    ) -> Result<()> {
        self.certificate(folder, name, certificate)?;
        let text = files::private_key_pem(key);
        self.write(&format!("{folder}/{name}.key"), 0o600, text.as_bytes())
    }

    fn write(&mut self, name: &str, mode: u32, octets: &[u8]) -> Result<()> {
        let path = self.root.join(name);
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&path);
        let written = file.and_then(|mut file| file.write_all(octets));
        written.with_context(|| format!("cannot write {}", path.display()))?;
        self.written.push(path);
        Ok(())
    }
}
