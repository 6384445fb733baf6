//! What an SM-DS must not forget: events, and which registrations are over.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use core::fmt;

use polysim_base::{Duration, Eid, Instant};
use serde::{Deserialize, Serialize};

/// So many registrations that are over are known, so that one that comes late is not taken for new.
const OVER_MAX: usize = 100_000;

/// A change of what an SM-DS knows, and when it was.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct SmdsRecord {
    /// When.
    pub at: Instant,
    /// What.
    pub change: SmdsChange,
}

/// Names an event: it is of an eUICC and of the server that has registered it. `Debug` masks its name,
/// which is a matching identifier.
#[derive(Clone, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct EventKey {
    /// The eUICC.
    pub eid: Eid,
    /// Its name.
    pub event_id: String,
}

impl fmt::Debug for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventKey").field("eid", &self.eid).finish_non_exhaustive()
    }
}

/// A change of what an SM-DS knows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum SmdsChange {
    /// There is something for an eUICC.
    Registered {
        /// The event.
        event: EventKey,
        /// Who has called, and which call it was.
        call: (String, String),
        /// The host name of the server that has it.
        address: String,
    },
    /// There is not any more.
    Deleted {
        /// The event.
        event: EventKey,
    },
}

/// An event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Event {
    pub(super) call: (String, String),
    pub(super) address: String,
    expires: Instant,
}

/// All that an SM-DS knows.
#[derive(Debug, Default)]
pub(super) struct State {
    lifetime: Duration,
    pub(super) events: BTreeMap<EventKey, Event>,
    pub(super) expiry: BTreeSet<(Instant, EventKey)>,
    pub(super) over: BTreeSet<(String, String)>,
    order: VecDeque<(String, String)>,
}

impl State {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self { lifetime, ..Self::default() }
    }

    /// Returns the events of an eUICC.
    pub(super) fn of(&self, eid: Eid) -> impl Iterator<Item = (&str, &Event)> {
        let first = EventKey { eid, event_id: String::new() };
        let events = self.events.range(first..);
        events
            .take_while(move |(key, _)| key.eid == eid)
            .map(|(key, event)| (&*key.event_id, event))
    }

    pub(super) fn apply(&mut self, record: &SmdsRecord) {
        match &record.change {
            SmdsChange::Registered { event, call, address } => {
                self.delete(event);
                let expires = record.at.plus(self.lifetime);
                self.expiry.insert((expires, event.clone()));
                let row = Event { call: call.clone(), address: address.clone(), expires };
                self.events.insert(event.clone(), row);
            }
            SmdsChange::Deleted { event } => self.delete(event),
        }
    }

    fn delete(&mut self, key: &EventKey) {
        let Some(event) = self.events.remove(key) else { return };
        self.expiry.remove(&(event.expires, key.clone()));
        if self.over.insert(event.call.clone()) {
            self.order.push_back(event.call);
        }
        if self.order.len() > OVER_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.over.remove(&oldest);
        }
    }
}
