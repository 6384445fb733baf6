//! Lines on standard output, and a bar on a terminal while there is something to wait for.

use super::{Finished, Live, fleet};
use crate::args::RunArgs;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use polysim_scenario::Failure;
use polysim_world::Event;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

/// Prints what happens; quiet where standard output carries JSON.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    quiet: bool,
    colours: bool,
}

impl Progress {
    pub(crate) fn new(runs: usize, scenarios: usize, args: &RunArgs) -> Self {
        let quiet = to_stdout(args.json.as_deref());
        let target =
            if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(runs as u64), target);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} runs, {msg}, {eta} left");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_message(format!("{scenarios} scenarios"));
        Self { bar, quiet, colours: colours() }
    }

    /// Returns one without a bar.
    pub(crate) fn quiet(json: Option<&Path>) -> Self {
        Self { bar: ProgressBar::hidden(), quiet: to_stdout(json), colours: colours() }
    }

    /// Prints an event at once.
    pub(crate) fn event(&self, event: &Event) -> Result<()> {
        self.print(&format!("  {event}\n"))
    }

    pub(crate) fn finished(&self, run: &Finished) -> Result<()> {
        let mut text = run.events.clone();
        let verdict = match (run.outcome.passed(), self.colours) {
            (true, false) => "PASS",
            (false, false) => "FAIL",
            (true, true) => "\u{1b}[32mPASS\u{1b}[0m",
            (false, true) => "\u{1b}[31mFAIL\u{1b}[0m",
        };
        let outcome = &run.outcome;
        let (name, seed, wall) = (&outcome.name, outcome.seed, run.wall.as_millis());
        let (time, events) = (outcome.virtual_time, outcome.events);
        write!(text, "{verdict} {name} seed={seed} ")?;
        match &run.live {
            None => {
                let trace = run.hash();
                writeln!(text, "virtual={time} wall={wall}ms events={events} trace={trace}")?;
            }
            Some(Live { skipped, .. }) => {
                let skipped = skipped.len();
                writeln!(text, "live={time} wall={wall}ms events={events} skipped={skipped}")?;
            }
        }
        for skipped in run.skipped() {
            writeln!(text, "  skipped {}:{skipped}", outcome.file)?;
        }
        for failure in &outcome.failures {
            describe(&mut text, failure)?;
        }
        if !outcome.passed() {
            writeln!(text, "  replay: {} --verbose", run.replay())?;
        }
        self.print(&text)?;
        self.bar.inc(1);
        Ok(())
    }

    pub(crate) fn summary(&self, runs: &[Finished]) -> Result<()> {
        let passed = runs.iter().filter(|run| run.outcome.passed()).count();
        let failed = runs.len() - passed;
        let skipped = match runs.iter().map(|run| run.skipped().len()).sum::<usize>() {
            0 => String::new(),
            count => format!(", {count} things skipped"),
        };
        let table = fleet::of_runs(runs);
        self.print(&format!("{table}{passed} passed, {failed} failed{skipped}\n"))
    }

    pub(crate) fn differs(&self, run: &Finished, second: &str) -> Result<()> {
        let outcome = &run.outcome;
        self.print(&format!(
            "DIFFERS {} seed={} trace={} second={second}\n",
            outcome.name,
            outcome.seed,
            run.hash()
        ))
    }

    pub(crate) fn twice(&self, runs: usize, differing: usize, jobs: usize) -> Result<()> {
        let verdict = if differing == 0 {
            "every hash is the same".to_owned()
        } else {
            format!("{differing} hashes differ")
        };
        self.print(&format!("twice: {runs} runs again with --jobs {jobs}: {verdict}\n"))
    }

    fn print(&self, text: &str) -> Result<()> {
        if self.quiet {
            return Ok(());
        }
        self.bar.suspend(|| std::io::stdout().lock().write_all(text.as_bytes()))?;
        Ok(())
    }
}

fn colours() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

fn to_stdout(path: Option<&Path>) -> bool {
    path == Some(Path::new("-"))
}

fn describe(text: &mut String, failure: &Failure) -> std::fmt::Result {
    writeln!(text, "  {} at {}: {}", failure.id, failure.at, failure.message)?;
    if !failure.events.is_empty() {
        writeln!(text, "    last events:")?;
    }
    for event in &failure.events {
        writeln!(text, "      {event}")?;
    }
    for (phone, state) in &failure.state {
        write!(text, "    {phone}:")?;
        for (field, value) in state {
            write!(text, " {field}={value}")?;
        }
        writeln!(text)?;
    }
    Ok(())
}
