//! What a terminal tells its user.

use polysim_fleet::terminal::TerminalEvent;
use tokio::sync::broadcast;

/// Most events that wait for one listener; one that is slower loses the oldest.
pub const DESK_EVENTS_MAX: usize = 1_024;

/// Something happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DeskEvent {
    /// The terminal tells this.
    Told(TerminalEvent),
    /// This listener was too slow, and missed so many. Mail is [kept](super::Desk::inbox) all the
    /// same.
    Missed(u64),
}

/// A listener.
#[derive(Debug)]
pub struct DeskEvents(Option<broadcast::Receiver<TerminalEvent>>);

impl DeskEvents {
    pub(super) const fn new(events: Option<broadcast::Receiver<TerminalEvent>>) -> Self {
        Self(events)
    }

    /// Waits for the next event; `None` when the terminal has stopped. Dropping the future loses
    /// nothing.
    pub async fn next(&mut self) -> Option<DeskEvent> {
        match self.0.as_mut()?.recv().await {
            Ok(event) => Some(DeskEvent::Told(event)),
            Err(broadcast::error::RecvError::Lagged(missed)) => Some(DeskEvent::Missed(missed)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }

    /// Waits for the first event that `f` takes; `None` when the terminal has stopped.
    pub async fn find<T>(&mut self, f: impl Fn(TerminalEvent) -> Option<T>) -> Option<T> {
        loop {
            match self.next().await? {
                DeskEvent::Told(event) => {
                    if let Some(found) = f(event) {
                        return Some(found);
                    }
                }
                DeskEvent::Missed(_) => {}
            }
        }
    }
}
