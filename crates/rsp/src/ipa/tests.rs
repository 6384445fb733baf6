use super::*;
use crate::data::{Iccid, ProfileInfoListRequest, Raw, SetDefaultDpAddressRequest, decode, encode};
use core::fmt::Debug;
use polysim_base::parse_hex;
use proptest::prelude::*;
use rasn::types::FixedOctetString;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

fn iccid() -> Iccid {
    Iccid::from_bytes([0x98; 10])
}

/// Checks that an object has these octets, and is read from them.
fn is<T: rasn::Encode + rasn::Decode + PartialEq + Debug>(object: &T, hex: &str) {
    let octets = parse_hex(hex.replace(' ', "").as_bytes()).unwrap();
    assert_eq!(encode(object), octets, "{object:?}");
    assert_eq!(decode::<T>("object", &octets).unwrap(), *object);
}

fn round_trips<T: rasn::Encode + rasn::Decode + PartialEq + Debug>(object: &T) {
    let octets = encode(object);
    assert!(!octets.is_empty(), "{object:?}");
    assert_eq!(decode::<T>("object", &octets).unwrap(), *object);
}

#[test]
fn requests_of_es10b_have_their_tags() {
    is(&ProfileRollbackRequest { refresh_flag: true }, "BF58 03 80 01 FF");
    is(&ImmediateEnableRequest { refresh_flag: true }, "BF5A 03 80 01 FF");
    is(&ExecuteFallbackMechanismRequest { refresh_flag: true }, "BF5D 03 80 01 FF");
    is(&ReturnFromFallbackRequest { refresh_flag: false }, "BF5E 03 80 01 00");
    let result = ExecuteFallbackResult::FallbackNotAvailable;
    is(
        &ExecuteFallbackMechanismResponse { execute_fallback_mechanism_result: result },
        "BF5D 03 80 01 06",
    );
    let rolled = ProfileRollbackResponse {
        cmd_result: RollbackCommandResult::Ok,
        euicc_package_result: None,
    };
    is(&rolled, "BF58 03 02 01 00");
    is(&GetEimConfigurationDataRequest::default(), "BF55 00");
    let one = EimSearch::EimId("eim".to_string());
    is(&GetEimConfigurationDataRequest { search_criteria: Some(one) }, "BF55 05 80 03 65696D");
}

#[test]
fn operations_have_their_tags() {
    let by = || ByIccid { iccid: iccid() };
    let id = "5A 0A 98989898989898989898";
    let enable = EnablePsmo { iccid: iccid(), rollback_flag: Some(()) };
    is(&Psmo::Enable(enable), &std::format!("A3 0E {id} 05 00"));
    is(&Psmo::Disable(by()), &std::format!("A4 0C {id}"));
    is(&Psmo::Delete(by()), &std::format!("A5 0C {id}"));
    is(&Psmo::ListProfileInfo(ProfileInfoListRequest::default()), "BF2D 00");
    is(&Psmo::GetRat(Empty {}), "A6 00");
    let at_once = ConfigureImmediateEnable {
        immediate_enable_flag: Some(()),
        ..ConfigureImmediateEnable::default()
    };
    is(&Psmo::ConfigureImmediateEnable(at_once), "A7 02 80 00");
    is(&Psmo::SetFallbackAttribute(by()), &std::format!("A8 0C {id}"));
    is(&Psmo::UnsetFallbackAttribute(Empty {}), "A9 00");
    let address = SetDefaultDpAddressRequest { default_dp_address: "a".to_string() };
    is(&Psmo::SetDefaultDpAddress(address), "BF65 03 80 01 61");
    is(&Eco::ListEim(Empty {}), "AB 00");
    is(&Eco::DeleteEim(DeleteEim { eim_id: "e".to_string() }), "A9 03 80 01 65");
}

fn configuration() -> EimConfigurationData {
    let certificate = SequenceDer::new(vec![0x30, 3, 2, 1, 7]).unwrap();
    EimConfigurationData {
        eim_id: "eim".to_string(),
        eim_fqdn: Some("eim.example".to_string()),
        eim_id_type: Some(EimIdType::Fqdn),
        counter_value: Some(300),
        association_token: Some(-1),
        eim_public_key_data: Some(EimPublicKeyData::EimCertificate(certificate.clone())),
        trusted_public_key_data_tls: Some(TrustedPublicKeyDataTls::TrustedEimPkTls(certificate)),
        eim_supported_protocol: Some(EimSupportedProtocol::RETRIEVE_HTTPS),
        euicc_ci_pk_id: Some(vec![1; 20].into()),
        indirect_profile_download: None,
    }
}

#[test]
fn a_key_takes_the_tag_of_its_place_on_the_wire_alone() {
    let octets = encode(&configuration());
    let key = [0xA5, 5, 0xA1, 3, 2, 1, 7, 0xA6, 5, 0xA0, 3, 2, 1, 7];
    assert!(octets.windows(key.len()).any(|window| window == key), "{octets:02X?}");
    round_trips(&configuration());
    round_trips(&Eco::AddEim(configuration()));
    round_trips(&AddInitialEimRequest { eim_configuration_data_list: vec![configuration()] });
    let added = vec![AddInitialEimOk::AssociationToken(7), AddInitialEimOk::AddOk(())];
    is(&AddInitialEimResponse::Ok(added), "BF57 07 A0 05 84 01 07 05 00");
    is(&AddInitialEimResponse::Error(AddInitialEimError::CiPkUnknown), "BF57 03 81 01 03");
    assert_eq!(SequenceDer::new(vec![0x31, 0]), None);
}

fn request() -> EuiccPackageRequest {
    let enable = EnablePsmo { iccid: iccid(), rollback_flag: Some(()) };
    EuiccPackageRequest {
        euicc_package_signed: Raw::new(EuiccPackageSigned {
            eim_id: "eim".to_string(),
            eid_value: FixedOctetString::new([0x89; 16]),
            counter_value: 1,
            eim_transaction_id: Some(vec![1, 2].into()),
            euicc_package: EuiccPackage::PsmoList(vec![Psmo::Enable(enable)]),
        }),
        eim_signature: FixedOctetString::new([7; 64]),
    }
}

fn result() -> EuiccPackageResult {
    let data = EuiccPackageResultDataSigned {
        eim_id: "eim".to_string(),
        counter_value: 1,
        eim_transaction_id: None,
        seq_number: 9,
        euicc_result: vec![
            EuiccResultData::Enable(EnableResult::RollbackNotAvailable),
            EuiccResultData::AddEim(AddEimResult::AssociationToken(4)),
            EuiccResultData::ListEim(ListEimResult::EimIdList(vec![])),
            EuiccResultData::ProcessingTerminated(ProcessingTerminated::Interruption),
        ],
    };
    EuiccPackageResult::Signed(EuiccPackageResultSigned {
        euicc_package_result_data_signed: Raw::new(data),
        euicc_sign_epr: FixedOctetString::new([7; 64]),
    })
}

#[test]
fn results_have_their_tags() {
    is(&EuiccResultData::Enable(EnableResult::Ok), "83 01 00");
    is(&EuiccResultData::AddEim(AddEimResult::AssociationToken(4)), "A8 03 84 01 04");
    is(&EuiccResultData::ListEim(ListEimResult::EimIdList(vec![])), "AB 02 A0 00");
    let profiles = crate::data::ProfileInfoListResponse::Ok(vec![]);
    is(&EuiccResultData::ListProfileInfo(profiles), "BF2D 02 A0 00");
    let none = SetFallbackAttributeResult::FallbackNotAllowed;
    is(&EuiccResultData::SetFallbackAttribute(none), "8D 01 02");
    let stopped = ProcessingTerminated::Interruption;
    is(&EuiccResultData::ProcessingTerminated(stopped), "02 01 03");
    assert!(encode(&result()).starts_with(&[0xBF, 0x51]));
    round_trips(&result());
    let unknown = EuiccPackageErrorUnsigned {
        eim_id: "e".to_string(),
        eim_transaction_id: None,
        association_token: Some(2),
    };
    is(&EuiccPackageResult::ErrorUnsigned(unknown), "BF51 08 A2 06 80 01 65 84 01 02");
}

#[test]
fn messages_of_esipa_have_their_tags() {
    let ask = GetEimPackageRequest {
        eid_value: FixedOctetString::new([0x89; 16]),
        notify_state_change: Some(()),
        state_change_cause: Some(StateChangeCause::Fallback),
        rplmn: Some(FixedOctetString::new([0x00, 0xF1, 0x10])),
    };
    let eid = "89".repeat(16);
    is(&ask, &std::format!("BF4F 1C 5A 10 {eid} 80 00 81 01 01 82 03 00F110"));
    is(&GetEimPackageResponse::Error(NoPackageReason::NoEimPackageAvailable), "BF4F 03 02 01 01");
    round_trips(&GetEimPackageResponse::EuiccPackageRequest(request().into()));
    let download = ProfileDownloadTriggerRequest {
        profile_download_data: Some(ProfileDownloadData::ActivationCode("1$a$".to_string())),
        eim_transaction_id: None,
    };
    is(&download, "BF54 08 A0 06 80 04 31246124");
    let acks = EimAcknowledgements(vec![SequenceNumber(9)]);
    is(
        &ProvideEimPackageResultResponse::EimAcknowledgements(acks.clone()),
        "BF50 06 BF53 03 80 01 09",
    );
    round_trips(&TransferEimPackageRequest::EimAcknowledgements(acks));
    // Of those who speak it in the field: the smallest error.
    let error = ProvideEimPackageResult {
        eid_value: None,
        eim_package_result: EimPackageResult::Error(EimPackageError {
            eim_transaction_id: None,
            eim_package_result_error_code: EimPackageErrorCode::UndefinedError,
        }),
    };
    is(&error, "BF50 05 A0 03 02 01 7F");
    round_trips(&ProvideEimPackageResult {
        eid_value: Some(FixedOctetString::new([0x89; 16])),
        eim_package_result: EimPackageResult::EuiccPackageResult(result().into()),
    });
    let told = IpaEuiccDataResponse::Ok(IpaEuiccData::default().into());
    is(&EimPackageResult::IpaEuiccDataResponse(told), "BF52 02 A0 00");
    let data = IpaEuiccData {
        default_smdp_address: Some("a".to_string()),
        eum_certificate: SequenceDer::new(vec![0x30, 0]),
        ..IpaEuiccData::default()
    };
    is(&IpaEuiccDataResponse::Ok(data.into()), "BF52 07 A0 05 81 01 61 A5 00");
}

proptest! {
    #[test]
    fn no_octets_make_a_reader_panic(octets: Vec<u8>, at: proptest::sample::Index, to: u8) {
        let mut bent = encode(&request());
        let place = at.index(bent.len());
        bent[place] = to;
        for octets in [octets, bent] {
            drop(decode::<EuiccPackageRequest>("request", &octets));
            drop(decode::<EuiccPackageResult>("result", &octets));
            drop(decode::<ProvideEimPackageResult>("result", &octets));
            drop(decode::<AddInitialEimRequest>("request", &octets));
        }
    }
}
