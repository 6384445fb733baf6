use super::{ModemIx, Permits};
use crate::wire::{EndReason, Parameters, Why};
use crate::{GroupId, Permissions, PlanId, RequestId, SiteId, SlotId, UserId};
use alloc::boxed::Box;
use alloc::vec::Vec;
use polysim_base::{Duration, Iccid, Imsi, Instant, Msisdn};
use polysim_lease::{Grantor, LeaseState};
use serde::{Deserialize, Serialize};

/// How a SIM is, as a person wants to see it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum SimState {
    /// Its card is in no slot.
    NotPresent,
    /// Two cards claim its ICCID: neither is used until one is gone or named the real one.
    Duplicate,
    /// Card or subscription were refused for good.
    Blocked,
    /// The site where its card is, is not heard of; a lease that it has is kept until it expires.
    SiteAway,
    /// It has no modem and nobody wants one for it: not on standby.
    Idle,
    /// It has no modem and a request waits for one: not on standby.
    Waiting,
    /// It has a modem and registers.
    Attaching,
    /// It can be called.
    Standby,
    /// A call, text or USSD dialogue runs.
    InService,
    /// It is being taken back.
    Reclaiming,
    /// Its lease has expired without a word; nobody gets it before the guard has passed.
    InDoubt,
    /// Its last lease did not end in an orderly way, and its network may believe it attached:
    /// nobody gets it for a while.
    Quarantine,
}

impl SimState {
    /// All states, in the order of their numbers.
    pub const ALL: [Self; 12] = [
        Self::NotPresent,
        Self::Duplicate,
        Self::Blocked,
        Self::SiteAway,
        Self::Idle,
        Self::Waiting,
        Self::Attaching,
        Self::Standby,
        Self::InService,
        Self::Reclaiming,
        Self::InDoubt,
        Self::Quarantine,
    ];
}

/// There are very many, and each is asked for alone: where it begins decides how much memory that
/// touches.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[repr(align(64))]
pub(crate) struct Sim {
    pub(crate) iccid: Iccid,
    pub(crate) imsi: Option<Imsi>,
    pub(crate) msisdn: Option<Msisdn>,
    pub(crate) place: Place,
    pub(crate) blocked: bool,
    pub(crate) enrolment: Option<Enrolment>,
    pub(crate) permits: Permits,
    /// How often permissions or caps were changed.
    pub(crate) rights: u64,
    pub(crate) lease: Grantor<ModemIx>,
    pub(crate) held: Option<Box<Held>>,
    pub(crate) pending: Option<Box<Pending>>,
    pub(crate) last_used: Instant,
    pub(crate) uses: u32,
    pub(crate) why: Why,
    /// Since when it could not be called, if it cannot be now.
    pub(crate) off_since: Instant,
    /// In quarantine, and until when.
    pub(crate) rests_until: Option<Instant>,
    /// The sites on whose modems it ever was: those may have texts of it.
    pub(crate) served_at: Vec<SiteId>,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Place {
    Nowhere,
    In(SlotId),
    Several(Vec<SlotId>),
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Enrolment {
    pub(crate) group: GroupId,
    pub(crate) plan: PlanId,
}

/// What goes with a lease that anybody may believe to hold.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Held {
    pub(crate) user: UserId,
    pub(crate) request: RequestId,
    pub(crate) parameters: Parameters,
    pub(crate) slot: SlotId,
    pub(crate) since: Instant,
    pub(crate) phase: Phase,
    /// The number of the last report of its site that something runs, or nothing any more.
    pub(crate) service: u32,
    pub(crate) ends: Option<Instant>,
    pub(crate) ending: Option<EndReason>,
    /// How much longer its request would have waited.
    pub(crate) wait_left: Duration,
    pub(crate) turn: Turn,
}

/// A turn on a modem.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Turn {
    /// It takes none, or has not come to standby.
    None,
    /// It lasts until then.
    Until(Instant),
    /// It was over then.
    Over(Instant),
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Phase {
    Attaching,
    Standby,
    InService,
}

/// A request that waits for its SIM or a modem.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Pending {
    pub(crate) user: UserId,
    pub(crate) request: RequestId,
    pub(crate) parameters: Parameters,
    pub(crate) turn: u64,
    pub(crate) deadline: Instant,
    /// The modem that was taken from another SIM for this one.
    pub(crate) claim: Option<ModemIx>,
}

impl Sim {
    pub(crate) fn new(iccid: Iccid, at: Instant) -> Self {
        Self {
            iccid,
            imsi: None,
            msisdn: None,
            place: Place::Nowhere,
            blocked: false,
            enrolment: None,
            permits: Permits::default(),
            rights: 0,
            lease: Grantor::new(),
            held: None,
            pending: None,
            last_used: Instant::ZERO,
            uses: 0,
            why: Why::NeverAsked,
            off_since: at,
            rests_until: None,
            served_at: Vec::new(),
        }
    }

    pub(crate) fn permission(&self, user: UserId) -> Permissions {
        self.permits.of(user)
    }

    pub(crate) const fn slot(&self) -> Option<SlotId> {
        match &self.place {
            Place::In(slot) => Some(*slot),
            Place::Nowhere | Place::Several(_) => None,
        }
    }

    pub(crate) fn state(&self, online: impl Fn(SiteId) -> bool) -> SimState {
        let slot = match &self.place {
            Place::Nowhere => return SimState::NotPresent,
            Place::Several(_) => return SimState::Duplicate,
            Place::In(slot) => *slot,
        };
        if !online(slot.site) {
            return SimState::SiteAway;
        }
        match (self.lease.state(), &self.held) {
            (LeaseState::Free, _) if self.blocked => SimState::Blocked,
            (LeaseState::Free, _) if self.rests_until.is_some() => SimState::Quarantine,
            (LeaseState::Free, _) if self.pending.is_some() => SimState::Waiting,
            (LeaseState::Free, _) => SimState::Idle,
            (LeaseState::InDoubt { .. }, _) => SimState::InDoubt,
            (LeaseState::Revoking { .. }, _) => SimState::Reclaiming,
            (LeaseState::Held { .. }, Some(held)) => match held.phase {
                Phase::Attaching => SimState::Attaching,
                Phase::Standby => SimState::Standby,
                Phase::InService => SimState::InService,
            },
            (LeaseState::Held { .. }, None) => SimState::Attaching,
        }
    }

    /// Returns whether it can be called, as far as its lease goes.
    pub(crate) fn reachable(&self) -> bool {
        let held = self.held.as_ref().filter(|held| held.phase != Phase::Attaching);
        held.is_some() && matches!(self.lease.state(), LeaseState::Held { .. })
    }

    /// Returns whether a call, text or USSD dialogue runs, as far as is known.
    pub(crate) fn in_service(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.phase == Phase::InService)
    }
}
