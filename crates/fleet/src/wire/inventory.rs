//! What there is at a site.

use super::{optional_text, text};
use crate::{ModemId, PoolId, SlotId};
use alloc::string::String;
use polysim_base::{Iccid, Imei, Imsi, Msisdn};
use serde::{Deserialize, Serialize};

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
