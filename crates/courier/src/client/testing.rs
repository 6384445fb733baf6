//! What tests of several parts need: devices that are registered and have a link.

use alloc::vec::Vec;

use polysim_base::{Duration, Instant, Machine, Mode, Msisdn, Origin};

use super::{CallId, Client, ClientConfig, ClientRecord};
use crate::{DeviceId, DeviceName, DeviceSecret, MarkVersion, Rate, Token};

/// The first threshold.
pub(crate) const THRESHOLD: Rate = Rate(100);

pub(crate) fn config() -> ClientConfig {
    let name = DeviceName::try_from(alloc::string::String::from("device")).unwrap();
    let secret = DeviceSecret::new([1; 32].into(), Origin::Simulated, Mode::Simulation).unwrap();
    ClientConfig {
        measure_every: Duration::from_secs(300),
        rate_age_max: Duration::from_secs(600),
        ..ClientConfig::new(name, secret)
    }
}

/// Returns a device of a number, with contacts that are registered.
pub(crate) fn registered(
    config: ClientConfig,
    (device, number): (DeviceId, Msisdn),
    contacts: &[Msisdn],
) -> Client {
    let mut client = Client::new(config);
    client.restore(ClientRecord::Registered { device, token: Token([0; 32]), number });
    client.restore(ClientRecord::Contacts(contacts.to_vec()));
    let version = MarkVersion(1);
    client.restore(ClientRecord::Marks { version, on: contacts.to_vec(), off: [].into() });
    client
}

/// The server is there and knows the device, or is not there any more.
pub(crate) fn link(client: &mut Client, now: Instant, linked: bool) {
    client.desk.linked = linked;
    client.measure_link(now);
    client.voice_link(now);
}

/// Returns the rate of the own link, while it is known.
pub(crate) fn rate(client: &Client, now: Instant) -> Option<Rate> {
    client.recent_rate(now)
}

/// Returns the calls of a device.
pub(crate) fn calls(client: &Client) -> Vec<CallId> {
    client.voice.ids()
}
