//! Messages of SGP.32 v1.2: eIM configuration, eUICC packages, and the ESipa functions that carry
//! packages between an eIM and a profile assistant.
//!
//! Objects are encoded and read by [`crate::data::encode`] and [`crate::data::decode`]; what is
//! signed stands in a [`Raw`](crate::data::Raw). The functions of ESipa that relay ES9+ through the
//! eIM, and the compact forms of notifications, are not here.
#![expect(elided_lifetimes_in_paths, reason = "what is derived for a tagged choice says so")]

mod card;
mod configuration;
mod esipa;
mod package;
mod result;
#[cfg(test)]
mod tests;
mod untagged;

pub use card::{
    ExecuteFallbackMechanismRequest, ExecuteFallbackMechanismResponse, ExecuteFallbackResult,
    ImmediateEnableRequest, ImmediateEnableResponse, ImmediateEnableResult, ProfileRollbackRequest,
    ProfileRollbackResponse, ReturnFromFallbackRequest, ReturnFromFallbackResponse,
    ReturnFromFallbackResult, RollbackCommandResult,
};
pub use configuration::{
    AddInitialEimError, AddInitialEimOk, AddInitialEimRequest, AddInitialEimResponse,
    EimConfigurationData, EimIdType, EimPublicKeyData, EimSearch, EimSupportedProtocol,
    GetEimConfigurationDataRequest, GetEimConfigurationDataResponse, TrustedPublicKeyDataTls,
};
pub use esipa::{
    EimAcknowledgements, EimPackageError, EimPackageErrorCode, EimPackageResult,
    EprAndNotifications, GetEimPackageRequest, GetEimPackageResponse, IpaEuiccData,
    IpaEuiccDataError, IpaEuiccDataErrorCode, IpaEuiccDataRequest, IpaEuiccDataResponse,
    NoPackageReason, NotificationCriteria, ProfileDownloadData, ProfileDownloadError,
    ProfileDownloadErrorReason, ProfileDownloadTriggerRequest, ProfileDownloadTriggerResult,
    ProfileDownloadTriggerResultData, ProvideEimPackageError, ProvideEimPackageResult,
    ProvideEimPackageResultResponse, ResultCriteria, SequenceNumber, SmdsContact, StateChangeCause,
    TransferEimPackageRequest,
};
pub use package::{
    ByIccid, ConfigureImmediateEnable, DeleteEim, Eco, Empty, EnablePsmo, EuiccPackage,
    EuiccPackageRequest, EuiccPackageSigned, Psmo,
};
pub use result::{
    AddEimCode, AddEimResult, ConfigureImmediateEnableResult, DeleteEimResult, DeleteResult,
    DisableResult, EimIdInfo, EnableResult, EuiccPackageErrorCode, EuiccPackageErrorDataSigned,
    EuiccPackageErrorSigned, EuiccPackageErrorUnsigned, EuiccPackageResult,
    EuiccPackageResultDataSigned, EuiccPackageResultSigned, EuiccResultData, ListEimError,
    ListEimResult, ProcessingTerminated, RollbackResult, SetFallbackAttributeResult,
    UnsetFallbackAttributeResult, UpdateEimResult,
};
pub use untagged::SequenceDer;
