//! Policies: which modem, which SIM, whom to evict. Plain functions over the indexes, each in
//! logarithmic time; the tests hold each against a naive scan of all entities.

use crate::state::{Class, Load, ModemIx, SimIx, State, Turn};
use crate::wire::{ModemOrder, ModemWanted, SimOrder, SimWhy, Why};
use crate::{GroupId, ModemId, PlanId, PoolId, SiteId, SlotId};
use core::cmp::Reverse;
use polysim_base::Instant;

/// Returns the free modem for a SIM whose card is in `slot`, and why that one.
pub(crate) fn modem(state: &State, wanted: ModemWanted, slot: SlotId) -> Option<(ModemIx, Why)> {
    let (pool, order) = match wanted {
        ModemWanted::Fixed(id) => return fixed(state, id),
        ModemWanted::Of { pool, order, .. } => (pool, order),
    };
    let [own, built_in, cloud] = state.classes(wanted, slot);
    let beside = [own, built_in].into_iter().flatten();
    let found = beside.filter_map(|class| longest_free(state, class)).next().or_else(|| {
        let class = cloud?;
        match order {
            ModemOrder::LeastRecentlyUsed => longest_free(state, class),
            ModemOrder::Spread => least_loaded(state, pool),
        }
    })?;
    let (ix, free_since) = found;
    let home = (pool, state.modem(ix)?.id.site);
    let site_load = state.indexes.loads.get(&home).map_or(0, |load: &Load| load.leased);
    Some((ix, Why::First { order, free_since, site_load }))
}

fn fixed(state: &State, id: ModemId) -> Option<(ModemIx, Why)> {
    let ix = state.by_modem.get(&id).copied()?;
    state.available(state.modem(ix)?).then_some((ix, Why::Fixed(id)))
}

fn longest_free(state: &State, class: Class) -> Option<(ModemIx, Instant)> {
    let from = (class, Instant::ZERO, ModemIx(0));
    let (found, since, ix) = state.indexes.free.range(from..).next()?;
    (*found == class).then_some((*ix, *since))
}

fn least_loaded(state: &State, pool: PoolId) -> Option<(ModemIx, Instant)> {
    let (found, _, site) = state.indexes.spread.range((pool, 0, SiteId(0))..).next()?;
    if *found != pool {
        return None;
    }
    let from = (pool, *site, Instant::ZERO, ModemIx(0));
    let (_, _, since, ix) = state.indexes.free_at.range(from..).next()?;
    Some((*ix, *since))
}

/// Returns the SIM of the lowest priority, below `ours`, that is on standby on a modem that would
/// do, and its priority; of several the one that has been there longest.
pub(crate) fn victim(
    state: &State,
    wanted: ModemWanted,
    slot: SlotId,
    ours: u8,
) -> Option<(SimIx, u8)> {
    if let ModemWanted::Fixed(id) = wanted {
        let modem = state.modem(state.by_modem.get(&id).copied()?)?;
        let (ix, sim) = modem.leased.and_then(|ix| Some((ix, state.sim(ix)?)))?;
        let held = sim.held.as_ref()?;
        let (class, theirs) = (modem.class(), held.parameters.priority);
        let entry = (class, theirs, held.since, ix);
        return (theirs < ours && state.indexes.evictable.contains(&entry)).then_some((ix, theirs));
    }
    let lowest = |class: Class| {
        let from = (class, 0, Instant::ZERO, SimIx(0));
        let (found, theirs, since, ix) = state.indexes.evictable.range(from..).next()?;
        (*found == class && *theirs < ours).then_some((*theirs, *since, *ix))
    };
    let best = state.classes(wanted, slot).into_iter().flatten().filter_map(lowest).min();
    best.map(|(theirs, _, ix)| (ix, theirs))
}

/// Returns the SIM on standby whose turn on a modem that would do has been over longest, and since
/// when.
pub(crate) fn yielding(
    state: &State,
    wanted: ModemWanted,
    slot: SlotId,
) -> Option<(SimIx, Instant)> {
    if let ModemWanted::Fixed(id) = wanted {
        let modem = state.modem(state.by_modem.get(&id).copied()?)?;
        let ix = modem.leased?;
        let Turn::Over(end) = state.sim(ix)?.held.as_ref()?.turn else { return None };
        let there = state.indexes.yielding.contains(&(modem.class(), end, ix));
        return there.then_some((ix, end));
    }
    let first = |class: Class| {
        let from = (class, Instant::ZERO, SimIx(0));
        let (found, end, ix) = state.indexes.yielding.range(from..).next()?;
        (*found == class).then_some((*end, *ix))
    };
    let longest = state.classes(wanted, slot).into_iter().flatten().filter_map(first).min();
    longest.map(|(end, ix)| (ix, end))
}

/// Returns the waiting request that evicts first from a modem that has a SIM of that priority: of
/// the highest priority, then by turn.
pub(crate) fn next_evicter(state: &State, ix: ModemIx, theirs: u8) -> Option<SimIx> {
    let class = state.modem(ix)?.class();
    let first = |class: Class| {
        let from = (class, Reverse(u8::MAX), 0, SimIx(0));
        let (found, ours, turn, sim) = state.indexes.evicters.range(from..).next()?;
        (*found == class && ours.0 > theirs).then_some((*ours, *turn, *sim))
    };
    [Class::Fixed(ix), class].into_iter().filter_map(first).min().map(|(_, _, sim)| sim)
}

/// Returns the waiting request that has the next turn on a modem.
pub(crate) fn next_waiting(state: &State, ix: ModemIx) -> Option<SimIx> {
    let class = state.modem(ix)?.class();
    let first = |class: Class| {
        let (found, turn, sim) = state.indexes.waiting.range((class, 0, SimIx(0))..).next()?;
        (*found == class).then_some((*turn, *sim))
    };
    [Class::Fixed(ix), class].into_iter().filter_map(first).min().map(|(_, sim)| sim)
}

/// Returns the best SIM of a group on standby, of those that `permitted` lets through.
pub(crate) fn sim(
    state: &State,
    group: GroupId,
    order: SimOrder,
    permitted: impl Fn(SimIx) -> bool,
) -> Option<(SimIx, SimWhy)> {
    let first = |plan| longest_unused(state, group, plan, &permitted);
    match order {
        SimOrder::LeastRecentlyUsed => {
            let (used, ix) = plans(state, group).filter_map(first).min()?;
            Some((ix, SimWhy::LeastRecentlyUsed(used)))
        }
        SimOrder::Cheapest(number) => {
            let priced = plans(state, group)
                .filter_map(|plan| Some((state.price(plan, &number)?, first(plan)?, plan)));
            let (price, (_, ix), plan) = priced.min()?;
            Some((ix, SimWhy::Cheapest { plan, price }))
        }
        SimOrder::SameOperator(number) => {
            let operator = state.operator_of(&number)?;
            let (_, ix) = plans(state, group)
                .filter(|plan| state.plans.get(plan).is_some_and(|p| p.operator == operator))
                .filter_map(first)
                .min()?;
            Some((ix, SimWhy::SameOperator(operator)))
        }
    }
}

/// The tariffs that SIMs of a group on standby have.
fn plans(state: &State, group: GroupId) -> impl Iterator<Item = PlanId> {
    let mut from = Some(PlanId(0));
    core::iter::from_fn(move || {
        let start = (group, from?, Instant::ZERO, SimIx(0));
        let (found, plan, _, _) = state.indexes.ready.range(start..).next()?;
        from = plan.0.checked_add(1).map(PlanId);
        (*found == group).then_some(*plan)
    })
}

fn longest_unused(
    state: &State,
    group: GroupId,
    plan: PlanId,
    permitted: impl Fn(SimIx) -> bool,
) -> Option<(Instant, SimIx)> {
    let from = (group, plan, Instant::ZERO, SimIx(0));
    let to = (group, plan, Instant::MAX, SimIx(u32::MAX));
    let mut all = state.indexes.ready.range(from..=to).map(|(_, _, used, ix)| (*used, *ix));
    all.find(|(_, ix)| permitted(*ix))
}
