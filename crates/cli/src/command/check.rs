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
                let phones = plan.world.phones.len();
                writeln!(
                    out,
                    "OK {} ({phones} phones, {} expectations)",
                    plan.file,
                    plan.expectations.len()
                )?;
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
