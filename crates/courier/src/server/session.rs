//! Who is connected.

use alloc::collections::BTreeMap;

use polysim_base::Instant;

use super::Connection;
use crate::DeviceId;

/// The sessions of devices, and those of whoever has not said yet who they are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Sessions {
    open: BTreeMap<Connection, Option<DeviceId>>,
    of: BTreeMap<DeviceId, Connection>,
}

impl Sessions {
    pub(super) fn up(&mut self, _now: Instant, connection: Connection) {
        self.open.insert(connection, None);
    }

    /// A session is over; returns the device that is not connected any more.
    pub(super) fn down(&mut self, connection: Connection) -> Option<DeviceId> {
        let device = self.open.remove(&connection)??;
        if self.of.get(&device) == Some(&connection) {
            self.of.remove(&device);
            return Some(device);
        }
        None
    }

    /// A session is known to be that of a device; returns its older one.
    pub(super) fn is_of(&mut self, connection: Connection, device: DeviceId) -> Option<Connection> {
        *self.open.get_mut(&connection)? = Some(device);
        self.of.insert(device, connection).filter(|old| *old != connection)
    }

    pub(super) fn device(&self, connection: Connection) -> Option<DeviceId> {
        *self.open.get(&connection)?
    }

    pub(super) fn connection(&self, device: DeviceId) -> Option<Connection> {
        self.of.get(&device).copied()
    }
}
