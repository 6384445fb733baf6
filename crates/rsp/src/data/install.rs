//! What came of an installation (SGP.22, 2.5.6 and annex H).

use core::fmt;

use rasn::types::{FixedOctetString, ObjectIdentifier};
use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use super::codes::codes;
use super::object::Raw;
use super::{NotificationMetadata, Octets, TransactionId};

/// The word of the eUICC on an installation, for the SM-DP+.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 55))]
pub struct ProfileInstallationResult {
    /// What is signed.
    pub profile_installation_result_data: Raw<ProfileInstallationResultData>,
    /// Over that, by the eUICC's key.
    #[rasn(tag(application, 55))]
    pub euicc_sign_pir: FixedOctetString<64>,
}

/// What came of an installation.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(tag(context, 39))]
pub struct ProfileInstallationResultData {
    /// Names the session.
    #[rasn(tag(context, 0))]
    pub transaction_id: TransactionId,
    /// Its number, whom it is for, and which profile it is about.
    pub notification_metadata: NotificationMetadata,
    /// The SM-DP+, by the identifier in its certificate for profile binding.
    pub smdp_oid: Option<ObjectIdentifier>,
    /// Both halves of the result.
    #[rasn(tag(explicit(context, 2)))]
    pub final_result: FinalResult,
}

/// Installed, or why not.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(choice, automatic_tags)]
pub enum FinalResult {
    /// Installed.
    Success(SuccessResult),
    /// Not.
    Error(ErrorResult),
}

/// Where the profile is now.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
pub struct SuccessResult {
    /// The application identifier of its ISD-P, 5 to 16 octets.
    #[rasn(tag(application, 15))]
    pub aid: Octets,
    /// What the elements came to: `EUICCResponse`s.
    pub sima_response: Octets,
}

/// Where it stopped, and why.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(automatic_tags)]
pub struct ErrorResult {
    /// Where.
    pub bpp_command_id: BppCommandId,
    /// Why.
    pub error_reason: ErrorReason,
    /// What the elements came to: `EUICCResponse`s.
    pub sima_response: Option<Octets>,
}

impl fmt::Display for ErrorResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} while {}", self.error_reason, self.bpp_command_id)
    }
}

codes! {
    /// Where an installation stopped.
    pub enum BppCommandId {
        /// the secure channel was set up
        InitialiseSecureChannel = 0,
        /// a place for the profile was made
        ConfigureIsdp = 1,
        /// what is known of the profile was stored
        StoreMetadata = 2,
        /// more of what is known of the profile was stored
        StoreMetadata2 = 3,
        /// the keys were replaced
        ReplaceSessionKeys = 4,
        /// the profile elements were loaded
        LoadProfileElements = 5,
    }

    /// Why an installation stopped.
    pub enum ErrorReason {
        /// values in the package are not as they should be
        IncorrectInputValues = 1,
        /// the signature of the SM-DP+ is not valid
        InvalidSignature = 2,
        /// the package belongs to another session
        InvalidTransactionId = 3,
        /// the package asks for keys of a kind that this eUICC does not have
        UnsupportedCrtValues = 4,
        /// the package asks for an operation that this eUICC does not have
        UnsupportedRemoteOperationType = 5,
        /// the class of the profile is not supported
        UnsupportedProfileClass = 6,
        /// the structure of the secured package is broken
        Scp03tStructureError = 7,
        /// a check of the secured package failed: it was changed on the way, or is for another eUICC
        Scp03tSecurityError = 8,
        /// a profile with this ICCID is on the eUICC already
        InstallFailedDueToIccidAlreadyExistsOnEuicc = 9,
        /// there is not enough memory: delete a profile and try again
        InstallFailedDueToInsufficientMemoryForProfile = 10,
        /// the installation was interrupted: try again
        InstallFailedDueToInterruption = 11,
        /// a profile element could not be processed: the profile does not fit this eUICC
        InstallFailedDueToPeProcessingError = 12,
        /// the ICCID in the profile is not the one that was announced
        InstallFailedDueToIccidMismatch = 13,
        /// a test profile has keys that are not the test keys
        TestProfileInstallFailedDueToInvalidNaaKey = 14,
        /// the rules of this eUICC forbid the policies of the profile
        PprNotAllowed = 15,
        /// an error without a name
        InstallFailedDueToUnknownError = 127,
    }
}
