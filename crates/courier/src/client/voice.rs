//! Calls: over data where both links are fast enough, else the carrier is offered.

use polysim_base::Instant;

use super::{Client, ClientTimer};
use crate::CallNumber;
use crate::wire::ToDevice;

/// The calls of this device.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Voice {}

impl Voice {
    pub(super) const fn deadline(&self) -> Option<(Instant, ClientTimer)> {
        None
    }

    pub(super) fn restore(&mut self, _call: CallNumber) {}
}

impl Client {
    pub(super) fn voice_message(&mut self, _now: Instant, _message: ToDevice) {}

    pub(super) fn voice_command(&mut self, _now: Instant, _command: super::ClientCommand) {}

    pub(super) fn microphone(&mut self, _frame: &polysim_speech::Frame) {}

    pub(super) fn voice_timeout(&mut self, _now: Instant) {}
}
