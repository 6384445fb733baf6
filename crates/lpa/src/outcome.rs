//! What comes of commands.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::Eid;
use polysim_rsp::data::{
    EuiccConfiguredAddressesResponse, EuiccInfo1, EuiccInfo2, Iccid, NotificationMetadata,
    ProfileInfo, ProfilePolicyAuthorisationRule,
};
use polysim_rsp::es9::EventEntry;
use serde::{Deserialize, Serialize};

use crate::NotificationReport;

/// What came of a command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LpaDone {
    /// The profile is installed, and disabled.
    Downloaded(Installed),
    /// What an SM-DS has for this eUICC.
    Discovered(Vec<EventEntry>),
    /// The profiles.
    Listed(Vec<ProfileInfo>),
    /// The profile is enabled.
    Enabled,
    /// The profile is disabled.
    Disabled,
    /// The profile is deleted.
    Deleted,
    /// The profile is named.
    Named,
    /// The memory is reset; `false` where there was nothing to delete.
    MemoryReset(bool),
    /// The notifications that wait.
    Notifications(Vec<NotificationMetadata>),
    /// The notifications were delivered, or not.
    Processed(Vec<NotificationReport>),
    /// The notification is removed; `false` where there was none.
    NotificationRemoved(bool),
    /// What is known of the eUICC.
    Info(Box<EuiccStatus>),
    /// The default SM-DP+ is set.
    DefaultSmdpSet,
    /// The revocation list is loaded.
    CrlLoaded {
        /// Parts of it that are not there yet.
        missing: Vec<u32>,
    },
}

/// A profile that was installed.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Installed {
    /// Its ICCID, as EF.ICCID has it.
    pub iccid: [u8; 10],
    /// The application identifier of its ISD-P; empty where only the list of profiles says that it is
    /// there.
    pub aid: Vec<u8>,
    /// The operator.
    pub service_provider: String,
    /// Its name.
    pub name: String,
}

impl Installed {
    /// Its ICCID.
    #[must_use]
    pub fn iccid(&self) -> Iccid {
        Iccid::from_bytes(self.iccid)
    }
}

/// What is known of an eUICC.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EuiccStatus {
    /// Its EID.
    pub eid: Eid,
    /// The servers that are configured.
    pub addresses: EuiccConfiguredAddressesResponse,
    /// What a server must know of it.
    pub info1: EuiccInfo1,
    /// What it can do.
    pub info2: EuiccInfo2,
    /// Which operators may have which policies; `None` where the eUICC does not say.
    pub rules: Option<Vec<ProfilePolicyAuthorisationRule>>,
}
