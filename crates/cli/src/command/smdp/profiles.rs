//! Profiles in a folder: whole ones, and descriptions that profiles are made from.

use crate::files::read_text;
use anyhow::{Context as _, Result, bail};
use polysim_aka::{Key, Opc};
use polysim_base::{Iccid, Imsi, Plmn};
use polysim_rsp::data::UiccCapability;
use polysim_rsp::saip::{
    Builder, Operator, PACKAGE_LEN_MAX, Personal, ProfilePackage, SubscriptionKeys,
};
use polysim_smdp::{ProfileMetadata, ProfileType, Range, Stock};
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The type that there is without a folder.
pub(super) const TRIAL: &str = "trial";
/// Most files in a folder.
const FILES_MAX: usize = 1_000;
const DESCRIPTION_LEN_MAX: usize = 1 << 16;

/// What stands in a description.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    network: Plmn,
    provider: String,
    profile: String,
    first_iccid: Iccid,
    first_imsi: Imsi,
    count: u32,
    template: Option<PathBuf>,
}

/// Reads the profiles of a folder; without one there is a type for trials.
pub(super) fn read(folder: Option<&Path>, operator: &str) -> Result<Vec<ProfileType>> {
    let Some(folder) = folder else { return Ok(vec![trial(operator)?]) };
    let listing = || format!("cannot read the folder {}", folder.display());
    let entries = fs::read_dir(folder).with_context(listing)?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .with_context(listing)?;
    paths.sort();
    if paths.len() > FILES_MAX {
        bail!("{} has more than {FILES_MAX} files", folder.display());
    }
    let mut templates = Vec::new();
    let mut types = Vec::new();
    for path in paths.iter().filter(|path| ends_with(path, &["toml"])) {
        let (kind, template) =
            described(path, operator).with_context(|| path.display().to_string())?;
        types.push(kind);
        templates.extend(template);
    }
    for path in paths.iter().filter(|path| ends_with(path, &["der", "upp"])) {
        if !templates.contains(path) {
            types.push(whole(path, operator).with_context(|| path.display().to_string())?);
        }
    }
    if types.is_empty() {
        bail!("no profiles (*.der, *.upp, *.toml) in {}", folder.display());
    }
    Ok(types)
}

fn ends_with(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    endings.contains(&ending)
}

fn name(path: &Path) -> Result<String> {
    let name = path.file_stem().and_then(|name| name.to_str());
    name.map(str::to_owned).context("the name of the file is no text")
}

fn trial(operator: &str) -> Result<ProfileType> {
    let description = Description {
        network: Plmn::parse("00101")?,
        provider: "polysim".to_owned(),
        profile: "Trial".to_owned(),
        first_iccid: Iccid::with_check_digit("898821100000000001")?,
        first_imsi: Imsi::parse("001010000000001")?,
        count: 1_000_000,
        template: None,
    };
    let template = made(&description)?;
    Ok(description.kind(TRIAL.to_owned(), operator, template))
}

/// Reads a description; returns the file of its template with it.
fn described(path: &Path, operator: &str) -> Result<(ProfileType, Option<PathBuf>)> {
    let text = read_text(path, DESCRIPTION_LEN_MAX)?;
    let description: Description = toml::from_str(&text)?;
    let file = description.template.as_deref().map(|template| path.with_file_name(template));
    let template = match &file {
        Some(file) => package(file)?.0,
        None => made(&description)?,
    };
    Ok((description.kind(name(path)?, operator, template), file))
}

impl Description {
    fn kind(self, name: String, operator: &str, template: Arc<[u8]>) -> ProfileType {
        let metadata = ProfileMetadata {
            service_provider_name: self.provider,
            profile_name: self.profile,
            ..ProfileMetadata::default()
        };
        let stock = Stock::Range(Range {
            first_iccid: self.first_iccid,
            first_imsi: self.first_imsi,
            count: self.count,
        });
        kind(name, operator, template, metadata, stock)
    }
}

fn kind(
    name: String,
    operator: &str,
    template: Arc<[u8]>,
    metadata: ProfileMetadata,
    stock: Stock,
) -> ProfileType {
    // What a profile takes on an eUICC is about what it takes on the way there.
    let memory = u32::try_from(template.len()).unwrap_or(u32::MAX);
    let capabilities = UiccCapability::USIM_SUPPORT;
    let operator = operator.to_owned();
    ProfileType { name, operator, template, metadata, stock, capabilities, memory }
}

/// Makes the template of a description. The numbers and keys in it are replaced in each profile.
fn made(description: &Description) -> Result<Arc<[u8]>> {
    let keys = SubscriptionKeys::Milenage { key: Key::from([0; 16]), opc: Opc::from([0; 16]) };
    let personal = Personal::new(description.first_iccid, description.first_imsi, keys);
    let operator = Operator::new(description.network, &description.provider);
    let package = Builder::new(personal, operator).build()?;
    Ok(package.encode().as_slice().into())
}

fn package(path: &Path) -> Result<(Arc<[u8]>, ProfilePackage)> {
    let reading = || format!("cannot read {}", path.display());
    let length = fs::metadata(path).with_context(reading)?.len();
    if length > PACKAGE_LEN_MAX as u64 {
        bail!("{} has {length} octets; {PACKAGE_LEN_MAX} are the most", path.display());
    }
    let octets = fs::read(path).with_context(reading)?;
    let package = ProfilePackage::decode(&octets)
        .context("an unprotected profile package is expected (TCA's interoperable format, DER)")?;
    Ok((octets.into(), package))
}

fn whole(path: &Path, operator: &str) -> Result<ProfileType> {
    let (template, package) = package(path)?;
    let header = package.header().context("the first element is no profile header")?;
    let iccid = header.iccid().context("the profile header has no ICCID")?;
    let name = name(path)?;
    let metadata = ProfileMetadata {
        service_provider_name: operator.to_owned(),
        profile_name: header.profile_type.clone().unwrap_or_else(|| name.clone()),
        ..ProfileMetadata::default()
    };
    Ok(kind(name, operator, template, metadata, Stock::Whole(iccid)))
}
