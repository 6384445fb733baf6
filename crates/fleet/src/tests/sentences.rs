use super::*;

#[test]
fn an_idle_sim_is_assigned_and_the_epoch_is_recorded_before_it_leaves() {
    let mut fleet = Fleet::new(1, 1);
    let request = RequestId(1);
    let (user, iccid, parameters) = (ALICE, iccid(10), anywhere());
    let ask = UserRequest { request, ask: Ask::Assign { iccid, parameters } };
    fleet.exchange.handle(fleet.now, Input::User(user, ask));
    let mut recorded = None;
    let mut told = 0;
    while let Some(out) = fleet.exchange.poll_output() {
        match out {
            Out::Record(Record {
                change: Change::Lease(LeaseChange::GrantedAtOnce { epoch, .. }),
                ..
            }) => {
                recorded = Some(epoch);
            }
            Out::Record(_) => {}
            Out::Do(Output::ToSite(_, directive)) => {
                if let SiteOrder::Grant { epoch, .. } = directive.order {
                    assert_eq!(recorded, Some(epoch));
                    told += 1;
                }
            }
            Out::Do(_) => assert!(recorded.is_some()),
        }
    }
    assert_eq!((told, fleet.state(10)), (1, SimState::Attaching));
}

#[test]
fn the_same_assignment_asked_twice_changes_nothing() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let (before, records) = (fleet.exchange.clone(), fleet.records.len());
    assert!(matches!(fleet.assign(ALICE, 10, anywhere()), Answer::Unchanged(Why::First { .. })));
    assert_eq!((fleet.exchange, fleet.records.len()), (before, records));
}

#[test]
fn a_sim_that_is_not_idle_is_reclaimed_and_then_assigned() {
    let mut fleet = Fleet::new(1, 2);
    fleet.standby(10, on(modem(1, 0)));
    let answer = fleet.assign(ALICE, 10, on(modem(1, 1)));
    assert!(matches!(answer, Answer::Waiting(Why::Reclaiming { .. })), "{answer:?}");
    assert_eq!((fleet.state(10), fleet.modem_of(10)), (SimState::Reclaiming, Some(modem(1, 0))));
    let first = fleet.claim(10).epoch;
    fleet.released(1, 10);
    assert_eq!(fleet.modem_of(10), Some(modem(1, 1)));
    assert!(fleet.claim(10).epoch > first);
}

#[test]
fn reclaiming_when_convenient_waits_for_the_end_of_service() {
    let mut fleet = Fleet::new(1, 2);
    fleet.standby(10, on(modem(1, 0)));
    fleet.begins(10);
    let wanted = Parameters { reclaim: Reclaim::WhenConvenient, ..on(modem(1, 1)) };
    assert!(matches!(fleet.assign(ALICE, 10, wanted), Answer::Waiting(Why::InService { .. })));
    assert_eq!(fleet.state(10), SimState::InService);
    fleet.ends(10);
    assert_eq!(fleet.state(10), SimState::Reclaiming);
}

#[test]
fn reclaiming_now_is_at_once_and_gracefully_has_a_limit() {
    for (reclaim, now) in [(Reclaim::Now, true), (Reclaim::Gracefully, false)] {
        let mut fleet = Fleet::new(1, 2);
        fleet.standby(10, on(modem(1, 0)));
        fleet.assign(ALICE, 10, Parameters { reclaim, ..on(modem(1, 1)) });
        let (_, last) = fleet.to_sites().pop().unwrap();
        let SiteOrder::Revoke { how, .. } = last else { panic!("{last:?}") };
        assert_eq!(how == Revoke::AtOnce, now);
    }
}

#[test]
fn without_a_free_modem_a_request_waits_until_its_deadline() {
    let mut fleet = Fleet::new(2, 1);
    fleet.standby(10, anywhere());
    let wanted = Parameters { wait: secs(30), ..anywhere() };
    assert!(matches!(fleet.assign(ALICE, 11, wanted), Answer::Waiting(Why::Queued { .. })));
    assert_eq!(fleet.state(11), SimState::Waiting);
    let request = RequestId(fleet.requests);
    let deadline = fleet.now.plus(secs(30));
    fleet.pass_to(deadline);
    assert_eq!(fleet.last_answer(request), Answer::Dropped(DropReason::Deadline));
    assert_eq!(fleet.state(11), SimState::Idle);
}

#[test]
fn users_take_turns_in_the_queue() {
    let mut fleet = Fleet::new(4, 1);
    let set = EVERYTHING();
    fleet.give(Input::Operator(OperatorInput::Permit { iccid: iccid(13), user: BOB, set }));
    fleet.standby(10, anywhere());
    fleet.assign(ALICE, 11, anywhere());
    fleet.assign(ALICE, 12, anywhere());
    fleet.assign(BOB, 13, anywhere());
    fleet.released(1, 10);
    fleet.released(1, 11);
    assert_eq!(fleet.modem_of(13), Some(modem(1, 0)), "BOB's only one comes before ALICE's second");
}

#[test]
fn eviction_takes_the_lowest_priority_on_standby_and_never_one_in_service() {
    let mut fleet = Fleet::new(3, 2);
    fleet.standby(10, Parameters { priority: 1, ..anywhere() });
    fleet.standby(11, Parameters { priority: 2, ..anywhere() });
    fleet.begins(10);
    let answer = fleet.assign(ALICE, 12, Parameters { priority: 9, evict: true, ..anywhere() });
    let why = Why::Evicting { victim: iccid(11), theirs: 2, ours: 9 };
    assert_eq!(answer, Answer::Waiting(why));
    assert_eq!((fleet.state(10), fleet.state(11)), (SimState::InService, SimState::Reclaiming));
    let taken = fleet.modem_of(11);
    fleet.released(1, 11);
    assert_eq!((fleet.modem_of(12), fleet.state(11)), (taken, SimState::Waiting));
    let why = Why::GaveWay { to: Some(iccid(12)), reason: EndReason::Evicted(9) };
    assert_eq!(fleet.why(11), why);
    fleet.attached(12);
    fleet.released(1, 12);
    assert_eq!(fleet.modem_of(11), taken, "it comes back when the higher one leaves");
}

#[test]
fn an_equal_priority_is_not_evicted() {
    let mut fleet = Fleet::new(2, 1);
    fleet.standby(10, anywhere());
    let answer = fleet.assign(ALICE, 11, Parameters { evict: true, ..anywhere() });
    assert!(matches!(answer, Answer::Waiting(Why::Queued { .. })));
}

#[test]
fn a_duplicate_blocks_both_until_one_is_named_or_gone() {
    for resolve in [true, false] {
        let mut fleet = Fleet::new(1, 2);
        fleet.standby(10, anywhere());
        fleet.insert(1, 5, 10);
        assert_eq!(fleet.state(10), SimState::Duplicate);
        let refused = Answer::Refused(Refusal::State(SimState::Duplicate));
        fleet.released(1, 10);
        assert_eq!(fleet.assign(ALICE, 10, on(modem(1, 1))), refused);
        if resolve {
            let resolve = OperatorInput::Resolve { iccid: iccid(10), slot: slot(1, 5) };
            fleet.give(Input::Operator(resolve));
        } else {
            fleet.remove(1, 5);
        }
        assert_eq!(fleet.state(10), SimState::Idle);
        assert!(matches!(fleet.assign(ALICE, 10, anywhere()), Answer::Assigned(..)));
    }
}

#[test]
fn a_rejected_card_does_not_count_until_it_was_taken_out() {
    let mut fleet = Fleet::new(1, 2);
    fleet.insert(1, 5, 10);
    let resolve = OperatorInput::Resolve { iccid: iccid(10), slot: slot(1, 0) };
    fleet.give(Input::Operator(resolve));
    fleet.standby(10, anywhere());
    fleet.insert(1, 7, 11);
    assert_eq!(fleet.state(10), SimState::Standby, "an unrelated card was put in");
    let mut next = Exchange::new(ExchangeConfig::default());
    fleet.records.iter().cloned().for_each(|record| next.restore(record));
    fleet.exchange = next;
    fleet.give(Input::Lead(Term(2)));
    fleet.insert(1, 8, 12);
    assert_eq!(fleet.state(10), SimState::Standby, "nor for the next server");
    fleet.remove(1, 5);
    assert_eq!(fleet.state(10), SimState::Standby);
    fleet.insert(1, 5, 10);
    assert_eq!(fleet.state(10), SimState::Duplicate, "put in again");
}

#[test]
fn a_rejected_card_that_is_moved_counts_again() {
    let mut fleet = Fleet::new(1, 2);
    fleet.insert(1, 5, 10);
    let resolve = OperatorInput::Resolve { iccid: iccid(10), slot: slot(1, 0) };
    fleet.give(Input::Operator(resolve));
    fleet.remove(1, 0);
    assert_eq!(fleet.state(10), SimState::NotPresent);
    fleet.cards(1, |cards| cards.iter_mut().for_each(|card| card.slot = slot(1, 0)));
    assert_eq!(fleet.state(10), SimState::Idle);
}

#[test]
fn a_moved_card_keeps_what_it_is_and_its_lease_ends_with_a_reason() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let (request, epoch) = (RequestId(fleet.requests), fleet.claim(10).epoch);
    fleet.remove(1, 0);
    fleet.insert(1, 9, 10);
    assert_eq!(fleet.state(10), SimState::Reclaiming, "until the site has confirmed");
    fleet.released(1, 10);
    assert_eq!(fleet.last_answer(request), Answer::Ended(EndReason::CardRemoved));
    assert_eq!((fleet.state(10), fleet.claim(10).epoch), (SimState::Idle, epoch));
    fleet.standby(10, anywhere());
    assert!(fleet.claim(10).epoch > epoch);
}

#[test]
fn a_built_in_modem_serves_its_own_site_and_a_cloud_modem_every_site() {
    let mut fleet = Fleet::new(1, 1);
    fleet.give(hello(2, 1, 1, 1, 0, Kind::BuiltIn));
    fleet.entitle(20);
    let refused = Refusal::NoneInPool { pool: POOL, kind: KindWanted::Any };
    assert_eq!(fleet.assign(ALICE, 20, anywhere()), Answer::Refused(refused));
    let reach = Refusal::OutOfReach(modem(1, 0));
    assert_eq!(fleet.assign(ALICE, 20, on(modem(1, 0))), Answer::Refused(reach));
    fleet.give(hello(3, 1, 1, 0, 1, Kind::Cloud));
    fleet.standby(20, anywhere());
    assert_eq!(fleet.modem_of(20), Some(modem(3, 0)));
    let told: Vec<SiteId> = fleet.grants().iter().map(|(site, _)| *site).collect();
    assert_eq!(told, [SiteId(2), SiteId(3)], "the card's site and the modem's");
}

#[test]
fn a_use_request_is_answered_with_the_modem_and_a_stale_one_with_moved() {
    let mut fleet = Fleet::new(1, 2);
    fleet.standby(10, on(modem(1, 0)));
    let target = Target::Sim(iccid(10));
    let Answer::At(place, SimWhy::Fixed) = fleet.ask(ALICE, target, None) else { panic!() };
    assert_eq!((place.modem, place.address.as_str()), (modem(1, 0), "site-1/0"));
    let known = Some((place.modem, place.epoch));
    assert!(matches!(fleet.ask(ALICE, target, known), Answer::At(..)));
    fleet.assign(ALICE, 10, on(modem(1, 1)));
    let refused = Answer::Refused(Refusal::State(SimState::Reclaiming));
    assert_eq!(fleet.ask(ALICE, target, known), refused);
    fleet.released(1, 10);
    fleet.attached(10);
    let Answer::Moved(place) = fleet.ask(ALICE, target, known) else { panic!() };
    assert_eq!(place.modem, modem(1, 1));
}

#[test]
fn what_is_not_permitted_is_denied_recorded_and_changes_nothing_else() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let refused = Answer::Refused(Refusal::NotPermitted);
    let mut before = fleet.exchange.clone();
    assert_eq!(fleet.ask(BOB, Target::Sim(iccid(10)), None), refused);
    assert_eq!(fleet.assign(BOB, 10, anywhere()), refused);
    assert_eq!(fleet.assign(BOB, 77, anywhere()), refused, "alike for a SIM that there is not");
    before.state.denied += 3;
    assert_eq!(fleet.exchange, before);
    let denied = fleet.records.iter().filter(|record| record.change == Change::Denied);
    assert!(denied.clone().all(|record| matches!(record.cause, Cause::User(BOB, _))));
    assert_eq!(denied.count(), 3);
}

#[test]
fn a_permission_that_is_taken_away_is_gone_for_the_next_use() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let set = Permissions::TEXT_READ;
    fleet.give(Input::Operator(OperatorInput::Permit { iccid: iccid(10), user: ALICE, set }));
    let refused = Answer::Refused(Refusal::NotPermitted);
    assert_eq!(fleet.ask(ALICE, Target::Sim(iccid(10)), None), refused);
}

#[test]
fn every_sim_can_be_asked_why() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let request = RequestId(900);
    let ask = Ask::Why { iccid: iccid(10) };
    fleet.give(Input::User(ALICE, UserRequest { request, ask }));
    let order = ModemOrder::LeastRecentlyUsed;
    let why = Why::First { order, free_since: at(1), site_load: 0 };
    assert_eq!(fleet.last_answer(request), Answer::Explained(SimState::Standby, why));
}

#[test]
fn modems_that_fail_rest_longer_each_time_and_make_their_site_suspect() {
    let mut fleet = Fleet::new(1, 4);
    let rest = ExchangeConfig::default().rest;
    fleet.give(Input::Site(SiteId(1), SiteReport::ModemFailed(modem(1, 0))));
    assert_eq!(fleet.exchange.poll_timeout(), Some((fleet.now.plus(rest), Timer::ModemRest)));
    fleet.give(Input::Site(SiteId(1), SiteReport::ModemFailed(modem(1, 1))));
    assert!(!matches!(fleet.assign(ALICE, 10, on(modem(1, 0))), Answer::Assigned(..)));
    fleet.give(Input::Site(SiteId(1), SiteReport::ModemFailed(modem(1, 2))));
    let answer = fleet.assign(ALICE, 10, on(modem(1, 3)));
    assert!(matches!(answer, Answer::Waiting(Why::Queued { .. })), "suspect: {answer:?}");
    let cleared = fleet.now.plus(ExchangeConfig::default().site_backoff);
    fleet.pass_to(cleared);
    assert_eq!(fleet.modem_of(10), Some(modem(1, 3)));
}

#[test]
fn a_failed_attach_is_tried_on_another_modem_and_a_refused_sim_is_blocked() {
    let mut fleet = Fleet::new(1, 2);
    fleet.assign(ALICE, 10, anywhere());
    let first = fleet.modem_of(10);
    fleet.tells(10, |claim| SiteReport::AttachFailed(claim, Fault::Modem));
    fleet.released(1, 10);
    assert!(fleet.modem_of(10).is_some() && fleet.modem_of(10) != first);
    fleet.tells(10, |claim| SiteReport::AttachFailed(claim, Fault::Sim));
    fleet.released(1, 10);
    assert_eq!((fleet.state(10), fleet.modem_of(10)), (SimState::Blocked, None));
}

#[test]
fn an_assignment_with_a_duration_is_taken_back_after_it() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, Parameters { duration: Some(secs(30)), ..anywhere() });
    let end = fleet.now.plus(secs(30));
    assert_eq!(fleet.exchange.poll_timeout(), Some((end, Timer::Duration)));
    fleet.pass_to(end);
    assert_eq!(fleet.state(10), SimState::Reclaiming);
}
