//! What tests of several parts need: servers at which devices are registered and connected.

use polysim_base::{Duration, Instant, Machine, Msisdn};

use super::{
    Connection, Kept, KeptDevice, Server, ServerConfig, ServerInput, ServerKey, ServerRecord,
};
use crate::{DeviceId, DeviceKey, DeviceName, ListVersion, MarkVersion, Rate};

/// The second threshold.
pub(crate) const THRESHOLD: Rate = Rate(100);

pub(crate) fn config() -> ServerConfig {
    ServerConfig {
        rate_age_max: Duration::from_secs(600),
        ring: Duration::from_secs(60),
        ..ServerConfig::new(ServerKey([7; 32]))
    }
}

/// Returns the record by which a number is registered, with these devices, the primary one first.
pub(crate) fn account(
    number: Msisdn,
    devices: &[DeviceId],
    unproved_since: Option<Instant>,
) -> ServerRecord {
    let device = |id: &DeviceId| KeptDevice {
        id: *id,
        key: DeviceKey([0; 32]),
        name: DeviceName::try_from(alloc::string::String::from("device")).unwrap(),
        card: None,
        generation: 0,
    };
    ServerRecord::Kept(Kept::Account {
        number,
        list: ListVersion(1),
        marked: MarkVersion(1),
        held_since: None,
        unproved_since,
        devices: devices.iter().map(device).collect(),
    })
}

/// A device has connected, and has shown who it is.
pub(crate) fn connect(server: &mut Server, now: Instant, connection: Connection, device: DeviceId) {
    server.handle(now, ServerInput::Up(connection));
    server.sessions.greets(connection, device);
    server.sessions.is_of(connection, device);
}

/// Returns the rate of a device, while it is known.
pub(crate) fn rate(server: &Server, now: Instant, device: DeviceId) -> Option<Rate> {
    server.rate(now, device)
}

/// Returns how many devices are in calls, or ring.
pub(crate) fn engaged(server: &Server) -> usize {
    server.voice.engaged()
}

/// Returns how many calls are known.
pub(crate) fn calls(server: &Server) -> usize {
    server.voice.calls()
}
