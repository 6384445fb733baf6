//! `polysim expose`: a world in real time, its modems and cards as hardware for other programs.

mod args;
mod control;
mod identity;
mod issued;
mod leftover;
mod places;
mod timeline;

pub(crate) use args::{ExposeArgs, TellArgs};
pub(crate) use control::tell;
pub(super) use leftover::clear;

use crate::exit::Exit;
use crate::files;
use anyhow::{Context as _, Result, anyhow};
use leftover::Folder;
use polysim_hal::TokioClock;
use polysim_hal_sim::LiveWorld;
use polysim_scenario::{Plan, units};
use serde_json::json;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{broadcast, mpsc};

/// Reads a duration such as `30s`.
pub(crate) fn duration(text: &str) -> Result<polysim_base::Duration, String> {
    units::parse_span(text).map(|span| span.0).map_err(|form| format!("expected {form}"))
}

pub(crate) fn run(args: &ExposeArgs) -> Result<Exit> {
    let plan = match &args.world {
        Some(world) => files::load(world)?,
        None => identity::world()?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(expose(args, plan))
}

async fn expose(args: &ExposeArgs, plan: Plan) -> Result<Exit> {
    // Asked for first, so that a signal at any later moment ends in order.
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut hung_up = signal(SignalKind::hangup())?;
    // The first to be taken: a second command by mistake must not disturb the one that runs. The
    // socket may lie in the folder.
    let dir = args.dir.as_deref().map(Folder::take).transpose()?;
    let control = args.control.as_deref().map(control::listen).transpose()?;
    let mut config = plan.world.clone();
    config.seed = args.seed.or_else(|| plan.seeds.first().copied()).unwrap_or(1);
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    config.start_unix_s = unix.as_secs();
    let world = LiveWorld::new(&config, Arc::new(TokioClock::unix()))?;
    if let Some(folder) = &args.identity {
        let card = identity::card(folder, args.eid.as_ref(), args.default_smdp.as_deref())?;
        world.within(|simulation| drop(simulation.put_card(0, card)));
    }
    let plan = Arc::new(plan);
    let say = Say { json: args.json };

    let exposed = places::Exposed::new(args, &plan, &world, dir, say).await?;
    let (stop, mut stopped) = mpsc::channel(1);
    if let Some(listener) = control {
        let path = listener.path().display().to_string();
        say.line(&format!("control    {path}"), &json!({ "control": path }))?;
        let (modems, slots) = (exposed.modems(), exposed.slots());
        let desk = control::Desk::new(world.clone(), plan.clone(), modems, slots, stop);
        tokio::spawn(control::serve(listener, Arc::new(desk)));
    }
    if args.verbose {
        tokio::spawn(tell_events(world.events(), say));
    }
    for phone in timeline::left_out(&plan, config.seed, &exposed.modems()) {
        say.line(
            &format!("timeline   without what {phone} does: its modem is driven from outside"),
            &json!({ "left_out": phone }),
        )?;
    }
    let exposed_modems = exposed.modems();
    tokio::spawn(timeline::play(world.clone(), plan.clone(), config.seed, exposed_modems));
    say.line("ready: Ctrl-C ends it", &json!({ "ready": true }))?;

    let limit = async {
        match args.r#for {
            Some(time) => {
                tokio::time::sleep(std::time::Duration::from_micros(time.as_micros())).await;
            }
            None => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        _ = interrupted.recv() => Ok(()),
        _ = terminated.recv() => Ok(()),
        _ = hung_up.recv() => Ok(()),
        _ = stopped.recv() => Ok(()),
        () = limit => Ok(()),
        failed = exposed.serve() => failed,
    };
    let broken = world.within(|simulation| simulation.violations().to_vec());
    ended?;
    match broken.first() {
        None => Ok(Exit::Held),
        Some(broken) => Err(anyhow!("{} did not hold: {}", broken.invariant, broken.found)),
    }
}

/// Prints for people or for programs.
#[derive(Clone, Copy, Debug)]
struct Say {
    json: bool,
}

impl Say {
    fn line(self, text: &str, json: &serde_json::Value) -> Result<()> {
        let mut out = std::io::stdout().lock();
        let written = if self.json { writeln!(out, "{json}") } else { writeln!(out, "{text}") };
        written.and_then(|()| out.flush()).context("cannot write to standard output")
    }
}

async fn tell_events(mut events: broadcast::Receiver<polysim_world::Event>, say: Say) {
    loop {
        let told = match events.recv().await {
            Ok(event) => say.line(&format!("  {event}"), &control::event(&event)),
            Err(broadcast::error::RecvError::Lagged(count)) => {
                say.line(&format!("  {count} events were lost"), &json!({ "lost": count }))
            }
            Err(broadcast::error::RecvError::Closed) => return,
        };
        if told.is_err() {
            return;
        }
    }
}
