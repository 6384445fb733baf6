use super::rig::{Rig, code, package};
use crate::testkit::{CODE, EPOCH, Lab, MATCHING_ID, SoftEuicc};
use crate::{ATTEMPTS_MAX, CODES_MAX, ProfileState, Terminated};
use polysim_base::{Eid, Purpose, Stream};
use polysim_rsp::crypto::Randomness;
use polysim_rsp::data::{
    CancelSessionReason, ErrorReason, EuiccCancelSessionSigned, ExtCardResource, PprIds,
    PrepareDownloadResponse, Raw, UiccCapability, Version,
};
use polysim_rsp::es2::{self, NotificationPoint};
use polysim_rsp::es9::{Answer, Refusal, Request};
use polysim_rsp::pki::authority::{Authority, AuthorityConfig, Eum};
use rasn::types::{FixedOctetString, ObjectIdentifier};
use std::string::ToString;
use std::vec;
use std::vec::Vec;

fn other_randomness() -> Randomness {
    Randomness::Simulated(Stream::derive(99, 9, Purpose::Keys, 0))
}

#[test]
fn a_session_does_not_begin_where_nothing_could_come_of_it() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let wrong = euicc.initiate_with("other.example", euicc.info1());
    assert_eq!(rig.refused(wrong), Refusal::SmdpAddressRefused);
    let any_case = euicc.initiate_with("SMDP.Example", euicc.info1());
    assert!(matches!(rig.es9(any_case), Answer::InitiateAuthentication(_)));
    let known = euicc.info2.euicc_ci_pk_id_list_for_signing.clone();
    euicc.info2.euicc_ci_pk_id_list_for_signing = vec![vec![1; 20].into()];
    assert_eq!(rig.refused(euicc.initiate()), Refusal::SmdpSecurityUnsupported);
    euicc.info2.euicc_ci_pk_id_list_for_signing = known;
    euicc.info2.euicc_ci_pk_id_list_for_verification = vec![vec![1; 20].into()];
    assert_eq!(rig.refused(euicc.initiate()), Refusal::SmdpCertificateUnavailable);
    euicc.info2.svn = Version::new(1, 1, 0);
    assert_eq!(rig.refused(euicc.initiate()), Refusal::SmdpVersionUnsupported);
}

#[test]
fn a_session_that_is_not_known_or_has_ended_is_refused() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    rig.released();
    let ok = rig.initiated(&euicc);
    let authenticate = euicc.authenticate(&ok, Some(MATCHING_ID));
    rig.wait(601);
    assert_eq!(rig.run.machine().sessions(), 0);
    assert_eq!(rig.refused(authenticate), Refusal::TransactionUnknown);
    let ok = rig.authenticated(&mut euicc);
    let (prepare, cancel) = (
        euicc.prepare(&ok, None),
        euicc.cancel(&ok.transaction_id, CancelSessionReason::Postponed),
    );
    rig.crash();
    assert_eq!(rig.refused(prepare), Refusal::TransactionUnknown);
    assert_eq!(rig.refused(cancel), Refusal::TransactionUnknown);
}

fn with_maker(rig: &mut Rig, maker: &Eum, eid: Eid) -> Refusal {
    let mut euicc = rig.lab.euicc(1);
    euicc.identity = maker.euicc(&mut other_randomness(), &eid).unwrap();
    rig.not_authenticated(&mut euicc, Some(MATCHING_ID))
}

#[test]
fn a_maker_that_is_not_trusted_is_refused() {
    let mut rig = Rig::new();
    rig.released();
    let eid = Lab::eid(1);
    let mut randomness = other_randomness();
    let stranger = Authority::new(&mut randomness, &AuthorityConfig::default()).unwrap();
    let maker = stranger.eum(&mut randomness, "EUM", &["89049032"]).unwrap();
    assert_eq!(with_maker(&mut rig, &maker, eid), Refusal::IssuerUnknown);

    let template = rig.lab.authority.eum_template("Old", &["89049032"]);
    let mut expired = template.clone();
    expired.not_after = EPOCH - 1;
    let maker = Eum::restore(rig.lab.authority.issue(&mut randomness, &expired).unwrap());
    assert_eq!(with_maker(&mut rig, &maker, eid), Refusal::EumCertificateExpired);

    let mut wrong = template;
    wrong.policies = vec![polysim_rsp::pki::Role::DpTls];
    let maker = Eum::restore(rig.lab.authority.issue(&mut randomness, &wrong).unwrap());
    assert_eq!(with_maker(&mut rig, &maker, eid), Refusal::EumCertificateNotVerified);

    let elsewhere = rig.lab.authority.eum(&mut randomness, "EUM", &["89000000"]).unwrap();
    let refusal = with_maker(&mut rig, &elsewhere, eid);
    assert_eq!(refusal, Refusal::EuiccCertificateNotVerified, "the EID is not the maker's");
}

#[test]
fn an_euicc_whose_certificate_does_not_hold_is_refused() {
    let mut rig = Rig::new();
    rig.released();
    let eid = Lab::eid(1);
    let mut randomness = other_randomness();
    let mut euicc = rig.lab.euicc(1);
    let mut expired = rig.lab.eum.euicc_template(&eid);
    expired.not_after = EPOCH - 1;
    euicc.identity = rig.lab.eum.issue(&mut randomness, &expired).unwrap();
    let refusal = rig.not_authenticated(&mut euicc, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::EuiccCertificateExpired);
    // It was signed by another maker than the one that comes with it.
    let other = rig.lab.authority.eum(&mut randomness, "EUM", &["89049032"]).unwrap();
    let maker = euicc.identity.eum.clone();
    euicc.identity = other.euicc(&mut randomness, &eid).unwrap();
    euicc.identity.eum = maker;
    let refusal = rig.not_authenticated(&mut euicc, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::EuiccCertificateNotVerified);
    // The key is not the one of the certificate.
    let mut euicc = rig.lab.euicc(1);
    euicc.identity.key = rig.lab.euicc(2).identity.key;
    let refusal = rig.not_authenticated(&mut euicc, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::EuiccNotVerified);
}

#[test]
fn what_an_euicc_said_in_one_session_counts_in_no_other() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    rig.released();
    let first = rig.initiated(&euicc);
    let Request::AuthenticateClient(mut replayed) = euicc.authenticate(&first, Some(MATCHING_ID))
    else {
        panic!()
    };
    let second = rig.initiated(&euicc);
    replayed.transaction_id = second.transaction_id;
    let refusal = rig.refused(Request::AuthenticateClient(replayed));
    assert_eq!(refusal, Refusal::EuiccNotVerified);
}

#[test]
fn an_order_that_is_not_for_the_device_is_refused() {
    let mut rig = Rig::new();
    let (mut euicc, mut other) = (rig.lab.euicc(1), rig.lab.euicc(2));
    let refusal = rig.not_authenticated(&mut euicc, Some("UNKNOWN"));
    assert_eq!(refusal, Refusal::MatchingIdRefused);
    assert_eq!(rig.not_authenticated(&mut euicc, None), Refusal::MatchingIdRefused);
    assert_eq!(rig.not_authenticated(&mut euicc, Some("")), Refusal::MatchingIdRefused);
    let answer = rig.es2(Lab::download_order(0, Some(other.eid))).unwrap();
    let es2::Answer::DownloadOrder { iccid } = answer else { panic!("{answer:?}") };
    rig.confirm(Lab::confirmation(iccid, MATCHING_ID)).unwrap();
    let refusal = rig.not_authenticated(&mut euicc, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::EidRefused);
    rig.authenticated(&mut other);
}

#[test]
fn a_device_that_the_profile_does_not_fit_is_refused() {
    let mut rig = Rig::new();
    rig.released();
    let mut full = rig.lab.euicc(1);
    full.info2.ext_card_resource =
        ExtCardResource { free_non_volatile: 19_999, ..ExtCardResource::default() }.to_octets();
    let refusal = rig.not_authenticated(&mut full, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::InsufficientMemory);
    let mut poor = rig.lab.euicc(1);
    poor.info2.uicc_capability = UiccCapability::AKA_MILENAGE;
    let refusal = rig.not_authenticated(&mut poor, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::NotEligible);
}

#[test]
fn a_device_that_forbids_a_rule_of_the_profile_is_refused() {
    let mut rig = Rig::new();
    let mut config = rig.lab.config();
    config.profiles[0].metadata.policy_rules = Some(PprIds::PPR1.with(PprIds::PPR2));
    let credentials = rig.lab.credentials(&rig.lab.auth, 0);
    let smdp = crate::Smdp::new(config, credentials, rig.lab.binding.clone()).unwrap();
    rig.run = polysim_base::testkit::Durable::new(smdp);
    rig.released();
    let mut euicc = rig.lab.euicc(1);
    euicc.info2.forbidden_profile_policy_rules = Some(PprIds::PPR2);
    let refusal = rig.not_authenticated(&mut euicc, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::NotEligible);
    euicc.info2.forbidden_profile_policy_rules = Some(PprIds::PPR3);
    let ok = rig.authenticated(&mut euicc);
    assert!(ok.profile_metadata.profile_policy_rules.unwrap().has(PprIds::PPR1));
}

#[test]
fn confirmation_codes_can_be_guessed_only_so_often() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released_with_code();
    let ok = rig.authenticated(&mut euicc);
    let without = euicc.prepare(&ok, None);
    assert_eq!(rig.refused(without), Refusal::ConfirmationCodeMissing);
    for _ in 1..CODES_MAX {
        // The session is another one after the crash; the count is the same.
        rig.crash();
        let ok = rig.authenticated(&mut euicc);
        let wrong = euicc.prepare(&ok, Some(&code("0000")));
        assert_eq!(rig.refused(wrong), Refusal::ConfirmationCodeRefused);
        assert_eq!(rig.state(iccid), ProfileState::Released);
    }
    let ok = rig.authenticated(&mut euicc);
    for guess in ["0001", CODE] {
        let request = euicc.prepare(&ok, Some(&code(guess)));
        assert_eq!(rig.refused(request), Refusal::ConfirmationCodeRetriesExceeded);
    }
    assert_eq!(rig.state(iccid), ProfileState::Error(Terminated::TooManyCodes));
    let refusal = rig.not_authenticated(&mut euicc, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::ConfirmationCodeRetriesExceeded);
    let last = rig.points().pop();
    assert_eq!(last, Some((NotificationPoint::ConfirmationFailure, Some("8.2.7 6.4".to_string()))));
}

#[test]
fn a_package_is_handed_out_only_so_often() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released();
    let mut first = None;
    for _ in 0..ATTEMPTS_MAX {
        let (transaction, _) = rig.downloaded(&mut euicc);
        first.get_or_insert(transaction);
    }
    let refusal = rig.not_authenticated(&mut euicc, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::OrderRetriesExceeded);
    assert_eq!(rig.state(iccid), ProfileState::Error(Terminated::TooManyAttempts));
    let refusal = rig.not_authenticated(&mut euicc, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::OrderRetriesExceeded);
    // One of them was installed after all.
    rig.es9(euicc.report(&first.unwrap(), 1, iccid, None));
    assert_eq!(rig.state(iccid), ProfileState::Installed);
}

#[test]
fn a_wrong_confirmation_code_that_comes_twice_counts_once() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released_with_code();
    let ok = rig.authenticated(&mut euicc);
    let wrong = euicc.prepare(&ok, Some(&code("0000")));
    for _ in 0..=CODES_MAX {
        assert_eq!(rig.refused(wrong.clone()), Refusal::ConfirmationCodeRefused);
    }
    assert_eq!(rig.state(iccid), ProfileState::Released);
    package(rig.es9(euicc.prepare(&ok, Some(&code(CODE)))));
}

#[test]
fn sessions_that_were_begun_before_hand_out_no_more_packages() {
    let mut rig = Rig::new();
    let iccid = rig.released();
    let mut requests = Vec::new();
    for _ in 0..=ATTEMPTS_MAX {
        let mut euicc = rig.lab.euicc(1);
        let ok = rig.authenticated(&mut euicc);
        requests.push(euicc.prepare(&ok, None));
    }
    let one_more = requests.pop().unwrap();
    for request in &requests {
        package(rig.es9(request.clone()));
    }
    // What was handed out is handed out again.
    package(rig.es9(requests.swap_remove(0)));
    assert_eq!(rig.refused(one_more), Refusal::OrderRetriesExceeded);
    assert_eq!(rig.state(iccid), ProfileState::Error(Terminated::TooManyAttempts));
}

#[test]
fn a_server_that_is_shown_shows_no_matching_identifier() {
    let mut rig = Rig::new();
    rig.released();
    let mut euicc = rig.lab.euicc(1);
    rig.authenticated(&mut euicc);
    let text = std::format!("{:?}", rig.run.machine());
    assert!(text.contains("Smdp") && !text.contains(MATCHING_ID), "{text}");
}

#[test]
fn a_package_is_for_who_can_sign_for_it() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    rig.released();
    let ok = rig.authenticated(&mut euicc);
    let Request::GetBoundProfilePackage(prepare) = euicc.prepare(&ok, None) else { panic!() };
    let PrepareDownloadResponse::Ok(ready) = prepare.prepare_download_response.clone().into_value()
    else {
        panic!()
    };
    let mut bent = ready.clone();
    bent.euicc_signature2 = FixedOctetString::new([7; 64]);
    let mut request = prepare.clone();
    request.prepare_download_response = Raw::new(PrepareDownloadResponse::Ok(bent));
    let refusal = rig.refused(Request::GetBoundProfilePackage(request));
    assert_eq!(refusal, Refusal::EuiccNotVerified);
    // Another key in the same session, after the package was handed out.
    package(rig.es9(Request::GetBoundProfilePackage(prepare)));
    let other = resigned(&mut euicc, &ok);
    assert_eq!(rig.refused(other), Refusal::ProfileUnavailable);
}

/// Gets ready once more with a new one-time key.
fn resigned(euicc: &mut SoftEuicc, ok: &polysim_rsp::es9::AuthenticateClientOk) -> Request {
    let before = euicc.prepare(ok, None);
    let after = euicc.prepare(ok, None);
    assert_ne!(before, after);
    after
}

#[test]
fn a_session_is_given_up_only_by_its_own_euicc() {
    let mut rig = Rig::new();
    let (mut euicc, stranger) = (rig.lab.euicc(1), rig.lab.euicc(2));
    let iccid = rig.released();
    let ok = rig.authenticated(&mut euicc);
    let rejects = CancelSessionReason::EndUserRejection;
    let refusal = rig.refused(stranger.cancel(&ok.transaction_id, rejects));
    assert_eq!(refusal, Refusal::EuiccNotVerified);
    let elsewhere = EuiccCancelSessionSigned {
        transaction_id: ok.transaction_id.clone(),
        smdp_oid: ObjectIdentifier::new(vec![2, 999, 11]).unwrap(),
        reason: rejects,
    };
    let refusal = rig.refused(euicc.cancel_as(elsewhere));
    assert_eq!(refusal, Refusal::SmdpInvalidAssociation);
    assert_eq!(rig.state(iccid), ProfileState::Released);
    let cancel = euicc.cancel(&ok.transaction_id, rejects);
    assert_eq!(rig.es9(cancel.clone()), Answer::CancelSession);
    assert_eq!(rig.state(iccid), ProfileState::Error(Terminated::Cancelled(0)));
    assert_eq!(rig.refused(cancel), Refusal::TransactionUnknown);
    let refusal = rig.not_authenticated(&mut euicc, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::MatchingIdRefused);
}

#[test]
fn what_is_put_off_may_be_downloaded_later() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released();
    for reason in [
        CancelSessionReason::Postponed,
        CancelSessionReason::Timeout,
        CancelSessionReason::LoadBppExecutionError,
    ] {
        let ok = rig.authenticated(&mut euicc);
        let cancel = euicc.cancel(&ok.transaction_id, reason);
        assert_eq!(rig.es9(cancel), Answer::CancelSession);
        assert_eq!(rig.state(iccid), ProfileState::Released);
    }
    assert_eq!(rig.points(), []);
}

#[test]
fn a_report_that_was_not_signed_by_the_device_is_refused() {
    let mut rig = Rig::new();
    let (mut euicc, stranger) = (rig.lab.euicc(1), rig.lab.euicc(2));
    let iccid = rig.released();
    let (transaction, _) = rig.downloaded(&mut euicc);
    let error = Some(ErrorReason::InstallFailedDueToPeProcessingError);
    for error in [None, error] {
        let refusal = rig.refused(stranger.report(&transaction, 1, iccid, error));
        assert_eq!(refusal, Refusal::EuiccNotVerified);
    }
    assert_eq!(rig.state(iccid), ProfileState::Downloaded);
}
