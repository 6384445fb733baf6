//! `polysim share`: one virtual SIM, several devices, of which one is active.

mod args;
mod audit;
mod card;
mod folder;
mod master;
mod modem;
mod say;
mod sim;
mod slave;

pub(crate) use args::ShareArgs;

use super::hardware;
use crate::exit::Exit;
use anyhow::Result;
use args::ShareCommand;
use polysim_base::Duration;
use polysim_lease::{InvalidMargin, Margin};
use polysim_share::Timing;

/// When one end of a link is told that it is down, the other is told that much later at most.
const SUPERVISION: Duration = Duration::from_secs(5);
/// What signing off may take; the modem's power is cut then.
const DETACH: Duration = Duration::from_secs(2);
/// After how long what was not answered is said again.
const RETRY: Duration = Duration::from_secs(2);
/// How wrong clocks may be: quartz, and a process that was not scheduled for a while.
const DRIFT_PPM: u32 = 500;
const SKEW: Duration = Duration::from_millis(500);
/// For how long a slave may keep the SIM without a link, where nothing else was said.
const TIMER: Duration = Duration::from_secs(60);

pub(crate) fn run(args: &ShareArgs) -> Result<Exit> {
    hardware::carry_out(args.json, async {
        match &args.command {
            ShareCommand::Master(master) => master::run(master, args.json).await,
            ShareCommand::Slave(slave) => slave::run(slave, args.json).await,
            ShareCommand::Audit(audit) => audit::run(audit, args.json).await,
        }
    })
}

fn margin() -> Result<Margin, InvalidMargin> {
    Margin::new(DRIFT_PPM, SKEW)
}

fn timing(timer: Duration) -> Result<Timing, InvalidMargin> {
    let margin = margin()?;
    Ok(Timing { supervision: SUPERVISION, timer, detach: DETACH, margin, retry: RETRY })
}
