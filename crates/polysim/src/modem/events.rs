//! What a modem tells by itself, for any number of listeners of any speed.

use polysim_hal::PortErrorKind;
use polysim_modem::ModemEvent;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::Notify;

/// Most events that wait for one listener.
pub const EVENTS_MAX: usize = 256;

/// What a modem tells by itself, texts aside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Event {
    /// The port is gone; it is opened anew by itself.
    PortLost(PortErrorKind),
    /// The port is open again.
    PortOpened,
    /// The modem or the network told something.
    Modem(ModemEvent),
    /// This listener was too slow, and missed so many events.
    /// [`Modem::status`](crate::Modem::status) says what is so now.
    Missed(usize),
    /// A text came that the modem keeps nowhere, and there is no room for it here.
    TextLost,
}

impl Event {
    /// Whether it only says what is so now, and `later` says it anew.
    fn is_outdated_by(&self, later: &Self) -> bool {
        match (self, later) {
            (
                Self::Modem(ModemEvent::Registration(old)),
                Self::Modem(ModemEvent::Registration(new)),
            ) => old.domain == new.domain,
            (
                Self::Modem(ModemEvent::NetworkTime { .. }),
                Self::Modem(ModemEvent::NetworkTime { .. }),
            ) => true,
            (Self::Modem(ModemEvent::CallState(old)), Self::Modem(ModemEvent::CallState(new))) => {
                old.call == new.call
            }
            _ => false,
        }
    }
}

/// Listeners.
#[derive(Debug, Default)]
pub(super) struct Hub {
    queues: Mutex<Vec<Weak<Queue>>>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<Event>,
    missed: usize,
    closed: bool,
}

impl Hub {
    fn queues(&self) -> MutexGuard<'_, Vec<Weak<Queue>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn listen(&self) -> Events {
        let queue = Arc::new(Queue::default());
        self.queues().push(Arc::downgrade(&queue));
        Events { queue }
    }

    pub(super) fn tell(&self, event: &Event) {
        self.queues().retain(|queue| {
            let Some(queue) = queue.upgrade() else { return false };
            queue.waiting().push(event.clone());
            queue.changed.notify_one();
            true
        });
    }

    /// Nothing more will come.
    pub(super) fn close(&self) {
        for queue in self.queues().drain(..).filter_map(|queue| queue.upgrade()) {
            queue.waiting().closed = true;
            queue.changed.notify_one();
        }
    }
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn push(&mut self, event: Event) {
        if let Some(at) = self.events.iter().rposition(|old| old.is_outdated_by(&event)) {
            self.events.remove(at);
        }
        if self.missed > 0 || self.events.len() >= EVENTS_MAX {
            // What comes after a gap would be told before it: the gap grows instead.
            self.missed = self.missed.saturating_add(1);
        } else {
            self.events.push_back(event);
        }
    }

    fn pop(&mut self) -> Option<Event> {
        self.events.pop_front().or_else(|| {
            let missed = std::mem::take(&mut self.missed);
            (missed > 0).then_some(Event::Missed(missed))
        })
    }
}

/// A listener. A slow one holds nobody up: events that only say what is so now are replaced by
/// later ones, and behind [`EVENTS_MAX`] others it is told how many it missed.
#[derive(Debug)]
pub struct Events {
    queue: Arc<Queue>,
}

impl Events {
    /// Waits for the next event; `None` when the modem was closed. Dropping the future loses
    /// nothing.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            {
                let mut waiting = self.queue.waiting();
                if let Some(event) = waiting.pop() {
                    return Some(event);
                }
                if waiting.closed {
                    return None;
                }
            }
            self.queue.changed.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_modem::{CallEnd, CallId, RegistrationState};

    const REGISTRATION: Event = Event::Modem(ModemEvent::Registration(RegistrationState::UNKNOWN));

    fn ended(call: u8) -> Event {
        Event::Modem(ModemEvent::CallEnded { call: CallId(call), cause: CallEnd::Released })
    }

    #[tokio::test]
    async fn a_storm_of_the_same_state_pushes_nothing_else_out() {
        let hub = Hub::default();
        let mut events = hub.listen();
        hub.tell(&ended(1));
        for _ in 0..10_000 {
            hub.tell(&REGISTRATION);
        }
        assert_eq!(events.next().await, Some(ended(1)));
        assert_eq!(events.next().await, Some(REGISTRATION));
        hub.close();
        assert_eq!(events.next().await, None);
    }

    #[tokio::test]
    async fn a_slow_listener_is_told_what_it_missed() {
        let hub = Hub::default();
        let mut events = hub.listen();
        for _ in 0..EVENTS_MAX + 3 {
            hub.tell(&ended(1));
        }
        for _ in 0..EVENTS_MAX {
            assert_eq!(events.next().await, Some(ended(1)));
        }
        assert_eq!(events.next().await, Some(Event::Missed(3)));
        hub.tell(&ended(2));
        assert_eq!(events.next().await, Some(ended(2)));
    }
}
