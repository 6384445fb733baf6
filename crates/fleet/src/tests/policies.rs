//! Naive scans of all entities: what each policy would say without indexes.

use super::*;
use crate::policy;
use crate::state::{Class, Modem, ModemIx, Phase, Sim, SimIx, State, Turn};
use polysim_base::{Msisdn, Plmn};
use polysim_lease::LeaseState;
use proptest::prelude::*;
use std::string::ToString;

fn load(state: &State, pool: PoolId, site: SiteId) -> usize {
    state
        .modems()
        .filter(|(_, m)| m.pool == pool && m.id.site == site && m.leased.is_some())
        .count()
}

fn serves(state: &State, ix: ModemIx, class: Class) -> bool {
    state.modem(ix).is_some_and(|modem| modem.class() == class || class == Class::Fixed(ix))
}

fn scan_modem(state: &State, wanted: ModemWanted, slot: SlotId) -> Option<ModemIx> {
    let free = |class| {
        state.modems().filter(move |(ix, m)| state.available(m) && serves(state, *ix, class))
    };
    let [own, built_in, cloud] = state.classes(wanted, slot);
    let longest = |class| free(class).min_by_key(|(ix, m)| (m.idle_since, *ix)).map(|(ix, _)| ix);
    let spread = |class| {
        let least = |(ix, m): &(ModemIx, &Modem)| {
            (load(state, m.pool, m.id.site), m.id.site, m.idle_since, *ix)
        };
        free(class).min_by_key(least).map(|(ix, _)| ix)
    };
    let near = own.and_then(longest).or_else(|| built_in.and_then(longest));
    near.or_else(|| match wanted {
        ModemWanted::Of { order: ModemOrder::Spread, .. } => cloud.and_then(spread),
        ModemWanted::Of { .. } | ModemWanted::Fixed(_) => cloud.and_then(longest),
    })
}

fn scan_victim(state: &State, wanted: ModemWanted, slot: SlotId, ours: u8) -> Option<SimIx> {
    let classes = state.classes(wanted, slot);
    let fits = |(ix, sim): (SimIx, &Sim)| {
        let LeaseState::Held { holder, .. } = sim.lease.state() else { return None };
        let held = sim.held.as_ref()?;
        let idle = state.sim_state(sim) == SimState::Standby && held.phase == Phase::Standby;
        let suits = classes.iter().flatten().any(|class| serves(state, holder, *class));
        let lower = held.parameters.priority < ours;
        (idle && suits && lower).then_some((held.parameters.priority, held.since, ix))
    };
    state.sims().filter_map(fits).min().map(|(_, _, ix)| ix)
}

fn scan_yielding(state: &State, wanted: ModemWanted, slot: SlotId) -> Option<SimIx> {
    let classes = state.classes(wanted, slot);
    let fits = |(ix, sim): (SimIx, &Sim)| {
        let LeaseState::Held { holder, .. } = sim.lease.state() else { return None };
        let Turn::Over(end) = sim.held.as_ref()?.turn else { return None };
        let idle = state.sim_state(sim) == SimState::Standby;
        let suits = classes.iter().flatten().any(|class| serves(state, holder, *class));
        (idle && suits).then_some((end, ix))
    };
    state.sims().filter_map(fits).min().map(|(_, ix)| ix)
}

fn scan_next(state: &State, modem: ModemIx) -> Option<SimIx> {
    let fits = |(ix, sim): (SimIx, &Sim)| {
        let (pending, slot) = (sim.pending.as_ref()?, sim.slot()?);
        let classes = state.classes(pending.parameters.modem, slot);
        let waits = state.sim_state(sim) == SimState::Waiting && pending.claim.is_none();
        let suits = classes.iter().flatten().any(|class| serves(state, modem, *class));
        (waits && suits).then_some((pending.turn, ix))
    };
    state.sims().filter_map(fits).min().map(|(_, ix)| ix)
}

fn scan_evicter(state: &State, modem: ModemIx, theirs: u8) -> Option<SimIx> {
    let fits = |(ix, sim): (SimIx, &Sim)| {
        let (pending, slot) = (sim.pending.as_ref()?, sim.slot()?);
        let classes = state.classes(pending.parameters.modem, slot);
        let waits = state.sim_state(sim) == SimState::Waiting && pending.claim.is_none();
        let suits = classes.iter().flatten().any(|class| serves(state, modem, *class));
        let ours = pending.parameters.priority;
        let evicts = pending.parameters.evict && ours > theirs;
        (waits && suits && evicts).then_some((u8::MAX - ours, pending.turn, ix))
    };
    state.sims().filter_map(fits).min().map(|(_, _, ix)| ix)
}

fn scan_sim(state: &State, order: SimOrder) -> Option<SimIx> {
    let fits = |(ix, sim): (SimIx, &Sim)| {
        let enrolment = sim.enrolment.filter(|enrolment| enrolment.group == GROUP)?;
        if state.sim_state(sim) != SimState::Standby || sim.permission(ALICE).is_empty() {
            return None;
        }
        let plan = enrolment.plan;
        let price = match order {
            SimOrder::LeastRecentlyUsed => 0,
            SimOrder::Cheapest(number) => {
                let rates = &state.plans.get(&plan)?.rates;
                let fits = |prefix: &Prefix| Prefix::of(&number).any(|p| p == *prefix);
                let length = |prefix: &Prefix| Prefix::of(&number).position(|p| p == *prefix);
                let best = rates.iter().filter(|(p, _)| fits(p)).min_by_key(|(p, _)| length(p));
                best?.1
            }
            SimOrder::SameOperator(number) => {
                let operator = state.operator_of(&number)?;
                (state.plans.get(&plan)?.operator == operator).then_some(0)?
            }
        };
        Some((price, sim.last_used, ix))
    };
    state.sims().filter_map(fits).min().map(|(_, _, ix)| ix)
}

fn number(text: &str) -> Msisdn {
    Msisdn::parse(text).unwrap()
}

/// Every policy says what the naive scan says.
pub(super) fn agree(state: &State) {
    let wants =
        [KindWanted::BuiltIn, KindWanted::Cloud, KindWanted::Any].into_iter().flat_map(|kind| {
            [ModemOrder::LeastRecentlyUsed, ModemOrder::Spread].map(|order| ModemWanted::Of {
                pool: POOL,
                kind,
                order,
            })
        });
    let fixed = state.by_modem.keys().map(|id| ModemWanted::Fixed(*id));
    for wanted in wants.chain(fixed) {
        for slot in (1..=3).flat_map(|site| [slot(site, 0), slot(site, 1)]) {
            let chosen = policy::modem(state, wanted, slot).map(|(ix, _)| ix);
            assert_eq!(chosen, scan_modem(state, wanted, slot), "{wanted:?} from {slot:?}");
            let victim = policy::victim(state, wanted, slot, 150).map(|(ix, _)| ix);
            assert_eq!(victim, scan_victim(state, wanted, slot, 150), "{wanted:?} from {slot:?}");
            let yielding = policy::yielding(state, wanted, slot).map(|(ix, _)| ix);
            assert_eq!(yielding, scan_yielding(state, wanted, slot), "{wanted:?} from {slot:?}");
        }
    }
    for (ix, _) in state.modems() {
        assert_eq!(policy::next_waiting(state, ix), scan_next(state, ix));
        for theirs in [0, 100, 254] {
            let next = policy::next_evicter(state, ix, theirs);
            assert_eq!(next, scan_evicter(state, ix, theirs));
        }
    }
    let orders = [
        SimOrder::LeastRecentlyUsed,
        SimOrder::Cheapest(number("+4915100")),
        SimOrder::Cheapest(number("+33100")),
        SimOrder::SameOperator(number("+4915100")),
    ];
    let mine = |ix: SimIx| state.sim(ix).is_some_and(|sim| !sim.permission(ALICE).is_empty());
    for order in orders {
        let chosen = policy::sim(state, GROUP, order, mine).map(|(ix, _)| ix);
        // Of several tariffs with one price the lower number counts, so compare the price.
        assert_eq!(chosen.is_some(), scan_sim(state, order).is_some(), "{order:?}");
        if let (SimOrder::Cheapest(_), Some(a), Some(b)) = (order, chosen, scan_sim(state, order)) {
            let SimOrder::Cheapest(number) = order else { continue };
            let price = |ix| state.price(state.sim(ix).unwrap().enrolment.unwrap().plan, &number);
            assert_eq!(price(a), price(b));
        }
        assert_eq!(chosen, scan_sim(state, order), "{order:?}");
    }
}

/// Two tariffs of two operators.
pub(super) fn tariffs() -> [Input; 3] {
    let operator = |text| Plmn::parse(text).unwrap();
    let prefix = |text: &str| text.parse::<Prefix>().unwrap();
    let plan = |plan, operator, rates| {
        Input::Operator(OperatorInput::Plan(PlanReport { plan: PlanId(plan), operator, rates }))
    };
    [
        plan(1, operator("26201"), [(prefix("49"), 90), (prefix("4915"), 50)].into()),
        plan(2, operator("26202"), [(prefix("49"), 70), (prefix(""), 500)].into()),
        Input::Operator(OperatorInput::Range {
            prefix: prefix("49151"),
            operator: operator("26202"),
        }),
    ]
}

#[test]
fn the_cheapest_the_same_operators_and_the_longest_unused_are_picked() {
    let mut fleet = Fleet::new(2, 2);
    tariffs().into_iter().for_each(|input| fleet.give(input));
    let enrol = OperatorInput::Enrol { iccid: iccid(11), group: GROUP, plan: PlanId(2) };
    fleet.give(Input::Operator(enrol));
    fleet.standby(10, anywhere());
    fleet.standby(11, anywhere());
    let mut pick = |order| {
        fleet.now = fleet.now.plus(secs(1));
        let answer = fleet.ask(ALICE, Target::Best { group: GROUP, order }, None);
        let Answer::At(place, why) = answer else { panic!("{answer:?}") };
        (place.iccid, why)
    };
    let cheapest = |plan, price| SimWhy::Cheapest { plan: PlanId(plan), price };
    assert_eq!(pick(SimOrder::Cheapest(number("4915100"))), (iccid(10), cheapest(1, 50)));
    assert_eq!(pick(SimOrder::Cheapest(number("4930100"))), (iccid(11), cheapest(2, 70)));
    assert_eq!(pick(SimOrder::Cheapest(number("33100"))), (iccid(11), cheapest(2, 500)));
    let same = SimWhy::SameOperator(Plmn::parse("26202").unwrap());
    assert_eq!(pick(SimOrder::SameOperator(number("4915100"))), (iccid(11), same));
    assert_eq!(pick(SimOrder::LeastRecentlyUsed).0, iccid(10));
    assert_eq!(pick(SimOrder::LeastRecentlyUsed).0, iccid(11));
}

#[test]
fn sims_are_spread_over_sites() {
    let mut fleet = Fleet::new(4, 0);
    fleet.give(hello(2, 1, 1, 0, 2, Kind::Cloud));
    fleet.give(hello(3, 1, 1, 0, 2, Kind::Cloud));
    let order = ModemOrder::Spread;
    let modem = ModemWanted::Of { pool: POOL, kind: KindWanted::Cloud, order };
    let sites = [10, 11, 12, 13].map(|n| {
        fleet.standby(n, Parameters { modem, ..anywhere() });
        fleet.modem_of(n).unwrap().site.0
    });
    assert_eq!(sites, [2, 3, 2, 3]);
}

#[test]
fn a_modem_with_a_card_of_its_own_serves_no_other() {
    let mut fleet = Fleet::new(3, 0);
    let mut hello = fleet.sites[&SiteId(1)].clone();
    hello.revision += 1;
    hello.modems = [(0, 1), (1, 0)]
        .map(|(number, slot)| report(1, number, Kind::OwnCard { bank: 0, slot }))
        .into();
    fleet.give(Input::Site(SiteId(1), SiteReport::Hello(hello)));
    let reach = Refusal::OutOfReach(modem(1, 0));
    assert_eq!(fleet.assign(ALICE, 10, on(modem(1, 0))), Answer::Refused(reach));
    let refused = Refusal::NoneInPool { pool: POOL, kind: KindWanted::Any };
    assert_eq!(fleet.assign(ALICE, 12, anywhere()), Answer::Refused(refused));
    fleet.standby(10, anywhere());
    fleet.standby(11, on(modem(1, 0)));
    assert_eq!((fleet.modem_of(10), fleet.modem_of(11)), (Some(modem(1, 1)), Some(modem(1, 0))));
    agree(&fleet.exchange.state);
    // Whoever waits longer does not get it when it is free.
    fleet.user(ALICE, Ask::Release { iccid: iccid(11), reclaim: Reclaim::Now });
    fleet.assign(ALICE, 10, Parameters { priority: 1, reclaim: Reclaim::Now, ..anywhere() });
    fleet.released(1, 11);
    assert_eq!(fleet.modem_of(11), None);
    fleet.released(1, 10);
    assert_eq!(fleet.modem_of(10), Some(modem(1, 1)));
}

proptest! {
    #[test]
    fn a_prefix_is_of_the_numbers_that_begin_so(digits in "[1-9][0-9]{2,14}", cut in 0_usize..16) {
        let prefix = &digits[..cut.min(digits.len())];
        prop_assert!(Prefix::of(&number(&digits)).any(|p| p == prefix.parse().unwrap()));
        prop_assert_eq!(Prefix::of(&number(&digits)).count(), digits.to_string().len() + 1);
    }
}
