//! Where a SIM shall be, and which SIM is wanted.

use super::{duration, optional_duration, text};
use crate::{GroupId, ModemId, PoolId};
use polysim_base::{Duration, Iccid, Msisdn};
use serde::{Deserialize, Serialize};

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
