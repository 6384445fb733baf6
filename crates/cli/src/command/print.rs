//! Commands that print what is built in.

use crate::args::Cli;
use crate::exit::Exit;
use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::Shell;
use polysim_world::{
    BUSINESS_STATE, EVENTS, GROUP_STATE, INVARIANTS, MODEM_STATE, PHONE_STATE, PLATFORM_STATE,
    SERVER_STATE, SERVICE_STATE, SIM_STATE, SITE_STATE, TERMINAL_STATE,
};
use std::io::Write as _;

/// Names of fields, and what each means.
type Fields = &'static [(&'static str, &'static str)];

/// What can be asked of each kind of thing.
const STATES: &[(&str, Fields)] = &[
    ("a phone", PHONE_STATE),
    ("a SIM of a fleet", SIM_STATE),
    ("a modem of a fleet", MODEM_STATE),
    ("a terminal", TERMINAL_STATE),
    ("a server", SERVER_STATE),
    ("a site", SITE_STATE),
    ("a card-writing platform", PLATFORM_STATE),
    ("a business platform", BUSINESS_STATE),
    ("a service of eSIMs", SERVICE_STATE),
    ("a group of devices that share a subscription", GROUP_STATE),
];

pub(crate) fn schema() -> Result<Exit> {
    let text = serde_json::to_string_pretty(&polysim_scenario::schema())?;
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(Exit::Held)
}

pub(crate) fn events() -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "Events (expect event, never, for_each):")?;
    for kind in EVENTS {
        writeln!(out, "\n  {}\n      {}", kind.name, kind.about)?;
        for (field, about) in kind.fields {
            writeln!(out, "      {field:<14} {about}")?;
        }
    }
    for (thing, fields) in STATES {
        writeln!(out, "\nState of {thing} (expect state):\n")?;
        for (field, about) in *fields {
            writeln!(out, "      {field:<14} {about}")?;
        }
    }
    writeln!(out, "\nInvariants (always on unless a file switches them off with a reason):\n")?;
    for (name, about) in INVARIANTS {
        writeln!(out, "  {name}\n      {about}")?;
    }
    Ok(Exit::Held)
}

pub(crate) fn completions(shell: Shell) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "polysim", &mut script);
    std::io::stdout().lock().write_all(&script)?;
    Ok(Exit::Held)
}
