//! What a profile assistant has an eUICC do by itself (ES10b): roll back, fall back, return.

use rasn::{AsnType, Decode, Decoder, Encode};

use super::EuiccPackageResult;
use crate::data::codes::codes;

/// Enables the profile that was installed last, at once.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 90), automatic_tags)]
pub struct ImmediateEnableRequest {
    /// The eUICC is to have the device read the card anew.
    pub refresh_flag: bool,
}

/// What came of that.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 90), automatic_tags)]
pub struct ImmediateEnableResponse {
    /// What came of it.
    pub immediate_enable_result: ImmediateEnableResult,
}

/// Goes back to the profile that was enabled before the last package.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 88), automatic_tags)]
pub struct ProfileRollbackRequest {
    /// The eUICC is to have the device read the card anew.
    pub refresh_flag: bool,
}

/// What came of that.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 88))]
pub struct ProfileRollbackResponse {
    /// What came of it.
    pub cmd_result: RollbackCommandResult,
    /// For the eIM, in place of the result of its package.
    pub euicc_package_result: Option<EuiccPackageResult>,
}

/// Enables the profile to fall back to.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 93), automatic_tags)]
pub struct ExecuteFallbackMechanismRequest {
    /// The eUICC is to have the device read the card anew.
    pub refresh_flag: bool,
}

/// What came of that.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 93), automatic_tags)]
pub struct ExecuteFallbackMechanismResponse {
    /// What came of it.
    pub execute_fallback_mechanism_result: ExecuteFallbackResult,
}

/// Enables the profile that the device fell back from.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 94), automatic_tags)]
pub struct ReturnFromFallbackRequest {
    /// The eUICC is to have the device read the card anew.
    pub refresh_flag: bool,
}

/// What came of that.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 94), automatic_tags)]
pub struct ReturnFromFallbackResponse {
    /// What came of it.
    pub return_from_fallback_result: ReturnFromFallbackResult,
}

codes! {
    /// What came of enabling at once.
    pub enum ImmediateEnableResult {
        /// done
        Ok = 0,
        /// it is not configured
        ImmediateEnableNotAvailable = 1,
        /// nothing was installed in this session
        NoSessionContext = 4,
        /// a proactive session is open: try again later
        CatBusy = 5,
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of going back.
    pub enum RollbackCommandResult {
        /// done
        Ok = 0,
        /// the eIM has not allowed it
        RollbackNotAllowed = 1,
        /// a proactive session is open: try again later
        CatBusy = 5,
        /// the operation cannot be carried out
        CommandError = 7,
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of falling back.
    pub enum ExecuteFallbackResult {
        /// done
        Ok = 0,
        /// the profile to fall back to is enabled already
        ProfileNotInDisabledState = 2,
        /// a proactive session is open: try again later
        CatBusy = 5,
        /// there is no profile to fall back to
        FallbackNotAvailable = 6,
        /// the operation cannot be carried out
        CommandError = 7,
        /// an emergency call goes on
        EcallActive = 104,
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of returning.
    pub enum ReturnFromFallbackResult {
        /// done
        Ok = 0,
        /// a proactive session is open: try again later
        CatBusy = 5,
        /// the device has not fallen back
        FallbackNotAvailable = 6,
        /// the operation cannot be carried out
        CommandError = 7,
        /// an emergency call goes on
        EcallActive = 104,
        /// an error without a name
        UndefinedError = 127,
    }
}
