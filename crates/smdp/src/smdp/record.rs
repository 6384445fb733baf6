//! What an SM-DP+ writes down before it says anything.

use alloc::string::String;
use alloc::vec::Vec;

use core::fmt;

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

/// What an operator has confirmed.
#[derive(Clone, Eq, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// The eUICC.
    pub eid: Option<Eid>,
    /// The matching identifier; `None` where the device is known by its EID alone.
    pub matching_id: Option<String>,
    /// The digest of the confirmation code.
    pub code: Option<[u8; 32]>,
    /// The SM-DS that is told.
    pub smds: Option<String>,
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms")
            .field("eid", &self.eid)
            .field("smds", &self.smds)
            .finish_non_exhaustive()
    }
}

/// What an eUICC has done with a profile that it has.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum Managed {
    /// It was enabled.
    Enabled,
    /// It was disabled.
    Disabled,
    /// It was deleted.
    Deleted,
}

/// A change of what an SM-DP+ knows, and when it was.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct SmdpRecord {
    /// When.
    pub at: Instant,
    /// What.
    pub change: Change,
}

/// A change of what an SM-DP+ knows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Change {
    /// A profile is ordered.
    Ordered {
        /// Who has called, and which call it was.
        call: (String, String),
        /// Its type.
        profile_type: String,
        /// What it is made with. It is drawn once, and is here from then on.
        personal: Personal,
        /// The eUICC that it is for.
        eid: Option<Eid>,
    },
    /// An order is confirmed.
    Confirmed {
        /// The profile.
        iccid: Iccid,
        /// To which terms.
        terms: Terms,
        /// It may be downloaded at once.
        release: bool,
    },
    /// The operator has the subscription.
    Provisioned {
        /// Of which profile.
        iccid: Iccid,
    },
    /// The profile may be downloaded.
    Released {
        /// Which.
        iccid: Iccid,
    },
    /// The operator has taken an order back.
    Withdrawn {
        /// The profile.
        iccid: Iccid,
        /// It may be ordered again.
        available: bool,
    },
    /// A confirmation code was wrong.
    CodeRefused {
        /// The profile.
        iccid: Iccid,
        /// The eUICC.
        eid: Eid,
    },
    /// A package was bound to an eUICC, and may be handed out.
    Bound {
        /// The profile.
        iccid: Iccid,
        /// To what.
        bound: Bound,
    },
    /// An order came to nothing.
    Terminated {
        /// The profile.
        iccid: Iccid,
        /// The eUICC at which, if it was at one.
        eid: Option<Eid>,
        /// Why.
        why: Terminated,
    },
    /// An eUICC has said what became of an installation.
    Reported {
        /// The profile.
        iccid: Iccid,
        /// The session.
        transaction: [u8; 16],
        /// Why not, if not (`ErrorReason`).
        error: Option<i64>,
        /// Its word, as DER.
        data: Vec<u8>,
    },
    /// An eUICC has said what became of a profile that it has.
    Managed {
        /// The profile.
        iccid: Iccid,
        /// The number of its notification.
        seq: u64,
        /// What.
        what: Managed,
    },
    /// Something that was told is taken.
    Taken {
        /// What.
        id: OutboxId,
        /// The codes of the refusal, where it was refused.
        refused: Option<(String, String)>,
    },
}
