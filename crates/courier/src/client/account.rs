//! Who this device is to the server, and how it becomes that.

use polysim_base::Instant;

use super::{Client, ClientRecord, ClientTimer};
use crate::DeviceId;
use crate::wire::ToDevice;

/// The registration of this device.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Account {
    device: Option<DeviceId>,
}

impl Account {
    pub(super) const fn device(&self) -> Option<DeviceId> {
        self.device
    }

    pub(super) const fn deadline(&self) -> Option<(Instant, ClientTimer)> {
        None
    }

    pub(super) fn restore(&mut self, _record: ClientRecord) {}
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
