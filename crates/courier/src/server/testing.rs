//! What tests of several parts need: servers at which devices are registered and connected.

use alloc::vec::Vec;

use polysim_base::{Duration, Instant, Machine, Msisdn};

use super::{
    Connection, Kept, KeptDevice, Limits, Server, ServerConfig, ServerInput, ServerKey,
    ServerRecord,
};
use crate::{ContactMode, DeviceId, DeviceKey, DeviceName, ListVersion, MarkVersion, Rate};

/// The second threshold.
pub(crate) const THRESHOLD: Rate = Rate(100);

pub(crate) fn config() -> ServerConfig {
    ServerConfig {
        key: ServerKey([7; 32]),
        contacts: ContactMode::Numbers,
        limits: Limits {
            code_lifetime: Duration::from_secs(600),
            tries: 5,
            per_number: 5,
            per_range: 50,
            per_tenant: 1_000,
            countries: Vec::new(),
            devices: 5,
            contacts: 300,
            waiting: 100,
            text_octets: 2_000,
        },
        threshold: THRESHOLD,
        rate_age_max: Duration::from_secs(600),
        ring: Duration::from_secs(60),
        call_grace: Duration::from_secs(10),
        retry: Duration::from_secs(2),
        verify_within: Duration::from_secs(3_600),
        hold_down: Duration::from_secs(86_400),
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
    server.sessions.is_of(connection, device);
}

/// Returns how many devices are in calls, or ring.
pub(crate) fn engaged(server: &Server) -> usize {
    server.voice.engaged()
}

/// Returns how many calls are known.
pub(crate) fn calls(server: &Server) -> usize {
    server.voice.calls()
}
