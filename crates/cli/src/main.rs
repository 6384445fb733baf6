//! The `polysim` command: runs scenario files, checks them, and takes texts apart.

mod args;
mod command;
mod diagnostics;
mod exit;
mod files;
mod report;
mod stage;

use args::{Cli, Command};
use clap::Parser as _;
use exit::Exit;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    let result = match cli.command {
        Command::Run(args) => command::run::run(&args),
        Command::Check(args) => command::check::run(&args),
        Command::Schema => command::print::schema(),
        Command::Events => command::print::events(),
        Command::Sms(args) => command::sms::run(args),
        Command::Ota(args) => command::ota::run(&args),
        Command::Cat(args) => command::cat::run(&args),
        Command::Bench(args) => command::bench::run(&args),
        Command::Expose(args) => command::expose::run(&args),
        Command::Tell(args) => command::expose::tell(&args),
        Command::Modem(args) => command::modem::run(&args),
        Command::Card(args) => command::card::run(&args),
        Command::Issuance(args) => command::issuance::run(&args),
        Command::Esim(args) => command::esim::run(&args),
        Command::Smdp(args) => command::smdp::run(&args),
        Command::Share(args) => command::share::run(&args),
        Command::Courier(args) => command::courier::run(&args),
        Command::Ca(args) => command::ca::run(&args),
        Command::Doctor(args) => command::doctor::run(&args),
        Command::Completions { shell } => command::print::completions(shell),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) if is_broken_pipe(&error) => Exit::Held.into(),
        Err(error) => {
            diagnostics::complain(&error);
            Exit::BadInput.into()
        }
    }
}

/// Says what is wrong with the arguments; as an object on standard output, too, where programs
/// read. Help, and the version, are no mistake.
fn misused(error: &clap::Error) -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    // That of `run` names a file for reports.
    let reads_json = arguments.iter().any(|it| it == "--json");
    if error.use_stderr() && reads_json && arguments.first().is_some_and(|it| it != "run") {
        let text = error.to_string();
        let what = text.split("\n\n").next().unwrap_or_default();
        let what = what.strip_prefix("error: ").unwrap_or(what);
        diagnostics::tell_program(what);
    }
    // Nobody may be there to read it.
    drop(error.print());
    if error.use_stderr() { Exit::BadInput.into() } else { Exit::Held.into() }
}

/// Somebody downstream, such as `head`, has read enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
