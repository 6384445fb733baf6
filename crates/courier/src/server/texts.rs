//! Texts: stored before they are accepted, delivered to each device once and in order.

use polysim_base::Instant;

use super::{Connection, Server, ServerRecord, ServerTimer};
use crate::wire::FromDevice;

/// What waits for whom.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Texts {}

impl Texts {
    pub(super) const fn deadline(&self) -> Option<(Instant, ServerTimer)> {
        None
    }

    pub(super) fn restore(&mut self, _record: ServerRecord) {}
}

impl Server {
    pub(super) fn text_message(&mut self, _now: Instant, _from: Connection, _message: FromDevice) {}

    pub(super) fn expire_texts(&mut self, _now: Instant) {}
}
