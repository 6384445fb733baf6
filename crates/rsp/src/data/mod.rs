//! Data objects of SGP.22 v2.5, by the module `RSPDefinitions` of its annex H.
//!
//! Every object is encoded by [`encode`] and read by [`decode`]; both are DER. What is signed stands
//! in a [`Raw`], which keeps the octets that were received, for a signature is checked over those and
//! never over what somebody encodes again. What a later version of the standard adds at the end of an
//! object is kept in [`Extensions`] and written back as it came.

#![expect(elided_lifetimes_in_paths, reason = "what is derived for a tagged choice says so")]

mod authenticate;
mod cancel;
mod chip;
pub(crate) mod codes;
mod crl;
mod download;
mod identifier;
mod install;
mod manage;
mod notify;
mod object;
mod package;
mod profile;
#[cfg(test)]
mod tests;

pub use authenticate::{
    AuthenticateErrorCode, AuthenticateResponseError, AuthenticateResponseOk,
    AuthenticateServerRequest, AuthenticateServerResponse, CtxParams1,
    CtxParamsForCommonAuthentication, DeviceCapabilities, DeviceInfo, EuiccSigned1, ServerSigned1,
};
pub use cancel::{
    CancelSessionError, CancelSessionReason, CancelSessionRequest, CancelSessionResponse,
    CancelSessionResponseOk, EuiccCancelSessionSigned,
};
pub use chip::{
    CertificationDataObject, EuiccCategory, EuiccConfiguredAddressesRequest,
    EuiccConfiguredAddressesResponse, EuiccInfo1, EuiccInfo2, EuiccMemoryResetRequest,
    EuiccMemoryResetResponse, EuiccMemoryResetResult, ExtCardResource, GetEuiccChallengeRequest,
    GetEuiccChallengeResponse, GetEuiccDataRequest, GetEuiccDataResponse, GetEuiccInfo1Request,
    GetEuiccInfo2Request, GetRatRequest, GetRatResponse, IsdrProprietaryApplicationTemplate,
    LpaeSupport, PprFlags, ProfilePolicyAuthorisationRule, ResetOptions, RspCapability,
    SetDefaultDpAddressRequest, SetDefaultDpAddressResponse, SetDefaultDpAddressResult,
    UiccCapability,
};
pub use crl::{LoadCrlErrorCode, LoadCrlRequest, LoadCrlResponse, LoadCrlResponseOk, MissingPart};
pub use download::{
    DownloadErrorCode, EuiccSigned2, PrepareDownloadRequest, PrepareDownloadResponse,
    PrepareDownloadResponseError, PrepareDownloadResponseOk, SmdpSigned2,
};
pub use identifier::{Iccid, KeyIdentifier, Octets, TransactionId, Version};
pub use install::{
    BppCommandId, ErrorReason, ErrorResult, FinalResult, ProfileInstallationResult,
    ProfileInstallationResultData, SuccessResult,
};
pub use manage::{
    DeleteProfileRequest, DeleteProfileResponse, DeleteResult, DisableProfileRequest,
    DisableProfileResponse, DisableResult, EnableProfileRequest, EnableProfileResponse,
    EnableResult, ProfileIdentifier, SetNicknameRequest, SetNicknameResponse, SetNicknameResult,
};
pub use notify::{
    DeleteNotificationStatus, ListNotificationRequest, ListNotificationResponse,
    NotificationMetadata, NotificationSearch, NotificationSentRequest, NotificationSentResponse,
    NotificationsError, OtherSignedNotification, PendingNotification,
    RetrieveNotificationsListRequest, RetrieveNotificationsListResponse,
};
pub use object::{CertificateDer, DataError, Extensions, OBJECT_MAX, Raw, decode, encode};
pub use package::{
    BoundProfilePackage, ConfigureIsdpRequest, ControlRefTemplate, InitialiseSecureChannelRequest,
    RemoteOpId, ReplaceSessionKeysRequest, Segment86, Segment87, Segment88,
};
pub use profile::{
    DpProprietaryData, IconType, NotificationConfigurationInformation, NotificationEvent,
    OperatorId, PprIds, ProfileClass, ProfileInfo, ProfileInfoListError, ProfileInfoListRequest,
    ProfileInfoListResponse, ProfileSearch, ProfileState, StoreMetadataRequest,
    UpdateMetadataRequest,
};
