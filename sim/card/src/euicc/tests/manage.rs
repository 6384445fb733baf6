//! Profiles that were there from the factory are listed, enabled, disabled and deleted.

use super::*;
use polysim_rsp::data::{
    DeleteProfileResponse, DeleteResult, DisableProfileResponse, DisableResult,
    EnableProfileResponse, EnableResult, ProfileInfoListRequest, ProfileInfoListResponse,
};

fn disable(at: usize, refresh_flag: bool) -> DisableProfileRequest {
    DisableProfileRequest { profile_identifier: ProfileIdentifier::Iccid(iccid(at)), refresh_flag }
}

fn enabled(card: &Card) -> Option<String> {
    card.euicc().unwrap().enabled()?.iccid.map(|iccid| iccid.to_string())
}

#[test]
fn enabling_one_disables_the_other_and_the_terminal_sees_it_at_once_without_refresh() {
    let mut card = made(config());
    let lpa = Lpa::open(&mut card);
    assert_eq!(seen(&card).as_deref(), Some(IMSIS[0]));
    let done: EnableProfileResponse = lpa.ask(&mut card, &enable(1, false));
    assert_eq!(done.enable_result, EnableResult::Ok);
    assert_eq!(enabled(&card).as_deref(), Some(ICCIDS[1]));
    assert_eq!(seen(&card).as_deref(), Some(IMSIS[1]));
    let again: EnableProfileResponse = lpa.ask(&mut card, &enable(1, false));
    assert_eq!(again.enable_result, EnableResult::ProfileNotInDisabledState);
    let events: Vec<_> = card
        .euicc()
        .unwrap()
        .pending_notifications()
        .map(|one| (one.seq_number, one.profile_management_operation))
        .collect();
    assert_eq!(events, [(1, NotificationEvent::DISABLE), (2, NotificationEvent::ENABLE)]);
    lpa.close(&mut card);
}

#[test]
fn with_refresh_the_terminal_sees_the_other_profile_after_the_reset() {
    let mut card = made(config());
    assert_eq!(send(&mut card, "8010000003FFFFFF"), [0x90, 0x00]);
    let lpa = Lpa::open(&mut card);
    let (answer, status) = lpa.ask_raw(&mut card, &encode(&enable(1, true)));
    assert_eq!(answer, hex("BF3103800100"));
    let [0x91, length] = status else { panic!("{status:02X?}") };
    assert_eq!(seen(&card).as_deref(), Some(IMSIS[0]));
    assert_eq!(enabled(&card).as_deref(), Some(ICCIDS[1]));
    let (refresh, _) = exchange(&mut card, &[0x80, 0x12, 0x00, 0x00, length]);
    assert_eq!(refresh[..], hex("D009 8103010104 82028182".replace(' ', "").as_str())[..]);
    card.reset();
    assert_eq!(seen(&card).as_deref(), Some(IMSIS[1]));
    assert_eq!(send(&mut card, "81E2910003BF2D00"), [0x68, 0x81]);
}

#[test]
fn none_enabled_leaves_bare_files() {
    let mut card = made(config());
    let lpa = Lpa::open(&mut card);
    let done: DisableProfileResponse = lpa.ask(&mut card, &disable(0, false));
    assert_eq!(done.disable_result, DisableResult::Ok);
    assert_eq!((enabled(&card), seen(&card), card.iccid()), (None, None, None));
    assert_eq!(send(&mut card, "00A40004023F00")[0], 0x61);
    assert_eq!(send(&mut card, "00A40004022FE2"), [0x6A, 0x82]);
    assert_eq!(send(&mut card, "00A4040007A0000000871002"), [0x6A, 0x82]);
    let done: DeleteProfileResponse = lpa.ask(&mut card, &DeleteProfileRequest::Iccid(iccid(0)));
    assert_eq!(done.delete_result, DeleteResult::Ok);
    let done: EnableProfileResponse = lpa.ask(&mut card, &enable(0, false));
    assert_eq!(done.enable_result, EnableResult::IccidOrAidNotFound);
    let list: ProfileInfoListResponse = lpa.ask(&mut card, &ProfileInfoListRequest::default());
    let ProfileInfoListResponse::Ok(list) = list else { panic!("{list:?}") };
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].iccid, Some(iccid(1)));
}
