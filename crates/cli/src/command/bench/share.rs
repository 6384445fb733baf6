//! `polysim bench share`.

use super::{Cost, bar, measured};
use crate::args::ShareBenchArgs;
use crate::exit::Exit;
use anyhow::Result;
use polysim_base::Instant as Moment;
use polysim_world::{Sharing, SharingReport};
use serde_json::json;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// A day.
const DAY_S: u64 = 86_400;

pub(super) fn run(args: &ShareBenchArgs) -> Result<Exit> {
    let (played, heap) = measured(args.how.threads, || play(args));
    let Some(played) = played else { return Ok(Exit::Failed) };
    let (report, wall, built) = played?;
    print(args, &report, &Cost::new(wall, built, heap))?;
    let all = report.attached == u64::from(args.groups);
    Ok(if all { Exit::Held } else { Exit::Failed })
}

/// Lets a day pass; returns what it came to, how long it took, and how much of that to build it.
fn play(args: &ShareBenchArgs) -> Result<(SharingReport, Duration, Duration)> {
    let started = Instant::now();
    let mut sharing = Sharing::new(args.groups, args.how.seed)?;
    let built = started.elapsed();
    let bar = bar(DAY_S);
    while sharing.advance(args.how.threads.into()) {
        let SharingReport { now, attached, .. } = sharing.report();
        let second = now.since(Moment::ZERO).as_secs();
        let (hour, minute) = (second / 3_600, second / 60 % 60);
        bar.set_message(format!("{hour:02}:{minute:02}, {attached} groups served"));
        bar.set_position(second);
    }
    bar.finish_and_clear();
    Ok((sharing.report(), started.elapsed(), built))
}

fn print(args: &ShareBenchArgs, report: &SharingReport, cost: &Cost) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let virtual_s = report.now.since(Moment::ZERO).as_secs();
    if args.how.json {
        let seconds = cost.wall.as_secs_f64();
        let json = json!({
            "groups": args.groups, "threads": args.how.threads, "attached": report.attached,
            "granted": report.granted, "sent": report.sent, "equal": report.equal, "own": report.own,
            "resumed": report.resumed, "guards": report.guards, "virtual_s": virtual_s,
            "wall_s": seconds, "build_s": cost.built.as_secs_f64(),
            "groups_per_s": f64::from(args.groups) / seconds,
            "at_exchanges": report.at_exchanges, "apdu_exchanges": report.apdu_exchanges,
            "events": report.events, "heap_peak_bytes": cost.heap,
            "resident_peak_bytes": cost.resident,
            "bytes_per_group": cost.heap.map(|heap| super::each(heap, args.groups)),
            "trace": format!("{:016x}", report.trace),
        });
        writeln!(out, "{json}")?;
        return Ok(());
    }
    let SharingReport { attached, granted, sent, equal, own, resumed, guards, .. } = report;
    writeln!(out, "share: {attached} of {} groups served at the end of a day", args.groups)?;
    writeln!(
        out,
        "  leases          {granted}: {sent} with parameters, {equal} by command, {own} own"
    )?;
    writeln!(
        out,
        "  links lost      {resumed} back in time, {guards} leases ended by their guard"
    )?;
    writeln!(out, "  virtual time    {virtual_s} s")?;
    cost.write_time(&mut out, "groups", args.groups, args.how.threads)?;
    let counts = [
        ("AT exchanges", report.at_exchanges),
        ("APDU exchanges", report.apdu_exchanges),
        ("kernel events", report.events),
    ];
    cost.write_counts(&mut out, "group", args.groups, &counts)?;
    cost.write_memory(&mut out, "group", args.groups)?;
    writeln!(out, "  trace           {:016x}", report.trace)?;
    Ok(())
}
