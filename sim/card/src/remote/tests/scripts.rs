//! Scripts in both formats on the file system of the card.

use polysim_apdu::KeyRef;
use polysim_ota::script::{
    Action, ActionCommand, BadFormat, Chaining, ChainingFailure, ErrorAction, ExpandedResponse,
    ExpandedScript, Finding, LengthCoding, Step,
};

use super::*;
use crate::{CardFault, FaultSpan};
use polysim_apdu::Status;

fn expanded(card: &mut Card, server: &mut Sender, octets: &[u8]) -> ExpandedResponse {
    let sealed = server.seal(Tar::USIM_FILES, Spi::FULL, octets).unwrap();
    let answer = download(card, &sealed.packet);
    let (status, data) = proof(&sealed.expected, &answer);
    assert_eq!(status, StatusCode::Ok);
    ExpandedResponse::parse(&data).unwrap()
}

fn words(response: &ExpandedResponse) -> Vec<[u8; 2]> {
    let findings = response.findings.iter();
    findings
        .filter_map(|finding| match finding {
            Finding::Command(answer) => Some(answer.status.to_bytes()),
            Finding::BadFormat(_) | Finding::ImmediateAction(_) | Finding::Chaining(_) => None,
        })
        .collect()
}

#[test]
fn a_compact_script_ends_at_the_first_failure_and_answers_the_last_command() {
    let (mut card, mut server) = (card(), server());
    for (commands, answer) in [
        (&["00A4000C026F07", "00B0000009"][..], "0290000809101000000010 32"),
        (&["00A40004026FFF", "00B0000009"], "016A82"),
        (&["00A4000C026F07", "00D6000A0108", "00D600000108"], "026B00"),
        // Case 4 without Le: the answer waits for GET RESPONSE.
        (&["00A40004026F07"], "016127"),
        (&["00A40004026F07", "00C0000004"], "026123 62258202"),
        (&["00C0000004"], "016985"),
        (&["0070000001"], "016D00"),
        (&["0088008100"], "016D00"),
        (&["80C20000"], "016D00"),
        (&["01A4000C026F07"], "016881"),
        (&["A0A40000026F07"], "01 9F0F"),
        (&["A0A40000026FFF"], "01 9404"),
    ] {
        let found = run(&mut card, &mut server, Tar::USIM_FILES, commands);
        assert_eq!(found.octets(), hex(&answer.replace(' ', "")), "{commands:?}");
    }
    assert_eq!(run(&mut card, &mut server, Tar::USIM_FILES, &[]).octets(), hex("009000"));
    // One that ends within a command.
    let sealed = server.seal(Tar::USIM_FILES, Spi::FULL, &hex("00A4000C026F0700D6000009")).unwrap();
    let answer = download(&mut card, &sealed.packet);
    assert_eq!(proof(&sealed.expected, &answer).1, hex("026700"));
}

#[test]
fn an_expanded_script_answers_each_command() {
    let (mut card, mut server) = (card(), server());
    let commands: Vec<Step> =
        [WRITE_IMSI[0], WRITE_IMSI[1], "00B0000009", "00A4000C026FFF", "00B0000001"]
            .iter()
            .map(|command| Step::Command(hex(command)))
            .collect();
    for coding in [LengthCoding::Definite, LengthCoding::Indefinite] {
        let script = ExpandedScript { coding, steps: commands.clone(), chaining: None };
        let response = expanded(&mut card, &mut server, &script.octets());
        let executed = (coding == LengthCoding::Definite).then_some(4);
        assert_eq!(response.executed, executed);
        assert_eq!(words(&response), [[0x90, 0], [0x90, 0], [0x90, 0], [0x6A, 0x82]]);
        let Finding::Command(read) = &response.findings[2] else { panic!() };
        assert_eq!(read.data, hex(IMSI));
    }
    assert_eq!(imsi(&card), hex(IMSI));
}

#[test]
fn actions_of_a_script_become_proactive_commands() {
    let (mut card, mut server) = (card(), server());
    let action = |octets: &str| ActionCommand::new(hex(octets)).unwrap();
    let refresh = action("810301010482028182");
    let refresh_text = action("810301218082028102 8D03044F4B".replace(' ', "").as_str());
    let steps = vec![
        Step::OnError(ErrorAction::Proactive(refresh_text)),
        Step::Immediate(Action::Proactive(refresh)),
        Step::Immediate(Action::EarlyResponse),
        Step::Command(hex("00A4000C026FFF")),
        Step::Command(hex(WRITE_IMSI[0])),
    ];
    let script = ExpandedScript { steps, ..ExpandedScript::default() };
    let response = expanded(&mut card, &mut server, &script.octets());
    assert_eq!((response.executed, words(&response)), (Some(3), Vec::new()));
    assert!(matches!(fetch(&mut card), Some(Command::Refresh(_))));
    assert!(matches!(fetch(&mut card), Some(Command::DisplayText(_))));
    assert_eq!(fetch(&mut card), None);
    let steps = vec![Step::Immediate(Action::ProactiveSession), Step::Command(hex(WRITE_IMSI[0]))];
    let script = ExpandedScript { steps, ..ExpandedScript::default() };
    let response = expanded(&mut card, &mut server, &script.octets());
    assert_eq!(response.findings, [Finding::ImmediateAction(vec![1])]);
}

#[test]
fn what_cannot_be_done_of_a_script_is_said() {
    let (mut card, mut server) = (card(), server());
    let script = ExpandedScript { chaining: Some(Chaining::First), ..ExpandedScript::default() };
    let response = expanded(&mut card, &mut server, &script.octets());
    assert_eq!(response.findings, [Finding::Chaining(ChainingFailure::NotSupported)]);
    let response = expanded(&mut card, &mut server, &hex("AA0399010 0".replace(' ', "").as_str()));
    assert_eq!(response.findings, [Finding::BadFormat(BadFormat::UnknownTag)]);
}

#[test]
fn a_script_has_rights_and_selection_of_its_own() {
    // Without ADM1, EF.IMSI cannot be written.
    let ota = usim_with(|files| files.access = vec![KeyRef::PIN1]);
    let (mut card, mut server) = (card_with(config(ota), &ALL), server());
    let answer = run(&mut card, &mut server, Tar::USIM_FILES, &WRITE_IMSI);
    assert_eq!(answer.octets(), hex("026982"));
    // The terminal gains nothing by a script, and loses nothing.
    let mut card = super::card();
    let mut server = super::server();
    assert_eq!(exchange(&mut card, &hex("0070000001")), [0x01, 0x90, 0x00]);
    let select = "A4040C07A0000000871002";
    assert_eq!(exchange(&mut card, &hex(&format!("01{select}"))), [0x90, 0x00]);
    assert_eq!(exchange(&mut card, &hex(&format!("00{select}"))), [0x90, 0x00]);
    assert_eq!(exchange(&mut card, &hex("00A4000C026FAD")), [0x90, 0x00]);
    assert_eq!(exchange(&mut card, &hex("01A4000C026F07")), [0x90, 0x00]);
    run(&mut card, &mut server, Tar::UICC_FILES, &["00A4000C022F05"]);
    run(&mut card, &mut server, Tar::USIM_FILES, &WRITE_IMSI);
    assert_eq!(exchange(&mut card, &hex("00B0000004")).len(), 6);
    assert_eq!(exchange(&mut card, &hex("01B0000009")), hex(&format!("{IMSI}9000")));
    assert_eq!(exchange(&mut card, &hex("01D600000108")), [0x69, 0x82]);
    assert!(!card.pin(KeyRef::ADM1).unwrap().verified);
}

#[test]
fn a_write_that_fails_is_in_the_proof() {
    let (mut card, mut server) = (card(), server());
    card.inject(CardFault::RefuseWrites(Status::MemoryProblem), FaultSpan::Commands(1));
    let answer = run(&mut card, &mut server, Tar::USIM_FILES, &WRITE_IMSI);
    assert_eq!(answer.octets(), hex("026581"));
    let answer = run(&mut card, &mut server, Tar::USIM_FILES, &WRITE_IMSI);
    assert_eq!(answer.octets(), hex("029000"));
}

#[test]
fn a_script_that_blocks_a_pin_ends_what_the_terminal_had_verified_by_it() {
    let (mut card, mut server) = (card(), server());
    exchange(&mut card, &hex("002800010831323334FFFFFFFF"));
    let rights = |card: &Card| card.pin(KeyRef::PIN1).map(|pin| (pin.verified, pin.tries));
    assert_eq!(rights(&card), Some((true, 3)));
    let wrong = "002000010839393939FFFFFFFF";
    run(&mut card, &mut server, Tar::USIM_FILES, &[wrong]);
    assert_eq!(rights(&card), Some((true, 2)), "its own rights are its own");
    for _ in 0..2 {
        run(&mut card, &mut server, Tar::USIM_FILES, &[wrong]);
    }
    assert_eq!(rights(&card), Some((false, 0)));
}
