//! An agent and its terminal.

use std::collections::BTreeMap;
use std::sync::Arc;

use polysim_base::{Eid, Iccid, Instant, Plmn};
use polysim_cat::{Command, Feature, LocalInformation, ProactiveCommand, TerminalProfile};
use polysim_lpa::LpaConfig;
use polysim_rsp::data::{DeviceCapabilities, DeviceInfo};
use polysim_steering::MasterKey;
use polysim_steering::agent::{Agent, AgentConfig, AgentInput, Identity};
use polysim_steering::wire::{Downlink, ReportNumber, seal_downlink};

use super::{AgentSetup, AgentSite, JOURNAL_MAX};
use crate::card::Card;
use crate::power::Fuse;
use crate::testkit::server::{PRESET_ICCIDS, Server};

const FEATURES: [Feature; 8] = [
    Feature::ProfileDownload,
    Feature::LocalInformation,
    Feature::LocalMeasurement,
    Feature::SetUpEventList,
    Feature::EventLocationStatus,
    Feature::EventNetworkRejection,
    Feature::TimerStartStop,
    Feature::Refresh,
];

fn setup() -> AgentSetup {
    let eid = Eid::with_check_digits("890490320100000000000000000001").unwrap();
    let iccid = Iccid::parse(PRESET_ICCIDS[0]).unwrap();
    let home = vec![Plmn::parse("00101").unwrap()];
    let key = MasterKey::new([7; 16]).device(eid);
    let device = DeviceInfo {
        tac: vec![0; 4].into(),
        device_capabilities: DeviceCapabilities::default(),
        imei: None,
    };
    let site = AgentSite {
        access_point: String::new(),
        platform: ([192, 0, 2, 1], 7_000),
        platform_number: "+883510100000".parse().unwrap(),
        servers: BTreeMap::new(),
    };
    AgentSetup {
        identity: Identity { eid, key, original: iccid, home, presets: Vec::new() },
        config: Arc::new(AgentConfig::new(device)),
        assistant: Arc::new(LpaConfig::default()),
        site: Arc::new(site),
    }
}

fn card() -> Card {
    let mut card = Card::new_euicc(Server::default().euicc()).unwrap();
    card.host_agent(setup());
    card
}

fn send(card: &mut Card, command: &[u8]) -> Vec<u8> {
    let mut response = Vec::new();
    card.transmit(Instant::ZERO, command, &mut response);
    response
}

/// Switches the card on as a terminal that can do so much.
fn begin(card: &mut Card, features: &[Feature]) {
    assert!(card.power_on().is_some());
    let profile = TerminalProfile::of(features.iter().copied()).octets().to_vec();
    let length = u8::try_from(profile.len()).unwrap();
    let status = send(card, &[&[0x80, 0x10, 0x00, 0x00, length], &profile[..]].concat());
    assert_eq!(status.len(), 2);
}

/// Fetches the command that the card offers.
fn fetch(card: &mut Card) -> Option<Command> {
    let status = send(card, &[0x80, 0xF2, 0x00, 0x0C, 0x00]);
    let [0x91, length] = status[..] else { return None };
    let response = send(card, &[0x80, 0x12, 0x00, 0x00, length]);
    let (octets, _) = response.split_last_chunk::<2>()?;
    Some(ProactiveCommand::decode(octets).unwrap().command)
}

#[test]
fn it_wants_the_events_that_the_terminal_can_tell_and_then_where_it_is() {
    let mut card = card();
    begin(&mut card, &FEATURES);
    let Some(Command::SetUpEventList(list)) = fetch(&mut card) else { panic!("no event list") };
    assert_eq!(list.events.0.len(), 2);
    // Performed.
    let done = [0x81, 0x03, 0x01, 0x05, 0x00, 0x82, 0x02, 0x82, 0x81, 0x83, 0x01, 0x00];
    send(&mut card, &[&[0x80, 0x14, 0x00, 0x00, 0x0C], &done[..]].concat());
    // Until the terminal tells that it is somewhere, there is nothing but the clock.
    while let Some(command) = fetch(&mut card) {
        assert!(matches!(command, Command::TimerManagement(_)), "{command:?}");
        let done = [
            0x81, 0x03, 0x02, 0x27, 0x00, 0x82, 0x02, 0x82, 0x81, 0x83, 0x01, 0x00, 0xA4, 0x01,
            0x08,
        ];
        let status = send(&mut card, &[&[0x80, 0x14, 0x00, 0x00, 0x0F], &done[..]].concat());
        assert_eq!(status, [0x90, 0x00]);
    }
    // Event download: location status, normal service in 262-01.
    let event = [
        0xD6, 0x15, 0x99, 0x01, 0x03, 0x82, 0x02, 0x82, 0x81, 0x9B, 0x01, 0x00, 0x93, 0x09, 0x62,
        0xF2, 0x10, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00,
    ];
    let status = send(&mut card, &[&[0x80, 0xC2, 0x00, 0x00, 0x17], &event[..]].concat());
    assert_eq!(status[0], 0x91, "{status:02X?}");
    let command = fetch(&mut card);
    let Some(Command::ProvideLocalInformation(local)) = command else {
        panic!("it does not ask where it is but {command:?}")
    };
    assert_eq!(local.what, LocalInformation::Location);
}

#[test]
fn a_card_without_power_has_no_agent_at_work_and_a_reset_begins_a_new_one() {
    let mut card = card();
    assert!(card.agent().is_none());
    begin(&mut card, &FEATURES);
    assert!(card.agent().is_some());
    card.power_off();
    assert!(card.agent().is_none());
    assert!(card.power_on().is_some());
    assert!(card.agent().is_some());
}

#[test]
fn a_terminal_that_can_do_nothing_is_left_in_peace() {
    let mut card = card();
    begin(&mut card, &[Feature::ProfileDownload]);
    for _ in 0..20 {
        if fetch(&mut card).is_none() {
            return;
        }
    }
    panic!("the card asks for ever");
}

/// The agent hears so much from its platform, and writes each down.
fn hear(card: &mut Card, counters: core::ops::RangeInclusive<u32>) {
    let Identity { eid, key, .. } = setup().identity;
    for counter in counters {
        let noted = Downlink::Noted { number: ReportNumber(1) };
        let frame = seal_downlink(&key, eid, counter, &noted);
        card.give(Instant::ZERO, AgentInput::Frame(frame));
    }
}

fn journal(card: &mut Card) -> usize {
    card.resident().unwrap().journal.len()
}

#[test]
fn its_journal_stays_short_and_says_the_same() {
    let mut card = card();
    begin(&mut card, &FEATURES);
    for counter in 1..=1_000 {
        hear(&mut card, counter..=counter);
        assert!(journal(&mut card) <= JOURNAL_MAX, "after {counter}");
    }
    let before = card.agent().unwrap().checkpoint();
    card.power_off();
    begin(&mut card, &FEATURES);
    assert_eq!(card.agent().map(Agent::checkpoint), Some(before));
    let length = journal(&mut card);
    hear(&mut card, 990..=1_000);
    assert_eq!(journal(&mut card), length, "what was heard is not heard again");
}

#[test]
fn a_power_cut_when_its_journal_is_replaced_leaves_the_long_one_or_the_short_one() {
    for (steps, left) in [(0, JOURNAL_MAX), (1, JOURNAL_MAX + 1), (2, 1)] {
        let mut card = card();
        begin(&mut card, &FEATURES);
        let next = u32::try_from(JOURNAL_MAX - journal(&mut card)).unwrap() + 1;
        hear(&mut card, 1..=next - 1);
        card.rare.get_or_insert_default().fuse = Some(Fuse::of(steps));
        hear(&mut card, next..=next);
        assert!(card.agent().is_none(), "{steps}: the power has failed");
        assert_eq!(journal(&mut card), left, "{steps}");
        card.power_off();
        card.rare.get_or_insert_default().fuse = None;
        begin(&mut card, &FEATURES);
        hear(&mut card, 1..=next - 1);
        let length = journal(&mut card);
        hear(&mut card, next..=next);
        let again = journal(&mut card) != length;
        assert_eq!(again, steps == 0, "{steps}: what was written down is not heard again");
    }
}
