//! What an SM-DP+ writes down before it says anything.

use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::{Eid, Iccid, Instant};
use serde::{Deserialize, Serialize};

use super::OutboxId;
use crate::Personal;

/// How far a profile is (SGP.22, 3.1.6).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum ProfileState {
    /// It may be ordered.
    Available,
    /// It is ordered, for no eUICC in particular.
    Allocated,
    /// It is ordered for one eUICC.
    Linked,
    /// The order is confirmed.
    Confirmed,
    /// It may be downloaded.
    Released,
    /// The package was handed out, and the eUICC has not said yet what became of it.
    Downloaded,
    /// The eUICC has it.
    Installed,
    /// The order came to nothing.
    Error(Terminated),
    /// It is not given out any more.
    Unavailable,
}

/// Why an order came to nothing.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum Terminated {
    /// It was not downloaded in time.
    Expired,
    /// It was tried too often.
    TooManyAttempts,
    /// Confirmation codes were wrong too often.
    TooManyCodes,
    /// The device gave it up for this reason (`CancelSessionReason`).
    Cancelled(i64),
    /// The eUICC could not install it for this reason (`ErrorReason`).
    NotInstalled(i64),
}

/// A package was bound to an eUICC.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// Names the session.
    pub transaction: [u8; 16],
    /// The eUICC.
    pub eid: Eid,
    /// Its key, with which its word on the installation is checked: an uncompressed point.
    pub euicc_key: Vec<u8>,
    /// Its one-time key: an uncompressed point.
    pub euicc_otpk: Vec<u8>,
}

/// A change of what an SM-DP+ knows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SmdpRecord {
    /// A profile is ordered.
    Ordered {
        /// When.
        at: Instant,
        /// Who has called, and which call it was.
        call: (String, String),
        /// Its type.
        profile_type: String,
        /// What it is made with. It is drawn once, and is here from then on.
        personal: Personal,
        /// The eUICC that it is for.
        eid: Option<Eid>,
    },
    /// Something that was told is taken.
    Taken {
        /// What.
        id: OutboxId,
    },
    /// A package was bound to an eUICC, and may be handed out.
    Bound {
        /// When.
        at: Instant,
        /// The profile.
        iccid: Iccid,
        /// To what.
        bound: Bound,
    },
}
