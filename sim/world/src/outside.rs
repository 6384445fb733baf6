//! Calls from outside the world: how long the caller lets it ring.

use polysim_base::{Duration, Msisdn};
use polysim_radio::{CallEvent, CallRef};
use std::collections::{BTreeMap, BTreeSet};

/// Patience of callers outside, and which of their calls were answered.
#[derive(Debug, Default)]
pub(crate) struct OutsideCalls {
    patience: BTreeMap<Msisdn, Duration>,
    ringing: BTreeSet<CallRef>,
}

impl OutsideCalls {
    /// A number outside is about to call.
    pub(crate) fn begin(&mut self, from: Msisdn, rings: Duration) {
        self.patience.insert(from, rings);
    }

    /// Hears what becomes of calls; returns after how long the caller gives up.
    pub(crate) fn hear(&mut self, call: CallRef, event: &CallEvent) -> Option<Duration> {
        match event {
            CallEvent::Started { from: Some(from), .. } => {
                let patience = self.patience.remove(from)?;
                self.ringing.insert(call);
                return Some(patience);
            }
            CallEvent::Answered | CallEvent::Ended { .. } => {
                // A forwarded call is another attempt of the same call.
                let same =
                    |other: &CallRef| (other.origin, other.number) == (call.origin, call.number);
                self.ringing.retain(|other| !same(other));
            }
            CallEvent::Started { from: None, .. }
            | CallEvent::Forwarded { .. }
            | CallEvent::Ringing
            | CallEvent::Dtmf { .. }
            | CallEvent::Held { .. } => {}
        }
        None
    }

    /// Returns whether the caller still waits, and forgets the call.
    pub(crate) fn gives_up(&mut self, call: CallRef) -> bool {
        self.ringing.remove(&call)
    }
}
