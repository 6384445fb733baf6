use super::rig::{Rig, check_records};
use crate::testkit::{Lab, MATCHING_ID, OPERATOR, PROFILE_TYPE, SMDS};
use crate::{ConfigError, ProfileState, Smdp, Stock};
use polysim_base::Iccid;
use polysim_rsp::es2::{
    self, Call, CancelOrder, ConfirmOrder, DownloadOrder, FinalStatus, Function, Matching,
    MatchingId, NotificationPoint, Request,
};
use polysim_rsp::es9::Refusal;
use polysim_rsp::es12;
use std::string::ToString;
use std::vec;

fn cancel(iccid: Iccid, id: Option<&str>, final_status: FinalStatus) -> Request {
    let matching_id = id.map(|id| MatchingId::parse(id).unwrap());
    let order = CancelOrder { iccid, eid: None, matching_id, final_status };
    Lab::call("cancel", Function::CancelOrder(order))
}

fn release(iccid: Iccid) -> Request {
    Lab::call("release", Function::ReleaseProfile { iccid })
}

#[test]
fn an_order_goes_from_allocated_over_confirmed_to_released() {
    let mut rig = Rig::new();
    let iccid = rig.ordered(0);
    assert_eq!(rig.state(iccid), ProfileState::Allocated);
    let mut euicc = rig.lab.euicc(1);
    assert_eq!(rig.es2_refused(release(iccid)), Refusal::IccidInvalidTransition);
    let order = ConfirmOrder { release: false, ..Lab::confirmation(iccid, MATCHING_ID) };
    rig.confirm(order).unwrap();
    assert_eq!(rig.state(iccid), ProfileState::Confirmed);
    let refusal = rig.not_authenticated(&mut euicc, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::ProfileNotReleased);
    assert_eq!(rig.es2(release(iccid)), Some(es2::Answer::ReleaseProfile));
    assert_eq!(rig.es2(release(iccid)), Some(es2::Answer::ReleaseProfile), "once more");
    rig.authenticated(&mut euicc);
    check_records(&mut rig);
}

#[test]
fn a_call_that_is_repeated_reserves_nothing_more() {
    let mut rig = Rig::new();
    let iccid = rig.ordered(0);
    assert_eq!(rig.ordered(0), iccid);
    assert_ne!(rig.ordered(1), iccid);
    rig.crash();
    assert_eq!(rig.ordered(0), iccid);
}

#[test]
fn a_confirmation_that_is_repeated_is_answered_again_and_another_one_is_not() {
    let mut rig = Rig::new();
    let iccid = rig.ordered(0);
    let order = ConfirmOrder { matching_id: None, ..Lab::confirmation(iccid, "X") };
    let first = rig.confirm(order.clone()).unwrap();
    let es2::Answer::ConfirmOrder(ok) = &first else { panic!("{first:?}") };
    assert_eq!(ok.matching_id.as_ref().unwrap().as_str().len(), 23, "it was made");
    rig.crash();
    assert_eq!(rig.confirm(order), Some(first));
    let another = Lab::call("x", Function::ConfirmOrder(Lab::confirmation(iccid, "OTHER").into()));
    assert_eq!(rig.es2_refused(another), Refusal::IccidInUse);
}

#[test]
fn the_answer_waits_until_the_operator_has_the_subscription() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    rig.takes = false;
    let iccid = rig.ordered(0);
    assert_eq!(rig.confirm(Lab::confirmation(iccid, MATCHING_ID)), None);
    let refusal = rig.not_authenticated(&mut euicc, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::ProfileNotReleased, "nobody could attach with it");
    rig.crash();
    rig.takes = true;
    rig.wait(60);
    assert_eq!(rig.provisioned, vec![iccid], "it is said again");
    assert!(rig.confirm(Lab::confirmation(iccid, MATCHING_ID)).is_some());
}

#[test]
fn each_wrong_order_says_why() {
    let mut rig = Rig::new();
    let order = |requester: &str, iccid: Option<&str>, profile_type: Option<&str>| {
        let iccid = iccid.map(|iccid| Iccid::parse(iccid).unwrap());
        let profile_type = profile_type.map(ToString::to_string);
        let call = Call { requester: requester.to_string(), id: "a call".to_string() };
        let function = Function::DownloadOrder(DownloadOrder { eid: None, iccid, profile_type });
        Request { call, function }
    };
    let taken = rig.ordered(0).to_string();
    for (request, refusal) in [
        (order(OPERATOR, None, None), Refusal::ProfileTypeUnknown),
        (order(OPERATOR, None, Some("x")), Refusal::ProfileTypeUnknown),
        (order("x", None, Some(PROFILE_TYPE)), Refusal::ProfileTypeNotAllowed),
        (order(OPERATOR, Some("8988211000000009999"), None), Refusal::IccidUnknown),
        (order("x", Some(&taken), None), Refusal::IccidNotAllowed),
        (order(OPERATOR, Some(&taken), Some("x")), Refusal::ProfileTypeRefused),
        (order(OPERATOR, Some(&taken), Some(PROFILE_TYPE)), Refusal::IccidInUse),
    ] {
        assert_eq!(rig.es2_refused(request.clone()), refusal, "{request:?}");
    }
}

#[test]
fn each_wrong_confirmation_says_why() {
    let mut rig = Rig::new();
    let first = rig.released();
    let iccid = rig.ordered(1);
    let unknown = Iccid::parse("8988211000000009999").unwrap();
    let eid = Lab::eid(1);
    let plain = Lab::confirmation(iccid, "T2");
    let by_eid = ConfirmOrder { matching_id: Some(Matching::ByEid), ..plain.clone() };
    let found = ConfirmOrder { smds_address: Some(SMDS.to_string()), ..plain.clone() };
    for (order, refusal) in [
        (ConfirmOrder { iccid: unknown, ..plain.clone() }, Refusal::IccidUnknown),
        (Lab::confirmation(iccid, MATCHING_ID), Refusal::MatchingIdInUse),
        (by_eid, Refusal::EidMissing),
        (found, Refusal::EidMissing),
        (Lab::confirmation(first, "OTHER"), Refusal::IccidInUse),
    ] {
        let request = Lab::call("c", Function::ConfirmOrder(order.clone().into()));
        assert_eq!(rig.es2_refused(request), refusal, "{order:?}");
    }
    let answer = rig.es2(Lab::download_order(2, Some(eid))).unwrap();
    let es2::Answer::DownloadOrder { iccid } = answer else { panic!("{answer:?}") };
    let other = ConfirmOrder { eid: Some(Lab::eid(2)), ..Lab::confirmation(iccid, "T3") };
    let request = Lab::call("c", Function::ConfirmOrder(other.into()));
    assert_eq!(rig.es2_refused(request), Refusal::EidNotAssociated);
}

#[test]
fn an_order_that_is_taken_back_can_be_had_again_unless_a_device_may_have_it() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released();
    let available = FinalStatus::Available;
    let wrong = rig.es2_refused(cancel(iccid, None, available));
    assert_eq!(wrong, Refusal::MatchingIdNotAssociated);
    assert_eq!(
        rig.es2(cancel(iccid, Some(MATCHING_ID), available)),
        Some(es2::Answer::CancelOrder)
    );
    assert_eq!(rig.state(iccid), ProfileState::Available);
    let refusal = rig.not_authenticated(&mut euicc, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::MatchingIdRefused);

    assert_eq!(rig.released_as(1, MATCHING_ID), iccid, "it is the first that is given out again");
    rig.downloaded(&mut euicc);
    let refusal = rig.es2_refused(cancel(iccid, Some(MATCHING_ID), available));
    assert_eq!(refusal, Refusal::IccidInUse);
    // When it has expired, it may be written off, but not be had again.
    rig.wait(86_401);
    let refusal = rig.es2_refused(cancel(iccid, Some(MATCHING_ID), available));
    assert_eq!(refusal, Refusal::IccidInUse);
    let gone = cancel(iccid, Some(MATCHING_ID), FinalStatus::Unavailable);
    assert_eq!(rig.es2(gone.clone()), Some(es2::Answer::CancelOrder));
    assert_eq!(rig.state(iccid), ProfileState::Unavailable);
    assert_ne!(rig.ordered(2), iccid);
    check_records(&mut rig);
}

#[test]
fn an_order_that_nobody_comes_for_expires() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released();
    rig.wait(86_401);
    assert_eq!(rig.points(), [(NotificationPoint::Eligibility, Some("8.8.5 4.10".to_string()))]);
    let refusal = rig.not_authenticated(&mut euicc, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::OrderExpired);
    let available = cancel(iccid, Some(MATCHING_ID), FinalStatus::Available);
    assert_eq!(rig.es2(available), Some(es2::Answer::CancelOrder), "no device may have it");
}

#[test]
fn all_profiles_can_be_ordered_and_no_more() {
    let mut rig = Rig::new();
    let mut all: vec::Vec<_> = (0..100).map(|number| rig.ordered(number)).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 100);
    assert!(all.iter().all(Iccid::check_digit_holds));
    let refusal = rig.es2_refused(Lab::download_order(100, None));
    assert_eq!(refusal, Refusal::ProfileTypeUnavailable);
}

#[test]
fn an_event_is_registered_on_release_and_deleted_at_the_end() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let answer = rig.es2(Lab::download_order(0, Some(euicc.eid))).unwrap();
    let es2::Answer::DownloadOrder { iccid } = answer else { panic!("{answer:?}") };
    let order = Lab::confirmation(iccid, MATCHING_ID);
    rig.confirm(ConfirmOrder { smds_address: Some(SMDS.to_string()), release: false, ..order });
    assert_eq!(rig.events, []);
    // The SM-DS does not answer, and the profile is installed meanwhile.
    rig.takes = false;
    rig.es2(release(iccid));
    let (transaction, _) = rig.downloaded(&mut euicc);
    rig.es9(euicc.report(&transaction, 1, iccid, None));
    rig.crash();
    rig.takes = true;
    rig.wait(60);
    let events: vec::Vec<_> = rig.events.iter().map(|(_, function)| function.clone()).collect();
    let event_id = MATCHING_ID.to_string();
    assert_eq!(
        events,
        [
            es12::Function::RegisterEvent {
                eid: euicc.eid,
                rsp_server_address: "smdp.example".to_string(),
                event_id: event_id.clone(),
                forwarding: false
            },
            es12::Function::DeleteEvent { eid: euicc.eid, event_id }
        ]
    );
    assert_eq!(rig.run.machine().untold(), 0);
}

#[test]
fn what_could_not_work_is_refused_at_the_beginning() {
    let rig = Rig::new();
    let lab = &rig.lab;
    let make = |config| Smdp::new(config, lab.credentials(&lab.auth, 0), lab.binding.clone());
    let mut live = lab.config();
    live.mode = polysim_rsp::crypto::Mode::Live;
    assert!(matches!(make(live).unwrap_err(), ConfigError::Origin(_)));
    let mut twice = lab.config();
    twice.profiles.push(twice.profiles[0].clone());
    assert!(matches!(make(twice).unwrap_err(), ConfigError::SameType { .. }));
    let mut shared = lab.config();
    let mut other = shared.profiles[0].clone();
    other.name = "other".to_string();
    shared.profiles.push(other);
    assert!(matches!(make(shared).unwrap_err(), ConfigError::Range { .. }));
    let mut garbage = lab.config();
    garbage.profiles[0].template = vec![1, 2, 3].into();
    assert!(matches!(make(garbage).unwrap_err(), ConfigError::Template { .. }));
    let mut whole = lab.config();
    whole.profiles[0].stock = Stock::Whole(Iccid::parse("8988211000000009999").unwrap());
    assert!(matches!(make(whole).unwrap_err(), ConfigError::Template { .. }));
    let mut long = lab.config();
    long.profiles[0].metadata.profile_name = "x".repeat(65);
    assert!(matches!(make(long).unwrap_err(), ConfigError::Template { .. }));
    let wrong = Smdp::new(lab.config(), lab.credentials(&lab.binding, 0), lab.binding.clone());
    assert!(matches!(wrong.unwrap_err(), ConfigError::Chain { which: "CERT.DPauth", .. }));
}

#[test]
fn a_confirmation_that_finds_too_many_waiting_is_told_so() {
    let mut rig = Rig::new();
    let iccid = rig.ordered(0);
    rig.takes = false;
    let mut answers = vec![];
    for _ in 0..9 {
        answers.push(rig.confirm(Lab::confirmation(iccid, MATCHING_ID)));
    }
    let Some(Some(es2::Answer::Refused(status))) = answers.pop() else { panic!("{answers:?}") };
    assert_eq!(Refusal::from_status(&status), Some(Refusal::SmdpUnavailable));
    assert!(answers.iter().all(Option::is_none), "they wait: {answers:?}");
}
