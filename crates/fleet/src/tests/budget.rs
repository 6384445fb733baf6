//! Who may do what, and how much, as sites are told.

use super::sent::outcome;
use super::*;

const SENT: PartOutcome = PartOutcome::Sent { reference: 1 };

#[test]
fn permissions_and_budget_come_with_each_grant_and_when_they_change() {
    let mut fleet = Fleet::new(1, 0);
    fleet.give(hello(3, 1, 1, 0, 1, Kind::Cloud));
    fleet.standby(10, anywhere());
    let epoch = fleet.claim(10).epoch;
    let budget = Budget { texts_limit: 200, calls_limit: 100, ..Budget::default() };
    let users = [(ALICE, EVERYTHING())].into();
    let entitle = SiteOrder::Entitle { iccid: iccid(10), epoch, revision: 1, users, budget };
    assert!(fleet.to_sites().contains(&(SiteId(3), entitle.clone())), "the modem's site");
    assert!(!fleet.to_sites().contains(&(SiteId(1), entitle)), "not the card's");
    let (iccid, set) = (iccid(10), Permissions::CALL);
    fleet.give(Input::Operator(OperatorInput::Permit { iccid, user: BOB, set }));
    let users = [(ALICE, EVERYTHING()), (BOB, set)].into();
    let entitle = SiteOrder::Entitle { iccid, epoch, revision: 2, users, budget };
    assert_eq!(fleet.to_sites().last(), Some(&(SiteId(3), entitle)));
    let caps = Caps { texts: 5, calls: 1 };
    fleet.give(Input::Operator(OperatorInput::Cap { iccid, caps }));
    assert_eq!((fleet.entitled().texts_limit, fleet.entitled().calls_limit), (5, 1));
    fleet.said.clear();
    fleet.released(1, 10);
    fleet.standby(10, anywhere());
    let Some((_, SiteOrder::Entitle { revision: 3, .. })) = fleet.to_sites().pop() else {
        panic!("the revision counts on over leases: {:?}", fleet.to_sites())
    };
}

#[test]
fn what_was_used_counts_once_for_a_day_over_all_modems() {
    let config = ExchangeConfig {
        silence: secs(100_000_000),
        ttl: secs(100_000_000),
        ..ExchangeConfig::default()
    };
    let mut fleet = Fleet::with(config, 1, 2);
    fleet.standby(10, on(modem(1, 0)));
    let claim = fleet.claim(10);
    assert!(fleet.keep(1, outcome(claim, 1, 1, PartOutcome::Pending)));
    assert!(fleet.keep(1, outcome(claim, 1, 1, SENT)));
    assert!(fleet.keep(1, outcome(claim, 2, 1, PartOutcome::Failed { cause: None })));
    fleet.assign(ALICE, 10, on(modem(1, 1)));
    fleet.released(1, 10);
    assert_eq!((fleet.entitled().texts_used, fleet.entitled().texts_limit), (2, 200));
    fleet.attached(10);
    fleet.pass_to(at(7_200));
    assert!(fleet.keep(1, outcome(claim, 3, 1, SENT)));
    let due = at(1 + 25 * 3_600);
    assert_eq!(fleet.exchange.poll_timeout(), Some((due, Timer::Budget)));
    fleet.pass_to(due);
    assert_eq!((fleet.entitled().texts_used, fleet.entitled().texts_limit), (3, 202));
    fleet.pass_to(at(27 * 3_600));
    assert_eq!((fleet.entitled().texts_used, fleet.entitled().texts_limit), (3, 203));
    assert_eq!(fleet.exchange.state.indexes, fleet.exchange.state.indexed_anew());
}
