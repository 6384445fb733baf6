//! `polysim bench courier`.

use super::{Cost, bar, each, measured};
use crate::args::CourierBenchArgs;
use crate::exit::Exit;
use anyhow::Result;
use polysim_base::Instant as Moment;
use polysim_world::{Conversing, ConversingReport};
use serde_json::json;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// A day.
const DAY_S: u64 = 86_400;

pub(super) fn run(args: &CourierBenchArgs) -> Result<Exit> {
    let (played, heap) = measured(args.how.threads, || play(args));
    let Some(played) = played else { return Ok(Exit::Failed) };
    let (report, wall, built) = played?;
    print(args, &report, &Cost::new(wall, built, heap))?;
    let all = report.registered == u64::from(args.users) && report.delivered == report.stored;
    Ok(if all { Exit::Held } else { Exit::Failed })
}

/// Lets a day pass; returns what it came to, how long it took, and how much of that to build it.
fn play(args: &CourierBenchArgs) -> Result<(ConversingReport, Duration, Duration)> {
    let started = Instant::now();
    let mut conversing = Conversing::new(args.users, args.how.seed)?;
    let built = started.elapsed();
    let bar = bar(DAY_S);
    while conversing.advance(args.how.threads.into()) {
        let second = conversing.now().since(Moment::ZERO).as_secs();
        let (hour, minute) = (second / 3_600, second / 60 % 60);
        bar.set_message(format!("{hour:02}:{minute:02}"));
        bar.set_position(second);
    }
    bar.finish_and_clear();
    Ok((conversing.report(), started.elapsed(), built))
}

fn print(args: &CourierBenchArgs, report: &ConversingReport, cost: &Cost) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let virtual_s = report.now.since(Moment::ZERO).as_secs();
    if args.how.json {
        let seconds = cost.wall.as_secs_f64();
        let json = json!({
            "users": args.users, "threads": args.how.threads, "attached": report.attached,
            "registered": report.registered, "connected": report.connected,
            "codes": report.codes, "marked": report.marked, "stored": report.stored,
            "delivered": report.delivered, "to_carrier": report.to_carrier,
            "calls": report.calls, "refused": report.refused, "messages": report.messages,
            "octets": report.octets, "virtual_s": virtual_s, "wall_s": seconds,
            "build_s": cost.built.as_secs_f64(),
            "users_per_s": f64::from(args.users) / seconds,
            "at_exchanges": report.at_exchanges, "apdu_exchanges": report.apdu_exchanges,
            "events": report.events, "heap_peak_bytes": cost.heap,
            "resident_peak_bytes": cost.resident,
            "bytes_per_user": cost.heap.map(|heap| each(heap, args.users)),
            "trace": format!("{:016x}", report.trace),
        });
        writeln!(out, "{json}")?;
        return Ok(());
    }
    let ConversingReport { registered, connected, codes, marked, stored, delivered, .. } = report;
    let ConversingReport { to_carrier, calls, refused, .. } = report;
    writeln!(out, "courier: {registered} of {} users registered after a day", args.users)?;
    writeln!(out, "  devices         {connected} connected, {codes} codes, {marked} marks")?;
    writeln!(
        out,
        "  texts           {stored} stored, {delivered} delivered, {to_carrier} carrier"
    )?;
    writeln!(out, "  calls           {calls} over data, {refused} left to the carrier")?;
    writeln!(out, "  virtual time    {virtual_s} s")?;
    cost.write_time(&mut out, "users", args.users, args.how.threads)?;
    let counts = [
        ("messages", report.messages),
        ("octets", report.octets),
        ("AT exchanges", report.at_exchanges),
        ("APDU exchanges", report.apdu_exchanges),
        ("kernel events", report.events),
    ];
    cost.write_counts(&mut out, "user", args.users, &counts)?;
    cost.write_memory(&mut out, "user", args.users)?;
    writeln!(out, "  trace           {:016x}", report.trace)?;
    Ok(())
}
