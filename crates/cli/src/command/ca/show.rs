//! Says what stands in certificates, private keys and revocation lists.

use crate::command::answer::{Answer, Problem, table};
use crate::exit::Exit;
use anyhow::{Context as _, Result, bail};
use polysim::esim::Credentials;
use polysim_base::Hex;
use polysim_hal_http::Ring;
use polysim_rsp::crypto::{KeyId, Mode, Origin, PrivateKey};
use polysim_rsp::es2::write_timestamp;
use polysim_rsp::pki::files::{read_certificate, read_private_key};
use polysim_rsp::pki::{Certificate, Crl, KeyUsage, Role, Trust};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Longest file that is looked into.
const FILE_LEN_MAX: u64 = 65_536;

pub(super) fn run(files: &[PathBuf], roots: Option<&Path>) -> Result<Answer> {
    let judge = roots.map(Judge::new).transpose()?;
    let mut text = String::new();
    let mut all = Vec::new();
    let mut bad = Vec::new();
    for path in files {
        let (rows, verdict) = describe(path, judge.as_ref())?;
        if let Some(Err(why)) = verdict {
            bad.push(format!("{}: {why}", path.display()));
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("{}\n", path.display()));
        let rows_text: Vec<_> = rows
            .iter()
            .map(|(name, value)| [format!("  {}", name.replace('_', " ")), shown(value)])
            .collect();
        text.push_str(&table(&rows_text));
        let mut object = Map::from_iter([("file".into(), path.display().to_string().into())]);
        object.extend(rows.into_iter().map(|(name, value)| (name.to_owned(), value)));
        all.push(Value::Object(object));
    }
    let problem = (!bad.is_empty()).then(|| Problem { text: bad.join("\n"), exit: Exit::Failed });
    Ok(Answer { text, json: json!({ "files": all }), problem })
}

type Rows = Vec<(&'static str, Value)>;
type Verdict = Option<Result<(), String>>;

fn describe(path: &Path, judge: Option<&Judge>) -> Result<(Rows, Verdict)> {
    let reading = || format!("cannot read {}", path.display());
    let length = std::fs::metadata(path).with_context(reading)?.len();
    if length > FILE_LEN_MAX {
        bail!("{} has {length} octets; {FILE_LEN_MAX} are the most here", path.display());
    }
    let octets = std::fs::read(path).with_context(reading)?;
    match (read_certificate(&octets), read_private_key(&octets, Origin::Live), Crl::parse(&octets))
    {
        (Ok(certificate), key, _) => {
            let verdict = judge.map(|judge| judge.certificate(&certificate));
            let mut rows = of_certificate(&certificate);
            if let Ok(key) = key {
                rows.extend(of_key(&key));
            }
            rows.extend(verdict.as_ref().map(verdict_row));
            Ok((rows, verdict))
        }
        (Err(_), Ok(key), _) => Ok((of_key(&key), None)),
        (Err(_), Err(_), Ok(crl)) => {
            let verdict = judge.map(|judge| judge.list(&octets));
            let mut rows = of_list(&crl);
            rows.extend(verdict.as_ref().map(verdict_row));
            Ok((rows, verdict))
        }
        (Err(error), Err(_), Err(_)) => Err(error).with_context(|| {
            format!(
                "{}: a certificate, a private key or a revocation list is expected, PEM or DER",
                path.display()
            )
        }),
    }
}

fn verdict_row(verdict: &Result<(), String>) -> (&'static str, Value) {
    ("verdict", verdict.as_ref().map_or_else(|why| why.as_str().into(), |()| "trusted".into()))
}

fn of_certificate(certificate: &Certificate) -> Rows {
    let (from, until) = certificate.validity();
    let id = |id: Option<KeyId>| id.map(|id| id.to_string().into());
    let list = |items: Vec<String>| (!items.is_empty()).then(|| Value::from(items));
    let rows = [
        ("kind", Some("certificate".into())),
        ("roles", list(certificate.roles().iter().map(|role| role.to_string()).collect())),
        ("name", certificate.common_name().map(Value::from)),
        ("organisation", certificate.organization().map(Value::from)),
        ("eid", certificate.eid().map(|eid| eid.to_string().into())),
        ("host_names", list(certificate.dns_names().map(str::to_owned).collect())),
        ("oids", list(certificate.registered_ids().iter().map(ToString::to_string).collect())),
        ("valid_from", Some(write_timestamp(from).into())),
        ("valid_until", Some(write_timestamp(until).into())),
        ("serial", Some(Hex(certificate.serial()).to_string().into())),
        ("key", id(certificate.subject_key_id())),
        ("issuer_key", id(certificate.authority_key_id())),
        ("usage", list(usage(certificate))),
        ("revocation_lists", list(certificate.crl_points().map(str::to_owned).collect())),
    ];
    rows.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn usage(certificate: &Certificate) -> Vec<String> {
    let Some(usage) = certificate.key_usage() else { return Vec::new() };
    let known = [
        (KeyUsage::DIGITAL_SIGNATURE, "signs messages"),
        (KeyUsage::CERTIFICATE_SIGN, "signs certificates"),
        (KeyUsage::CRL_SIGN, "signs revocation lists"),
    ];
    let named = known.into_iter().filter(|(bit, _)| usage.allows(*bit));
    named.map(|(_, name)| name.to_owned()).collect()
}

fn of_key(key: &PrivateKey) -> Rows {
    vec![
        ("private_key", "P-256, not shown".into()),
        ("public_key", Hex(key.public().as_bytes()).to_string().into()),
    ]
}

fn of_list(_: &Crl) -> Rows {
    vec![("kind", "revocation list".into())]
}

fn shown(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// Judges by what a folder has.
struct Judge {
    trust: Trust,
    folder: Credentials,
    now: Option<i64>,
}

impl Judge {
    fn new(folder: &Path) -> Result<Self> {
        let folder = Credentials::read(folder)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        let now = now.and_then(|now| i64::try_from(now.as_secs()).ok());
        let trust = folder.trust(&Ring, Mode::Simulation, now)?;
        Ok(Self { trust, folder, now })
    }

    fn certificate(&self, certificate: &Certificate) -> Result<(), String> {
        let Some(role) = certificate.roles().iter().next() else {
            return Err("its policies name no role".to_owned());
        };
        let Some(issuer) = certificate.authority_key_id() else {
            return self.root(certificate);
        };
        let verdict = match role {
            Role::Ci => return self.root(certificate),
            Role::Euicc => {
                let mut eums = self.folder.certificates().map(|(_, eum)| eum);
                let eum = eums.find(|eum| eum.subject_key_id() == Some(issuer));
                let eum = eum.ok_or("the folder has no certificate of its manufacturer")?;
                self.trust.verify_euicc(&Ring, certificate, eum, self.now).map(drop)
            }
            Role::Eum | Role::DpTls | Role::DpAuth | Role::DpPb | Role::DsTls | Role::DsAuth => {
                self.trust.verify_server(&Ring, certificate, role, &issuer, self.now)
            }
        };
        verdict.map_err(|error| error.to_string())
    }

    fn root(&self, certificate: &Certificate) -> Result<(), String> {
        if self.folder.roots().any(|root| root == certificate) {
            Ok(())
        } else {
            Err("it is a root, and not one of this folder".to_owned())
        }
    }

    fn list(&self, octets: &[u8]) -> Result<(), String> {
        let taken = self.trust.clone().load_crl(&Ring, octets, self.now);
        taken.map(drop).map_err(|error| error.to_string())
    }
}
