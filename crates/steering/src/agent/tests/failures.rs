//! What can go wrong with a download, each with its reason and with what is done about it.

use super::super::*;
use super::rig::Rig;
use super::setup::{ORIGINAL, config, iccid, secs};
use crate::wire::{
    Downlink, DownloadAnswer, DownloadFailure, OperatorNumber, Outcome, Refusal, RequestNumber,
    seal_downlink,
};

fn ended(event: &AgentEvent) -> bool {
    matches!(event, AgentEvent::Ended(_))
}

#[test]
fn an_operator_that_gives_no_profile_is_passed_over() {
    let mut rig = Rig::new(&[2]);
    rig.no_orders = [1].into();
    rig.run(secs(60));
    rig.go_abroad();
    rig.run_until(ended, secs(7_200));
    assert!(rig.told.contains(&AgentEvent::Refused(Refusal::OperatorRefused)));
    assert_eq!(rig.enabled, iccid(2));
    assert_eq!(rig.advisor.orders(), 0);
}

#[test]
fn a_server_that_cannot_be_reached_is_told_and_its_order_is_taken_back() {
    let mut rig = Rig::new(&[2]);
    rig.smdp_down = [1].into();
    rig.run(secs(60));
    rig.go_abroad();
    rig.run_until(ended, secs(7_200));
    let (request, operator) = (RequestNumber(2), OperatorNumber(1));
    let failure = DownloadFailure::Unreachable;
    assert!(rig.told.contains(&AgentEvent::DownloadFailed { operator, failure }));
    assert_eq!(rig.enabled, iccid(2));
    rig.settle();
    assert_eq!(rig.outcomes()[0], Outcome::DownloadFailed { request, operator, failure });
    assert_eq!((rig.cancelled.len(), rig.advisor.orders()), (1, 0));
}

#[test]
fn where_memory_is_short_a_downloaded_profile_gives_way_and_the_original_never() {
    let mut rig = Rig::with(&[], AgentConfig { room: Room::AsNeeded, ..config() });
    rig.run(secs(60));
    rig.go_abroad();
    rig.run(secs(3_600));
    assert_eq!(rig.enabled, iccid(1_100));
    rig.go_home();
    rig.run(secs(7_200));
    assert_eq!(rig.enabled, iccid(ORIGINAL));
    // Now there is no room for another, and the first operator is gone.
    rig.room = 2;
    rig.profiles.insert(iccid(1_100), 1);
    rig.dead = [1].into();
    rig.travel(&[("23203", -70)]);
    rig.run_until(|event| matches!(event, AgentEvent::Deleted { .. }), secs(86_400));
    rig.run(secs(7_200));
    assert_eq!(rig.enabled, iccid(2_102), "{:?}", rig.told);
    assert!(rig.profiles.contains_key(&iccid(ORIGINAL)) && rig.profiles.len() == 2);
    rig.settle();
}

#[test]
fn where_nothing_may_be_deleted_the_download_fails_for_want_of_memory() {
    let mut rig = Rig::new(&[]);
    rig.room = 1;
    rig.run(secs(60));
    rig.go_abroad();
    rig.run_until(ended, secs(86_400));
    let failure = DownloadFailure::Memory;
    assert!(
        rig.told.contains(&AgentEvent::DownloadFailed { operator: OperatorNumber(1), failure })
    );
    assert_eq!(rig.enabled, iccid(ORIGINAL));
    rig.settle();
    assert_eq!(rig.cancelled.len(), rig.orders.len());
}

#[test]
fn a_device_begins_no_more_downloads_in_a_month_than_it_may() {
    let mut rig = Rig::with(&[], AgentConfig { downloads_per_month: 2, ..config() });
    rig.smdp_down = [1, 2, 3, 4].into();
    rig.run(secs(60));
    rig.go_abroad();
    rig.run(secs(20 * 86_400));
    assert_eq!(rig.orders.len(), 2);
    let used_up = |event: &&AgentEvent| matches!(event, AgentEvent::DownloadsUsedUp { .. });
    assert!(rig.told.iter().filter(used_up).count() > 2);
    rig.run(secs(20 * 86_400));
    assert_eq!(rig.orders.len(), 4, "a month later it may again");
}

#[test]
fn the_platform_has_a_bound_of_its_own() {
    let mut rig = Rig::with(&[], AgentConfig { downloads_per_month: 100, ..config() });
    rig.smdp_down = [1, 2, 3, 4].into();
    rig.run(secs(60));
    rig.go_abroad();
    rig.run(secs(20 * 86_400));
    assert_eq!(rig.orders.len(), 4);
    assert!(rig.told.contains(&AgentEvent::Refused(Refusal::BudgetUsedUp)));
}

#[test]
fn after_nothing_has_worked_the_device_rests_longer_each_time() {
    let mut rig = Rig::new(&[1]);
    rig.dead = [1].into();
    rig.no_orders = [2, 3, 4].into();
    rig.run(secs(60));
    rig.go_abroad();
    rig.run(secs(4 * 86_400));
    let began: std::vec::Vec<_> = rig.enables.iter().step_by(2).map(|(at, _)| *at).collect();
    assert!((5..=9).contains(&began.len()), "{}", began.len());
    let pauses = began.windows(2).map(|it| it[1].since(it[0]));
    assert!(pauses.is_sorted(), "{began:?}");
}

#[test]
fn a_frame_that_is_not_of_the_platform_changes_nothing() {
    let mut rig = Rig::new(&[]);
    rig.run(secs(60));
    let answer = DownloadAnswer::Refused(Refusal::NotEntitled);
    let forged = Downlink::Download { number: RequestNumber(1), answer };
    let key = crate::DeviceKey::new([1; 16]);
    let frame = seal_downlink(&key, super::setup::eid(), 5, &forged);
    let records = rig.records.len();
    polysim_base::Machine::handle(&mut rig.agent, rig.now, AgentInput::Frame(frame));
    rig.run(secs(1));
    assert_eq!(rig.records.len(), records);
    let out = polysim_base::Machine::poll_output(&mut rig.agent);
    assert_eq!(out, Some(polysim_base::Out::Do(AgentOutput::Tell(AgentEvent::NotAuthentic))));
}
