//! Writes that go well, over the air and on site.

use polysim_base::{Duration, Machine};

use super::rig::{Rig, write};
use super::{config, eid, imei, imsi, number};
use crate::keys::{KeyStore, Origin};
use crate::platform::{Alarm, CardState, Fate, PlatformInput, PlatformOutput, PlatformTimer};
use crate::wire::{
    BusinessAnswer, Method, Outcome, Refusal, RequestId, RequestKind, Route, WriteFailure,
};
use crate::{KeyChoice, KeyIndex};

const APPLET: Method = Method::Applet;

fn settled(n: u32) -> Option<CardState> {
    Some(CardState::Settled { imsi: Some(imsi(n)) })
}

fn pending(old: u32, new: u32, proved: bool) -> Option<CardState> {
    Some(CardState::Pending { old: Some(imsi(old)), new: imsi(new), proved })
}

/// A store in which card 1 has a key of its own for subscription 1000.
fn with_preloaded() -> KeyStore {
    let mut store = KeyStore::simulated(1);
    let mut keys = store.card(eid(1)).unwrap();
    keys.preloaded.push((KeyIndex(2), imsi(1000)));
    store.insert_card(eid(1), keys).unwrap();
    store
}

#[test]
fn a_write_is_pending_from_its_order_on_and_done_when_the_subscription_registers() {
    let mut rig = Rig::new();
    rig.bound(1);
    rig.order(1, 1, 1000, APPLET);
    assert_eq!(rig.state(1), pending(1, 1000, false));
    let text = rig.text();
    assert_eq!(text.to, number(1), "it goes to the current number");
    rig.deliver(1, &text);
    assert_eq!(rig.card(1).imsi, Some(imsi(1000)));
    assert_eq!(rig.state(1), pending(1, 1000, true));
    rig.attach(imsi(1000));
    assert_eq!(rig.state(1), settled(1000));
    assert_eq!(rig.platform.number_of(eid(1)), Some(number(1000)));
    assert_eq!(rig.platform.card_of(imsi(1)), None, "the old one is free");
    let done = BusinessAnswer::Done { eid: eid(1) };
    assert_eq!(rig.answers(), [BusinessAnswer::Accepted, BusinessAnswer::Pending, done]);
    assert_eq!(rig.alarms(), []);
    rig.advance(Duration::from_secs(100_000));
    assert_eq!((rig.texts().len(), rig.platform.poll_timeout()), (0, None), "it is over");
}

#[test]
fn a_second_write_goes_to_the_number_of_the_first() {
    let mut rig = Rig::new();
    rig.bound(1);
    for (id, new, to) in [(1, 1000, 1), (2, 1001, 1000)] {
        rig.order(id, 1, new, APPLET);
        let text = rig.text();
        assert_eq!(text.to, number(to));
        rig.deliver(1, &text);
        rig.card(1).restart(true);
        rig.attach(imsi(new));
        assert_eq!(rig.state(1), settled(new));
    }
}

#[test]
fn an_attach_counts_when_the_proof_was_lost() {
    let mut rig = Rig::new();
    rig.bound(1);
    rig.order(1, 1, 1000, APPLET);
    let text = rig.text();
    rig.card(1).take(&text.packet);
    rig.attach(imsi(1000));
    assert_eq!(rig.state(1), settled(1000));
}

#[test]
fn the_word_of_the_applet_counts_and_is_noted() {
    let mut rig = Rig::new();
    rig.bound(1);
    rig.order(1, 1, 1000, APPLET);
    let text = rig.text();
    rig.card(1).take(&text.packet);
    rig.card(1).restart(true);
    let frame = rig.card(1).say().unwrap();
    rig.send(number(1000), &frame);
    assert_eq!(rig.state(1), settled(1000));
    let note = rig.text();
    assert_eq!(note.to, number(1000));
    rig.card(1).take(&note.packet);
    assert_eq!(rig.card(1).report, None, "it is not said again");
}

#[test]
fn a_card_that_went_back_has_what_it_had_and_the_new_one_is_free() {
    for method in [APPLET, Method::Files] {
        let mut rig = Rig::with(config(), with_preloaded());
        rig.bound(1);
        rig.order(1, 1, 1000, method);
        let text = rig.text();
        rig.deliver(1, &text);
        assert_eq!(rig.state(1), pending(1, 1000, true), "{method:?}");
        rig.card(1).restart(false);
        let frame = rig.card(1).say().unwrap();
        rig.send(number(1), &frame);
        assert_eq!(rig.state(1), settled(1));
        assert_eq!(rig.platform.card_of(imsi(1000)), None);
        assert_eq!(rig.answers().pop(), Some(BusinessAnswer::Failed(WriteFailure::Reverted)));
        let note = rig.text();
        rig.card(1).take(&note.packet);
        assert_eq!(rig.card(1).report, None);
    }
}

#[test]
fn an_attach_under_the_old_one_after_the_proof_leaves_it_pending_and_in_the_end_gives_an_alarm() {
    let mut rig = Rig::new();
    rig.bound(1);
    let order = rig.order(1, 1, 1000, APPLET);
    let text = rig.text();
    rig.deliver(1, &text);
    rig.attach(imsi(1));
    assert_eq!(rig.state(1), pending(1, 1000, true));
    assert_eq!(rig.platform.poll_timeout().map(|(_, timer)| timer), Some(PlatformTimer::Overdue));
    rig.advance(Duration::from_secs(601));
    assert_eq!(rig.alarms(), [Alarm::Overdue { order, eid: eid(1) }]);
    rig.restart();
    rig.advance(Duration::from_secs(10_000));
    assert_eq!(rig.alarms(), [], "once");
    assert_eq!(rig.state(1), pending(1, 1000, true));
    rig.attach(imsi(1000));
    assert_eq!(rig.state(1), settled(1000));
}

#[test]
fn an_operator_is_asked_until_it_answers_and_may_refuse() {
    let mut rig = Rig::new();
    rig.bound(1);
    rig.ask(1, write(1, 1000, Route::Any, APPLET));
    rig.advance(Duration::from_secs(100));
    let asked = rig.effects.iter().filter(|it| matches!(it, PlatformOutput::Provision { .. }));
    assert_eq!(asked.count(), 4, "after 0, 10, 30, 70 seconds");
    rig.restart();
    rig.effects.clear();
    rig.advance(Duration::from_secs(1));
    let order = rig.provision();
    assert!(rig.texts().is_empty(), "the card gets nothing before");
    rig.give(PlatformInput::Provisioned { order, ready: false });
    assert_eq!(rig.answers().pop(), Some(BusinessAnswer::Failed(WriteFailure::NotProvisioned)));
    assert_eq!(rig.state(1), settled(1));
}

#[test]
fn a_key_that_the_card_holds_is_chosen_and_else_one_travels() {
    for (new, is_preloaded) in [(1000, true), (1001, false)] {
        let mut rig = Rig::with(config(), with_preloaded());
        rig.bound(1);
        rig.ask(1, write(1, new, Route::Any, APPLET));
        let Some(PlatformOutput::Provision { key, .. }) = rig.effects.pop() else { panic!() };
        assert_eq!(key == KeyChoice::Preloaded(KeyIndex(2)), is_preloaded);
    }
}

#[test]
fn files_are_written_by_a_script_and_only_with_a_key_that_the_card_holds() {
    let mut rig = Rig::with(config(), with_preloaded());
    rig.bound(1);
    rig.ask(1, write(1, 1001, Route::Any, Method::Files));
    assert_eq!(rig.answers(), [BusinessAnswer::Refused(Refusal::NoKey)]);
    rig.order(2, 1, 1000, Method::Files);
    let text = rig.text();
    rig.deliver(1, &text);
    assert_eq!(rig.card(1).imsi, Some(imsi(1000)));
    assert_eq!(rig.state(1), pending(1, 1000, true));
    rig.card(1).restart(true);
    let frame = rig.card(1).say().unwrap();
    rig.send(number(1000), &frame);
    assert_eq!(rig.state(1), settled(1000), "the applet does not know the order's number");
}

#[test]
fn what_cannot_be_written_is_refused_with_the_reason() {
    let mut store = KeyStore::new(Origin::Simulated);
    for n in 1..4 {
        let keys = KeyStore::simulated(1).card(eid(n)).unwrap();
        store.insert_card(eid(n), keys).unwrap();
    }
    let key = KeyStore::simulated(1).subscription(imsi(1000)).unwrap();
    store.insert_subscription(imsi(1000), key, Origin::Simulated).unwrap();
    let mut rig = Rig::with(config(), store);
    rig.bound(1);
    rig.bound(2);
    rig.make(3);
    rig.card(3).imsi = None;
    let frame = rig.card(3).bind();
    rig.ask(90, RequestKind::Bind { frame });
    rig.ask(1, write(1, 1000, Route::Any, APPLET));
    rig.answers();
    let other_number = RequestKind::Write {
        imei: imei(2),
        imsi: imsi(1001),
        msisdn: number(1),
        route: Route::Any,
        method: APPLET,
    };
    let cases = [
        (write(9, 1001, Route::Any, APPLET), Refusal::NotBound),
        (write(1, 1001, Route::Any, APPLET), Refusal::Busy),
        (write(2, 1000, Route::Any, APPLET), Refusal::InUse),
        (write(2, 1, Route::Any, APPLET), Refusal::InUse),
        (other_number, Refusal::InUse),
        (write(2, 1001, Route::Any, APPLET), Refusal::NoKey),
        (write(3, 1000, Route::Air, APPLET), Refusal::InUse),
        (write(3, 1001, Route::Air, APPLET), Refusal::NoSeed),
    ];
    for (id, (kind, refusal)) in (10..).zip(cases) {
        rig.ask(id, kind);
        assert_eq!(rig.answers(), [BusinessAnswer::Refused(refusal)], "request {id}");
    }
}

#[test]
fn a_request_asked_again_changes_nothing_and_is_answered_as_it_stands() {
    let mut rig = Rig::new();
    rig.bound(1);
    let kind = write(1, 1000, Route::Any, APPLET);
    rig.order(1, 1, 1000, APPLET);
    let text = rig.text();
    let again = |rig: &mut Rig| {
        rig.answers();
        rig.restart();
        let records = rig.records.len();
        rig.ask(1, write(1, 1000, Route::Any, APPLET));
        assert_eq!(rig.records.len(), records);
        rig.answers()
    };
    assert_eq!(again(&mut rig), [BusinessAnswer::Accepted]);
    rig.deliver(1, &text);
    assert_eq!(again(&mut rig), [BusinessAnswer::Pending]);
    rig.attach(imsi(1000));
    assert_eq!(again(&mut rig), [BusinessAnswer::Done { eid: eid(1) }]);
    let RequestKind::Write { imei, imsi, msisdn, method, .. } = kind else { panic!() };
    rig.ask(1, RequestKind::Write { imei, imsi, msisdn, route: Route::OnSite, method });
    assert_eq!(rig.answers(), [BusinessAnswer::Refused(Refusal::Reused)]);
    rig.ask(1, RequestKind::Cancel { write: RequestId(1) });
    assert_eq!(rig.answers(), [BusinessAnswer::Refused(Refusal::Reused)]);
}

#[test]
fn a_refusal_is_the_same_when_asked_again_though_it_could_be_taken_now() {
    let mut rig = Rig::new();
    rig.ask(1, write(1, 1000, Route::Any, APPLET));
    rig.bound(1);
    rig.ask(1, write(1, 1000, Route::Any, APPLET));
    let refused = BusinessAnswer::Refused(Refusal::NotBound);
    assert_eq!(rig.answers(), [refused.clone(), refused]);
}

#[test]
fn a_subscription_that_the_card_has_is_not_written_again() {
    let mut rig = Rig::new();
    rig.bound(1);
    rig.ask(1, write(1, 1, Route::Any, APPLET));
    rig.ask(1, write(1, 1, Route::Any, APPLET));
    let done = BusinessAnswer::Done { eid: eid(1) };
    assert_eq!(rig.answers(), [done.clone(), done]);
}

#[test]
fn a_write_can_be_called_back_until_the_card_may_have_it() {
    let mut rig = Rig::new();
    rig.bound(1);
    rig.ask(1, RequestKind::Cancel { write: RequestId(2) });
    assert_eq!(rig.answers(), [BusinessAnswer::Refused(Refusal::Unknown)]);
    rig.ask(2, write(1, 1000, Route::Any, APPLET));
    rig.answers();
    rig.ask(3, RequestKind::Cancel { write: RequestId(2) });
    let cancelled = BusinessAnswer::Failed(WriteFailure::Cancelled);
    assert_eq!(rig.answers(), [cancelled, BusinessAnswer::Accepted]);
    rig.ask(3, RequestKind::Cancel { write: RequestId(2) });
    assert_eq!(rig.answers(), [BusinessAnswer::Accepted], "it is answered the same");
    assert_eq!(rig.state(1), settled(1));
    rig.effects.clear();
    rig.order(4, 1, 1000, APPLET);
    let text = rig.text();
    rig.answers();
    rig.ask(5, RequestKind::Cancel { write: RequestId(4) });
    assert_eq!(rig.answers(), [BusinessAnswer::Refused(Refusal::TooLate)]);
    rig.fate(text.message, Fate::NotTaken);
    rig.ask(6, RequestKind::Cancel { write: RequestId(4) });
    assert_eq!(rig.state(1), settled(1), "no text has reached it");
}

#[test]
fn a_card_without_seed_is_written_on_site() {
    let mut rig = Rig::new();
    rig.make(1);
    rig.card(1).imsi = None;
    let frame = rig.card(1).bind();
    rig.ask(1, RequestKind::Bind { frame });
    let order = rig.order(2, 1, 1000, APPLET);
    let local = rig.local();
    assert_eq!((local.order, local.eid), (Some(order), eid(1)));
    rig.ask(2, write(1, 1000, Route::Any, APPLET));
    assert_eq!(rig.local(), local, "asked again, it is the same packet");
    rig.restart();
    rig.ask(2, write(1, 1000, Route::Any, APPLET));
    assert_eq!(rig.local(), local);
    let proof = rig.card(1).take(&local.packet);
    rig.ask(3, RequestKind::Proved { order, proof: proof.clone() });
    assert_eq!(rig.answers(), [BusinessAnswer::Pending, BusinessAnswer::Accepted]);
    let state = CardState::Pending { old: None, new: imsi(1000), proved: true };
    assert_eq!(rig.state(1), Some(state));
    rig.ask(3, RequestKind::Proved { order, proof: proof.clone() });
    assert_eq!(rig.answers(), [BusinessAnswer::Accepted]);
    rig.attach(imsi(1000));
    assert_eq!(rig.state(1), settled(1000));
    rig.ask(3, RequestKind::Proved { order, proof });
    assert_eq!(rig.answers().pop(), Some(BusinessAnswer::Refused(Refusal::TooLate)));
}

#[test]
fn on_site_a_busy_card_is_tried_again_and_one_that_is_ahead_too() {
    let mut rig = Rig::new();
    rig.bound(1);
    rig.card(1).outcome = Some(Outcome::Busy);
    rig.ask(1, write(1, 1000, Route::OnSite, APPLET));
    let order = rig.provision();
    rig.give(PlatformInput::Provisioned { order, ready: true });
    let first = rig.local();
    let proof = rig.card(1).take(&first.packet);
    rig.ask(2, RequestKind::Proved { order, proof });
    rig.ask(1, write(1, 1000, Route::OnSite, APPLET));
    let second = rig.local();
    assert_ne!(first.packet, second.packet);
    rig.ask(1, write(1, 1000, Route::OnSite, APPLET));
    assert_eq!(rig.local(), second, "until it was brought");
    rig.card(1).outcome = None;
    rig.card(1).set_counter(300);
    let proof = rig.card(1).take(&second.packet);
    rig.ask(3, RequestKind::Proved { order, proof });
    rig.ask(1, write(1, 1000, Route::OnSite, APPLET));
    let third = rig.local();
    let proof = rig.card(1).take(&third.packet);
    rig.ask(4, RequestKind::Proved { order, proof });
    assert_eq!(rig.state(1), pending(1, 1000, true));
    assert_eq!(rig.alarms(), [Alarm::Resynchronised { eid: eid(1) }]);
}
