//! `polysim card READER tree`: the files that are there.

use super::info::soft;
use super::known::Root;
use super::{Report, place, show};
use crate::exit::Exit;
use anyhow::Result;
use polysim::{Card, CardFault, File};
use polysim_apdu::{AccessRules, FileId, FileStructure, LifeCycle, Security};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(super) async fn report(card: &mut Card) -> Result<Report> {
    let mut walk = Walk { card, rules: BTreeMap::new() };
    let mut text = String::new();
    let mut directories = Vec::new();
    for root in Root::ALL {
        match place::enter(walk.card, root).await {
            Ok(_) => {}
            Err(CardFault::NoApplication { .. } | CardFault::Refused { .. }) => continue,
            Err(error) => return Err(error.into()),
        }
        for directory in root.directories() {
            let Some(_) = walk.find(root, directory.path).await? else {
                continue;
            };
            let depth = directory.path.len() + usize::from(root != Root::Mf);
            let fids: String = directory.path.iter().map(|fid| format!(" {fid:04X}")).collect();
            writeln!(text, "{:indent$}{}{fids}", "", directory.name, indent = 2 * depth)?;
            let mut files = Vec::new();
            for known in directory.files {
                let path: Vec<_> = directory.path.iter().copied().chain([known.fid]).collect();
                let Some(file) = walk.find(root, &path).await? else {
                    continue;
                };
                let access = walk.access(root, &path, &file).await?;
                let (fid, indent) = (known.fid, 2 * depth + 2);
                let kind = kind(&file);
                writeln!(text, "{:indent$}{fid:04X} {:<20} {kind}; {access}", "", known.name)?;
                files.push(describe(fid, known.name, &file, &access));
            }
            directories.push(json!({ "root": root.name(), "name": directory.name,
                "path": hex(directory.path), "files": files }));
        }
    }
    Ok(Report { text, json: json!({ "directories": directories }), exit: Exit::Held })
}

struct Walk<'a> {
    card: &'a mut Card,
    /// Records of EF.ARR that were read, by root, directory, file and number.
    rules: BTreeMap<(&'static str, Vec<u16>, FileId, u8), String>,
}

impl Walk<'_> {
    /// Selects a file; `None` if it is not there.
    async fn find(&mut self, root: Root, path: &[u16]) -> Result<Option<File>> {
        match place::at(self.card, root, path).await {
            Ok(file) => Ok(Some(file)),
            Err(CardFault::Refused { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns who may read and update a file.
    async fn access(&mut self, root: Root, path: &[u16], file: &File) -> Result<String> {
        let unknown = || "access rules not told".to_owned();
        let security = file.fcp().ok().flatten().and_then(|fcp| fcp.security);
        let (arr, record) = match security {
            Some(Security::Referenced { file, record }) => (file, record),
            Some(Security::ReferencedBySe { file, records: [_, record, ..] }) => (file, *record),
            Some(Security::Expanded(rules)) => {
                let rules = AccessRules::parse(rules);
                return Ok(rules.map_or_else(|_| unknown(), |rules| show::access(&rules)));
            }
            Some(Security::ReferencedBySe { .. } | Security::Compact(_)) | None => {
                return Ok(unknown());
            }
        };
        let (_, folder) = path.split_last().unwrap_or((&0, &[]));
        let key = (root.name(), folder.to_vec(), arr, record);
        if let Some(known) = self.rules.get(&key) {
            return Ok(known.clone());
        }
        let rule = self.rule(root, folder, arr, record).await?.unwrap_or_else(unknown);
        self.rules.insert(key, rule.clone());
        Ok(rule)
    }

    /// Reads a record of the EF.ARR that holds for a directory: in it, or in one above it
    /// (TS 102.221, 9.2.7).
    async fn rule(
        &mut self,
        root: Root,
        folder: &[u16],
        arr: FileId,
        record: u8,
    ) -> Result<Option<String>> {
        for depth in (0..=folder.len()).rev() {
            let above = folder.get(..depth).unwrap_or_default();
            let path: Vec<_> =
                above.iter().copied().chain([u16::from_be_bytes(arr.bytes())]).collect();
            if let Some(found) = self.find(root, &path).await? {
                return self.read_rule(&found, record).await;
            }
        }
        match self.find(Root::Mf, &[u16::from_be_bytes(arr.bytes())]).await? {
            Some(found) => {
                let rule = self.read_rule(&found, record).await?;
                // The application is left by that.
                place::enter(self.card, root).await?;
                Ok(rule)
            }
            None => Ok(None),
        }
    }

    async fn read_rule(&mut self, arr: &File, record: u8) -> Result<Option<String>> {
        let bytes = soft(self.card.read_record(arr, record).await)?;
        let rules = bytes.ok().and_then(|bytes| AccessRules::parse(&bytes).ok());
        Ok(rules.map(|rules| show::access(&rules)))
    }
}

/// Returns kind and size of a file in words.
pub(super) fn kind(file: &File) -> String {
    let size = file.size.map(|size| format!(", {}", bytes(size))).unwrap_or_default();
    let records = file.records.map(|records| {
        let count = records.count;
        let plural = if count == 1 { "" } else { "s" };
        format!(", {count} record{plural} of {}", bytes(records.length.into()))
    });
    let kind = match file.structure {
        FileStructure::Df => "directory".to_owned(),
        FileStructure::Unspecified => format!("of an untold kind{size}"),
        FileStructure::Transparent => format!("transparent{size}"),
        FileStructure::LinearFixed => format!("linear{}", records.unwrap_or(size)),
        FileStructure::Cyclic => format!("cyclic{}", records.unwrap_or(size)),
        FileStructure::BerTlv => format!("BER-TLV{size}"),
    };
    match file.life_cycle {
        Some(LifeCycle::Deactivated) => format!("{kind}, deactivated"),
        Some(LifeCycle::Terminated) => format!("{kind}, terminated"),
        Some(
            LifeCycle::Unspecified
            | LifeCycle::Creation
            | LifeCycle::Initialisation
            | LifeCycle::Activated
            | LifeCycle::Proprietary(_),
        )
        | None => kind,
    }
}

/// Returns a number of bytes in words.
pub(super) fn bytes(count: u32) -> String {
    format!("{count} byte{}", if count == 1 { "" } else { "s" })
}

fn describe(fid: u16, name: &str, file: &File, access: &str) -> Value {
    let sfi = file.fcp().ok().flatten().and_then(|fcp| fcp.sfi.of(FileId(fid)));
    json!({
        "fid": format!("{fid:04X}"),
        "name": name,
        "structure": structure(file.structure),
        "size": file.size,
        "records": file.records.map(|records| records.count),
        "record_length": file.records.map(|records| records.length),
        "sfi": sfi.map(polysim_apdu::Sfi::number),
        "access": access,
        "fcp": polysim_base::Hex(&file.template).to_string(),
    })
}

/// Returns the word for a structure in JSON.
pub(super) fn structure(structure: FileStructure) -> &'static str {
    match structure {
        FileStructure::Df => "df",
        FileStructure::Unspecified => "unspecified",
        FileStructure::Transparent => "transparent",
        FileStructure::LinearFixed => "linear-fixed",
        FileStructure::Cyclic => "cyclic",
        FileStructure::BerTlv => "ber-tlv",
    }
}

fn hex(path: &[u16]) -> String {
    path.iter().map(|fid| format!("{fid:04X}")).collect::<Vec<_>>().join("/")
}
