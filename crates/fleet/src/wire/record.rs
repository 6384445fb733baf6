//! What the exchange records. The state is the fold over these.

use super::{
    Caps, CardReport, DropReason, Kept, ModemReport, Parameters, PlanReport, Why, instant, text,
};
use crate::{GroupId, ModemId, Permissions, PlanId, Prefix, RequestId, SiteId, SlotId, UserId};
use alloc::{boxed::Box, vec::Vec};
use polysim_base::{Iccid, Instant, Plmn};
use polysim_lease::{Epoch, Revoke, Term};
use serde::{Deserialize, Serialize};

/// One change, when it was, and who caused it: an entry of the log of state and of audit.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Record {
    /// By the clock of the server that leads.
    #[serde(with = "instant")]
    pub at: Instant,
    /// Who.
    pub cause: Cause,
    /// What.
    pub change: Change,
}

/// Who caused a change.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Cause {
    /// A request of a user.
    User(UserId, RequestId),
    /// The operator of the fleet.
    Operator,
    /// What a site reported.
    Site(SiteId),
    /// A deadline.
    Time,
}

/// What changed.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Change {
    /// This server leads.
    Lead(Term),
    /// What there is.
    Inventory(InventoryChange),
    /// What shall be where.
    Configure(ConfigureChange),
    /// Who holds what.
    Lease(LeaseChange),
    /// A SIM was picked for a use.
    Used(#[serde(with = "text")] Iccid),
    /// Somebody asked for what they may not: for the audit, nothing else.
    Denied,
    /// A site has told something that must not be lost.
    Kept(Box<Kept>),
    /// Texts of a SIM have waited long enough for the parts that they lack.
    Incomplete(#[serde(with = "text")] Iccid),
    /// The first hours that count to the budget of a SIM lie more than a day back.
    WindowMoved(#[serde(with = "text")] Iccid),
    /// A site said what it may not, or more than it may; that was ignored: for the audit.
    Misreported(Misreport),
}

/// What a site should not have said.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Misreport {
    /// Something of a lease that is neither of its cards nor of its modems, or never was.
    NotItsLease(#[serde(with = "text")] Iccid),
    /// Something of a modem of another site.
    NotItsModem(ModemId),
    /// More cards, modems or leases, or longer texts, than a site may tell of; how many were
    /// ignored.
    TooMuch(u32),
}

/// What there is.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum InventoryChange {
    /// A site is there.
    SiteUp {
        /// Which.
        site: SiteId,
        /// Its incarnation.
        incarnation: u32,
        /// The revision of its inventory.
        revision: u32,
        /// Its own clock.
        #[serde(with = "instant")]
        stamp: Instant,
    },
    /// A site is not heard of.
    SiteAway(SiteId),
    /// Too many modems of a site fail in a row: none is used until then.
    SiteSuspect(SiteId, #[serde(with = "instant")] Instant),
    /// The back-off of a site is over.
    SiteCleared(SiteId),
    /// A card is in a slot.
    CardSeen(CardReport),
    /// A card is gone from a slot.
    CardGone(SlotId),
    /// The subscription or card was refused for good.
    CardBlocked(#[serde(with = "text")] Iccid),
    /// It may be used again, says the operator.
    CardUnblocked(#[serde(with = "text")] Iccid),
    /// Which of several cards is the real one; the others are rejected until they are gone.
    Resolved(#[serde(with = "text")] Iccid, SlotId),
    /// A modem is there.
    ModemSeen(ModemReport),
    /// A modem is gone.
    ModemGone(ModemId),
    /// A modem failed and rests until then.
    ModemRests(ModemId, #[serde(with = "instant")] Instant),
    /// The rest of a modem is over.
    ModemRested(ModemId),
}

/// What shall be where.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum ConfigureChange {
    /// A request waits, for its SIM or a modem.
    Asked {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// Whose request.
        user: UserId,
        /// Which one.
        request: RequestId,
        /// Where to, and how.
        parameters: Parameters,
        /// Why it waits at first.
        why: Why,
    },
    /// It waits for something else now.
    Waits {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// For what.
        why: Why,
    },
    /// It waits for the modem of that one.
    Claims {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// Whose modem is wanted.
        modem: ModemId,
        /// Why.
        why: Why,
    },
    /// The modem that it waited for cannot be had.
    Unclaimed(#[serde(with = "text")] Iccid),
    /// The request is over.
    Dropped {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// Why.
        reason: DropReason,
    },
    /// Group and tariff.
    Enrolled(#[serde(with = "text")] Iccid, GroupId, PlanId),
    /// What a user may do.
    Permitted(#[serde(with = "text")] Iccid, UserId, Permissions),
    /// How much may be done with it in a day.
    Capped(#[serde(with = "text")] Iccid, Caps),
    /// A tariff.
    Plan(PlanReport),
    /// A range of numbers.
    Range(Prefix, #[serde(with = "text")] Plmn),
}

/// Who holds what.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum LeaseChange {
    /// The waiting request of the SIM has got a modem.
    Granted {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// Which modem.
        modem: ModemId,
        /// The epoch, which the fold must reach by itself.
        epoch: Epoch,
        /// Why that one.
        why: Why,
    },
    /// A request has got a modem without waiting: asked and granted in one.
    GrantedAtOnce {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// Whose request.
        user: UserId,
        /// Which one.
        request: RequestId,
        /// Where to, and how.
        parameters: Parameters,
        /// Which modem.
        modem: ModemId,
        /// The epoch, which the fold must reach by itself.
        epoch: Epoch,
        /// Why that one.
        why: Why,
    },
    /// A site was heard of, and these leases go on.
    Renewed {
        /// Which site.
        site: SiteId,
        /// Its own clock.
        #[serde(with = "instant")]
        stamp: Instant,
        /// Which SIMs.
        #[serde(with = "iccids")]
        sims: Vec<Iccid>,
    },
    /// It is on standby.
    Attached(#[serde(with = "text")] Iccid),
    /// Something runs with it, by the report of its site with this number.
    ServiceBegan(#[serde(with = "text")] Iccid, u32),
    /// Nothing runs any more, by the report of its site with this number.
    ServiceEnded(#[serde(with = "text")] Iccid, u32),
    /// It is taken back.
    Revoked {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// How.
        how: Revoke,
        /// Why.
        reason: EndReason,
    },
    /// A deadline of it has passed: grace, expiry or guard.
    Passed(#[serde(with = "text")] Iccid),
    /// The edge has let go.
    Released(#[serde(with = "text")] Iccid),
    /// The edge was started anew: nobody holds it, but its network may not know that yet.
    Lost(#[serde(with = "text")] Iccid),
    /// Its network has forgotten it by now: it may be used again.
    Rested(#[serde(with = "text")] Iccid),
    /// Its turn on the modem is over: it gives way when one waits for a turn.
    TurnOver(#[serde(with = "text")] Iccid),
}

/// Why a lease ends.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum EndReason {
    /// The site where the card is let it go.
    LetGo,
    /// It was not renewed.
    Expired,
    /// A configuration request wants it elsewhere.
    Reconfigured,
    /// It was released by request.
    Released,
    /// Its time was over.
    Duration,
    /// A SIM of this priority took its modem.
    Evicted(u8),
    /// Its turn was over and another one waited for it.
    TurnOver,
    /// The card was taken out.
    CardRemoved,
    /// Another card with its ICCID is there.
    Duplicate,
    /// A site that held it was started anew.
    SiteRestarted,
    /// It did not get to standby.
    AttachFailed,
    /// Its modem is gone or has failed.
    ModemLost,
}

impl EndReason {
    /// Returns whether the request waits again: it had to give way and is not over.
    pub(crate) const fn waits_again(self) -> bool {
        matches!(self, Self::Evicted(_) | Self::TurnOver)
    }

    /// Returns whether this is the reason where there was one before: the first one counts, but
    /// for those after which the request would wait again.
    pub(crate) fn prevails(self, before: Option<Self>) -> bool {
        before.is_none_or(|before| before.waits_again() && !self.waits_again())
    }
}

impl LeaseChange {
    /// Returns the SIM that may not be reached any more after it.
    pub(crate) const fn ends_standby_of(&self) -> Option<Iccid> {
        match self {
            Self::Revoked { iccid, .. }
            | Self::Passed(iccid)
            | Self::Released(iccid)
            | Self::Lost(iccid) => Some(*iccid),
            Self::Granted { .. }
            | Self::GrantedAtOnce { .. }
            | Self::Renewed { .. }
            | Self::Attached(_)
            | Self::ServiceBegan(..)
            | Self::ServiceEnded(..)
            | Self::Rested(_)
            | Self::TurnOver(_) => None,
        }
    }
}

mod iccids {
    use alloc::{string::String, vec::Vec};
    use polysim_base::Iccid;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error};

    #[expect(clippy::ptr_arg, reason = "serde hands in the field as it is")]
    pub(super) fn serialize<S: Serializer>(all: &Vec<Iccid>, to: S) -> Result<S::Ok, S::Error> {
        use alloc::string::ToString as _;
        to.collect_seq(all.iter().map(|iccid| iccid.to_string()))
    }

    pub(super) fn deserialize<'de, D>(from: D) -> Result<Vec<Iccid>, D::Error>
    where
        D: Deserializer<'de>,
    {
        let all = Vec::<String>::deserialize(from)?;
        all.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
    }
}
