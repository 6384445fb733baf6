//! Texts: stored before they are accepted, delivered to each device once and in order.

use polysim_base::Instant;

use super::{Connection, Server, ServerRecord, ServerTimer};
use crate::DeviceId;
use crate::wire::FromDevice;

/// What waits for whom.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Texts {}

impl Texts {
    pub(super) const fn deadline(&self) -> Option<(Instant, ServerTimer)> {
        None
    }

    /// A device is not registered any more: what waits for it is dropped.
    pub(super) fn forget(&mut self, _device: DeviceId) {}

    pub(super) fn restore(&mut self, _record: ServerRecord) {}
}

impl Server {
    pub(super) fn text_message(&mut self, _now: Instant, _from: Connection, _message: FromDevice) {}

    /// A device is there, and has written down deliveries up to this one.
    pub(super) fn text_hello(&mut self, _now: Instant, _device: DeviceId, _taken: u64) {}

    pub(super) fn expire_texts(&mut self, _now: Instant) {}
}
