//! What the eUICC tells of itself (SGP.22, 5.7.3, 5.7.7, 5.7.8, 5.7.20 and 5.7.22).

use polysim_apdu::Status;
use polysim_rsp::data::{
    EuiccConfiguredAddressesResponse, EuiccInfo1, EuiccInfo2, ExtCardResource, Extensions,
    GetEuiccDataRequest, GetEuiccDataResponse, GetRatResponse, RspCapability,
    SetDefaultDpAddressRequest, SetDefaultDpAddressResponse, SetDefaultDpAddressResult,
    UiccCapability, Version,
};

use super::Euicc;
use super::function::{Answered, answer};
use crate::card::Card;

/// The version of SGP.22 that is followed.
pub(super) const SVN: [u8; 3] = [2, 5, 0];
/// The version of the profile package format.
const PROFILE_VERSION: [u8; 3] = [3, 3, 1];
/// The version of the protection profile (SGP.25).
const PP_VERSION: [u8; 3] = [1, 0, 0];
/// Volatile memory that a session may take.
const VOLATILE: u32 = 16 * 1_024;
/// Longest host name (RFC 1035, 2.3.4).
const ADDRESS_MAX: usize = 255;
/// The tag of the EID in a list of tags.
const TAG_EID: u8 = 0x5A;

pub(super) fn version([major, minor, revision]: [u8; 3]) -> Version {
    Version::new(major, minor, revision)
}

impl Euicc {
    pub(super) fn info1(&self) -> EuiccInfo1 {
        EuiccInfo1 {
            svn: version(SVN),
            euicc_ci_pk_id_list_for_verification: self.verification_keys(),
            euicc_ci_pk_id_list_for_signing: self.signing_keys(),
            extensions: Extensions::default(),
        }
    }

    pub(super) fn info2(&self) -> EuiccInfo2 {
        let capability = [
            UiccCapability::USIM_SUPPORT,
            UiccCapability::ISIM_SUPPORT,
            UiccCapability::AKA_MILENAGE,
            UiccCapability::AKA_TUAK128,
            UiccCapability::AKA_TUAK256,
        ];
        let capability = capability.into_iter().fold(UiccCapability::NONE, UiccCapability::with);
        EuiccInfo2 {
            profile_version: version(PROFILE_VERSION),
            svn: version(SVN),
            euicc_firmware_ver: self.model.firmware,
            ext_card_resource: self.resources().to_octets(),
            uicc_capability: capability,
            javacard_version: None,
            globalplatform_version: None,
            rsp_capability: RspCapability::ADDITIONAL_PROFILE.with(RspCapability::CRL_SUPPORT),
            euicc_ci_pk_id_list_for_verification: self.verification_keys(),
            euicc_ci_pk_id_list_for_signing: self.signing_keys(),
            euicc_category: None,
            forbidden_profile_policy_rules: None,
            pp_version: version(PP_VERSION),
            sas_acreditation_number: String::new(),
            certification_data_object: None,
            extensions: Extensions::default(),
        }
    }

    fn resources(&self) -> ExtCardResource {
        ExtCardResource {
            applications: u32::try_from(self.isdps.len()).unwrap_or(u32::MAX),
            free_non_volatile: self.free_memory(),
            free_volatile: VOLATILE,
        }
    }

    pub(super) fn addresses(&self) -> EuiccConfiguredAddressesResponse {
        EuiccConfiguredAddressesResponse {
            default_dp_address: self.default_dp_address.clone(),
            root_ds_address: self.model.root_ds_address.clone(),
        }
    }

    pub(super) fn set_default_dp_address(
        &mut self,
        card: &mut Card,
        asked: SetDefaultDpAddressRequest,
    ) -> Result<SetDefaultDpAddressResponse, Status> {
        let address = asked.default_dp_address;
        let set_default_dp_address_result = if address.len() > ADDRESS_MAX {
            SetDefaultDpAddressResult::UndefinedError
        } else {
            card.step()?;
            self.default_dp_address = Some(address).filter(|address| !address.is_empty());
            SetDefaultDpAddressResult::Ok
        };
        Ok(SetDefaultDpAddressResponse { set_default_dp_address_result })
    }

    pub(super) fn data(&self, asked: &GetEuiccDataRequest) -> Answered {
        if asked.tag_list.as_ref() != [TAG_EID] {
            return Err(Status::ReferenceDataNotFound);
        }
        Ok(answer(&GetEuiccDataResponse { eid_value: self.eid.octets().into() }))
    }

    pub(super) fn rules(&self) -> GetRatResponse {
        GetRatResponse { rat: self.model.rules.clone() }
    }
}
