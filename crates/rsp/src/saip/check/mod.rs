//! What is wrong with a package, before an eUICC says so.

mod rules;

use core::fmt;

use alloc::{string::String, vec::Vec};

use polysim_base::Iccid;

use super::image::install;
use super::package::ProfilePackage;
use super::{Service, Services};

/// What an eUICC can do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EuiccCapabilities {
    /// Its services.
    pub services: Services,
    /// Octets of memory that are free.
    pub memory_free: u32,
}

impl EuiccCapabilities {
    /// What our simulated eUICCs can do.
    pub const SERVICES: [Service; 7] = [
        Service::Usim,
        Service::Isim,
        Service::Milenage,
        Service::Tuak128,
        Service::Tuak256,
        Service::MultipleUsim,
        Service::MultipleIsim,
    ];
}

impl Default for EuiccCapabilities {
    /// What our simulated eUICCs can do, with memory without an end.
    fn default() -> Self {
        Self { services: Services::of(&Self::SERVICES), memory_free: u32::MAX }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// The eUICC will refuse the package.
    Error,
    /// The profile will not work as it should, or must not be used live.
    Warning,
    /// Worth knowing.
    Note,
}

/// Something to know about a package.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Which element, if it is about one.
    pub element: Option<usize>,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, and what to do.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        match self.element {
            Some(element) => write!(f, "{severity}: profile element {element}: {}", self.message),
            None => write!(f, "{severity}: {}", self.message),
        }
    }
}

/// Checks a package for an eUICC that can do this.
#[must_use]
pub fn check(package: &ProfilePackage, capabilities: &EuiccCapabilities) -> Vec<Finding> {
    check_against(package, capabilities, None)
}

/// Checks a package, and that it is the profile of this ICCID, as the metadata say.
#[must_use]
pub fn check_against(
    package: &ProfilePackage,
    capabilities: &EuiccCapabilities,
    iccid: Option<&Iccid>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let image = match install(package, capabilities).image {
        Ok(image) => Some(image),
        Err(error) => {
            let element = (error.element < package.elements().len()).then_some(error.element);
            let message = alloc::format!("{}", error.reason);
            findings.push(Finding { element, severity: Severity::Error, message });
            None
        }
    };
    rules::elements(package, &mut findings);
    rules::header(package, iccid, &mut findings);
    rules::secrets(package, &mut findings);
    if let Some(image) = image {
        rules::image(&image, &mut findings);
    }
    findings.sort_by_key(|finding| (finding.severity, finding.element));
    findings
}
