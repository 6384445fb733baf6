//! Another server leads, whose clock shows something else.

use super::mail::{pdu, text};
use super::sent::outcome;
use super::*;
use crate::state::Due;

const SENT: PartOutcome = PartOutcome::Sent { reference: 1 };

/// A fleet with one of everything that has a deadline.
fn busy() -> Fleet {
    let mut fleet = Fleet::new(5, 3);
    fleet.pass_to(at(5_000));
    fleet.give(hello(2, 1, 1, 1, 3, Kind::BuiltIn));
    fleet.entitle(20);
    let lasting = Parameters { duration: Some(secs(500)), turns: Some(secs(300)), ..anywhere() };
    fleet.standby(10, lasting);
    fleet.standby(11, anywhere());
    fleet.pass_to(at(5_010));
    let claim = fleet.claim(10);
    fleet.keep(1, text(claim, pdu(1, "one ", Some((3, 2, 1)))));
    fleet.keep(1, text(claim, pdu(1, "all", None)));
    fleet.keep(1, outcome(claim, 1, 5, SENT));
    fleet.give(Input::Site(SiteId(1), SiteReport::ModemFailed(modem(1, 2))));
    (0..3).for_each(|n| {
        fleet.give(Input::Site(SiteId(2), SiteReport::ModemFailed(modem(2, n))));
    });
    fleet.assign(ALICE, 12, Parameters { wait: secs(77), ..anywhere() });
    fleet
}

/// What is left of each deadline that is not counted anew.
fn left(fleet: &Fleet) -> Vec<(Due, i128)> {
    let micros = |at: Instant| i128::from(at.as_micros());
    let due = fleet.exchange.state.indexes.due.iter().filter(|(_, due)| match due {
        Due::Lease(_) | Due::Silence(_) | Due::Rest(_) => false,
        Due::Wait(_) | Due::Duration(_) | Due::Modem(_) | Due::Site(_) => true,
        Due::Turn(_) | Due::Parts(_) | Due::Budget(_) => true,
    });
    let mut left: Vec<_> = due.map(|(at, due)| (*due, micros(*at) - micros(fleet.now))).collect();
    left.sort_unstable();
    left
}

fn led_by_another(fleet: &mut Fleet, now: Instant) {
    let mut next = Exchange::new(fleet.exchange.config);
    fleet.records.iter().cloned().for_each(|record| next.restore(record));
    (fleet.exchange, fleet.now) = (next, now);
    fleet.give(Input::Lead(Term(2)));
    assert_eq!(fleet.exchange.state.indexes, fleet.exchange.state.indexed_anew());
}

#[test]
fn what_is_left_of_a_deadline_is_left_by_any_clock_of_the_next_server() {
    for now in [at(0), at(3), at(5_010), at(90_000_000)] {
        let mut fleet = busy();
        let before = left(&fleet);
        assert_eq!(before.len(), 10, "{before:?}");
        led_by_another(&mut fleet, now);
        assert_eq!(left(&fleet), before, "at {now}");
    }
}

#[test]
fn mail_is_kept_as_long_by_any_clock_of_the_next_server() {
    let keep = ExchangeConfig::default().mail_keep;
    for now in [at(0), at(3), at(90_000_000)] {
        let mut fleet = busy();
        let came = fleet.mail(ALICE);
        led_by_another(&mut fleet, now);
        assert_eq!(fleet.mail(ALICE), came);
        let claim = fleet.claim(10);
        fleet.keep(1, text(claim, pdu(3, "more", None)));
        assert_eq!(fleet.mail(ALICE).len(), came.len() + 1, "none is forgotten early");
        fleet.now = now.plus(keep);
        fleet.keep(1, text(claim, pdu(2, "later", None)));
        let mail = fleet.mail(ALICE);
        assert!(
            matches!(mail.as_slice(), [Mail::TextState { .. }, Mail::Text { body, .. }] if body == "later"),
            "{mail:?}"
        );
    }
}

#[test]
fn the_longest_unused_is_still_picked_first_by_a_clock_that_is_behind() {
    let mut fleet = Fleet::new(3, 3);
    fleet.pass_to(at(5_000));
    [10, 11, 12].into_iter().for_each(|n| fleet.standby(n, anywhere()));
    let picks = |fleet: &mut Fleet| {
        fleet.now = fleet.now.plus(secs(1));
        let order = SimOrder::LeastRecentlyUsed;
        let answer = fleet.ask(ALICE, Target::Best { group: GROUP, order }, None);
        let Answer::At(place, _) = answer else { panic!("{answer:?}") };
        place.iccid
    };
    let first = [picks(&mut fleet), picks(&mut fleet), picks(&mut fleet)];
    led_by_another(&mut fleet, at(100));
    assert_eq!([picks(&mut fleet), picks(&mut fleet), picks(&mut fleet)], first);
}
