//! What must never happen is found where it happens.

use super::cards::Chip;
use super::truth::Truth;
use super::{AgentPlace, EuiccPhoneConfig, EuiccVariant};
use crate::build::Blueprint;
use crate::config::{PhoneConfig, WorldConfig};
use crate::journey::{self, Baggage};
use crate::paths::ShardMap;
use polysim_base::Iccid;
use polysim_card::Card;
use polysim_modem::Config as ModemConfig;
use polysim_steering::advisor::AdvisorEvent;
use polysim_steering::wire::Outcome;
use std::sync::Arc;

/// The eUICC of the first phone of a small world, with a profile beside the original one, and what is
/// true of it.
fn made() -> (Truth, Chip, Card) {
    let config = journey::world(0, (0, 2), 1, Baggage::Preset).unwrap();
    let card = card(&config, &config.phones[0]);
    let chip = super::cards::chip(0, 0, &config.phones[0]).unwrap().unwrap();
    let mut truth = Truth::default();
    truth.issued(0, chip.original, chip.operator);
    for (iccid, operator) in &chip.presets {
        truth.issued(0, *iccid, *operator);
    }
    truth.ready(config.phones[0].imsi);
    (truth, chip, card)
}

fn card(config: &WorldConfig, phone: &PhoneConfig) -> Card {
    let map = ShardMap { regions: vec![0, 0], operators: vec![0, 0] };
    let blueprint = Blueprint::new(config, map, false, ModemConfig::lean()).unwrap();
    let mut card = blueprint.euicc(0, phone, phone.euicc.as_ref().unwrap()).unwrap();
    card.power_on();
    card
}

fn found(truth: &Truth) -> Vec<&'static str> {
    truth.contradictions().map(|(name, _)| name).collect()
}

fn other_iccid() -> Iccid {
    Iccid::with_check_digit("899990000000009999").unwrap()
}

#[test]
fn an_ordinary_chip_contradicts_nothing() {
    let (mut truth, chip, card) = made();
    truth.look(&chip, &card, false);
    truth.told(&chip, &card, |_| Some(false));
    assert_eq!(found(&truth), [""; 0]);
}

#[test]
fn a_profile_that_another_chip_has_is_found() {
    let (mut truth, chip, card) = made();
    truth.issued(1, chip.presets[0].0, 1);
    truth.look(&chip, &card, false);
    assert_eq!(found(&truth), ["install-once"]);
}

#[test]
fn an_original_profile_that_is_gone_is_found() {
    let (mut truth, chip, card) = made();
    let chip = Chip { original: other_iccid(), ..chip };
    truth.look(&chip, &card, false);
    assert_eq!(found(&truth), ["original-never-removed"]);
}

#[test]
fn a_profile_that_nobody_serves_is_found_unless_an_agent_is_at_work() {
    let (_, chip, card) = made();
    let issued = |truth: &mut Truth| {
        truth.issued(0, chip.original, 0);
        truth.issued(0, chip.presets[0].0, 1);
    };
    let mut truth = Truth::default();
    issued(&mut truth);
    truth.look(&chip, &card, true);
    assert_eq!(found(&truth), [""; 0]);
    truth.look(&chip, &card, false);
    assert_eq!(found(&truth), ["never-brick"]);
}

#[test]
fn an_installation_that_nobody_is_told_of_is_found() {
    let (mut truth, chip, card) = made();
    // The profile from the factory counts as downloaded where the chip was not made with it.
    let chip = Chip { presets: Vec::new(), ..chip };
    truth.told(&chip, &card, |_| Some(true));
    assert_eq!(found(&truth), [""; 0]);
    truth.told(&chip, &card, |_| Some(false));
    assert_eq!(found(&truth), ["notification-never-lost"]);
}

#[test]
fn a_report_that_no_device_has_made_is_found() {
    let (mut truth, chip, _) = made();
    let event = AdvisorEvent::Reported { eid: chip.eid, outcome: Outcome::Home, merged: 0 };
    truth.advised(&event);
    assert_eq!(found(&truth), ["report-once"]);
}

#[test]
fn profiles_that_do_not_fit_make_no_chip() {
    let mut config = journey::world(0, (0, 1), 1, Baggage::Preset).unwrap();
    let small = EuiccPhoneConfig {
        memory: 1_024,
        variant: EuiccVariant::Standard,
        agent: Some(AgentPlace::Card),
        ..EuiccPhoneConfig::clone(config.phones[0].euicc.as_ref().unwrap())
    };
    config.phones[0].euicc = Some(Box::new(small));
    let map = ShardMap { regions: vec![0, 0], operators: vec![0, 0] };
    let blueprint = Blueprint::new(&config, map, false, Arc::clone(&ModemConfig::lean())).unwrap();
    let phone = &config.phones[0];
    assert!(blueprint.euicc(0, phone, phone.euicc.as_ref().unwrap()).is_err());
}
