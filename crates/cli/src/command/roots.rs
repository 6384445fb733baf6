//! Whom a command trusts in TLS.

use anyhow::{Context as _, Result};
use polysim::esim::Credentials;
use polysim_hal_http::Roots;
use std::path::Path;

/// Reads the roots of a folder. Without one, nobody is trusted.
pub(super) fn read(folder: Option<&Path>) -> Result<Roots> {
    let mut roots = Roots::new();
    let Some(folder) = folder else { return Ok(roots) };
    for (path, certificate) in Credentials::read(folder)?.certificates() {
        if certificate.is_ca() {
            roots.add(certificate.der()).with_context(|| path.display().to_string())?;
        }
    }
    if roots.is_empty() {
        anyhow::bail!("no root certificate in {}", folder.display());
    }
    Ok(roots)
}
