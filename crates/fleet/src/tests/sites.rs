//! Sites that are silent, unknown, or say what they may not; servers that do not lead.

use super::*;

fn renew(revision: u32, stamp: u64) -> Input {
    let (stamp, leases) = (at(stamp), Vec::new());
    let renew = SiteReport::Renew { incarnation: 1, revision, stamp, leases };
    Input::Site(SiteId(1), renew)
}

fn introduced(fleet: &mut Fleet, input: Input) -> bool {
    fleet.said.clear();
    fleet.give(input);
    fleet.to_sites().contains(&(SiteId(1), SiteOrder::Introduce))
}

#[test]
fn a_silent_site_is_away_until_it_says_hello() {
    let silence = secs(30);
    let mut fleet = Fleet::with(ExchangeConfig { silence, ..ExchangeConfig::default() }, 1, 1);
    fleet.standby(10, anywhere());
    fleet.pass_to(at(20));
    assert!(!introduced(&mut fleet, renew(1, 20)));
    let due = at(20).plus(silence);
    assert_eq!(fleet.exchange.poll_timeout(), Some((due, Timer::Silence)));
    fleet.pass_to(due);
    assert_eq!((fleet.state(10), fleet.modem_of(10)), (SimState::SiteAway, Some(modem(1, 0))));
    let Answer::Sims(sims) = fleet.user(ALICE, Ask::List) else { panic!() };
    assert_eq!(sims[0].unreachable_since, Some(at(20)), "last heard of");
    assert!(introduced(&mut fleet, renew(1, 66)));
    fleet.give(hello(1, 1, 67, 1, 1, Kind::BuiltIn));
    assert_eq!(fleet.state(10), SimState::Standby);
    assert!(!introduced(&mut fleet, renew(1, 68)));
}

#[test]
fn a_site_is_asked_to_introduce_itself_when_it_is_not_known_as_it_says_it_is() {
    let mut fleet = Fleet::new(1, 1);
    assert!(introduced(&mut fleet, renew(2, 9)), "another revision");
    assert!(!introduced(&mut fleet, renew(1, 9)));
    fleet.give(Input::Lead(Term(2)));
    assert!(introduced(&mut fleet, renew(1, 10)), "a new leader asks everybody");
    fleet.give(hello(1, 1, 11, 1, 1, Kind::BuiltIn));
    assert!(!introduced(&mut fleet, renew(1, 12)));
    let mut old = fleet.sites[&SiteId(1)].clone();
    (old.revision, old.cards) = (0, Vec::new());
    fleet.give(Input::Site(SiteId(1), SiteReport::Hello(old)));
    assert_eq!(fleet.state(10), SimState::Idle, "an overtaken hello changes nothing");
}

#[test]
fn what_is_not_its_own_is_ignored_and_noted() {
    let mut fleet = Fleet::new(1, 1);
    fleet.give(hello(2, 1, 1, 0, 1, Kind::BuiltIn));
    fleet.standby(10, anywhere());
    let claim = fleet.claim(10);
    for report in [
        SiteReport::ServiceBegan(claim, 1),
        SiteReport::ModemFailed(modem(1, 0)),
        SiteReport::Hello(fleet.sites[&SiteId(1)].clone()),
    ] {
        fleet.give(Input::Site(SiteId(2), report));
    }
    assert_eq!((fleet.state(10), fleet.exchange.misreports()), (SimState::Standby, 3));
    let all = [
        Misreport::NotItsLease(iccid(10)),
        Misreport::NotItsModem(modem(1, 0)),
        Misreport::TooMuch(2),
    ];
    let mut changes: Vec<_> = fleet.records.iter().map(|record| record.change.clone()).collect();
    changes.retain(|change| matches!(change, Change::Misreported(_)));
    assert_eq!(changes, all.map(Change::Misreported));
}

#[test]
fn a_server_that_does_not_lead_refuses_users_and_is_silent_to_sites() {
    let mut fleet = Fleet::new(1, 1);
    fleet.standby(10, anywhere());
    let record = fleet.records[0].clone();
    let change = Change::Lead(Term(7));
    fleet.exchange.restore(Record { change, ..record });
    assert!(!fleet.exchange.leads());
    fleet.said.clear();
    let (records, before) = (fleet.records.len(), fleet.exchange.clone());
    fleet.give(renew(1, 9));
    fleet.give(Input::Lead(Term(7)));
    fleet.exchange.handle_timeout(at(1_000_000));
    fleet.drain();
    assert_eq!((fleet.said.len(), fleet.records.len()), (0, records));
    assert_eq!(fleet.exchange.poll_timeout(), None);
    let refused = Answer::Refused(Refusal::NotLeading);
    assert_eq!(fleet.user(ALICE, Ask::List), refused);
    assert_eq!(fleet.exchange, before);
    fleet.give(Input::Lead(Term(8)));
    assert!(fleet.exchange.leads());
}

#[test]
fn users_list_the_sims_that_they_may_do_anything_with() {
    let mut fleet = Fleet::new(3, 1);
    let set = Permissions::CALL;
    fleet.give(Input::Operator(OperatorInput::Permit { iccid: iccid(11), user: BOB, set }));
    fleet.standby(11, anywhere());
    let Answer::Sims(sims) = fleet.user(BOB, Ask::List) else { panic!() };
    let [sim] = sims.as_slice() else { panic!("{sims:?}") };
    assert_eq!((sim.iccid, sim.permissions, sim.unreachable_since), (iccid(11), set, None));
    assert_eq!(sim.placement.as_ref().map(|place| place.modem), Some(modem(1, 0)));
    fleet.pass_to(at(9));
    fleet.released(1, 11);
    let Answer::Sims(sims) = fleet.user(ALICE, Ask::List) else { panic!() };
    let since: Vec<_> = sims.iter().map(|sim| sim.unreachable_since).collect();
    assert_eq!(since, [Some(at(1)), Some(at(9)), Some(at(1))]);
}

#[test]
fn a_blocked_sim_is_used_again_when_the_operator_says_so() {
    let mut fleet = Fleet::new(1, 1);
    fleet.assign(ALICE, 10, anywhere());
    fleet.tells(10, |claim| SiteReport::AttachFailed(claim, Fault::Sim));
    fleet.released(1, 10);
    assert_eq!(fleet.state(10), SimState::Blocked);
    fleet.give(Input::Operator(OperatorInput::Unblock(iccid(10))));
    fleet.standby(10, anywhere());
}

#[test]
fn a_sim_that_was_refused_is_blocked_once_however_often_its_site_says_so() {
    let mut fleet = Fleet::new(1, 1);
    fleet.assign(ALICE, 10, anywhere());
    fleet.tells(10, |claim| SiteReport::AttachFailed(claim, Fault::Sim));
    let recorded = fleet.records.len();
    fleet.tells(10, |claim| SiteReport::AttachFailed(claim, Fault::Sim));
    assert_eq!(fleet.records.len(), recorded);
}

#[test]
fn a_sim_that_does_not_get_back_to_standby_gets_another_modem() {
    let mut fleet = Fleet::new(1, 2);
    fleet.standby(10, anywhere());
    let before = fleet.modem_of(10);
    fleet.tells(10, |claim| SiteReport::AttachFailed(claim, Fault::Modem));
    assert_eq!(fleet.state(10), SimState::Reclaiming);
    fleet.released(1, 10);
    assert_eq!(fleet.state(10), SimState::Attaching);
    assert_ne!(fleet.modem_of(10), before);
}
