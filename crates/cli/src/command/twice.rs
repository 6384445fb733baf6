//! `--twice`: everything again in a fresh process, with another number of threads.

use crate::args::RunArgs;
use crate::report::{Finished, Progress};
use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use std::process::{Command, Stdio};

#[derive(Deserialize)]
struct Second {
    runs: Vec<SecondRun>,
}

#[derive(Deserialize)]
struct SecondRun {
    file: String,
    seed: u64,
    trace: String,
}

/// Returns whether the hashes of a second pass differ from those of the first.
pub(super) fn differs(
    args: &RunArgs,
    jobs: usize,
    first: &[Finished],
    progress: &Progress,
) -> Result<bool> {
    let other_jobs = if jobs == 1 { 2 } else { 1 };
    let mut command = Command::new(std::env::current_exe().context("cannot find myself")?);
    command.arg("run").args(&args.paths).args(["--json", "-", "--jobs", &other_jobs.to_string()]);
    if let Some(seed) = args.seed {
        command.args(["--seed", &seed.to_string()]);
    }
    if let Some(range) = args.seeds {
        command.args(["--seeds", &format!("{}..{}", range.first, range.last)]);
    }
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.context("cannot run the second pass")?;
    let second: Second = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("the second pass ended with {}", output.status))?;
    ensure!(second.runs.len() == first.len(), "the second pass ran something else");
    let mut differing = 0;
    for (one, two) in first.iter().zip(&second.runs) {
        let same_run = one.outcome.file == two.file && one.outcome.seed == two.seed;
        ensure!(same_run, "the second pass ran something else: {} seed {}", two.file, two.seed);
        if one.hash() != two.trace {
            differing += 1;
            progress.differs(one, &two.trace)?;
        }
    }
    progress.twice(first.len(), differing, other_jobs)?;
    Ok(differing > 0)
}
