//! How a fleet fared, as a table and as JSON.

use super::Finished;
use polysim_base::Duration;
use polysim_scenario::{FleetReport, PolicyReport};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

/// The columns of the table of requests, after the policy.
const COLUMNS: [&str; 9] =
    ["asked", "assigned", "median", "p95", "max", "evicted", "as it was", "refused", "dropped"];
/// How wide the columns are.
const WIDTH: usize = 9;

/// Returns the table of runs that are all of one scenario, and nothing where there is no fleet.
pub(super) fn of_runs(runs: &[Finished]) -> String {
    let first = runs.first().map(|run| &run.outcome.file);
    let mut sum: Option<FleetReport> = None;
    for run in runs.iter().filter(|run| Some(&run.outcome.file) == first) {
        run.outcome.fleet.iter().for_each(|report| sum.get_or_insert_default().add(report));
    }
    let mut text = String::new();
    if let (Some(sum), true) = (sum, runs.iter().all(|run| Some(&run.outcome.file) == first)) {
        // A text takes what is written to it.
        table(&mut text, &sum).unwrap_or_default();
    }
    text
}

/// Writes the table.
fn table(text: &mut String, report: &FleetReport) -> std::fmt::Result {
    let FleetReport { calls_in, answered, missed, calls_out, connected, .. } = report;
    let FleetReport { texts_in, texts_out, sent, delivered, failed, unknown, .. } = report;
    let names = report.policies.iter().map(|policy| policy.policy.len());
    let first = names.chain(["policy".len()]).max().unwrap_or_default();
    if !report.policies.is_empty() {
        write!(text, "  {:<first$}", "policy")?;
        COLUMNS.iter().try_for_each(|column| write!(text, " {column:>WIDTH$}"))?;
        writeln!(text)?;
    }
    for policy in &report.policies {
        write!(text, "  {:<first$}", policy.policy)?;
        cells(policy).iter().try_for_each(|cell| write!(text, " {cell:>WIDTH$}"))?;
        writeln!(text)?;
    }
    writeln!(text, "  calls in {calls_in}: {answered} answered, {missed} missed")?;
    writeln!(text, "  calls out {calls_out}: {connected} answered")?;
    writeln!(
        text,
        "  texts in {texts_in}, out {texts_out}: {sent} sent, {delivered} delivered, {failed} \
         failed, {unknown} unknown"
    )
}

fn cells(policy: &PolicyReport) -> [String; 9] {
    let waited = |percent| policy.waited_at(percent).map_or_else(|| "-".into(), seconds);
    [
        policy.requests.to_string(),
        policy.assigned.to_string(),
        waited(50),
        waited(95),
        waited(100),
        policy.evictions.to_string(),
        policy.unchanged.to_string(),
        policy.refused.to_string(),
        policy.dropped.to_string(),
    ]
}

/// `95.040s`
fn seconds(time: Duration) -> String {
    let millis = time.as_micros() / 1_000;
    format!("{}.{:03}s", millis / 1_000, millis % 1_000)
}

/// Returns the same as JSON.
pub(super) fn json(report: &FleetReport) -> Json {
    let policy = |policy: &PolicyReport| {
        let waited = |percent| policy.waited_at(percent).map(Duration::as_micros);
        json!({
            "policy": policy.policy, "requests": policy.requests, "assigned": policy.assigned,
            "waited_us": { "median": waited(50), "p95": waited(95), "max": waited(100) },
            "evictions": policy.evictions, "unchanged": policy.unchanged,
            "refused": policy.refused, "dropped": policy.dropped,
        })
    };
    json!({
        "policies": report.policies.iter().map(policy).collect::<Vec<_>>(),
        "calls_in": {
            "all": report.calls_in, "answered": report.answered, "missed": report.missed,
        },
        "calls_out": { "all": report.calls_out, "answered": report.connected },
        "texts_in": report.texts_in,
        "texts_out": {
            "all": report.texts_out, "sent": report.sent, "delivered": report.delivered,
            "failed": report.failed, "unknown": report.unknown,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_times_are_those_of_their_share() {
        let waited = (1..=100).map(Duration::from_secs).collect();
        let policy = PolicyReport { policy: "main spread".into(), waited, ..Default::default() };
        let report = FleetReport { policies: vec![policy], missed: 3, ..Default::default() };
        let mut text = String::new();
        table(&mut text, &report).unwrap();
        let row = text.lines().nth(1).unwrap();
        let cells: Vec<_> = row.split_whitespace().collect();
        assert_eq!(
            cells[..7],
            ["main", "spread", "0", "0", "50.000s", "95.000s", "100.000s"],
            "{row}"
        );
        assert!(text.contains("3 missed"), "{text}");
        assert_eq!(json(&report)["policies"][0]["waited_us"]["p95"], 95_000_000);
    }
}
