//! What reaches the exchange. Who sent it is filled in by the link, which authenticates it.

use super::report::SiteReport;
use super::text;
use super::user::UserRequest;
use crate::{GroupId, Permissions, PlanId, Prefix, SiteId, SlotId, UserId};
use alloc::vec::Vec;
use polysim_base::{Iccid, Plmn};
use polysim_lease::Term;
use serde::{Deserialize, Serialize};

/// Everything that reaches the exchange.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Input {
    /// This server leads from now on, in that term; it has written the term into the log.
    Lead(Term),
    /// From the operator of the fleet.
    Operator(OperatorInput),
    /// From a site.
    Site(SiteId, SiteReport),
    /// From a terminal of a user.
    User(UserId, UserRequest),
}

/// What the operator of the fleet says.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum OperatorInput {
    /// Puts a SIM into a group and says its tariff.
    Enrol {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// Its group.
        group: GroupId,
        /// Its tariff.
        plan: PlanId,
    },
    /// Says what a user may do with a SIM, in place of what was said before.
    Permit {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// Whom it is about.
        user: UserId,
        /// What is allowed.
        set: Permissions,
    },
    /// Says how much may be done with a SIM in a day, in place of what was said before.
    Cap {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// How much.
        caps: Caps,
    },
    /// Describes a tariff.
    Plan(PlanReport),
    /// Says whose numbers begin so.
    Range {
        /// The first digits.
        prefix: Prefix,
        /// Whose numbers those are.
        #[serde(with = "text")]
        operator: Plmn,
    },
    /// Says which of the cards with one ICCID is the real one. The others do not count from then
    /// on, each until it was taken out of its slot.
    Resolve {
        /// The ICCID that two cards claim.
        #[serde(with = "text")]
        iccid: Iccid,
        /// Where the real one is.
        slot: SlotId,
    },
    /// Says that a SIM that was blocked may be used again.
    Unblock(#[serde(with = "text")] Iccid),
}

/// How much may be done with a SIM within 24 hours.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Caps {
    /// Parts of texts.
    pub texts: u32,
    /// Calls.
    pub calls: u32,
}

/// A tariff.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct PlanReport {
    /// What it is called.
    pub plan: PlanId,
    /// Whose it is.
    #[serde(with = "text")]
    pub operator: Plmn,
    /// Prices by destination, in millionths; the longest prefix counts.
    pub rates: Vec<(Prefix, u64)>,
}
