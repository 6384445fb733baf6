use super::world::*;

use crate::applet::AppletInput;
use crate::wire::apdu::Progress;
use crate::wire::{AppletMessage, CardReport, OrderId, Outcome};
use crate::{KeyChoice, KeyIndex, Subscription};
use polysim_base::Eid;
use polysim_cat::{
    Command, Feature, GeneralResult, LocationStatus, RefreshMode, TerminalProblem, TerminalProfile,
};

pub(super) fn bound_card() -> Card {
    let mut card = Card::new(config(true));
    card.power_up().unwrap();
    card.settle();
    card.secured(&AppletMessage::Bound { imei: imei(1) }).unwrap();
    card.frames.clear();
    card.answers.clear();
    card
}

fn written_card() -> Card {
    let mut card = bound_card();
    card.secured(&write(1, 3)).unwrap();
    assert_eq!(card.answers[0].outcome, Outcome::Done);
    assert_eq!(card.answers[0].imsi, Some(imsi(3)));
    card
}

#[test]
fn an_order_writes_files_and_key_restarts_the_device_and_reports_its_effect() {
    let mut card = written_card();
    assert_eq!((card.imsi(), card.key), (Some(imsi(3)), KeyIndex(3)));
    assert!(
        matches!(&card.asked, Some(Command::Refresh(refresh)) if refresh.mode == RefreshMode::UiccReset)
    );
    card.settle_without_service();
    assert!(card.frames.is_empty());
    card.service(LocationStatus::Normal).unwrap();
    card.settle();
    let effective = CardReport::Effective { order: OrderId(1), imsi: imsi(3) };
    assert_eq!(card.reports(), [effective]);
    card.timer().unwrap();
    card.settle();
    assert_eq!(card.frames.len(), 2, "until it is noted");
    card.secured(&AppletMessage::Noted { order: OrderId(1) }).unwrap();
    assert_eq!(card.applet.state().order, None);
    card.power_up().unwrap();
    card.settle();
    assert_eq!(card.frames.len(), 2);
}

#[test]
fn an_order_is_carried_out_once() {
    let mut card = written_card();
    card.secured(&write(1, 3)).unwrap();
    card.secured(&write(2, 4)).unwrap();
    let outcomes = card.answers.iter().map(|answer| answer.outcome);
    assert!(outcomes.eq([Outcome::Done, Outcome::DoneBefore, Outcome::Busy]));
    assert_eq!(card.imsi(), Some(imsi(3)));
}

#[test]
fn a_message_for_another_card_an_unknown_key_and_nonsense_change_nothing() {
    let mut card = bound_card();
    let other = Eid::with_check_digits("890490321234512345123456789099").unwrap();
    let message =
        AppletMessage::Write { order: OrderId(1), eid: other, subscription: subscription(3) };
    card.secured(&message).unwrap();
    let subscription = Subscription { key: KeyChoice::Preloaded(KeyIndex(77)), ..subscription(3) };
    card.secured(&AppletMessage::Write { order: OrderId(1), eid: eid(), subscription }).unwrap();
    card.secured(&write(0, 3)).unwrap();
    let outcomes = card.answers.iter().map(|answer| answer.outcome);
    assert!(outcomes.eq([Outcome::AnotherCard, Outcome::NoSuchKey, Outcome::Malformed]));
    assert_eq!((card.imsi(), card.applet.state().order), (Some(imsi(0)), None));
}

#[test]
fn a_write_that_fails_leaves_the_card_as_it_was_and_may_be_ordered_again() {
    let mut card = bound_card();
    card.fail_next = true;
    card.secured(&write(1, 3)).unwrap();
    assert_eq!(card.answers[0].outcome, Outcome::WriteFailed);
    card.power_up().unwrap();
    card.settle();
    assert_eq!((card.answers[0].imsi, card.imsi()), (Some(imsi(0)), Some(imsi(0))));
    assert_eq!(card.applet.state().order, None);
    card.secured(&write(1, 3)).unwrap();
    assert_eq!((card.answers[1].outcome, card.imsi()), (Outcome::Done, Some(imsi(3))));
}

#[test]
fn without_service_the_card_goes_back_and_says_so() {
    let mut card = written_card();
    card.settle_without_service();
    for minute in 1..=TRIAL {
        assert_eq!(card.imsi(), Some(imsi(3)), "minute {minute}");
        card.timer().unwrap();
        card.settle_without_service();
    }
    assert_eq!((card.imsi(), card.key), (Some(imsi(0)), KeyIndex(0)));
    assert!(card.is_of_one_subscription());
    assert_eq!(card.refreshes, [RefreshMode::UiccReset; 2]);
    card.service(LocationStatus::Normal).unwrap();
    card.settle();
    let reverted = CardReport::Reverted { order: OrderId(1), imsi: Some(imsi(0)) };
    assert_eq!(card.reports().last(), Some(&reverted));
    card.secured(&write(1, 3)).unwrap();
    assert_eq!(card.answers.last().unwrap().outcome, Outcome::DoneBefore);
    card.secured(&AppletMessage::Noted { order: OrderId(1) }).unwrap();
    card.secured(&write(2, 3)).unwrap();
    assert_eq!((card.answers.last().unwrap().outcome, card.imsi()), (Outcome::Done, Some(imsi(3))));
}

#[test]
fn a_blank_card_stays_with_what_it_gets() {
    let mut card = Card::new(config(false));
    card.power_up().unwrap();
    card.settle();
    card.secured(&write(1, 3)).unwrap();
    card.settle_without_service();
    for _ in 0..3 * TRIAL {
        card.timer().unwrap();
        card.settle_without_service();
    }
    assert_eq!(card.imsi(), Some(imsi(3)));
    assert!(card.frames.is_empty());
    card.service(LocationStatus::Normal).unwrap();
    card.settle();
    assert_eq!(card.reports().len(), 1);
}

#[test]
fn a_busy_terminal_is_asked_a_few_times_and_the_next_start_does_the_rest() {
    let mut card = written_card();
    let busy = GeneralResult::TerminalBusy(TerminalProblem::CallBusy);
    for _ in 0..3 {
        assert!(matches!(card.asked, Some(Command::Refresh(_))), "{:?}", card.asked);
        card.answer(busy).unwrap();
        card.settle();
        card.timer().unwrap();
    }
    assert_eq!(card.asked, None);
    card.power_up().unwrap();
    card.settle_without_service();
    card.service(LocationStatus::Normal).unwrap();
    card.settle();
    assert_eq!(card.reports().len(), 1);
}

#[test]
fn a_terminal_without_uicc_reset_is_initialised_with_full_file_change() {
    let mut card = written_card();
    card.answer(GeneralResult::BeyondCapabilities).unwrap();
    let mode = RefreshMode::InitialisationAndFullFileChange;
    assert!(matches!(&card.asked, Some(Command::Refresh(refresh)) if refresh.mode == mode));
    card.settle_without_service();
    card.service(LocationStatus::Normal).unwrap();
    card.settle();
    assert_eq!((card.refreshes.clone(), card.reports().len()), ([mode].to_vec(), 1));
}

#[test]
fn service_before_the_restart_proves_nothing() {
    let mut card = written_card();
    card.answer(GeneralResult::TerminalBusy(TerminalProblem::CallBusy)).unwrap();
    card.service(LocationStatus::Normal).unwrap();
    card.settle();
    assert!(card.frames.is_empty());
}

#[test]
fn a_location_that_the_terminal_writes_back_is_blanked_once() {
    let mut card = written_card();
    let blank = card.files[&EF_LOCI[..]].clone();
    card.files.insert(EF_LOCI.to_vec(), [0x22; 11].to_vec());
    card.settle_without_service();
    assert_eq!(card.files[&EF_LOCI[..]], blank);
    card.files.insert(EF_LOCI.to_vec(), [0x33; 11].to_vec());
    card.power_up().unwrap();
    assert_eq!(card.files[&EF_LOCI[..]], [0x33; 11], "that is of the new subscription");
}

#[test]
fn an_order_is_finished_or_undone_wherever_the_power_goes() {
    let story = |cut: Option<usize>| {
        let mut card = bound_card();
        let start = card.outputs;
        card.cut = cut;
        let mut cuts = 0;
        let mut went = |card: &mut Card, result: Result<(), Cut>| {
            if result == Err(Cut) {
                cuts += 1;
                assert!(card.imsi() == Some(imsi(0)) || card.imsi() == Some(imsi(3)));
                card.power_up_at_last();
                assert_eq!(card.applet.state().imsi, card.imsi(), "it knows what the card has");
            }
            assert!(card.is_of_one_subscription());
        };
        let result = card.secured(&write(1, 3));
        went(&mut card, result);
        // The platform has heard nothing, and says it again.
        let result = card.secured(&write(1, 3));
        went(&mut card, result);
        for _ in 0..4 * TRIAL {
            while let Some(command) = &card.asked {
                let network = matches!(
                    command,
                    Command::SendShortMessage(_) | Command::ProvideLocalInformation(_)
                ) && !matches!(command, Command::ProvideLocalInformation(local) if local.what == polysim_cat::LocalInformation::Imei);
                let none = GeneralResult::TerminalBusy(TerminalProblem::NoService);
                let result = card.answer(if network { none } else { GeneralResult::Performed });
                went(&mut card, result);
            }
            let result = card.timer();
            went(&mut card, result);
        }
        assert_eq!(card.imsi(), Some(imsi(0)), "the trial ended without service");
        let result = card.service(LocationStatus::Normal);
        went(&mut card, result);
        card.settle();
        let reverted = CardReport::Reverted { order: OrderId(1), imsi: Some(imsi(0)) };
        assert_eq!(card.reports().last(), Some(&reverted));
        assert_eq!(card.imsis, [Some(imsi(0)), Some(imsi(3)), Some(imsi(0))]);
        (card.outputs - start, cuts)
    };
    let (outputs, cuts) = story(None);
    assert_eq!(cuts, 0);
    for cut in 0..outputs {
        assert_eq!(story(Some(cut)).1, 1, "cut at {cut}");
    }
    assert!(outputs > 30, "{outputs}");
}

#[test]
fn a_message_that_leaves_is_service_where_the_terminal_tells_of_none() {
    let mut card = bound_card();
    let telling = [Feature::EventLocationStatus, Feature::LocalInformation];
    let others = Feature::ALL.iter().copied().filter(|feature| !telling.contains(feature));
    card.profile = TerminalProfile::of(others);
    card.secured(&write(1, 3)).unwrap();
    card.answer(GeneralResult::Performed).unwrap();
    assert!(card.asked.take().is_some(), "the IMEI");
    card.give(AppletInput::NotAllowed).unwrap();
    card.settle_without_service();
    assert_eq!(card.applet.state().order, Some((OrderId(1), Progress::Trial)));
    card.timer().unwrap();
    card.settle();
    assert_eq!(card.applet.state().order, Some((OrderId(1), Progress::Effective)));
    let effective = CardReport::Effective { order: OrderId(1), imsi: imsi(3) };
    assert_eq!(card.reports(), [effective.clone(), effective]);
}

#[test]
fn a_location_that_the_terminal_has_is_service_too() {
    let mut card = bound_card();
    card.secured(&write(1, 3)).unwrap();
    card.settle();
    card.timer().unwrap();
    card.settle();
    assert_eq!(card.applet.state().order, Some((OrderId(1), Progress::Effective)));
}

#[test]
fn what_the_platform_notes_in_the_trial_ends_it() {
    let mut card = bound_card();
    card.secured(&write(1, 3)).unwrap();
    card.settle_without_service();
    card.secured(&AppletMessage::Noted { order: OrderId(1) }).unwrap();
    card.settle();
    assert_eq!((card.applet.state().order, card.frames.len()), (None, 0));
    assert_eq!(card.applet.subscription(), Some(&subscription(3)));
}
