//! Who is connected.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use polysim_base::{Duration, Instant};

use super::{Connection, ServerTimer};
use crate::{DeviceId, RequestId};

/// Who has connected and not said who they are, nor asked to be registered, for so long is sent away.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// The sessions of devices, and those of whoever has not said yet who they are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Sessions {
    open: BTreeMap<Connection, Session>,
    /// Which session is that of a device, and whether it has said hello in it.
    of: BTreeMap<DeviceId, (Connection, bool)>,
    /// Those of nobody, by when they are sent away.
    nameless: BTreeSet<(Instant, Connection)>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Session {
    who: Who,
    /// The device that has said hello. What was said by it is perhaps heard late, so this session is
    /// never that of another one.
    greeted: Option<DeviceId>,
    /// The last question about registrations: an older one is late, and answered no more.
    asked: RequestId,
    /// The last word of who is there, likewise: an older one tells of an older card.
    said: RequestId,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Who {
    /// Nobody is known to be there; until then it may stay.
    Nameless(Instant),
    Device(DeviceId),
}

impl Sessions {
    pub(super) fn up(&mut self, now: Instant, connection: Connection) {
        let until = now.plus(SILENCE_MAX);
        let (asked, said) = (RequestId(0), RequestId(0));
        let session = Session { who: Who::Nameless(until), greeted: None, asked, said };
        self.open.insert(connection, session);
        self.nameless.insert((until, connection));
    }

    /// A session is over; returns the device that is not connected any more.
    pub(super) fn down(&mut self, connection: Connection) -> Option<DeviceId> {
        let session = self.open.remove(&connection)?;
        self.release(connection, session.who)
    }

    /// A session is known to be that of a device; returns its older one, which is over.
    pub(super) fn is_of(&mut self, connection: Connection, device: DeviceId) -> Option<Connection> {
        let session = self.open.get_mut(&connection)?;
        let before = core::mem::replace(&mut session.who, Who::Device(device));
        if before == Who::Device(device) {
            return None;
        }
        let greeted = session.greeted == Some(device);
        self.release(connection, before);
        let (older, _) = self.of.insert(device, (connection, greeted))?;
        self.open.remove(&older);
        Some(older)
    }

    /// A device says that it is there; returns whether that can be, in this session.
    pub(super) fn greets(&mut self, connection: Connection, device: DeviceId) -> bool {
        let Some(session) = self.open.get_mut(&connection) else { return false };
        if *session.greeted.get_or_insert(device) != device {
            return false;
        }
        if session.who == Who::Device(device) {
            self.of.insert(device, (connection, true));
        }
        true
    }

    /// Whoever is there is not this device any more; it may say who it is now.
    pub(super) fn is_nobody(&mut self, now: Instant, connection: Connection) {
        self.stays(connection, now.plus(SILENCE_MAX));
    }

    /// Whoever is there has asked for something that lasts until then, and may stay as long.
    pub(super) fn waits(&mut self, connection: Connection, until: Instant) {
        if self.bound(connection).is_none() {
            self.stays(connection, until);
        }
    }

    fn stays(&mut self, connection: Connection, until: Instant) {
        if let Some(session) = self.open.get_mut(&connection) {
            let before = core::mem::replace(&mut session.who, Who::Nameless(until));
            self.release(connection, before);
            self.nameless.insert((until, connection));
        }
    }

    fn release(&mut self, connection: Connection, who: Who) -> Option<DeviceId> {
        match who {
            Who::Nameless(until) => {
                self.nameless.remove(&(until, connection));
                None
            }
            Who::Device(device) => {
                self.of.remove(&device);
                Some(device)
            }
        }
    }

    /// Ends the session of a device; returns it.
    pub(super) fn end(&mut self, device: DeviceId) -> Option<Connection> {
        let (connection, _) = self.of.remove(&device)?;
        self.open.remove(&connection);
        Some(connection)
    }

    /// Returns whether a question about registrations is to be answered: it is no older than the
    /// last one, in a session that is not over.
    pub(super) fn asks(&mut self, connection: Connection, request: RequestId) -> bool {
        let session = self.open.get_mut(&connection);
        session.is_some_and(|session| is_newest(&mut session.asked, request))
    }

    /// Returns whether a word of who is there is to be heard, likewise.
    pub(super) fn says(&mut self, connection: Connection, request: RequestId) -> bool {
        let session = self.open.get_mut(&connection);
        session.is_some_and(|session| is_newest(&mut session.said, request))
    }

    pub(super) fn is_open(&self, connection: Connection) -> bool {
        self.open.contains_key(&connection)
    }

    /// Returns whose session it is, also where the device does not know yet that it is that.
    pub(super) fn bound(&self, connection: Connection) -> Option<DeviceId> {
        match self.open.get(&connection)?.who {
            Who::Nameless(_) => None,
            Who::Device(device) => Some(device),
        }
    }

    /// Returns the device that is there, and has said so.
    pub(super) fn device(&self, connection: Connection) -> Option<DeviceId> {
        let session = self.open.get(&connection)?;
        session.greeted.filter(|device| session.who == Who::Device(*device))
    }

    /// Returns the session in which a device is there, and has said so.
    pub(super) fn connection(&self, device: DeviceId) -> Option<Connection> {
        let (connection, greeted) = *self.of.get(&device)?;
        greeted.then_some(connection)
    }

    /// Ends the sessions in which nobody has said anything for too long.
    pub(super) fn silent(&mut self, now: Instant) -> Vec<Connection> {
        let mut silent = Vec::new();
        while let Some(&(until, connection)) = self.nameless.first()
            && until <= now
        {
            self.nameless.pop_first();
            self.open.remove(&connection);
            silent.push(connection);
        }
        silent
    }

    pub(super) fn deadline(&self) -> Option<(Instant, ServerTimer)> {
        self.nameless.first().map(|(until, _)| (*until, ServerTimer::Silence))
    }
}

fn is_newest(last: &mut RequestId, request: RequestId) -> bool {
    let newest = request >= *last;
    *last = request.max(*last);
    newest
}
