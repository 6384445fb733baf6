//! `polysim run`: every scenario with every seed, on several threads, reported in order.

use super::{fleet, twice};
use crate::args::RunArgs;
use crate::exit::Exit;
use crate::files;
use crate::report::{self, Finished, Progress};
use crate::stage::through_hal::{self, ThroughHal};
use anyhow::{Context as _, Result};
use polysim_scenario::{Failure, Mistakes, Outcome, Plan};
use polysim_world::Event;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

pub(crate) fn run(args: &RunArgs) -> Result<Exit> {
    let plans = load_all(args)?;
    if let Some(config) = &args.live {
        return super::live::run(&plans, config, args);
    }
    if args.through_hal {
        fleet::refuse(&plans, "--through-hal")?;
    }
    let work = work(&plans, args);
    let jobs = if args.trace.is_some() { 1 } else { jobs(args) };
    let finished = run_all(&plans, &work, jobs, args)?;
    let exit = report(&finished, args)?;
    let progress = Progress::quiet(args.json.as_deref());
    if args.twice && twice::differs(args, jobs, &finished, &progress)? {
        return Ok(Exit::Differed);
    }
    Ok(exit)
}

/// Writes and prints what became of all runs.
pub(super) fn report(finished: &[Finished], args: &RunArgs) -> Result<Exit> {
    if let Some(path) = &args.json {
        report::json::write(path, finished)?;
    }
    if let Some(path) = &args.junit {
        report::junit::write(path, finished)?;
    }
    Progress::quiet(args.json.as_deref()).summary(finished)?;
    let failed = finished.iter().any(|run| !run.outcome.passed());
    Ok(if failed { Exit::Failed } else { Exit::Held })
}

/// Loads every file; the mistakes of all of them are reported together.
fn load_all(args: &RunArgs) -> Result<Vec<Plan>> {
    let mut plans = Vec::new();
    let mut mistakes = Vec::new();
    for path in files::find(&args.paths)? {
        match files::load(&path).map_err(anyhow::Error::downcast::<Mistakes>) {
            Ok(plan) => plans.push(plan),
            Err(Ok(found)) => mistakes.extend(found.0),
            Err(Err(other)) => return Err(other),
        }
    }
    if mistakes.is_empty() { Ok(plans) } else { Err(Mistakes(mistakes).into()) }
}

fn work<'a>(plans: &'a [Plan], args: &RunArgs) -> Vec<(&'a Plan, u64)> {
    let seeds = |plan: &Plan| match (args.seed, args.seeds) {
        (Some(seed), _) => vec![seed],
        (None, Some(range)) => (range.first..=range.last).collect(),
        (None, None) => plan.seeds.clone(),
    };
    plans.iter().flat_map(|plan| seeds(plan).into_iter().map(move |seed| (plan, seed))).collect()
}

fn jobs(args: &RunArgs) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, NonZero::get);
    args.jobs.map_or_else(processors, usize::from)
}

/// Runs everything; results come out in order of the work, whatever thread did it.
fn run_all(
    plans: &[Plan],
    work: &[(&Plan, u64)],
    jobs: usize,
    args: &RunArgs,
) -> Result<Vec<Finished>> {
    let trace = match &args.trace {
        Some(path) => {
            let file = File::create(path);
            let file = file.with_context(|| format!("cannot write {}", path.display()))?;
            Some(Mutex::new(BufWriter::new(file)))
        }
        None => None,
    };
    let progress = Progress::new(work.len(), plans.len(), args);
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(work.len()) {
            let (sender, next, trace) = (sender.clone(), &next, &trace);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some((plan, seed)) = work.get(number) else { break };
                    let result = one(plan, *seed, args, trace.as_ref());
                    if sender.send((number, result)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        collect(&results, work.len(), &progress)
    })
}

fn collect(
    results: &mpsc::Receiver<(usize, Result<Finished>)>,
    count: usize,
    progress: &Progress,
) -> Result<Vec<Finished>> {
    let mut waiting: Vec<Option<Finished>> = (0..count).map(|_| None).collect();
    let mut finished = Vec::new();
    for (number, result) in results {
        if let Some(place) = waiting.get_mut(number) {
            *place = Some(result?);
        }
        while let Some(run) = waiting.get_mut(finished.len()).and_then(Option::take) {
            progress.finished(&run)?;
            finished.push(run);
        }
    }
    Ok(finished)
}

fn one(
    plan: &Plan,
    seed: u64,
    args: &RunArgs,
    trace: Option<&Mutex<BufWriter<File>>>,
) -> Result<Finished> {
    let started = Instant::now();
    let mut events = String::new();
    let mut watch = |event: &Event| {
        if args.verbose {
            events.push_str(&format!("  {event}\n"));
        }
    };
    let outcome = match trace {
        None if args.through_hal => through_hal(plan, seed, &mut watch)?,
        None => polysim_scenario::run(plan, seed, &mut watch)?,
        Some(file) => {
            let mut file = file.lock().map_err(|_| anyhow::anyhow!("a run has panicked"))?;
            let mut failed = Ok(());
            let mut write = |line: &str| {
                if failed.is_ok() {
                    failed = writeln!(file, "{line}");
                }
            };
            let outcome = polysim_scenario::run_traced(plan, seed, &mut watch, &mut write)?;
            failed.and_then(|()| file.flush()).context("cannot write the trace")?;
            outcome
        }
    };
    Ok(Finished { outcome, wall: started.elapsed(), events, live: None })
}

/// Runs a plan directly and through the HAL; the outcome is that of the latter, with a failure more
/// where the two differ.
fn through_hal(plan: &Plan, seed: u64, watch: &mut dyn FnMut(&Event)) -> Result<Outcome> {
    let (mut directly, mut through) = (Vec::new(), Vec::new());
    polysim_scenario::run(plan, seed, &mut |event| directly.push(event.clone()))?;
    let mut stage = ThroughHal::new(plan, seed)?;
    let mut outcome = polysim_scenario::run_on(&mut stage, plan, seed, &mut |event| {
        through.push(event.clone());
        watch(event);
    });
    if let Some(message) = through_hal::difference(&directly, &through) {
        outcome.failures.push(Failure {
            id: "same-order-through-hal".into(),
            at: polysim_base::Instant::ZERO.plus(plan.duration),
            message: format!("{message} (add --through-hal to the command below)"),
            events: Vec::new(),
            state: Vec::new(),
        });
    }
    Ok(outcome)
}
