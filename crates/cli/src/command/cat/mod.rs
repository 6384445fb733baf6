//! `polysim cat`: messages of the card application toolkit.

mod args;
mod decode;

pub(crate) use args::CatArgs;

use super::answer;
use crate::exit::Exit;
use anyhow::Result;
use args::CatCommand;

pub(crate) fn run(args: &CatArgs) -> Result<Exit> {
    let CatCommand::Decode(decode) = &args.command;
    answer::print(args.json, decode::run(decode))
}
