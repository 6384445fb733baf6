//! How fast the data link is: trains of octets, and a smoothed rate.

use polysim_base::Instant;

use super::{Client, ClientTimer};
use crate::wire::ToDevice;

/// What was measured.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Measure {}

impl Measure {
    pub(super) const fn deadline(&self) -> Option<(Instant, ClientTimer)> {
        None
    }
}

impl Client {
    pub(super) fn measure_message(&mut self, _now: Instant, _message: ToDevice) {}

    /// The server can be reached, or cannot any more.
    pub(super) fn link_changed(&mut self, _now: Instant) {}

    pub(super) fn measure_timeout(&mut self, _now: Instant) {}
}
