//! `polysim ca`: certificates for trials of remote SIM provisioning.

mod args;
mod init;
mod show;

pub(crate) use args::CaArgs;

use super::answer;
use crate::exit::Exit;
use anyhow::Result;
use args::CaCommand;

pub(crate) fn run(args: &CaArgs) -> Result<Exit> {
    let answer = match &args.command {
        CaCommand::Init(init) => init::run(init),
        CaCommand::Show { files, roots } => show::run(files, roots.as_deref()),
    };
    answer::print(args.json, answer)
}
