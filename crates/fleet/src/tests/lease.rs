use super::*;
use polysim_lease::LeaseTimer;

fn renew(site: u16, incarnation: u32, stamp: u64, leases: Vec<LeaseClaim>) -> Input {
    let stamp = at(stamp);
    Input::Site(SiteId(site), SiteReport::Renew { incarnation, revision: 1, stamp, leases })
}

#[test]
fn a_broken_link_releases_nothing_and_expiry_waits_for_the_guard() {
    let mut fleet = Fleet::new(2, 1);
    fleet.standby(10, anywhere());
    fleet.assign(ALICE, 11, anywhere());
    let (expiry, timer) = fleet.exchange.poll_timeout().unwrap();
    assert_eq!(timer, Timer::Lease(LeaseTimer::Expiry));
    fleet.pass_to(expiry);
    assert_eq!(fleet.modem_of(10), Some(modem(1, 0)), "in doubt");
    fleet.give(hello(1, 1, 70, 2, 1, Kind::BuiltIn));
    assert_eq!(fleet.state(10), SimState::InDoubt);
    let (guard, timer) = fleet.exchange.poll_timeout().unwrap();
    assert_eq!(timer, Timer::Lease(LeaseTimer::Guard));
    assert!(guard > expiry);
    fleet.pass_to(guard);
    assert_eq!((fleet.modem_of(10), fleet.modem_of(11)), (None, Some(modem(1, 0))));
    assert_eq!(fleet.state(10), SimState::Quarantine, "its network may not know yet");
}

#[test]
fn a_renewed_lease_goes_on_and_one_that_is_not_named_is_said_again() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    fleet.pass_to(at(50));
    fleet.said.clear();
    let claim = fleet.claim(10);
    fleet.give(renew(1, 1, 50, [claim].into()));
    let expiry = at(50).plus(ExchangeConfig::default().ttl);
    assert_eq!(fleet.exchange.poll_timeout().unwrap().0, expiry);
    let Some((_, SiteOrder::Grant { asked, ttl, .. })) = fleet.grants().pop() else { panic!() };
    assert_eq!((asked, ttl), (at(50), ExchangeConfig::default().ttl));
    fleet.pass_to(at(60));
    fleet.give(renew(1, 1, 60, Vec::new()));
    let Some((_, SiteOrder::Grant { asked, ttl, .. })) = fleet.grants().pop() else { panic!() };
    assert_eq!((asked, ttl), (at(60), secs(50)), "said again, for what is left");
}

#[test]
fn a_lease_of_another_epoch_is_fenced() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let stale = LeaseClaim { iccid: iccid(10), epoch: Epoch::new(Term(1), 0) };
    fleet.give(renew(1, 1, 2, [stale].into()));
    let fence = SiteOrder::Fence { iccid: iccid(10), epoch: stale.epoch };
    assert!(fleet.to_sites().contains(&(SiteId(1), fence)));
}

#[test]
fn only_the_site_of_the_card_releases_it() {
    let mut fleet = Fleet::new(1, 0);
    fleet.give(hello(3, 1, 1, 0, 1, Kind::Cloud));
    fleet.standby(10, anywhere());
    fleet.released(3, 10);
    assert_eq!(fleet.state(10), SimState::Standby);
    fleet.released(1, 10);
    assert_eq!(fleet.state(10), SimState::Idle);
}

#[test]
fn a_site_that_was_started_anew_holds_nothing() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let request = RequestId(fleet.requests);
    fleet.give(hello(1, 2, 9, 1, 1, Kind::BuiltIn));
    assert_eq!(fleet.last_answer(request), Answer::Ended(EndReason::SiteRestarted));
    assert_eq!(fleet.state(10), SimState::Quarantine);
    let rested = fleet.now.plus(ExchangeConfig::default().quarantine);
    let answer = fleet.assign(ALICE, 10, anywhere());
    assert_eq!(answer, Answer::Waiting(Why::Quarantine { until: rested }));
    assert_eq!(fleet.exchange.poll_timeout(), Some((rested, Timer::Quarantine)));
    fleet.pass_to(rested);
    assert_eq!(fleet.state(10), SimState::Attaching);
}

#[test]
fn what_is_granted_while_a_site_comes_back_is_granted_to_its_new_life() {
    let mut fleet = Fleet::new(2, 1);
    fleet.standby(10, anywhere());
    fleet.assign(ALICE, 11, anywhere());
    fleet.give(hello(1, 2, 9, 2, 1, Kind::BuiltIn));
    assert_eq!((fleet.state(10), fleet.state(11)), (SimState::Quarantine, SimState::Attaching));
}

#[test]
fn a_server_that_does_not_lead_grants_nothing() {
    let mut exchange = Exchange::new(ExchangeConfig::default());
    exchange.handle(at(1), hello(1, 1, 1, 1, 1, Kind::BuiltIn));
    let (iccid, user) = (iccid(10), ALICE);
    let set = EVERYTHING();
    exchange.handle(at(1), Input::Operator(OperatorInput::Permit { iccid, user, set }));
    while exchange.poll_output().is_some() {}
    let (request, parameters) = (RequestId(1), anywhere());
    let ask = UserRequest { request, ask: Ask::Assign { iccid, parameters } };
    exchange.handle(at(1), Input::User(user, ask));
    let answer = Answer::Refused(Refusal::NotLeading);
    assert_eq!(exchange.poll_output(), Some(Out::Do(Output::ToUser { user, request, answer })));
}

#[test]
fn epochs_grow_over_a_change_of_the_server() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let first = fleet.claim(10).epoch;
    let mut next = Exchange::new(ExchangeConfig::default());
    fleet.records.iter().cloned().for_each(|record| next.restore(record));
    fleet.exchange = next;
    fleet.give(Input::Lead(Term(2)));
    fleet.released(1, 10);
    fleet.standby(10, anywhere());
    let second = fleet.claim(10).epoch;
    assert!(second > first && second.term() == Term(2));
}

#[test]
fn a_report_of_service_that_was_overtaken_does_not_put_a_sim_in_service_back_to_standby() {
    let mut fleet = Fleet::new(2, 1);
    fleet.standby(10, anywhere());
    fleet.tells(10, |claim| SiteReport::ServiceBegan(claim, 1));
    let evicting = Parameters { priority: 200, evict: true, ..anywhere() };
    fleet.assign(ALICE, 11, evicting);
    let recorded = fleet.records.len();
    fleet.tells(10, |claim| SiteReport::ServiceEnded(claim, 0));
    fleet.tells(10, |claim| SiteReport::ServiceBegan(claim, 1));
    assert_eq!((fleet.state(10), fleet.records.len()), (SimState::InService, recorded));
    fleet.tells(10, |claim| SiteReport::ServiceBegan(claim, 3));
    fleet.tells(10, |claim| SiteReport::ServiceEnded(claim, 2));
    assert_eq!(fleet.state(10), SimState::InService);
    fleet.tells(10, |claim| SiteReport::ServiceEnded(claim, 4));
    assert_eq!(fleet.state(10), SimState::Reclaiming);
}

#[test]
fn service_that_is_told_of_before_standby_is_no_moment_of_standby() {
    let mut fleet = Fleet::new(2, 1);
    fleet.assign(ALICE, 10, anywhere());
    fleet.assign(ALICE, 11, Parameters { priority: 200, evict: true, ..anywhere() });
    fleet.tells(10, |claim| SiteReport::ServiceBegan(claim, 1));
    assert_eq!(fleet.state(10), SimState::InService);
    fleet.attached(10);
    assert_eq!(fleet.state(10), SimState::InService);
}

#[test]
fn reports_of_service_are_counted_anew_with_each_lease() {
    let mut fleet = Fleet::new(1, 1);
    for number in [5, 1] {
        fleet.standby(10, anywhere());
        fleet.tells(10, |claim| SiteReport::ServiceBegan(claim, number));
        assert_eq!(fleet.state(10), SimState::InService);
        fleet.released(1, 10);
    }
}

#[test]
fn a_lease_whose_card_is_gone_ends_for_that_reason_also_before_the_site_tells_what_is_left() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let request = RequestId(fleet.requests);
    fleet.tells(10, SiteReport::CardLost);
    assert_eq!(fleet.last_answer(request), Answer::Ended(EndReason::CardRemoved));
    assert_eq!(fleet.why(10), Why::Ended(EndReason::CardRemoved));
    fleet.remove(1, 0);
    assert_eq!(fleet.state(10), SimState::NotPresent);
}

#[test]
fn what_had_to_give_way_does_not_wait_again_without_its_card() {
    let mut fleet = Fleet::new(2, 1);
    fleet.standby(10, anywhere());
    fleet.assign(ALICE, 11, Parameters { priority: 200, evict: true, ..anywhere() });
    fleet.tells(10, SiteReport::CardLost);
    assert_eq!((fleet.state(10), fleet.state(11)), (SimState::Idle, SimState::Attaching));
}
