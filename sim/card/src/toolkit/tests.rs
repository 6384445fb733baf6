use super::{PROACTIVE_QUEUE_MAX, TOOLKIT_EVENTS_MAX, ToolkitError, ToolkitEvent};
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
    card.push_proactive(hex(COMMAND)).unwrap();
    card
}

#[test]
fn ts_102_221_7_4_2_one_command_at_a_time() {
    let mut card = pushed();
    card.push_proactive(hex("D009810302260182028182")).unwrap();
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
    let mut card = pushed();
    card.listen_toolkit(true);
    send(&mut card, PROFILE);
    send(&mut card, "801200000B");
    send(&mut card, RESPONSE);
    assert_eq!(send(&mut card, "80C2000003D60101"), OK);
    assert_eq!(card.take_toolkit_event(), Some(ToolkitEvent::Profile(vec![0xFF; 4])));
    assert_eq!(card.take_toolkit_event(), Some(ToolkitEvent::Response(hex(&RESPONSE[10..]))));
    assert_eq!(card.take_toolkit_event(), Some(ToolkitEvent::Envelope(hex("D60101"))));
    assert_eq!(card.take_toolkit_event(), None);
    for _ in 0..TOOLKIT_EVENTS_MAX {
        assert_eq!(send(&mut card, "80C2000003D60101"), OK);
    }
    assert_eq!(send(&mut card, "80C2000003D60101"), [0x93, 0x00]);
    card.take_toolkit_event().unwrap();
    assert_eq!(send(&mut card, "80C2000003D60101"), OK);
    card.listen_toolkit(false);
    assert_eq!(card.take_toolkit_event(), None);
}

#[test]
fn what_is_no_command_is_not_queued() {
    let mut card = card(PinConfig::default());
    for bad in
        ["", "D0", "D100", "D00482028182", "D00981030126018202818200", "D109810301260182028182"]
    {
        let refused = card.push_proactive(hex(bad));
        assert!(matches!(refused, Err(ToolkitError::Malformed(_))), "{bad}");
    }
    assert!(matches!(
        card.push_proactive(vec![0xD0; 256]),
        Err(ToolkitError::TooLong { len: 256, limit: 255 })
    ));
    for _ in 0..PROACTIVE_QUEUE_MAX {
        card.push_proactive(hex(COMMAND)).unwrap();
    }
    assert_eq!(card.push_proactive(hex(COMMAND)), Err(ToolkitError::Full { limit: 16 }));
}
