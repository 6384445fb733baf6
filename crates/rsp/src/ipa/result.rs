//! What came of an eUICC package, signed by the eUICC.

use alloc::string::String;
use alloc::vec::Vec;

use rasn::types::FixedOctetString;
use rasn::{AsnType, Decode, Decoder, Encode};

use super::EimIdType;
use crate::data::codes::codes;
use crate::data::{
    ProfileInfoListResponse, ProfilePolicyAuthorisationRule, Raw, SetDefaultDpAddressResponse,
    TransactionId,
};

/// What came of a package.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags, tag(explicit(context, 81)))]
pub enum EuiccPackageResult {
    /// It was carried out.
    Signed(EuiccPackageResultSigned),
    /// It was not.
    ErrorSigned(EuiccPackageErrorSigned),
    /// It is not known to be the eIM's.
    ErrorUnsigned(EuiccPackageErrorUnsigned),
}

/// A package was carried out.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct EuiccPackageResultSigned {
    /// What is signed.
    pub euicc_package_result_data_signed: Raw<EuiccPackageResultDataSigned>,
    /// Over that and the association token, by the eUICC's key.
    #[rasn(tag(application, 55))]
    pub euicc_sign_epr: FixedOctetString<64>,
}

/// What came of each operation.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct EuiccPackageResultDataSigned {
    /// Whose package it was.
    #[rasn(tag(context, 0))]
    pub eim_id: String,
    /// The counter of the package.
    #[rasn(tag(context, 1))]
    pub counter_value: u64,
    /// The name of the package.
    #[rasn(tag(context, 2))]
    pub eim_transaction_id: Option<TransactionId>,
    /// The number of the result, among those of notifications.
    #[rasn(tag(context, 3))]
    pub seq_number: u64,
    /// One for each operation, up to the first that failed.
    pub euicc_result: Vec<EuiccResultData>,
}

/// What came of one operation.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice)]
pub enum EuiccResultData {
    /// Of enabling.
    #[rasn(tag(context, 3))]
    Enable(EnableResult),
    /// Of disabling.
    #[rasn(tag(context, 4))]
    Disable(DisableResult),
    /// Of deleting.
    #[rasn(tag(context, 5))]
    Delete(DeleteResult),
    /// The profiles.
    #[rasn(tag(context, 45))]
    ListProfileInfo(ProfileInfoListResponse),
    /// The rules authorisation table.
    #[rasn(tag(context, 6))]
    GetRat(Vec<ProfilePolicyAuthorisationRule>),
    /// Of configuring immediate enabling.
    #[rasn(tag(context, 7))]
    ConfigureImmediateEnable(ConfigureImmediateEnableResult),
    /// Of adding an eIM.
    #[rasn(tag(explicit(context, 8)))]
    AddEim(AddEimResult),
    /// Of deleting an eIM.
    #[rasn(tag(context, 9))]
    DeleteEim(DeleteEimResult),
    /// Of changing an eIM.
    #[rasn(tag(context, 10))]
    UpdateEim(UpdateEimResult),
    /// The eIMs.
    #[rasn(tag(explicit(context, 11)))]
    ListEim(ListEimResult),
    /// Of going back to the profile before.
    #[rasn(tag(context, 12))]
    Rollback(RollbackResult),
    /// Of setting the profile to fall back to.
    #[rasn(tag(context, 13))]
    SetFallbackAttribute(SetFallbackAttributeResult),
    /// Of leaving none to fall back to.
    #[rasn(tag(context, 14))]
    UnsetFallbackAttribute(UnsetFallbackAttributeResult),
    /// No more was carried out.
    ProcessingTerminated(ProcessingTerminated),
    /// Of setting the default SM-DP+.
    #[rasn(tag(context, 101))]
    SetDefaultDpAddress(SetDefaultDpAddressResponse),
}

/// Of adding an eIM.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice)]
pub enum AddEimResult {
    /// It was added, with this token.
    #[rasn(tag(context, 4))]
    AssociationToken(i64),
    /// What came of it.
    Code(AddEimCode),
}

/// The eIMs.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags)]
pub enum ListEimResult {
    /// They.
    EimIdList(Vec<EimIdInfo>),
    /// Why there is no list.
    Error(ListEimError),
}

/// The name of an eIM.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct EimIdInfo {
    /// It.
    #[rasn(tag(context, 0))]
    pub eim_id: String,
    /// What kind of name that is.
    #[rasn(tag(context, 2))]
    pub eim_id_type: Option<EimIdType>,
}

/// A package was not carried out.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct EuiccPackageErrorSigned {
    /// What is signed.
    pub euicc_package_error_data_signed: Raw<EuiccPackageErrorDataSigned>,
    /// Over that and the association token, by the eUICC's key.
    #[rasn(tag(application, 55))]
    pub euicc_sign_epe: FixedOctetString<64>,
}

/// Why a package was not carried out.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct EuiccPackageErrorDataSigned {
    /// Whose package it was.
    #[rasn(tag(context, 0))]
    pub eim_id: String,
    /// The counter of the package.
    #[rasn(tag(context, 1))]
    pub counter_value: u64,
    /// The name of the package.
    #[rasn(tag(context, 2))]
    pub eim_transaction_id: Option<TransactionId>,
    /// Why.
    pub euicc_package_error_code: EuiccPackageErrorCode,
}

/// A package is not known to be the eIM's: no such eIM, or a wrong signature.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct EuiccPackageErrorUnsigned {
    /// Whose it says that it is.
    #[rasn(tag(context, 0))]
    pub eim_id: String,
    /// The name of the package.
    #[rasn(tag(context, 2))]
    pub eim_transaction_id: Option<TransactionId>,
    /// The token of the association that there is.
    #[rasn(tag(context, 4))]
    pub association_token: Option<i64>,
}

codes! {
    /// What came of enabling.
    pub enum EnableResult {
        /// done
        Ok = 0,
        /// there is no such profile
        IccidOrAidNotFound = 1,
        /// the profile is enabled already
        ProfileNotInDisabledState = 2,
        /// a policy of the profile that is enabled forbids it
        DisallowedByPolicy = 3,
        /// a proactive session is open: try again later
        CatBusy = 5,
        /// there would be no profile to go back to
        RollbackNotAvailable = 20,
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of disabling.
    pub enum DisableResult {
        /// done
        Ok = 0,
        /// there is no such profile
        IccidOrAidNotFound = 1,
        /// the profile is not enabled
        ProfileNotInEnabledState = 2,
        /// a policy of the profile forbids it
        DisallowedByPolicy = 3,
        /// a proactive session is open: try again later
        CatBusy = 5,
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of deleting.
    pub enum DeleteResult {
        /// done
        Ok = 0,
        /// there is no such profile
        IccidOrAidNotFound = 1,
        /// the profile is enabled: disable it first
        ProfileNotInDisabledState = 2,
        /// a policy of the profile forbids it
        DisallowedByPolicy = 3,
        /// the device may yet go back to this profile
        RollbackNotAvailable = 20,
        /// the device may yet return to this profile from the one that it fell back to
        ReturnFallbackProfile = 21,
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of configuring immediate enabling.
    pub enum ConfigureImmediateEnableResult {
        /// done
        Ok = 0,
        /// there is not enough memory
        InsufficientMemory = 1,
        /// the operation cannot be carried out
        CommandError = 7,
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of adding an eIM.
    pub enum AddEimCode {
        /// done
        Ok = 0,
        /// there is not enough memory
        InsufficientMemory = 1,
        /// there is an eIM of this name
        AssociatedEimAlreadyExists = 2,
        /// the certificate issuer is not known
        CiPkUnknown = 3,
        /// the association token is not one that may be given
        InvalidAssociationToken = 5,
        /// the counter is too high
        CounterValueOutOfRange = 6,
        /// the operation cannot be carried out
        CommandError = 7,
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of deleting an eIM.
    pub enum DeleteEimResult {
        /// done
        Ok = 0,
        /// there is no such eIM
        EimNotFound = 1,
        /// done: there is no eIM any more
        LastEimDeleted = 2,
        /// the operation cannot be carried out
        CommandError = 7,
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of changing an eIM.
    pub enum UpdateEimResult {
        /// done
        Ok = 0,
        /// there is no such eIM
        EimNotFound = 1,
        /// the certificate issuer is not known
        CiPkUnknown = 3,
        /// the counter is too high
        CounterValueOutOfRange = 6,
        /// the operation cannot be carried out
        CommandError = 7,
        /// an error without a name
        UndefinedError = 127,
    }

    /// Why there is no list of eIMs.
    pub enum ListEimError {
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of going back to the profile before.
    pub enum RollbackResult {
        /// done
        Ok = 0,
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of setting the profile to fall back to.
    pub enum SetFallbackAttributeResult {
        /// done
        Ok = 0,
        /// there is no such profile
        IccidOrAidNotFound = 1,
        /// the profile must not be one to fall back to
        FallbackNotAllowed = 2,
        /// the device has fallen back: let it return first
        FallbackProfileEnabled = 3,
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of leaving none to fall back to.
    pub enum UnsetFallbackAttributeResult {
        /// done
        Ok = 0,
        /// there was none
        NoFallbackAttribute = 2,
        /// the device has fallen back: let it return first
        FallbackProfileEnabled = 3,
        /// the operation cannot be carried out
        CommandError = 7,
        /// an error without a name
        UndefinedError = 127,
    }

    /// Why no more was carried out.
    pub enum ProcessingTerminated {
        /// the result would be too long
        ResultSizeOverflow = 1,
        /// the operation is not known, or damaged
        UnknownOrDamagedCommand = 2,
        /// the power went
        Interruption = 3,
        /// an error without a name
        UndefinedError = 127,
    }

    /// Why a package was not carried out.
    pub enum EuiccPackageErrorCode {
        /// the package is for another eUICC
        InvalidEid = 3,
        /// the counter is not higher than before
        ReplayError = 4,
        /// the counter is too high
        CounterValueOutOfRange = 6,
        /// the package is too long
        SizeOverflow = 15,
        /// an emergency call goes on
        EcallActive = 104,
        /// an error without a name
        UndefinedError = 127,
    }
}
