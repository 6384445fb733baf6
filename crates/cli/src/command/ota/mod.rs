//! `polysim ota`: secured packets for cards.

mod args;
mod contents;
mod find;
mod keys;
mod open;
mod pack;
mod security;

pub(crate) use args::OtaArgs;

use super::answer;
use crate::exit::Exit;
use anyhow::Result;
use args::OtaCommand;
use open::View;

pub(crate) fn run(args: &OtaArgs) -> Result<Exit> {
    let answer = match &args.command {
        OtaCommand::Pack(pack) => pack::run(pack),
        OtaCommand::Unpack(open) => open::run(open, View::Contents),
        OtaCommand::Explain(open) => open::run(open, View::Fields),
    };
    answer::print(args.json, answer)
}
