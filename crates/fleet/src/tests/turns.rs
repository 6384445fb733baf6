//! Fairness of the queue.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn in_turns() -> Parameters {
    Parameters { turns: Some(secs(30)), reclaim: Reclaim::Now, ..anywhere() }
}

#[test]
fn sims_that_take_turns_give_way_to_the_one_that_waits_longest_and_never_in_service() {
    let mut fleet = Fleet::new(3, 1);
    fleet.standby(10, in_turns());
    fleet.assign(ALICE, 11, in_turns());
    fleet.assign(ALICE, 12, in_turns());
    let mut order = Vec::new();
    for holder in [10, 11, 12, 10] {
        assert_eq!(fleet.state(holder), SimState::Standby);
        fleet.begins(holder);
        let over = fleet.now.plus(secs(30));
        assert_eq!(fleet.exchange.poll_timeout(), Some((over, Timer::Turn)));
        fleet.pass_to(over);
        assert_eq!(fleet.state(holder), SimState::InService, "never in service");
        fleet.ends(holder);
        assert_eq!(fleet.state(holder), SimState::Reclaiming);
        fleet.released(1, holder);
        let next = [10, 11, 12].into_iter().find(|n| fleet.modem_of(*n).is_some()).unwrap();
        let taken = Why::TakesTurn { from: iccid(holder), over };
        let gave = Why::GaveWay { to: Some(iccid(next)), reason: EndReason::TurnOver };
        assert_eq!((fleet.why(next), fleet.why(holder)), (taken, gave));
        fleet.attached(next);
        order.push(next);
    }
    assert_eq!(order, [11, 12, 10, 11]);
}

#[test]
fn a_turn_goes_on_while_nobody_waits_and_ends_for_anyone_who_does() {
    let mut fleet = Fleet::new(3, 1);
    fleet.standby(10, in_turns());
    let over = fleet.now.plus(secs(31));
    fleet.pass_to(over);
    assert_eq!(fleet.state(10), SimState::Standby);
    fleet.assign(ALICE, 12, anywhere());
    fleet.assign(ALICE, 11, in_turns());
    assert_eq!(fleet.state(10), SimState::Reclaiming);
    fleet.released(1, 10);
    assert_eq!(fleet.modem_of(12), Some(modem(1, 0)), "also for one that takes no turns itself");
    assert_eq!(fleet.state(11), SimState::Waiting);
}

#[test]
fn one_that_may_evict_gets_the_modem_of_a_lower_one_as_soon_as_that_is_on_standby() {
    let evicting = |priority| Parameters { priority, evict: true, ..anywhere() };
    let mut fleet = Fleet::new(5, 1);
    fleet.standby(10, anywhere());
    fleet.begins(10);
    fleet.assign(ALICE, 11, evicting(100));
    fleet.assign(ALICE, 12, evicting(150));
    fleet.assign(ALICE, 13, evicting(200));
    fleet.assign(ALICE, 14, Parameters { priority: 255, ..anywhere() });
    assert_eq!(fleet.state(10), SimState::InService, "never in service");
    fleet.ends(10);
    let why = Why::Evicting { victim: iccid(10), theirs: 100, ours: 200 };
    assert_eq!((fleet.state(10), fleet.why(13)), (SimState::Reclaiming, why));
    fleet.released(1, 10);
    assert_eq!(fleet.state(13), SimState::Attaching);
    fleet.attached(13);
    assert_eq!(fleet.state(13), SimState::Standby, "nobody that evicts is above it");
    // 14 is behind in turn, and does not evict.
    fleet.released(1, 13);
    assert_eq!(fleet.state(11), SimState::Attaching, "the turn counts, not the priority");
    fleet.attached(11);
    assert_eq!(fleet.state(11), SimState::Reclaiming, "12 evicts what has come to standby");
    fleet.released(1, 11);
    assert_eq!(fleet.state(12), SimState::Attaching);
}

#[test]
fn what_is_released_while_it_gives_way_does_not_wait_again() {
    let mut fleet = Fleet::new(2, 1);
    fleet.standby(10, in_turns());
    fleet.assign(ALICE, 11, in_turns());
    let over = fleet.now.plus(secs(30));
    fleet.pass_to(over);
    assert_eq!(fleet.state(10), SimState::Reclaiming);
    fleet.user(ALICE, Ask::Release { iccid: iccid(10), reclaim: Reclaim::Gracefully });
    fleet.released(1, 10);
    assert_eq!((fleet.state(10), fleet.state(11)), (SimState::Idle, SimState::Attaching));
}

proptest! {
    /// F17. Each waiter is served after at most as many grants as there are users times its own
    /// user's requests before it and itself.
    #[test]
    fn nobody_waits_longer_than_their_turn(asks in proptest::collection::vec((0_u32..3, 0_u16..8), 1..30)) {
        let mut fleet = Fleet::new(9, 1);
        for user in 0..3 {
            for n in 10..19 {
                let (iccid, set) = (iccid(n), EVERYTHING());
                let user = UserId(user);
                fleet.give(Input::Operator(OperatorInput::Permit { iccid, user, set }));
            }
        }
        fleet.standby(18, anywhere());
        let mut bounds = BTreeMap::new();
        let mut own = [0_u32; 3];
        for (user, sim) in asks {
            let n = 10 + u32::from(sim);
            if bounds.contains_key(&n) {
                continue;
            }
            fleet.assign(UserId(user), n, anywhere());
            own[user as usize] += 1;
            bounds.insert(n, own[user as usize] * 3);
        }
        let mut holder = 18;
        for grants in 1.. {
            fleet.released(1, holder);
            let Some(next) = bounds.keys().copied().find(|n| fleet.modem_of(*n).is_some()) else {
                break;
            };
            prop_assert!(grants <= bounds[&next], "{next} was served as number {grants}");
            bounds.remove(&next);
            holder = next;
        }
        prop_assert!(bounds.is_empty(), "never served: {bounds:?}");
    }
}
