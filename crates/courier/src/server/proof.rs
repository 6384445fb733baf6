//! Codes by text: sent within limits, tried within limits, used once.

use polysim_base::Instant;

use super::{OutText, Server, ServerTimer};

/// Registrations that wait for their codes, and how many codes were sent to whom.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Proofs {}

impl Proofs {
    pub(super) const fn deadline(&self) -> Option<(Instant, ServerTimer)> {
        None
    }
}

impl Server {
    pub(super) fn texted(&mut self, _now: Instant, _text: OutText, _taken: bool) {}

    pub(super) fn expire_proofs(&mut self, _now: Instant) {}
}
