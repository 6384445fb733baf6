//! The flows against cards that say what a test has them say.

use super::*;
use crate::wire::UplinkFrame;
use crate::wire::apdu::{AppletState, StoredPair};
use polysim_apdu::Status;
use polysim_base::procedure::{Procedure, Step};
use polysim_base::{Eid, Imei, Imsi, Instant, Machine as _, Out};
use polysim_cat::{
    Command, GeneralResult, LocalInformation, ProactiveCommand, ProvideLocalInformation, Refresh,
    RefreshMode, SendShortMessage, ShortMessageMode, SmsTpdu, TerminalProfile, TerminalResponse,
};
use polysim_ota::sms::{deliver_report, submit};
use polysim_sms::{Address, MobileOriginated, Reference, Submit, Timestamp, Tpdu as _, UserData};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::vec;
use std::vec::Vec;

const AID: [u8; 6] = [0xA0, 0, 0, 9, 9, 1];
const IMSI: &str = "001010000000123";

/// Runs a flow with a card; returns what it came to, and how many waits there were.
fn run<T, F>(
    flow: impl FnOnce(ToolPort) -> F,
    mut card: impl FnMut(Ask) -> Reply,
) -> (Result<T, OnSiteError>, usize)
where
    F: Future<Output = Result<T, OnSiteError>> + Send + 'static,
    T: Send + Sync + 'static,
{
    let (mut now, mut waits) = (Instant::ZERO, 0);
    let mut procedure = Procedure::start(now, flow);
    loop {
        match procedure.poll_output() {
            Some(Out::Do(Step::Ask(ticket, ask))) => procedure.handle(now, (ticket, card(ask))),
            Some(Out::Do(Step::Done(result))) => return (result, waits),
            Some(Out::Record(record)) => match record {},
            None => {
                (now, _) = procedure.poll_timeout().unwrap();
                procedure.handle_timeout(now);
                waits += 1;
            }
        }
    }
}

fn pair() -> StoredPair {
    StoredPair {
        imei: Imei::parse("35000000000001").unwrap(),
        frame: UplinkFrame {
            eid: Eid::parse("89049032123451234512345678901235").unwrap(),
            packet: vec![7; 60],
        },
    }
}

fn done(data: &[u8]) -> Reply {
    Reply::Response([data, &[0x90, 0x00]].concat())
}

fn status(sw: u16) -> Reply {
    Reply::Response(sw.to_be_bytes().to_vec())
}

fn delivery(octets: usize) -> Delivery {
    Delivery {
        packet: vec![0x42; octets],
        from: Address::parse_dialled("+4915112345678").unwrap(),
        at: Timestamp::new((26, 1, 2), (3, 4, 5), 0).unwrap(),
        reference: Reference::Eight(7),
    }
}

#[test]
fn the_stored_pair_is_read_on_a_channel_of_its_own() {
    let mut asked = Vec::new();
    let answer = pair().encode();
    let length = u8::try_from(answer.len()).unwrap();
    let (read, _) = run(
        |port| read_pair(port, AID.to_vec(), Terminal::Modem),
        |ask| {
            asked.push(ask.clone());
            match ask {
                Ask::Transmit { apdu, .. } if apdu[1] == 0xCA && apdu[4] == 0 => {
                    Reply::Response(vec![0x6C, length])
                }
                Ask::Transmit { apdu, .. } if apdu[1] == 0xCA => status(0x6100),
                Ask::Transmit { .. } => done(&answer),
                Ask::Open(_) | Ask::Close | Ask::Reset => Reply::Done,
            }
        },
    );
    assert_eq!(read, Ok(pair()));
    let on = Lane::Opened;
    let transmit = |apdu: &[u8]| Ask::Transmit { on, apdu: apdu.to_vec() };
    let expected = [
        Ask::Open(AID.to_vec()),
        transmit(&[0x80, 0xCA, 0xDF, 0x02, 0x00]),
        transmit(&[0x80, 0xCA, 0xDF, 0x02, length]),
        transmit(&[0x00, 0xC0, 0x00, 0x00, 0x00]),
        Ask::Close,
    ];
    assert_eq!(asked, expected);
}

#[test]
fn a_card_without_channels_is_asked_on_the_basic_one_but_never_past_a_modem() {
    let state = AppletState { bound: true, imsi: Imsi::parse(IMSI).ok(), order: None };
    let card = |ask| match ask {
        Ask::Open(_) => Reply::Refused([0x68, 0x81]),
        Ask::Transmit { on, apdu } => {
            assert_eq!(on, Lane::Basic);
            if apdu[1] == 0xA4 { done(&[]) } else { done(&state.encode()) }
        }
        Ask::Close | Ask::Reset => panic!("nothing was opened"),
    };
    let (read, _) = run(|port| read_state(port, AID.to_vec(), Terminal::Tool), card);
    assert_eq!(read, Ok(state));
    let (read, _) = run(|port| read_state(port, AID.to_vec(), Terminal::Modem), card);
    assert_eq!(read, Err(OnSiteError::NoChannel));
}

#[test]
fn an_error_says_what_is_missing() {
    let cases = [
        (Reply::Refused([0x6A, 0x82]), Reply::Done, OnSiteError::NoApplet),
        (Reply::Done, status(0x6985), OnSiteError::NoPair),
        (
            Reply::Done,
            status(0x6F00),
            OnSiteError::Refused { command: "GET DATA", status: Status::TechnicalProblem },
        ),
        (Reply::Done, status(0x6C00), OnSiteError::Endless { limit: PIECES_MAX }),
        (Reply::Failed, Reply::Done, OnSiteError::NoAnswer),
        (Reply::Done, Reply::Failed, OnSiteError::NoAnswer),
    ];
    for (opened, answer, error) in cases {
        let (read, _) = run(
            |port| read_pair(port, AID.to_vec(), Terminal::Tool),
            |ask| match ask {
                Ask::Open(_) => opened.clone(),
                Ask::Transmit { .. } => answer.clone(),
                Ask::Close | Ask::Reset => Reply::Done,
            },
        );
        assert_eq!(read, Err(error));
    }
}

/// A card that has something to say after the last part of a packet.
#[derive(Default)]
struct Card {
    /// How many parts it waits for.
    parts: usize,
    /// What it answers to the last one.
    report: Vec<u8>,
    wants: VecDeque<Command>,
    asked: Option<Vec<u8>>,
    results: Vec<GeneralResult>,
    envelopes: Vec<usize>,
    resets: usize,
    profile: Option<TerminalProfile>,
}

impl Card {
    fn status(&mut self) -> [u8; 2] {
        let is_time = self.envelopes.len() == self.parts;
        let next = if is_time { self.wants.pop_front() } else { None };
        let Some(command) = next else { return [0x90, 0x00] };
        let octets = ProactiveCommand::new(1, command).encode().unwrap();
        let status = polysim_cat::pending_status(&octets).unwrap();
        self.asked = Some(octets);
        status
    }

    fn take(&mut self, ask: Ask) -> Reply {
        match ask {
            Ask::Reset => {
                self.resets += 1;
                self.asked = None;
                Reply::Done
            }
            Ask::Transmit { on: Lane::Basic, apdu } => Reply::Response(self.apdu(&apdu)),
            Ask::Transmit { .. } | Ask::Open(_) | Ask::Close => panic!("it needs no channel"),
        }
    }

    fn apdu(&mut self, apdu: &[u8]) -> Vec<u8> {
        let body = apdu.get(5..).unwrap_or_default();
        match apdu[1] {
            0x10 => {
                self.profile = Some(TerminalProfile::decode(body).unwrap());
                self.status().to_vec()
            }
            0xC2 => {
                self.envelopes.push(body.len());
                let is_last = self.envelopes.len() == self.parts;
                let report = if is_last { self.report.clone() } else { Vec::new() };
                [&report[..], &self.status()].concat()
            }
            0x12 => [&self.asked.take().unwrap()[..], &[0x90, 0x00]].concat(),
            0x14 => {
                self.results.push(TerminalResponse::decode(body).unwrap().result);
                self.status().to_vec()
            }
            0xA4 => vec![0x90, 0x00],
            0xB0 => [&Imsi::parse(IMSI).unwrap().ef()[..], &[0x90, 0x00]].concat(),
            ins => panic!("INS {ins:02X}"),
        }
    }
}

fn report(packet: &[u8]) -> Vec<u8> {
    let report = deliver_report(packet).unwrap();
    report.parameters.user_data().unwrap().octets().to_vec()
}

fn send(submit: &Submit) -> Command {
    let tpdu = MobileOriginated::Submit(submit.clone()).to_octets();
    let message = SendShortMessage {
        mode: ShortMessageMode { packing: false },
        alpha: None,
        service_centre: None,
        tpdu: SmsTpdu::new(&tpdu).unwrap(),
        uri: None,
        look: polysim_cat::Look::default(),
    };
    Command::from(message)
}

fn refresh(mode: RefreshMode) -> Command {
    Command::from(Refresh::new(mode))
}

#[test]
fn a_long_packet_goes_in_parts_its_proof_comes_back_and_the_new_subscription_is_read() {
    for (mode, results) in [
        (RefreshMode::UiccReset, vec![]),
        (RefreshMode::InitialisationAndFullFileChange, vec![GeneralResult::Performed]),
    ] {
        let wants = VecDeque::from([refresh(mode)]);
        let mut card = Card { parts: 2, report: report(&[1, 2, 3]), wants, ..Card::default() };
        let flow = |port| bring(port, delivery(200), Terminal::Tool);
        let (brought, _) = run(flow, |ask| card.take(ask));
        let imsi = Imsi::parse(IMSI).ok();
        assert_eq!(brought, Ok(Brought { proof: Some(vec![1, 2, 3]), refreshed: true, imsi }));
        assert_eq!((card.envelopes.len(), card.resets), (2, 2));
        assert_eq!(card.results, results);
        assert_eq!(card.profile, Some(tool_profile()));
    }
}

#[test]
fn a_proof_that_the_card_sends_in_messages_is_put_together() {
    let number = Address::parse_dialled("+4915112345678").unwrap();
    let packet: Vec<u8> = (0..200).collect();
    let proof = submit(&packet, number, Reference::Eight(1)).unwrap();
    assert_eq!(proof.len(), 2);
    let other = Submit::new(number, UserData::from_text("hello").unwrap());
    let wants = proof.iter().chain([&other]).map(send).collect();
    // "The proof comes in a message."
    let mut card = Card { parts: 1, report: report(&[0x0B]), wants, ..Card::default() };
    let flow = |port| bring(port, delivery(20), Terminal::Tool);
    let (brought, _) = run(flow, |ask| card.take(ask));
    let brought = brought.unwrap();
    assert_eq!((brought.proof, brought.refreshed), (Some(packet), false));
    let no_service = GeneralResult::TerminalBusy(polysim_cat::TerminalProblem::NoService);
    let expected = [GeneralResult::Performed, GeneralResult::Performed, no_service];
    assert_eq!(card.results, expected, "another message has no network here");
}

#[test]
fn a_tool_is_no_device_and_gives_no_imei() {
    let imei = ProvideLocalInformation { what: LocalInformation::Imei, measurements: None };
    assert!(tool_profile().allows(&Command::from(imei.clone())).is_err());
    let wants = VecDeque::from([Command::from(imei)]);
    let mut card = Card { parts: 1, wants, ..Card::default() };
    let (brought, _) = run(|port| bring(port, delivery(20), Terminal::Tool), |ask| card.take(ask));
    assert_eq!(brought.unwrap().proof, None);
    assert_eq!(card.results, [GeneralResult::BeyondCapabilities]);
}

#[test]
fn what_the_card_wants_is_left_to_the_modem_that_holds_it() {
    let wants = VecDeque::from([refresh(RefreshMode::UiccReset)]);
    let mut card = Card { parts: 1, report: report(&[9]), wants, ..Card::default() };
    let (brought, _) = run(|port| bring(port, delivery(20), Terminal::Modem), |ask| card.take(ask));
    assert_eq!(brought, Ok(Brought { proof: Some(vec![9]), refreshed: false, imsi: None }));
    assert_eq!((card.profile, card.resets), (None, 0));
}

#[test]
fn a_busy_card_is_tried_again_and_not_for_ever() {
    for busy in [3, usize::MAX] {
        let (mut tries, mut card) = (0, Card { parts: 1, ..Card::default() });
        let (brought, waits) = run(
            |port| bring(port, delivery(20), Terminal::Tool),
            |ask| match &ask {
                Ask::Transmit { apdu, .. } if apdu[1] == 0xC2 && tries < busy => {
                    tries += 1;
                    status(0x9300)
                }
                Ask::Transmit { .. } | Ask::Open(_) | Ask::Close | Ask::Reset => card.take(ask),
            },
        );
        assert_eq!(waits, tries);
        assert_eq!(brought.is_ok(), busy == 3);
        if busy > 3 {
            assert_eq!(brought, Err(OnSiteError::Busy { tries: BUSY_TRIES }));
        }
    }
}

#[test]
fn a_proof_behind_a_warning_is_fetched_and_a_refusal_without_one_is_told() {
    for report in [report(&[5, 5]), Vec::new()] {
        let mut card = Card::default();
        let (brought, _) = run(
            |port| bring(port, delivery(20), Terminal::Tool),
            |ask| match &ask {
                Ask::Transmit { apdu, .. } if apdu[1] == 0xC2 => status(0x6200),
                Ask::Transmit { apdu, .. } if apdu[1] == 0xC0 && report.is_empty() => {
                    status(0x6F00)
                }
                Ask::Transmit { apdu, .. } if apdu[1] == 0xC0 => done(&report),
                Ask::Transmit { .. } | Ask::Open(_) | Ask::Close | Ask::Reset => card.take(ask),
            },
        );
        if report.is_empty() {
            let status = Status::WarningStateUnchanged;
            assert_eq!(brought, Err(OnSiteError::Refused { command: "ENVELOPE", status }));
        } else {
            assert_eq!(brought.unwrap().proof, Some(vec![5, 5]));
        }
    }
}

#[test]
fn a_card_that_wants_something_for_ever_is_left() {
    let imei =
        Command::from(ProvideLocalInformation { what: LocalInformation::Imei, measurements: None });
    let wants = VecDeque::from(vec![imei; COMMANDS_MAX + 2]);
    let mut card = Card { parts: 1, wants, ..Card::default() };
    let (brought, _) = run(|port| bring(port, delivery(20), Terminal::Tool), |ask| card.take(ask));
    assert_eq!(brought, Err(OnSiteError::Endless { limit: COMMANDS_MAX }));
}

fn any_reply() -> impl Strategy<Value = Reply> {
    let status = prop_oneof![
        Just([0x90, 0x00]),
        Just([0x91, 0x20]),
        Just([0x61, 0x10]),
        Just([0x6C, 0x05]),
        Just([0x93, 0x00]),
        any::<[u8; 2]>(),
    ];
    let response = (proptest::collection::vec(any::<u8>(), 0..40), status)
        .prop_map(|(data, status)| Reply::Response([&data[..], &status].concat()));
    prop_oneof![
        8 => response,
        1 => Just(Reply::Done),
        1 => any::<[u8; 2]>().prop_map(Reply::Refused),
        1 => Just(Reply::Unable),
        1 => Just(Reply::Failed),
        1 => proptest::collection::vec(any::<u8>(), 0..4).prop_map(Reply::Response),
    ]
}

proptest! {
    #[test]
    fn every_flow_ends_whatever_a_card_says(
        replies in proptest::collection::vec(any_reply(), 1..40),
        octets in 1..400_usize,
    ) {
        for terminal in [Terminal::Tool, Terminal::Modem] {
            let mut said = replies.iter().cloned().cycle();
            let mut card = |_| said.next().unwrap();
            drop(run(|port| read_pair(port, AID.to_vec(), terminal), &mut card));
            drop(run(|port| read_state(port, AID.to_vec(), terminal), &mut card));
            drop(run(|port| bring(port, delivery(octets), terminal), &mut card));
        }
    }
}
