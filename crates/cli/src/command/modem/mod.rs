//! `polysim modem`: a modem at a port.

mod args;
mod at;
mod call;
mod inbox;
mod info;
mod open;
#[cfg(test)]
mod tests;
mod text;
mod ussd;
mod words;

pub(crate) use args::ModemArgs;
pub(crate) use open::ready;

use super::hardware::{self, Report};
use crate::exit::Exit;
use anyhow::Result;
use args::ModemCommand;

pub(crate) fn run(args: &ModemArgs) -> Result<Exit> {
    hardware::carry_out(args.json, carry_out(args))
}

async fn carry_out(args: &ModemArgs) -> Result<Report> {
    // What is wrong with the arguments is found before the modem is touched.
    let job = Job::of(&args.command)?;
    let pin = open::pin(args)?;
    let modem = open::modem(args).await?;
    let report = match job {
        Job::At(commands) => at::run(&modem, commands, args).await,
        Job::Info => info::run(&modem, pin, args).await,
        Job::Text { text, report } => {
            open::registered(&modem, pin, args).await?;
            text::run(&modem, text, report, args).await
        }
        Job::Inbox { wait, keep } => {
            open::initialised(&modem, pin, args).await?;
            inbox::run(&modem, wait, keep, args.json).await
        }
        Job::Call { to, hold } => {
            open::registered(&modem, pin, args).await?;
            call::run(&modem, to, hold).await
        }
        Job::Ussd { code, answers } => {
            open::registered(&modem, pin, args).await?;
            ussd::run(&modem, code, answers).await
        }
    };
    // What was confirmed is deleted before the port is closed, whatever became of the rest.
    modem.close().await;
    report
}

/// What is to be done, read and checked.
enum Job<'a> {
    Info,
    Text { text: polysim_modem::OutgoingText, report: bool },
    Inbox { wait: polysim_base::Duration, keep: bool },
    Call { to: &'a str, hold: Option<polysim_base::Duration> },
    Ussd { code: &'a str, answers: &'a [String] },
    At(Vec<polysim_at::Command>),
}

impl<'a> Job<'a> {
    fn of(command: &'a ModemCommand) -> Result<Self> {
        Ok(match command {
            ModemCommand::Info => Self::Info,
            ModemCommand::Text { to, text, report } => {
                Self::Text { text: text::outgoing(to, text, *report)?, report: *report }
            }
            ModemCommand::Inbox { wait, keep } => Self::Inbox { wait: *wait, keep: *keep },
            ModemCommand::Call { to, r#for } => Self::Call { to: call::number(to)?, hold: *r#for },
            ModemCommand::Ussd { code, answers } => {
                Self::Ussd { code: ussd::code(code, answers)?, answers }
            }
            ModemCommand::At { line, raw } => Self::At(at::commands(line, *raw)?),
        })
    }
}

/// Waits, and says on standard error what for if it takes longer than a second.
#[expect(clippy::print_stderr, reason = "progress is for people")]
async fn said<T>(what: &str, wait: impl Future<Output = T>) -> T {
    let mut wait = std::pin::pin!(wait);
    let second = std::time::Duration::from_secs(1);
    match tokio::time::timeout(second, &mut wait).await {
        Ok(done) => done,
        Err(_) => {
            eprintln!("{what} …");
            wait.await
        }
    }
}

const fn to_std(duration: polysim_base::Duration) -> std::time::Duration {
    std::time::Duration::from_micros(duration.as_micros())
}
