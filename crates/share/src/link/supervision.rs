//! Whether the other end is still there: the argument stands in the documentation of the module above.

use polysim_base::{Duration, Instant};

use super::LinkEnd;

/// In how many parts the time is cut that a session goes on without a proof: a ping for each.
pub(super) const PINGS_PER_HOLD: u64 = 4;

#[derive(Clone, Copy, Debug)]
pub(super) struct Supervision {
    /// For how long a proof is good.
    hold: Duration,
    /// When that was sent which proves, by its answer, that the other end was there then or later.
    proven: Instant,
    /// When the last ping was sent.
    pinged: Instant,
}

impl Supervision {
    /// Begins with what was sent at `proven` and has been answered.
    pub(super) const fn new(hold: Duration, proven: Instant) -> Self {
        Self { hold, proven, pinged: proven }
    }

    /// Returns when the session is down unless there is a newer proof.
    pub(super) const fn until(&self) -> Instant {
        self.proven.plus(self.hold)
    }

    /// Returns when the next ping is due.
    pub(super) const fn ping_due(&self) -> Instant {
        self.pinged.plus(Duration::from_micros(self.hold.as_micros() / PINGS_PER_HOLD))
    }

    /// A ping is sent now.
    pub(super) const fn ping(&mut self, now: Instant) {
        self.pinged = now;
    }

    /// The other end has said back what was sent at `at`.
    pub(super) fn echo(&mut self, at: Instant) -> Result<(), LinkEnd> {
        if at > self.pinged {
            return Err(LinkEnd::Unexpected); // nothing was sent then
        }
        self.proven = self.proven.max(at);
        Ok(())
    }
}
