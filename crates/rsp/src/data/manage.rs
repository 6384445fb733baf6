//! Profiles are enabled, disabled, deleted and named (SGP.22, 5.7.16 to 5.7.21).

use alloc::string::String;

use rasn::{AsnType, Decode, Decoder, Encode};

use super::codes::codes;
use super::{Iccid, Octets};

/// Names a profile.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(choice)]
pub enum ProfileIdentifier {
    /// By its ISD-P.
    #[rasn(tag(application, 15))]
    IsdpAid(Octets),
    /// By its ICCID.
    Iccid(Iccid),
}

/// Enables a profile; the one that was enabled is disabled in the same step.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 49), automatic_tags)]
pub struct EnableProfileRequest {
    /// Which.
    pub profile_identifier: ProfileIdentifier,
    /// The eUICC is to have the device read the card anew.
    pub refresh_flag: bool,
}

/// What came of that.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 49), automatic_tags)]
pub struct EnableProfileResponse {
    /// What came of it.
    pub enable_result: EnableResult,
}

/// Disables the profile that is enabled.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 50), automatic_tags)]
pub struct DisableProfileRequest {
    /// Which.
    pub profile_identifier: ProfileIdentifier,
    /// The eUICC is to have the device read the card anew.
    pub refresh_flag: bool,
}

/// What came of that.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 50), automatic_tags)]
pub struct DisableProfileResponse {
    /// What came of it.
    pub disable_result: DisableResult,
}

/// Deletes a profile that is disabled.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, tag(explicit(context, 51)))]
pub enum DeleteProfileRequest {
    /// By its ISD-P.
    #[rasn(tag(application, 15))]
    IsdpAid(Octets),
    /// By its ICCID.
    Iccid(Iccid),
}

/// What came of that.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 51), automatic_tags)]
pub struct DeleteProfileResponse {
    /// What came of it.
    pub delete_result: DeleteResult,
}

/// Names a profile for the user.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 41))]
pub struct SetNicknameRequest {
    /// Which.
    pub iccid: Iccid,
    /// At most 64 octets; empty to remove it.
    #[rasn(tag(context, 16))]
    pub profile_nickname: String,
}

/// What came of that.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 41), automatic_tags)]
pub struct SetNicknameResponse {
    /// What came of it.
    pub set_nickname_result: SetNicknameResult,
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
        /// a test profile gives way to the profile before it only
        WrongProfileReenabling = 4,
        /// a proactive session is open: try again later
        CatBusy = 5,
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
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of naming.
    pub enum SetNicknameResult {
        /// done
        Ok = 0,
        /// there is no such profile
        IccidNotFound = 1,
        /// an error without a name
        UndefinedError = 127,
    }
}
