use polysim_cat::{Command, Feature};
use serde_json::Value;

use super::{NotSent, PROACTIVE_QUEUE_MAX, TOOLKIT_EVENTS_MAX, ToolkitEvent, ToolkitFull};
use crate::remote::tests::{command_of, exchange, fetch};
use crate::testkit::card;
use crate::tests::{hex, send};
use crate::{Card, PinConfig};

const OK: [u8; 2] = [0x90, 0x00];
const PROFILE: &str = "8010000004FFFFFFFF";
/// PROVIDE LOCAL INFORMATION, command 1.
const COMMAND: &str = "D009810301260182028182";
const RESPONSE: &str = "801400000C810301260182028281830100";
const STATUS: &str = "80F2000C";

fn pushed() -> Card {
    let mut card = card(PinConfig::default());
    card.push_proactive(command_of(COMMAND)).unwrap();
    card
}

#[test]
fn ts_102_221_7_4_2_one_command_at_a_time() {
    let mut card = pushed();
    card.push_proactive(command_of("D009810302260182028182")).unwrap();
    // Nothing before TERMINAL PROFILE.
    assert_eq!(send(&mut card, STATUS), OK);
    assert_eq!(send(&mut card, "801200000B"), [0x69, 0x85]);
    assert_eq!(send(&mut card, PROFILE), [0x91, 0x0B]);
    assert_eq!(send(&mut card, STATUS), [0x91, 0x0B]);
    // Only 9000 is replaced.
    assert_eq!(send(&mut card, "00A4000C026F99"), [0x6A, 0x82]);
    assert_eq!(send(&mut card, "00A40004023F00")[0], 0x61);
    let fcp = send(&mut card, "00C0000000");
    assert_eq!(fcp[fcp.len() - 2..], [0x91, 0x0B]);
    assert_eq!(send(&mut card, "801200000C"), [0x6C, 0x0B]);
    assert_eq!(send(&mut card, "801200000B"), [hex(COMMAND), OK.to_vec()].concat());
    // The second waits until the first is answered, by an answer that is to it.
    assert_eq!(send(&mut card, STATUS), OK);
    assert_eq!(send(&mut card, "801200000B"), [0x69, 0x85]);
    assert_eq!(send(&mut card, &RESPONSE.replace("01260", "02260")), [0x6A, 0x80]);
    assert_eq!(send(&mut card, RESPONSE), [0x91, 0x0B]);
    assert_eq!(send(&mut card, "8012000000")[4], 0x02);
    assert_eq!(send(&mut card, &RESPONSE.replace("01260", "02260")), OK);
    assert_eq!(send(&mut card, RESPONSE), [0x69, 0x85]);
}

#[test]
fn a_reset_ends_the_session() {
    let mut card = pushed();
    send(&mut card, PROFILE);
    send(&mut card, "801200000B");
    card.reset().unwrap();
    assert_eq!(send(&mut card, PROFILE), OK);
    assert_eq!(send(&mut card, RESPONSE), [0x69, 0x85]);
    assert_eq!(send(&mut card, "80C2000003D60101"), OK);
}

#[test]
fn what_the_terminal_says_is_kept_for_who_listens() {
    const NO_SERVICE: &str = "80C200000CD60A190103820282811B0102";
    let mut card = pushed();
    card.listen_toolkit(true);
    send(&mut card, PROFILE);
    send(&mut card, "801200000B");
    send(&mut card, RESPONSE);
    assert_eq!(send(&mut card, NO_SERVICE), OK);
    assert_eq!(send(&mut card, "80C2000003D60101"), [0x6A, 0x80]);
    let Some(ToolkitEvent::Profile(profile)) = card.take_toolkit_event() else { panic!() };
    assert_eq!(profile.octets(), [0xFF; 4]);
    let Some(ToolkitEvent::Response(response)) = card.take_toolkit_event() else { panic!() };
    assert_eq!(response.encode(), Ok(hex(&RESPONSE[10..])));
    let Some(ToolkitEvent::Envelope(envelope)) = card.take_toolkit_event() else { panic!() };
    assert_eq!(envelope.encode(), Ok(hex(&NO_SERVICE[10..])));
    assert_eq!(card.take_toolkit_event(), None);
    for _ in 0..TOOLKIT_EVENTS_MAX {
        assert_eq!(send(&mut card, NO_SERVICE), OK);
    }
    assert_eq!(send(&mut card, NO_SERVICE), [0x93, 0x00]);
    card.take_toolkit_event().unwrap();
    assert_eq!(send(&mut card, NO_SERVICE), OK);
    card.listen_toolkit(false);
    assert_eq!(card.take_toolkit_event(), None);
}

#[test]
fn commands_that_wait_are_bounded() {
    let mut card = card(PinConfig::default());
    for _ in 0..PROACTIVE_QUEUE_MAX {
        card.push_proactive(command_of(COMMAND)).unwrap();
    }
    assert_eq!(card.push_proactive(command_of(COMMAND)), Err(ToolkitFull { limit: 16 }));
}

#[test]
fn what_the_terminal_cannot_do_is_not_sent_and_told() {
    let mut card = card(PinConfig::default());
    card.listen_toolkit(true);
    // REFRESH, and nothing else.
    assert_eq!(send(&mut card, "8010000003000080"), OK);
    card.push_proactive(command_of(COMMAND)).unwrap();
    card.push_proactive(command_of("D009810301010482028182")).unwrap();
    assert_eq!(send(&mut card, STATUS), [0x91, 0x0B]);
    assert!(matches!(fetch(&mut card), Some(Command::Refresh(_))));
    assert!(matches!(card.take_toolkit_event(), Some(ToolkitEvent::Profile(_))));
    let Some(ToolkitEvent::NotSent(command, reason)) = card.take_toolkit_event() else { panic!() };
    assert!(matches!(*command, Command::ProvideLocalInformation(_)));
    assert_eq!(reason, NotSent::NotAllowed(Feature::LocalInformation));
}

#[test]
fn commands_are_numbered_from_1_to_254_and_again() {
    let mut card = pushed();
    send(&mut card, PROFILE);
    for expected in (1..=254).chain(1..=3) {
        card.push_proactive(command_of(COMMAND)).unwrap();
        let command = send(&mut card, "8012000000");
        assert_eq!(command[4], expected);
        let response = RESPONSE.replace("810301", &format!("8103{expected:02X}"));
        assert_eq!(send(&mut card, &response), [0x91, 0x0B]);
    }
}

#[test]
fn a_response_that_cannot_be_read_ends_its_command_all_the_same() {
    let mut card = pushed();
    send(&mut card, PROFILE);
    send(&mut card, "801200000B");
    // No result.
    assert_eq!(
        send(&mut card, "801400000981030126018202828 1".replace(' ', "").as_str()),
        [0x6A, 0x80]
    );
    assert_eq!(send(&mut card, RESPONSE), [0x69, 0x85]);
    card.push_proactive(command_of(COMMAND)).unwrap();
    assert_eq!(send(&mut card, STATUS), [0x91, 0x0B]);
}

#[test]
fn recorded_commands_go_out_as_they_are_and_take_their_responses() {
    let all: Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/cat.json")).unwrap();
    let mut card = card(PinConfig::default());
    let (mut sent, mut answered) = (0, 0);
    for case in all["cases"].as_array().unwrap() {
        let text = |key: &str| case[key].as_str().unwrap();
        match text("kind") {
            "proactive" => {
                card.reset().unwrap();
                send(&mut card, &format!("8010000028{}", "FF".repeat(40)));
                card.push_proactive(command_of(text("hex"))).unwrap();
                assert_eq!(send(&mut card, STATUS), hex(text("sw_before")), "{}", text("name"));
                let fetched = send(&mut card, text("fetch_apdu"));
                assert_eq!(fetched, [hex(text("hex")), OK.to_vec()].concat());
                sent += 1;
            }
            "terminal_response" => {
                let own = send(&mut card, text("apdu"));
                // Several are given for one command: the first ends it.
                answered += usize::from(own == OK);
                assert!(own == OK || own == [0x69, 0x85] || own == [0x6A, 0x80]);
            }
            _ => assert_eq!(exchange(&mut card, &hex(text("apdu"))), OK, "{}", text("name")),
        }
    }
    assert_eq!((sent, answered), (16, 8));
}
