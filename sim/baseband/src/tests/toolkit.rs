//! The terminal's side of the toolkit, command by command.
#![expect(clippy::wildcard_enum_match_arm, reason = "each test looks at a few messages of many")]

use super::rig::{Policy, Rig, Setup, cell};
use super::script::Script;
use crate::{BasebandEvent, BasebandInput, CardToTerminal, Model, RegistrationState};
use polysim_base::{Duration, Imeisv};
use polysim_cat::*;
use polysim_radio::air::{
    CallCause, CallDownlink, Downlink, Rat, RejectCause, SmsDownlink, SmsUplink, Uplink,
    UssdDownlink, UssdUplink,
};
use polysim_sms::{MobileOriginated, Rp, Tpdu};

/// Has the card send a command, and returns the result and what came with it, if it was answered.
fn ask(rig: &mut Rig, command: impl Into<Command>) -> Option<(GeneralResult, ResponseData)> {
    rig.script.push(1, command);
    poke(rig);
    answered(rig)
}

fn answered(rig: &mut Rig) -> Option<(GeneralResult, ResponseData)> {
    let mut responses = rig.script.responded();
    assert!(responses.len() <= 1, "one response to one command");
    responses.pop().map(|response| (response.result, response.data))
}

/// Gives the card a chance to speak.
fn poke(rig: &mut Rig) {
    rig.write(0, b"AT+CRSM=176,12258,0,0,10\r");
    rig.take(0);
}

fn result(rig: &mut Rig, command: impl Into<Command>) -> GeneralResult {
    ask(rig, command).expect("it is answered at once").0
}

fn local(rig: &mut Rig, what: LocalInformation) -> (GeneralResult, ResponseData) {
    ask(rig, ProvideLocalInformation { what, measurements: None }).unwrap()
}

fn performed(data: LocalData) -> (GeneralResult, ResponseData) {
    (GeneralResult::Performed, ResponseData::Local(data))
}

fn events(events: &[Event]) -> Command {
    SetUpEventList { events: EventList(events.to_vec()) }.into()
}

const TEXT_TO: [u8; 18] = [
    0x01, 0x00, 0x0C, 0x91, 0x44, 0x77, 0x00, 0x90, 0x04, 0x56, 0x00, 0x00, 0x05, 0xE8, 0x32, 0x9B,
    0xFD, 0x06,
];

fn text() -> SendShortMessage {
    SendShortMessage {
        mode: ShortMessageMode { packing: false },
        alpha: None,
        service_centre: None,
        tpdu: SmsTpdu::new(&TEXT_TO).unwrap(),
        uri: None,
        look: Look::default(),
    }
}

fn display(wait_for_user: bool) -> DisplayText {
    DisplayText {
        mode: DisplayMode { high_priority: false, wait_for_user },
        text: TextString::new("Hello"),
        immediate_response: false,
        duration: None,
        look: Look::default(),
    }
}

/// EF.IMSI of a subscription of the second network.
const OTHER_IMSI: [u8; 9] = [0x08, 0x09, 0x10, 0x20, 0x00, 0x00, 0x00, 0x10, 0x32];
const IMSI: u8 = 0x07;
const SERVICE_TABLE: u8 = 0x04;
const EQUIVALENT_HOME: u8 = 0x1D;

fn two_networks() -> Rig {
    let cells =
        vec![cell(1, "00101", Rat::Lte, -80, 0x00AA), cell(2, "00102", Rat::Lte, -80, 0x00AB)];
    Setup { cells, ..Setup::default() }.attached()
}

#[test]
fn the_profile_of_the_model_is_sent_once_after_a_reset() {
    let mut rig = Setup::default().attached();
    let [profile] = rig.script.profiles.as_slice() else { panic!("{:?}", rig.script.profiles) };
    let profile = TerminalProfile::decode(profile).unwrap();
    assert!(Model::GENERIC.toolkit.iter().all(|feature| profile.supports(*feature)));
    result(&mut rig, Refresh::new(RefreshMode::ApplicationReset));
    assert_eq!(rig.script.profiles.len(), 1);
    assert_eq!(ask(&mut rig, Refresh::new(RefreshMode::UiccReset)), None);
    assert_eq!(rig.script.profiles.len(), 2);
}

#[test]
fn a_make_without_toolkit_lets_cards_talk() {
    let model = Box::leak(Box::new(Model { toolkit: &[], ..Model::GENERIC }));
    let mut rig = Setup { model, ..Setup::default() }.attached();
    assert_eq!(rig.script.profiles, Vec::<Vec<u8>>::new());
    assert_eq!(ask(&mut rig, MoreTime {}), None);
    assert!(!rig.script.open);
    assert_eq!(rig.at("AT+CUSATR"), "ERROR");
    assert_eq!(rig.bb.registration(), RegistrationState::Home);
}

#[test]
fn a_device_without_anything_under_way_keeps_no_box() {
    let mut rig = Setup::default().attached();
    poke(&mut rig);
    let before = rig.bb.heap_bytes();
    result(&mut rig, MoreTime {});
    result(&mut rig, events(&[Event::LocationStatus]));
    assert!(rig.bb.heap_bytes() > before);
    result(&mut rig, events(&[]));
    assert_eq!(rig.bb.heap_bytes(), before);
}

#[test]
fn the_terminal_says_which_networks_it_hears_and_how_strong() {
    let mut rig = Setup { model: &Model::IOT, ..Setup::default() }.attached();
    let wanted = ProvideLocalInformation {
        what: LocalInformation::NetworkMeasurement,
        measurements: Some(MeasurementQualifier::EUtranInter),
    };
    let (said, data) = ask(&mut rig, wanted.clone()).unwrap();
    assert_eq!(said, GeneralResult::Performed);
    let ResponseData::Local(LocalData::NetworkMeasurement { results: Some(results), .. }) = data
    else {
        panic!("no measurements: {data:?}");
    };
    let heard = results.heard();
    assert_eq!(heard[0].plmn, "00101".parse().unwrap());
    assert!(heard.windows(2).all(|pair| pair[0].level_dbm >= pair[1].level_dbm));
    rig.ok("AT+COPS=2");
    assert_eq!(result(&mut rig, wanted), GeneralResult::Performed, "it hears all the same");
}

#[test]
fn the_terminal_says_who_and_where_it_is() {
    use LocalInformation as What;
    let mut rig = Setup::default().attached();
    let imei = rig.bb.imei();
    let area = Area::Wide { code: 0xAA, cell: 0x1F };
    let here = LocationInformation { plmn: Some("00101".parse().unwrap()), area };
    let cases = [
        (What::Location, LocalData::Location(Some(here))),
        (What::Imei, LocalData::Imei(Some(imei))),
        (What::Imeisv, LocalData::Imeisv(Some(Imeisv { imei, version: 1 }))),
        (What::Language, LocalData::Language(Some(Language(*b"en")))),
        (What::AccessTechnology, LocalData::AccessTechnology(Some(AccessTechnology::EUtran))),
        (What::SearchMode, LocalData::SearchMode(Some(SearchMode::Automatic))),
    ];
    for (what, data) in cases {
        assert_eq!(local(&mut rig, what), performed(data));
    }
    rig.ok("AT+CCLK=\"26/03/01,12:30:00+08\"");
    let moment = DateTime::new((26, 3, 1), (12, 30, 0), Some(8)).unwrap();
    assert_eq!(local(&mut rig, What::DateTime), performed(LocalData::DateTime(Some(moment))));
    let beyond = GeneralResult::BeyondCapabilities;
    assert_eq!(local(&mut rig, What::TimingAdvance).0, beyond);
    assert_eq!(local(&mut rig, What::NetworkMeasurement).0, beyond);
    rig.ok("AT+COPS=2");
    let nowhere = GeneralResult::TerminalBusy(TerminalProblem::NoService);
    assert_eq!(local(&mut rig, What::Location).0, nowhere);
    assert_eq!(local(&mut rig, What::AccessTechnology).0, nowhere);
    assert_eq!(local(&mut rig, What::Imei).0, GeneralResult::Performed);
}

#[test]
fn commands_that_nobody_here_can_do_are_refused() {
    let mut rig = Setup::default().attached();
    let beyond = GeneralResult::BeyondCapabilities;
    assert_eq!(
        result(
            &mut rig,
            RunAtCommand {
                alpha: None,
                command: AtCommand::new(b"AT").unwrap(),
                look: Look::default(),
            }
        ),
        beyond
    );
    let cases: [(&[u8], u8); 4] = [
        (&[0xD0, 0x09, 0x81, 0x03, 0x01, 0x7E, 0x00, 0x82, 0x02, 0x81, 0x82], 0x31),
        (&[0xD0, 0x09, 0x81, 0x03, 0x01, 0x21, 0x00, 0x82, 0x02, 0x81, 0x02], 0x36),
        (&[0xD0, 0x0B, 0x81, 0x03, 0x01, 0x03, 0x00, 0x82, 0x02, 0x81, 0x82, 0x84, 0x00], 0x32),
        (&[0xD0, 0x02, 0xAA, 0x00], 0x36),
    ];
    for (octets, result) in cases {
        rig.script.queue.push_back(octets.to_vec());
        poke(&mut rig);
        let response = answered(&mut rig).unwrap().0;
        assert_eq!(response.octets().0, result, "{octets:02X?}");
    }
    // What is beside a command is passed over, and said so.
    let mut command = ProactiveCommand::new(1, MoreTime {});
    let tag = tag::Tag::new(0x5A).ignorable();
    command.others.push(RawObject { tag, value: vec![1] });
    rig.script.queue.push_back(command.encode().unwrap());
    poke(&mut rig);
    assert_eq!(answered(&mut rig).unwrap().0, GeneralResult::PartialComprehension);
}

#[test]
fn without_a_host_nobody_answers_for_the_user() {
    let mut rig = Setup::default().attached();
    assert_eq!(result(&mut rig, display(false)), GeneralResult::Performed);
    assert_eq!(result(&mut rig, display(true)), GeneralResult::NoUserResponse);
    let target = CallTarget::Address(Address::dialled("112").unwrap());
    let call = SetUpCall::new(CallMode::IfIdle, target);
    assert_eq!(result(&mut rig, call), GeneralResult::UserRefused);
    assert_eq!(
        rig.events.last(),
        Some(&BasebandEvent::CommandAnswered { kind: 0x10, result: 0x22 })
    );
}

#[test]
fn a_text_of_the_card_goes_the_way_of_all_texts() {
    let mut rig = Setup::default().attached();
    assert_eq!(result(&mut rig, text()), GeneralResult::Performed);
    let [(_, tpdu)] = rig.sent_texts().try_into().unwrap();
    assert_eq!(tpdu[2..], TEXT_TO[2..]);
    rig.sms_cause = Some(38);
    assert_eq!(result(&mut rig, text()), GeneralResult::RpError(38));
    rig.sms_silent = true;
    assert_eq!(ask(&mut rig, text()), None);
    rig.run_s(61);
    assert_eq!(answered(&mut rig).unwrap().0, GeneralResult::NetworkBusy(0));
    let unread = SendShortMessage { tpdu: SmsTpdu::new(&TEXT_TO[..9]).unwrap(), ..text() };
    assert_eq!(result(&mut rig, unread), GeneralResult::DataNotUnderstood);
    rig.ok("AT+COPS=2");
    let nowhere = GeneralResult::TerminalBusy(TerminalProblem::NoService);
    assert_eq!(result(&mut rig, text()), nowhere);
}

#[test]
fn a_text_of_the_card_is_packed_where_it_asks_for_it() {
    let mut rig = Setup::default().attached();
    let mut octets = TEXT_TO[..11].to_vec();
    octets.extend([0x04, 0x05]);
    octets.extend(b"hello");
    let unpacked = SendShortMessage {
        mode: ShortMessageMode { packing: true },
        service_centre: Some(Address::dialled("+447700900009").unwrap()),
        tpdu: SmsTpdu::new(&octets).unwrap(),
        ..text()
    };
    assert_eq!(result(&mut rig, unpacked), GeneralResult::Performed);
    let Some(Uplink::Sms(SmsUplink::Data { centre, tpdu, .. })) = rig.uplinks.last() else {
        panic!("{:?}", rig.uplinks);
    };
    assert_eq!((centre.to_string().as_str(), &tpdu[2..]), ("+447700900009", &TEXT_TO[2..]));
}

#[test]
fn changes_of_service_are_told_to_a_card_that_wants_to_know() {
    let mut rig = Setup::default().attached();
    assert_eq!(result(&mut rig, events(&[Event::LocationStatus])), GeneralResult::Performed);
    assert_eq!(rig.script.told(), []);
    let cells = core::mem::take(&mut rig.cells);
    rig.input(BasebandInput::LinkLost);
    let status = |rig: &mut Rig| {
        let told = rig.script.told();
        told.into_iter()
            .map(|envelope| match envelope.message {
                Message::Event(EventData::LocationStatus(changed)) => changed,
                other => panic!("{other:?}"),
            })
            .collect::<Vec<_>>()
    };
    let none = LocationChanged { status: LocationStatus::None, location: None };
    assert_eq!(status(&mut rig), [none]);
    rig.cells = cells;
    rig.air(Downlink::CellsChanged);
    let [back] = status(&mut rig).try_into().unwrap();
    assert_eq!(back.status, LocationStatus::Normal);
    assert!(back.location.is_some());
    // An empty list takes the events back.
    result(&mut rig, events(&[]));
    rig.input(BasebandInput::LinkLost);
    assert_eq!(rig.script.told(), []);
}

#[test]
fn rejections_and_technologies_are_told() {
    let mut rig = Setup::default().attached();
    result(&mut rig, events(&[Event::NetworkRejection, Event::AccessTechnologyChange]));
    rig.policies.insert("00101".into(), Policy::Reject(RejectCause::PlmnNotAllowed));
    rig.input(BasebandInput::LinkLost);
    let told = rig.script.told();
    let [Envelope { message: Message::Event(EventData::NetworkRejection(rejected)), .. }] =
        told.as_slice()
    else {
        panic!("{told:?}")
    };
    assert_eq!(rejected.cause, RejectionCause(11));
    assert_eq!(rejected.update, UpdateType::EpsAttach);
    assert_eq!(rejected.technology, AccessTechnology::EUtran);
    assert_eq!(rejected.tracking_area.as_ref().unwrap().octets(), [0, 0xF1, 0x10, 0, 0xAA]);
    rig.policies.clear();
    rig.cells = vec![cell(3, "00102", Rat::Umts, -70, 0x00AA)];
    rig.run_s(60);
    assert_eq!(rig.bb.registration(), RegistrationState::Roaming);
    let told = rig.script.told();
    let utran = EventData::AccessTechnologyChange(AccessTechnology::Utran);
    assert_eq!(told, [Envelope::new(Message::Event(utran))]);
    // Without service there is no other technology.
    let cells = core::mem::take(&mut rig.cells);
    rig.input(BasebandInput::LinkLost);
    rig.cells = cells;
    rig.run_s(60);
    assert_eq!(rig.bb.registration(), RegistrationState::Roaming);
    assert_eq!(rig.script.told(), []);
}

#[test]
fn calls_are_told() {
    let mut rig = Setup::default().attached();
    let list = [Event::MtCall, Event::CallConnected, Event::CallDisconnected];
    result(&mut rig, events(&list));
    let setup = CallDownlink::Setup { caller: Some("+4477".parse().unwrap()), waiting: false };
    rig.air(Downlink::Call { transaction: 9, message: setup });
    rig.ok("ATA");
    let end = CallDownlink::Disconnect(CallCause::Normal);
    rig.air(Downlink::Call { transaction: 9, message: end });
    let told = rig.script.told();
    let [ringing, connected, over] = told.as_slice() else { panic!("{told:?}") };
    let transaction = |octet| Transactions(vec![Transaction(octet)]);
    let Message::Event(EventData::MtCall(call)) = &ringing.message else { panic!("{ringing:?}") };
    assert_eq!(call.transaction, transaction(0x10));
    assert_eq!(call.address, Address::dialled("+4477").ok());
    let started = CallStarted { transaction: transaction(0x90), media: None };
    let expected = EventData::CallConnected(CallEnd::Near, started);
    assert_eq!(connected.message, Message::Event(expected));
    let ended = CallDisconnected {
        transactions: transaction(0x10),
        cause: Cause::new(&[0x80, 0x90]).ok(),
        media: None,
    };
    let expected = EventData::CallDisconnected(CallEnd::Far, ended);
    assert_eq!(over.message, Message::Event(expected));
}

fn timer(number: u8, action: TimerAction) -> TimerManagement {
    TimerManagement { timer: TimerId::new(number).unwrap(), action }
}

#[test]
fn timers_run_stop_and_run_out() {
    let mut rig = Setup::default().attached();
    let value = |seconds| TimerValue::of_span(Duration::from_secs(seconds));
    let left = |rig: &mut Rig, action| match ask(rig, timer(1, action)).unwrap() {
        (result, ResponseData::Timer(TimerResponse { value, .. })) => (result, value),
        other => panic!("{other:?}"),
    };
    let contradiction = (GeneralResult::TimerContradiction, None);
    assert_eq!(left(&mut rig, TimerAction::GetCurrentValue), contradiction);
    assert_eq!(left(&mut rig, TimerAction::Start(value(100))), (GeneralResult::Performed, None));
    rig.run_s(40);
    let sixty = (GeneralResult::Performed, Some(value(60)));
    assert_eq!(left(&mut rig, TimerAction::GetCurrentValue), sixty);
    assert_eq!(left(&mut rig, TimerAction::Deactivate), sixty);
    assert_eq!(left(&mut rig, TimerAction::Deactivate), contradiction);
    rig.run_s(200);
    assert_eq!(rig.script.told(), []);
    result(&mut rig, timer(8, TimerAction::Start(value(0))));
    result(&mut rig, timer(2, TimerAction::Start(value(30))));
    // A card that is busy is told again, later.
    rig.script.answers.extend([vec![0x93, 0x00], vec![0x90, 0x00], vec![0x93, 0x00]]);
    rig.run_s(60);
    let told: Vec<_> = rig
        .script
        .told()
        .into_iter()
        .map(|envelope| match envelope.message {
            Message::TimerExpiration(expired) => {
                (expired.timer.number(), expired.elapsed.span().as_secs())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [(8, 1), (8, 4), (2, 30), (2, 33)]);
}

#[test]
fn a_card_that_stays_busy_is_left_alone() {
    let mut rig = Setup::default().attached();
    let value = TimerValue::new(0, 0, 10).unwrap();
    result(&mut rig, timer(1, TimerAction::Start(value)));
    rig.script.answers.extend(core::iter::repeat_n(vec![0x93, 0x00], 100));
    rig.run_s(3_000);
    assert_eq!(rig.script.envelopes.len(), 10);
}

#[test]
fn a_card_is_polled_at_its_pace_until_it_has_enough() {
    let mut rig = Setup::default().attached();
    rig.run_s(600);
    assert_eq!(rig.script.polls, 0);
    let interval = polysim_cat::Duration::seconds(30);
    let (result, data) = ask(&mut rig, PollInterval { interval }).unwrap();
    assert_eq!(result, GeneralResult::Performed);
    let granted = IntervalResponse { interval: Some(interval) };
    assert_eq!(data, ResponseData::PollInterval(granted));
    rig.run_s(300);
    assert_eq!(rig.script.polls, 10);
    rig.script.push(1, MoreTime {});
    rig.run_s(30);
    assert_eq!(answered(&mut rig).unwrap().0, GeneralResult::Performed);
    ask(&mut rig, PollingOff {}).unwrap();
    rig.run_s(300);
    assert_eq!(rig.script.polls, 11);
}

#[test]
fn ussd_of_the_card_is_answered_to_the_card() {
    let mut rig = Setup::default().attached();
    let string = UssdString::new(&[&[0x0F][..], &polysim_sms::gsm7::pack_ussd(b"*100#")].concat());
    let send = SendUssd { alpha: None, string: string.unwrap(), look: Look::default() };
    assert_eq!(ask(&mut rig, send.clone()), None);
    let request = Uplink::Ussd(UssdUplink::Request("*100#".into()));
    assert_eq!(rig.uplinks.last(), Some(&request));
    rig.ok("AT+CUSD=1");
    rig.air(Downlink::Ussd(UssdDownlink::Notify("5 EUR".into())));
    let text = Some(TextString::new("5 EUR"));
    let data = NetworkResponse { text, action: None, action_result: None };
    let expected = (GeneralResult::Performed, ResponseData::Network(data));
    assert_eq!(answered(&mut rig), Some(expected));
    assert_eq!(rig.heard(), "");
    assert_eq!(ask(&mut rig, send), None);
    rig.run_s(100);
    assert_eq!(answered(&mut rig).unwrap().0, GeneralResult::NetworkBusy(0));
}

#[test]
fn tones_go_into_the_call() {
    let mut rig = Setup::default().attached();
    let digits = DtmfString::of_digits("1p2").unwrap();
    let tones = SendDtmf { alpha: None, digits, look: Look::default() };
    let none = GeneralResult::TerminalBusy(TerminalProblem::NotInSpeechCall);
    assert_eq!(result(&mut rig, tones.clone()), none);
    rig.ok("ATD112;");
    rig.air(Downlink::Call { transaction: 0, message: CallDownlink::Connect });
    assert_eq!(result(&mut rig, tones), GeneralResult::Performed);
    assert_eq!(rig.uplinks.len(), 3);
    let busy = GeneralResult::TerminalBusy(TerminalProblem::CallBusy);
    assert_eq!(result(&mut rig, Refresh::new(RefreshMode::UiccReset)), busy);
}

#[test]
fn a_refresh_brings_another_subscription() {
    use RefreshMode as Mode;
    let modes = [
        (Mode::InitialisationAndFullFileChange, Some(GeneralResult::Performed)),
        (Mode::InitialisationAndFileChange, Some(GeneralResult::Performed)),
        (Mode::Initialisation, Some(GeneralResult::Performed)),
        (Mode::ApplicationReset, Some(GeneralResult::Performed)),
        (Mode::SessionReset, Some(GeneralResult::Performed)),
        (Mode::UiccReset, None),
    ];
    for (mode, expected) in modes {
        let mut rig = two_networks();
        rig.script.files.insert(IMSI, OTHER_IMSI.to_vec());
        rig.script.files.insert(EQUIVALENT_HOME, vec![0xFF; 3]);
        rig.script.written.clear();
        let answer = ask(&mut rig, Refresh::new(mode));
        assert_eq!(answer.map(|(result, _)| result), expected, "{mode:?}");
        assert_eq!(rig.attaches, ["00101", "00102"], "{mode:?}");
        assert_eq!(rig.bb.imsi().unwrap().to_string(), "001020000000123", "{mode:?}");
        assert_eq!(rig.bb.registration(), RegistrationState::Home, "{mode:?}");
        assert_eq!(rig.script.resets, usize::from(mode == Mode::UiccReset), "{mode:?}");
        let detached = rig.uplinks.iter().filter(|uplink| **uplink == Uplink::Detach).count();
        assert_eq!(detached, 1, "{mode:?}");
        // The old location was written back on the way out, then the new one.
        let locations: Vec<_> =
            rig.script.written.iter().map(|apdu| apdu[17..20].to_vec()).collect();
        let (old, new) = (vec![0x00, 0xF1, 0x10], vec![0x00, 0xF1, 0x20]);
        assert_eq!(locations, [old, new], "{mode:?}");
    }
}

#[test]
fn a_file_change_that_changes_the_subscription_is_noticed() {
    let mut rig = Setup::default().attached();
    rig.script.files.insert(IMSI, OTHER_IMSI.to_vec());
    let answer = result(&mut rig, Refresh::new(RefreshMode::FileChange));
    assert_eq!(answer, GeneralResult::AdditionalFilesRead);
    assert_eq!(rig.attaches.len(), 2);
    assert_eq!(rig.uplinks.first(), Some(&Uplink::Detach));
    assert_eq!(rig.bb.imsi().unwrap().to_string(), "001020000000123");
}

#[test]
fn a_file_change_disturbs_no_service() {
    let mut rig = Setup::default().attached();
    let files = FileList(vec![FilePath::below_mf(&[0x7FFF, 0x6F38]).unwrap()]);
    let change = Refresh { files: Some(files), ..Refresh::new(RefreshMode::FileChange) };
    assert_eq!(result(&mut rig, change), GeneralResult::AdditionalFilesRead);
    assert_eq!(rig.attaches.len(), 1);
    let other = Aid::new(&[0xA0, 0, 0, 0, 0x87, 0x10, 0x04]).ok();
    let other = Refresh { aid: other, ..Refresh::new(RefreshMode::SessionReset) };
    assert_eq!(result(&mut rig, other), GeneralResult::NaaNotActive);
}

#[test]
fn steering_moves_a_roaming_device() {
    let cells =
        vec![cell(1, "26201", Rat::Lte, -60, 0x00AA), cell(2, "26202", Rat::Lte, -90, 0x00AB)];
    let mut rig = Setup { cells, ..Setup::default() }.attached();
    let first = rig.attaches.last().unwrap().clone();
    let wanted = if first == "26201" { "26202" } else { "26201" };
    let entry = PlmnWithAccess { plmn: wanted.parse().unwrap(), access: 0x4000 };
    let steering = Some(PlmnWithAccessList(vec![entry]));
    let steer = Refresh { steering, ..Refresh::new(RefreshMode::Steering) };
    assert_eq!(result(&mut rig, steer), GeneralResult::Performed);
    assert_eq!(rig.attaches.last().unwrap(), wanted);
}

#[test]
fn a_card_without_a_subscription_is_alive() {
    let mut rig = Setup::default().build();
    rig.script.files.insert(IMSI, vec![0xFF; 9]);
    rig.input(BasebandInput::Power(true));
    rig.ok("AT+CMEE=1");
    assert_eq!(rig.ok("AT+CPIN?;+CREG?"), "+CPIN: READY|+CREG: 0,0");
    assert!(rig.at("AT+CIMI").starts_with("+CME ERROR"));
    assert!(rig.events.contains(&BasebandEvent::NoSubscription));
    assert_eq!(result(&mut rig, MoreTime {}), GeneralResult::Performed);
    let nowhere = GeneralResult::TerminalBusy(TerminalProblem::NoService);
    assert_eq!(result(&mut rig, text()), nowhere);
    assert_eq!(rig.attaches, Vec::<String>::new());
    rig.script.files.clear();
    let anew = Refresh::new(RefreshMode::InitialisationAndFullFileChange);
    assert_eq!(result(&mut rig, anew), GeneralResult::Performed);
    assert_eq!(rig.attaches, ["00101"]);
    // And back.
    rig.script.files.insert(IMSI, vec![0xFF; 9]);
    assert_eq!(ask(&mut rig, Refresh::new(RefreshMode::UiccReset)), None);
    assert_eq!(rig.ok("AT+CREG?"), "+CREG: 0,0");
}

/// DELIVER of data for the card.
fn delivery(pid: u8, dcs: u8) -> Vec<u8> {
    let mut tpdu = vec![0x44, 0x04, 0x91, 0x44, 0x77, pid, dcs];
    tpdu.extend([0x62, 0x30, 0x10, 0x21, 0x03, 0x00, 0x00]);
    tpdu.extend([0x05, 0x02, 0x70, 0x00, 0xAA, 0xBB]);
    tpdu
}

fn deliver(rig: &mut Rig, reference: u8, tpdu: Vec<u8>) -> Option<Uplink> {
    rig.uplinks.clear();
    let centre = "+447700900000".parse().unwrap();
    rig.air(Downlink::Sms(SmsDownlink::Data { reference, centre, tpdu }));
    rig.uplinks.pop()
}

fn taking_texts() -> Rig {
    let mut rig = Setup::default().build();
    rig.script.files.insert(SERVICE_TABLE, vec![0xFF; 8]);
    rig.input(BasebandInput::Power(true));
    rig.take(0);
    rig
}

#[test]
fn a_text_for_the_card_goes_to_the_card() {
    let mut rig = taking_texts();
    rig.ok("AT+CNMI=2,1");
    let ack = |reference, tpdu| Some(Uplink::Sms(SmsUplink::Ack { reference, tpdu }));
    assert_eq!(deliver(&mut rig, 1, delivery(0x7F, 0xF6)), ack(1, None));
    let [envelope] = rig.script.told().try_into().unwrap();
    let Message::SmsPpDownload(download) = envelope.message else { panic!() };
    assert_eq!(download.tpdu.octets(), delivery(0x7F, 0xF6));
    assert_eq!(download.service_centre, Address::dialled("+447700900000").ok());
    // What it has to say goes back in the report, with its header.
    rig.script.answers.push_back(vec![0x61, 0x05]);
    rig.script.more = Some(vec![0x02, 0x71, 0x00, 0x12, 0x34]);
    let report = vec![0x40, 0x07, 0x7F, 0xF6, 0x05, 0x02, 0x71, 0x00, 0x12, 0x34];
    assert_eq!(deliver(&mut rig, 2, delivery(0x7F, 0xF6)), ack(2, Some(report.clone())));
    assert!(MobileOriginated::parse(&report, Rp::Ack).is_ok());
    assert_eq!(rig.script.told().len(), 1);
    assert_eq!(rig.heard(), "", "nothing is stored");
    // Other texts are texts, whatever one of the two says.
    deliver(&mut rig, 3, delivery(0x00, 0xF6));
    deliver(&mut rig, 4, delivery(0x7F, 0xF4));
    assert_eq!(rig.script.told(), []);
    assert_eq!(rig.heard().matches("+CMTI").count(), 2);
}

#[test]
fn a_card_that_takes_no_text_has_the_network_told_why() {
    let mut rig = taking_texts();
    let error = |reference, tpdu| {
        Some(Uplink::Sms(SmsUplink::Error { reference, cause: 111, tpdu: Some(tpdu) }))
    };
    let busy = (vec![0x93, 0x00], vec![0x00, 0xD4, 0x00], None);
    let failed = (vec![0x6F, 0x00], vec![0x00, 0xD5, 0x00], None);
    let explained = (
        vec![0x62, 0x00],
        vec![0x40, 0xD5, 0x07, 0x7F, 0xF6, 0x04, 0x02, 0x71, 0x00, 0x05],
        Some(vec![0x02, 0x71, 0x00, 0x05]),
    );
    for (status, report, more) in [busy, failed, explained] {
        rig.script.answers.push_back(status);
        rig.script.more = more;
        assert_eq!(deliver(&mut rig, 7, delivery(0x7F, 0xF6)), error(7, report));
    }
}

#[test]
fn a_card_whose_table_has_no_download_gets_its_texts_stored() {
    let mut rig = Setup::default().build();
    rig.script.files.insert(SERVICE_TABLE, vec![0x00; 8]);
    rig.input(BasebandInput::Power(true));
    rig.ok("AT+CNMI=2,1");
    deliver(&mut rig, 1, delivery(0x7F, 0xF6));
    assert_eq!(rig.script.told(), []);
    assert_eq!(rig.heard(), "+CMTI: \"SM\",1");
}

#[test]
fn texts_for_the_card_wait_for_their_turn_and_there_is_an_end_to_it() {
    let mut rig = taking_texts();
    rig.mute = true;
    let texts = (0..40).map(|reference| deliver(&mut rig, reference, delivery(0x7F, 0xF6)));
    let refused = texts.flatten();
    // One is with the card, and as many wait as there is room for.
    assert_eq!(refused.count(), 40 - 33);
}

#[test]
fn a_host_that_took_over_answers_for_the_user() {
    let mut rig = Setup::default().attached();
    let own = rig.ok("AT+CUSATR=0");
    assert!(own.starts_with("+CUSATR: 0,\""), "{own}");
    assert_eq!(rig.ok("AT+CUSATR"), format!("{own}|+CUSATR: 1,\"\""));
    let profile = TerminalProfile::of([Feature::DisplayText, Feature::RunAtCommand]);
    let hex = |octets: &[u8]| octets.iter().map(|b| format!("{b:02X}")).collect::<String>();
    rig.ok(&format!("AT+CUSATW=1,\"{}\"", hex(profile.octets())));
    rig.script.push(5, display(true));
    let command = rig.script.queue[0].clone();
    let urc = format!("+CUSATP: \"{}\"", hex(&command));
    rig.write(0, b"AT+CRSM=176,12258,0,0,10\r");
    assert!(rig.heard().ends_with(&urc));
    let details = Script::details(&command);
    let response = TerminalResponse::new(details, GeneralResult::BackwardMove).encode().unwrap();
    let answer = format!("AT+CUSATT=\"{}\"", hex(&response));
    assert_eq!(rig.at(&answer), "OK|+CUSATEND");
    assert_eq!(answered(&mut rig).unwrap().0, GeneralResult::BackwardMove);
    assert_eq!(rig.at(&answer), "ERROR");
    // A host that does not answer is a user who does not.
    rig.script.push(5, display(true));
    rig.write(0, b"AT+CRSM=176,12258,0,0,10\r");
    assert!(rig.heard().ends_with(&urc));
    rig.run_s(121);
    assert_eq!(answered(&mut rig).unwrap().0, GeneralResult::NoUserResponse);
    assert_eq!(rig.heard(), "+CUSATEND");
    // What the host does not handle, the device does.
    assert_eq!(result(&mut rig, MoreTime {}), GeneralResult::Performed);
    rig.script.answers.push_back(vec![0x93, 0x00]);
    assert_eq!(rig.ok("AT+CUSATE=\"D30782020181900101\""), "+CUSATE: \"\",1");
    assert_eq!(rig.script.told().len(), 1);
    // The card learns at its next start what the host can do, and the host is asked for it then.
    rig.at("AT+CFUN=1,1");
    let profile = TerminalProfile::decode(rig.script.profiles.last().unwrap()).unwrap();
    assert!(profile.supports(Feature::RunAtCommand) && profile.supports(Feature::Refresh));
    let command = AtCommand::new(b"AT").unwrap();
    rig.script.push(7, RunAtCommand { alpha: None, command, look: Look::default() });
    rig.write(0, b"AT+CRSM=176,12258,0,0,10\r");
    assert!(rig.heard().contains("+CUSATP: "));
    rig.run_s(121);
    assert_eq!(answered(&mut rig).unwrap().0, GeneralResult::NoUserResponse);
    rig.ok("AT+CUSATW");
    assert_eq!(result(&mut rig, display(true)), GeneralResult::NoUserResponse);
}

#[test]
fn the_simulated_card_and_the_simulated_terminal_understand_each_other() {
    use polysim_card::ToolkitEvent;
    let mut rig = Setup::default().build();
    rig.script.absent = true;
    rig.card.listen_toolkit(true);
    rig.input(BasebandInput::Power(true));
    assert!(matches!(rig.card.take_toolkit_event(), Some(ToolkitEvent::Profile(_))));
    let what = LocalInformation::Imei;
    let value = TimerValue::new(0, 0, 30).unwrap();
    rig.card.push_proactive(ProvideLocalInformation { what, measurements: None }).unwrap();
    rig.card.push_proactive(text()).unwrap();
    rig.card.push_proactive(timer(3, TimerAction::Start(value))).unwrap();
    poke(&mut rig);
    rig.run_s(31);
    deliver(&mut rig, 1, delivery(0x7F, 0xF6));
    rig.card.push_proactive(Refresh::new(RefreshMode::SessionReset)).unwrap();
    poke(&mut rig);
    let mut answers = Vec::new();
    let mut told = Vec::new();
    while let Some(event) = rig.card.take_toolkit_event() {
        match event {
            ToolkitEvent::Response(response) => answers.push((response.result, response.data)),
            ToolkitEvent::Envelope(envelope) => told.push(envelope.message),
            other => panic!("{other:?}"),
        }
    }
    let results: Vec<_> = answers.iter().map(|(result, _)| *result).collect();
    assert_eq!(results, [GeneralResult::Performed; 4]);
    let imei = ResponseData::Local(LocalData::Imei(Some(rig.bb.imei())));
    assert_eq!(answers[0].1, imei);
    assert!(matches!(told.as_slice(), [Message::TimerExpiration(_), Message::SmsPpDownload(_)]));
    assert_eq!(rig.attaches.len(), 2);
}

#[test]
fn a_card_that_is_pulled_out_leaves_nothing_behind() {
    let mut rig = Setup::default().attached();
    rig.sms_silent = true;
    result(&mut rig, events(&[Event::LocationStatus]));
    let value = TimerValue::new(0, 1, 0).unwrap();
    result(&mut rig, timer(1, TimerAction::Start(value)));
    assert_eq!(ask(&mut rig, text()), None);
    rig.input(BasebandInput::Card(CardToTerminal::Removed));
    rig.run_s(200);
    assert_eq!((rig.script.responses.len(), rig.script.envelopes.len()), (0, 0));
    assert!(rig.bb.core.rare.is_none());
}

#[test]
fn a_card_that_asks_for_ever_is_slowed_down() {
    let mut rig = Setup::default().attached();
    rig.script.endless = true;
    rig.script.push(1, MoreTime {});
    poke(&mut rig);
    let once = rig.script.responses.len();
    assert!((50..200).contains(&once), "{once}");
    rig.run_s(10);
    assert!(rig.script.responses.len() <= once * 12);
    assert_eq!(rig.ok("AT+CREG?"), "+CREG: 0,1");
}

mod any_bytes {
    use super::*;
    use proptest::prelude::*;

    fn command() -> impl Strategy<Value = Vec<u8>> {
        let sane =
            (any::<u8>(), 0_u8..0x50, any::<u8>(), prop::collection::vec(any::<u8>(), 0..60));
        let sane = sane.prop_map(|(number, kind, qualifier, rest)| {
            let mut body = vec![0x81, 0x03, number, kind, qualifier, 0x82, 0x02, 0x81, 0x82];
            body.extend(rest);
            let mut octets = vec![0xD0, u8::try_from(body.len()).unwrap()];
            octets.extend(body);
            octets
        });
        prop_oneof![3 => sane, 1 => prop::collection::vec(any::<u8>(), 1..100)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_command_is_answered_once(
            commands in prop::collection::vec(command(), 1..12),
            fuzz in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut rig = Setup::default().attached();
            let mut resets = 0;
            for (at, octets) in commands.into_iter().enumerate() {
                let answered = rig.script.responses.len();
                rig.script.queue.push_back(octets);
                poke(&mut rig);
                if fuzz.get(at).is_some_and(|b| b % 3 == 0) {
                    rig.input(BasebandInput::LinkLost);
                }
                rig.run_s(130);
                // The script asserts that none is answered twice.
                let reset = rig.script.resets - resets;
                resets = rig.script.resets;
                prop_assert_eq!(rig.script.responses.len() - answered + reset, 1);
                rig.script.open = false;
            }
            rig.run_s(1_000);
            prop_assert!(rig.at("AT").ends_with("OK"));
        }
    }
}
