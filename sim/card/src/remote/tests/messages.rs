//! Messages of several parts, texts, and a toolkit that is busy.

use super::*;
use crate::{CardFault, FaultSpan, PROACTIVE_QUEUE_MAX};

/// A script that fills several messages: the number of the second file written.
fn long(server: &mut Sender) -> Sealed {
    let fill = format!("00D60000F0{}", "A5".repeat(240));
    let commands = ["00A4000C026F7B", &fill, WRITE_IMSI[0], WRITE_IMSI[1]];
    server.seal(Tar::USIM_FILES, Spi::FULL, &script(&commands)).unwrap()
}

#[test]
fn parts_are_joined_in_any_order_with_either_kind_of_reference() {
    for reference in [Reference::Eight(200), Reference::Sixteen(0x1234)] {
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            let (mut card, mut server) = (card(), server());
            let sealed = long(&mut server);
            let parts = messages(&sealed.packet, reference);
            assert_eq!(parts.len(), 3);
            for &part in &order[..2] {
                for _ in 0..2 {
                    assert_eq!(exchange(&mut card, &envelope(&parts[part])), [0x90, 0x00]);
                }
            }
            let answer = exchange(&mut card, &envelope(&parts[order[2]]));
            // EF.FPLMN is shorter: the script ends there.
            let (status, data) = proof(&sealed.expected, &answer);
            assert_eq!((status, data), (StatusCode::Ok, hex("026700")));
        }
    }
}

#[test]
fn a_reset_forgets_parts_and_the_oldest_give_way_to_new_ones() {
    let (mut card, mut server) = (card(), server());
    let sealed = long(&mut server);
    let parts = messages(&sealed.packet, Reference::Eight(1));
    exchange(&mut card, &envelope(&parts[0]));
    exchange(&mut card, &envelope(&parts[1]));
    card.reset().unwrap();
    assert_eq!(exchange(&mut card, &envelope(&parts[2])), [0x90, 0x00]);
    for other in 10..30 {
        let parts = messages(&sealed.packet, Reference::Eight(other));
        assert_eq!(exchange(&mut card, &envelope(&parts[0])), [0x90, 0x00]);
    }
    let answer = download(&mut card, &sealed.packet);
    assert_eq!(proof(&sealed.expected, &answer).0, StatusCode::Ok);
}

#[test]
fn a_text_for_a_card_is_passed_over_and_what_is_no_message_refused() {
    let mut card = card();
    let packet = seal(&mut server(), Spi::FULL).packet;
    let mut message = messages(&packet, Reference::Eight(1)).remove(0);
    message.user_data = polysim_sms::UserData::from_text("hello").unwrap();
    assert_eq!(exchange(&mut card, &envelope(&message)), [0x90, 0x00]);
    assert_eq!(exchange(&mut card, &hex("80C2000003D60101")), [0x6A, 0x80]);
    // An envelope, and a DELIVER that ends in its address.
    assert_eq!(exchange(&mut card, &hex("80C200000BD109820283818B03000991")), [0x6A, 0x80]);
    assert_eq!(card.counter(version(1)), Some(Counter::ZERO));
}

#[test]
fn a_busy_toolkit_refuses_an_envelope_before_anything_is_done() {
    let (mut card, mut server) = (card(), server());
    let sealed = seal(&mut server, Spi::FULL);
    card.inject(CardFault::ToolkitBusy, FaultSpan::Commands(2));
    for _ in 0..2 {
        assert_eq!(download(&mut card, &sealed.packet), [0x93, 0x00]);
    }
    assert_eq!(card.counter(version(1)), Some(Counter::ZERO));
    // So it is while too many commands wait.
    for _ in 0..PROACTIVE_QUEUE_MAX {
        card.push_proactive(command_of("D009810301010482028182")).unwrap();
    }
    assert_eq!(download(&mut card, &sealed.packet), [0x93, 0x00]);
    fetch(&mut card).unwrap();
    assert_eq!(proof(&sealed.expected, &download(&mut card, &sealed.packet)).0, StatusCode::Ok);
}
