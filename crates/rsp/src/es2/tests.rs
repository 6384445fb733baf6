use super::*;
use crate::es9::{Failure, Refusal};
use alloc::boxed::Box;
use polysim_base::{Eid, Iccid};
use proptest::prelude::*;
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

fn call() -> Call {
    Call { requester: "1.3.6.1.4.1.99999".to_string(), id: "TX-1".to_string() }
}

fn iccid() -> Iccid {
    Iccid::parse("8988211000000000013").unwrap()
}

fn eid() -> Eid {
    Eid::with_check_digits("890490320000000000000000000001").unwrap()
}

fn functions() -> Vec<Function> {
    let id = MatchingId::parse("ABC-123").unwrap();
    let confirm = ConfirmOrder {
        iccid: iccid(),
        eid: Some(eid()),
        matching_id: Some(Matching::Is(id.clone())),
        confirmation_code: Some(ConfirmationCode::parse("4711").unwrap()),
        smds_address: Some("smds.example".to_string()),
        release: true,
    };
    let by_eid = ConfirmOrder { matching_id: Some(Matching::ByEid), ..confirm.clone() };
    let made = ConfirmOrder { matching_id: None, confirmation_code: None, ..confirm.clone() };
    vec![
        Function::DownloadOrder(DownloadOrder::default()),
        Function::DownloadOrder(DownloadOrder {
            eid: Some(eid()),
            iccid: Some(iccid()),
            profile_type: Some("Metering".to_string()),
        }),
        Function::ConfirmOrder(Box::new(confirm)),
        Function::ConfirmOrder(Box::new(by_eid)),
        Function::ConfirmOrder(Box::new(made)),
        Function::CancelOrder(CancelOrder {
            iccid: iccid(),
            eid: None,
            matching_id: Some(id),
            final_status: FinalStatus::Available,
        }),
        Function::ReleaseProfile { iccid: iccid() },
    ]
}

fn progress() -> Progress {
    Progress {
        call: call(),
        eid: Some(eid()),
        iccid: iccid(),
        profile_type: "Metering".to_string(),
        timestamp: 1_795_678_201,
        point: NotificationPoint::Installation,
        result: Err(Refusal::InsufficientMemory.status()),
        result_data: Some(vec![0xBF, 0x37, 0x00]),
    }
}

#[test]
fn a_request_is_read_as_it_was_written() {
    for function in functions() {
        let request = Request { call: call(), function };
        let name = request.function_name();
        assert_eq!(FunctionName::from_path(name.path()), Some(name));
        assert_eq!(name.read_request(&request.body()), Ok(request));
    }
}

#[test]
fn an_answer_is_read_as_it_was_written() {
    let confirmed = |matching_id| {
        Answer::ConfirmOrder(ConfirmOrderOk {
            eid: Some(eid()),
            matching_id,
            smdp_address: "smdp.example".to_string(),
        })
    };
    for (name, answer) in [
        (FunctionName::DownloadOrder, Answer::DownloadOrder { iccid: iccid() }),
        (FunctionName::ConfirmOrder, confirmed(None)),
        (FunctionName::ConfirmOrder, confirmed(Some(MatchingId::parse("A").unwrap()))),
        (FunctionName::CancelOrder, Answer::CancelOrder),
        (FunctionName::ReleaseProfile, Answer::ReleaseProfile),
        (FunctionName::ReleaseProfile, Answer::Refused(Refusal::IccidUnknown.status())),
    ] {
        assert_eq!(name.read_answer(200, &answer.body()), Ok(answer));
    }
    assert_eq!(FunctionName::CancelOrder.read_answer(404, b""), Err(Failure::Http(404)));
}

#[test]
fn a_word_of_progress_is_read_as_it_was_written() {
    let done = Progress { result: Ok(()), eid: None, result_data: None, ..progress() };
    for progress in [progress(), done] {
        assert_eq!(Progress::read(&progress.body()), Ok(progress));
    }
    let text = String::from_utf8(progress().body()).unwrap();
    assert!(text.contains(r#""timestamp":"2026-11-26T07:30:01Z""#), "{text}");
    assert!(text.contains(r#""notificationPointId":4"#), "{text}");
}

#[test]
fn an_iccid_is_filled_up_and_read_with_or_without_that() {
    let body = Answer::DownloadOrder { iccid: iccid() }.body();
    let text = String::from_utf8(body).unwrap();
    assert!(text.contains(r#""iccid":"8988211000000000013F""#), "{text}");
    let bare = text.replace("13F", "13");
    let answer = FunctionName::DownloadOrder.read_answer(200, bare.as_bytes());
    assert_eq!(answer, Ok(Answer::DownloadOrder { iccid: iccid() }));
}

#[test]
fn secrets_are_not_shown() {
    for function in functions() {
        let shown = format!("{function:?}");
        assert!(!shown.contains("4711") && !shown.contains("ABC-123"), "{shown}");
    }
}

#[test]
fn a_matching_identifier_is_what_an_activation_code_can_carry() {
    assert_eq!(MatchingId::parse(""), Err(InvalidToken::Empty));
    assert_eq!(MatchingId::parse("AB$C"), Err(InvalidToken::Character { position: 3 }));
    assert_eq!(
        MatchingId::parse(&"A".repeat(256)),
        Err(InvalidToken::TooLong { length: 256, max: 255 })
    );
}

#[test]
fn zones_of_times_count() {
    let at = timestamp::read("2026-11-26T07:30:01Z");
    assert_eq!(at, Some(1_795_678_201));
    assert_eq!(timestamp::read("2026-11-26T08:30:01.250+01:00"), at);
    assert_eq!(timestamp::read("2026-11-26T01:00:01-06:30"), at);
    assert_eq!(timestamp::read("2026-11-26T07:30Z"), at.map(|at| at - 1));
    for text in ["", "2026-11-26", "2026-13-01T00:00:00Z", "2026-11-26T24:00:00Z", "aTb", "-T-Z"] {
        assert_eq!(timestamp::read(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn times_round_trip(seconds in 0_i64..253_402_300_800) {
        prop_assert_eq!(timestamp::read(&timestamp::write(seconds)), Some(seconds));
    }

    #[test]
    fn no_body_makes_a_reader_panic(body: Vec<u8>, text: String, at: proptest::sample::Index, to: u8) {
        let _ = timestamp::read(&text);
        drop(Progress::read(&body));
        let mut bent = progress().body();
        let place = at.index(bent.len());
        bent[place] = to;
        drop(Progress::read(&bent));
        for function in functions() {
            let request = Request { call: call(), function };
            let mut bent = request.body();
            let place = at.index(bent.len());
            bent[place] = to;
            drop(request.function_name().read_request(&bent));
            drop(request.function_name().read_answer(200, &body));
        }
    }
}
