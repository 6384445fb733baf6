//! Leases, as sites and the exchange speak of them.

use super::text;
use polysim_base::Iccid;
use polysim_lease::Epoch;
use serde::{Deserialize, Serialize};

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
