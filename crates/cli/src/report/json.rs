//! Results as JSON.

use super::Finished;
use crate::stage::live::cut::{Skipped, What};
use anyhow::{Context as _, Result};
use polysim_scenario::Failure;
use polysim_world::{Event, Value};
use serde_json::{Map, Value as Json, json};
use std::io::Write as _;
use std::path::Path;

/// Writes results to a file, or to standard output for `-`.
pub(crate) fn write(path: &Path, runs: &[Finished]) -> Result<()> {
    let runs: Vec<_> = runs.iter().map(run).collect();
    let text = serde_json::to_string_pretty(&json!({ "format": 1, "runs": runs }))?;
    if path == Path::new("-") {
        writeln!(std::io::stdout().lock(), "{text}")?;
        return Ok(());
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn run(run: &Finished) -> Json {
    let outcome = &run.outcome;
    json!({
        "name": outcome.name,
        "file": outcome.file,
        "seed": outcome.seed,
        "passed": outcome.passed(),
        "virtual_us": outcome.virtual_time.as_micros(),
        "wall_ms": u64::try_from(run.wall.as_millis()).unwrap_or(u64::MAX),
        "events": outcome.events,
        "trace": run.live.is_none().then(|| run.hash()),
        "live": run.live.is_some(),
        "skipped": run.skipped().iter().map(skipped).collect::<Vec<_>>(),
        "fleet": outcome.fleet.as_ref().map(super::fleet::json),
        "failures": outcome.failures.iter().map(failure).collect::<Vec<_>>(),
        "replay": run.replay(),
    })
}

fn skipped(skipped: &Skipped) -> Json {
    let (kind, name) = match &skipped.what {
        What::Verb(name) => ("verb", *name),
        What::Expectation(id) => ("expectation", id.as_str()),
    };
    json!({ "kind": kind, "name": name, "line": skipped.line, "why": skipped.why })
}

fn failure(failure: &Failure) -> Json {
    let state: Map<String, Json> =
        failure.state.iter().map(|(phone, fields)| (phone.clone(), object(fields))).collect();
    json!({
        "id": failure.id,
        "at_us": failure.at.as_micros(),
        "message": failure.message,
        "events": failure.events.iter().map(event).collect::<Vec<_>>(),
        "state": state,
    })
}

fn event(event: &Event) -> Json {
    json!({ "at_us": event.at.as_micros(), "event": event.name, "fields": object(&event.fields) })
}

fn object(fields: &[(&'static str, Value)]) -> Json {
    let value = |value: &Value| match value {
        Value::Flag(flag) => json!(flag),
        Value::Number(number) => json!(number),
        Value::Text(text) => json!(text),
    };
    fields
        .iter()
        .map(|(name, field)| ((*name).to_owned(), value(field)))
        .collect::<Map<_, _>>()
        .into()
}
