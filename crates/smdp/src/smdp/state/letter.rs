//! What is told until it is taken.

use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::{Eid, Iccid, Instant};
use polysim_rsp::data::{CancelSessionReason, ErrorReason};
use polysim_rsp::es2::NotificationPoint;
use polysim_rsp::es9::{Refusal, Status};

use super::super::{Managed, Terminated};

/// Something that is told until it is taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in super::super) struct Letter {
    pub(in super::super) iccid: Iccid,
    pub(in super::super) eid: Option<Eid>,
    pub(in super::super) at: Instant,
    pub(in super::super) kind: Kind,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(in super::super) enum Kind {
    /// For the operator: the package was handed out.
    Downloaded,
    /// For the operator: a confirmation code was wrong.
    CodeRefused,
    /// For the operator: the order came to nothing.
    Terminated(Terminated),
    /// For the operator: what became of an installation.
    Reported { error: Option<i64>, data: Vec<u8> },
    /// For the operator: what became of a profile that an eUICC has.
    Managed(Managed),
    /// For the operator: the SM-DS did not take the event.
    EventRefused,
    /// For an SM-DS: there is something for an eUICC.
    Register {
        smds: String,
        event_id: String,
        /// There is not any more: that is told when this is taken.
        is_withdrawn: bool,
    },
    /// For an SM-DS: there is not any more.
    Delete { smds: String, event_id: String },
}

impl Kind {
    /// Says what a word of progress is about, and how it went; nothing for an SM-DS.
    pub(in super::super) fn progress(&self) -> Option<(NotificationPoint, Result<(), Status>)> {
        Some(match self {
            Self::Downloaded => (NotificationPoint::Download, Ok(())),
            Self::CodeRefused => (
                NotificationPoint::ConfirmationFailure,
                Err(Refusal::ConfirmationCodeRefused.status()),
            ),
            Self::Terminated(why) => (why.point(), Err(why.status())),
            Self::Reported { error: None, .. } => (NotificationPoint::Installation, Ok(())),
            Self::Reported { error: Some(reason), .. } => {
                (NotificationPoint::Installation, Err(Terminated::NotInstalled(*reason).status()))
            }
            Self::Managed(Managed::Enabled) => (NotificationPoint::Enabled, Ok(())),
            Self::Managed(Managed::Disabled) => (NotificationPoint::Disabled, Ok(())),
            Self::Managed(Managed::Deleted) => (NotificationPoint::Deleted, Ok(())),
            Self::EventRefused => {
                (NotificationPoint::Eligibility, Err(Refusal::SmdsExecutionError.status()))
            }
            Self::Register { .. } | Self::Delete { .. } => return None,
        })
    }

    /// Returns the eUICC's own word on an installation.
    pub(in super::super) fn result_data(&self) -> Option<Vec<u8>> {
        match self {
            Self::Reported { data, .. } => Some(data.clone()),
            Self::Downloaded
            | Self::CodeRefused
            | Self::Terminated(_)
            | Self::Managed(_)
            | Self::EventRefused
            | Self::Register { .. }
            | Self::Delete { .. } => None,
        }
    }
}

impl Terminated {
    const fn point(self) -> NotificationPoint {
        match self {
            Self::Expired | Self::TooManyAttempts => NotificationPoint::Eligibility,
            Self::TooManyCodes => NotificationPoint::ConfirmationFailure,
            Self::Cancelled(_) => NotificationPoint::Download,
            Self::NotInstalled(_) => NotificationPoint::Installation,
        }
    }

    /// Says it in the codes of SGP.22. What a device gives as its reason has none of its own there,
    /// and is told in words.
    pub(in super::super) fn status(self) -> Status {
        let told = |refusal: Status, text: &str| Status { message: Some(text.into()), ..refusal };
        match self {
            Self::Expired => Refusal::OrderExpired.status(),
            Self::TooManyAttempts => Refusal::OrderRetriesExceeded.status(),
            Self::TooManyCodes => Refusal::ConfirmationCodeRetriesExceeded.status(),
            Self::Cancelled(code) => {
                let reason = CancelSessionReason::from_code(code);
                told(Status::new("8.8.5", "3.8"), reason.explain())
            }
            Self::NotInstalled(code) => {
                let reason = ErrorReason::from_code(code);
                let memory = ErrorReason::InstallFailedDueToInsufficientMemoryForProfile;
                let status = if reason == memory {
                    Refusal::InsufficientMemory.status()
                } else {
                    Status::new("8.2", "4.2")
                };
                told(status, reason.explain())
            }
        }
    }
}
