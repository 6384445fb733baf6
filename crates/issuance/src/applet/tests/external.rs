use super::orders::bound_card;
use super::world::*;
use crate::wire::{AppletMessage, CardReport, OrderId};
use crate::{KeyIndex, Subscription};
use polysim_base::Msisdn;
use polysim_cat::{GeneralResult, LocationStatus, RefreshMode};

#[test]
fn files_that_were_managed_get_the_key_that_is_meant_for_them() {
    let mut card = bound_card();
    card.manage_files(&subscription(4)).unwrap();
    assert!(card.is_of_one_subscription());
    assert_eq!((card.imsi(), card.key), (Some(imsi(4)), KeyIndex(4)));
    card.settle_without_service();
    assert_eq!(card.refreshes, [RefreshMode::UiccReset]);
    card.service(LocationStatus::Normal).unwrap();
    card.settle();
    let effective = CardReport::Effective { order: OrderId(0), imsi: imsi(4) };
    assert_eq!(card.reports(), [effective]);
    card.secured(&AppletMessage::Noted { order: OrderId(0) }).unwrap();
    assert_eq!(card.applet.subscription(), Some(&subscription(4)));
}

#[test]
fn files_that_were_managed_without_a_key_are_taken_back() {
    let mut card = bound_card();
    card.manage_files(&subscription(WITHOUT_KEY)).unwrap();
    assert!(card.is_of_one_subscription());
    assert_eq!(card.imsi(), Some(imsi(0)));
    card.settle();
    let reverted = CardReport::Reverted { order: OrderId(0), imsi: Some(imsi(0)) };
    assert_eq!((card.reports(), card.refreshes.len()), ([reverted].to_vec(), 0));
}

#[test]
fn files_without_a_key_that_come_into_a_trial_end_it() {
    let mut card = bound_card();
    card.secured(&write(1, 3)).unwrap();
    card.settle_without_service();
    card.manage_files(&subscription(WITHOUT_KEY)).unwrap();
    assert_eq!((card.imsi(), card.key), (Some(imsi(0)), KeyIndex(0)));
    card.settle_without_service();
    assert_eq!(card.refreshes, [RefreshMode::UiccReset; 2], "the device works with neither now");
}

#[test]
fn a_number_that_was_managed_is_what_the_card_goes_back_to() {
    let mut card = bound_card();
    let number = Msisdn::parse("+4917099999").unwrap();
    let renumbered = Subscription { msisdn: Some(number), ..subscription(0) };
    card.manage_files(&renumbered).unwrap();
    assert_eq!((card.asked.clone(), card.applet.subscription()), (None, Some(&renumbered)));
    let files = card.files.clone();
    card.secured(&write(1, 3)).unwrap();
    card.settle_without_service();
    for _ in 0..TRIAL {
        card.timer().unwrap();
        card.settle_without_service();
    }
    assert_eq!(card.files[&EF_MSISDN[..]], files[&EF_MSISDN[..]]);
}

#[test]
fn what_is_told_twice_is_done_once() {
    let mut card = bound_card();
    card.manage_files(&subscription(4)).unwrap();
    card.settle_without_service();
    let (commands, state) = (card.commands, card.applet.state());
    card.manage_files(&subscription(4)).unwrap();
    assert_eq!((card.commands, card.applet.state()), (commands, state));
}

#[test]
fn a_key_that_cannot_be_written_is_tried_until_it_can() {
    let mut card = bound_card();
    card.fail_next = true;
    card.manage_files(&subscription(4)).unwrap();
    assert!(!card.is_of_one_subscription());
    card.settle();
    card.timer().unwrap();
    assert!(card.is_of_one_subscription());
    assert_eq!(card.key, KeyIndex(4));
    card.answer(GeneralResult::Performed).unwrap();
    card.settle_without_service();
    card.service(LocationStatus::Normal).unwrap();
    card.settle();
    assert_eq!(card.reports().len(), 1);
}

#[test]
fn a_blank_card_without_the_key_is_blank_again() {
    let mut card = Card::new(config(false));
    card.power_up().unwrap();
    card.settle();
    card.manage_files(&subscription(WITHOUT_KEY)).unwrap();
    assert_eq!((card.imsi(), card.applet.state().order), (None, None));
}
