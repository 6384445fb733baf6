//! Texts: one path for each, and never both.

use polysim_base::Instant;

use super::{Client, ClientRecord, ClientTimer};
use crate::wire::ToDevice;

/// What the user has written, and what has come.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Texts {}

impl Texts {
    pub(super) const fn deadline(&self) -> Option<(Instant, ClientTimer)> {
        None
    }

    /// Returns the number of the last delivery that is written down.
    pub(super) const fn taken(&self) -> u64 {
        0
    }

    pub(super) fn restore(&mut self, _record: ClientRecord) {}
}

impl Client {
    pub(super) fn text_message(&mut self, _now: Instant, _message: ToDevice) {}

    pub(super) fn text_command(&mut self, _now: Instant, _command: super::ClientCommand) {}

    pub(super) fn carrier_texted(&mut self, _number: u64, _outcome: super::Outcome) {}

    /// It runs, or the link or the registration has come or gone.
    pub(super) fn texts_standing(&mut self, _now: Instant, _starts: bool) {}

    pub(super) fn text_timeout(&mut self, _now: Instant) {}
}
