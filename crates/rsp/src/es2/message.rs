//! What is asked and answered.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::{Eid, Iccid};

use super::{ConfirmationCode, MatchingId};
use crate::es9::Status;

/// Names one call of a function: whoever repeats a call that got no answer gives the same names
/// again, and the call is not carried out twice.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Call {
    /// Who calls: `functionRequesterIdentifier`.
    pub requester: String,
    /// Which call of it: `functionCallIdentifier`.
    pub id: String,
}

/// What an operator asks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    /// Which call this is.
    pub call: Call,
    /// What for.
    pub function: Function,
}

/// What for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Function {
    /// A profile is reserved.
    DownloadOrder(DownloadOrder),
    /// The order is confirmed: it gets its matching identifier.
    ConfirmOrder(Box<ConfirmOrder>),
    /// The order is taken back.
    CancelOrder(CancelOrder),
    /// The profile may be downloaded from now on.
    ReleaseProfile {
        /// Which.
        iccid: Iccid,
    },
}

/// A profile is reserved (SGP.22, 5.3.1).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DownloadOrder {
    /// The eUICC that it is for, where that is known.
    pub eid: Option<Eid>,
    /// Which profile; one of the type without.
    pub iccid: Option<Iccid>,
    /// Of which type.
    pub profile_type: Option<String>,
}

/// The order is confirmed (SGP.22, 5.3.2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfirmOrder {
    /// Which profile.
    pub iccid: Iccid,
    /// The eUICC that it is for, where that is known now.
    pub eid: Option<Eid>,
    /// The matching identifier that the operator wants. Where there is none, the SM-DP+ makes one.
    pub matching_id: Option<Matching>,
    /// What the user will have to type in.
    pub confirmation_code: Option<ConfirmationCode>,
    /// The SM-DS that is told, where the device is to find the profile by itself.
    pub smds_address: Option<String>,
    /// The profile may be downloaded at once.
    pub release: bool,
}

/// A matching identifier that an operator wants.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Matching {
    /// None: the device asks its default SM-DP+, which knows the eUICC.
    ByEid,
    /// This one.
    Is(MatchingId),
}

/// The order is taken back (SGP.22, 5.3.3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CancelOrder {
    /// Which profile.
    pub iccid: Iccid,
    /// The eUICC of the order, which must be given where the order has one.
    pub eid: Option<Eid>,
    /// The matching identifier of the order, which must be given where the order has one.
    pub matching_id: Option<MatchingId>,
    /// What becomes of the profile.
    pub final_status: FinalStatus,
}

/// What becomes of a profile whose order is taken back.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FinalStatus {
    /// It may be ordered again.
    Available,
    /// It may not.
    Unavailable,
}

/// What an SM-DP+ answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// A profile is reserved.
    DownloadOrder {
        /// Which.
        iccid: Iccid,
    },
    /// The order is confirmed.
    ConfirmOrder(ConfirmOrderOk),
    /// The order is taken back.
    CancelOrder,
    /// The profile may be downloaded.
    ReleaseProfile,
    /// Not that, and why.
    Refused(Status),
}

/// The order is confirmed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfirmOrderOk {
    /// The eUICC that the order is for, if it is for one.
    pub eid: Option<Eid>,
    /// The matching identifier of the order. There is none where the eUICC is known by its EID.
    pub matching_id: Option<MatchingId>,
    /// The host name of the SM-DP+, for the activation code.
    pub smdp_address: String,
}

/// Something became of a profile (`HandleDownloadProgressInfo`; SGP.22, 5.3.5).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Progress {
    /// Which call this is: the same for each repetition.
    pub call: Call,
    /// The eUICC.
    pub eid: Option<Eid>,
    /// The profile.
    pub iccid: Iccid,
    /// Its type.
    pub profile_type: String,
    /// When, in seconds since 1970.
    pub timestamp: i64,
    /// What it is about.
    pub point: NotificationPoint,
    /// Whether it went well, or why not.
    pub result: Result<(), Status>,
    /// The eUICC's own word on the installation, as DER.
    pub result_data: Option<Vec<u8>>,
}

/// What a word of progress is about. The first four are of SGP.22; the others are as operators have
/// agreed on them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum NotificationPoint {
    /// Whether the eUICC can take the profile, and has not tried too often.
    Eligibility,
    /// The confirmation code was wrong.
    ConfirmationFailure,
    /// The package was handed out.
    Download,
    /// The profile was installed.
    Installation,
    /// The profile was deleted.
    Deleted,
    /// The profile was enabled.
    Enabled,
    /// The profile was disabled.
    Disabled,
    /// Something else.
    Other(u16),
}

impl NotificationPoint {
    /// Returns its number.
    #[must_use]
    pub const fn id(self) -> u16 {
        match self {
            Self::Eligibility => 1,
            Self::ConfirmationFailure => 2,
            Self::Download => 3,
            Self::Installation => 4,
            Self::Deleted => 5,
            Self::Enabled => 101,
            Self::Disabled => 102,
            Self::Other(id) => id,
        }
    }

    /// Names a number.
    #[must_use]
    pub const fn from_id(id: u16) -> Self {
        match id {
            1 => Self::Eligibility,
            2 => Self::ConfirmationFailure,
            3 => Self::Download,
            4 => Self::Installation,
            5 => Self::Deleted,
            101 => Self::Enabled,
            102 => Self::Disabled,
            other => Self::Other(other),
        }
    }
}
