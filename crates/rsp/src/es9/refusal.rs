//! The statuses that SGP.22 names, in words (5.2.6, and the tables of each function).

use core::fmt;

use super::Status;

macro_rules! refusals {
    ($($(#[doc = $text:literal])+ $name:ident = $subject:literal $reason:literal,)+) => {
        /// Why a server refuses, of the statuses that SGP.22 names for ES2+, ES9+, ES11 and ES12.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Refusal {
            $($(#[doc = $text])+ $name,)+
        }

        impl Refusal {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Returns its two codes.
            #[must_use]
            pub const fn codes(self) -> (&'static str, &'static str) {
                match self {
                    $(Self::$name => ($subject, $reason),)+
                }
            }

            /// Says it in words, and what to do.
            #[must_use]
            pub const fn explain(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($text),+).trim_ascii(),)+
                }
            }
        }
    };
}

refusals! {
    /// The request is not as it should be: this is a fault of the program that sent it.
    Malformed = "1.6" "2.1",
    /// The eUICC's signature does not hold, or it answers another challenge: begin again.
    EuiccNotVerified = "8.1" "6.1",
    /// There is not enough memory on the eUICC: delete a profile and try again.
    InsufficientMemory = "8.1" "4.8",
    /// The EID is needed here: an order without a matching identifier is found by it.
    EidMissing = "8.1.1" "2.2",
    /// The profile is for another eUICC: use the device that it was ordered for.
    EidRefused = "8.1.1" "3.8",
    /// The EID is not known here.
    EidUnknown = "8.1.1" "3.9",
    /// The order is for another eUICC, or the EID that it is for was not given.
    EidNotAssociated = "8.1.1" "3.10",
    /// The certificate of the eUICC's maker does not hold: this server does not trust that maker.
    EumCertificateNotVerified = "8.1.2" "6.1",
    /// The certificate of the eUICC's maker has expired: the eUICC cannot be used any more.
    EumCertificateExpired = "8.1.2" "6.3",
    /// The eUICC's certificate does not hold: it is not one of its maker's, or was revoked.
    EuiccCertificateNotVerified = "8.1.3" "6.1",
    /// The eUICC's certificate has expired: the eUICC cannot be used any more.
    EuiccCertificateExpired = "8.1.3" "6.3",
    /// The profile is not released yet: try again later, or ask the operator.
    ProfileNotReleased = "8.2" "1.2",
    /// The package cannot be bound again: ask the operator for another profile.
    ProfileUnavailable = "8.2" "3.7",
    /// The profile belongs to another operator.
    IccidNotAllowed = "8.2.1" "1.2",
    /// The profile is ordered, downloaded or installed already.
    IccidInUse = "8.2.1" "3.3",
    /// The profile is not in the state that this needs: confirm its order first.
    IccidInvalidTransition = "8.2.1" "3.5",
    /// There is no profile with this ICCID.
    IccidUnknown = "8.2.1" "3.9",
    /// The profile type belongs to another operator.
    ProfileTypeNotAllowed = "8.2.5" "1.2",
    /// There is no profile of this type left: the operator must add some.
    ProfileTypeUnavailable = "8.2.5" "3.7",
    /// The profile is not of this type.
    ProfileTypeRefused = "8.2.5" "3.8",
    /// There is no such profile type.
    ProfileTypeUnknown = "8.2.5" "3.9",
    /// No profile fits this eUICC and this device: ask the operator which ones it supports.
    NotEligible = "8.2.5" "4.3",
    /// The matching identifier is in use already: choose another.
    MatchingIdInUse = "8.2.6" "3.3",
    /// The activation code is not known, or was used up: check it, or ask the operator for another.
    MatchingIdRefused = "8.2.6" "3.8",
    /// The order has another matching identifier, or it was not given.
    MatchingIdNotAssociated = "8.2.6" "3.10",
    /// A confirmation code is needed: ask the operator for it.
    ConfirmationCodeMissing = "8.2.7" "2.2",
    /// The confirmation code is wrong: type it again.
    ConfirmationCodeRefused = "8.2.7" "3.8",
    /// The confirmation code was wrong too often: ask the operator for another activation code.
    ConfirmationCodeRetriesExceeded = "8.2.7" "6.4",
    /// This SM-DP+ cannot take more now: try again later.
    SmdpUnavailable = "8.8" "3.7",
    /// The session is with another SM-DP+.
    SmdpInvalidAssociation = "8.8" "3.10",
    /// This SM-DP+ has another address: check the activation code.
    SmdpAddressRefused = "8.8.1" "3.8",
    /// This SM-DP+ and the eUICC trust no common certificate issuer.
    SmdpSecurityUnsupported = "8.8.2" "3.1",
    /// The eUICC has a version of SGP.22 that this SM-DP+ does not do.
    SmdpVersionUnsupported = "8.8.3" "3.1",
    /// This SM-DP+ has no certificate that the eUICC can check.
    SmdpCertificateUnavailable = "8.8.4" "3.7",
    /// The order has expired: ask the operator for another activation code.
    OrderExpired = "8.8.5" "4.10",
    /// The profile was tried too often: ask the operator for another activation code.
    OrderRetriesExceeded = "8.8.5" "6.4",
    /// The SM-DS could not be told: try again later.
    SmdsInaccessible = "8.9" "5.1",
    /// The SM-DS did not take it.
    SmdsExecutionError = "8.9" "4.2",
    /// This SM-DS has another address: check the configuration of the device.
    SmdsAddressRefused = "8.9.1" "3.8",
    /// There is no SM-DS at this address.
    SmdsAddressUnknown = "8.9.1" "3.9",
    /// This SM-DS and the eUICC trust no common certificate issuer.
    SmdsSecurityUnsupported = "8.9.2" "3.1",
    /// The eUICC has a version of SGP.22 that this SM-DS does not do.
    SmdsVersionUnsupported = "8.9.3" "3.1",
    /// This SM-DS has no certificate that the eUICC can check.
    SmdsCertificateUnavailable = "8.9.4" "3.7",
    /// Another event has this name already.
    EventInUse = "8.9.5" "3.3",
    /// There is no such event, or none for this eUICC: nothing is waiting for the device.
    EventUnknown = "8.9.5" "3.9",
    /// The session is not known, or has ended: begin again.
    TransactionUnknown = "8.10.1" "3.9",
    /// The eUICC answers under a certificate issuer that was not agreed on.
    IssuerUnknown = "8.11.1" "3.9",
}

impl Refusal {
    /// Returns its status, with the words for a person.
    #[must_use]
    pub fn status(self) -> Status {
        let (subject, reason) = self.codes();
        Status { message: Some(self.explain().into()), ..Status::new(subject, reason) }
    }

    /// Names a status by its codes; nothing where the standard names none for them.
    #[must_use]
    pub fn from_status(status: &Status) -> Option<Self> {
        let codes = (status.subject.as_ref(), status.reason.as_ref());
        Self::ALL.iter().copied().find(|refusal| refusal.codes() == codes)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (subject, reason) = self.codes();
        write!(f, "{} ({subject} - {reason})", self.explain().trim_end_matches('.'))
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        refusal.status()
    }
}
