//! What a terminal says that it can do, and what a card may therefore send.

use super::hex;
use crate::*;
use std::{collections::BTreeSet, vec::Vec};

/// The bits that the applets of the reference need (`facts/uicc.md`, section 5).
#[test]
fn features_are_the_bits_of_the_standard() {
    let places = [
        (Feature::ProfileDownload, (1, 1)),
        (Feature::SmsPpDownload, (1, 2)),
        (Feature::DisplayText, (3, 1)),
        (Feature::MoreTime, (3, 4)),
        (Feature::PollInterval, (3, 6)),
        (Feature::PollingOff, (3, 7)),
        (Feature::Refresh, (3, 8)),
        (Feature::SendShortMessage, (4, 2)),
        (Feature::SetUpMenu, (4, 6)),
        (Feature::LocalInformation, (4, 7)),
        (Feature::SetUpEventList, (5, 1)),
        (Feature::EventLocationStatus, (5, 5)),
        (Feature::EventAccessTechnology, (6, 5)),
        (Feature::TimerStartStop, (8, 1)),
        (Feature::TimerValue, (8, 2)),
        (Feature::LocalDateTime, (8, 3)),
        (Feature::OpenChannel, (12, 1)),
        (Feature::GetChannelStatus, (12, 5)),
    ];
    for (feature, place) in places {
        assert_eq!(feature.place(), place, "{feature}");
    }
}

#[test]
fn no_two_features_share_a_bit_and_none_is_a_number() {
    let places: BTreeSet<_> = Feature::ALL.iter().map(|feature| feature.place()).collect();
    assert_eq!(places.len(), Feature::ALL.len());
    assert!(places.iter().all(|(octet, bit)| (1..=35).contains(octet) && (1..=8).contains(bit)));
    for (octet, bits) in
        [(11, 1..=8), (13, 6..=8), (14, 1..=5), (15, 1..=7), (16, 6..=8), (24, 1..=4)]
    {
        assert!(bits.clone().all(|bit| !places.contains(&(octet, bit))), "octet {octet}");
    }
}

#[test]
fn a_short_profile_is_one_of_an_older_terminal() {
    let profile = TerminalProfile::decode(&hex("FFFFFF")).unwrap();
    assert!(profile.supports(Feature::Refresh));
    assert!(!profile.supports(Feature::SendShortMessage));
    assert_eq!((profile.channels(), profile.screen(), profile.frames()), (0, (0, 0), 0));
    assert_eq!(TerminalProfile::decode(&[]).unwrap().features().count(), 0);
    assert!(TerminalProfile::decode(&[0; 256]).is_err());
}

#[test]
fn numbers_stand_beside_bits() {
    let mut profile = TerminalProfile::of([Feature::BearerGprs, Feature::NoKeypad]);
    profile.set_channels(7);
    profile.set_screen(4, 20);
    assert_eq!((profile.channels(), profile.screen()), (7, (4, 20)));
    assert_eq!(profile.octets()[12..], hex("E24414"));
    profile.set_channels(200);
    assert_eq!(profile.channels(), 7, "three bits are all there is");
    let features: Vec<_> = profile.features().collect();
    assert_eq!(features, [Feature::BearerGprs, Feature::NoKeypad]);
}

#[test]
fn a_card_asks_only_for_what_the_terminal_can_do() {
    let imeisv = ProvideLocalInformation { what: LocalInformation::Imeisv, measurements: None };
    let imeisv = Command::from(imeisv);
    let mut profile = TerminalProfile::of([Feature::LocalInformation]);
    assert_eq!(profile.allows(&imeisv), Err(Feature::LocalImeisv));
    profile.insert(Feature::LocalImeisv);
    assert_eq!(profile.allows(&imeisv), Ok(()));

    let events = EventList(std::vec![Event::LocationStatus, Event::NetworkRejection]);
    let list = Command::from(SetUpEventList { events });
    let mut profile = TerminalProfile::of([Feature::SetUpEventList, Feature::EventLocationStatus]);
    assert_eq!(profile.allows(&list), Err(Feature::EventNetworkRejection));
    profile.insert(Feature::EventNetworkRejection);
    assert_eq!(profile.allows(&list), Ok(()));
}

#[test]
fn parts_of_a_command_need_features_of_their_own() {
    let octets = hex("d01c810301400182028182b50103b9020400bc030220fbbe05217f000001");
    let open = ProactiveCommand::decode(&octets).unwrap().command;
    assert_eq!(open.needs(), [Feature::OpenChannel, Feature::TcpClient]);
    let octets = hex("D009810301010782028182");
    let steering = ProactiveCommand::decode(&octets).unwrap().command;
    assert_eq!(steering.needs(), [Feature::Refresh, Feature::Steering]);
    let text = TextString::new("Привет");
    let idle = Command::from(SetUpIdleModeText { text, look: Look::default() });
    assert_eq!(idle.needs(), [Feature::SetUpIdleModeText, Feature::Ucs2Display]);
}
