//! The messages.

use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::{Iccid, Plmn};
use polysim_rsp::es2::MatchingId;
use serde::{Deserialize, Serialize};

use crate::{Registration, VisibleNetwork};

/// An operator, as the platform numbers them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct OperatorNumber(pub u16);

/// Numbers what a device asks, from 1 on. The same number is the same request, said again.
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize,
)]
pub struct RequestNumber(pub u32);

/// Numbers what a device reports, from 1 on and without gaps.
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize,
)]
pub struct ReportNumber(pub u32);

/// What a list is ordered by.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum Order {
    /// The cheapest first, as the platform's tariffs say.
    #[default]
    Tariff,
    /// The strongest first, by the levels that the device reports.
    Signal,
}

/// What an eUICC and its device can do, as bits that the platform's operators ask for.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct Capabilities(pub u16);

impl Capabilities {
    /// Tells whether all of `needed` are there.
    #[must_use]
    pub const fn has(self, needed: Self) -> bool {
        self.0 & needed.0 == needed.0
    }
}

/// What an agent says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Uplink {
    /// It asks for the operators that suit where it is.
    List(ListRequest),
    /// It asks for a profile.
    Download(DownloadRequest),
    /// It tells what has become of something; said again until it is noted.
    Report(Report),
}

/// An agent asks for the operators that suit where it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListRequest {
    /// Which request.
    pub number: RequestNumber,
    /// How it wants the list ordered.
    pub order: Order,
    /// Whether the device is registered.
    pub registration: Registration,
    /// Where it is registered, or where it was refused.
    pub serving: Option<Plmn>,
    /// Free memory of the eUICC in octets, as far as known.
    pub memory_free: Option<u32>,
    /// Profiles on the eUICC, the enabled one first; as many as the frame takes.
    pub profiles: Vec<PresentProfile>,
    /// Networks that it receives, the strongest first; as many as the frame takes.
    pub visible: Vec<VisibleNetwork>,
}

/// A profile on the eUICC.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct PresentProfile {
    /// Which.
    pub iccid: Iccid,
    /// It is the one that the device has now.
    pub is_enabled: bool,
    /// It is the one that the device was issued with: it is never deleted.
    pub is_original: bool,
}

/// An agent asks for a profile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DownloadRequest {
    /// Which request.
    pub number: RequestNumber,
    /// Of which operator.
    pub operator: OperatorNumber,
    /// Free memory of the eUICC in octets, as far as known.
    pub memory_free: Option<u32>,
    /// What the eUICC and the device can do.
    pub capabilities: Capabilities,
}

/// An agent tells what has become of something.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Which report.
    pub number: ReportNumber,
    /// What.
    pub outcome: Outcome,
    /// How many reports before it this one stands for, because they were too many to keep.
    pub merged: u16,
}

/// What has become of something.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// A profile was installed.
    Downloaded {
        /// The request for it.
        request: RequestNumber,
        /// Whose it is.
        operator: OperatorNumber,
        /// Which it is.
        iccid: Iccid,
    },
    /// A profile that was granted could not be installed.
    DownloadFailed {
        /// The request for it.
        request: RequestNumber,
        /// Whose it is.
        operator: OperatorNumber,
        /// Why.
        failure: DownloadFailure,
    },
    /// The device has attached with another profile.
    Switched {
        /// Which.
        iccid: Iccid,
        /// Where.
        serving: Option<Plmn>,
    },
    /// No operator worked, or none was found: the original profile stays.
    NoneWorked {
        /// How many were tried.
        tried: u8,
    },
    /// The device is in the home network of its original profile again, and has it.
    Home,
    /// The device was to have its original profile again and did not attach with it; it has gone
    /// back to the one that it had.
    HomeFailed,
}

/// Why a profile that was granted could not be installed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum DownloadFailure {
    /// The server could not be reached for long.
    Unreachable,
    /// The server refused.
    Server,
    /// The eUICC refused.
    Euicc,
    /// The eUICC has not enough memory.
    Memory,
    /// The profile was not there when the download was over.
    Vanished,
}

/// What the platform says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Downlink {
    /// The answer to a request for a list.
    List {
        /// Which request.
        number: RequestNumber,
        /// The answer.
        answer: ListAnswer,
    },
    /// The answer to a request for a profile.
    Download {
        /// Which request.
        number: RequestNumber,
        /// The answer.
        answer: DownloadAnswer,
    },
    /// A report is recorded: it need not be said again.
    Noted {
        /// Which.
        number: ReportNumber,
    },
}

/// The answer to a request for a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ListAnswer {
    /// The operators, the best first; none where none suits.
    Listed(Vec<ListEntry>),
    /// There is no list for this device.
    Refused(Refusal),
}

/// An operator of a list.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ListEntry {
    /// Which.
    pub operator: OperatorNumber,
    /// The networks in which its profile is good, at most [`ListEntry::PLMNS_MAX`].
    pub plmns: Vec<Plmn>,
    /// Its profile on this eUICC, where the platform knows of one; else it is to be downloaded.
    pub iccid: Option<Iccid>,
}

impl ListEntry {
    /// The most networks that are said of an operator.
    pub const PLMNS_MAX: usize = 4;
    /// The most operators of a list.
    pub const LIST_MAX: usize = 8;
}

/// The answer to a request for a profile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DownloadAnswer {
    /// It is ordered, and is waiting.
    Granted {
        /// The host name of the SM-DP+.
        smdp_address: String,
        /// What to come with.
        matching_id: MatchingId,
        /// Which profile it will be.
        iccid: Iccid,
    },
    /// The operator has not answered; ask again with the same number.
    Pending,
    /// Not that.
    Refused(Refusal),
}

/// Why the platform refuses.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The platform does not know the device.
    #[error("the platform does not know this device: enrol it")]
    UnknownDevice,
    /// The platform does not know the operator.
    #[error("the platform does not know this operator: ask for a new list")]
    UnknownOperator,
    /// The device may not have this operator.
    #[error("the device is not entitled to this operator: extend its contract")]
    NotEntitled,
    /// The profile does not fit into the free memory.
    #[error("the eUICC has not enough memory for this profile: delete one that is not needed")]
    MemoryTooSmall {
        /// The agent may delete a profile that it has downloaded before.
        make_room: bool,
    },
    /// The eUICC or the device cannot do what the profile needs.
    #[error("the eUICC or the device lacks what this profile needs")]
    CapabilityMissing,
    /// The device has had its downloads of this month.
    #[error("the downloads of this month are used up: wait for the next, or raise the budget")]
    BudgetUsedUp,
    /// Too many orders of the device are open.
    #[error("too many orders of this device are open: wait until they are over")]
    TooManyOpen,
    /// The operator does not give a profile.
    #[error("the operator refused to give a profile: ask it why")]
    OperatorRefused,
}
