//! ESipa: how packages get from an eIM to a profile assistant, and results back.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use rasn::types::FixedOctetString;
use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use super::{EuiccPackageRequest, EuiccPackageResult, SequenceDer};
use crate::data::codes::codes;
use crate::data::{
    DeviceInfo, EuiccInfo1, EuiccInfo2, KeyIdentifier, NotificationEvent, Octets,
    PendingNotification, ProfileInstallationResult, TransactionId,
};

/// Asks the eIM for a package.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 79))]
pub struct GetEimPackageRequest {
    /// The eUICC.
    #[rasn(tag(application, 26))]
    pub eid_value: FixedOctetString<16>,
    /// Profiles are not as the eIM left them.
    #[rasn(tag(context, 0))]
    pub notify_state_change: Option<()>,
    /// Why not.
    #[rasn(tag(context, 1))]
    pub state_change_cause: Option<StateChangeCause>,
    /// The network that the device registered with last, as TS 24.008 has it.
    #[rasn(tag(context, 2))]
    pub rplmn: Option<FixedOctetString<3>>,
}

codes! {
    /// Why profiles are not as the eIM left them.
    pub enum StateChangeCause {
        /// another eIM did it
        OtherEim = 0,
        /// the device fell back, or returned
        Fallback = 1,
        /// the emergency profile was used
        EmergencyProfile = 2,
        /// the user did it
        Local = 3,
        /// the eUICC was reset
        Reset = 4,
        /// a profile was enabled as soon as it was installed
        ImmediateEnableProfile = 5,
        /// the eUICC is in another device
        DeviceChange = 6,
        /// a cause without a name
        Undefined = 127,
    }

    /// Why there is no package.
    pub enum NoPackageReason {
        /// there is nothing to do
        NoEimPackageAvailable = 1,
        /// the eUICC is not known
        EidNotFound = 2,
        /// the EID is none
        InvalidEid = 3,
        /// the EID was not given
        MissingEid = 4,
        /// an error without a name
        UndefinedError = 127,
    }

    /// Why a package came to nothing before the eUICC had it.
    pub enum EimPackageErrorCode {
        /// it is no package
        InvalidPackageFormat = 1,
        /// it is of a kind that the device does not know
        UnknownPackage = 2,
        /// an error without a name
        UndefinedError = 127,
    }

    /// Why a result is not taken.
    pub enum ProvideEimPackageError {
        /// the eUICC is not known
        EidNotFound = 2,
        /// the EID is none
        InvalidEid = 3,
        /// the EID was not given
        MissingEid = 4,
        /// an error without a name
        UndefinedError = 127,
    }

    /// Why no data are told.
    pub enum IpaEuiccDataErrorCode {
        /// the list of tags is none
        IncorrectTagList = 1,
        /// the certificate issuer is not known
        EuiccCiPkIdNotFound = 5,
        /// an emergency call goes on
        EcallActive = 104,
        /// an error without a name
        UndefinedError = 127,
    }

    /// Why nothing was downloaded.
    pub enum ProfileDownloadErrorReason {
        /// an emergency call goes on
        EcallActive = 104,
        /// an error without a name
        UndefinedError = 127,
    }
}

/// A package, or that there is none.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, tag(explicit(context, 79)))]
pub enum GetEimPackageResponse {
    /// For the eUICC.
    EuiccPackageRequest(Box<EuiccPackageRequest>),
    /// For the device: it tells what it knows.
    IpaEuiccDataRequest(IpaEuiccDataRequest),
    /// For the device: it downloads a profile.
    ProfileDownloadTriggerRequest(ProfileDownloadTriggerRequest),
    /// There is none.
    Error(NoPackageReason),
}

/// Brings a package to a device that did not ask.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, tag(explicit(context, 78)))]
pub enum TransferEimPackageRequest {
    /// For the eUICC.
    EuiccPackageRequest(Box<EuiccPackageRequest>),
    /// For the device: it tells what it knows.
    IpaEuiccDataRequest(IpaEuiccDataRequest),
    /// These results have come: they may be removed.
    EimAcknowledgements(EimAcknowledgements),
    /// For the device: it downloads a profile.
    ProfileDownloadTriggerRequest(ProfileDownloadTriggerRequest),
}

/// Asks for what device and eUICC know.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 82))]
pub struct IpaEuiccDataRequest {
    /// Which data, as a list of tags.
    #[rasn(tag(application, 28))]
    pub tag_list: Octets,
    /// The issuer whose certificates are asked for.
    pub euicc_ci_pk_id: Option<KeyIdentifier>,
    /// Which notifications.
    #[rasn(tag(explicit(context, 1)))]
    pub search_criteria_notification: Option<NotificationCriteria>,
    /// Which results of packages.
    #[rasn(tag(explicit(context, 2)))]
    pub search_criteria_euicc_package_result: Option<ResultCriteria>,
    /// Names the request for the eIM.
    #[rasn(tag(context, 3))]
    pub eim_transaction_id: Option<TransactionId>,
}

/// Which notifications.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags)]
pub enum NotificationCriteria {
    /// The one with this number.
    SeqNumber(u64),
    /// Those of these operations.
    ProfileManagementOperation(NotificationEvent),
}

/// Which results of packages.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags)]
pub enum ResultCriteria {
    /// The one with this number.
    SeqNumber(u64),
}

/// What device and eUICC know.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags, tag(explicit(context, 82)))]
pub enum IpaEuiccDataResponse {
    /// It.
    Ok(Box<IpaEuiccData>),
    /// Why it is not told.
    Error(IpaEuiccDataError),
}

/// What device and eUICC know; what was asked for.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
pub struct IpaEuiccData {
    /// Notifications that no server has taken.
    #[rasn(tag(context, 0))]
    pub notifications_list: Option<Vec<PendingNotification>>,
    /// The default SM-DP+.
    #[rasn(tag(context, 1))]
    pub default_smdp_address: Option<String>,
    /// Results that no eIM has taken.
    #[rasn(tag(context, 2))]
    pub euicc_package_result_list: Option<Vec<EuiccPackageResult>>,
    /// What a server is told first.
    pub euicc_info1: Option<EuiccInfo1>,
    /// What the eUICC can do.
    pub euicc_info2: Option<EuiccInfo2>,
    /// The SM-DS.
    #[rasn(tag(context, 3))]
    pub root_smds_address: Option<String>,
    /// The token of the eIM's association.
    #[rasn(tag(context, 4))]
    pub association_token: Option<i64>,
    /// The certificate of the eUICC's maker.
    #[rasn(tag(context, 5))]
    pub eum_certificate: Option<SequenceDer>,
    /// The eUICC's certificate.
    #[rasn(tag(context, 6))]
    pub euicc_certificate: Option<SequenceDer>,
    /// The name of the request.
    #[rasn(tag(context, 7))]
    pub eim_transaction_id: Option<TransactionId>,
    /// What the profile assistant can do, as DER.
    #[rasn(tag(context, 8))]
    pub ipa_capabilities: Option<SequenceDer>,
    /// The device.
    #[rasn(tag(context, 9))]
    pub device_info: Option<DeviceInfo>,
}

/// Why data are not told.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct IpaEuiccDataError {
    /// The name of the request.
    #[rasn(tag(context, 0))]
    pub eim_transaction_id: Option<TransactionId>,
    /// Why.
    pub ipa_euicc_data_error_code: IpaEuiccDataErrorCode,
}

/// Has the device download a profile.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(tag(context, 84))]
pub struct ProfileDownloadTriggerRequest {
    /// Where from.
    #[rasn(tag(explicit(context, 0)))]
    pub profile_download_data: Option<ProfileDownloadData>,
    /// Names the request for the eIM.
    #[rasn(tag(context, 2))]
    pub eim_transaction_id: Option<TransactionId>,
}

/// Where a profile comes from.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags)]
pub enum ProfileDownloadData {
    /// As an activation code says.
    ActivationCode(String),
    /// From the default SM-DP+.
    ContactDefaultSmdp(()),
    /// As an SM-DS says.
    ContactSmds(SmdsContact),
}

/// As an SM-DS says.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(automatic_tags)]
pub struct SmdsContact {
    /// Which; the one that is configured without.
    pub smds_address: Option<String>,
}

/// What came of a download.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 84))]
pub struct ProfileDownloadTriggerResult {
    /// The name of the request.
    #[rasn(tag(context, 2))]
    pub eim_transaction_id: Option<TransactionId>,
    /// What came of it.
    pub profile_download_trigger_result_data: ProfileDownloadTriggerResultData,
}

/// What came of a download.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice)]
pub enum ProfileDownloadTriggerResultData {
    /// The eUICC has said.
    ProfileInstallationResult(Box<ProfileInstallationResult>),
    /// It did not come so far.
    ProfileDownloadError(ProfileDownloadError),
}

/// A download did not come so far that the eUICC had anything to say.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct ProfileDownloadError {
    /// Why.
    #[rasn(tag(context, 0))]
    pub profile_download_error_reason: ProfileDownloadErrorReason,
    /// What a server or the eUICC has answered.
    pub error_response: Option<Octets>,
}

/// Brings the eIM a result.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 80))]
pub struct ProvideEimPackageResult {
    /// The eUICC.
    #[rasn(tag(application, 26))]
    pub eid_value: Option<FixedOctetString<16>>,
    /// The result.
    pub eim_package_result: EimPackageResult,
}

/// A result.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice)]
pub enum EimPackageResult {
    /// Of a package for the eUICC.
    #[rasn(tag(context, 81))]
    EuiccPackageResult(Box<EuiccPackageResult>),
    /// The same, with notifications.
    EprAndNotifications(Box<EprAndNotifications>),
    /// What device and eUICC know.
    #[rasn(tag(context, 82))]
    IpaEuiccDataResponse(IpaEuiccDataResponse),
    /// Of a download.
    ProfileDownloadTriggerResult(ProfileDownloadTriggerResult),
    /// It came to nothing before the eUICC had it.
    #[rasn(tag(context, 0))]
    Error(EimPackageError),
}

/// The result of a package, with notifications.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct EprAndNotifications {
    /// The result.
    pub euicc_package_result: EuiccPackageResult,
    /// The notifications.
    #[rasn(tag(context, 0))]
    pub notification_list: Vec<PendingNotification>,
}

/// A package came to nothing before the eUICC had it.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct EimPackageError {
    /// The name of the package.
    #[rasn(tag(context, 0))]
    pub eim_transaction_id: Option<TransactionId>,
    /// Why.
    pub eim_package_result_error_code: EimPackageErrorCode,
}

/// What an eIM answers to a result.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, tag(explicit(context, 80)))]
pub enum ProvideEimPackageResultResponse {
    /// These results have come: they may be removed.
    EimAcknowledgements(EimAcknowledgements),
    /// There is nothing to remove.
    Empty(super::Empty),
    /// It is not taken.
    Error(ProvideEimPackageError),
}

/// Results that an eIM has: they may be removed.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(delegate, tag(context, 83))]
pub struct EimAcknowledgements(pub Vec<SequenceNumber>);

/// The number of a result.
#[derive(AsnType, Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(delegate, tag(context, 0))]
pub struct SequenceNumber(pub u64);
