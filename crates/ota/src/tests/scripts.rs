//! Scripts and their answers. Examples without another source follow from TS 102.226, 5.

use std::vec::Vec;

use polysim_apdu::{ApduError, CommandApdu, Header, Le, Status};
use polysim_base::tlv::TlvError;

use super::hex;
use crate::script::*;

const SELECT: Header = Header::new(0x00, 0xA4, 0x00, 0x0C);
const READ: Header = Header::new(0x00, 0xB0, 0x00, 0x00);

fn commands(octets: &str, management: Management) -> Vec<Result<Vec<u8>, ScriptError>> {
    let octets = hex(octets);
    let commands = CompactScript::commands(&octets, management);
    commands.map(|command| command.map(|command| command.to_vec())).collect()
}

#[test]
fn a_compact_script_is_its_commands_one_behind_the_other() {
    let mut script = CompactScript::new();
    let select = CommandApdu::new(SELECT, &[0x6F, 0x07], None).unwrap();
    script.push(&select).unwrap();
    script.push(&CommandApdu::new(READ, &[], Le::new(9)).unwrap()).unwrap();
    script.push(&CommandApdu::new(READ, &[], Some(Le::ANY)).unwrap()).unwrap();
    // Le has no place behind data.
    script.push(&CommandApdu::new(SELECT, &[0x3F, 0x00], Some(Le::ANY)).unwrap()).unwrap();
    assert_eq!(script.octets(), hex("00A4000C026F07 00B0000009 00B0000000 00A4000C023F00"));
    let again: Vec<_> =
        CompactScript::commands(script.octets(), Management::Files).map(Result::unwrap).collect();
    assert_eq!(again[0], select);
    assert_eq!((again[1].le(), again[2].le()), (Le::new(9), Some(Le::ANY)));
    assert_eq!(again.len(), 4);

    let long = [0; 256];
    let long = CommandApdu::new(SELECT, &long, None).unwrap();
    assert_eq!(script.push(&long), Err(ApduError::TooLong { len: 256, limit: 255 }));
    let far = CommandApdu::new(READ, &[], Some(Le::ANY_EXTENDED)).unwrap();
    assert_eq!(script.push(&far), Err(ApduError::TooLong { len: 65_536, limit: 256 }));
}

#[test]
fn what_is_managed_decides_what_an_instruction_means() {
    // GET STATUS of GlobalPlatform sends, STATUS of TS 102.221 fetches.
    let octets = "80F24002024F0000C000001C";
    let applications = commands(octets, Management::Applications);
    assert_eq!(applications, [Ok(hex("80F24002024F00")), Ok(hex("00C000001C"))]);
    let files = commands("80F2000202", Management::Files);
    assert_eq!(files, [Ok(hex("80F2000202"))]);
    let data = commands("80CA00E000", Management::Applications);
    assert_eq!(data, [Ok(hex("80CA00E000"))]);
    // What nobody knows sends; the card refuses it by its instruction.
    let unknown = commands("00FF000001AA", Management::Files);
    assert_eq!(unknown, [Ok(hex("00FF000001AA"))]);
}

#[test]
fn a_compact_script_that_is_cut_says_where() {
    let cut = commands("00A4000C026F0700D6000009", Management::Files);
    let error = ScriptError::Truncated { at: 7, needed: 14, left: 5 };
    assert_eq!(cut, [Ok(hex("00A4000C026F07")), Err(error)]);
    let cut = commands("00A4000C026F0700D600", Management::Files);
    assert_eq!(cut[1], Err(ScriptError::Truncated { at: 7, needed: 5, left: 3 }));
    assert_eq!(cut.len(), 2);
}

#[test]
fn a_compact_response_has_a_count_a_status_and_data() {
    let response = CompactResponse::parse(&hex("029000AABB")).unwrap();
    assert_eq!((response.executed, response.status), (2, Status::from(0x9000)));
    assert_eq!((response.data.clone(), response.octets()), (hex("AABB"), hex("029000AABB")));
    let error = ScriptError::Truncated { at: 0, needed: 3, left: 2 };
    assert_eq!(CompactResponse::parse(&[1, 0x90]), Err(error));
}

/// The C-APDU of the GET STATUS example of pySim's test suite.
#[test]
fn an_expanded_script_has_a_definite_or_an_indefinite_length() {
    let command = hex("80F24002024F0000");
    let command = CommandApdu::parse(&command).unwrap();
    let mut script = ExpandedScript::of_commands([&command]);
    assert_eq!(script.octets(), hex("AA0A220880F24002024F0000"));
    assert_eq!(ExpandedScript::parse(&script.octets()), Ok(script.clone()));
    script.coding = LengthCoding::Indefinite;
    assert_eq!(script.octets(), hex("AE80220880F24002024F00000000"));
    assert_eq!(ExpandedScript::parse(&script.octets()), Ok(script));

    let data = [0x5A; 195];
    let long = CommandApdu::new(Header::new(0x80, 0xF2, 0x40, 0), &data, None).unwrap();
    let octets = ExpandedScript::of_commands([&long]).octets();
    assert_eq!(octets[..6], hex("AA81CB2281C8"));
}

#[test]
fn an_expanded_script_says_what_else_is_to_be_done() {
    let octets =
        hex("AA1F 830111 810105 810181 810182 81028101 8200 82017F 8202 8101 220400A40000");
    let script = ExpandedScript::parse(&octets).unwrap();
    assert_eq!(script.chaining, Some(Chaining::FirstAcrossReset));
    let action = ActionCommand::new(hex("8101")).unwrap();
    let expected = [
        Step::Immediate(Action::Record(ActionRecord::new(5).unwrap())),
        Step::Immediate(Action::ProactiveSession),
        Step::Immediate(Action::EarlyResponse),
        Step::Immediate(Action::Proactive(action.clone())),
        Step::OnError(ErrorAction::None),
        Step::OnError(ErrorAction::Record(ActionRecord::new(0x7F).unwrap())),
        Step::OnError(ErrorAction::Proactive(action)),
        Step::Command(hex("00A40000")),
    ];
    assert_eq!(script.steps, expected);
    assert_eq!(script.octets(), octets);
    assert_eq!((ActionRecord::new(0), ActionRecord::new(0x80)), (None, None));
    assert_eq!(ActionCommand::new(hex("81")), None);
}

#[test]
fn a_malformed_expanded_script_says_where_and_how() {
    let value = |at, tag| ScriptError::Value { at, tag };
    for (octets, error, answer) in [
        ("", ScriptError::Truncated { at: 0, needed: 2, left: 0 }, BadFormat::WrongLength),
        ("AB00", ScriptError::Tag { at: 0, tag: 0xAB }, BadFormat::UnknownTag),
        ("AA022400", ScriptError::Tag { at: 2, tag: 0x24 }, BadFormat::UnknownTag),
        ("AA0000", ScriptError::Trailing { at: 2 }, BadFormat::UnknownTag),
        ("AE8000000A", ScriptError::Trailing { at: 4 }, BadFormat::UnknownTag),
        ("AA038301FF", value(2, 0x83), BadFormat::WrongLength),
        ("AA03810180", value(2, 0x81), BadFormat::WrongLength),
        ("AA028100", value(2, 0x81), BadFormat::WrongLength),
        ("AA05 8200 830101", ScriptError::Tag { at: 4, tag: 0x83 }, BadFormat::UnknownTag),
        (
            "AA05 220300A400",
            ScriptError::Apdu { at: 2, error: ApduError::Short { len: 3, min: 4 } },
            BadFormat::WrongLength,
        ),
        (
            "AA05 8200 220500",
            ScriptError::Tlv(TlvError::ValueTooLong { at: 4, len: 5, left: 1 }),
            BadFormat::WrongLength,
        ),
        ("AA03 8200 22", ScriptError::Tlv(TlvError::Truncated { at: 4 }), BadFormat::NoLength),
        ("AE808200", ScriptError::Tlv(TlvError::Truncated { at: 4 }), BadFormat::NoLength),
    ] {
        let found = ExpandedScript::parse(&hex(octets)).unwrap_err();
        assert_eq!((&found, found.bad_format()), (&error, answer), "{octets}: {found}");
    }
}

/// The first three are of pySim's test suite, the fourth of a card answering over HTTPS.
#[test]
fn expanded_responses() {
    for (octets, executed, last) in [
        ("AB0780010123026132", Some(1), Some(("", 0x6132))),
        ("AB06800101900101", Some(1), None),
        ("AB06800101830102", Some(1), None),
        ("AF80230490009000 0000", None, Some(("9000", 0x9000))),
        ("AB0880020080 23029000", Some(128), Some(("", 0x9000))),
        ("AB0980030080FF 23029000", Some(0x80FF), Some(("", 0x9000))),
    ] {
        let octets = hex(octets);
        let response = ExpandedResponse::parse(&octets).unwrap();
        assert_eq!(response.octets(), octets);
        assert_eq!(response.executed, executed);
        let found = response.last().map(|last| (last.data.clone(), u16::from(last.status)));
        assert_eq!(found, last.map(|(data, status)| (hex(data), status)));
    }
    let response = ExpandedResponse::parse(&hex("AB06800101900101")).unwrap();
    assert_eq!(response.findings, [Finding::BadFormat(BadFormat::UnknownTag)]);
    let response = ExpandedResponse::parse(&hex("AB06800101830102")).unwrap();
    assert_eq!(response.findings, [Finding::Chaining(ChainingFailure::NotSupported)]);
    let response = ExpandedResponse::parse(&hex("AB06800101810101")).unwrap();
    assert_eq!(response.findings, [Finding::ImmediateAction(std::vec![1])]);
    for number in ["0180", "03000005", "020005", "00", "0400000001"] {
        let value = hex(number);
        let octets = [&[0xAB, u8::try_from(value.len()).unwrap() + 1, 0x80][..], &value].concat();
        let error = ScriptError::Value { at: 2, tag: 0x80 };
        assert_eq!(ExpandedResponse::parse(&octets), Err(error), "{number}");
    }
    let missing = ExpandedResponse::parse(&hex("AB0423029000"));
    assert_eq!(missing, Err(ScriptError::Tag { at: 2, tag: 0x23 }));
}

#[test]
fn what_a_script_carries_is_not_shown() {
    let mut compact = CompactScript::new();
    let data = [0x4B, 0x69];
    let secret = CommandApdu::new(Header::new(0x00, 0xD6, 0, 0), &data, None).unwrap();
    compact.push(&secret).unwrap();
    let expanded = ExpandedScript::of_commands([&secret]);
    let shown = std::format!("{compact:?} {expanded:?}").to_lowercase();
    assert!(!shown.contains("4b69") && !shown.contains("75, 105"), "{shown}");
    assert!(shown.contains("00d60000"), "{shown}");
}
