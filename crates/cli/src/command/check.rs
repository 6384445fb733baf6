//! `polysim check`: finds every mistake of every file.

use crate::args::CheckArgs;
use crate::diagnostics;
use crate::exit::Exit;
use crate::files;
use anyhow::Result;
use polysim_scenario::Mistakes;
use serde_json::json;
use std::io::Write as _;

pub(crate) fn run(args: &CheckArgs) -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    let mut mistakes = Vec::new();
    for path in files::find(&args.paths)? {
        match files::load(&path).map_err(anyhow::Error::downcast::<Mistakes>) {
            Ok(plan) if !args.json => {
                let (phones, expected) = (plan.world.phones.len(), plan.expectations.len());
                let fleet = plan.world.fleet.as_ref().map_or_else(String::new, |fleet| {
                    let (sims, modems) = (fleet.sims.len(), fleet.modem_count());
                    let terminals = fleet.terminals.len();
                    format!(", {sims} SIMs, {modems} modems, {terminals} terminals")
                });
                let file = &plan.file;
                writeln!(out, "OK {file} ({phones} phones{fleet}, {expected} expectations)")?;
            }
            Ok(_) => {}
            Err(Ok(found)) => mistakes.extend(found.0),
            Err(Err(other)) => return Err(other),
        }
    }
    let exit = if mistakes.is_empty() { Exit::Held } else { Exit::BadInput };
    if args.json {
        let list: Vec<_> = mistakes
            .iter()
            .map(|mistake| {
                let (line, column) = mistake.source.position(mistake.span.start);
                json!({
                    "file": *mistake.source.name, "line": line, "column": column,
                    "message": mistake.message, "help": mistake.help,
                })
            })
            .collect();
        writeln!(out, "{}", json!({ "mistakes": list }))?;
    } else if !mistakes.is_empty() {
        diagnostics::complain(&Mistakes(mistakes).into());
    }
    Ok(exit)
}
