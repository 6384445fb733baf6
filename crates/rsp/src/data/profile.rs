//! Profiles: what is known of them, and lists of them (SGP.22, 5.5.3 and 5.7.15).

use alloc::string::String;
use alloc::vec::Vec;

use rasn::types::{FixedOctetString, ObjectIdentifier};
use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use super::codes::{codes, flags};
use super::object::Extensions;
use super::{Iccid, Octets};

codes! {
    /// Whether a profile is what the device has.
    pub enum ProfileState {
        /// disabled
        Disabled = 0,
        /// enabled
        Enabled = 1,
    }

    /// What a profile is for.
    pub enum ProfileClass {
        /// test
        Test = 0,
        /// provisioning
        Provisioning = 1,
        /// operational
        Operational = 2,
    }

    /// The format of an icon.
    pub enum IconType {
        /// JPEG
        Jpg = 0,
        /// PNG
        Png = 1,
    }

    /// Why there is no list.
    pub enum ProfileInfoListError {
        /// the request is not as it should be
        IncorrectInputValues = 1,
        /// an error without a name
        UndefinedError = 127,
    }
}

flags! {
    /// Profile policy rules.
    pub struct PprIds {
        /// Rules may be changed by ES6 only as this says.
        PPR_UPDATE_CONTROL = 0,
        /// PPR1: this profile must not be disabled.
        PPR1 = 1,
        /// PPR2: this profile must not be deleted.
        PPR2 = 2,
        /// PPR3: this profile is deleted when it was disabled.
        PPR3 = 3,
    }

    /// Operations that a server wants to be told of.
    pub struct NotificationEvent {
        /// A profile was installed.
        INSTALL = 0,
        /// A profile was enabled.
        ENABLE = 1,
        /// A profile was disabled.
        DISABLE = 2,
        /// A profile was deleted.
        DELETE = 3,
    }
}

/// Who is told of what.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(automatic_tags)]
pub struct NotificationConfigurationInformation {
    /// Of which operations.
    pub profile_management_operation: NotificationEvent,
    /// The host name of the server.
    pub notification_address: String,
}

/// The operator that a profile belongs to.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(automatic_tags)]
pub struct OperatorId {
    /// MCC and MNC as TS 24.008 has them; `E` is a digit that does not matter.
    pub mcc_mnc: FixedOctetString<3>,
    /// What EF.GID1 has.
    pub gid1: Option<Octets>,
    /// What EF.GID2 has.
    pub gid2: Option<Octets>,
}

/// What the SM-DP+ keeps with a profile.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(automatic_tags)]
pub struct DpProprietaryData {
    /// The SM-DP+ that made the profile.
    pub dp_oid: ObjectIdentifier,
}

/// What is known of a profile.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq, Hash)]
#[rasn(tag(private, 3))]
pub struct ProfileInfo {
    /// Its ICCID.
    pub iccid: Option<Iccid>,
    /// The application identifier of its ISD-P, 1 to 16 octets.
    #[rasn(tag(application, 15))]
    pub isdp_aid: Option<Octets>,
    /// Whether it is enabled.
    #[rasn(tag(context, 112))]
    pub profile_state: Option<ProfileState>,
    /// What the user calls it, at most 64 octets.
    #[rasn(tag(context, 16))]
    pub profile_nickname: Option<String>,
    /// The operator, at most 32 octets.
    #[rasn(tag(context, 17))]
    pub service_provider_name: Option<String>,
    /// Its name, at most 64 octets.
    #[rasn(tag(context, 18))]
    pub profile_name: Option<String>,
    /// The format of the icon.
    #[rasn(tag(context, 19))]
    pub icon_type: Option<IconType>,
    /// The icon, at most 1024 octets.
    #[rasn(tag(context, 20))]
    pub icon: Option<Octets>,
    /// What it is for; operational where nothing is said.
    #[rasn(tag(context, 21))]
    pub profile_class: Option<ProfileClass>,
    /// Who is told of what.
    #[rasn(tag(context, 22))]
    pub notification_configuration_info: Option<Vec<NotificationConfigurationInformation>>,
    /// Whose it is.
    #[rasn(tag(context, 23))]
    pub profile_owner: Option<OperatorId>,
    /// What the SM-DP+ keeps with it.
    #[rasn(tag(context, 24))]
    pub dp_proprietary_data: Option<DpProprietaryData>,
    /// Its policy rules.
    #[rasn(tag(context, 25))]
    pub profile_policy_rules: Option<PprIds>,
    /// What later versions add.
    pub extensions: Extensions,
}

/// Asks for profiles (ES10c.GetProfilesInfo).
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(tag(context, 45))]
pub struct ProfileInfoListRequest {
    /// Which profiles; all without.
    #[rasn(tag(explicit(context, 0)))]
    pub search_criteria: Option<ProfileSearch>,
    /// Which fields of them, as a list of tags; the default ones without.
    #[rasn(tag(application, 28))]
    pub tag_list: Option<Octets>,
}

/// Which profiles.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice)]
pub enum ProfileSearch {
    /// The one of this ISD-P.
    #[rasn(tag(application, 15))]
    IsdpAid(Octets),
    /// The one with this ICCID.
    Iccid(Iccid),
    /// Those of this class.
    #[rasn(tag(context, 21))]
    ProfileClass(ProfileClass),
}

/// A list of profiles.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags, tag(explicit(context, 45)))]
pub enum ProfileInfoListResponse {
    /// The profiles.
    Ok(Vec<ProfileInfo>),
    /// Why not.
    Error(ProfileInfoListError),
}

/// What an eUICC is told of a profile that it installs, and a user before that (ES8+.StoreMetadata).
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(tag(context, 37))]
pub struct StoreMetadataRequest {
    /// Its ICCID.
    pub iccid: Iccid,
    /// The operator, at most 32 octets.
    #[rasn(tag(context, 17))]
    pub service_provider_name: String,
    /// Its name, at most 64 octets.
    #[rasn(tag(context, 18))]
    pub profile_name: String,
    /// The format of the icon.
    #[rasn(tag(context, 19))]
    pub icon_type: Option<IconType>,
    /// The icon, at most 1024 octets.
    #[rasn(tag(context, 20))]
    pub icon: Option<Octets>,
    /// What it is for; operational where nothing is said.
    #[rasn(tag(context, 21))]
    pub profile_class: Option<ProfileClass>,
    /// Who is told of what.
    #[rasn(tag(context, 22))]
    pub notification_configuration_info: Option<Vec<NotificationConfigurationInformation>>,
    /// Whose it is.
    #[rasn(tag(context, 23))]
    pub profile_owner: Option<OperatorId>,
    /// Its policy rules.
    #[rasn(tag(context, 25))]
    pub profile_policy_rules: Option<PprIds>,
    /// What later versions add.
    pub extensions: Extensions,
}

/// Changes what is known of a profile (ES6.UpdateMetadata).
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(tag(context, 42))]
pub struct UpdateMetadataRequest {
    /// The operator.
    #[rasn(tag(context, 17))]
    pub service_provider_name: Option<String>,
    /// Its name.
    #[rasn(tag(context, 18))]
    pub profile_name: Option<String>,
    /// The format of the icon.
    #[rasn(tag(context, 19))]
    pub icon_type: Option<IconType>,
    /// The icon.
    #[rasn(tag(context, 20))]
    pub icon: Option<Octets>,
    /// Its policy rules.
    #[rasn(tag(context, 25))]
    pub profile_policy_rules: Option<PprIds>,
}
