//! Results as JUnit XML, one suite per scenario and one case per seed; what a run on modems outside
//! leaves out is a case that was skipped.

use super::Finished;
use crate::stage::live::cut::Skipped;
use anyhow::{Context as _, Result};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::path::Path;

/// Writes results to a file.
pub(crate) fn write(path: &Path, runs: &[Finished]) -> Result<()> {
    let mut report = Report::new("polysim");
    for suite in runs.chunk_by(|a, b| a.outcome.file == b.outcome.file) {
        let Some(first) = suite.first() else { continue };
        let mut cases = TestSuite::new(first.outcome.name.as_str());
        suite.iter().for_each(|run| {
            cases.add_test_case(case(run));
            cases.add_test_cases(run.skipped().iter().map(|skipped| left_out(run, skipped)));
        });
        report.add_test_suite(cases);
    }
    let text = report.to_string().context("cannot write JUnit XML")?;
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn case(run: &Finished) -> TestCase {
    let outcome = &run.outcome;
    let status = match outcome.failures.first() {
        None => TestCaseStatus::success(),
        Some(first) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let lines =
                outcome.failures.iter().map(|f| format!("{} at {}: {}", f.id, f.at, f.message));
            let lines: Vec<_> = lines.chain([format!("replay: {}", run.replay())]).collect();
            status.set_message(first.message.as_str()).set_description(lines.join("\n"));
            status
        }
    };
    let mut case = TestCase::new(format!("seed {}", outcome.seed), status);
    case.set_classname(outcome.name.as_str()).set_time(run.wall);
    case
}

fn left_out(run: &Finished, skipped: &Skipped) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message(skipped.why.as_str());
    let mut case = TestCase::new(format!("{} (line {})", skipped.what, skipped.line), status);
    case.set_classname(run.outcome.name.as_str());
    case
}
