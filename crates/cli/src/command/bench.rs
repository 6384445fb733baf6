//! `polysim bench`: figures with units.

use crate::args::{Bench, BenchArgs, StormArgs};
use crate::exit::Exit;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use polysim_world::{AttachStorm, StormReport};
use serde_json::json;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// How often the storm tells where it is, in virtual time.
const STEPS: u32 = 60;

pub(crate) fn run(args: &BenchArgs) -> Result<Exit> {
    let Bench::AttachStorm(storm) = &args.bench;
    attach_storm(storm)
}

fn attach_storm(args: &StormArgs) -> Result<Exit> {
    // The heap is counted by thread, so that counting does not make threads wait for each other;
    // on one thread it is the whole heap of the storm.
    let mut run = None;
    let heap = if args.threads == 1 {
        Some(allocation_counter::measure(|| run = Some(play(args))).bytes_max)
    } else {
        run = Some(play(args));
        None
    };
    let Some(played) = run else { return Ok(Exit::Failed) };
    let (report, wall, built) = played?;
    print(args, &report, &Cost { wall, built, heap, resident: resident() })?;
    let all = report.registered == u64::from(args.devices);
    Ok(if all { Exit::Held } else { Exit::Failed })
}

/// Plays the storm; returns what it came to, how long it took, and how much of that to build it.
fn play(args: &StormArgs) -> Result<(StormReport, Duration, Duration)> {
    let started = Instant::now();
    let mut storm = AttachStorm::new(args.devices, args.seed)?;
    let built = started.elapsed();
    let bar = ProgressBar::new(STEPS.into());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg}, {eta} left") {
        bar.set_style(style);
    }
    for step in 1..=STEPS {
        storm.advance(step, STEPS, args.threads.into());
        bar.set_message(format!("{} of {} registered", storm.registered(), args.devices));
        bar.inc(1);
    }
    storm.finish(args.threads.into());
    bar.finish_and_clear();
    Ok((storm.report(), started.elapsed(), built))
}

struct Cost {
    wall: Duration,
    built: Duration,
    /// The peak of the live heap in bytes, where it was counted.
    heap: Option<u64>,
    resident: Option<u64>,
}

#[expect(clippy::cast_precision_loss, reason = "figures are printed with three digits")]
fn print(args: &StormArgs, report: &StormReport, cost: &Cost) -> Result<()> {
    let devices = f64::from(args.devices);
    let seconds = cost.wall.as_secs_f64();
    let per_device = cost.heap.map(|heap| heap as f64 / devices);
    let mut out = std::io::stdout().lock();
    if args.json {
        let json = json!({
            "devices": args.devices, "registered": report.registered, "threads": args.threads,
            "wall_s": seconds, "build_s": cost.built.as_secs_f64(),
            "devices_per_s": devices / seconds,
            "at_exchanges": report.at_exchanges, "apdu_exchanges": report.apdu_exchanges,
            "events": report.events, "heap_peak_bytes": cost.heap,
            "bytes_per_device": per_device, "resident_peak_bytes": cost.resident,
            "trace": format!("{:016x}", report.trace),
        });
        writeln!(out, "{json}")?;
        return Ok(());
    }
    let registered = report.registered;
    writeln!(out, "attach-storm: {registered} of {} devices registered", args.devices)?;
    writeln!(
        out,
        "  wall            {seconds:.2} s on {} thread(s), of which set-up {:.2} s",
        args.threads,
        cost.built.as_secs_f64()
    )?;
    writeln!(
        out,
        "  devices         {:.0}/s, {:.2} us each",
        devices / seconds,
        seconds * 1e6 / devices
    )?;
    let at = report.at_exchanges as f64;
    writeln!(out, "  AT exchanges    {:.0}/s, {:.1} per device", at / seconds, at / devices)?;
    let apdus = report.apdu_exchanges as f64;
    writeln!(out, "  APDU exchanges  {:.0}/s, {:.1} per device", apdus / seconds, apdus / devices)?;
    writeln!(
        out,
        "  kernel events   {:.0}/s, {:.1} per device",
        report.events as f64 / seconds,
        report.events as f64 / devices
    )?;
    match (cost.heap, per_device) {
        (Some(heap), Some(each)) => {
            writeln!(out, "  peak live heap  {heap} bytes, {each:.0} bytes per device")?;
        }
        _ => writeln!(out, "  peak live heap  counted with --threads 1 only")?,
    }
    if let Some(resident) = cost.resident {
        let each = resident as f64 / devices;
        writeln!(out, "  peak resident   {resident} bytes, {each:.0} bytes per device")?;
    }
    writeln!(out, "  trace           {:016x}", report.trace)?;
    Ok(())
}

/// The peak resident memory of this process in bytes, where the system tells it.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kb| kb * 1_024)
}
