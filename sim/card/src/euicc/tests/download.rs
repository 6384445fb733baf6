//! A profile is downloaded, and everything that can go wrong with it.

use polysim_rsp::bsp::segments;
use polysim_rsp::crypto::{P256, Verifier as _};
use polysim_rsp::data::{
    BppCommandId, EnableProfileResponse, EnableResult, ErrorReason, FinalResult, OperatorId,
    PprFlags, PprIds, PrepareDownloadResponse, ProfileClass, ProfileInstallationResult,
    ProfilePolicyAuthorisationRule,
};
use polysim_rsp::saip::EuiccResponse;

use super::install::authenticates;
use super::session::authenticated;
use super::*;
use crate::testkit::server::{ADDRESS, NEW_ICCID, NEW_IMSI, OID, Order, Server, Session};
use crate::{CardFault, FaultSpan};

/// A bound profile package for a session that is prepared on the card.
fn prepared(card: &mut Card, lpa: &Lpa, session: &Session, order: &Order) -> Vec<u8> {
    let signature = authenticated(card, lpa, session);
    let answer = lpa.ask(card, &session.prepare(&signature, None));
    let PrepareDownloadResponse::Ok(done) = answer else { panic!("{answer:?}") };
    let eid = card.euicc().unwrap().eid();
    session.bind(&eid, &done.euicc_signed2.euicc_otpk, order)
}

/// Loads the pieces until one is answered.
fn load(
    card: &mut Card,
    lpa: &Lpa,
    pieces: &[&[u8]],
) -> Option<(usize, ProfileInstallationResult)> {
    for (at, piece) in pieces.iter().enumerate() {
        let (answer, status) = lpa.ask_raw(card, piece);
        assert_eq!(status, [0x90, 0x00], "piece {at}");
        if !answer.is_empty() {
            return Some((at, decode("result", &answer).unwrap()));
        }
    }
    None
}

fn failure(result: &ProfileInstallationResult) -> (BppCommandId, ErrorReason) {
    match &result.profile_installation_result_data.final_result {
        FinalResult::Error(error) => (error.bpp_command_id, error.error_reason),
        other => panic!("{other:?}"),
    }
}

fn rig() -> (Server, Card, Lpa) {
    let server = Server::default();
    let mut card = made(server.euicc());
    let lpa = Lpa::open(&mut card);
    (server, card, lpa)
}

/// Free memory, and how many profiles there are.
fn room(card: &Card) -> (u32, usize) {
    let euicc = card.euicc().unwrap();
    (euicc.free_memory(), euicc.profiles().count())
}

/// Downloads an order, which fails, and says how.
fn refused(config: EuiccConfig, server: &Server, order: &Order) -> (BppCommandId, ErrorReason) {
    let mut card = made(config);
    let lpa = Lpa::open(&mut card);
    let before = room(&card);
    let package = prepared(&mut card, &lpa, &server.session(1), order);
    let pieces = segments(&package).unwrap();
    let (_, result) = load(&mut card, &lpa, &pieces).unwrap();
    assert_eq!(room(&card), before);
    assert!(!card.euicc().unwrap().session_is_open());
    failure(&result)
}

#[test]
fn a_profile_is_downloaded_and_works_once_it_is_enabled() {
    for own_keys in [false, true] {
        let (server, mut card, lpa) = rig();
        let (free, count) = room(&card);
        let order = Order { own_keys, ..Order::default() };
        let package = prepared(&mut card, &lpa, &server.session(1), &order);
        let pieces = segments(&package).unwrap();
        let (at, result) = load(&mut card, &lpa, &pieces).unwrap();
        assert_eq!(at + 1, pieces.len());
        let euicc = server.eum.euicc(&mut euicc_key(&card), &card.euicc().unwrap().eid());
        let data = &result.profile_installation_result_data;
        let key = *euicc.unwrap().certificate.public_key();
        assert!(P256.verify(&key, data.der(), &result.euicc_sign_pir));
        let FinalResult::Success(success) = &data.final_result else { panic!("{data:?}") };
        assert_eq!(success.sima_response.as_ref(), EuiccResponse::ok().encode());
        assert_eq!(data.smdp_oid.as_ref().unwrap().to_string(), OID);
        assert_eq!(data.notification_metadata.notification_address, ADDRESS);
        let pending: Vec<_> = card
            .euicc()
            .unwrap()
            .pending_notifications()
            .map(|one| one.notification_address.clone())
            .collect();
        assert_eq!(pending, [ADDRESS, "other.example"]);
        let profile = card.euicc().unwrap().profiles().last().unwrap();
        assert_eq!(profile.iccid, Some(Iccid::parse(NEW_ICCID).unwrap()));
        assert_eq!((profile.enabled, profile.name), (false, "three"));
        assert_eq!(&profile.isdp_aid[..], success.aid.as_ref());
        assert_eq!(room(&card), (free - profile.size, count + 1));
        assert!(profile.size > 8_000, "{}", profile.size);
        let wanted = EnableProfileRequest {
            profile_identifier: ProfileIdentifier::IsdpAid(success.aid.clone()),
            refresh_flag: false,
        };
        let done: EnableProfileResponse = lpa.ask(&mut card, &wanted);
        assert_eq!(done.enable_result, EnableResult::Ok);
        assert_eq!(seen(&card).as_deref(), Some(NEW_IMSI));
        authenticates(&mut card);
    }
}

/// The key of the test card follows from its stream.
fn euicc_key(_: &Card) -> Randomness {
    let stream = Stream::derive(1, 1, Purpose::Test, 0);
    Randomness::Simulated(stream.fork(0x4555_4943_4355_4944))
}

#[test]
fn a_package_may_come_whole_and_without_commands() {
    let (server, mut card, lpa) = rig();
    let package = prepared(&mut card, &lpa, &server.session(1), &Order::default());
    let (at, result) = load(&mut card, &lpa, &[&package]).unwrap();
    assert_eq!(at, 0);
    let data = &result.profile_installation_result_data;
    assert!(matches!(data.final_result, FinalResult::Success(_)), "{data:?}");
    let (server, mut card, lpa) = rig();
    let package = prepared(&mut card, &lpa, &server.session(1), &Order::default());
    let answer = card.es10(Instant::ZERO, &package);
    let result: ProfileInstallationResult = decode("result", &answer).unwrap();
    let data = &result.profile_installation_result_data;
    assert!(matches!(data.final_result, FinalResult::Success(_)), "{data:?}");
}

#[test]
fn a_flipped_bit_in_any_piece_ends_the_installation_and_leaves_nothing() {
    let (_, mut card, lpa) = rig();
    let server = Server::default();
    let package = prepared(&mut card, &lpa, &server.session(1), &Order::default());
    let lengths: Vec<_> = segments(&package).unwrap().iter().map(|piece| piece.len()).collect();
    let mut start = 0;
    for (at, length) in lengths.iter().enumerate() {
        let (_, mut card, lpa) = rig();
        let before = room(&card);
        let mut package = prepared(&mut card, &lpa, &server.session(1), &Order::default());
        // The last octet of a piece is of a signature, of a MAC, or of a length.
        package[start + length - 1] ^= 0x01;
        let end = start + length;
        let sound: Vec<&[u8]> = lengths
            .iter()
            .scan(0, |from, length| {
                let piece = *from..*from + length;
                *from += length;
                Some(piece)
            })
            .map(|piece| &package[piece])
            .collect();
        let (failed_at, result) = load(&mut card, &lpa, &sound).unwrap();
        // A length that is wrong may show later.
        let late = *length < 5 && failed_at > at;
        assert!(failed_at == at || late, "piece {at} fails at {failed_at}");
        let (command, reason) = failure(&result);
        let expected = if at == 0 {
            reason == ErrorReason::InvalidSignature
        } else {
            matches!(reason, ErrorReason::Scp03tSecurityError | ErrorReason::Scp03tStructureError)
        };
        assert!(expected, "piece {at}: {command:?} {reason:?}");
        assert_eq!(room(&card), before);
        assert_eq!(card.euicc().unwrap().pending_notifications().count(), 1);
        if end == package.len() {
            break;
        }
        let (answer, status) = lpa.ask_raw(&mut card, &package[end..]);
        assert_eq!((answer, status), (Vec::new(), [0x69, 0x85]), "the session is over");
        start = end;
    }
}

#[test]
fn a_piece_that_is_cut_short_is_no_piece() {
    let server = Server::default();
    for at in 0..8 {
        let (_, mut card, lpa) = rig();
        let package = prepared(&mut card, &lpa, &server.session(1), &Order::default());
        let mut pieces = segments(&package).unwrap();
        pieces[at] = &pieces[at][..pieces[at].len() - 1];
        let (failed_at, result) = load(&mut card, &lpa, &pieces[..=at]).unwrap();
        assert_eq!(failed_at, at);
        let (_, reason) = failure(&result);
        let fits =
            matches!(reason, ErrorReason::Scp03tStructureError | ErrorReason::IncorrectInputValues);
        assert!(fits, "piece {at}: {reason:?}");
    }
}

#[test]
fn what_does_not_fit_the_euicc_is_refused_with_its_reason() {
    let server = Server::default();
    let config = || server.euicc();
    let metadata = BppCommandId::StoreMetadata;
    let elements = BppCommandId::LoadProfileElements;
    let mut order = Order::default();
    order.metadata.iccid = iccid(0);
    let exists = ErrorReason::InstallFailedDueToIccidAlreadyExistsOnEuicc;
    assert_eq!(refused(config(), &server, &order), (metadata, exists));
    order.metadata.iccid = data::Iccid::from(&Iccid::parse("8944000000000000029").unwrap());
    let mismatch = ErrorReason::InstallFailedDueToIccidMismatch;
    assert_eq!(refused(config(), &server, &order), (elements, mismatch));
    let mut order = Order::default();
    order.metadata.profile_class = Some(ProfileClass::Test);
    let class = ErrorReason::UnsupportedProfileClass;
    assert_eq!(refused(config(), &server, &order), (metadata, class));
    let mut order = Order::default();
    order.upp.truncate(order.upp.len() - 3);
    let processing = ErrorReason::InstallFailedDueToPeProcessingError;
    assert_eq!(refused(config(), &server, &order), (elements, processing));
    let mut small = config();
    let taken: u32 = made(config()).euicc().unwrap().profiles().map(|one| one.size).sum();
    Arc::make_mut(&mut small.model).memory = taken + 6_000;
    let memory = ErrorReason::InstallFailedDueToInsufficientMemoryForProfile;
    assert_eq!(refused(small, &server, &Order::default()), (elements, memory));
}

#[test]
fn policy_rules_need_a_rule_that_allows_them() {
    let server = Server::default();
    let owner = |mcc_mnc: [u8; 3]| OperatorId { mcc_mnc: mcc_mnc.into(), gid1: None, gid2: None };
    let allowing = |operator| {
        let mut config = server.euicc();
        Arc::make_mut(&mut config.model).rules = vec![ProfilePolicyAuthorisationRule {
            ppr_ids: PprIds::PPR1.with(PprIds::PPR2),
            allowed_operators: vec![owner(operator)],
            ppr_flags: PprFlags::NONE,
        }];
        config
    };
    let order = |rules| {
        let mut order = Order::default();
        order.metadata.profile_policy_rules = Some(rules);
        order.metadata.profile_owner = Some(owner([0x00, 0xF1, 0x10]));
        order
    };
    let refusal = (BppCommandId::StoreMetadata, ErrorReason::PprNotAllowed);
    let any = [0xEE, 0xEE, 0xEE];
    assert_eq!(refused(server.euicc(), &server, &order(PprIds::PPR2)), refusal);
    assert_eq!(refused(allowing([0x00, 0xF2, 0x10]), &server, &order(PprIds::PPR2)), refusal);
    assert_eq!(refused(allowing(any), &server, &order(PprIds::PPR3)), refusal);
    assert_eq!(refused(allowing(any), &server, &order(PprIds::PPR1)), refusal, "not the first");
    for config in [allowing(any), allowing([0x00, 0xF1, 0x10])] {
        let mut card = made(config);
        let lpa = Lpa::open(&mut card);
        let order = order(PprIds::PPR2);
        let package = prepared(&mut card, &lpa, &server.session(1), &order);
        let (_, result) = load(&mut card, &lpa, &[&package]).unwrap();
        let data = &result.profile_installation_result_data;
        assert!(matches!(data.final_result, FinalResult::Success(_)), "{data:?}");
    }
}

#[test]
fn a_cut_at_every_step_leaves_no_profile_or_the_whole_of_it_and_the_server_hears_of_it() {
    let server = Server::default();
    for steps in 0.. {
        let mut card = made(server.euicc());
        let lpa = Lpa::open(&mut card);
        let before = room(&card);
        let package = prepared(&mut card, &lpa, &server.session(1), &Order::default());
        card.inject(CardFault::PowerLossAfter { steps }, FaultSpan::Commands(1));
        for piece in segments(&package).unwrap() {
            lpa.ask_raw(&mut card, piece);
            if !card.is_on() {
                break;
            }
        }
        let lost = !card.is_on();
        card.heal();
        card.power_on().unwrap();
        let (results, profiles) = (results(&mut card), room(&card).1);
        match steps {
            0 => assert!(results.is_empty(), "nothing had begun"),
            1 => {
                let interrupted = ErrorReason::InstallFailedDueToInterruption;
                assert_eq!(failure(&results[0]).1, interrupted);
            }
            _ => {
                let data = &results[0].profile_installation_result_data;
                assert!(matches!(data.final_result, FinalResult::Success(_)), "{data:?}");
            }
        }
        assert_eq!(profiles, before.1 + usize::from(steps >= 2));
        assert_eq!(room(&card).0 == before.0, steps < 2);
        assert_eq!(seen(&card).as_deref(), Some(IMSIS[0]));
        if !lost {
            assert_eq!(steps, 3);
            break;
        }
    }
}

/// The installation results that wait.
fn results(card: &mut Card) -> Vec<ProfileInstallationResult> {
    let all = data::RetrieveNotificationsListRequest::default();
    let answer = card.es10(Instant::ZERO, &encode(&all));
    match decode("notifications", &answer).unwrap() {
        data::RetrieveNotificationsListResponse::Ok(all) => all
            .into_iter()
            .filter_map(|one| match one {
                data::PendingNotification::ProfileInstallationResult(result) => Some(*result),
                data::PendingNotification::OtherSignedNotification(_) => None,
            })
            .collect(),
        data::RetrieveNotificationsListResponse::Error(_) => Vec::new(),
    }
}

#[test]
fn an_interrupted_download_is_told_and_may_be_repeated_with_the_package_that_was_bound() {
    let (server, mut card, lpa) = rig();
    let session = server.session(1);
    let signature = authenticated(&mut card, &lpa, &session);
    let answer = lpa.ask(&mut card, &session.prepare(&signature, None));
    let PrepareDownloadResponse::Ok(done) = answer else { panic!("{answer:?}") };
    let otpk = done.euicc_signed2.euicc_otpk.clone();
    let eid = card.euicc().unwrap().eid();
    let package = session.bind(&eid, &otpk, &Order::default());
    let pieces = segments(&package).unwrap();
    assert!(load(&mut card, &lpa, &pieces[..pieces.len() - 2]).is_none());
    card.reset();
    let told = results(&mut card);
    let loading = BppCommandId::LoadProfileElements;
    let interrupted = (loading, ErrorReason::InstallFailedDueToInterruption);
    assert_eq!(failure(&told[0]), interrupted);
    let about = &told[0].profile_installation_result_data.notification_metadata;
    assert_eq!(about.iccid, Some(Order::default().metadata.iccid));
    let lpa = Lpa::open(&mut card);
    let again = server.session(2);
    let signature = authenticated(&mut card, &lpa, &again);
    let answer = lpa.ask(&mut card, &again.prepare(&signature, Some(&otpk)));
    let PrepareDownloadResponse::Ok(done) = answer else { panic!("{answer:?}") };
    assert_eq!(done.euicc_signed2.euicc_otpk, otpk);
    let package = again.bind(&eid, &otpk, &Order::default());
    let (_, result) = load(&mut card, &lpa, &segments(&package).unwrap()).unwrap();
    let data = &result.profile_installation_result_data;
    assert!(matches!(data.final_result, FinalResult::Success(_)), "{data:?}");
}

#[test]
fn another_session_interrupts_too_and_a_duplicate_is_told_from_its_first() {
    let (server, mut card, lpa) = rig();
    let package = prepared(&mut card, &lpa, &server.session(1), &Order::default());
    assert!(load(&mut card, &lpa, &segments(&package).unwrap()[..4]).is_none());
    let package = prepared(&mut card, &lpa, &server.session(2), &Order::default());
    assert_eq!(results(&mut card).len(), 1);
    load(&mut card, &lpa, &[&package]).unwrap();
    let package = prepared(&mut card, &lpa, &server.session(3), &Order::default());
    let (_, result) = load(&mut card, &lpa, &[&package]).unwrap();
    let exists = ErrorReason::InstallFailedDueToIccidAlreadyExistsOnEuicc;
    assert_eq!(failure(&result).1, exists);
}

#[test]
fn debug_shows_nothing_of_a_package_or_of_keys() {
    let (server, mut card, lpa) = rig();
    let package = prepared(&mut card, &lpa, &server.session(1), &Order::default());
    let pieces = segments(&package).unwrap();
    assert!(load(&mut card, &lpa, &pieces[..pieces.len() - 1]).is_none());
    let header = [0x81, 0xE2, 0x11, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8];
    assert_eq!(exchange(&mut card, &header).1, [0x90, 0x00]);
    let text = format!("{card:?}");
    let key = card.euicc().unwrap().one_time_key.as_ref().unwrap().to_bytes();
    let masked =
        ["7, 7, 7, 7, 7", "9, 9, 9, 9, 9", "1, 2, 3, 4, 5", &format!("{:?}", &key[..4])[1..]];
    for secret in masked {
        assert!(!text.contains(secret.trim_end_matches(']')), "{secret}");
    }
}
