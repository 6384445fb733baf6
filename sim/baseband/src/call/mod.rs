//! Calls (TS 24.008, 5; TS 27.007, 6 and 7).

mod control;
mod hold;
mod speech;

pub(crate) use speech::Speech;

use polysim_at::{CallDirection, CallState};
use polysim_base::{Duration, Instant, Msisdn};

/// Most calls at a time (TS 22.030, 6.5.5.1: one active and six held or waiting).
pub(crate) const CALLS_MAX: usize = 7;
/// Pause between rings.
const RING_PAUSE: Duration = Duration::from_secs(5);
/// How long a call may take to come to something.
const SETUP_PATIENCE: Duration = Duration::from_secs(180);
/// Transactions that the device chooses (TS 24.007, 11.2.3.1.3).
const OWN_TRANSACTIONS: u8 = 7;

/// One call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Its number in `+CLCC`, from 1.
    pub(crate) id: u8,
    pub(crate) transaction: u8,
    pub(crate) direction: CallDirection,
    pub(crate) state: CallState,
    pub(crate) party: Party,
    pub(crate) multiparty: bool,
    /// The port that dialled.
    port: Option<u8>,
    /// When it must have come to something.
    until: Option<Instant>,
}

/// The other side.
#[derive(Clone, Debug)]
pub(crate) enum Party {
    Caller(Option<Msisdn>),
    Dialled(Box<str>),
}

/// All calls.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    pub(crate) list: Vec<Call>,
    ring: Option<Instant>,
    /// `+CLIR`.
    pub(crate) withhold: u8,
    /// What `ATDL` dials.
    pub(crate) last_number: Option<Box<str>>,
}

impl Calls {
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty() && self.withhold == 0 && self.last_number.is_none()
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        let setup = self.list.iter().filter_map(|call| call.until).min();
        [self.ring, setup].into_iter().flatten().min()
    }

    fn by_transaction(&mut self, transaction: u8) -> Option<&mut Call> {
        self.list.iter_mut().find(|call| call.transaction == transaction)
    }

    fn in_state(&self, state: CallState) -> impl Iterator<Item = &Call> {
        self.list.iter().filter(move |call| call.state == state)
    }

    fn free_id(&self) -> Option<u8> {
        (1..=9).find(|id| self.list.iter().all(|call| call.id != *id))
    }

    fn free_transaction(&self) -> Option<u8> {
        (0..OWN_TRANSACTIONS).find(|t| self.list.iter().all(|call| call.transaction != *t))
    }
}
