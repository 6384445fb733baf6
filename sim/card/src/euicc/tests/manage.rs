//! Profiles that were there from the factory are listed, enabled, disabled and deleted.

use super::*;
use polysim_rsp::data::{
    DeleteProfileResponse, DeleteResult, DisableProfileResponse, DisableResult,
    EnableProfileResponse, EnableResult, PprIds, ProfileInfoListRequest, ProfileInfoListResponse,
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

#[test]
fn ppr1_keeps_a_profile_enabled_and_ppr2_keeps_it_at_all() {
    let mut config = config();
    Arc::make_mut(&mut config.presets[0].metadata).rules = PprIds::PPR1.with(PprIds::PPR2);
    let mut card = made(config);
    let lpa = Lpa::open(&mut card);
    let done: EnableProfileResponse = lpa.ask(&mut card, &enable(1, false));
    assert_eq!(done.enable_result, EnableResult::DisallowedByPolicy);
    let done: DisableProfileResponse = lpa.ask(&mut card, &disable(0, false));
    assert_eq!(done.disable_result, DisableResult::DisallowedByPolicy);
    assert_eq!(card.es10(Instant::ZERO, &hex("BF5D038001FF")), hex("BF5D03800106"));
    let done: DeleteProfileResponse = lpa.ask(&mut card, &DeleteProfileRequest::Iccid(iccid(0)));
    assert_eq!(done.delete_result, DeleteResult::ProfileNotInDisabledState);
    let done: DeleteProfileResponse = lpa.ask(&mut card, &DeleteProfileRequest::Iccid(iccid(1)));
    assert_eq!(done.delete_result, DeleteResult::Ok);
    assert_eq!(enabled(&card).as_deref(), Some(ICCIDS[0]));
}

#[test]
fn ppr2_keeps_a_disabled_profile_and_ppr3_deletes_one_when_it_is_disabled() {
    let mut first = config();
    Arc::make_mut(&mut first.presets[1].metadata).rules = PprIds::PPR2;
    Arc::make_mut(&mut first.presets[0].metadata).rules = PprIds::PPR3;
    let mut card = made(first);
    let lpa = Lpa::open(&mut card);
    let done: DeleteProfileResponse = lpa.ask(&mut card, &DeleteProfileRequest::Iccid(iccid(1)));
    assert_eq!(done.delete_result, DeleteResult::DisallowedByPolicy);
    let free = card.euicc().unwrap().free_memory();
    let done: EnableProfileResponse = lpa.ask(&mut card, &enable(1, false));
    assert_eq!(done.enable_result, EnableResult::Ok);
    let euicc = card.euicc().unwrap();
    assert_eq!(euicc.profiles().count(), 1);
    assert!(euicc.free_memory() > free);
    let events: Vec<_> =
        euicc.pending_notifications().map(|one| one.profile_management_operation).collect();
    let expected =
        [NotificationEvent::DISABLE, NotificationEvent::DELETE, NotificationEvent::ENABLE];
    assert_eq!(events, expected);
}

#[test]
fn a_make_that_needs_a_reset_refuses_everything_until_it_has_one() {
    let mut config = config();
    Arc::make_mut(&mut config.model).behaviour.reset_needed = true;
    let mut card = made(config);
    let lpa = Lpa::open(&mut card);
    let done: EnableProfileResponse = lpa.ask(&mut card, &enable(1, false));
    assert_eq!(done.enable_result, EnableResult::Ok);
    assert_eq!(seen(&card).as_deref(), Some(IMSIS[0]));
    assert_eq!(send(&mut card, "00A4040007A0000000871002"), [0x69, 0x85]);
    assert_eq!(send(&mut card, "81E2910003BF2D00"), [0x69, 0x85]);
    card.reset();
    assert_eq!(seen(&card).as_deref(), Some(IMSIS[1]));
    assert_eq!(send(&mut card, "00A4040007A0000000871002")[0], 0x61);
}

#[test]
fn a_make_without_refresh_waits_for_the_terminal_to_reset_it() {
    let mut config = config();
    Arc::make_mut(&mut config.model).behaviour.no_refresh = true;
    let mut card = made(config);
    assert_eq!(send(&mut card, "8010000003FFFFFF"), [0x90, 0x00]);
    let lpa = Lpa::open(&mut card);
    let (answer, status) = lpa.ask_raw(&mut card, &encode(&enable(1, true)));
    assert_eq!((answer, status), (hex("BF3103800100"), [0x90, 0x00]));
    assert_eq!(seen(&card).as_deref(), Some(IMSIS[0]));
    card.power_on();
    assert_eq!(seen(&card).as_deref(), Some(IMSIS[1]));
}

#[test]
fn the_profile_state_change_takes_effect_when_the_terminal_has_carried_it_out() {
    let mut card = made(config());
    // Profile state change is octet 34, bit 6.
    let profile = format!("8010000022{}20", "FF".repeat(33));
    assert_eq!(send(&mut card, &profile), [0x90, 0x00]);
    let lpa = Lpa::open(&mut card);
    let (_, status) = lpa.ask_raw(&mut card, &encode(&enable(1, true)));
    let [0x91, length] = status else { panic!("{status:02X?}") };
    let (refresh, _) = exchange(&mut card, &[0x80, 0x12, 0x00, 0x00, length]);
    assert_eq!(refresh, hex("D009810301010982028182"));
    assert_eq!(seen(&card).as_deref(), Some(IMSIS[0]));
    assert_eq!(send(&mut card, "801400000C810301010982028281830100"), [0x90, 0x00]);
    assert_eq!(seen(&card).as_deref(), Some(IMSIS[1]));
    // The ISD-R stays selected, and nothing of the profile is.
    assert_eq!(send(&mut card, "81E2910003BF3C00"), [0x61, 0x0F]);
}

#[test]
fn it_goes_back_to_the_profile_before_once_and_to_the_fallback_and_from_it() {
    let ok = |tag: &str| hex(&format!("{tag}03800100"));
    let mut config = config();
    config.presets[1].fallback = true;
    let mut card = made(config);
    let mut ask = |request: &str| card.es10(Instant::ZERO, &hex(request));
    assert_eq!(ask("BF5803800100"), hex("BF5803800101"), "there is none before");
    assert_eq!(ask("BF5E03800100"), hex("BF5E03800106"));
    assert_eq!(ask("BF5D03800100"), ok("BF5D"));
    assert_eq!(ask("BF5D03800100"), hex("BF5D03800102"));
    assert_eq!(ask("BF5E03800100"), ok("BF5E"));
    assert_eq!(ask("BF5E03800100"), hex("BF5E03800106"));
    assert_eq!(enabled(&card).as_deref(), Some(ICCIDS[0]));
    card.es10(Instant::ZERO, &encode(&enable(1, false)));
    let mut ask = |request: &str| card.es10(Instant::ZERO, &hex(request));
    assert_eq!(ask("BF5803800100"), ok("BF58"));
    assert_eq!(ask("BF5803800100"), hex("BF5803800101"));
    assert_eq!(enabled(&card).as_deref(), Some(ICCIDS[0]));
    assert_eq!(seen(&card).as_deref(), Some(IMSIS[0]));
}

#[test]
fn a_list_has_the_profiles_and_fields_that_are_asked_for() {
    let mut card = made(config());
    let mut list = |request: &str| {
        let answer = card.es10(Instant::ZERO, &hex(request));
        decode::<ProfileInfoListResponse>("list", &answer).unwrap()
    };
    let ProfileInfoListResponse::Ok(all) = list("BF2D045C025A95") else { panic!() };
    let told: Vec<_> = all.iter().map(|one| (one.iccid, one.profile_name.clone())).collect();
    assert_eq!(told, [(Some(iccid(0)), None), (Some(iccid(1)), None)]);
    let ProfileInfoListResponse::Ok(one) = list("BF2D0EA00C5A0A984400000000000000F1") else {
        panic!()
    };
    assert_eq!(one.len(), 0);
    let by_iccid = encode(&ProfileInfoListRequest {
        search_criteria: Some(data::ProfileSearch::Iccid(iccid(1))),
        tag_list: Some(vec![0x9F, 0x70, 0xB6].into()),
    });
    let answer = card.es10(Instant::ZERO, &by_iccid);
    let list = decode::<ProfileInfoListResponse>("list", &answer).unwrap();
    let ProfileInfoListResponse::Ok(one) = list else { panic!() };
    assert_eq!(one.len(), 1);
    assert_eq!(one[0].profile_state, Some(data::ProfileState::Disabled));
    assert_eq!(one[0].notification_configuration_info.as_ref().unwrap().len(), 1);
    assert_eq!(one[0].iccid, None);
    let wrong = card.es10(Instant::ZERO, &hex("BF2D035C0142"));
    assert_eq!(wrong, hex("BF2D03810101"));
}

#[test]
fn a_memory_reset_leaves_neither_operational_profiles_nor_another_address() {
    let mut card = made(config());
    let set = data::SetDefaultDpAddressRequest { default_dp_address: "dp.example".to_owned() };
    card.es10(Instant::ZERO, &encode(&set));
    assert_eq!(card.euicc().unwrap().default_dp_address(), Some("dp.example"));
    assert_eq!(card.es10(Instant::ZERO, &hex("BF340482020640")), hex("BF3403800101"));
    assert_eq!(card.es10(Instant::ZERO, &hex("BF3404820205A0")), hex("BF3403800100"));
    let euicc = card.euicc().unwrap();
    assert_eq!((euicc.profiles().count(), euicc.default_dp_address()), (0, None));
    assert_eq!(euicc.free_memory(), EuiccModel::MEMORY);
    card.reset();
    assert_eq!(card.imsi(), None);
}

#[test]
fn when_notifications_are_too_many_the_oldest_gives_way() {
    let mut card = made(config());
    for turn in 0..40 {
        card.es10(Instant::ZERO, &encode(&enable((turn + 1) % 2, false)));
    }
    let euicc = card.euicc().unwrap();
    let numbers: Vec<_> = euicc.pending_notifications().map(|one| one.seq_number).collect();
    assert_eq!(numbers.len(), NOTIFICATIONS_MAX);
    assert_eq!((numbers[0], numbers[63]), (17, 80));
}

#[test]
fn profiles_that_cannot_be_together_are_told() {
    let changed = |change: fn(&mut EuiccConfig)| {
        let mut config = config();
        change(&mut config);
        Card::new_euicc(config).err()
    };
    assert_eq!(changed(|_| {}), None);
    let both = changed(|config| config.presets[1].enabled = true);
    assert_eq!(both, Some(EuiccError::ManyEnabled(2)));
    let twins = changed(|config| config.presets[1].card.iccid = config.presets[0].card.iccid);
    assert!(matches!(twins, Some(EuiccError::DoubleIccid(_))));
    let small = changed(|config| Arc::make_mut(&mut config.model).memory = 1_000);
    assert!(matches!(small, Some(EuiccError::Memory { memory: 1_000, .. })));
}

#[test]
fn while_the_terminal_carries_something_out_there_is_no_refresh() {
    use polysim_cat::{Refresh, RefreshMode};
    let mut card = made(config());
    assert_eq!(send(&mut card, "8010000003FFFFFF"), [0x90, 0x00]);
    card.push_proactive(Refresh::new(RefreshMode::Initialisation)).unwrap();
    let status = send(&mut card, "80F2000C");
    let [0x91, length] = status[..] else { panic!("{status:02X?}") };
    send(&mut card, &format!("80120000{length:02X}"));
    let done = card.es10(Instant::ZERO, &encode(&enable(1, true)));
    assert_eq!(done, hex("BF3103800105"));
    assert_eq!(enabled(&card).as_deref(), Some(ICCIDS[0]));
    let done = card.es10(Instant::ZERO, &encode(&enable(1, false)));
    assert_eq!(done, hex("BF3103800100"));
}

#[test]
fn what_is_not_seen_can_be_asked_for_too() {
    let card = made(config());
    for (iccid, imsi) in ICCIDS.into_iter().zip(IMSIS) {
        let found = card.imsi_of(&Iccid::parse(iccid).unwrap());
        assert_eq!(found.map(|found| found.to_string()).as_deref(), Some(imsi));
    }
    assert_eq!(card.imsi_of(&Iccid::parse("8944000000000000029").unwrap()), None);
}
