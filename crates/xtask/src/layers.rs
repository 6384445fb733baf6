//! Every crate has a rank and depends on lower ranks only; see ARCHITECTURE.md.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::process::Command;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
    metadata: Option<Custom>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `dev`, `build`, or nothing for a normal one.
    kind: Option<String>,
    path: Option<String>,
}

#[derive(Deserialize)]
struct Custom {
    layer: Option<Layer>,
}

#[derive(Deserialize)]
struct Layer {
    rank: u32,
}

/// Returns what breaks the order of layers.
pub(crate) fn check() -> Result<Vec<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .context("cannot run cargo metadata")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    Ok(complaints(&metadata.packages))
}

fn complaints(packages: &[Package]) -> Vec<String> {
    let rank = |package: &Package| Some(package.metadata.as_ref()?.layer.as_ref()?.rank);
    let ranks: BTreeMap<&str, u32> =
        packages.iter().filter_map(|p| Some((p.name.as_str(), rank(p)?))).collect();
    let mut found = Vec::new();
    for package in packages {
        let Some(own) = rank(package) else {
            found.push(format!("{}: no rank in [package.metadata.layer]", package.name));
            continue;
        };
        for dependency in &package.dependencies {
            if dependency.kind.as_deref() == Some("dev") || dependency.path.is_none() {
                continue;
            }
            match ranks.get(dependency.name.as_str()) {
                Some(other) if *other < own => {}
                Some(other) => found.push(format!(
                    "{} (rank {own}) depends on {} (rank {other}): only lower ranks are allowed",
                    package.name, dependency.name
                )),
                None => found.push(format!("{}: {} has no rank", package.name, dependency.name)),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, rank: u32, dependencies: &[(&str, Option<&str>)]) -> Package {
        let dependencies = dependencies.iter().map(|(name, kind)| Dependency {
            name: (*name).into(),
            kind: kind.map(Into::into),
            path: Some("/".into()),
        });
        Package {
            name: name.into(),
            dependencies: dependencies.collect(),
            metadata: Some(Custom { layer: Some(Layer { rank }) }),
        }
    }

    #[test]
    fn only_lower_ranks_are_allowed_development_aside() {
        let packages = [
            package("low", 1, &[("peer", Some("dev")), ("high", None)]),
            package("peer", 1, &[("low", None)]),
            package("high", 2, &[("low", None), ("peer", None)]),
        ];
        let found = complaints(&packages);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("low (rank 1) depends on high (rank 2)"));
        assert!(found[1].starts_with("peer (rank 1) depends on low (rank 1)"));
    }
}
