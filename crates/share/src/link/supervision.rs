//! Whether the other end is still there.
//!
//! Each end sends pings, stamped with its own clock, and the other says the stamps back. An end goes on
//! until its own clock shows the stamp of the newest ping that was said back, and `hold` of the
//! supervision time (`Margin::hold`) more. Then its session is down, whatever is still under way.
//!
//! *When one end is down at a true time `t`, the other is down by `t` and the supervision time.* Say A is
//! down at `t`. A says nothing after that, so whatever it said back it had heard before `t`, and B had
//! sent it before `t`. So the newest stamp that B ever gets back was taken at a true time before `t`.
//! From then B's clock runs for `hold`, which is the supervision time less the drift of B's clock over it,
//! and less the fixed part of the margin, in which B's machine is woken. That takes no longer than the
//! supervision time. How long octets were under way, how often they were said, in which direction they
//! were lost, and what A's clock shows, does not occur in the argument: only B's clock, within its margin.
//!
//! The messages of the handshake are the first ping: the answer contains, under a key that only the other
//! end can have, a hash over what it answers. So an end that comes up counts from when it sent its last
//! message of the handshake.
//!
//! A clock that stands still while the device sleeps is outside of the margin: runners take one that
//! does not.

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
