//! Faults that a core can be told to have.

use crate::air::RejectCause;
use polysim_base::{Duration, Instant, Stream};

/// A fault of a core; each has its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CoreFault {
    /// Registrations are refused.
    Reject {
        /// Which share of them, in millionths.
        share: u32,
        /// With which cause.
        cause: RejectCause,
        /// Until when.
        until: Instant,
    },
    /// The `AuC` makes vectors with a wrong MAC.
    WrongMac {
        /// Which share of them, in millionths.
        share: u32,
        /// Until when.
        until: Instant,
    },
    /// The home side does not answer other cores nor its own.
    HomeSilent {
        /// Until when.
        until: Instant,
    },
    /// The service centre refuses new texts with RP cause 42.
    SmsCongestion {
        /// Until when.
        until: Instant,
    },
    /// The service centre accepts texts and loses them.
    SmsLoss {
        /// Which share of them, in millionths.
        share: u32,
        /// Until when.
        until: Instant,
    },
    /// The service centre delivers texts twice.
    SmsDuplicate {
        /// Which share of them, in millionths.
        share: u32,
        /// Until when.
        until: Instant,
    },
    /// The service centre keeps texts for a while before the first attempt to deliver them.
    SmsDelay {
        /// For how long.
        by: Duration,
        /// Until when.
        until: Instant,
    },
    /// Packet contexts run at this many thousandths of their rate; 1000 ends it.
    Throttle {
        /// Thousandths.
        permille: u32,
    },
    /// No fault any more.
    Heal,
}

/// A fault with a share and an end.
#[derive(Clone, Copy, Debug, Default)]
struct Spell {
    share: u32,
    until: Instant,
}

/// The faults a core has at present.
#[derive(Clone, Debug)]
pub(crate) struct Faults {
    reject: Spell,
    cause: RejectCause,
    wrong_mac: Spell,
    silent_until: Instant,
    congestion_until: Instant,
    loss: Spell,
    duplicate: Spell,
    delay: Duration,
    delay_until: Instant,
    stream: Stream,
}

impl Spell {
    fn strikes(self, now: Instant, stream: &mut Stream) -> bool {
        now < self.until && stream.chance(self.share)
    }
}

impl Faults {
    pub(crate) fn new(stream: Stream) -> Self {
        Self {
            reject: Spell::default(),
            cause: RejectCause::NetworkFailure,
            wrong_mac: Spell::default(),
            silent_until: Instant::ZERO,
            congestion_until: Instant::ZERO,
            loss: Spell::default(),
            duplicate: Spell::default(),
            delay: Duration::ZERO,
            delay_until: Instant::ZERO,
            stream,
        }
    }

    /// Takes over a fault other than [`CoreFault::Throttle`], which is the packet side's.
    pub(crate) fn set(&mut self, fault: CoreFault) {
        match fault {
            CoreFault::Reject { share, cause, until } => {
                (self.reject, self.cause) = (Spell { share, until }, cause);
            }
            CoreFault::WrongMac { share, until } => self.wrong_mac = Spell { share, until },
            CoreFault::HomeSilent { until } => self.silent_until = until,
            CoreFault::SmsCongestion { until } => self.congestion_until = until,
            CoreFault::SmsLoss { share, until } => self.loss = Spell { share, until },
            CoreFault::SmsDuplicate { share, until } => self.duplicate = Spell { share, until },
            CoreFault::SmsDelay { by, until } => (self.delay, self.delay_until) = (by, until),
            CoreFault::Throttle { .. } => {}
            CoreFault::Heal => *self = Self::new(self.stream.clone()),
        }
    }

    pub(crate) fn refusal(&mut self, now: Instant) -> Option<RejectCause> {
        self.reject.strikes(now, &mut self.stream).then_some(self.cause)
    }

    pub(crate) fn spoils_mac(&mut self, now: Instant) -> bool {
        self.wrong_mac.strikes(now, &mut self.stream)
    }

    pub(crate) fn silences_home(&self, now: Instant) -> bool {
        now < self.silent_until
    }

    pub(crate) fn congests_sms(&self, now: Instant) -> bool {
        now < self.congestion_until
    }

    pub(crate) fn loses_sms(&mut self, now: Instant) -> bool {
        self.loss.strikes(now, &mut self.stream)
    }

    /// Returns how long a text that comes now waits before it is delivered.
    pub(crate) fn delays_sms(&self, now: Instant) -> Duration {
        if now < self.delay_until { self.delay } else { Duration::ZERO }
    }

    pub(crate) fn duplicates_sms(&mut self, now: Instant) -> bool {
        self.duplicate.strikes(now, &mut self.stream)
    }
}
