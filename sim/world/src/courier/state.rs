//! What can be asked of the courier's server and of the phones of its devices.

use super::system::Courier;
use crate::event::Value;
use crate::observer::Names;
use polysim_courier::server::{Kept, ServerRecord};

/// What can be asked of the courier's server.
pub const COURIER_STATE: &[(&str, &str)] = &[
    ("calls", "how many calls it has put over data"),
    ("carrier", "how many calls it has left to the carrier"),
    ("codes", "how many codes it has sent"),
    ("connected", "how many devices have a session with it"),
    ("delivered", "how many copies of texts devices have taken"),
    ("devices", "how many devices are registered, linked ones included"),
    ("numbers", "how many numbers are registered"),
    ("stored", "how many texts it has stored"),
    ("up", "whether it runs"),
    ("waiting", "how many texts wait that no device of their recipients is known to have"),
];

impl Courier {
    /// Returns what the server is like.
    pub(crate) fn server_state(&self) -> Vec<(&'static str, Value)> {
        let server = self.server.node.machine();
        let records = server.map(|server| server.checkpoint()).unwrap_or_default();
        let (mut numbers, mut devices, mut waiting) = (0, 0, 0);
        for record in &records {
            if let ServerRecord::Kept(Kept::Account { devices: of, .. }) = record {
                (numbers, devices) = (numbers + 1, devices + of.len());
            } else if let ServerRecord::Kept(Kept::Mailbox { live, .. }) = record {
                waiting += live.len();
            }
        }
        vec![
            ("calls", self.counts.over_data.into()),
            ("carrier", self.counts.carrier.into()),
            ("codes", self.counts.codes.into()),
            ("connected", self.connected().into()),
            ("delivered", self.counts.delivered.into()),
            ("devices", count(devices)),
            ("numbers", count(numbers)),
            ("stored", self.counts.stored.into()),
            ("up", server.is_some().into()),
            ("waiting", count(waiting)),
        ]
    }

    /// Returns how many devices have a session with the server.
    pub(crate) fn connected(&self) -> u64 {
        self.devices.iter().filter(|of| of.tie.at_server.is_some()).count() as u64
    }

    /// Returns how many devices are registered, as they know.
    pub(crate) fn registered(&self) -> u64 {
        self.devices.iter().filter(|of| of.mind.number.is_some()).count() as u64
    }

    /// Returns how many contacts devices know to be registered.
    pub(crate) fn marked(&self) -> u64 {
        let machines = self.devices.iter().filter_map(|of| of.node.machine());
        machines.map(|machine| machine.marked().count() as u64).sum()
    }

    /// Returns what is known of the device on a phone beside what all phones tell.
    pub(crate) fn phone_state(&self, phone: usize, names: &Names) -> Vec<(&'static str, Value)> {
        let Some(of) = self.on(phone).and_then(|device| self.device(device)) else {
            return Vec::new();
        };
        let marked = of.node.machine().map_or(0, |machine| machine.marked().count());
        let number = of.mind.number.map_or_else(String::new, |it| names.party(&it.to_string()));
        vec![
            ("courier_calls", count(of.mind.calls.len())),
            ("courier_kbps", u64::from(of.mind.rate.map_or(0, |rate| rate.0)).into()),
            ("courier_linked", of.tie.at_device.is_some().into()),
            ("courier_marked", count(marked)),
            ("courier_number", Value::from(number)),
            ("courier_texts", u64::from(of.mind.texts).into()),
        ]
    }
}

fn count(count: usize) -> Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}
