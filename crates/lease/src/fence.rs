use crate::{Epoch, Grant, Margin};
use polysim_base::Instant;

/// The lease of one subject, at the edge where it is used.
///
/// It has seen a highest epoch and refuses every older one, for good. Between two times of being
/// open the subject is reset, so that nothing selected or verified by one holder is there for the
/// next one.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Fence {
    highest: Epoch,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
enum State {
    /// The highest epoch has run out here, or there is none; a renewal may open it again.
    #[default]
    Expired,
    /// The highest epoch was let go: nothing opens it again, a belated grant least of all.
    Closed,
    ResetDue {
        until: Instant,
    },
    Open {
        until: Instant,
    },
}

/// What a grant did to the fence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Admission {
    /// The open lease goes on.
    Renewed,
    /// Reset the subject, say so with [`Fence::reset_done`], then it is open.
    ResetFirst,
}

/// Why the fence refuses.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FenceError {
    /// A newer lease was seen.
    #[error("epoch {given} is older than {highest}: ask who holds it now")]
    Older {
        /// As given.
        given: Epoch,
        /// The highest seen.
        highest: Epoch,
    },
    /// A lease that the fence was never told of.
    #[error("epoch {given} is not granted here: wait for the grant")]
    Unknown {
        /// As given.
        given: Epoch,
    },
    /// The lease has ended or expired here.
    #[error("the lease of epoch {given} has ended here: ask for a new one")]
    Ended {
        /// As given.
        given: Epoch,
    },
    /// Nobody has reset the subject yet.
    #[error("reset before the first use of epoch {given}")]
    ResetDue {
        /// As given.
        given: Epoch,
    },
    /// The grant was too long on its way.
    #[error("the grant of epoch {given} had expired when it came: ask again")]
    Late {
        /// As given.
        given: Epoch,
    },
}

impl Fence {
    /// Returns the fence of a subject that was never granted.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a closed fence that refuses everything older than `highest`, as after a restart.
    #[must_use]
    pub const fn closed(highest: Epoch) -> Self {
        Self { highest, state: State::Closed }
    }

    /// Returns the highest epoch seen.
    #[must_use]
    pub const fn highest(&self) -> Epoch {
        self.highest
    }

    /// Takes a grant; its time counts from [`Grant::asked`] by this edge's own clock. A newer one
    /// ends the older one at once.
    ///
    /// # Errors
    /// [`FenceError::Older`], [`FenceError::Ended`] for one that was closed here, or
    /// [`FenceError::Late`] for one that has no time left; a late one of a newer epoch still closes
    /// the fence to the older.
    pub fn accept(
        &mut self,
        now: Instant,
        grant: Grant,
        margin: Margin,
    ) -> Result<Admission, FenceError> {
        let given = grant.epoch;
        if given < self.highest {
            return Err(FenceError::Older { given, highest: self.highest });
        }
        self.expire(now);
        let fresh = grant.asked.plus(margin.hold(grant.ttl));
        let same = given == self.highest;
        match &mut self.state {
            State::Open { until } if same => {
                *until = fresh.max(*until);
                return Ok(Admission::Renewed);
            }
            State::ResetDue { until } if same => {
                *until = fresh.max(*until);
                return Ok(Admission::ResetFirst);
            }
            State::Closed if same => return Err(FenceError::Ended { given }),
            State::Closed | State::Expired | State::Open { .. } | State::ResetDue { .. } => {}
        }
        self.highest = given;
        if fresh <= now {
            self.state = State::Expired;
            return Err(FenceError::Late { given });
        }
        self.state = State::ResetDue { until: fresh };
        Ok(Admission::ResetFirst)
    }

    /// Takes note that the subject was reset for the lease of `epoch`.
    ///
    /// # Errors
    /// [`FenceError`] when that is not the lease that waits for a reset.
    pub fn reset_done(&mut self, epoch: Epoch) -> Result<(), FenceError> {
        self.known(epoch)?;
        match self.state {
            State::ResetDue { until } => {
                self.state = State::Open { until };
                Ok(())
            }
            State::Open { .. } => Ok(()),
            State::Closed | State::Expired => Err(FenceError::Ended { given: epoch }),
        }
    }

    /// Returns whether something of `epoch` may be done with the subject now.
    ///
    /// # Errors
    /// [`FenceError`] says why not.
    pub fn admit(&self, now: Instant, epoch: Epoch) -> Result<(), FenceError> {
        self.known(epoch)?;
        match self.state {
            State::Open { until } if now < until => Ok(()),
            State::ResetDue { until } if now < until => Err(FenceError::ResetDue { given: epoch }),
            State::Closed | State::Expired | State::Open { .. } | State::ResetDue { .. } => {
                Err(FenceError::Ended { given: epoch })
            }
        }
    }

    /// Ends the lease of `epoch` and all before it, for good. The edge falls silent first, and
    /// confirms to the grantor after.
    ///
    /// # Errors
    /// [`FenceError::Older`] when a newer lease was seen: that one is untouched.
    pub fn close(&mut self, epoch: Epoch) -> Result<(), FenceError> {
        if epoch < self.highest {
            return Err(FenceError::Older { given: epoch, highest: self.highest });
        }
        *self = Self::closed(epoch);
        Ok(())
    }

    /// Returns when the edge must have fallen silent, unless it hears of a renewal.
    #[must_use]
    pub const fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Closed | State::Expired => None,
            State::Open { until } | State::ResetDue { until } => Some(until),
        }
    }

    /// Closes the fence if its deadline has come; returns whether it did.
    pub fn expire(&mut self, now: Instant) -> bool {
        let due = self.deadline().is_some_and(|until| until <= now);
        if due {
            self.state = State::Expired;
        }
        due
    }

    const fn known(&self, epoch: Epoch) -> Result<(), FenceError> {
        if epoch.0 < self.highest.0 {
            Err(FenceError::Older { given: epoch, highest: self.highest })
        } else if epoch.0 > self.highest.0 {
            Err(FenceError::Unknown { given: epoch })
        } else {
            Ok(())
        }
    }
}
