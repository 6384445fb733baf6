//! Repository checks, run by CI and by hand: `cargo xtask layers`, `cargo xtask tidy`.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a command prints")]

mod layers;
mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    let check = std::env::args().nth(1);
    let result = match check.as_deref() {
        Some("layers") => layers::check(),
        Some("tidy") => tidy::check(),
        _ => {
            eprintln!("usage: cargo xtask layers|tidy");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(complaints) if complaints.is_empty() => {
            println!("{}: nothing to complain about", check.unwrap_or_default());
            ExitCode::SUCCESS
        }
        Ok(complaints) => {
            complaints.iter().for_each(|complaint| eprintln!("{complaint}"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}
