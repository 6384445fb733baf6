//! What reaches the exchange. Who sent it is filled in by the link, which authenticates it.

use super::report::SiteReport;
use super::user::UserRequest;
use super::{duration, optional_duration, optional_text, text};
use crate::{GroupId, ModemId, Permissions, PlanId, PoolId, Prefix, SiteId, SlotId, UserId};
use alloc::{string::String, vec::Vec};
use polysim_base::{Duration, Iccid, Imei, Imsi, Msisdn, Plmn};
use polysim_lease::{Epoch, Term};
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

/// A card in a slot.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct CardReport {
    /// Where it is.
    pub slot: SlotId,
    /// What it is called.
    #[serde(with = "text")]
    pub iccid: Iccid,
    /// Its subscription, where it could be read.
    #[serde(with = "optional_text")]
    pub imsi: Option<Imsi>,
    /// Its number, where it is on the card.
    #[serde(with = "optional_text")]
    pub msisdn: Option<Msisdn>,
}

/// A modem of a site.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct ModemReport {
    /// What it is called.
    pub modem: ModemId,
    /// Its equipment identity.
    #[serde(with = "text")]
    pub imei: Imei,
    /// Which cards it reaches.
    pub kind: Kind,
    /// The pool it belongs to.
    pub pool: PoolId,
    /// Where terminals reach it.
    pub address: String,
}

/// Which cards a modem reaches.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Kind {
    /// Those in the banks of its own site.
    BuiltIn,
    /// All, by remote card.
    Cloud,
    /// The one in this slot of its own site, which is its own.
    OwnCard {
        /// Which bank.
        bank: u16,
        /// Which slot of it.
        slot: u16,
    },
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

/// Where a SIM shall be, and how it gets there.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Parameters {
    /// On which modem.
    pub modem: ModemWanted,
    /// Evicts lower ones that are on standby; 255 is the highest.
    pub priority: u8,
    /// Whether it may evict at all. One that does takes the modem of another and waits no turn, so
    /// give this to those only who shall come first.
    pub evict: bool,
    /// For how long; `None` until it is released.
    #[serde(with = "optional_duration")]
    pub duration: Option<Duration>,
    /// How it is taken from the modem where it is.
    pub reclaim: Reclaim,
    /// How long the request may wait, for the SIM and for a modem together.
    #[serde(with = "duration")]
    pub wait: Duration,
    /// For SIMs that need a modem now and then only: each stays for so long, and then gives way to
    /// whoever waits first for such a modem, and waits anew.
    #[serde(default, with = "optional_duration")]
    pub turns: Option<Duration>,
}

/// Which modem is wanted.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum ModemWanted {
    /// This one.
    Fixed(ModemId),
    /// One of a pool.
    Of {
        /// The pool.
        pool: PoolId,
        /// Which kinds will do.
        kind: KindWanted,
        /// Which of those that are free.
        order: ModemOrder,
    },
}

/// Which kinds of modem will do.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum KindWanted {
    /// One beside the bank, or with the card in it.
    BuiltIn,
    /// One that takes remote cards.
    Cloud,
    /// Either; one beside the bank if there is one.
    Any,
}

/// Which of several free modems is taken.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum ModemOrder {
    /// The one that has been free longest.
    LeastRecentlyUsed,
    /// One at the site with the fewest SIMs on modems of the pool.
    Spread,
}

/// How a SIM is taken from the modem where it is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Reclaim {
    /// When nothing runs with it.
    WhenConvenient,
    /// What runs may end, up to a limit; nothing new begins.
    Gracefully,
    /// At once.
    Now,
}

/// A lease that somebody speaks of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct LeaseClaim {
    /// Of which SIM.
    #[serde(with = "text")]
    pub iccid: Iccid,
    /// Which lease of it.
    pub epoch: Epoch,
}

/// Whose fault it is that a SIM did not get to standby.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Fault {
    /// The subscription's: causes 2, 3, 6 of TS 24.008, a blocked card.
    Sim,
    /// The modem's or its cell's.
    Modem,
}

/// Which SIM is wanted.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Target {
    /// This one.
    Sim(#[serde(with = "text")] Iccid),
    /// The best of a group, of those on standby.
    Best {
        /// Of which group.
        group: GroupId,
        /// What best means.
        order: SimOrder,
    },
}

/// Which SIM of a group is best.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum SimOrder {
    /// The one not used longest.
    LeastRecentlyUsed,
    /// The one whose tariff is cheapest for this destination.
    Cheapest(#[serde(with = "text")] Msisdn),
    /// One of the callee's own operator.
    SameOperator(#[serde(with = "text")] Msisdn),
}
