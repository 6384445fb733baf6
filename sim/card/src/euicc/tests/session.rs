//! Mutual authentication, and the preparation of a download.

use polysim_rsp::crypto::{P256, PublicKey, Verifier as _};
use polysim_rsp::data::{
    AuthenticateErrorCode, AuthenticateServerResponse, CancelSessionReason, CancelSessionRequest,
    CancelSessionResponse, DownloadErrorCode, GetEuiccChallengeRequest, GetEuiccChallengeResponse,
    LoadCrlErrorCode, LoadCrlRequest, LoadCrlResponse, PrepareDownloadResponse,
    RetrieveNotificationsListRequest, RetrieveNotificationsListResponse,
};
use polysim_rsp::data::{CertificateDer, EnableProfileResponse, PendingNotification};
use polysim_rsp::pki::authority::{Authority, AuthorityConfig, RevocationList};
use polysim_rsp::pki::{Certificate, Oid, Role};

use super::*;
use crate::testkit::server::{ADDRESS, OID, Server, Session};

const YEAR_2030: i64 = 1_893_456_000;

fn rig() -> (Server, Card, Lpa) {
    let server = Server::default();
    let mut card = made(server.euicc());
    let lpa = Lpa::open(&mut card);
    (server, card, lpa)
}

pub(super) fn challenge(card: &mut Card, lpa: &Lpa) -> [u8; 16] {
    let answer: GetEuiccChallengeResponse = lpa.ask(card, &GetEuiccChallengeRequest {});
    *answer.euicc_challenge
}

/// Authenticates, and returns the eUICC's signature.
pub(super) fn authenticated(card: &mut Card, lpa: &Lpa, session: &Session) -> [u8; 64] {
    let challenge = challenge(card, lpa);
    let answer = lpa.ask(card, &session.authenticate(challenge));
    let AuthenticateServerResponse::Ok(done) = answer else { panic!("{answer:?}") };
    *done.euicc_signature1
}

fn refused(card: &mut Card, lpa: &Lpa, session: &Session) -> AuthenticateErrorCode {
    let challenge = challenge(card, lpa);
    let answer = lpa.ask(card, &session.authenticate(challenge));
    let AuthenticateServerResponse::Error(error) = answer else { panic!("{answer:?}") };
    assert!(!card.euicc().unwrap().session_is_open());
    error.authenticate_error_code
}

#[test]
fn a_server_with_a_good_chain_gets_a_signed_answer_with_the_chain_of_the_euicc() {
    let (server, mut card, lpa) = rig();
    let session = server.session(1);
    let challenge = challenge(&mut card, &lpa);
    let answer = lpa.ask(&mut card, &session.authenticate(challenge));
    let AuthenticateServerResponse::Ok(done) = answer else { panic!("{answer:?}") };
    let euicc = Certificate::parse(done.euicc_certificate.der()).unwrap();
    let eum = Certificate::parse(done.eum_certificate.der()).unwrap();
    let eid = server.trust().verify_euicc(&P256, &euicc, &eum, Some(YEAR_2030)).unwrap();
    assert_eq!(eid, card.euicc().unwrap().eid());
    let signed = &done.euicc_signed1;
    assert!(P256.verify(euicc.public_key(), signed.der(), &done.euicc_signature1));
    assert_eq!(signed.server_address, ADDRESS);
    assert!(card.euicc().unwrap().session_is_open());
    card.reset();
    assert!(!card.euicc().unwrap().session_is_open());
}

#[test]
fn each_fault_of_a_server_has_its_code() {
    use AuthenticateErrorCode as Code;
    let (mut server, mut card, lpa) = rig();
    let good = || server.session(1);
    // No challenge was asked for; or it was used up.
    let answer = lpa.ask(&mut card, &good().authenticate([0; 16]));
    let AuthenticateServerResponse::Error(error) = answer else { panic!("{answer:?}") };
    assert_eq!(error.authenticate_error_code, Code::NoSessionContext);
    assert_eq!(error.transaction_id, good().transaction);
    let used = challenge(&mut card, &lpa);
    authenticated(&mut card, &lpa, &good());
    let answer = lpa.ask(&mut card, &good().authenticate(used));
    let AuthenticateServerResponse::Error(error) = answer else { panic!("{answer:?}") };
    assert_eq!(error.authenticate_error_code, Code::NoSessionContext);
    challenge(&mut card, &lpa);
    let answer = lpa.ask(&mut card, &good().authenticate(used));
    let AuthenticateServerResponse::Error(error) = answer else { panic!("{answer:?}") };
    assert_eq!(error.authenticate_error_code, Code::EuiccChallengeMismatch);
    // Another root; a certificate under another root; another role; another key.
    let mut session = good();
    session.root.0[0] ^= 1;
    assert_eq!(refused(&mut card, &lpa, &session), Code::CiPkUnknown);
    let oid = Oid::parse(OID).unwrap();
    let other = Authority::new(&mut server.randomness, &AuthorityConfig::default()).unwrap();
    let mut session = server.session(1);
    session.auth = other.server(&mut server.randomness, Role::DpAuth, &oid, ADDRESS).unwrap();
    assert_eq!(refused(&mut card, &lpa, &session), Code::InvalidCertificate);
    session.auth = server.binding.clone();
    assert_eq!(refused(&mut card, &lpa, &session), Code::InvalidOid);
    session.auth = server.auth.clone();
    session.auth.key = server.binding.key.clone();
    assert_eq!(refused(&mut card, &lpa, &session), Code::InvalidSignature);
}

#[test]
fn validity_counts_where_the_euicc_has_a_clock() {
    let mut server = Server::default();
    let authority = &server.authority;
    let oid = Oid::parse(OID).unwrap();
    let mut template = authority.server_template(Role::DpAuth, &oid, ADDRESS);
    template.not_after = YEAR_2030 - 1;
    let short = authority.issue(&mut server.randomness, &template).unwrap();
    for (epoch, valid) in [(None, true), (Some(YEAR_2030), false), (Some(YEAR_2030 - 1), true)] {
        let mut config = server.euicc();
        Arc::make_mut(&mut config.model).epoch = epoch;
        let mut card = made(config);
        let lpa = Lpa::open(&mut card);
        let session = Session { auth: short.clone(), ..server.session(1) };
        if valid {
            authenticated(&mut card, &lpa, &session);
        } else {
            let code = refused(&mut card, &lpa, &session);
            assert_eq!(code, AuthenticateErrorCode::InvalidCertificate);
        }
    }
}

#[test]
fn what_a_loaded_list_revokes_is_refused_for_good() {
    let (server, mut card, lpa) = rig();
    let session = server.session(1);
    authenticated(&mut card, &lpa, &session);
    let list = RevocationList::whole(1, (0, i64::from(u32::MAX)), &[&session.auth.certificate]);
    let mut crl = server.authority.crl(&list);
    let load = |crl: &[u8]| LoadCrlRequest { crl: CertificateDer::new(crl.to_vec()) };
    let loaded: LoadCrlResponse = lpa.ask(&mut card, &load(&crl));
    assert!(matches!(loaded, LoadCrlResponse::Ok(_)), "{loaded:?}");
    let code = AuthenticateErrorCode::InvalidCertificate;
    assert_eq!(refused(&mut card, &lpa, &session), code);
    *crl.last_mut().unwrap() ^= 1;
    let loaded: LoadCrlResponse = lpa.ask(&mut card, &load(&crl));
    assert_eq!(loaded, LoadCrlResponse::Error(LoadCrlErrorCode::InvalidSignature));
    card.power_on();
    let lpa = Lpa::open(&mut card);
    assert_eq!(refused(&mut card, &lpa, &session), code);
}

#[test]
fn a_download_is_prepared_with_a_one_time_key_that_is_used_again_where_a_package_was_bound_to_it() {
    let (server, mut card, lpa) = rig();
    let otpk = |card: &mut Card, number, used_before: Option<&[u8]>| {
        let session = server.session(number);
        let signature = authenticated(card, &lpa, &session);
        let asked = session.prepare(&signature, used_before);
        let answer = lpa.ask(card, &asked);
        let PrepareDownloadResponse::Ok(done) = answer else { panic!("{answer:?}") };
        done.euicc_signed2.euicc_otpk.to_vec()
    };
    let first = otpk(&mut card, 1, None);
    assert!(PublicKey::from_bytes(&first).is_ok());
    card.reset();
    let lpa_again = Lpa::open(&mut card);
    assert_eq!(otpk(&mut card, 2, Some(&first)), first);
    let second = otpk(&mut card, 3, None);
    assert_ne!(second, first);
    assert_ne!(otpk(&mut card, 4, Some(&first)), first, "only the last one is kept");
    lpa_again.close(&mut card);
}

#[test]
fn the_hash_of_a_confirmation_code_is_signed_with_what_the_server_signed() {
    let (server, mut card, lpa) = rig();
    let session = server.session(1);
    let signature = authenticated(&mut card, &lpa, &session);
    let mut asked = session.prepare(&signature, None);
    asked.hash_cc = Some([5; 32].into());
    let answer = lpa.ask(&mut card, &asked);
    let PrepareDownloadResponse::Ok(done) = answer else { panic!("{answer:?}") };
    assert_eq!(done.euicc_signed2.hash_cc, Some([5; 32].into()));
    assert_eq!(done.euicc_signed2.transaction_id, session.transaction);
    let message = [done.euicc_signed2.der(), &[0x5F, 0x37, 0x40], &*asked.smdp_signature2].concat();
    let key =
        *card.with_euicc(|_, euicc| euicc.identity()).unwrap().unwrap().certificate.public_key();
    assert!(P256.verify(&key, &message, &done.euicc_signature2));
}

#[test]
fn each_fault_of_a_preparation_has_its_code() {
    use DownloadErrorCode as Code;
    let (server, mut card, lpa) = rig();
    let refused = |card: &mut Card, session: &Session, signature: &[u8]| {
        let answer = lpa.ask(card, &session.prepare(signature, None));
        let PrepareDownloadResponse::Error(error) = answer else { panic!("{answer:?}") };
        error.download_error_code
    };
    let session = server.session(1);
    assert_eq!(refused(&mut card, &session, &[0; 64]), Code::NoSessionContext);
    let signature = authenticated(&mut card, &lpa, &session);
    let other = server.session(2);
    assert_eq!(refused(&mut card, &other, &signature), Code::InvalidTransactionId);
    assert_eq!(refused(&mut card, &session, &[0; 64]), Code::InvalidSignature);
    let mut wrong = server.session(1);
    wrong.binding = server.auth.clone();
    assert_eq!(refused(&mut card, &wrong, &signature), Code::InvalidCertificate);
    let answer = lpa.ask(&mut card, &session.prepare(&signature, None));
    assert!(matches!(answer, PrepareDownloadResponse::Ok(_)), "{answer:?}");
}

#[test]
fn a_session_is_given_up_with_a_signed_reason() {
    let (server, mut card, lpa) = rig();
    let session = server.session(1);
    authenticated(&mut card, &lpa, &session);
    let cancel = |transaction: u8| CancelSessionRequest {
        transaction_id: vec![transaction; 16].into(),
        reason: CancelSessionReason::Postponed,
    };
    let answer: CancelSessionResponse = lpa.ask(&mut card, &cancel(2));
    assert!(matches!(answer, CancelSessionResponse::Error(_)), "{answer:?}");
    let answer: CancelSessionResponse = lpa.ask(&mut card, &cancel(1));
    let CancelSessionResponse::Ok(done) = answer else { panic!("{answer:?}") };
    let signed = &done.euicc_cancel_session_signed;
    assert_eq!(signed.smdp_oid.to_string(), OID);
    assert_eq!(signed.reason, CancelSessionReason::Postponed);
    assert!(!card.euicc().unwrap().session_is_open());
}

#[test]
fn notifications_are_signed_and_stay_until_they_were_sent() {
    let (server, mut card, lpa) = rig();
    let done: EnableProfileResponse = lpa.ask(&mut card, &enable(1, false));
    assert_eq!(done.enable_result, data::EnableResult::Ok);
    let all = RetrieveNotificationsListRequest::default();
    let answer = lpa.ask(&mut card, &all);
    let RetrieveNotificationsListResponse::Ok(found) = answer else { panic!("{answer:?}") };
    assert_eq!(found.len(), 2);
    for pending in &found {
        let PendingNotification::OtherSignedNotification(one) = pending else { panic!() };
        let euicc = Certificate::parse(one.euicc_certificate.der()).unwrap();
        let signed = &one.tbs_other_notification;
        let signature = &one.euicc_notification_signature;
        assert!(P256.verify(euicc.public_key(), signed.der(), signature));
        let sent = data::NotificationSentRequest { seq_number: signed.seq_number };
        let gone: data::NotificationSentResponse = lpa.ask(&mut card, &sent);
        assert_eq!(gone.delete_notification_status, data::DeleteNotificationStatus::Ok);
        let gone: data::NotificationSentResponse = lpa.ask(&mut card, &sent);
        let nothing = data::DeleteNotificationStatus::NothingToDelete;
        assert_eq!(gone.delete_notification_status, nothing);
    }
    let nothing = lpa.ask(&mut card, &all);
    assert!(matches!(nothing, RetrieveNotificationsListResponse::Error(_)), "{nothing:?}");
    drop(server);
}
