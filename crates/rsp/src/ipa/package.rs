//! eUICC packages: what an eIM has an eUICC do, signed.

use alloc::string::String;
use alloc::vec::Vec;

use rasn::types::{FixedOctetString, ObjectIdentifier};
use rasn::{AsnType, Decode, Decoder, Encode};

use super::EimConfigurationData;
use crate::data::{Iccid, ProfileInfoListRequest, Raw, SetDefaultDpAddressRequest, TransactionId};

/// A package for an eUICC.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 81))]
pub struct EuiccPackageRequest {
    /// What is signed.
    pub euicc_package_signed: Raw<EuiccPackageSigned>,
    /// Over that and the association token, by the eIM's key.
    #[rasn(tag(application, 55))]
    pub eim_signature: FixedOctetString<64>,
}

/// What an eIM signs.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct EuiccPackageSigned {
    /// Who signs.
    #[rasn(tag(context, 0))]
    pub eim_id: String,
    /// The eUICC.
    #[rasn(tag(application, 26))]
    pub eid_value: FixedOctetString<16>,
    /// Higher than in any package before.
    #[rasn(tag(context, 1))]
    pub counter_value: u64,
    /// Names the package for the eIM.
    #[rasn(tag(context, 2))]
    pub eim_transaction_id: Option<TransactionId>,
    /// What to do.
    pub euicc_package: EuiccPackage,
}

/// What to do, in order.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags)]
pub enum EuiccPackage {
    /// With profiles.
    PsmoList(Vec<Psmo>),
    /// With the configuration of eIMs.
    EcoList(Vec<Eco>),
}

/// A profile state management operation.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice)]
pub enum Psmo {
    /// Enables a profile.
    #[rasn(tag(context, 3))]
    Enable(EnablePsmo),
    /// Disables a profile.
    #[rasn(tag(context, 4))]
    Disable(ByIccid),
    /// Deletes a profile.
    #[rasn(tag(context, 5))]
    Delete(ByIccid),
    /// Lists profiles.
    ListProfileInfo(ProfileInfoListRequest),
    /// Asks for the rules authorisation table.
    #[rasn(tag(context, 6))]
    GetRat(Empty),
    /// Says whether a profile is enabled as soon as it is installed.
    #[rasn(tag(context, 7))]
    ConfigureImmediateEnable(ConfigureImmediateEnable),
    /// Makes a profile the one to fall back to.
    #[rasn(tag(context, 8))]
    SetFallbackAttribute(ByIccid),
    /// Leaves no profile to fall back to.
    #[rasn(tag(context, 9))]
    UnsetFallbackAttribute(Empty),
    /// Sets the default SM-DP+.
    #[rasn(tag(context, 101))]
    SetDefaultDpAddress(SetDefaultDpAddressRequest),
}

/// Nothing more is to be said.
#[derive(AsnType, Clone, Copy, Debug, Decode, Default, Encode, Eq, PartialEq)]
pub struct Empty {}

/// Enables a profile.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct EnablePsmo {
    /// Which.
    pub iccid: Iccid,
    /// The device may go back to the profile before if this one has no service.
    pub rollback_flag: Option<()>,
}

/// Names a profile.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct ByIccid {
    /// Which.
    pub iccid: Iccid,
}

/// Says whether a profile is enabled as soon as it is installed.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(automatic_tags)]
pub struct ConfigureImmediateEnable {
    /// It is.
    pub immediate_enable_flag: Option<()>,
    /// Where it comes from this SM-DP+, by its identifier.
    pub default_smdp_oid: Option<ObjectIdentifier>,
    /// Where it comes from this SM-DP+, by its host name.
    pub default_smdp_address: Option<String>,
}

/// An eIM configuration operation.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice)]
pub enum Eco {
    /// Adds an eIM.
    #[rasn(tag(context, 8))]
    AddEim(EimConfigurationData),
    /// Deletes an eIM.
    #[rasn(tag(context, 9))]
    DeleteEim(DeleteEim),
    /// Changes what is known of an eIM.
    #[rasn(tag(context, 10))]
    UpdateEim(EimConfigurationData),
    /// Lists eIMs.
    #[rasn(tag(context, 11))]
    ListEim(Empty),
}

/// Deletes an eIM.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct DeleteEim {
    /// Which.
    #[rasn(tag(context, 0))]
    pub eim_id: String,
}
