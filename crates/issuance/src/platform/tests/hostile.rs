//! What somebody can do to a platform who has no keys, or those of one card alone.

use alloc::vec::Vec;

use polysim_ota::{Counter, Protection, Response, StatusCode};

use super::rig::Rig;
use super::{TAR, eid, number};
use crate::platform::{Alarm, CardState, PlatformInput, StreamEvent};
use crate::wire::stream::STREAM_PACKET_MAX;
use crate::wire::{Method, StreamId};

#[test]
fn a_text_that_nobody_has_signed_does_not_end_an_order_that_the_card_carried_out() {
    for status in [StatusCode::CheckFailed, StatusCode::TarUnknown, StatusCode::InsufficientMemory]
    {
        let mut rig = Rig::new();
        rig.bound(1);
        rig.order(1, 1, 1000, Method::Applet);
        for _ in 0..4 {
            let text = rig.next_text();
            rig.card(1).take(&text.packet);
            let data = Vec::new();
            let forged = Response { tar: TAR, counter: Counter::ZERO, status, data };
            let packet = forged.seal(&Protection::NONE).unwrap();
            rig.give(PlatformInput::Proof { from: number(1), packet });
            let alarm = Alarm::Security { eid: eid(1), status: status.octet() };
            assert_eq!(rig.alarms(), [alarm]);
        }
        assert!(matches!(rig.state(1), Some(CardState::Pending { .. })), "{:?}", rig.state(1));
    }
}

#[test]
fn a_connection_takes_no_more_memory_than_what_is_not_whole_yet() {
    let mut rig = Rig::new();
    let stream = StreamId(1);
    // Empty packets, and the beginning of another.
    let octets = [0].repeat(60_001);
    rig.give(PlatformInput::Stream { stream, event: StreamEvent::Data(octets) });
    let kept = &rig.platform.flight.streams[&stream];
    assert_eq!(kept.len(), 1);
    assert!(kept.capacity() <= STREAM_PACKET_MAX, "{}", kept.capacity());
}

#[test]
fn a_card_that_speaks_without_end_does_not_keep_others_waiting() {
    let mut rig = Rig::new();
    for n in [1, 2] {
        rig.bound(n);
    }
    for _ in 0..100 {
        let frame = rig.card(1).bind();
        rig.send(number(1), &frame);
    }
    let frame = rig.card(2).bind();
    rig.send(number(2), &frame);
    let to: Vec<_> = rig.texts().into_iter().map(|text| text.to).collect();
    assert_eq!(to.last(), Some(&number(2)));
    assert!(to.len() <= 3, "{} texts", to.len());
}
