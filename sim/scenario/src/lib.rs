//! Scenario files: parse, check, run, report.
//!
//! A scenario is one TOML file: a world, a timeline, what must happen, what must never happen.
//! [`plan`] checks a file and finds every mistake in it; [`run`] runs the plan with a seed.
//!
//! ```
//! use polysim_scenario::{Source, plan, run};
//!
//! let text = r#"
//! format = 1
//! name = "one-phone"
//! duration = "1min"
//! [[operator]]
//! name = "north"
//! plmn = "00101"
//! [[region]]
//! name = "here"
//! cells = [{ id = "here-1", operator = "north", rssi = -70 }]
//! [[phone]]
//! name = "anna"
//! region = "here"
//! operator = "north"
//! [[expect]]
//! id = "on-the-network"
//! event = "phone.registered"
//! where = { phone = "anna", operator = "north", roaming = false }
//! "#;
//! let source = Source::new("one-phone.toml", text);
//! let plan = plan(&source, &mut |name| Err(format!("nothing to include: {name}"))).unwrap();
//! let outcome = run(&plan, 1, &mut |_event| {}).unwrap();
//! assert!(outcome.passed(), "{:?}", outcome.failures);
//! ```

mod check;
mod expand;
mod plan;
mod run;
pub mod spec;
mod stage;
#[cfg(test)]
mod tests;
pub mod units;

pub use check::{FILE_LEN_MAX, Mistake, Mistakes, Source, did_you_mean, read_strictly};
pub use expand::{EXPANSION_MAX, InvalidPattern, expand, nth};
pub use plan::{Deed, Entry, Expectation, Plan, Rule, Run, Term, Test, Window, plan};
pub use run::{
    Failure, FleetReport, Outcome, PolicyReport, State, Step, run, run_on, run_traced, schedule,
};
pub use stage::Stage;

/// Returns the JSON Schema of scenario files, made from the types that read them.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(spec::Scenario).to_value()
}
