//! `polysim smdp`: an SM-DP+ in a process, and orders to one.

mod args;
mod news;
mod order;
mod profiles;
mod serve;
mod state;

pub(crate) use args::SmdpArgs;

use super::hardware;
use crate::exit::Exit;
use anyhow::Result;
use args::SmdpCommand;

/// Whose profiles are sold where nothing else is said.
const OPERATOR: &str = "polysim";

pub(crate) fn run(args: &SmdpArgs) -> Result<Exit> {
    hardware::carry_out(args.json, async {
        match &args.command {
            SmdpCommand::Serve(serve) => serve::run(serve, args.json).await,
            SmdpCommand::Order(order) => order::run(order).await,
        }
    })
}
