//! `polysim share audit`: what a master has written down.

use super::args::AuditArgs;
use super::folder::{Folder, Role};
use super::say::short;
use crate::command::hardware::Report;
use crate::exit::Exit;
use anyhow::Result;
use polysim::journal::FileJournal;
use polysim::share::{Dated, MasterEntry};
use polysim_base::Hex;
use polysim_share::master::{Ended, Holder, MasterRecord, SlaveId};
use polysim_sms::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The record of a master in words.
pub(super) struct Audit {
    names: BTreeMap<SlaveId, String>,
    holders: BTreeMap<u32, Holder>,
    pub(super) lines: Vec<(String, Value)>,
}

pub(super) async fn run(args: &AuditArgs, json: bool) -> Result<Report> {
    let folder = Folder::open(&args.state, Role::Master)?;
    let audit = Audit::read(&folder.journal_path()).await?;
    let mut text = String::new();
    for (line, object) in audit.lines {
        text.push_str(&if json { object.to_string() } else { line });
        text.push('\n');
    }
    if json {
        // Each object is a line; there is none around them.
        std::io::Write::write_all(&mut std::io::stdout().lock(), text.as_bytes())?;
        text.clear();
    }
    Ok(Report { text, json: Value::Null, exit: Exit::Held })
}

impl Audit {
    /// Reads the journal of a master, whether that runs or not.
    pub(super) async fn read(journal: &Path) -> Result<Self> {
        let entries = FileJournal::<Dated<MasterEntry>>::look(journal).await?;
        let (names, holders, lines) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let mut audit = Self { names, holders, lines };
        entries.iter().for_each(|entry| audit.entry(entry));
        Ok(audit)
    }

    fn entry(&mut self, Dated { at_us, entry: MasterEntry(record) }: &Dated<MasterEntry>) {
        let Some((what, words, mut object)) = self.words(record) else { return };
        let at = moment(*at_us);
        if let Some(object) = object.as_object_mut() {
            object.insert("at".to_owned(), at.clone().into());
            object.insert("what".to_owned(), what.into());
        }
        self.lines.push((format!("{at}  {what:<9} {words}"), object));
    }

    /// Returns what a record is called, and says; sequence numbers and keys say nothing to people.
    fn words(&mut self, record: &MasterRecord) -> Option<(&'static str, String, Value)> {
        Some(match record {
            MasterRecord::Paired { slave, key, name } => {
                self.names.insert(*slave, name.as_str().to_owned());
                let text = format!("{name} (key {}), as the user has allowed", short(key));
                let key = Hex(&key.0).to_string();
                ("paired", text, json!({ "device": name.as_str(), "key": key }))
            }
            MasterRecord::Unpaired(slave) => {
                let name = self.name(*slave);
                ("unpaired", name.clone(), json!({ "device": name }))
            }
            MasterRecord::Wiped(slave) => {
                let name = self.name(*slave);
                let text = format!("{name} has erased what it had");
                ("wiped", text, json!({ "device": name }))
            }
            MasterRecord::Consented { slave, allow } => {
                let name = self.name(*slave);
                let what = if *allow { "allowed" } else { "denied" };
                (what, name.clone(), json!({ "device": name }))
            }
            MasterRecord::Granted { holder, epoch } => {
                let lease = epoch.count();
                self.holders.insert(lease, *holder);
                let name = self.holder(*holder);
                let text = format!("lease {lease} to {name}");
                ("granted", text, json!({ "device": name, "lease": lease }))
            }
            MasterRecord::Free { epoch, ended } => {
                let lease = epoch.count();
                let holder = self.holders.get(&lease).copied();
                let name = holder.map_or_else(|| "?".to_owned(), |holder| self.holder(holder));
                let (how, words) = match ended {
                    Ended::Confirmed => ("confirmed", "it has left the network"),
                    Ended::Guard => ("guard", "it was not heard, and its timer has passed"),
                };
                let text = format!("lease {lease} of {name}: {words}");
                ("ended", text, json!({ "device": name, "lease": lease, "how": how }))
            }
            MasterRecord::Replaced { set, .. } => {
                let imsi = set.imsi.masked();
                ("replaced", format!("another SIM, {imsi}"), json!({ "imsi": imsi }))
            }
            MasterRecord::Locked { .. } | MasterRecord::Sequence(_) => return None,
        })
    }

    fn name(&self, slave: SlaveId) -> String {
        self.names.get(&slave).cloned().unwrap_or_else(|| format!("device {}", slave.0))
    }

    fn holder(&self, holder: Holder) -> String {
        match holder {
            Holder::Own => "the master itself".to_owned(),
            Holder::Slave(slave) => self.name(slave),
        }
    }
}

/// `2026-11-26 12:00:00+00:00`
fn moment(at_us: u64) -> String {
    match Timestamp::from_unix(at_us / 1_000_000, 0) {
        Ok(time) => format!("20{time}"),
        Err(_) => format!("{at_us} us"),
    }
}
