use super::*;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn iccid() -> Iccid {
    Iccid::from_bytes([0x98, 0x00, 0x10, 0x32, 0x54, 0x76, 0x98, 0x10, 0x32, 0x54])
}

#[test]
fn requests_have_the_octets_that_profile_assistants_send() {
    assert_eq!(encode(&GetEuiccChallengeRequest {}), hex("BF2E00"));
    assert_eq!(encode(&GetEuiccInfo1Request {}), hex("BF2000"));
    assert_eq!(encode(&ProfileInfoListRequest::default()), hex("BF2D00"));
    assert_eq!(encode(&ListNotificationRequest::default()), hex("BF2800"));
    let eid = GetEuiccDataRequest { tag_list: vec![0x5A].into() };
    assert_eq!(encode(&eid), hex("BF3E035C015A"));
    let enable = EnableProfileRequest {
        profile_identifier: ProfileIdentifier::Iccid(iccid()),
        refresh_flag: false,
    };
    assert_eq!(encode(&enable), hex("BF31 11 A0 0C 5A 0A 98001032547698103254 81 01 00"));
    let delete = DeleteProfileRequest::Iccid(iccid());
    assert_eq!(encode(&delete), hex("BF33 0C 5A 0A 98001032547698103254"));
    let retrieve = RetrieveNotificationsListRequest {
        search_criteria: Some(NotificationSearch::SeqNumber(7)),
    };
    assert_eq!(encode(&retrieve), hex("BF2B 05 A0 03 80 01 07"));
    assert_eq!(encode(&NotificationSentRequest { seq_number: 7 }), hex("BF30 03 80 01 07"));
    let rename = SetNicknameRequest { iccid: iccid(), profile_nickname: "a".to_string() };
    assert_eq!(encode(&rename), hex("BF29 0F 5A 0A 98001032547698103254 90 01 61"));
}

#[test]
fn empty_requests_are_read() {
    assert_eq!(decode("x", &hex("BF2E00")), Ok(GetEuiccChallengeRequest {}));
    assert_eq!(decode("x", &hex("BF2D00")), Ok(ProfileInfoListRequest::default()));
    assert_eq!(decode("x", &hex("BF2B00")), Ok(RetrieveNotificationsListRequest::default()));
    assert_eq!(decode("x", &hex("BF2400")), Ok(ConfigureIsdpRequest::default()));
}

#[test]
fn a_choice_without_a_tag_of_its_own_is_tagged_explicitly() {
    let wrong: Result<RetrieveNotificationsListRequest, _> = decode("x", &hex("BF2B 03 80 01 07"));
    assert!(wrong.is_err(), "{wrong:?}");
}

#[test]
fn responses_have_automatic_tags() {
    let list = ProfileInfoListResponse::Ok(vec![ProfileInfo {
        iccid: Some(iccid()),
        profile_state: Some(ProfileState::Enabled),
        ..ProfileInfo::default()
    }]);
    let der = encode(&list);
    assert_eq!(der, hex("BF2D 14 A0 12 E3 10 5A 0A 98001032547698103254 9F70 01 01"));
    assert_eq!(decode("x", &der), Ok(list));
    let none = ListNotificationResponse::Ok(Vec::new());
    assert_eq!(encode(&none), hex("BF28 02 A0 00"));
    let refused = CancelSessionResponse::Error(CancelSessionError::InvalidTransactionId);
    assert_eq!(encode(&refused), hex("BF41 03 81 01 05"));
    let error = AuthenticateServerResponse::Error(AuthenticateResponseError {
        transaction_id: vec![1].into(),
        authenticate_error_code: AuthenticateErrorCode::InvalidOid,
    });
    assert_eq!(encode(&error), hex("BF38 08 A1 06 80 01 01 02 01 05"));
}

#[test]
fn named_bits_have_no_zeros_at_their_end() {
    let event = NotificationConfigurationInformation {
        profile_management_operation: NotificationEvent::INSTALL.with(NotificationEvent::DELETE),
        notification_address: "a".to_string(),
    };
    assert_eq!(encode(&event), hex("30 07 80 02 04 90 81 01 61"));
    let none = EuiccMemoryResetRequest { reset_options: ResetOptions::NONE };
    assert_eq!(encode(&none), hex("BF34 03 82 01 00"));
    let all: EuiccMemoryResetRequest = decode("x", &hex("BF34 04 82 02 05 E0")).unwrap();
    assert_eq!(all.reset_options.names().len(), 3);
}

#[test]
fn what_was_signed_keeps_its_octets() {
    // The length of the sequence is not as short as it could be, which DER forbids and a signature
    // over it would not forgive.
    let signed = ServerSigned1 {
        transaction_id: vec![1, 2].into(),
        euicc_challenge: [3; 16].into(),
        server_address: "host".to_string(),
        server_challenge: [4; 16].into(),
        extensions: Extensions::default(),
    };
    let mut der = encode(&signed);
    der.extend_from_slice(&[0x85, 0x01, 0x09]);
    der[1] += 3;
    let read: Raw<ServerSigned1> = decode("x", &der).unwrap();
    assert_eq!(read.der(), der);
    assert_eq!(read.extensions.der(), [0x85, 0x01, 0x09]);
    assert_eq!(encode(&read), der);
}

#[test]
fn a_value_without_a_name_is_kept() {
    let der = hex("BF31 03 80 01 09");
    let read: EnableProfileResponse = decode("x", &der).unwrap();
    assert_eq!(read.enable_result, EnableResult::Other(9));
    assert_eq!(encode(&read), der);
}

#[test]
fn an_error_says_both_halves_in_words() {
    let result = ErrorResult {
        bpp_command_id: BppCommandId::LoadProfileElements,
        error_reason: ErrorReason::InstallFailedDueToPeProcessingError,
        sima_response: None,
    };
    let text = result.to_string();
    assert!(text.contains("profile element") && text.contains("(12)") && text.contains("(5)"));
}

#[test]
fn resources_are_short_numbers() {
    let resources =
        ExtCardResource { applications: 1, free_non_volatile: 0x01_0000, free_volatile: 0 };
    let octets = resources.to_octets();
    assert_eq!(octets.as_ref(), hex("810101 8203010000 830100"));
    assert_eq!(ExtCardResource::read(&octets), resources);
}

#[test]
fn a_matching_identifier_shows_nowhere() {
    let device_info = DeviceInfo {
        tac: vec![0x35, 0x29, 0x06, 0x11].into(),
        device_capabilities: DeviceCapabilities::default(),
        imei: None,
    };
    let looks_for = CtxParams1::CommonAuthentication(CtxParamsForCommonAuthentication {
        matching_id: Some("TOP-SECRET".to_string()),
        device_info,
    });
    let raw = std::format!("{:?}", Raw::new(looks_for));
    assert!(raw.contains("***") && !raw.contains("SECRET") && !raw.contains("83, 69, 67"), "{raw}");
}
