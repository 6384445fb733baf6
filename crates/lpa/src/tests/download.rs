use std::boxed::Box;
use std::string::{String, ToString as _};
use std::vec::Vec;

use polysim_rsp::activation::{ActivationCode, ConfirmationCode};
use polysim_rsp::data::{
    CancelSessionReason, ErrorReason, OperatorId, PprFlags, PprIds, ProfilePolicyAuthorisationRule,
};
use polysim_rsp::es9::{EventEntry, Refusal};
use rasn::types::FixedOctetString;

use super::server::{OrderState, Twist};
use super::world::{Fault, World};
use super::{HOST, device, iccid};
use crate::{
    CommandId, Decide, Decision, Discover, Download, LpaCommand, LpaConfig, LpaDone, LpaError,
    LpaEvent, LpaInput, Question, Source, Stage, Withdrawal, WrongServer,
};

pub(super) fn download(token: &str) -> LpaCommand {
    let code = ActivationCode::new(HOST, token).unwrap();
    let source = Source::ActivationCode(Box::new(code));
    LpaCommand::Download(Box::new(Download::unattended(source, device())))
}

fn asking(token: &str, code: Option<&str>) -> LpaCommand {
    let LpaCommand::Download(mut download) = download(token) else { panic!() };
    download.consent = Decide::Ask;
    download.confirmation_code = code.map(|code| ConfirmationCode::new(code).unwrap());
    LpaCommand::Download(download)
}

fn world() -> World {
    let mut world = World::new(LpaConfig::default());
    world.server.order("T1", 1, None);
    world
}

fn has(world: &World, n: u8) -> bool {
    world.card.profiles.iter().any(|profile| profile.iccid == iccid(n))
}

fn reason(reason: CancelSessionReason) -> Vec<i64> {
    Vec::from([reason.code()])
}

#[test]
fn a_download_installs_the_profile_and_tells_the_server() {
    let mut world = world();
    let result = world.run(download("T1"));
    let Ok(LpaDone::Downloaded(installed)) = result else { panic!("{result:?}") };
    assert_eq!((installed.iccid(), installed.name.as_str()), (iccid(1), "Profile"));
    assert!(has(&world, 1) && !installed.aid.is_empty());
    assert_eq!(world.server.orders["T1"].state, OrderState::Installed);
    assert!(world.card.notifications.is_empty(), "the server has it, so it is removed");
    let segments: Vec<usize> = world
        .events
        .iter()
        .filter_map(|event| {
            let LpaEvent::Progressed { stage: Stage::Loading { segment, of }, .. } = event else {
                return None;
            };
            assert_eq!(*of, 8);
            Some(*segment)
        })
        .collect();
    assert_eq!(segments, [1, 2, 3, 4, 5, 6, 7], "the last one is the result");
    world.check();
}

#[test]
fn a_download_comes_from_the_default_server_or_an_event() {
    let mut world = world();
    let LpaCommand::Download(mut order) = download("T1") else { panic!() };
    order.source = Source::DefaultSmdp;
    let command = LpaCommand::Download(order.clone());
    assert_eq!(world.run(command.clone()), Err(LpaError::NoDefaultSmdp));
    world.card.default_dp = Some(HOST.to_string());
    world.server.order("", 2, None);
    assert!(world.run(command).is_ok() && has(&world, 2));
    let discover = Discover { server: None, device: device() };
    let found = world.run(LpaCommand::Discover(Box::new(discover)));
    let Ok(LpaDone::Discovered(entries)) = found else { panic!("{found:?}") };
    order.source = Source::Event(entries[0].clone());
    assert!(world.run(LpaCommand::Download(order.clone())).is_ok() && has(&world, 1));
    let (event_id, rsp_server_address) = ("a b".to_string(), HOST.to_string());
    order.source = Source::Event(EventEntry { event_id, rsp_server_address });
    let result = world.run(LpaCommand::Download(order));
    assert_eq!(result, Err(LpaError::Address(HOST.to_string())));
}

#[test]
fn a_confirmation_code_is_asked_for_and_asked_for_again() {
    let mut world = world();
    world.server.order("C", 3, Some("1234"));
    let code = |code| Decision::ConfirmationCode(ConfirmationCode::new(code).unwrap());
    world.decisions = [Decision::Agree, code("9999"), code("1234")].into();
    assert!(world.run(asking("C", None)).is_ok());
    let questions: Vec<bool> = world
        .events
        .iter()
        .filter_map(|event| {
            let LpaEvent::Asked { question: Question::ConfirmationCode { refused }, .. } = event
            else {
                return None;
            };
            Some(*refused)
        })
        .collect();
    assert_eq!(questions, [false, true]);
}

#[test]
fn a_code_that_nobody_has_leaves_the_order_for_later() {
    let mut world = world();
    world.server.order("C", 3, Some("1234"));
    assert_eq!(world.run(download("C")), Err(LpaError::ConfirmationCodeNeeded));
    assert_eq!(world.card.cancelled, reason(CancelSessionReason::Postponed));
    assert_eq!(world.server.cancelled, world.card.cancelled);
    assert_eq!(world.server.orders["C"].state, OrderState::Released);
    let LpaCommand::Download(mut order) = download("C") else { panic!() };
    order.confirmation_code = Some(ConfirmationCode::new("0").unwrap());
    let error = world.run(LpaCommand::Download(order)).unwrap_err();
    let LpaError::Refused { status, .. } = &error else { panic!("{error}") };
    assert_eq!(Refusal::from_status(status), Some(Refusal::ConfirmationCodeRefused));
    assert!(error.to_string().contains("wrong"), "{error}");
}

#[test]
fn a_code_that_says_it_needs_a_confirmation_code_does_not_begin_without() {
    let mut world = world();
    let code = ActivationCode::new(HOST, "T1").unwrap().with_confirmation_code();
    let source = Source::ActivationCode(Box::new(code));
    let order = Download::unattended(source, device());
    let result = world.run(LpaCommand::Download(Box::new(order)));
    assert_eq!(result, Err(LpaError::ConfirmationCodeNeeded));
    assert!(world.server.seen.is_empty());
}

#[test]
fn what_the_user_says_is_what_card_and_server_are_told() {
    for (decision, expected) in [
        (Some(Decision::Withdraw(Withdrawal::Rejected)), CancelSessionReason::EndUserRejection),
        (Some(Decision::Withdraw(Withdrawal::Postponed)), CancelSessionReason::Postponed),
        (None, CancelSessionReason::Timeout),
    ] {
        let mut world = world();
        world.decisions = decision.into_iter().collect();
        assert_eq!(world.run(asking("T1", None)), Err(LpaError::Cancelled(expected)));
        assert_eq!(world.card.cancelled, reason(expected));
        assert_eq!(world.server.cancelled, reason(expected));
        assert!(!has(&world, 1));
        world.check();
    }
}

#[test]
fn a_policy_that_the_rules_forbid_ends_the_session() {
    let mut world = world();
    let order = world.server.orders.get_mut("T1").unwrap();
    order.metadata.profile_policy_rules = Some(PprIds::PPR2);
    let result = world.run(download("T1"));
    assert_eq!(result, Err(LpaError::PolicyNotAllowed(PprIds::PPR2)));
    assert_eq!(world.server.cancelled, reason(CancelSessionReason::PprNotAllowed));
}

#[test]
fn the_user_is_asked_for_policies_that_need_consent() {
    let mut world = world();
    let any = FixedOctetString::new([0xEE; 3]);
    world.card.rat = [ProfilePolicyAuthorisationRule {
        ppr_ids: PprIds::PPR2,
        allowed_operators: [OperatorId { mcc_mnc: any, gid1: None, gid2: None }].into(),
        ppr_flags: PprFlags::CONSENT_REQUIRED,
    }]
    .into();
    let order = world.server.orders.get_mut("T1").unwrap();
    order.metadata.profile_policy_rules = Some(PprIds::PPR2);
    world.decisions = [Decision::Agree].into();
    assert!(world.run(asking("T1", None)).is_ok());
    let is_asked = world.events.iter().any(|event| {
        matches!(event, LpaEvent::Asked { question: Question::Consent { rules, .. }, .. }
            if *rules == PprIds::PPR2)
    });
    assert!(is_asked);
}

#[test]
fn a_server_that_is_another_one_is_not_brought_to_the_card() {
    for (twist, expected) in [
        (Twist::OtherAddress, WrongServer::Address("other.example.com".to_string())),
        (Twist::OtherChallenge, WrongServer::Challenge),
        (Twist::OtherIssuer, WrongServer::Issuer),
    ] {
        let mut world = world();
        world.server.twist = twist;
        let (address, why) = (HOST.to_string(), expected);
        assert_eq!(world.run(download("T1")), Err(LpaError::WrongServer { address, why }));
        assert_eq!(world.server.seen, ["InitiateAuthentication"]);
    }
}

#[test]
fn a_code_with_an_identifier_takes_no_server_without_it() {
    let mut world = world();
    let code = ActivationCode::new(HOST, "T1").unwrap().with_oid("2.999.10").unwrap();
    let source = Source::ActivationCode(Box::new(code));
    let order = Download::unattended(source, device());
    let result = world.run(LpaCommand::Download(Box::new(order)));
    let (address, why) = (HOST.to_string(), WrongServer::Certificate);
    assert_eq!(result, Err(LpaError::WrongServer { address, why }));
}

#[test]
fn a_package_that_is_not_what_was_agreed_to_is_not_loaded() {
    for (twist, expected) in [
        (Twist::OtherMetadata, CancelSessionReason::MetadataMismatch),
        (Twist::BrokenPackage, CancelSessionReason::LoadBppExecutionError),
    ] {
        let mut world = world();
        world.server.twist = twist;
        assert!(world.run(download("T1")).is_err());
        assert_eq!(world.server.cancelled, reason(expected));
        assert_eq!(world.card.cancelled, reason(expected));
        assert!(!has(&world, 1));
    }
}

#[test]
fn a_failed_installation_is_told_in_both_halves_and_to_the_server() {
    let mut world = world();
    world.card.install_error = Some(ErrorReason::InstallFailedDueToInsufficientMemoryForProfile);
    let error = world.run(download("T1")).unwrap_err().to_string();
    assert!(error.contains("memory") && error.contains("elements were loaded"), "{error}");
    assert_eq!(world.server.orders["T1"].state, OrderState::Failed);
    world.check();
}

#[test]
fn a_download_can_be_given_up_at_every_moment_before_its_end() {
    let mut whole = world();
    assert!(whole.run(download("T1")).is_ok());
    let mut reasons: Vec<String> = Vec::new();
    for at in 1..whole.outputs() {
        let mut world = world();
        let cancel = LpaInput::Cancel { id: CommandId(1), why: Withdrawal::Rejected };
        world.cancel = Some((at, cancel));
        let result = world.run(download("T1"));
        world.check();
        assert_eq!(has(&world, 1), result.is_ok(), "at {at}");
        if let Err(error) = result {
            let rejected = CancelSessionReason::EndUserRejection;
            assert_eq!(error, LpaError::Cancelled(rejected), "at {at}");
            reasons.push(error.to_string());
            assert_eq!(world.card.cancelled, world.server.cancelled, "at {at}");
        }
    }
    assert!(reasons.len() > 15, "{}", reasons.len());
}

#[test]
fn a_second_profile_with_the_same_iccid_is_refused_by_the_card() {
    let mut world = world();
    assert!(world.run(download("T1")).is_ok());
    world.server.order("T2", 1, None);
    let Err(LpaError::Install(error)) = world.run(download("T2")) else { panic!() };
    assert_eq!(error.error_reason, ErrorReason::InstallFailedDueToIccidAlreadyExistsOnEuicc);
}

#[test]
fn a_lost_answer_to_the_last_segment_is_looked_up() {
    let mut whole = world();
    assert!(whole.run(download("T1")).is_ok());
    let mut lost = 0;
    for at in 0..whole.asks() {
        let mut world = world();
        world.faults = [(at, Fault::LostAnswer)].into();
        assert!(world.run(download("T1")).is_ok(), "lost {at}");
        assert_eq!(world.card.installs, [iccid(1)], "lost {at}");
        assert!(world.card.notifications.is_empty(), "lost {at}");
        world.check();
        lost += usize::from(world.server.seen.len() > whole.server.seen.len());
    }
    assert!(lost > 5, "a lost answer in a session makes a new one: {lost}");
}

/// The number of the ask with the last segment.
fn last_segment() -> usize {
    // Information and challenge, two asks of the server between and behind one of the card, the
    // profiles, one of the card and one of the server, and the segments before.
    2 + 1 + 1 + 1 + 1 + 1 + 1 + 7
}

#[test]
fn a_failed_installation_whose_word_is_lost_is_read_and_not_tried_again() {
    let mut world = world();
    world.card.install_error = Some(ErrorReason::InstallFailedDueToPeProcessingError);
    world.faults = [(last_segment(), Fault::LostAnswer)].into();
    let Err(LpaError::Install(error)) = world.run(download("T1")) else { panic!() };
    assert_eq!(error.error_reason, ErrorReason::InstallFailedDueToPeProcessingError);
    let packages = world.server.seen.iter().filter(|seen| **seen == "GetBoundProfilePackage");
    assert_eq!(packages.count(), 1);
}

#[test]
fn a_profile_that_is_there_though_its_word_is_gone_is_installed() {
    let mut world = world();
    world.card.forgets_results = true;
    world.faults = [(last_segment(), Fault::LostAnswer)].into();
    let Ok(LpaDone::Downloaded(installed)) = world.run(download("T1")) else { panic!() };
    assert_eq!((installed.iccid(), installed.aid.len()), (iccid(1), 0));
    assert_eq!(world.card.installs.len(), 1);
}
