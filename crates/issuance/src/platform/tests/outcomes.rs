//! Writes that do not go well: lost, late, doubled, refused.

use alloc::vec::Vec;

use polysim_apdu::Status;
use polysim_base::{Duration, Machine};
use polysim_ota::{Protection, Response, StatusCode, Tar};

use super::rig::{Rig, write};
use super::{TAR, config, eid, imsi, number};
use crate::KeyIndex;
use crate::keys::KeyStore;
use crate::platform::{Alarm, CardState, Fate, PlatformConfig, PlatformInput};
use crate::wire::{BusinessAnswer, Method, Outcome, Route, WriteFailure};

fn settled(n: u32) -> Option<CardState> {
    Some(CardState::Settled { imsi: Some(imsi(n)) })
}

fn pending(proved: bool) -> Option<CardState> {
    Some(CardState::Pending { old: Some(imsi(1)), new: imsi(1000), proved })
}

/// Card 1 is bound and an order for it has been taken.
fn ordered() -> Rig {
    let mut rig = Rig::new();
    rig.bound(1);
    rig.order(1, 1, 1000, Method::Applet);
    rig
}

fn ends_with(rig: &mut Rig, failure: WriteFailure) {
    assert_eq!(rig.answers().pop(), Some(BusinessAnswer::Failed(failure)));
    assert_eq!(rig.state(1), settled(1));
    assert_eq!(rig.platform.card_of(imsi(1000)), None);
    rig.advance(Duration::from_secs(10_000));
    assert!(rig.texts().is_empty());
}

#[test]
fn a_text_without_an_answer_is_sent_again_with_back_off_under_new_counters() {
    let mut rig = ordered();
    let mut at = Vec::new();
    let mut counters = Vec::new();
    for _ in 0..400 {
        for text in rig.texts() {
            at.push(rig.now.as_micros() / 1_000_000);
            rig.card(1).watch(&text.packet);
            counters.push(text.packet);
        }
        rig.advance(Duration::from_millis(990));
    }
    assert_eq!(at, [0, 10, 30, 70]);
    counters.dedup();
    assert_eq!(counters.len(), 4);
    assert_eq!(rig.state(1), pending(false), "the card may have got one");
}

#[test]
fn a_write_has_failed_when_no_text_can_have_been_delivered() {
    let mut rig = ordered();
    for fate in [Fate::Expired, Fate::NotTaken, Fate::Refused { proof: None }, Fate::Expired] {
        assert_eq!(rig.state(1), pending(false));
        let text = rig.next_text();
        rig.fate(text.message, fate);
    }
    ends_with(&mut rig, WriteFailure::Expired);
}

#[test]
fn a_write_stays_pending_while_one_text_may_have_been_delivered_and_is_asked_for_now_and_then() {
    let mut rig = ordered();
    let delivered = rig.text();
    rig.fate(delivered.message, Fate::Delivered { proof: None });
    for _ in 0..3 {
        let text = rig.next_text();
        rig.fate(text.message, Fate::Expired);
    }
    rig.advance(Duration::from_secs(60));
    assert!(rig.texts().is_empty());
    assert_eq!(rig.state(1), pending(false));
    rig.advance(Duration::from_secs(600));
    assert!(matches!(rig.alarms()[..], [Alarm::Overdue { .. }]));
    let question = rig.text();
    rig.advance(Duration::from_secs(601));
    assert_eq!((rig.texts().len(), rig.alarms()), (1, Vec::new()), "one alarm, more questions");
    rig.deliver(1, &question);
    assert_eq!(rig.state(1), pending(true));
}

#[test]
fn a_device_that_lives_with_the_old_subscription_is_asked_at_once() {
    let mut rig = ordered();
    for _ in 0..4 {
        rig.next_text();
    }
    rig.advance(Duration::from_secs(61));
    rig.attach(imsi(1));
    let text = rig.text();
    rig.attach(imsi(1));
    assert!(rig.texts().is_empty(), "not more often than it is tried");
    rig.deliver(1, &text);
    assert_eq!(rig.state(1), pending(true));
}

#[test]
fn a_proof_of_an_earlier_try_counts() {
    let mut rig = ordered();
    let first = rig.text();
    rig.advance(Duration::from_secs(15));
    let second = rig.text();
    let proof = rig.card(1).take(&first.packet).unwrap();
    rig.fate(second.message, Fate::Expired);
    rig.give(PlatformInput::Proof { from: number(1), packet: proof });
    assert_eq!(rig.state(1), pending(true));
    assert_eq!(rig.alarms(), []);
}

#[test]
fn a_proof_that_comes_after_its_text_was_given_up_counts() {
    let mut rig = ordered();
    let text = rig.text();
    rig.fate(text.message, Fate::Expired);
    rig.deliver(1, &text);
    assert_eq!(rig.state(1), pending(true));
}

#[test]
fn a_try_that_follows_a_lost_proof_is_answered_as_done_before() {
    let mut rig = ordered();
    let first = rig.text();
    rig.card(1).take(&first.packet);
    rig.advance(Duration::from_secs(15));
    let second = rig.text();
    rig.deliver(1, &second);
    assert_eq!(rig.state(1), pending(true));
}

#[test]
fn a_forged_proof_changes_nothing_and_gives_an_alarm() {
    let mut rig = ordered();
    let text = rig.text();
    let mut proof = rig.card(1).clone().take(&text.packet).unwrap();
    *proof.last_mut().unwrap() ^= 1;
    let records = rig.records.len();
    rig.give(PlatformInput::Proof { from: number(1), packet: proof });
    rig.give(PlatformInput::Proof { from: number(77), packet: Vec::from([1, 2, 3]) });
    assert_eq!(rig.records.len(), records);
    assert_eq!(rig.alarms(), [Alarm::NotAuthentic { eid: eid(1) }]);
    let counter = rig.card(1).receiver.counter(polysim_ota::KeyVersion::new(1).unwrap()).unwrap();
    let counter = counter.next().unwrap();
    let clear = Response { tar: TAR, counter, status: StatusCode::Ok, data: Vec::new() };
    let packet = clear.seal(&Protection::NONE).unwrap();
    rig.fate(text.message, Fate::Delivered { proof: Some(packet) });
    assert_eq!(rig.state(1), pending(false), "nobody has signed that");
}

#[test]
fn a_card_that_refuses_ends_its_order_with_the_reason() {
    for outcome in [
        Outcome::AnotherCard,
        Outcome::NoSuchKey,
        Outcome::Malformed,
        Outcome::WriteFailed,
        Outcome::AnotherDevice,
    ] {
        let mut rig = ordered();
        rig.card(1).outcome = Some(outcome);
        let text = rig.text();
        rig.deliver(1, &text);
        ends_with(&mut rig, WriteFailure::Card(outcome));
    }
}

#[test]
fn a_refusal_does_not_end_an_order_while_a_later_try_is_on_its_way() {
    let mut rig = ordered();
    let first = rig.text();
    rig.advance(Duration::from_secs(15));
    let second = rig.text();
    rig.card(1).outcome = Some(Outcome::WriteFailed);
    rig.deliver(1, &first);
    assert_eq!(rig.state(1), pending(false));
    rig.advance(Duration::from_secs(100));
    assert!(rig.texts().is_empty(), "no more tries");
    rig.fate(second.message, Fate::Expired);
    ends_with(&mut rig, WriteFailure::Card(Outcome::WriteFailed));
}

#[test]
fn an_old_proof_means_nothing_once_the_card_has_gone_back() {
    let mut keys = KeyStore::simulated(1);
    let mut card = keys.card(eid(1)).unwrap();
    card.preloaded.push((KeyIndex(1), imsi(1000)));
    keys.insert_card(eid(1), card).unwrap();
    let mut rig = Rig::with(config(), keys);
    rig.bound(1);
    rig.order(1, 1, 1000, Method::Files);
    let first = rig.text();
    let second = rig.next_text();
    let proof = rig.card(1).take(&first.packet);
    rig.card(1).restart(false);
    let frame = rig.card(1).say().unwrap();
    rig.send(number(1), &frame);
    assert_eq!(rig.state(1), pending(false), "the script may come once more");
    rig.fate(first.message, Fate::Delivered { proof });
    assert_eq!(rig.state(1), pending(false));
    rig.texts();
    rig.fate(second.message, Fate::Expired);
    ends_with(&mut rig, WriteFailure::Reverted);
}

#[test]
fn a_counter_that_nobody_has_signed_is_not_followed() {
    let mut rig = ordered();
    let text = rig.text();
    let version = polysim_ota::KeyVersion::new(1).unwrap();
    let counter = rig.card(1).receiver.counter(version).unwrap().next().unwrap();
    let status = StatusCode::CounterLow;
    let packet = Response { tar: TAR, counter, status, data: Vec::new() };
    let packet = packet.seal(&Protection::NONE).unwrap();
    rig.fate(text.message, Fate::Delivered { proof: Some(packet) });
    assert_eq!((rig.state(1), rig.alarms()), (pending(false), Vec::new()));
    assert!(rig.texts().is_empty(), "it is tried again in its time");
}

#[test]
fn a_busy_card_is_tried_again() {
    let mut rig = ordered();
    rig.card(1).outcome = Some(Outcome::Busy);
    let text = rig.text();
    rig.deliver(1, &text);
    assert_eq!(rig.state(1), pending(false));
    rig.card(1).outcome = None;
    rig.advance(Duration::from_secs(15));
    let text = rig.text();
    rig.deliver(1, &text);
    assert_eq!(rig.state(1), pending(true));
}

#[test]
fn a_script_that_fails_ends_the_order_with_its_status_word() {
    let mut keys = KeyStore::simulated(1);
    let mut card = keys.card(eid(1)).unwrap();
    card.preloaded.push((KeyIndex(1), imsi(1000)));
    keys.insert_card(eid(1), card).unwrap();
    let mut rig = Rig::with(config(), keys);
    rig.bound(1);
    rig.card(1).status = Some(Status::FileNotFound);
    rig.order(1, 1, 1000, Method::Files);
    let text = rig.text();
    rig.deliver(1, &text);
    ends_with(&mut rig, WriteFailure::Status(0x6A82));
}

#[test]
fn a_counter_that_is_behind_is_set_ahead_and_the_order_goes_on() {
    for ahead in [500, 5_000, 1 << 20] {
        let mut rig = ordered();
        rig.card(1).set_counter(ahead);
        let mut tries = 0;
        while rig.state(1) == pending(false) {
            let text = rig.text();
            rig.deliver(1, &text);
            tries += 1;
            assert!(tries < 7);
        }
        assert_eq!(rig.state(1), pending(true));
        assert!(rig.alarms().contains(&Alarm::Resynchronised { eid: eid(1) }));
        assert!(rig.now.as_micros() < 1_000_000, "without waiting");
    }
}

#[test]
fn a_counter_that_the_card_has_used_up_is_not_chased_for_ever() {
    let mut rig = ordered();
    rig.card(1).set_counter((1 << 40) - 1);
    let text = rig.text();
    rig.deliver(1, &text);
    ends_with(&mut rig, WriteFailure::Security(StatusCode::CounterBlocked.octet()));
}

#[test]
fn a_doubled_text_is_no_reason_to_set_the_counter_ahead_once_it_is_proved() {
    let mut rig = ordered();
    let text = rig.text();
    rig.deliver(1, &text);
    let again = rig.card(1).take(&text.packet);
    rig.fate(text.message, Fate::Delivered { proof: again });
    assert_eq!(rig.state(1), pending(true));
    assert_eq!(rig.alarms(), []);
}

#[test]
fn a_card_with_other_keys_gives_an_alarm_and_ends_the_order() {
    let mut rig = ordered();
    let others = KeyStore::simulated(2).card(eid(1)).unwrap();
    rig.card(1).set_keys(others);
    let text = rig.text();
    rig.deliver(1, &text);
    let status = StatusCode::CheckFailed.octet();
    assert_eq!(rig.alarms(), [Alarm::Security { eid: eid(1), status }]);
    ends_with(&mut rig, WriteFailure::Security(status));
}

#[test]
fn a_card_that_does_not_know_the_application_ends_the_order() {
    let tar = Tar([0xB1, 0x00, 0x02]);
    let mut rig = Rig::new();
    rig.bound(1);
    rig.platform.config.tar = tar;
    rig.order(1, 1, 1000, Method::Applet);
    let text = rig.text();
    rig.deliver(1, &text);
    ends_with(&mut rig, WriteFailure::Security(StatusCode::TarUnknown.octet()));
}

#[test]
fn a_packet_that_is_too_weakly_secured_gives_an_alarm_and_ends_the_order() {
    let mut weak = config();
    weak.spi.ciphered = false;
    let mut rig = Rig::with(weak, KeyStore::simulated(1));
    rig.make(1);
    let frame = rig.card(1).bind();
    rig.send(number(1), &frame);
    rig.texts();
    rig.order(1, 1, 1000, Method::Applet);
    let text = rig.text();
    rig.deliver(1, &text);
    let status = StatusCode::InsufficientSecurity.octet();
    assert_eq!(rig.alarms(), [Alarm::Security { eid: eid(1), status }]);
    ends_with(&mut rig, WriteFailure::Security(status));
}

#[test]
fn texts_leave_in_order_and_no_more_than_so_many_in_a_second() {
    let config = PlatformConfig { texts_per_s: 2, ..config() };
    let mut rig = Rig::with(config, KeyStore::simulated(1));
    for n in 1..=10 {
        rig.make(n);
        let frame = rig.card(n).bind();
        rig.send(number(n), &frame);
    }
    let mut seconds = Vec::new();
    let mut to = Vec::new();
    for _ in 0..5 {
        let texts = rig.texts();
        seconds.push(texts.len());
        to.extend(texts.into_iter().map(|text| text.to));
        rig.advance(Duration::from_millis(990));
    }
    assert_eq!(seconds[1..], [2, 2, 2, 2]);
    assert_eq!(to, (1..=to.len()).map(|n| number(u32::try_from(n).unwrap())).collect::<Vec<_>>());
}

#[test]
fn a_script_in_several_texts_takes_the_rate_of_several() {
    let mut keys = KeyStore::simulated(1);
    let mut card = keys.card(eid(1)).unwrap();
    card.preloaded.push((KeyIndex(1), imsi(1000)));
    keys.insert_card(eid(1), card).unwrap();
    let config = PlatformConfig { texts_per_s: 1, ..config() };
    let mut rig = Rig::with(config, keys);
    rig.bound(1);
    rig.ask(1, write(1, 1000, Route::Any, Method::Files));
    let order = rig.provision();
    rig.advance(Duration::from_secs(5));
    rig.give(PlatformInput::Provisioned { order, ready: true });
    let len = rig.text().packet.len();
    assert!(len > 2 * 140, "{len}");
    let frame = rig.card(1).bind();
    rig.send(number(1), &frame);
    let (next, _) = rig.platform.poll_timeout().unwrap();
    assert!(next.since(rig.now) > Duration::from_millis(1_900), "{next:?}");
}
