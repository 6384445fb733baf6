//! `polysim bench attach-storm`.

use super::{Cost, bar, measured};
use crate::args::StormArgs;
use crate::exit::Exit;
use anyhow::Result;
use polysim_world::{AttachStorm, StormReport};
use serde_json::json;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// How often the storm tells where it is, in virtual time.
const STEPS: u32 = 60;

pub(super) fn run(args: &StormArgs) -> Result<Exit> {
    let (played, heap) = measured(args.how.threads, || play(args));
    let Some(played) = played else { return Ok(Exit::Failed) };
    let (report, wall, built) = played?;
    print(args, &report, &Cost::new(wall, built, heap))?;
    let all = report.registered == u64::from(args.devices);
    Ok(if all { Exit::Held } else { Exit::Failed })
}

/// Plays the storm; returns what it came to, how long it took, and how much of that to build it.
fn play(args: &StormArgs) -> Result<(StormReport, Duration, Duration)> {
    let started = Instant::now();
    let mut storm = AttachStorm::new(args.devices, args.how.seed)?;
    let built = started.elapsed();
    let bar = bar(STEPS.into());
    for step in 1..=STEPS {
        storm.advance(step, STEPS, args.how.threads.into());
        bar.set_message(format!("{} of {} registered", storm.registered(), args.devices));
        bar.inc(1);
    }
    storm.finish(args.how.threads.into());
    bar.finish_and_clear();
    Ok((storm.report(), started.elapsed(), built))
}

fn print(args: &StormArgs, report: &StormReport, cost: &Cost) -> Result<()> {
    let mut out = std::io::stdout().lock();
    if args.how.json {
        let seconds = cost.wall.as_secs_f64();
        let json = json!({
            "devices": args.devices, "registered": report.registered, "threads": args.how.threads,
            "wall_s": seconds, "build_s": cost.built.as_secs_f64(),
            "devices_per_s": f64::from(args.devices) / seconds,
            "at_exchanges": report.at_exchanges, "apdu_exchanges": report.apdu_exchanges,
            "events": report.events, "heap_peak_bytes": cost.heap,
            "bytes_per_device": cost.heap.map(|heap| super::each(heap, args.devices)),
            "resident_peak_bytes": cost.resident,
            "trace": format!("{:016x}", report.trace),
        });
        writeln!(out, "{json}")?;
        return Ok(());
    }
    let registered = report.registered;
    writeln!(out, "attach-storm: {registered} of {} devices registered", args.devices)?;
    cost.write_time(&mut out, "devices", args.devices, args.how.threads)?;
    let counts = [
        ("AT exchanges", report.at_exchanges),
        ("APDU exchanges", report.apdu_exchanges),
        ("kernel events", report.events),
    ];
    cost.write_counts(&mut out, "device", args.devices, &counts)?;
    cost.write_memory(&mut out, "device", args.devices)?;
    writeln!(out, "  trace           {:016x}", report.trace)?;
    Ok(())
}
