//! What there is of a search for another operator.

use alloc::vec::Vec;

use polysim_base::{Iccid, Instant, Plmn};
use serde::{Deserialize, Serialize};

use super::Reason;
use crate::wire::{OperatorNumber, RequestNumber};

/// A search for another operator, or the way home: all of it survives a crash.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(super) struct Episode {
    pub(super) reason: Reason,
    /// The profile that was enabled when it began.
    pub(super) from: Iccid,
    /// The profile that is enabled again when another does not work.
    pub(super) back: Iccid,
    /// The request for a list.
    pub(super) request: Option<RequestNumber>,
    /// Those that are left, the one that is tried now first.
    pub(super) candidates: Vec<Candidate>,
    /// How many were enabled and did not work.
    pub(super) tried: u8,
    /// A download waits for a data connection.
    pub(super) postponed: bool,
    pub(super) phase: Phase,
}

/// An operator that may work.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub(super) struct Candidate {
    /// Which; none for a profile that was tried without the platform.
    pub(super) operator: Option<OperatorNumber>,
    /// Where its profile is good.
    pub(super) plmns: Vec<Plmn>,
    /// Its profile on the eUICC; where there is none, it is to be downloaded.
    pub(super) iccid: Option<Iccid>,
    /// A profile was deleted already to make room for it.
    pub(super) made_room: bool,
}

/// How far an episode is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub(super) enum Phase {
    /// It is found out what there is, and the platform is asked.
    Gathering,
    /// The next candidate is taken up.
    Choosing,
    /// The profile of the candidate is asked for, and downloaded.
    Fetching {
        /// The request for it.
        request: RequestNumber,
        /// The profile that was promised.
        granted: Option<Iccid>,
    },
    /// It is installed; server and platform are told before the device leaves.
    Settling {
        /// Since when.
        since: Instant,
    },
    /// The candidate's profile is to be enabled.
    Enabling,
    /// It is enabled, and looks for service.
    Trial {
        /// Since when.
        since: Instant,
    },
    /// The candidate has not worked: the profile before it is to be enabled.
    Returning,
    /// That is enabled, and looks for service.
    Recovering {
        /// Since when.
        since: Instant,
    },
}

impl Episode {
    pub(super) fn candidate(&self) -> Option<&Candidate> {
        self.candidates.first()
    }

    /// The profile that the phase wants enabled.
    pub(super) fn target(&self) -> Option<Iccid> {
        self.candidate()?.iccid
    }
}
