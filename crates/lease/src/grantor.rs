use crate::{Epoch, EpochError, Margin, Term};
use polysim_base::{Duration, Instant};
use serde::{Deserialize, Serialize};

/// What a grantor tells the edge.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Grant {
    /// The number of the lease.
    pub epoch: Epoch,
    /// The last stamp of the edge's own clock that the grantor had seen when it granted.
    pub asked: Instant,
    /// How long it holds from then on, before the edge's margin.
    pub ttl: Duration,
}

/// How a lease is taken back.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Revoke {
    /// What runs may end by itself until the limit, in the grantor's time; then at once.
    Graceful {
        /// The grantor's time at which it becomes [`AtOnce`](Self::AtOnce), in microseconds.
        limit_micros: u64,
    },
    /// Now.
    AtOnce,
}

/// Where the lease of a subject is, as far as its grantor can know.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum LeaseState<H> {
    /// Nobody can believe to hold it.
    Free,
    /// Held, and renewed in time so far.
    Held {
        /// By whom.
        holder: H,
        /// When it expires unless renewed.
        until: Instant,
        /// From when on nobody can believe to hold it.
        guard: Instant,
    },
    /// Being taken back; the holder has not confirmed yet.
    Revoking {
        /// From whom.
        holder: H,
        /// How.
        how: Revoke,
        /// When it expires.
        until: Instant,
        /// From when on nobody can believe to hold it.
        guard: Instant,
    },
    /// Expired without a word: the holder may believe to hold it until the guard has passed.
    InDoubt {
        /// Who.
        holder: H,
        /// From when on nobody can believe to hold it.
        guard: Instant,
    },
}

/// Why a grantor wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum LeaseTimer {
    /// It expires.
    Expiry,
    /// Graceful ends.
    GraceLimit,
    /// The guard passes.
    Guard,
}

/// What a passed deadline changed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Moved {
    /// The grace is over: revoke at once.
    GraceOver,
    /// Expired; the guard still runs.
    InDoubt,
    /// Nobody can hold it any more.
    Freed,
}

/// Why nothing was granted or renewed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GrantError {
    /// Somebody may hold it.
    #[error("it may be held until {guard}: revoke it and await the release, or wait until then")]
    MayBeHeld {
        /// From when on nobody can.
        guard: Instant,
    },
    /// There is no next epoch.
    #[error(transparent)]
    Epoch(#[from] EpochError),
    /// Not the current lease, or it is not held any more.
    #[error(transparent)]
    Stale(#[from] StaleEpoch),
    /// It is being taken back.
    #[error("it is being taken back: let go and confirm")]
    Revoked,
}

/// Something about a lease that is not the current one.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("epoch {given} is not the current lease {current}")]
pub struct StaleEpoch {
    /// As given.
    pub given: Epoch,
    /// The newest one.
    pub current: Epoch,
}

/// The lease of one subject, at the side that grants it.
///
/// # Contract
/// The owner makes a new state durable before it tells anybody about it. Time is handed in, and
/// [`pass`](Self::pass) is called at [`deadline`](Self::deadline).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Grantor<H> {
    epoch: Epoch,
    state: LeaseState<H>,
}

impl<H> Default for Grantor<H> {
    fn default() -> Self {
        Self { epoch: Epoch::NONE, state: LeaseState::Free }
    }
}

impl<H: Copy> Grantor<H> {
    /// A time to live without an end, for a holder whose loss the grantor is told of: then it lets the
    /// lease [run out](Self::run_out). The deadline of such a lease is [`Instant::MAX`].
    pub const UNENDING: Duration = Duration::from_micros(u64::MAX);

    /// Returns the lease as its records tell it: of the newest epoch, and held without an end if anybody
    /// may hold it.
    #[must_use]
    pub const fn restored(epoch: Epoch, holder: Option<H>) -> Self {
        let state = match holder {
            Some(holder) => LeaseState::Held { holder, until: Instant::MAX, guard: Instant::MAX },
            None => LeaseState::Free,
        };
        Self { epoch, state }
    }

    /// Returns the lease of a subject that was never granted.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the epoch of the newest lease.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Returns where the lease is.
    #[must_use]
    pub const fn state(&self) -> LeaseState<H> {
        self.state
    }

    /// Returns whom the current lease was granted to, if anybody may believe to hold it.
    #[must_use]
    pub const fn holder(&self) -> Option<H> {
        match self.state {
            LeaseState::Free => None,
            LeaseState::Held { holder, .. }
            | LeaseState::Revoking { holder, .. }
            | LeaseState::InDoubt { holder, .. } => Some(holder),
        }
    }

    /// Grants a free subject for `ttl`.
    ///
    /// # Errors
    /// [`GrantError::MayBeHeld`] while somebody may hold it, [`GrantError::Epoch`] when this server
    /// may not grant any more.
    pub fn grant(
        &mut self,
        now: Instant,
        holder: H,
        term: Term,
        ttl: Duration,
        margin: Margin,
    ) -> Result<Epoch, GrantError> {
        if let LeaseState::Held { guard, .. }
        | LeaseState::Revoking { guard, .. }
        | LeaseState::InDoubt { guard, .. } = self.state
        {
            return Err(GrantError::MayBeHeld { guard });
        }
        self.epoch = self.epoch.next(term)?;
        let (until, guard) = (now.plus(ttl), now.plus(margin.guard(ttl)));
        self.state = LeaseState::Held { holder, until, guard };
        Ok(self.epoch)
    }

    /// Extends the current lease, if it has not expired and is not being taken back at once. A
    /// lease that is taken back gracefully is extended, so that what runs can end.
    ///
    /// # Errors
    /// [`GrantError::Stale`] or [`GrantError::Revoked`].
    pub fn renew(
        &mut self,
        now: Instant,
        epoch: Epoch,
        ttl: Duration,
        margin: Margin,
    ) -> Result<(), GrantError> {
        self.current(epoch)?;
        let fresh = (now.plus(ttl), now.plus(margin.guard(ttl)));
        match &mut self.state {
            LeaseState::Revoking { how: Revoke::AtOnce, .. } => Err(GrantError::Revoked),
            LeaseState::Held { until, guard, .. }
            | LeaseState::Revoking { how: Revoke::Graceful { .. }, until, guard, .. }
                if now < *until =>
            {
                (*until, *guard) = ((*until).max(fresh.0), (*guard).max(fresh.1));
                Ok(())
            }
            LeaseState::Free
            | LeaseState::Held { .. }
            | LeaseState::Revoking { .. }
            | LeaseState::InDoubt { .. } => {
                Err(StaleEpoch { given: epoch, current: self.epoch }.into())
            }
        }
    }

    /// Counts the lease anew from now on: another grantor has taken over, and its clock may show
    /// anything else. Whoever may hold the subject may do so for a whole time to live from now;
    /// what may end gracefully may do so until `limit`.
    pub fn taken_over(&mut self, now: Instant, ttl: Duration, margin: Margin, limit: Instant) {
        let fresh = (now.plus(ttl), now.plus(margin.guard(ttl)));
        match &mut self.state {
            LeaseState::Free => {}
            LeaseState::InDoubt { guard, .. } => *guard = fresh.1,
            LeaseState::Held { until, guard, .. } => (*until, *guard) = fresh,
            LeaseState::Revoking { how, until, guard, .. } => {
                (*until, *guard) = fresh;
                if let Revoke::Graceful { limit_micros } = how {
                    *limit_micros = limit.as_micros();
                }
            }
        }
    }

    /// Gives a lease without an end one: the holder was lost, and may believe to hold it for `ttl` from
    /// now. One that has an end keeps it.
    pub fn run_out(&mut self, now: Instant, ttl: Duration, margin: Margin) {
        match &mut self.state {
            LeaseState::Held { until, guard, .. } | LeaseState::Revoking { until, guard, .. } => {
                if *until == Instant::MAX {
                    (*until, *guard) = (now.plus(ttl), now.plus(margin.guard(ttl)));
                }
            }
            LeaseState::Free | LeaseState::InDoubt { .. } => {}
        }
    }

    /// Returns what to tell the edge now, given its last stamp; as often as wanted, for it tells
    /// of the time that is left. `None` for a lease that does not hold.
    #[must_use]
    pub const fn told(&self, now: Instant, asked: Instant) -> Option<Grant> {
        match self.state {
            LeaseState::Held { until, .. }
            | LeaseState::Revoking { how: Revoke::Graceful { .. }, until, .. } => {
                Some(Grant { epoch: self.epoch, asked, ttl: until.since(now) })
            }
            LeaseState::Free | LeaseState::Revoking { .. } | LeaseState::InDoubt { .. } => None,
        }
    }

    /// Takes the lease back; a second call can only hasten it. Returns whether that changed
    /// anything.
    pub fn revoke(&mut self, how: Revoke) -> bool {
        match &mut self.state {
            LeaseState::Held { holder, until, guard } => {
                let (holder, until, guard) = (*holder, *until, *guard);
                self.state = LeaseState::Revoking { holder, how, until, guard };
                true
            }
            LeaseState::Revoking { how: old, .. } => {
                let hastens = match (*old, how) {
                    (Revoke::AtOnce, _) => false,
                    (Revoke::Graceful { .. }, Revoke::AtOnce) => true,
                    (
                        Revoke::Graceful { limit_micros: old },
                        Revoke::Graceful { limit_micros: new },
                    ) => new < old,
                };
                if hastens {
                    *old = how;
                }
                hastens
            }
            LeaseState::Free | LeaseState::InDoubt { .. } => false,
        }
    }

    /// Takes note that the edge has let go: the only way to a free subject before the guard.
    ///
    /// # Errors
    /// [`StaleEpoch`] for another lease than the current one, or one that has ended.
    pub fn released(&mut self, epoch: Epoch) -> Result<(), StaleEpoch> {
        self.current(epoch)?;
        self.state = LeaseState::Free;
        Ok(())
    }

    /// Returns the next deadline and its reason.
    #[must_use]
    pub fn deadline(&self) -> Option<(Instant, LeaseTimer)> {
        match self.state {
            LeaseState::Free => None,
            LeaseState::Held { until, .. }
            | LeaseState::Revoking { how: Revoke::AtOnce, until, .. } => {
                Some((until, LeaseTimer::Expiry))
            }
            LeaseState::Revoking { how: Revoke::Graceful { limit_micros }, until, .. } => {
                let limit = Instant::from_micros(limit_micros);
                if limit < until {
                    Some((limit, LeaseTimer::GraceLimit))
                } else {
                    Some((until, LeaseTimer::Expiry))
                }
            }
            LeaseState::InDoubt { guard, .. } => Some((guard, LeaseTimer::Guard)),
        }
    }

    /// Serves the deadline, if it has come; at most one step, so call it until it returns `None`.
    pub fn pass(&mut self, now: Instant) -> Option<Moved> {
        let (at, timer) = self.deadline()?;
        if now < at {
            return None;
        }
        match (timer, self.state) {
            (LeaseTimer::GraceLimit, LeaseState::Revoking { holder, until, guard, .. }) => {
                self.state = LeaseState::Revoking { holder, how: Revoke::AtOnce, until, guard };
                Some(Moved::GraceOver)
            }
            (
                LeaseTimer::Expiry,
                LeaseState::Held { holder, guard, .. } | LeaseState::Revoking { holder, guard, .. },
            ) => {
                self.state = LeaseState::InDoubt { holder, guard };
                Some(Moved::InDoubt)
            }
            (LeaseTimer::Guard, LeaseState::InDoubt { .. }) => {
                self.state = LeaseState::Free;
                Some(Moved::Freed)
            }
            (LeaseTimer::Expiry | LeaseTimer::GraceLimit | LeaseTimer::Guard, _) => None,
        }
    }

    fn current(&self, epoch: Epoch) -> Result<(), StaleEpoch> {
        if epoch == self.epoch && !matches!(self.state, LeaseState::Free) {
            Ok(())
        } else {
            Err(StaleEpoch { given: epoch, current: self.epoch })
        }
    }
}
