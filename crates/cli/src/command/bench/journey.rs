//! `polysim bench border` and `polysim bench esim-download`.

use super::{Cost, bar, measured};
use crate::args::OpeningArgs;
use crate::exit::Exit;
use anyhow::Result;
use polysim_base::Instant as Moment;
use polysim_world::{Baggage, Journey, JourneyReport};
use serde_json::json;
use std::io::Write as _;
use std::time::{Duration, Instant};

pub(super) fn run(args: &OpeningArgs, baggage: Baggage) -> Result<Exit> {
    let (played, heap) = measured(args.how.threads, || play(args, baggage));
    let Some(played) = played else { return Ok(Exit::Failed) };
    let (report, wall, built) = played?;
    print(args, baggage, &report, &Cost::new(wall, built, heap))?;
    let downloads = match baggage {
        Baggage::Preset => 0,
        Baggage::Nothing => u64::from(args.devices),
    };
    let all = [report.switched, report.attached] == [u64::from(args.devices); 2];
    Ok(if all && report.installed == downloads { Exit::Held } else { Exit::Failed })
}

/// Lets the devices travel; returns what it came to, how long it took, and how much of that to build
/// it.
fn play(args: &OpeningArgs, baggage: Baggage) -> Result<(JourneyReport, Duration, Duration)> {
    let started = Instant::now();
    let mut journey = Journey::new(args.devices, args.how.seed, baggage)?;
    let built = started.elapsed();
    // Each device is to be on the air, and then so with the profile abroad.
    let bar = bar(2 * u64::from(args.devices));
    while journey.advance(args.how.threads.into()) {
        let (on_air, arrived) = (journey.on_air(), journey.arrived());
        bar.set_message(format!("{on_air} on the air, {arrived} of {} arrived", args.devices));
        bar.set_position(on_air + arrived);
    }
    bar.finish_and_clear();
    Ok((journey.report(), started.elapsed(), built))
}

fn print(args: &OpeningArgs, baggage: Baggage, report: &JourneyReport, cost: &Cost) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let virtual_s = report.now.since(Moment::ZERO).as_secs();
    if args.how.json {
        let seconds = cost.wall.as_secs_f64();
        let json = json!({
            "devices": args.devices, "threads": args.how.threads, "switched": report.switched,
            "attached": report.attached, "installed": report.installed, "virtual_s": virtual_s,
            "wall_s": seconds, "build_s": cost.built.as_secs_f64(),
            "devices_per_s": f64::from(args.devices) / seconds,
            "octets": report.octets, "at_exchanges": report.at_exchanges,
            "apdu_exchanges": report.apdu_exchanges, "events": report.events,
            "heap_peak_bytes": cost.heap, "resident_peak_bytes": cost.resident,
            "bytes_per_device": cost.heap.map(|heap| super::each(heap, args.devices)),
            "trace": format!("{:016x}", report.trace),
        });
        writeln!(out, "{json}")?;
        return Ok(());
    }
    let name = match baggage {
        Baggage::Preset => "border",
        Baggage::Nothing => "esim-download",
    };
    let JourneyReport { switched, attached, installed, .. } = report;
    writeln!(out, "{name}: {attached} of {} devices switched and attached", args.devices)?;
    writeln!(out, "  switched        {switched}, profiles installed {installed}")?;
    writeln!(out, "  virtual time    {virtual_s} s")?;
    cost.write_time(&mut out, "devices", args.devices, args.how.threads)?;
    let counts = [
        ("octets on air", report.octets),
        ("AT exchanges", report.at_exchanges),
        ("APDU exchanges", report.apdu_exchanges),
        ("kernel events", report.events),
    ];
    cost.write_counts(&mut out, "device", args.devices, &counts)?;
    cost.write_memory(&mut out, "device", args.devices)?;
    writeln!(out, "  trace           {:016x}", report.trace)?;
    Ok(())
}
