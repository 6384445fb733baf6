//! `polysim courier`: calls and texts over data, by phone number.

mod args;
mod carrier;
mod demo;
mod device;
mod folder;
mod screen;
mod serve;
mod settings;
mod sound;
mod tell;

pub(crate) use args::CourierArgs;

use super::hardware;
use crate::exit::Exit;
use anyhow::Result;
use args::CourierCommand;

pub(crate) fn run(args: &CourierArgs) -> Result<Exit> {
    hardware::carry_out(args.json, async {
        match &args.command {
            CourierCommand::Serve(serve) => serve::run(serve, args.json).await,
            CourierCommand::Device(device) => device::run(device, args.json).await,
            CourierCommand::Demo(demo) => demo::run(demo, args.json).await,
        }
    })
}
