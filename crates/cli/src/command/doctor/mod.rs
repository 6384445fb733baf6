//! `polysim doctor`: what hardware, permissions and services are there, what is missing, and the
//! line that puts it right.
//!
//! It looks and changes nothing: it opens no port, connects to no daemon, and asks no modem. A
//! check is a function from the [`System`] to what it found.

mod args;
mod cards;
mod finding;
mod modems;
mod places;
mod programs;
mod system;

pub(crate) use args::DoctorArgs;

use crate::exit::Exit;
use anyhow::Result;
use finding::{Finding, State, render};
use serde_json::json;
use std::io::{IsTerminal as _, Write as _};
use system::System;

pub(crate) fn run(args: &DoctorArgs) -> Result<Exit> {
    let findings = examine(&System::real());
    let mut out = std::io::stdout().lock();
    if args.json {
        let count = |state| findings.iter().filter(|finding| finding.state == state).count();
        let summary = json!({
            "ok": count(State::Ok), "missing": count(State::Missing), "hint": count(State::Hint),
        });
        writeln!(out, "{}", json!({ "findings": findings, "summary": summary }))?;
    } else {
        let colours = out.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        out.write_all(render(&findings, colours).as_bytes())?;
    }
    Ok(Exit::Held)
}

/// Makes every check.
fn examine(system: &System) -> Vec<Finding> {
    let mut findings = modems::modems(system);
    findings.extend(modems::drivers(system));
    findings.extend(modems::storage_mode(system));
    findings.push(modems::modem_manager(system));
    findings.push(programs::pseudo_terminals(system));
    findings.push(cards::built_in());
    findings.push(cards::service(system));
    findings.extend(cards::readers());
    findings.push(cards::virtual_reader(system));
    findings.extend(programs::clients(system));
    findings
}

#[cfg(test)]
mod tests;
