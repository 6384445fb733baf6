use super::{
    EndReason, KindWanted, MailPage, ModemOrder, SimView, duration, instant, optional_text, text,
};
use crate::{ModemId, PlanId, PoolId, SimState};
use alloc::{string::String, vec::Vec};
use polysim_base::{Duration, Iccid, Instant, Plmn};
use polysim_lease::{Epoch, Revoke};
use serde::{Deserialize, Serialize};

/// What a user is told.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Answer {
    /// The SIM has that modem now.
    Assigned(Placement, Why),
    /// It is so already, or already asked for.
    Unchanged(Why),
    /// The request waits.
    Waiting(Why),
    /// Nothing was changed.
    Refused(Refusal),
    /// The request that waited is over.
    Dropped(DropReason),
    /// The SIM has no modem any more, and that was what the request was about.
    Ended(EndReason),
    /// This modem serves the SIM; ask it.
    At(Placement, SimWhy),
    /// What the terminal believed is over; this modem serves the SIM.
    Moved(Placement),
    /// How it is, and the last decision about it.
    Explained(SimState, Why),
    /// The SIMs of the user, in the order of their ICCIDs; the first 10,000 of them.
    Sims(Vec<SimView>),
    /// What has come.
    Mail(MailPage),
}

/// Where a SIM is.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Placement {
    /// Which SIM.
    #[serde(with = "text")]
    pub iccid: Iccid,
    /// On which modem.
    pub modem: ModemId,
    /// Where terminals reach that.
    pub address: String,
    /// By which lease: the modem refuses another one.
    pub epoch: Epoch,
}

/// The last decision about a SIM, with the numbers that decided.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Why {
    /// Nobody has asked for anything.
    #[default]
    NeverAsked,
    /// It has the modem that was asked for.
    Fixed(ModemId),
    /// It has the first of the free ones.
    First {
        /// In which order.
        order: ModemOrder,
        /// Since when that modem had been free.
        #[serde(with = "instant")]
        free_since: Instant,
        /// How many SIMs were on modems of the pool at its site.
        site_load: u32,
    },
    /// It waits until it is taken back from where it is.
    Reclaiming {
        /// From which lease.
        epoch: Epoch,
        /// How.
        how: Revoke,
    },
    /// It waits until nothing runs with it.
    InService {
        /// On which lease.
        epoch: Epoch,
    },
    /// It was not heard of; nobody may have it before then.
    InDoubt {
        /// When the guard has passed.
        #[serde(with = "instant")]
        guard: Instant,
    },
    /// Its last lease did not end in an orderly way: it rests until its network has forgotten it.
    Quarantine {
        /// Until when.
        #[serde(with = "instant")]
        until: Instant,
    },
    /// It had a modem, had to give it up, and waits again.
    GaveWay {
        /// To which SIM.
        #[serde(with = "optional_text")]
        to: Option<Iccid>,
        /// Why.
        reason: EndReason,
    },
    /// It takes the modem of a SIM whose turn is over.
    TakesTurn {
        /// Whose modem.
        #[serde(with = "text")]
        from: Iccid,
        /// When that one's turn was over.
        #[serde(with = "instant")]
        over: Instant,
    },
    /// No modem is free.
    Queued {
        /// How many requests wait in all.
        waiting: u32,
        /// The turn of this one: smaller turns go first.
        turn: u64,
    },
    /// It takes the modem of a SIM of lower priority on standby.
    Evicting {
        /// Whose modem.
        #[serde(with = "text")]
        victim: Iccid,
        /// That one's priority.
        theirs: u8,
        /// This one's priority.
        ours: u8,
    },
    /// Its lease has ended.
    Ended(EndReason),
    /// Its request is over.
    Dropped(DropReason),
}

/// Why this SIM was picked for a use.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum SimWhy {
    /// It was asked for.
    Fixed,
    /// It was not used longest.
    LeastRecentlyUsed(#[serde(with = "instant")] Instant),
    /// Its tariff is cheapest for the destination.
    Cheapest {
        /// Which tariff.
        plan: PlanId,
        /// What it takes, in millionths.
        price: u64,
    },
    /// It is of the callee's operator.
    SameOperator(#[serde(with = "text")] Plmn),
}

/// Why nothing was changed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, thiserror::Error)]
pub enum Refusal {
    /// Also said of SIMs that there are not.
    #[error("you may not do that with this SIM, or there is none: ask the operator of the fleet")]
    NotPermitted,
    /// No server of a term.
    #[error("this server does not lead: ask the one that does")]
    NotLeading,
    /// The SIM is in no state for it.
    #[error("the SIM is {0:?}: wait, or put it right")]
    State(SimState),
    /// There is no such modem.
    #[error("there is no modem {0}")]
    NoSuchModem(ModemId),
    /// A built-in modem of another site, or one with a card of its own.
    #[error("modem {0} does not reach the card: it serves only those of its own site, or its own")]
    OutOfReach(ModemId),
    /// The pool has no modem that could ever serve it.
    #[error("pool {} has no modem of kind {kind:?} that reaches this SIM", pool.0)]
    NoneInPool {
        /// Which pool.
        pool: PoolId,
        /// What was wanted.
        kind: KindWanted,
    },
    /// Too many wait.
    #[error("{0} requests wait already: ask later")]
    QueueFull(u32),
    /// No SIM of the group is on standby and yours to use so.
    #[error("no SIM of the group is on standby and yours to use so: configure one")]
    NoSimSuits,
    /// A limit of a request.
    #[error("a request may wait for {} at most", .0)]
    WaitTooLong(#[serde(with = "duration")] Duration),
}

/// Why a request that waited is over.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum DropReason {
    /// It has waited as long as it would.
    Deadline,
    /// Another request for this SIM came.
    Superseded,
    /// The SIM was released.
    Released,
    /// Its card is gone, doubled or blocked.
    Card,
}
