//! A simulated world whose modems are driven through the HAL: each by a task of its own, over a
//! port, in the virtual time of a paused runtime.
//!
//! What happens must be what happens when the kernel drives everything, in the same order for each
//! phone.

use anyhow::Result;
use async_trait::async_trait;
use polysim::runner::{Environment, drive};
use polysim_base::Instant;
use polysim_hal::{Clock, ModemPort as _};
use polysim_hal_sim::{LentModem, LiveWorld, SimulatedPort};
use polysim_modem::{Modem, ModemInput, ModemOutput};
use polysim_scenario::{Plan, Stage};
use polysim_world::{Action, Event, Thing, Value, Violation};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::broadcast::{self, error::TryRecvError};

/// Octets that are read at a time.
const PIECE: usize = 4_096;

/// A clock on which a millisecond of a paused runtime is a microsecond: a runtime waits for whole
/// milliseconds only, which is too coarse to keep the order of a world.
#[derive(Clone, Copy, Debug)]
struct FineClock(tokio::time::Instant);

#[async_trait]
impl Clock for FineClock {
    fn now(&self) -> Instant {
        Instant::from_micros(u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    async fn sleep_until(&self, at: Instant) {
        match self.0.checked_add(Duration::from_millis(at.as_micros())) {
            Some(moment) => tokio::time::sleep_until(moment).await,
            None => std::future::pending().await,
        }
    }
}

/// The stage.
pub(crate) struct ThroughHal {
    runtime: Runtime,
    clock: FineClock,
    world: LiveWorld,
    events: broadcast::Receiver<Event>,
    heard: Vec<Event>,
    violations: Vec<Violation>,
}

impl ThroughHal {
    pub(crate) fn new(plan: &Plan, seed: u64) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()?;
        let guard = runtime.enter();
        let clock = FineClock(tokio::time::Instant::now());
        let mut config = plan.world.clone();
        config.seed = seed;
        let world = LiveWorld::new(&config, Arc::new(clock))?;
        world.keep_line_latency();
        let events = world.events();
        let lent: Vec<_> =
            (0..config.phones.len()).filter_map(|phone| world.lend_modem(phone)).collect();
        for modem in lent {
            let port = modem.port(0);
            let mut driver = Modem::new(Arc::default());
            let mut host = Host { modem, port, buffer: vec![0; PIECE], gone: false };
            // The task ends with the runtime.
            drop(runtime.spawn(async move { drive(&mut driver, &mut host, &clock).await }));
        }
        drop(guard);
        Ok(Self { runtime, clock, world, events, heard: Vec::new(), violations: Vec::new() })
    }

    fn within<T>(&self, f: impl FnOnce(&mut polysim_world::Simulation) -> T) -> T {
        // The time is that of the runtime.
        let _guard = self.runtime.enter();
        self.world.within(f)
    }

    fn listen(&mut self) {
        loop {
            match self.events.try_recv() {
                Ok(event) => self.heard.push(event),
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }
}

impl Stage for ThroughHal {
    fn apply(&mut self, action: &Action) {
        self.within(|simulation| simulation.apply(action));
        self.listen();
    }

    fn advance(&mut self, until: Instant) {
        /// Events are collected so often, so that few wait.
        const STEP: polysim_base::Duration = polysim_base::Duration::from_secs(1);
        let clock = self.clock;
        loop {
            let now = self.runtime.block_on(async { clock.now() });
            if now >= until {
                break;
            }
            self.runtime.block_on(clock.sleep_until(now.plus(STEP).min(until)));
            self.listen();
        }
        self.violations = self.within(|simulation| simulation.violations().to_vec());
        self.listen();
    }

    fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.heard)
    }

    fn state(&self, thing: Thing, index: usize) -> Vec<(&'static str, Value)> {
        self.within(|simulation| simulation.state(thing, index))
    }

    fn violations(&self) -> &[Violation] {
        &self.violations
    }

    fn trace(&self) -> (u64, u64) {
        self.within(|simulation| (simulation.events(), simulation.trace_hash()))
    }
}

/// The software that drives one modem: between its port and the phone's user.
struct Host {
    modem: LentModem,
    port: SimulatedPort,
    buffer: Vec<u8>,
    gone: bool,
}

impl Environment<Modem> for Host {
    type Failure = Infallible;

    fn settled(&mut self, _machine: &Modem) -> bool {
        true
    }

    async fn next(&mut self) -> Option<ModemInput> {
        loop {
            let asked = tokio::select! {
                biased;
                input = self.modem.asked() => input,
                read = self.port.read(&mut self.buffer), if !self.gone => match read {
                    Ok(count) => {
                        let bytes = self.buffer.get(..count).unwrap_or_default();
                        return Some(ModemInput::Bytes(bytes.to_vec()));
                    }
                    // That the modem was switched off is told by the phone as well.
                    Err(_) => {
                        self.gone = true;
                        continue;
                    }
                },
            };
            if matches!(asked, ModemInput::PortOpened | ModemInput::Command { .. }) && self.gone {
                self.gone = self.port.reopen().await.is_err();
            }
            return Some(asked);
        }
    }

    async fn perform(&mut self, output: ModemOutput) {
        match output {
            ModemOutput::Bytes(bytes) => {
                if self.port.write(&bytes).await.is_err() {
                    self.gone = true;
                }
            }
            ModemOutput::Done { .. } | ModemOutput::Event(_) => self.modem.tell(output),
        }
    }

    async fn record(&mut self, records: Vec<Infallible>) -> Result<(), Infallible> {
        match records.first() {
            Some(never) => match *never {},
            None => Ok(()),
        }
    }
}

/// Returns the first phone for which two runs differ, and how.
pub(crate) fn difference(directly: &[Event], through_hal: &[Event]) -> Option<String> {
    let (directly, through_hal) = (by_phone(directly), by_phone(through_hal));
    let phones = directly.keys().chain(through_hal.keys());
    phones.into_iter().find_map(|phone| {
        let none = Vec::new();
        let own = directly.get(phone).unwrap_or(&none);
        let other = through_hal.get(phone).unwrap_or(&none);
        let at = (0..own.len().max(other.len())).find(|at| own.get(*at) != other.get(*at))?;
        let show = |events: &[String]| events.get(at).map_or("nothing", String::as_str).to_owned();
        Some(format!(
            "{phone}, event {}: directly {}, through the HAL {}",
            at + 1,
            show(own),
            show(other)
        ))
    })
}

/// Fields that are times, and so may differ.
const TIMES: [&str; 1] = ["seconds"];

/// Events in order for each phone, without their times.
fn by_phone(events: &[Event]) -> BTreeMap<String, Vec<String>> {
    let mut phones: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in events {
        let phone = event.field("phone").map(Value::to_string).unwrap_or_default();
        let fields = event.fields.iter().filter(|(name, _)| !TIMES.contains(name));
        let fields = fields.map(|(name, value)| format!(" {name}={value}"));
        let line = format!("{}{}", event.name, fields.collect::<String>());
        phones.entry(phone).or_default().push(line);
    }
    phones
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_order_within_a_phone_counts() {
        let event = |at, phone: &str, name| Event {
            at: Instant::from_micros(at),
            name,
            fields: vec![("phone", phone.into())],
        };
        let one = [event(1, "a", "x"), event(2, "b", "x"), event(3, "a", "y")];
        let later = [event(5, "b", "x"), event(6, "a", "x"), event(7, "a", "y")];
        assert_eq!(difference(&one, &later), None);
        let turned = [event(1, "a", "y"), event(2, "b", "x"), event(3, "a", "x")];
        assert!(difference(&one, &turned).unwrap().contains("\"a\", event 1"));
        assert!(difference(&one, &one[..2]).unwrap().contains("nothing"));
    }
}
