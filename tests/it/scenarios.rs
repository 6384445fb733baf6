//! Every scenario of `scenarios/`, with every seed that its file names.

use crate::tree;
use anyhow::{Result, bail};
use polysim_scenario::{Outcome, Plan, Source, plan, run};
use std::fmt::Write as _;
use std::path::Path;

#[test]
fn every_scenario_passes() -> Result<()> {
    let root = tree::path("");
    let mut failed = String::new();
    let mut ran = 0;
    for file in tree::files_below(&tree::path("scenarios"), "toml")? {
        let name = file.strip_prefix(&root).unwrap_or(&file).display().to_string();
        match outcomes(&name) {
            Ok(outcomes) => {
                ran += outcomes.len();
                outcomes.iter().try_for_each(|outcome| describe(&mut failed, outcome))?;
            }
            Err(error) => writeln!(failed, "FAIL {name}: {error:#}")?,
        }
    }
    assert!(failed.is_empty(), "scenarios failed:\n{failed}");
    assert!(ran > 0, "there is no scenario");
    Ok(())
}

fn outcomes(name: &str) -> Result<Vec<Outcome>> {
    let plan = load(name)?;
    plan.seeds.iter().map(|seed| Ok(run(&plan, *seed, &mut |_| {})?)).collect()
}

/// Reads and checks a scenario by its name in the repository; included files are sought beside it.
pub(crate) fn load(name: &str) -> Result<Plan> {
    let folder = Path::new(name).parent().unwrap_or_else(|| Path::new(""));
    let source = Source::new(name, &tree::read(&tree::path(name))?);
    let mut include = |part: &str| {
        let name = folder.join(part).display().to_string();
        let text = tree::read(&tree::path(&name)).map_err(|error| format!("{error:#}"))?;
        Ok(Source::new(&name, &text))
    };
    match plan(&source, &mut include) {
        Ok(plan) => Ok(plan),
        Err(mistakes) => bail!("{mistakes}"),
    }
}

fn describe(failed: &mut String, outcome: &Outcome) -> Result<()> {
    for failure in &outcome.failures {
        let (name, seed) = (&outcome.name, outcome.seed);
        writeln!(failed, "FAIL {name} seed={seed} {}: {}", failure.id, failure.message)?;
        writeln!(failed, "     at {}; again: {}", failure.at, outcome.replay())?;
    }
    Ok(())
}
