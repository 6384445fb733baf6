//! What is wrong ends with its own code, and leaves memory as it was.

use polysim_base::{Iccid, Purpose, Stream};
use polysim_card::IdentitySource;
use polysim_lpa::{LpaCommand, LpaDone, LpaError, WrongServer};
use polysim_rsp::bsp::segments;
use polysim_rsp::crypto::Randomness;
use polysim_rsp::data::{AuthenticateErrorCode, BppCommandId, CertificateDer, ErrorReason};
use polysim_rsp::es9::{Answer, Refusal};
use polysim_rsp::pki::authority::RevocationList;
use polysim_smdp::testkit::{CODE, Lab};
use std::sync::Arc;

use super::world::{Bench, Tamper, World, download, token};

/// A download that comes to nothing.
fn fails(mut world: World, code: Option<&str>, tamper: Option<Tamper>) -> (World, LpaError) {
    let iccid = world.order(code);
    let free = world.free();
    world.tamper = tamper;
    let error = world.run(&download(code)).unwrap_err();
    nothing_is_left(&world, &iccid, free);
    (world, error)
}

fn nothing_is_left(world: &World, iccid: &Iccid, free: u32) {
    assert!(!world.has(iccid));
    assert_eq!(world.free(), free, "memory is back to before");
    world.check_end();
}

fn refusal(error: &LpaError) -> Option<Refusal> {
    let LpaError::Refused { status, .. } = error else { return None };
    Refusal::from_status(status)
}

#[test]
fn a_server_under_another_root_has_no_certificate_for_the_card() {
    let other = Lab::new(2, &[]);
    let bench = Bench::new().model(|model| model.trust = Arc::new(other.trust()));
    let (_, error) = fails(bench.world(), None, None);
    assert_eq!(refusal(&error), Some(Refusal::SmdpCertificateUnavailable), "{error}");
}

#[test]
fn a_certificate_that_has_expired_is_invalid_to_the_card() {
    let century = 100 * 365 * 86_400;
    let bench = Bench::new().model(|model| model.epoch = model.epoch.map(|at| at + century));
    let (_, error) = fails(bench.world(), None, None);
    assert_eq!(error, LpaError::Authenticate(AuthenticateErrorCode::InvalidCertificate));
}

#[test]
fn a_signature_that_was_changed_is_invalid_to_the_card() {
    let tamper: Tamper = Box::new(|answer| {
        if let Answer::InitiateAuthentication(ok) = answer {
            ok.server_signature1[7] ^= 1;
        }
    });
    let (_, error) = fails(Bench::new().world(), None, Some(tamper));
    assert_eq!(error, LpaError::Authenticate(AuthenticateErrorCode::InvalidSignature));
}

#[test]
fn a_certificate_for_something_else_is_not_taken() {
    let bench = Bench::new();
    let binding = bench.lab.binding.certificate.clone();
    let tamper: Tamper = Box::new(move |answer| {
        if let Answer::InitiateAuthentication(ok) = answer {
            ok.server_certificate = CertificateDer::new(binding.der().to_vec());
        }
    });
    let (_, error) = fails(bench.world(), None, Some(tamper));
    assert_eq!(error, LpaError::Authenticate(AuthenticateErrorCode::InvalidOid));
}

#[test]
fn an_answer_to_an_earlier_challenge_is_not_brought_to_the_card() {
    let mut first: Option<Answer> = None;
    let tamper: Tamper = Box::new(move |answer| {
        if matches!(answer, Answer::InitiateAuthentication(_)) {
            *answer = first.get_or_insert_with(|| answer.clone()).clone();
        }
    });
    let mut world = Bench::new().world();
    let iccid = world.order(None);
    world.tamper = Some(tamper);
    assert!(matches!(world.run(&download(None)), Ok(LpaDone::Downloaded(_))));
    assert!(world.has(&iccid));
    let error = world.run(&download(None)).unwrap_err();
    assert!(matches!(error, LpaError::WrongServer { why: WrongServer::Challenge, .. }), "{error}");
    world.check_end();
}

#[test]
fn a_matching_identifier_that_is_unknown_or_used_is_refused() {
    let mut world = Bench::new().world();
    world.order(None);
    let error = world.run(&token("NOT-THIS", None)).unwrap_err();
    assert_eq!(refusal(&error), Some(Refusal::MatchingIdRefused), "{error}");
    assert!(world.run(&download(None)).is_ok());
    let error = world.run(&download(None)).unwrap_err();
    assert_eq!(refusal(&error), Some(Refusal::MatchingIdRefused), "{error}");
    world.check_end();
}

#[test]
fn a_wrong_confirmation_code_is_refused_and_not_for_ever() {
    let mut world = Bench::new().world();
    let iccid = world.order(Some(CODE));
    let free = world.free();
    let mut refusals = Vec::new();
    while refusals.last() != Some(&Refusal::ConfirmationCodeRetriesExceeded) {
        let error = world.run(&download(Some("0000"))).unwrap_err();
        refusals.push(refusal(&error).unwrap_or_else(|| panic!("{error}")));
        assert!(refusals.len() < 10, "{refusals:?}");
    }
    assert!(refusals.len() > 1, "{refusals:?}");
    assert!(
        refusals[..refusals.len() - 1]
            .iter()
            .all(|refusal| *refusal == Refusal::ConfirmationCodeRefused)
    );
    assert!(world.run(&download(Some(CODE))).is_err(), "the order is gone");
    nothing_is_left(&world, &iccid, free);
}

#[test]
fn a_right_confirmation_code_is_taken_and_a_missing_one_leaves_the_order() {
    let mut world = Bench::new().world();
    let iccid = world.order(Some(CODE));
    assert_eq!(world.run(&download(None)), Err(LpaError::ConfirmationCodeNeeded));
    assert!(world.run(&download(Some(CODE))).is_ok());
    assert!(world.has(&iccid));
    world.check_end();
}

/// Changes a package on its way.
fn on_package(mut change: impl FnMut(&mut Vec<u8>) + 'static) -> Tamper {
    Box::new(move |answer| {
        if let Answer::GetBoundProfilePackage { bound_profile_package, .. } = answer {
            change(bound_profile_package);
        }
    })
}

fn package_of() -> Vec<u8> {
    let found = Arc::new(std::sync::Mutex::new(Vec::new()));
    let keep = found.clone();
    let mut world = Bench::new().world();
    world.order(None);
    world.tamper = Some(on_package(move |package| keep.lock().unwrap().clone_from(package)));
    world.run(&download(None)).unwrap();
    drop(world);
    Arc::into_inner(found).unwrap().into_inner().unwrap()
}

#[test]
fn a_bit_that_is_flipped_in_any_segment_ends_the_installation_where_it_is() {
    let whole = package_of();
    let mut at = 0;
    let mut seen = Vec::new();
    for segment in segments(&whole).unwrap() {
        at += segment.len();
        if matches!(segment[0], 0xA1 | 0xA3) {
            continue;
        }
        let (last, first) = (at - 1, segment[0]);
        let tamper = on_package(move |package| package[last] ^= 0x10);
        let (_, error) = fails(Bench::new().world(), None, Some(tamper));
        let LpaError::Install(result) = &error else { panic!("{first:02X}: {error}") };
        let expected = match first {
            0xBF => (BppCommandId::InitialiseSecureChannel, ErrorReason::InvalidSignature),
            0xA0 => (BppCommandId::ConfigureIsdp, ErrorReason::Scp03tSecurityError),
            0x88 => (BppCommandId::StoreMetadata, ErrorReason::Scp03tSecurityError),
            0xA2 => (BppCommandId::ReplaceSessionKeys, ErrorReason::Scp03tSecurityError),
            _ => (BppCommandId::LoadProfileElements, ErrorReason::Scp03tSecurityError),
        };
        assert_eq!((result.bpp_command_id, result.error_reason), expected, "{first:02X}");
        seen.push(first);
    }
    assert!(seen.contains(&0x88) && seen.contains(&0x86), "{seen:02X?}");
}

#[test]
fn a_package_that_is_truncated_in_any_segment_is_not_loaded() {
    let whole = package_of();
    let mut at = 0;
    for segment in segments(&whole).unwrap() {
        at += segment.len();
        let end = at - 1;
        let tamper = on_package(move |package| package.truncate(end));
        let (_, error) = fails(Bench::new().world(), None, Some(tamper));
        assert!(matches!(error, LpaError::Package(_)), "{error}");
    }
}

#[test]
fn another_profile_than_the_one_described_is_not_loaded() {
    let whole = package_of();
    let mut at = 0;
    for segment in segments(&whole).unwrap() {
        if segment[0] == 0x88 {
            let middle = at + segment.len() / 2;
            let tamper = on_package(move |package| package[middle] ^= 1);
            let (_, error) = fails(Bench::new().world(), None, Some(tamper));
            let is_metadata =
                matches!(error, LpaError::WrongServer { why: WrongServer::Metadata, .. });
            assert!(is_metadata, "{error}");
        }
        at += segment.len();
    }
}

#[test]
fn an_euicc_without_room_refuses_and_keeps_what_it_has() {
    let taken = {
        let world = Bench::new().world();
        world.card.euicc().unwrap().model().memory - world.free()
    };
    let bench = Bench::new().model(|model| model.memory = taken + 1_000);
    let (_, error) = fails(bench.world(), None, None);
    let is_memory = matches!(&error, LpaError::Install(result) if result.error_reason
        == ErrorReason::InstallFailedDueToInsufficientMemoryForProfile);
    let is_eligible = refusal(&error) == Some(Refusal::InsufficientMemory)
        || refusal(&error) == Some(Refusal::NotEligible);
    assert!(is_memory || is_eligible, "{error}");
}

#[test]
fn a_server_whose_certificate_was_revoked_is_invalid_to_the_card() {
    let bench = Bench::new();
    let list = RevocationList::whole(1, (0, i64::from(u32::MAX)), &[&bench.lab.auth.certificate]);
    let crl = CertificateDer::new(bench.lab.authority.crl(&list));
    let mut world = bench.world();
    let (iccid, free) = (world.order(None), world.free());
    let loaded = world.run(&LpaCommand::LoadCrl(crl));
    assert!(matches!(loaded, Ok(LpaDone::CrlLoaded { .. })), "{loaded:?}");
    let error = world.run(&download(None)).unwrap_err();
    assert_eq!(error, LpaError::Authenticate(AuthenticateErrorCode::InvalidCertificate));
    nothing_is_left(&world, &iccid, free);
}

#[test]
fn a_card_whose_eid_its_maker_may_not_sign_for_is_refused() {
    let mut bench = Bench::new();
    let mut randomness = Randomness::Simulated(Stream::derive(4, 4, Purpose::Keys, 0));
    let eum = bench.lab.authority.eum(&mut randomness, "Another", &["89999999"]).unwrap();
    let identity = eum.euicc(&mut randomness, &bench.euicc.eid).unwrap();
    bench.euicc.identity = IdentitySource::Given(Arc::new(identity));
    let (_, error) = fails(bench.world(), None, None);
    assert_eq!(refusal(&error), Some(Refusal::EuiccCertificateNotVerified), "{error}");
}
