//! One write of one card.

use alloc::vec::Vec;

use polysim_base::{Duration, Eid, Imsi, Instant, Msisdn};
use polysim_ota::Counter;

use super::record::{TryFate, Way, Write};
use super::{CardState, Retry};
use crate::wire::{MessageId, RequestId, WriteFailure};

/// The most tries of an order that are remembered one by one.
pub(super) const TRIES_KEPT: usize = 32;

/// A write that is not over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Order {
    pub(super) request: RequestId,
    pub(super) eid: Eid,
    pub(super) write: Write,
    pub(super) way: Way,
    pub(super) old: Option<Imsi>,
    pub(super) old_number: Option<Msisdn>,
    pub(super) phase: Phase,
    /// The newest last, each with a higher counter than those before it.
    pub(super) tries: Vec<Try>,
    /// A try that is not remembered any more may have been carried out.
    pub(super) forgot_live: bool,
    /// How many tries were made, those under a wrong counter aside.
    pub(super) made: u8,
    /// How often the counter was set ahead.
    pub(super) jumps: u8,
    /// Why the card does not take it.
    pub(super) refused: Option<WriteFailure>,
    pub(super) is_overdue: bool,
    /// When the last packet left.
    pub(super) said_at: Instant,
    /// When it is looked at next. It follows from the rest, but for what a crash forgets.
    pub(super) due: Option<Instant>,
}

/// How far a write is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Phase {
    /// The operator is asked to have the subscription ready.
    Provisioning,
    /// The message is on its way to the card.
    Sending,
    /// The card has it; whether it takes effect is not known.
    Proved,
}

/// One packet that has left.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Try {
    pub(super) counter: Counter,
    pub(super) message: MessageId,
    pub(super) fate: TryFate,
}

impl Order {
    pub(super) const fn state(&self) -> CardState {
        let proved = matches!(self.phase, Phase::Proved);
        CardState::Pending { old: self.old, new: self.write.imsi, proved }
    }

    /// Tells whether the card may have carried it out, or may do so yet.
    pub(super) fn may_be_carried_out(&self) -> bool {
        self.forgot_live
            || self.phase == Phase::Proved
            || self.tries.iter().any(|it| it.fate != TryFate::Dead)
    }

    /// Tells whether no more tries are made for the time being.
    pub(super) fn is_exhausted(&self, retry: &Retry) -> bool {
        self.refused.is_some() || self.made >= retry.tries.max(1)
    }

    /// Tells whether a try is any use.
    pub(super) fn wants_tries(&self) -> bool {
        self.phase == Phase::Sending && self.refused != Some(WriteFailure::Reverted)
    }

    pub(super) fn was_said(&self) -> bool {
        !self.tries.is_empty()
    }

    pub(super) fn last_try(&self) -> Option<Try> {
        self.tries.last().copied()
    }

    /// Tells whether the card carried this try out at most, and has gone back to what it had.
    pub(super) fn has_gone_back_from(&self, counter: Counter) -> bool {
        let is_over = |it: &Try| it.counter == counter && it.fate == TryFate::Dead;
        self.refused == Some(WriteFailure::Reverted) && self.tries.iter().any(is_over)
    }

    /// Remembers a try; returns the one that is forgotten for it.
    pub(super) fn push_try(&mut self, counter: Counter, message: MessageId) -> Option<Try> {
        let oldest = if self.tries.len() < TRIES_KEPT { None } else { Some(self.tries.remove(0)) };
        self.forgot_live |= oldest.is_some_and(|it| it.fate != TryFate::Dead);
        self.tries.push(Try { counter, message, fate: TryFate::Unknown });
        oldest
    }

    pub(super) fn set_fate(&mut self, counter: Counter, fate: TryFate) {
        if let Some(it) = self.tries.iter_mut().find(|it| it.counter == counter) {
            it.fate = fate;
        }
    }

    /// The card did not carry out any try up to this counter, and will not.
    pub(super) fn bury(&mut self, counter: Counter) {
        self.forgot_live = false;
        for it in self.tries.iter_mut().filter(|it| it.counter <= counter) {
            it.fate = TryFate::Dead;
        }
    }
}

impl Retry {
    /// Returns how long after try number `made` the next one is.
    pub(super) fn wait(&self, made: u8) -> Duration {
        let doublings = u32::from(made.saturating_sub(1)).min(32);
        let wait = self.first.times(1 << doublings).as_micros();
        // A wait of nothing would repeat without end.
        Duration::from_micros(wait.min(self.longest.as_micros()).max(1_000))
    }
}
