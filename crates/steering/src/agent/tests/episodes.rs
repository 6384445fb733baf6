//! The numbered steps of the system, each where nothing goes wrong.

use super::super::*;
use super::rig::Rig;
use super::setup::{ABROAD, HOME, ORIGINAL, config, iccid, plmn, secs};
use crate::advisor::AdvisorEvent;
use crate::wire::{OperatorNumber, Order, Outcome, RequestNumber, TEXT_LEN_MAX};

fn ended(event: &AgentEvent) -> bool {
    matches!(event, AgentEvent::Ended(_))
}

#[test]
fn a_device_at_home_asks_for_nothing() {
    let mut rig = Rig::new(&[1]);
    rig.run(secs(7 * 86_400));
    assert_eq!(
        (rig.told.as_slice(), rig.sent.as_slice(), rig.enables.as_slice()),
        (&[][..], &[][..], &[][..])
    );
    assert_eq!(rig.records, [], "and remembers nothing");
}

#[test]
fn a_device_that_roams_gets_the_list_and_switches_to_a_profile_that_it_has() {
    let mut rig = Rig::new(&[1, 2]);
    rig.run(secs(60));
    rig.go_abroad();
    rig.run_until(ended, secs(3_600));
    assert_eq!(
        rig.told,
        [
            AgentEvent::EpisodeBegan { reason: Reason::Roaming },
            AgentEvent::Listed { source: ListSource::Platform, operators: 4 },
            AgentEvent::Switching { iccid: iccid(1) },
            AgentEvent::Attached { iccid: iccid(1), serving: Some(plmn(ABROAD[0])) },
            AgentEvent::Ended(Outcome::Switched {
                iccid: iccid(1),
                serving: Some(plmn(ABROAD[0]))
            }),
        ]
    );
    assert_eq!(rig.enabled, iccid(1));
    assert_eq!(rig.enables.len(), 1, "one command");
    rig.settle();
    assert_eq!(rig.outcomes().len(), 1);
    assert!(rig.sent.iter().all(|(bearer, _)| *bearer == Bearer::Data));
}

#[test]
fn a_short_trip_over_the_border_begins_nothing() {
    let mut rig = Rig::new(&[1]);
    rig.run(secs(60));
    rig.go_abroad();
    rig.run(secs(200));
    rig.go_home();
    rig.run(secs(86_400));
    assert_eq!(rig.told, []);
}

#[test]
fn roaming_is_found_by_interval_where_no_event_tells_of_it() {
    let mut rig = Rig::new(&[1]);
    rig.run(secs(60));
    // The device moves, and its modem says nothing.
    rig.visible = [(plmn(ABROAD[0]), -70)].into();
    rig.run(secs(2 * 3_600));
    assert_eq!(rig.enabled, iccid(1));
}

#[test]
fn a_profile_that_is_not_there_is_downloaded_and_both_are_told_before_the_switch() {
    let mut rig = Rig::new(&[]);
    rig.run(secs(60));
    rig.go_abroad();
    rig.run_until(ended, secs(3_600));
    let downloaded = iccid(1_100);
    assert_eq!(
        rig.told[2..4],
        [AgentEvent::Downloaded { iccid: downloaded }, AgentEvent::Switching { iccid: downloaded }]
    );
    assert_eq!(rig.enabled, downloaded);
    assert_eq!((rig.orders.len(), rig.cancelled.len(), rig.advisor.orders()), (1, 0, 0));
    rig.settle();
    let operator = OperatorNumber(1);
    let request = RequestNumber(2);
    assert_eq!(
        rig.outcomes(),
        [
            Outcome::Downloaded { request, operator, iccid: downloaded },
            Outcome::Switched { iccid: downloaded, serving: Some(plmn(ABROAD[0])) },
        ]
    );
    let granted = AdvisorEvent::Granted { eid: super::setup::eid(), operator, request };
    assert_eq!(rig.advisor_told.iter().filter(|it| **it == granted).count(), 1);
}

#[test]
fn an_operator_that_does_not_work_is_left_and_the_next_is_tried() {
    let mut rig = Rig::new(&[1, 2, 3]);
    rig.dead = [1].into();
    rig.refusing.insert(2, 11);
    rig.run(secs(60));
    rig.go_abroad();
    rig.run_until(ended, secs(7_200));
    let enabled: std::vec::Vec<_> = rig.enables.iter().map(|(_, iccid)| *iccid).collect();
    let (original, [first, second, third]) = (iccid(ORIGINAL), [1, 2, 3].map(iccid));
    assert_eq!(enabled, [first, original, second, original, third], "back between two of them");
    assert!(rig.told.contains(&AgentEvent::AttachFailed { iccid: first, cause: None }));
    assert!(rig.told.contains(&AgentEvent::AttachFailed { iccid: second, cause: Some(11) }));
    rig.settle();
    assert_eq!(
        rig.outcomes(),
        [Outcome::Switched { iccid: third, serving: Some(plmn(ABROAD[2])) }]
    );
}

#[test]
fn where_none_works_the_original_profile_stays_and_that_is_told() {
    let mut rig = Rig::new(&[1, 2, 3, 4]);
    rig.dead = [1, 2, 3, 4].into();
    rig.run(secs(60));
    rig.go_abroad();
    rig.run_until(ended, secs(7_200));
    assert_eq!(rig.enabled, iccid(ORIGINAL));
    assert_eq!(rig.enables.len(), 8);
    rig.settle();
    assert_eq!(rig.outcomes(), [Outcome::NoneWorked { tried: 4 }]);
}

#[test]
fn back_home_the_original_profile_is_enabled_again_after_a_while() {
    let mut rig = Rig::new(&[1]);
    rig.run(secs(60));
    rig.go_abroad();
    rig.run(secs(3_600));
    assert_eq!(rig.enabled, iccid(1));
    // Both are received: the profile works, and home is preferred all the same.
    rig.travel(&[(HOME, -90), (ABROAD[0], -80)]);
    rig.run(secs(300));
    assert_eq!(rig.enabled, iccid(1), "not at once");
    rig.run(secs(7_200));
    assert_eq!(rig.enabled, iccid(ORIGINAL));
    rig.settle();
    assert_eq!(rig.outcomes().last(), Some(&Outcome::Home));
    assert_eq!(rig.agent.settled_profile(), iccid(ORIGINAL));
}

#[test]
fn a_home_network_that_is_too_weak_is_not_home() {
    let mut rig = Rig::new(&[1]);
    rig.run(secs(60));
    rig.go_abroad();
    rig.run(secs(3_600));
    rig.travel(&[(HOME, -108), (ABROAD[0], -80)]);
    rig.run(secs(86_400));
    assert_eq!(rig.enabled, iccid(1));
}

#[test]
fn where_the_way_home_fails_the_device_keeps_what_it_had() {
    let mut rig = Rig::new(&[1]);
    rig.run(secs(60));
    rig.go_abroad();
    rig.run(secs(3_600));
    rig.dead = [ORIGINAL].into();
    rig.travel(&[(HOME, -80), (ABROAD[0], -90)]);
    rig.told.clear();
    rig.run_until(ended, secs(7_200));
    assert_eq!(rig.told.last(), Some(&AgentEvent::Ended(Outcome::HomeFailed)));
    assert_eq!((rig.enabled, rig.agent.settled_profile()), (iccid(1), iccid(1)));
}

#[test]
fn by_signal_the_strongest_goes_first() {
    let mut rig = Rig::with(&[1, 2, 3], AgentConfig { order: Order::Signal, ..config() });
    rig.run(secs(60));
    rig.travel(&[(ABROAD[0], -100), (ABROAD[1], -60), (ABROAD[2], -70)]);
    rig.run(secs(3_600));
    assert_eq!(rig.enabled, iccid(2));
}

#[test]
fn by_tariff_the_cheapest_that_is_received_goes_first() {
    let mut rig = Rig::new(&[1, 2, 3]);
    rig.run(secs(60));
    rig.travel(&[(ABROAD[1], -100), (ABROAD[2], -60)]);
    rig.run(secs(3_600));
    assert_eq!(rig.enabled, iccid(2));
}

#[test]
fn all_but_a_download_goes_over_texts() {
    let mut rig = Rig::new(&[2]);
    rig.data = false;
    rig.run(secs(60));
    rig.go_abroad();
    rig.run_until(ended, secs(7_200));
    assert_eq!(rig.enabled, iccid(2), "the first one would have been a download");
    let postponed = AgentEvent::DownloadPostponed { operator: OperatorNumber(1) };
    assert_eq!(rig.told.iter().filter(|it| **it == postponed).count(), 1);
    rig.run(secs(3_600));
    assert_eq!(rig.agent.reports_waiting(), 0);
    let in_texts =
        |(bearer, len): &(Bearer, usize)| *bearer == Bearer::Text && *len <= TEXT_LEN_MAX;
    assert!(rig.sent.iter().all(in_texts), "{:?}", rig.sent);
}

#[test]
fn a_download_that_was_put_off_is_done_once_there_is_data() {
    let mut rig = Rig::new(&[]);
    rig.data = false;
    rig.run(secs(60));
    rig.go_abroad();
    rig.run_until(ended, secs(7_200));
    assert_eq!(rig.enabled, iccid(ORIGINAL));
    rig.data = true;
    rig.go_abroad();
    rig.run(secs(1_200));
    assert_eq!(rig.enabled, iccid(1_100));
}

#[test]
fn without_the_platform_the_stored_list_is_used() {
    let mut rig = Rig::new(&[2]);
    rig.dead = [2].into();
    rig.no_orders = [1, 3, 4].into();
    rig.run(secs(60));
    rig.go_abroad();
    rig.run_until(ended, secs(7_200));
    assert_eq!(rig.enabled, iccid(ORIGINAL));
    (rig.platform_down, rig.dead) = (true, std::vec![]);
    rig.run(secs(86_400));
    assert!(rig.told.contains(&AgentEvent::Listed { source: ListSource::Stored, operators: 4 }));
    assert_eq!(rig.enabled, iccid(2));
}

#[test]
fn without_platform_and_list_the_presets_are_tried_by_their_signal() {
    let mut rig = Rig::new(&[1, 2]);
    rig.platform_down = true;
    rig.run(secs(60));
    rig.travel(&[(ABROAD[0], -90), (ABROAD[1], -60)]);
    rig.run_until(ended, secs(7_200));
    assert_eq!(rig.enabled, iccid(2));
    assert_eq!(rig.agent.reports_waiting(), 1);
    rig.settle();
}

#[test]
fn without_any_service_the_presets_are_tried_at_once() {
    let mut rig = Rig::new(&[1]);
    rig.no_roaming = true;
    rig.run(secs(60));
    rig.go_abroad();
    rig.run_until(ended, secs(900));
    assert_eq!(rig.told[0], AgentEvent::EpisodeBegan { reason: Reason::NoService });
    assert_eq!(rig.enabled, iccid(1));
    rig.settle();
}

#[test]
fn a_list_without_operators_leaves_the_device_as_it_is() {
    let mut rig = Rig::new(&[1]);
    rig.run(secs(60));
    rig.travel(&[("20801", -70)]);
    rig.run_until(ended, secs(7_200));
    assert_eq!(rig.enables, []);
    rig.settle();
    assert_eq!(rig.outcomes(), [Outcome::NoneWorked { tried: 0 }]);
}

#[test]
fn a_profile_that_is_lost_is_left_for_the_next_list() {
    let mut rig = Rig::new(&[1, 2]);
    rig.run(secs(60));
    rig.go_abroad();
    rig.run(secs(3_600));
    assert_eq!(rig.enabled, iccid(1));
    // Its operator goes out of business, and the device is where it roams at best.
    rig.dead = [1].into();
    rig.travel(&[(ABROAD[0], -60), (ABROAD[1], -70)]);
    rig.run(secs(7_200));
    assert_eq!(rig.enabled, iccid(2));
}

#[test]
fn where_the_device_was_before_it_restarted_says_nothing_of_the_profile_on_trial() {
    let mut rig = Rig::new(&[1]);
    rig.dead = [1].into();
    rig.run(secs(60));
    rig.go_abroad();
    rig.run_until(|event| matches!(event, AgentEvent::Switching { .. }), secs(3_600));
    // It is enabled, and the modem has not started with it.
    rig.run(secs(1));
    assert_eq!(rig.enabled, iccid(1));
    let stale = crate::Location {
        registration: crate::Registration::Roaming,
        serving: Some(plmn(ABROAD[0])),
        visible: std::vec::Vec::new(),
    };
    polysim_base::Machine::handle(&mut rig.agent, rig.now, AgentInput::Located(stale));
    assert!(rig.agent.is_switching());
    rig.run_until(ended, secs(7_200));
    assert!(rig.told.contains(&AgentEvent::AttachFailed { iccid: iccid(1), cause: None }));
}
