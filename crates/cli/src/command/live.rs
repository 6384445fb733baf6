//! `polysim run --live`: scenarios on modems outside, in real time, one after the other.

use super::fleet;
use super::run::report;
use crate::args::RunArgs;
use crate::exit::Exit;
use crate::report::{Finished, Live as LiveReport, Progress};
use crate::stage::live::config::Config;
use crate::stage::live::cost::Cost;
use crate::stage::live::cut::Cut;
use crate::stage::live::{Live, say};
use anyhow::{Result, bail};
use polysim_base::Instant as Moment;
use polysim_scenario::{Failure, Plan, run_on};
use polysim_world::Event;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;
use std::time::Instant;

pub(super) fn run(plans: &[Plan], config: &Path, args: &RunArgs) -> Result<Exit> {
    fleet::refuse(plans, "--live")?;
    let config = Config::load(config)?;
    config.check(plans)?;
    let mut work = Vec::new();
    let mut asks = false;
    for plan in plans {
        let seed = args.seed.or_else(|| plan.seeds.first().copied()).unwrap_or_default();
        let cut = Cut::new(plan, &config);
        if cut.phones.is_empty() {
            bail!("{} has none of the phones of {}", plan.file, config.file());
        }
        let cost = Cost::of(&cut, &config, seed);
        asks |= cost.asks();
        say(&announcement(&cut, &config, &cost));
        work.push((cut, seed));
    }
    if asks && !args.yes {
        agree()?;
    }
    let progress = Progress::quiet(args.json.as_deref());
    let mut finished = Vec::new();
    for (cut, seed) in work {
        let (run, interrupted) = one(cut, &config, seed, args, &progress)?;
        progress.finished(&run)?;
        finished.push(run);
        if interrupted {
            break;
        }
    }
    report(&finished, args)
}

fn announcement(cut: &Cut, config: &Config, cost: &Cost) -> String {
    let phones = cut.phones.values().filter_map(|number| config.phones.get(*number));
    let phones = phones.map(|phone| format!("{} at {}", phone.name.text, phone.port));
    let phones = phones.collect::<Vec<_>>().join(", ");
    let plan = &cut.plan;
    format!("{} takes {} of real time with {phones}:\n{cost}", plan.file, plan.duration)
        .trim_end()
        .to_owned()
}

/// Asks whoever sits there.
fn agree() -> Result<()> {
    let hint = "add --yes to agree that numbers which are none of the configuration's phones are \
                called or texted, codes sent, or PINs entered";
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        bail!("nothing was done: {hint}");
    }
    say("go on? y or n");
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        return Ok(());
    }
    bail!("nothing was done, as you wish")
}

fn one(
    cut: Cut,
    config: &Config,
    seed: u64,
    args: &RunArgs,
    progress: &Progress,
) -> Result<(Finished, bool)> {
    let mut stage = Live::start(&cut, config)?;
    say(&format!("{} begins", cut.plan.name));
    let started = Instant::now();
    let mut printed = Ok(());
    let mut watch = |event: &Event| {
        if args.verbose && printed.is_ok() {
            printed = progress.event(event);
        }
    };
    let mut outcome = run_on(&mut stage, &cut.plan, seed, &mut watch);
    let wall = started.elapsed();
    let interrupted = stage.is_interrupted();
    stage.end();
    printed?;
    if interrupted {
        let at = Moment::ZERO.plus(cut.plan.duration.min(from_std(wall)));
        // What was to come later was not seen to fail.
        outcome.failures.retain(|failure| failure.at <= at);
        let interruption = Failure {
            id: "interrupted".into(),
            at,
            message: "the run was stopped before its end".into(),
            events: Vec::new(),
            state: Vec::new(),
        };
        outcome.failures.insert(0, interruption);
    }
    let live = LiveReport { config: config.file().to_owned(), skipped: cut.skipped };
    Ok((Finished { outcome, wall, events: String::new(), live: Some(live) }, interrupted))
}

fn from_std(time: std::time::Duration) -> polysim_base::Duration {
    polysim_base::Duration::from_micros(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
}
