//! Who this device is to the server, and how it becomes that.

use polysim_base::{Instant, Msisdn};

use super::{Client, ClientRecord, ClientTimer};
use crate::DeviceId;
use crate::wire::ToDevice;

/// The registration of this device.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Account {
    identity: Option<(DeviceId, Msisdn)>,
}

impl Account {
    /// Returns the device and its number, while it is registered.
    pub(super) const fn identity(&self) -> Option<(DeviceId, Msisdn)> {
        self.identity
    }

    pub(super) const fn deadline(&self) -> Option<(Instant, ClientTimer)> {
        None
    }

    pub(super) fn restore(&mut self, record: ClientRecord) {
        if let ClientRecord::Registered { device, number, .. } = record {
            self.identity = Some((device, number));
        }
    }
}

impl Client {
    pub(super) fn start(&mut self, _now: Instant) {}

    pub(super) fn up(&mut self, _now: Instant) {}

    pub(super) fn down(&mut self, _now: Instant) {}

    pub(super) fn card(&mut self, _now: Instant, _card: Option<super::CardIdentity>) {}

    pub(super) fn account_message(&mut self, _now: Instant, _message: ToDevice) {}

    pub(super) fn account_command(&mut self, _now: Instant, _command: super::ClientCommand) {}

    pub(super) fn carrier_text(&mut self, _text: &str) {}

    pub(super) fn account_timeout(&mut self, _now: Instant) {}
}
