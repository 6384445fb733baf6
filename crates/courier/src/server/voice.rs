//! Calls: how fast links are, who rings, and who speaks with whom.

use polysim_base::Instant;

use super::{Connection, Desk, Server, ServerTimer};
use crate::DeviceId;
use crate::wire::FromDevice;

/// Measured rates, and calls.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Voice {}

impl Voice {
    /// A device is not connected any more.
    pub(super) fn gone(&mut self, _now: Instant, _device: DeviceId, _desk: &mut Desk) {}

    pub(super) const fn deadline(&self) -> Option<(Instant, ServerTimer)> {
        None
    }
}

impl Server {
    pub(super) fn voice_message(&mut self, _now: Instant, _from: Connection, _message: FromDevice) {
    }

    pub(super) fn voice_timeout(&mut self, _now: Instant) {}
}
