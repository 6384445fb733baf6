//! What a link is made of.

use alloc::vec::Vec;

use polysim_base::{Duration, Mode, OriginRefused, Randomness};
use polysim_lease::Margin;

use super::Identity;
use super::supervision::PINGS_PER_HOLD;
use crate::{DeviceName, PeerKey};

/// Who speaks first.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Role {
    /// It has connected: a slave.
    Initiator,
    /// It was connected to: the master.
    Responder,
}

/// What a link is made of.
#[derive(Debug)]
pub struct LinkConfig {
    /// Who speaks first.
    pub role: Role,
    /// The key of this device.
    pub identity: Identity,
    /// What this device calls itself.
    pub name: DeviceName,
    /// The devices that this one is paired with.
    pub known: Vec<PeerKey>,
    /// Whether numbers may be compared with an unknown device.
    ///
    /// Whoever is between two devices may guess the number once for each attempt, and may end an attempt
    /// that goes wrong before both users see it. So this is on for one attempt, for which a user asked.
    pub pairing: bool,
    /// When one end is told that the session is down, the other is told that much later at most. Both
    /// ends have the same.
    pub supervision: Duration,
    /// How wrong the clock of this end may be.
    pub margin: Margin,
    /// Where the ephemeral key and the nonce come from.
    pub randomness: Randomness,
    /// What the link is for: live work takes neither a simulated identity nor simulated randomness.
    pub mode: Mode,
}

/// Why there is no link of a configuration.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLink {
    /// Live work, and something simulated.
    #[error(transparent)]
    Origin(#[from] OriginRefused),
    /// A session would be down at once.
    #[error(
        "the supervision time, less the margin of the clocks, leaves no time to be heard: make it longer"
    )]
    SupervisionTooShort,
}

impl LinkConfig {
    /// Returns for how long, by its own clock, this end goes on after the sending time of the last ping
    /// that was echoed.
    pub(super) fn hold(&self) -> Result<Duration, InvalidLink> {
        self.mode.admit(self.identity.origin())?;
        self.mode.admit(self.randomness.origin())?;
        let hold = self.margin.hold(self.supervision);
        let enough = hold.as_micros() >= PINGS_PER_HOLD;
        enough.then_some(hold).ok_or(InvalidLink::SupervisionTooShort)
    }
}
