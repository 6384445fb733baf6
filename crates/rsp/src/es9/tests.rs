use super::*;
use crate::data::{
    AuthenticateErrorCode, AuthenticateResponseError, AuthenticateServerResponse,
    CancelSessionReason, CancelSessionResponse, CancelSessionResponseOk, CertificateDer,
    DownloadErrorCode, EuiccCancelSessionSigned, EuiccInfo1, Extensions, Iccid, NotificationEvent,
    NotificationMetadata, OtherSignedNotification, PendingNotification, PrepareDownloadResponse,
    PrepareDownloadResponseError, Raw, ServerSigned1, SmdpSigned2, StoreMetadataRequest, Version,
};
use alloc::boxed::Box;
use proptest::prelude::*;
use rasn::types::{FixedOctetString, ObjectIdentifier};
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

fn certificate() -> CertificateDer {
    CertificateDer::new(vec![0x30, 3, 2, 1, 7])
}

fn requests() -> Vec<Request> {
    let transaction_id: crate::data::TransactionId = vec![0xAB, 0xCD].into();
    let info1 = EuiccInfo1 {
        svn: Version::new(2, 5, 0),
        euicc_ci_pk_id_list_for_verification: vec![vec![1; 20].into()],
        euicc_ci_pk_id_list_for_signing: vec![vec![1; 20].into()],
        extensions: Extensions::default(),
    };
    let no = AuthenticateResponseError {
        transaction_id: transaction_id.clone(),
        authenticate_error_code: AuthenticateErrorCode::InvalidOid,
    };
    let not_ready = PrepareDownloadResponseError {
        transaction_id: transaction_id.clone(),
        download_error_code: DownloadErrorCode::InvalidSignature,
    };
    let notification = OtherSignedNotification {
        tbs_other_notification: Raw::new(NotificationMetadata {
            seq_number: 7,
            profile_management_operation: NotificationEvent::ENABLE,
            notification_address: "smdp.example".to_string(),
            iccid: Some(Iccid::from_bytes([0x98; 10])),
        }),
        euicc_notification_signature: FixedOctetString::new([9; 64]),
        euicc_certificate: certificate(),
        eum_certificate: certificate(),
    };
    let cancel = CancelSessionResponseOk {
        euicc_cancel_session_signed: Raw::new(EuiccCancelSessionSigned {
            transaction_id: transaction_id.clone(),
            smdp_oid: ObjectIdentifier::new(vec![2, 999, 10]).unwrap(),
            reason: CancelSessionReason::Postponed,
        }),
        euicc_cancel_session_signature: FixedOctetString::new([8; 64]),
    };
    vec![
        Request::InitiateAuthentication(Box::new(InitiateAuthentication {
            euicc_challenge: [5; 16],
            smdp_address: "smdp.example".to_string(),
            euicc_info1: Raw::new(info1),
        })),
        Request::AuthenticateClient(Box::new(AuthenticateClient {
            transaction_id: transaction_id.clone(),
            authenticate_server_response: Raw::new(AuthenticateServerResponse::Error(no)),
        })),
        Request::GetBoundProfilePackage(Box::new(GetBoundProfilePackage {
            transaction_id: transaction_id.clone(),
            prepare_download_response: Raw::new(PrepareDownloadResponse::Error(not_ready)),
        })),
        Request::HandleNotification(Box::new(PendingNotification::OtherSignedNotification(
            Box::new(notification),
        ))),
        Request::CancelSession(Box::new(CancelSession {
            transaction_id,
            cancel_session_response: Raw::new(CancelSessionResponse::Ok(cancel)),
        })),
    ]
}

fn answers() -> Vec<(Function, Answer)> {
    let transaction_id: crate::data::TransactionId = vec![0xAB, 0xCD].into();
    let signed1 = ServerSigned1 {
        transaction_id: transaction_id.clone(),
        euicc_challenge: FixedOctetString::new([5; 16]),
        server_address: "smdp.example".to_string(),
        server_challenge: FixedOctetString::new([6; 16]),
        extensions: Extensions::default(),
    };
    let metadata = StoreMetadataRequest {
        iccid: Iccid::from_bytes([0x98; 10]),
        service_provider_name: "Operator".to_string(),
        profile_name: "Profile".to_string(),
        icon_type: None,
        icon: None,
        profile_class: None,
        notification_configuration_info: None,
        profile_owner: None,
        profile_policy_rules: None,
        extensions: Extensions::default(),
    };
    let signed2 = SmdpSigned2 {
        transaction_id: transaction_id.clone(),
        cc_required_flag: true,
        bpp_euicc_otpk: None,
        extensions: Extensions::default(),
    };
    let entry = |event: &str| EventEntry {
        event_id: event.to_string(),
        rsp_server_address: "smdp.example".to_string(),
    };
    vec![
        (
            Function::InitiateAuthentication,
            Answer::InitiateAuthentication(Box::new(InitiateAuthenticationOk {
                transaction_id: transaction_id.clone(),
                server_signed1: Raw::new(signed1),
                server_signature1: [7; 64],
                euicc_ci_pk_id_to_be_used: vec![1; 20].into(),
                server_certificate: certificate(),
            })),
        ),
        (
            Function::AuthenticateClient,
            Answer::AuthenticateClient(Box::new(AuthenticateClientOk {
                transaction_id: transaction_id.clone(),
                profile_metadata: Raw::new(metadata),
                smdp_signed2: Raw::new(signed2),
                smdp_signature2: [7; 64],
                smdp_certificate: certificate(),
            })),
        ),
        (
            Function::AuthenticateClient,
            Answer::Events {
                transaction_id: transaction_id.clone(),
                entries: vec![entry("EVENT-1"), entry("EVENT-2")],
            },
        ),
        (
            Function::GetBoundProfilePackage,
            Answer::GetBoundProfilePackage {
                transaction_id,
                bound_profile_package: vec![0xBF, 0x36, 0x00],
            },
        ),
        (Function::HandleNotification, Answer::HandleNotification),
        (Function::CancelSession, Answer::CancelSession),
        (Function::CancelSession, Answer::Refused(Refusal::TransactionUnknown.status())),
    ]
}

#[test]
fn a_status_says_its_two_codes() {
    assert_eq!(Status::new("8.2.6", "3.8").to_string(), "8.2.6 - 3.8");
}

#[test]
fn each_refusal_has_codes_of_its_own_and_is_found_by_them() {
    for refusal in Refusal::ALL {
        assert_eq!(Refusal::from_status(&refusal.status()), Some(*refusal));
        assert!(refusal.explain().ends_with('.'), "{refusal}");
    }
    assert_eq!(Refusal::from_status(&Status::new("9.9", "9.9")), None);
    let told = Refusal::ConfirmationCodeRefused.to_string();
    assert_eq!(told, "The confirmation code is wrong: type it again (8.2.7 - 3.8)");
}

#[test]
fn a_request_is_read_as_it_was_written() {
    for request in requests() {
        let function = request.function();
        assert_eq!(Function::from_path(function.path()), Some(function));
        assert_eq!(function.read_request(&request.body()), Ok(request));
    }
    assert_eq!(Function::from_path("/gsma/rsp2/es9plus/other"), None);
}

#[test]
fn an_answer_is_read_as_it_was_written() {
    for (function, answer) in answers() {
        let (status, body) = answer.body();
        assert_eq!(function.read_answer(status, &body), Ok(answer));
    }
}

#[test]
fn signatures_go_as_data_objects_and_transactions_as_digits() {
    let (_, body) = answers()[0].1.body();
    let text = String::from_utf8(body).unwrap();
    assert!(text.contains(r#""transactionId":"ABCD""#), "{text}");
    // 5F 37 40 07 07 ...
    assert!(text.contains(r#""serverSignature1":"XzdABwcH"#), "{text}");
    // 04 14 01 01 ...
    assert!(text.contains(r#""euiccCiPKIdToBeUsed":"BBQBAQEB"#), "{text}");
    assert!(text.contains(r#""status":"Executed-Success""#), "{text}");
}

#[test]
fn what_other_programs_write_differently_is_read_all_the_same() {
    let body = br#"{ "unknown": [1, {}], "transactionId": "abcd",
        "boundProfilePackage": "vzYA\r\n" }"#;
    let answer = Function::GetBoundProfilePackage.read_answer(200, body);
    assert_eq!(answer, Ok(answers()[3].1.clone()));
    // An answer to a notification may be empty with either status, or an object.
    for (status, body) in [(204, ""), (200, ""), (200, "\n"), (200, "{}")] {
        let answer = Function::HandleNotification.read_answer(status, body.as_bytes());
        assert_eq!(answer, Ok(Answer::HandleNotification), "{status} {body:?}");
    }
}

#[test]
fn what_is_no_answer_says_why() {
    let read = |status, body: &str| {
        Function::GetBoundProfilePackage.read_answer(status, body.as_bytes()).unwrap_err()
    };
    assert_eq!(read(500, ""), Failure::Http(500));
    for (body, reason) in [
        ("", "JSON"),
        ("<html>", "JSON"),
        ("{}", "transactionId is missing"),
        (r#"{"transactionId":"ABC"}"#, "transactionId is wrong"),
        (r#"{"transactionId":""}"#, "transactionId is wrong: empty"),
        (r#"{"transactionId":"AB"}"#, "boundProfilePackage is missing"),
        (r#"{"transactionId":"AB","boundProfilePackage":"*"}"#, "no base64"),
    ] {
        let told = read(200, body).to_string();
        assert!(told.contains(reason), "{body}: {told}");
    }
}

#[test]
fn a_request_with_a_wrong_length_is_refused() {
    let read = |body: &str| Function::InitiateAuthentication.read_request(body.as_bytes());
    let short = r#"{"euiccChallenge":"AAAA","smdpAddress":"a","euiccInfo1":""}"#;
    assert!(matches!(read(short), Err(BodyError::Wrong { field: "euiccChallenge", .. })));
    let long = " ".repeat(REQUEST_MAX + 1);
    assert_eq!(read(&long), Err(BodyError::TooLong { length: REQUEST_MAX + 1, max: REQUEST_MAX }));
}

proptest! {
    #[test]
    fn no_body_makes_a_reader_panic(body: Vec<u8>, at in 0_usize..5, cut in 0_usize..400) {
        let function = Function::ALL[at];
        drop(function.read_request(&body));
        drop(function.read_answer(200, &body));
        let whole = requests()[at].body();
        drop(function.read_request(&whole[..cut.min(whole.len())]));
    }

    #[test]
    fn no_bent_object_makes_a_reader_panic(at in 0_usize..5, place: proptest::sample::Index, to: u8) {
        let mut body = requests()[at].body();
        let place = place.index(body.len());
        body[place] = to;
        drop(Function::ALL[at].read_request(&body));
    }
}
