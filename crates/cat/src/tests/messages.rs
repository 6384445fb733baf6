//! Messages that no vector shows, and rules of single commands.

use super::hex;
use crate::*;
use std::{format, vec, vec::Vec};

fn round_trip(command: impl Into<Command>) -> Vec<u8> {
    let command = ProactiveCommand::new(1, command);
    let octets = command.encode().unwrap();
    assert_eq!(ProactiveCommand::decode(&octets), Ok(command));
    octets
}

#[test]
fn a_menu_without_items_takes_the_menu_away() {
    let menu = |items| SetUpMenu {
        mode: MenuMode::default(),
        alpha: AlphaIdentifier::from_text("Menu"),
        items,
        extras: ItemExtras::default(),
        look: Look::default(),
    };
    let octets = round_trip(menu(vec![]));
    assert_eq!(octets, hex("D01181030125008202818285044D656E758F00"));
    round_trip(menu(vec![Item::new(1, "One"), Item::new(2, "Zwölf")]));
}

#[test]
fn alpha_identifiers_of_a_call_belong_by_their_place() {
    let target = CallTarget::Address(Address::dialled("+4930").unwrap());
    let mut call = SetUpCall::new(CallMode::HoldOthers, target);
    call.setting_up = Some(AlphaIdentifier::from_text("b"));
    round_trip(call.clone());
    call.confirmation = Some(AlphaIdentifier::from_text("a"));
    round_trip(call.clone());
    call.setting_up = None;
    round_trip(call.clone());
    call.target = CallTarget::Uri(ImsUri::new(b"sip:a@b").unwrap());
    round_trip(call);
    let nobody = hex("D009810301100082028183");
    assert_eq!(
        ProactiveCommand::decode(&nobody).unwrap_err().result(),
        GeneralResult::ValuesMissing
    );
}

#[test]
fn addresses_of_a_channel_belong_by_their_place() {
    let mut open = OpenChannel::new(OpenMode::default(), BufferSize(1_400));
    open.local_address = Some(OtherAddress::Dynamic);
    round_trip(open.clone());
    let level = TransportLevel { protocol: TransportProtocol::UdpClient, port: 53 };
    open.transport = Some(Transport { level, destination: None });
    round_trip(open.clone());
    open.local_address = None;
    let destination = Some(OtherAddress::V6(core::net::Ipv6Addr::LOCALHOST));
    open.transport = Some(Transport { level, destination });
    round_trip(open);
}

#[test]
fn a_timer_starts_with_a_value_and_stops_without() {
    let timer = TimerId::new(3).unwrap();
    let value = TimerValue::new(0, 1, 30).unwrap();
    let octets = round_trip(TimerManagement { timer, action: TimerAction::Start(value) });
    assert_eq!(octets, hex("D011810301270082028182A40103A503001003"));
    let without = hex("D00C810301270082028182A40103");
    let error = ProactiveCommand::decode(&without).unwrap_err();
    assert_eq!(error.kind, CatErrorKind::Missing { object: tag::TIMER_VALUE });
}

#[test]
fn a_language_is_notified_or_taken_back() {
    let octets = round_trip(LanguageNotification { language: Some(Language(*b"de")) });
    assert_eq!(octets[6], 1);
    let octets = round_trip(LanguageNotification { language: None });
    assert_eq!(octets[6], 0);
}

#[test]
fn reader_and_channel_are_the_destination() {
    let reader = ReaderId::new(2).unwrap();
    let command = ProactiveCommand::new(9, PowerOnCard { reader });
    assert_eq!(command.devices(), Devices::to(Device::Reader(reader)));
    let channel = ChannelId::new(7).unwrap();
    let close = CloseChannel {
        channel,
        mode: CloseMode { keep: true },
        alpha: None,
        look: Look::default(),
    };
    assert_eq!(round_trip(close), hex("D009810301410182028127"));
    assert!(ChannelId::new(0).is_err() && ChannelId::new(8).is_err() && ReaderId::new(8).is_err());
}

/// A response repeats the details as they came, bits included that mean nothing to us.
#[test]
fn details_are_found_in_what_is_not_understood() {
    let raw = CommandDetails::find(&hex("D0098103057EFF82028182")).unwrap();
    assert_eq!((raw.number, raw.command_type, raw.qualifier), (5, 0x7E, 0xFF));
    let response = TerminalResponse::new(raw, GeneralResult::TypeNotUnderstood);
    assert_eq!(response.encode().unwrap(), hex("8103057EFF82028281830131"));
    assert_eq!(TerminalResponse::decode(&response.encode().unwrap()), Ok(response));
    assert_eq!(CommandDetails::find(&hex("D0028100")), None);
}

#[test]
fn results_keep_their_causes() {
    let busy = GeneralResult::TerminalBusy(TerminalProblem::NoService);
    assert_eq!(busy.octets(), (0x20, Some(0x04)));
    assert!(busy.is_temporary() && !busy.is_performed());
    for result in 0..=0xFF {
        for added in 0..=0xFF {
            if let Some(general) = GeneralResult::from_octets(result, added) {
                let (again, cause) = general.octets();
                assert_eq!((again, cause.unwrap_or(added)), (result, added));
            }
        }
    }
    // A terminal that leaves the cause out.
    let response = TerminalResponse::decode(&hex("81030121808202828183 0120".replace(' ', "")));
    assert_eq!(response.unwrap().result, GeneralResult::TerminalBusy(TerminalProblem::Unspecific));
}

#[test]
fn a_short_message_for_the_card_comes_from_the_network() {
    let tpdu = SmsTpdu::new(&hex("4005811250F37FF64210202314302302")).unwrap();
    let service_centre = Some(Address::dialled("+491720022333").unwrap());
    let message = Message::SmsPpDownload(SmsPpDownload { service_centre, tpdu });
    let octets = Envelope::new(message.clone()).encode().unwrap();
    assert_eq!(octets[..6], hex("D11F82028381"));
    assert_eq!(Envelope::decode(&octets).unwrap().message, message);
}

#[test]
fn the_ends_of_a_call_are_told_by_the_source() {
    for (end, source) in [(CallEnd::Near, 0x82), (CallEnd::Far, 0x83)] {
        let started =
            CallStarted { transaction: Transactions(vec![Transaction(0x80)]), media: None };
        let message = Message::Event(EventData::CallConnected(end, started));
        let octets = Envelope::new(message.clone()).encode().unwrap();
        assert_eq!(octets, hex(format!("D60A1901018202{source:02X}811C0180")));
        assert_eq!(Envelope::decode(&octets).unwrap().message, message);
    }
}

#[test]
fn an_event_is_one() {
    assert!(Envelope::decode(&hex("D60819020405 82028281".replace(' ', ""))).is_err());
    assert!(Envelope::decode(&hex("D6061900 82028281".replace(' ', ""))).is_err());
    assert!(Envelope::decode(&hex("D607190104 82028281".replace(' ', ""))).is_ok());
}

#[test]
fn a_rejection_says_what_was_attempted_where() {
    let rejected = NetworkRejected {
        location: None,
        routing_area: None,
        tracking_area: Some(TrackingArea::new(&hex("00F1100001")).unwrap()),
        technology: AccessTechnology::EUtran,
        update: UpdateType::EpsAttach,
        cause: RejectionCause(15),
        extended_cause: None,
    };
    let message = Message::Event(EventData::NetworkRejection(rejected));
    let octets = Envelope::new(message.clone()).encode().unwrap();
    assert_eq!(octets, hex("D617190112820282817D0500F11000013F0108740109750 10F".replace(' ', "")));
    assert_eq!(Envelope::decode(&octets).unwrap().message, message);
}

#[test]
fn an_empty_reply_allows_a_call() {
    let reply = ControlReply::decode(&[]).unwrap();
    assert_eq!((reply.decision, reply.action), (ControlDecision::Allowed, None));
    let reply = ControlReply::decode(&hex("0206860491214365")).unwrap();
    assert_eq!(reply.decision, ControlDecision::AllowedModified);
    let Some(ControlledAction::Call(address)) = reply.action else { panic!() };
    assert_eq!(address.digits(), "123456");
    assert!(ControlReply::decode(&hex("0300")).is_err());
    assert!(ControlReply::decode(&hex("010100")).is_err());
    let reply = SmsControlReply::decode(&hex("0100")).unwrap();
    assert_eq!(reply.decision, ControlDecision::NotAllowed);
}

#[test]
fn call_control_asks_about_something() {
    let error = Envelope::decode(&hex("D40482028281")).unwrap_err();
    assert_eq!(error.kind, CatErrorKind::Missing { object: tag::ADDRESS });
}

#[test]
fn status_words_say_what_the_toolkit_did() {
    assert_eq!(fetch_apdu([0x90, 0x00]), None);
    assert_eq!(pending_status(&[0; 256]), Err(TooLong { octets: 256, limit: 255 }));
    let meanings = [
        ([0x90, 0x00], EnvelopeStatus::Done),
        ([0x91, 0x0B], EnvelopeStatus::Pending(11)),
        ([0x61, 0x10], EnvelopeStatus::Response(16)),
        ([0x62, 0x00], EnvelopeStatus::DownloadError),
        ([0x9E, 0x10], EnvelopeStatus::DownloadError),
        ([0x93, 0x00], EnvelopeStatus::Busy),
        ([0x6F, 0x00], EnvelopeStatus::Refused),
    ];
    for (status, meaning) in meanings {
        assert_eq!(EnvelopeStatus::of(status), meaning);
    }
    let profile = Instruction::TerminalProfile.apdu(&[0xFF, 0x01]).unwrap();
    assert_eq!(profile, hex("8010000002FF01"));
    assert!(Instruction::Envelope.apdu(&[0; 256]).is_err());
}

#[test]
fn names_are_those_of_the_standard() {
    assert_eq!(CommandType::ALL.len(), 44);
    assert_eq!(CommandType::ProvideLocalInformation.name(), "PROVIDE LOCAL INFORMATION");
    assert_eq!(CommandType::from_octet(0x81), None, "the end of a session is no command");
}
