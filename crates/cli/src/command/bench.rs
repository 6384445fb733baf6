//! `polysim bench`: figures with units.

mod courier;
mod journey;
mod opening;
mod share;
mod storm;

use crate::args::{Bench, BenchArgs};
use crate::exit::Exit;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use polysim_world::Baggage;
use std::io::Write;
use std::time::Duration;

pub(crate) fn run(args: &BenchArgs) -> Result<Exit> {
    match &args.bench {
        Bench::AttachStorm(args) => storm::run(args),
        Bench::CardOpening(args) => opening::run(args),
        Bench::Border(args) => journey::run(args, Baggage::Preset),
        Bench::EsimDownload(args) => journey::run(args, Baggage::Nothing),
        Bench::Share(args) => share::run(args),
        Bench::Courier(args) => courier::run(args),
    }
}

/// What a bench has cost.
struct Cost {
    wall: Duration,
    built: Duration,
    /// The peak of the live heap in bytes, where it was counted.
    heap: Option<u64>,
    resident: Option<u64>,
}

/// Plays something, and counts its heap if it runs on one thread. The heap is counted by thread, so
/// that counting does not make threads wait for each other; on one thread it is the whole heap.
fn measured<T>(threads: u16, play: impl FnOnce() -> T) -> (Option<T>, Option<u64>) {
    if threads != 1 {
        return (Some(play()), None);
    }
    let mut run = None;
    let heap = allocation_counter::measure(|| run = Some(play())).bytes_max;
    (run, Some(heap))
}

fn bar(len: u64) -> ProgressBar {
    let bar = ProgressBar::new(len);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg}, {eta} left") {
        bar.set_style(style);
    }
    bar
}

#[expect(clippy::cast_precision_loss, reason = "figures are printed with three digits")]
fn each(amount: u64, of: u32) -> f64 {
    amount as f64 / f64::from(of)
}

impl Cost {
    fn new(wall: Duration, built: Duration, heap: Option<u64>) -> Self {
        Self { wall, built, heap, resident: resident() }
    }

    /// `whole` is what was played many of: devices.
    fn write_time(
        &self,
        out: &mut impl Write,
        whole: &str,
        count: u32,
        threads: u16,
    ) -> std::io::Result<()> {
        let (seconds, built) = (self.wall.as_secs_f64(), self.built.as_secs_f64());
        let count = f64::from(count);
        writeln!(
            out,
            "  wall            {seconds:.2} s on {threads} thread(s), of which set-up {built:.2} s"
        )?;
        let (rate, us) = (count / seconds, seconds * 1e6 / count);
        writeln!(out, "  {whole:<15} {rate:.0}/s, {us:.2} us each")
    }

    #[expect(clippy::cast_precision_loss, reason = "figures are printed with three digits")]
    fn write_counts(
        &self,
        out: &mut impl Write,
        one: &str,
        of: u32,
        counts: &[(&str, u64)],
    ) -> std::io::Result<()> {
        for (what, count) in counts {
            let (rate, own) = (*count as f64 / self.wall.as_secs_f64(), each(*count, of));
            writeln!(out, "  {what:<15} {rate:.0}/s, {own:.1} per {one}")?;
        }
        Ok(())
    }

    fn write_memory(&self, out: &mut impl Write, one: &str, of: u32) -> std::io::Result<()> {
        match self.heap {
            Some(heap) => {
                let own = each(heap, of);
                writeln!(out, "  peak live heap  {heap} bytes, {own:.0} bytes per {one}")?;
            }
            None => writeln!(out, "  peak live heap  counted with --threads 1 only")?,
        }
        if let Some(resident) = self.resident {
            let own = each(resident, of);
            writeln!(out, "  peak resident   {resident} bytes, {own:.0} bytes per {one}")?;
        }
        Ok(())
    }
}

/// The peak resident memory of this process in bytes, where the system tells it.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kb| kb * 1_024)
}
