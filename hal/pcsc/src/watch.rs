//! The thread that waits for changes of readers.

mod seats;

use crate::error::SERVICE;
use crate::service;
use pcsc::{Context, PNP_NOTIFICATION, ReaderState, State};
use polysim_hal::{CardError, CardErrorKind, ReaderEvent};
use seats::Seats;
use std::ffi::CString;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc;

/// How many events wait for their reader. When there are more, the thread waits too: it tells what
/// differs from what it told last, so nothing is lost but what was undone meanwhile.
const EVENTS_MAX: usize = 64;
/// The longest wait in one call. A reader that is plugged in just before the call starts is found
/// after it, and so is a cancellation that came too early.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// The pause before the first attempt to find the service again; doubled with each one.
const BACK_OFF_MIN: Duration = Duration::from_millis(100);
/// The longest pause between attempts.
const BACK_OFF_MAX: Duration = Duration::from_secs(2);
/// The pause after a reader went between two calls.
const SETTLING: Duration = Duration::from_millis(50);

type Event = Result<ReaderEvent, CardError>;

/// Changes of readers, from a thread that ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Watch {
    events: mpsc::Receiver<Event>,
    running: Option<Sender<()>>,
    waiting: Waiting,
}

impl Watch {
    pub(crate) fn start() -> Result<Self, CardError> {
        let (tell, events) = mpsc::channel(EVENTS_MAX);
        let (running, stopped) = std::sync::mpsc::channel();
        let waiting = Waiting::default();
        let watcher = Watcher { tell, stopped, waiting: waiting.clone(), seats: Seats::default() };
        thread::Builder::new()
            .name("pcsc-watch".to_owned())
            .spawn(move || watcher.run())
            .map_err(|error| CardError::new(CardErrorKind::Io, SERVICE).caused_by(error))?;
        Ok(Self { events, running: Some(running), waiting })
    }

    /// Waits for the next event. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Event {
        match self.events.recv().await {
            Some(event) => event,
            None => Err(CardError::new(CardErrorKind::Io, SERVICE)
                .caused_by("the thread that waits for readers has ended")),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.events.close();
        drop(self.running.take());
        self.waiting.cancel();
    }
}

/// The context that the thread waits in, so that the wait can be cancelled.
#[derive(Clone, Default)]
struct Waiting(Arc<Mutex<Option<Context>>>);

impl Waiting {
    fn set(&self, context: Option<Context>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = context;
    }

    fn cancel(&self) {
        if let Some(context) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            // Where it fails the service is gone, and the wait ends by that.
            let _ = context.cancel();
        }
    }
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Waiting")
    }
}

/// Why the thread stopped waiting in a context.
enum Ended {
    /// Nobody listens any more.
    Unheard,
    /// The service is gone.
    Service(pcsc::Error),
}

struct Watcher {
    tell: mpsc::Sender<Event>,
    stopped: Receiver<()>,
    waiting: Waiting,
    seats: Seats,
}

impl Watcher {
    fn run(mut self) {
        let mut pause = BACK_OFF_MIN;
        let mut is_down = false;
        loop {
            let mut was_up = false;
            let ended = match service::establish() {
                Ok(context) => self.watch(&context, &mut was_up),
                Err(error) => Ended::Service(error),
            };
            let Ended::Service(error) = ended else {
                return;
            };
            self.seats = Seats::default();
            if was_up {
                (pause, is_down) = (BACK_OFF_MIN, false);
            }
            if !is_down {
                let gone = CardError::new(CardErrorKind::ServiceGone, SERVICE).caused_by(error);
                if self.tell.blocking_send(Err(gone)).is_err() {
                    return;
                }
                is_down = true;
            }
            if self.stops_within(pause) {
                return;
            }
            pause = pause.saturating_mul(2).min(BACK_OFF_MAX);
        }
    }

    /// Tells changes as long as the service is there. Sets `was_up` once the service has answered.
    fn watch(&mut self, context: &Context, was_up: &mut bool) -> Ended {
        self.waiting.set(Some(context.clone()));
        let ended = self.wait_and_tell(context, was_up);
        self.waiting.set(None);
        ended
    }

    fn wait_and_tell(&mut self, context: &Context, was_up: &mut bool) -> Ended {
        let mut states = vec![ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE)];
        loop {
            let names = match context.list_readers_owned() {
                Ok(names) => names,
                Err(error) => return Ended::Service(error),
            };
            *was_up = true;
            for event in self.seats.arrange(&names) {
                if self.tell.blocking_send(Ok(event)).is_err() {
                    return Ended::Unheard;
                }
            }
            keep(&mut states, names);
            match context.get_status_change(WAIT_MAX, &mut states) {
                Ok(()) | Err(pcsc::Error::Timeout | pcsc::Error::Cancelled) => {}
                Err(pcsc::Error::UnknownReader) => {
                    if self.stops_within(SETTLING) {
                        return Ended::Unheard;
                    }
                    continue;
                }
                Err(error) => return Ended::Service(error),
            }
            if self.stops_within(Duration::ZERO) {
                return Ended::Unheard;
            }
            for state in &mut states {
                state.sync_current_state();
                for event in self.seats.look(state) {
                    if self.tell.blocking_send(Ok(event)).is_err() {
                        return Ended::Unheard;
                    }
                }
            }
        }
    }

    /// Waits this long, or until the owner is dropped; tells whether it was.
    fn stops_within(&self, pause: Duration) -> bool {
        self.stopped.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected)
    }
}

/// Makes the list of states the one of the readers that are there, keeping what is known. The
/// first is the one that stands for plugging in and out.
fn keep(states: &mut Vec<ReaderState>, names: Vec<CString>) {
    let plugging = PNP_NOTIFICATION();
    states.retain(|state| {
        state.name() == plugging || names.iter().any(|name| **name == *state.name())
    });
    for name in names {
        if !states.iter().any(|state| *state.name() == *name) {
            states.push(ReaderState::new(name, State::UNAWARE));
        }
    }
}
