//! The eUICC itself: ES10a, and what ES10b and ES10c tell of it (SGP.22, 5.7).

use alloc::string::String;
use alloc::vec::Vec;

use rasn::types::FixedOctetString;
use rasn::{AsnType, Decode, Decoder, Encode};

use super::codes::{codes, flags};
use super::object::Extensions;
use super::{KeyIdentifier, Octets, OperatorId, PprIds, Version};

/// Asks for [`EuiccInfo1`].
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(tag(context, 32))]
pub struct GetEuiccInfo1Request {}

/// What a server must know of an eUICC before they authenticate each other.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(tag(context, 32))]
pub struct EuiccInfo1 {
    /// The version of SGP.22.
    #[rasn(tag(context, 2))]
    pub svn: Version,
    /// Keys of certificate issuers that it checks signatures with.
    #[rasn(tag(context, 9))]
    pub euicc_ci_pk_id_list_for_verification: Vec<KeyIdentifier>,
    /// Keys of certificate issuers under which it has a certificate of its own.
    #[rasn(tag(context, 10))]
    pub euicc_ci_pk_id_list_for_signing: Vec<KeyIdentifier>,
    /// What later versions add.
    pub extensions: Extensions,
}

/// Asks for [`EuiccInfo2`].
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(tag(context, 34))]
pub struct GetEuiccInfo2Request {}

/// What an eUICC can do, and how much room it has.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(tag(context, 34))]
pub struct EuiccInfo2 {
    /// The version of the profile package format.
    #[rasn(tag(context, 1))]
    pub profile_version: Version,
    /// The version of SGP.22.
    #[rasn(tag(context, 2))]
    pub svn: Version,
    /// The version of its software.
    #[rasn(tag(context, 3))]
    pub euicc_firmware_ver: Version,
    /// Extended card resources (TS 102 226, 8.2.1.7.2); [`ExtCardResource`] reads them.
    #[rasn(tag(context, 4))]
    pub ext_card_resource: Octets,
    /// What profiles may use.
    #[rasn(tag(context, 5))]
    pub uicc_capability: UiccCapability,
    /// The version of Java Card.
    #[rasn(tag(context, 6))]
    pub javacard_version: Option<Version>,
    /// The version of GlobalPlatform.
    #[rasn(tag(context, 7))]
    pub globalplatform_version: Option<Version>,
    /// What of remote provisioning it does beyond the minimum.
    #[rasn(tag(context, 8))]
    pub rsp_capability: RspCapability,
    /// Keys of certificate issuers that it checks signatures with.
    #[rasn(tag(context, 9))]
    pub euicc_ci_pk_id_list_for_verification: Vec<KeyIdentifier>,
    /// Keys of certificate issuers under which it has a certificate of its own.
    #[rasn(tag(context, 10))]
    pub euicc_ci_pk_id_list_for_signing: Vec<KeyIdentifier>,
    /// Its class.
    #[rasn(tag(context, 11))]
    pub euicc_category: Option<EuiccCategory>,
    /// Profile policy rules that no profile may have here.
    #[rasn(tag(context, 25))]
    pub forbidden_profile_policy_rules: Option<PprIds>,
    /// The version of the protection profile.
    pub pp_version: Version,
    /// The number of the accreditation of its maker, at most 64 octets.
    pub sas_acreditation_number: String,
    /// Where its certification is written down.
    #[rasn(tag(context, 12))]
    pub certification_data_object: Option<CertificationDataObject>,
    /// What later versions add.
    pub extensions: Extensions,
}

/// Where to find the certification of an eUICC.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(automatic_tags)]
pub struct CertificationDataObject {
    /// The label of the platform.
    pub platform_label: String,
    /// The address of the registrar.
    pub discovery_base_url: String,
}

codes! {
    /// The class of an eUICC.
    pub enum EuiccCategory {
        /// another class
        Unspecified = 0,
        /// basic eUICC
        Basic = 1,
        /// medium eUICC
        Medium = 2,
        /// contactless eUICC
        Contactless = 3,
    }

    /// What came of a memory reset.
    pub enum EuiccMemoryResetResult {
        /// done
        Ok = 0,
        /// there was nothing to delete
        NothingToDelete = 1,
        /// a proactive session is open: try again later
        CatBusy = 5,
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of setting the default SM-DP+.
    pub enum SetDefaultDpAddressResult {
        /// done
        Ok = 0,
        /// an error without a name
        UndefinedError = 127,
    }
}

flags! {
    /// What of remote provisioning an eUICC does beyond the minimum.
    pub struct RspCapability {
        /// One more profile can be installed.
        ADDITIONAL_PROFILE = 0,
        /// Certificate revocation lists.
        CRL_SUPPORT = 1,
        /// Remote profile management.
        RPM_SUPPORT = 2,
        /// Test profiles.
        TEST_PROFILE_SUPPORT = 3,
        /// Device information of later versions.
        DEVICE_INFO_EXTENSIBILITY_SUPPORT = 4,
    }

    /// What profiles may use on an eUICC.
    pub struct UiccCapability {
        /// Contactless.
        CONTACTLESS_SUPPORT = 0,
        /// USIM.
        USIM_SUPPORT = 1,
        /// ISIM.
        ISIM_SUPPORT = 2,
        /// CSIM.
        CSIM_SUPPORT = 3,
        /// MILENAGE.
        AKA_MILENAGE = 4,
        /// CAVE.
        AKA_CAVE = 5,
        /// TUAK with keys of 128 bits.
        AKA_TUAK128 = 6,
        /// TUAK with keys of 256 bits.
        AKA_TUAK256 = 7,
        /// GBA of the USIM.
        GBA_AUTHEN_USIM = 10,
        /// GBA of the ISIM.
        GBA_AUTHEN_ISIM = 11,
        /// MBMS.
        MBMS_AUTHEN_USIM = 12,
        /// EAP.
        EAP_CLIENT = 13,
        /// Java Card.
        JAVACARD = 14,
        /// MULTOS.
        MULTOS = 15,
        /// Several USIMs in one profile.
        MULTIPLE_USIM_SUPPORT = 16,
        /// Several ISIMs in one profile.
        MULTIPLE_ISIM_SUPPORT = 17,
        /// Several CSIMs in one profile.
        MULTIPLE_CSIM_SUPPORT = 18,
        /// Files with BER-TLV structure.
        BER_TLV_FILE_SUPPORT = 19,
        /// Links between directories.
        DF_LINK_SUPPORT = 20,
        /// TUAK in CAT.
        CAT_TP = 21,
        /// Subscription identifiers calculated in the USIM.
        GET_IDENTITY = 22,
        /// The same, by ECIES profile A.
        PROFILE_A_X25519 = 23,
        /// The same, by ECIES profile B.
        PROFILE_B_P256 = 24,
        /// The same, by the maker.
        SUCI_CALCULATOR_API = 25,
    }

    /// What a memory reset deletes.
    pub struct ResetOptions {
        /// Profiles of the class operational.
        DELETE_OPERATIONAL_PROFILES = 0,
        /// Test profiles that were loaded in the field.
        DELETE_FIELD_LOADED_TEST_PROFILES = 1,
        /// The default SM-DP+.
        RESET_DEFAULT_SMDP_ADDRESS = 2,
    }

    /// Conditions of a rule.
    pub struct PprFlags {
        /// The user must agree.
        CONSENT_REQUIRED = 0,
    }

    /// How the eUICC's own profile assistant talks to the user.
    pub struct LpaeSupport {
        /// By the card application toolkit.
        USING_CAT = 0,
        /// By a web server on the card.
        USING_SCWS = 1,
    }
}

/// Extended card resources: three BER-TLVs (TS 102 226, 8.2.1.7.2).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ExtCardResource {
    /// Applications installed, `81`.
    pub applications: u32,
    /// Free non-volatile memory in octets, `82`.
    pub free_non_volatile: u32,
    /// Free volatile memory in octets, `83`.
    pub free_volatile: u32,
}

impl ExtCardResource {
    /// Writes them, numbers as short as they can be.
    #[must_use]
    pub fn to_octets(self) -> Octets {
        let mut out = Vec::with_capacity(16);
        for (tag, value) in
            [(0x81, self.applications), (0x82, self.free_non_volatile), (0x83, self.free_volatile)]
        {
            let bytes = value.to_be_bytes();
            let skip = bytes.iter().take(3).take_while(|byte| **byte == 0).count();
            let short = bytes.get(skip..).unwrap_or_default();
            out.push(tag);
            out.push(u8::try_from(short.len()).unwrap_or_default());
            out.extend_from_slice(short);
        }
        out.into()
    }

    /// Reads them; what is not there is 0, and what is no resource is passed over.
    #[must_use]
    pub fn read(octets: &[u8]) -> Self {
        let mut all = Self::default();
        let mut rest = octets;
        while let [tag, length, tail @ ..] = rest {
            let Some((value, next)) = tail.split_at_checked(usize::from(*length)) else { break };
            let number = value.iter().fold(0u32, |all, byte| all << 8 | u32::from(*byte));
            match tag {
                0x81 => all.applications = number,
                0x82 => all.free_non_volatile = number,
                0x83 => all.free_volatile = number,
                _ => {}
            }
            rest = next;
        }
        all
    }
}

/// Asks for a challenge: a session with a server begins.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(tag(context, 46))]
pub struct GetEuiccChallengeRequest {}

/// The challenge for the server.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 46), automatic_tags)]
pub struct GetEuiccChallengeResponse {
    /// Random.
    pub euicc_challenge: FixedOctetString<16>,
}

/// Asks for the addresses that are configured (ES10a).
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(tag(context, 60))]
pub struct EuiccConfiguredAddressesRequest {}

/// The addresses that are configured.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 60), automatic_tags)]
pub struct EuiccConfiguredAddressesResponse {
    /// The SM-DP+ that is asked where nothing else is said.
    pub default_dp_address: Option<String>,
    /// The SM-DS that is asked for events.
    pub root_ds_address: String,
}

/// Sets the default SM-DP+ (ES10a).
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 63), automatic_tags)]
pub struct SetDefaultDpAddressRequest {
    /// A host name; empty to remove it.
    pub default_dp_address: String,
}

/// What came of that.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 63), automatic_tags)]
pub struct SetDefaultDpAddressResponse {
    /// What came of it.
    pub set_default_dp_address_result: SetDefaultDpAddressResult,
}

/// Asks for the EID: the tag list is `5A`.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 62))]
pub struct GetEuiccDataRequest {
    /// Which data; `5A` is the only one.
    #[rasn(tag(application, 28))]
    pub tag_list: Octets,
}

/// The EID.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 62))]
pub struct GetEuiccDataResponse {
    /// 32 digits, two in an octet, not swapped.
    #[rasn(tag(application, 26))]
    pub eid_value: FixedOctetString<16>,
}

/// Deletes profiles and settings (ES10c).
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 52))]
pub struct EuiccMemoryResetRequest {
    /// What to delete.
    #[rasn(tag(context, 2))]
    pub reset_options: ResetOptions,
}

/// What came of that.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 52), automatic_tags)]
pub struct EuiccMemoryResetResponse {
    /// What came of it.
    pub reset_result: EuiccMemoryResetResult,
}

/// Asks for the rules that say which policies profiles may have.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(tag(context, 67))]
pub struct GetRatRequest {}

/// The rules authorisation table.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 67), automatic_tags)]
pub struct GetRatResponse {
    /// The rules, the first that fits counts.
    pub rat: Vec<ProfilePolicyAuthorisationRule>,
}

/// Which operators may have which policies in their profiles.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(automatic_tags)]
pub struct ProfilePolicyAuthorisationRule {
    /// The policies.
    pub ppr_ids: PprIds,
    /// The operators; `EEEEEE` stands for any.
    pub allowed_operators: Vec<OperatorId>,
    /// On which conditions.
    pub ppr_flags: PprFlags,
}

/// What the ISD-R says of itself when it is selected.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(private, 0))]
pub struct IsdrProprietaryApplicationTemplate {
    /// The version of SGP.22.
    #[rasn(tag(context, 2))]
    pub svn: Version,
    /// How its own profile assistant talks to the user, if it has one.
    pub lpae_support: Option<LpaeSupport>,
    /// What later versions add.
    pub extensions: Extensions,
}
