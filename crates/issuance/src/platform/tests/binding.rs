//! Which card is in which device.

use polysim_base::Duration;
use polysim_ota::Counter;

use super::rig::Rig;
use super::{config, eid, iccid, imei, imsi, number, row};
use crate::keys::{KeyStore, Origin};
use crate::platform::{Alarm, CardState, PlatformInput, PlatformOutput, Policy, StreamEvent};
use crate::wire::{BusinessAnswer, CardReport, Refusal, RequestKind, StreamId};

#[test]
fn a_pair_that_comes_in_a_text_is_stored_and_the_card_marks_it() {
    let mut rig = Rig::new();
    rig.bound(1);
    assert_eq!(rig.platform.binding(eid(1)), Some(row(1)));
    assert_eq!(rig.alarms(), []);
    rig.restart();
    assert_eq!(rig.platform.binding(eid(1)), Some(row(1)));
}

#[test]
fn the_same_pair_again_is_answered_again_and_changes_nothing() {
    let mut rig = Rig::new();
    rig.bound(1);
    let frame = rig.card(1).bind();
    rig.send(number(1), &frame);
    assert_eq!(rig.platform.binding(eid(1)), Some(row(1)));
    let text = rig.text();
    rig.card(1).is_bound = false;
    rig.card(1).take(&text.packet);
    assert!(rig.card(1).is_bound);
}

#[test]
fn a_pair_that_comes_over_a_connection_in_pieces_is_answered_on_it() {
    let mut rig = Rig::new();
    rig.make(1);
    let octets = rig.card(1).bind().encode();
    let stream = StreamId(7);
    rig.give(PlatformInput::Stream { stream, event: StreamEvent::Opened });
    for octet in octets {
        rig.give(PlatformInput::Stream { stream, event: StreamEvent::Data([octet].into()) });
    }
    let [PlatformOutput::Stream { stream: answered, octets }] = &rig.effects[..] else {
        panic!("{:?}", rig.effects)
    };
    assert_eq!(*answered, stream);
    let octets = octets.clone();
    rig.card(1).take(&octets);
    assert!(rig.card(1).is_bound);
    assert_eq!(rig.platform.number_of(eid(1)), None, "no number is known of it");
}

#[test]
fn a_pair_that_a_tool_has_read_is_answered_through_it_also_when_it_comes_twice() {
    let mut rig = Rig::new();
    rig.make(1);
    rig.card(1).imsi = None;
    let frame = rig.card(1).bind();
    for id in [1, 1, 2] {
        rig.ask(id, RequestKind::Bind { frame: frame.clone() });
        let local = rig.local();
        assert_eq!((local.order, local.eid), (None, eid(1)));
        rig.card(1).is_bound = false;
        rig.card(1).take(&local.packet);
        assert!(rig.card(1).is_bound);
    }
    assert_eq!(rig.alarms(), []);
    let other = rig.card(1).bind();
    rig.ask(1, RequestKind::Bind { frame: other });
    assert_eq!(rig.answers(), [BusinessAnswer::Refused(Refusal::Reused)]);
}

#[test]
fn a_frame_that_is_forged_or_changed_gives_an_alarm_and_no_answer() {
    let mut rig = Rig::new();
    rig.make(1);
    let good = rig.card(1).bind();
    let (mut changed, mut renamed) = (good.clone(), good.clone());
    *changed.packet.last_mut().unwrap() ^= 1;
    renamed.eid = eid(2);
    let inside = CardReport::Bind { imei: imei(1), iccid: iccid(1), imsi: None };
    let lied = rig.card(1).frame_as(eid(2), inside);
    for frame in [changed, renamed, lied] {
        rig.send(number(1), &frame);
        assert_eq!(rig.alarms(), [Alarm::NotAuthentic { eid: frame.eid }]);
        rig.ask(1, RequestKind::Bind { frame: frame.clone() });
        assert_eq!(rig.answers(), [BusinessAnswer::Refused(Refusal::NotAuthentic)]);
        rig.alarms();
    }
    assert!(rig.records.is_empty());
    assert_eq!(rig.platform.cards(), 0);
}

#[test]
fn a_card_without_keys_here_is_not_authentic() {
    let mut rig = Rig::new();
    rig.make(1);
    let frame = rig.card(1).bind();
    let mut other = Rig::with(config(), KeyStore::new(Origin::Simulated));
    other.send(number(1), &frame);
    assert_eq!(other.alarms(), [Alarm::NotAuthentic { eid: eid(1) }]);
}

#[test]
fn a_replayed_frame_gives_an_alarm_and_changes_nothing_also_after_a_crash() {
    let mut rig = Rig::new();
    rig.make(1);
    let old = rig.card(1).bind();
    rig.send(number(1), &old);
    rig.card(1).imei = imei(2);
    let new = rig.card(1).bind();
    rig.send(number(1), &new);
    rig.restart();
    rig.effects.clear();
    rig.alarms();
    for frame in [&old, &new] {
        rig.send(number(1), frame);
        assert_eq!(rig.alarms(), [Alarm::Replayed { eid: eid(1) }]);
    }
    assert_eq!(rig.effects, []);
    assert_eq!(rig.platform.binding(eid(1)).unwrap().imei, Some(imei(2)));
}

#[test]
fn alarms_that_anybody_can_cause_are_no_flood() {
    let mut rig = Rig::new();
    rig.make(1);
    let mut frame = rig.card(1).bind();
    *frame.packet.last_mut().unwrap() ^= 1;
    for _ in 0..1_000 {
        rig.send(number(1), &frame);
    }
    assert_eq!(rig.alarms().len(), 32);
    rig.advance(Duration::from_secs(10));
    rig.send(number(1), &frame);
    assert_eq!(rig.alarms().len(), 1);
}

#[test]
fn a_moved_card_is_reported_and_bound_or_refused_by_policy() {
    for policy in [Policy::Accept, Policy::Refuse] {
        let mut rig = Rig::with(
            crate::platform::PlatformConfig { moved: policy, ..config() },
            KeyStore::simulated(1),
        );
        rig.bound(1);
        rig.card(1).imei = imei(5);
        rig.card(1).is_bound = false;
        let frame = rig.card(1).bind();
        rig.send(number(1), &frame);
        assert_eq!(rig.alarms(), [Alarm::Moved { eid: eid(1), from: imei(1), to: imei(5) }]);
        let text = rig.text();
        rig.card(1).take(&text.packet);
        let is_accepted = policy == Policy::Accept;
        assert_eq!(rig.card(1).is_bound, is_accepted);
        let bound = rig.platform.binding(eid(1)).unwrap().imei;
        assert_eq!(bound, Some(if is_accepted { imei(5) } else { imei(1) }));
    }
}

#[test]
fn a_device_with_a_second_card_is_reported_and_bound_or_refused_by_policy() {
    for policy in [Policy::Accept, Policy::Refuse] {
        let mut rig = Rig::with(
            crate::platform::PlatformConfig { conflict: policy, ..config() },
            KeyStore::simulated(1),
        );
        rig.bound(1);
        rig.make(2);
        rig.card(2).imei = imei(1);
        let frame = rig.card(2).bind();
        rig.send(number(2), &frame);
        let conflict = Alarm::Conflict { imei: imei(1), bound: eid(1), asks: eid(2) };
        assert_eq!(rig.alarms(), [conflict]);
        let text = rig.text();
        rig.card(2).take(&text.packet);
        let is_accepted = policy == Policy::Accept;
        assert_eq!(rig.card(2).is_bound, is_accepted);
        let first = rig.platform.binding(eid(1)).unwrap().imei;
        assert_eq!(first, if is_accepted { None } else { Some(imei(1)) });
    }
}

#[test]
fn an_imsi_is_never_taken_to_be_on_two_cards() {
    let mut rig = Rig::new();
    rig.bound(1);
    rig.make(2);
    rig.card(2).imsi = Some(imsi(1));
    let frame = rig.card(2).bind();
    rig.send(number(2), &frame);
    let contradiction = Alarm::Contradiction { eid: eid(2), imsi: Some(imsi(1)) };
    assert_eq!(rig.alarms(), [contradiction]);
    assert_eq!(rig.state(2), Some(CardState::Settled { imsi: None }));
    assert_eq!(rig.platform.card_of(imsi(1)), Some(eid(1)));
}

#[test]
fn a_card_whose_counter_is_ahead_sets_the_platforms_by_its_word() {
    let mut rig = Rig::new();
    rig.make(1);
    rig.card(1).set_counter(500);
    let frame = rig.card(1).bind();
    rig.send(number(1), &frame);
    assert_eq!(rig.alarms(), [Alarm::Resynchronised { eid: eid(1) }]);
    let text = rig.text();
    rig.card(1).take(&text.packet);
    assert!(rig.card(1).is_bound);
    rig.card(1).set_counter(Counter::MAX.value());
    let frame = rig.card(1).bind();
    rig.send(number(1), &frame);
    assert_eq!(rig.text().to, number(1), "the counter is not used up by one word");
}
