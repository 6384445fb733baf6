use super::rig::{Rig, check_records};
use crate::testkit::{Lab, MATCHING_ID};
use crate::{Change, ProfileState, SmdpInput, SmdpOutput, Terminated};
use polysim_base::{Instant, Machine as _, Out};
use polysim_rsp::data::{ErrorReason, NotificationEvent};
use polysim_rsp::es2::NotificationPoint;
use polysim_rsp::es9::{Answer, Refusal};
use std::format;
use std::string::ToString;
use std::vec;

#[test]
fn a_report_that_comes_twice_is_told_once() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released();
    let (transaction, _) = rig.downloaded(&mut euicc);
    let report = euicc.report(&transaction, 1, iccid, None);
    for _ in 0..3 {
        assert_eq!(rig.es9(report.clone()), Answer::HandleNotification);
        rig.crash();
    }
    let installed =
        rig.points().iter().filter(|(at, _)| *at == NotificationPoint::Installation).count();
    assert_eq!(installed, 1);
}

#[test]
fn a_failure_that_may_pass_leaves_the_profile_for_another_try() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released();
    let (transaction, _) = rig.downloaded(&mut euicc);
    let error = ErrorReason::InstallFailedDueToInsufficientMemoryForProfile;
    rig.es9(euicc.report(&transaction, 1, iccid, Some(error)));
    assert_eq!(rig.state(iccid), ProfileState::Released);
    let last = rig.points().pop();
    assert_eq!(last, Some((NotificationPoint::Installation, Some("8.1 4.8".to_string()))));
    let mut other = rig.lab.euicc(2);
    let refusal = rig.not_authenticated(&mut other, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::EidRefused, "it stays with the device");
    let ok = rig.authenticated(&mut euicc);
    assert_eq!(ok.smdp_signed2.bpp_euicc_otpk, None, "that try is over");
}

#[test]
fn a_failure_that_does_not_pass_ends_the_order() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released();
    let (transaction, _) = rig.downloaded(&mut euicc);
    let error = ErrorReason::InstallFailedDueToPeProcessingError;
    rig.es9(euicc.report(&transaction, 1, iccid, Some(error)));
    assert_eq!(rig.state(iccid), ProfileState::Error(Terminated::NotInstalled(12)));
    let refusal = rig.not_authenticated(&mut euicc, Some(MATCHING_ID));
    assert_eq!(refusal, Refusal::MatchingIdRefused);
    check_records(&mut rig);
}

#[test]
fn a_failure_of_an_older_try_says_nothing_of_the_newer_one() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released();
    let (first, _) = rig.downloaded(&mut euicc);
    let (second, _) = rig.downloaded(&mut euicc);
    let error = ErrorReason::InstallFailedDueToPeProcessingError;
    rig.es9(euicc.report(&first, 1, iccid, Some(error)));
    assert_eq!(rig.state(iccid), ProfileState::Downloaded);
    rig.es9(euicc.report(&second, 2, iccid, None));
    assert_eq!(rig.state(iccid), ProfileState::Installed);
}

#[test]
fn what_a_device_does_with_a_profile_is_told_once_in_any_order() {
    let mut rig = Rig::new();
    let (mut euicc, stranger) = (rig.lab.euicc(1), rig.lab.euicc(2));
    let iccid = rig.released();
    let (transaction, _) = rig.downloaded(&mut euicc);
    rig.es9(euicc.report(&transaction, 1, iccid, None));
    rig.told.clear();
    let (enable, disable, delete) =
        (NotificationEvent::ENABLE, NotificationEvent::DISABLE, NotificationEvent::DELETE);
    for (seq, event) in [(2, enable), (4, delete), (3, disable), (2, enable), (4, delete)] {
        let answer = rig.es9(euicc.managed(seq, event, iccid));
        assert_eq!(answer, Answer::HandleNotification);
        rig.crash();
    }
    // It is not the stranger's profile: nothing becomes of it.
    let answer = rig.es9(stranger.managed(9, enable, iccid));
    assert_eq!(answer, Answer::HandleNotification);
    assert_eq!(
        rig.points(),
        [
            (NotificationPoint::Enabled, None),
            (NotificationPoint::Deleted, None),
            (NotificationPoint::Disabled, None)
        ]
    );
    assert_eq!(rig.state(iccid), ProfileState::Unavailable);
}

#[test]
fn a_notification_that_is_not_what_the_device_signed_is_refused() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released();
    rig.downloaded(&mut euicc);
    let mut bent = rig.lab.euicc(1);
    bent.identity.key = rig.lab.euicc(2).identity.key;
    let refusal = rig.refused(bent.managed(1, NotificationEvent::ENABLE, iccid));
    assert_eq!(refusal, Refusal::EuiccNotVerified);
    let mut stranger = rig.lab.euicc(1);
    stranger.identity.eum = rig.lab.authority.root().clone();
    let refusal = rig.refused(stranger.managed(1, NotificationEvent::ENABLE, iccid));
    assert!(matches!(refusal, Refusal::IssuerUnknown | Refusal::EumCertificateNotVerified));
}

#[test]
fn what_is_about_nothing_that_is_known_is_taken() {
    let mut rig = Rig::new();
    let euicc = rig.lab.euicc(1);
    let iccid = rig.ordered(0);
    let nowhere = euicc.report(&vec![5; 16].into(), 1, iccid, None);
    assert_eq!(rig.es9(nowhere), Answer::HandleNotification);
    let short = euicc.report(&vec![5; 3].into(), 1, iccid, None);
    assert_eq!(rig.es9(short), Answer::HandleNotification);
    let other = euicc.managed(1, NotificationEvent::ENABLE, iccid);
    assert_eq!(rig.es9(other), Answer::HandleNotification);
    assert_eq!(rig.points(), []);
}

#[test]
fn what_was_not_taken_is_told_again_ever_more_slowly() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    rig.released();
    rig.takes = false;
    rig.downloaded(&mut euicc);
    let told = |rig: &Rig| {
        let is_progress = |effect: &&SmdpOutput| matches!(effect, SmdpOutput::Progress { .. });
        rig.run.effects().iter().filter(is_progress).count()
    };
    assert_eq!(told(&rig), 1);
    let mut after = vec![];
    for second in 1..=200 {
        rig.wait(1);
        if told(&rig) > 1 + after.len() {
            after.push(second);
        }
    }
    assert_eq!(after, [10, 30, 70, 150]);
    rig.takes = true;
    rig.wait(600);
    rig.wait(600);
    assert_eq!(rig.run.machine().untold(), 0);
}

#[test]
fn secrets_are_in_records_and_nowhere_to_be_seen() {
    let rig = Rig::new();
    let mut smdp = rig.lab.smdp(0);
    let input = SmdpInput::Es2 { from: crate::RequestId(1), request: Lab::download_order(0, None) };
    smdp.handle(Instant::ZERO, input);
    let Some(Out::Record(record)) = smdp.poll_output() else { panic!() };
    let Change::Ordered { personal, .. } = &record.change else { panic!() };
    let keys = personal.subscription.as_ref().unwrap().milenage();
    let shown = format!("{record:?} {smdp:?}");
    let [first, second, ..] = *keys.key().as_bytes();
    assert!(!shown.contains(&format!("{first}, {second}")), "{shown}");
    let imsi = personal.subscription.as_ref().unwrap().imsi.to_string();
    assert!(!format!("{record:?}").contains(&imsi));
    // What is written is read again as it was.
    let written = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<crate::SmdpRecord>(&written).unwrap(), record);
}
