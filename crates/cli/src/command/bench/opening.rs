//! `polysim bench card-opening`.

use super::{Cost, bar, measured};
use crate::args::OpeningArgs;
use crate::exit::Exit;
use anyhow::Result;
use polysim_base::Instant as Moment;
use polysim_world::{CardOpening, OpeningReport};
use serde_json::json;
use std::io::Write as _;
use std::time::{Duration, Instant};

pub(super) fn run(args: &OpeningArgs) -> Result<Exit> {
    let (played, heap) = measured(args.how.threads, || play(args));
    let Some(played) = played else { return Ok(Exit::Failed) };
    let (report, wall, built) = played?;
    print(args, &report, &Cost::new(wall, built, heap))?;
    let done = [report.bound, report.attached, report.settled];
    let all = done.iter().all(|done| *done == u64::from(args.devices));
    Ok(if all { Exit::Held } else { Exit::Failed })
}

/// Opens the cards; returns what it came to, how long it took, and how much of that to build it.
fn play(args: &OpeningArgs) -> Result<(OpeningReport, Duration, Duration)> {
    let started = Instant::now();
    let mut opening = CardOpening::new(args.devices, args.how.seed)?;
    let built = started.elapsed();
    // Each device is to be on the air, and then so with its new subscription.
    let bar = bar(2 * u64::from(args.devices));
    while opening.advance(args.how.threads.into()) {
        let (on_air, opened) = opening.on_air();
        bar.set_message(format!("{on_air} on the air, {opened} of {} opened", args.devices));
        bar.set_position(on_air + opened);
    }
    bar.finish_and_clear();
    Ok((opening.report(), started.elapsed(), built))
}

fn print(args: &OpeningArgs, report: &OpeningReport, cost: &Cost) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let virtual_s = report.now.since(Moment::ZERO).as_secs();
    if args.how.json {
        let seconds = cost.wall.as_secs_f64();
        let json = json!({
            "devices": args.devices, "threads": args.how.threads, "bound": report.bound,
            "written": report.written, "attached": report.attached, "settled": report.settled,
            "committed": report.committed, "virtual_s": virtual_s,
            "wall_s": seconds, "build_s": cost.built.as_secs_f64(),
            "devices_per_s": f64::from(args.devices) / seconds,
            "texts": report.texts, "at_exchanges": report.at_exchanges,
            "apdu_exchanges": report.apdu_exchanges, "events": report.events,
            "heap_peak_bytes": cost.heap, "resident_peak_bytes": cost.resident,
            "bytes_per_device": cost.heap.map(|heap| super::each(heap, args.devices)),
            "trace": format!("{:016x}", report.trace),
        });
        writeln!(out, "{json}")?;
        return Ok(());
    }
    let OpeningReport { bound, written, attached, settled, .. } = report;
    writeln!(out, "card-opening: {settled} of {} cards opened", args.devices)?;
    writeln!(out, "  bound           {bound}")?;
    writeln!(out, "  written         {written}")?;
    writeln!(out, "  attached anew   {attached}")?;
    writeln!(out, "  records settled {settled}, numbers committed {}", report.committed)?;
    writeln!(out, "  virtual time    {virtual_s} s")?;
    cost.write_time(&mut out, "devices", args.devices, args.how.threads)?;
    let counts = [
        ("texts", report.texts),
        ("AT exchanges", report.at_exchanges),
        ("APDU exchanges", report.apdu_exchanges),
        ("kernel events", report.events),
    ];
    cost.write_counts(&mut out, "device", args.devices, &counts)?;
    cost.write_memory(&mut out, "device", args.devices)?;
    writeln!(out, "  trace           {:016x}", report.trace)?;
    Ok(())
}
