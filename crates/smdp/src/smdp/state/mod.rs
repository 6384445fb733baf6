//! What must survive a crash: the fold over the records.

mod apply;
mod letter;
mod profile;

pub(super) use letter::{Kind, Letter};
pub(super) use profile::{Event, Order, Profile};

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

use polysim_base::{Duration, Eid, Iccid, Instant};

use super::OutboxId;

/// All that an SM-DP+ knows. `Debug` counts alone: matching identifiers are secrets.
#[derive(Default)]
pub(super) struct State {
    pub(super) order_lifetime: Duration,
    pub(super) profiles: BTreeMap<Iccid, Profile>,
    /// Profiles of each type that were ordered once and may be ordered again.
    pub(super) available: BTreeMap<Arc<str>, BTreeSet<Iccid>>,
    /// The order of each matching identifier that is in use.
    pub(super) by_matching: BTreeMap<String, Iccid>,
    /// Profiles that are waiting for an eUICC which comes without a matching identifier.
    pub(super) by_eid: BTreeMap<Eid, BTreeSet<Iccid>>,
    /// The profile of each call that ordered one.
    pub(super) by_call: BTreeMap<(String, String), Iccid>,
    /// The profile of each session whose eUICC has not said yet what became of it.
    pub(super) by_transaction: BTreeMap<[u8; 16], Iccid>,
    /// What is to be told until it is taken.
    pub(super) outbox: BTreeMap<OutboxId, Letter>,
    /// Profiles whose operators do not have the subscription yet.
    pub(super) unprovisioned: BTreeSet<Iccid>,
    /// When orders expire.
    pub(super) expiry: BTreeSet<(Instant, Iccid)>,
    last: u64,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("profiles", &self.profiles.len())
            .field("outbox", &self.outbox.len())
            .finish_non_exhaustive()
    }
}

impl State {
    pub(super) fn new(order_lifetime: Duration) -> Self {
        Self { order_lifetime, ..Self::default() }
    }
}
