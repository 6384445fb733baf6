//! What an assistant is told to do.

use alloc::boxed::Box;
use alloc::string::String;

use polysim_rsp::activation::{ActivationCode, ConfirmationCode};
use polysim_rsp::data::{CertificateDer, DeviceInfo, Iccid, ProfileIdentifier, ResetOptions};
use polysim_rsp::es9::EventEntry;
use serde::{Deserialize, Serialize};

/// Names a command. Whoever gives the command chooses the number, and never one twice.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
pub struct CommandId(pub u64);

/// What an assistant is told to do; what comes of it is an [`LpaDone`](crate::LpaDone).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LpaCommand {
    /// Download a profile and install it. It is not enabled.
    Download(Box<Download>),
    /// Ask an SM-DS which servers have something for this eUICC.
    Discover(Box<Discover>),
    /// List the profiles.
    List,
    /// Enable a profile; the one that is enabled is disabled in the same step.
    Enable {
        /// Which.
        profile: ProfileIdentifier,
        /// The card is to ask the device for a REFRESH. Without it, whoever gives the command has
        /// the device read the card anew.
        refresh: bool,
    },
    /// Disable a profile.
    Disable {
        /// Which.
        profile: ProfileIdentifier,
        /// The card is to ask the device for a REFRESH.
        refresh: bool,
    },
    /// Delete a profile that is disabled.
    Delete(ProfileIdentifier),
    /// Name a profile for the user.
    Nickname {
        /// Which.
        iccid: Iccid,
        /// Its name, at most 64 octets; empty to remove it.
        nickname: String,
    },
    /// Delete many profiles, or the default SM-DP+.
    MemoryReset(ResetOptions),
    /// List the notifications that wait on the eUICC.
    ListNotifications,
    /// Deliver the notifications that wait on the eUICC, each server's in their order.
    ProcessNotifications,
    /// Remove a notification, though no server has taken it.
    RemoveNotification {
        /// Its number.
        seq_number: u64,
    },
    /// Tell what is known of the eUICC.
    Info,
    /// Set the SM-DP+ that is asked where nothing else is said; empty for none.
    SetDefaultSmdp(String),
    /// Give a revocation list to the eUICC.
    LoadCrl(CertificateDer),
}

/// A download.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Download {
    /// From where.
    pub source: Source,
    /// The device around the eUICC, which the server is told.
    pub device: DeviceInfo,
    /// The confirmation code, if it is known already. It is never written down: a download that goes
    /// on after a crash asks for it.
    pub confirmation_code: Option<ConfirmationCode>,
    /// Who agrees to the profile.
    pub consent: Decide,
}

impl Download {
    /// Makes a download that nobody needs to agree to.
    #[must_use]
    pub const fn unattended(source: Source, device: DeviceInfo) -> Self {
        Self { source, device, confirmation_code: None, consent: Decide::Auto }
    }
}

/// From where a profile comes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// An activation code.
    ActivationCode(Box<ActivationCode>),
    /// The default SM-DP+ of this eUICC, which knows it by its EID.
    DefaultSmdp,
    /// An event that an SM-DS has told.
    Event(EventEntry),
}

/// A discovery.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Discover {
    /// The host name of the SM-DS; the root SM-DS that is configured on the eUICC without.
    pub server: Option<String>,
    /// The device around the eUICC, which the server is told.
    pub device: DeviceInfo,
}

/// Who decides.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Decide {
    /// Nobody is asked: yes. A confirmation code that is not there ends the download.
    Auto,
    /// Whoever gave the command is asked ([`LpaEvent::Asked`](crate::LpaEvent::Asked)).
    Ask,
}

/// What whoever was asked says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Decision {
    /// Yes.
    Agree,
    /// No, or later.
    Withdraw(Withdrawal),
    /// The confirmation code; to the question of consent it is a yes, too.
    ConfirmationCode(ConfirmationCode),
}

/// Why a download is given up by whoever wanted it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Withdrawal {
    /// The profile is not wanted. The server gives it to nobody any more.
    Rejected,
    /// The profile is wanted later. The server keeps it.
    Postponed,
}
