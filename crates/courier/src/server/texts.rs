//! Texts: stored before they are accepted, delivered to each device once and in order.

use alloc::vec::Vec;

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

    /// It runs: whatever was on its way before is perhaps there.
    pub(super) fn start(&mut self) {}

    /// A device is no more: nothing waits for it. Returns whose devices are told of texts that waited for
    /// it alone. Also for records.
    pub(super) fn forget(&mut self, _device: DeviceId) -> Vec<DeviceId> {
        Vec::new()
    }

    pub(super) fn restore(&mut self, _record: ServerRecord) {}
}

impl Server {
    pub(super) fn text_message(&mut self, _now: Instant, _from: Connection, _message: FromDevice) {}

    /// A session is known to be that of a device, which has written down what was delivered up to `taken`.
    /// Only the first word of a session says so.
    pub(super) fn texts_connected(&mut self, _now: Instant, _device: DeviceId, _taken: u64) {}

    /// A session of a device is over.
    pub(super) fn texts_gone(&mut self, _device: DeviceId) {}

    /// A device is no more.
    pub(super) fn forget_texts(&mut self, _now: Instant, _device: DeviceId) {}

    pub(super) fn expire_texts(&mut self, _now: Instant) {}
}
