//! The file's own timeline, in real time.

use polysim_base::Instant;
use polysim_hal_sim::LiveWorld;
use polysim_scenario::{Plan, Step, schedule};
use polysim_world::Action;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Plays every action of a plan's timeline when its time has come, except for what users of
/// `exposed` phones would do: whoever drives their modems decides that.
pub(super) async fn play(world: LiveWorld, plan: Arc<Plan>, seed: u64, exposed: BTreeSet<usize>) {
    for (at, step) in schedule(&plan, seed) {
        if let Step::Do(action) = step
            && action.user().is_none_or(|user| !exposed.contains(&user))
        {
            wait_until(&world, at).await;
            world.within(|simulation| simulation.apply(action));
        }
    }
}

/// Returns the names of exposed phones that have something to do in the timeline.
pub(super) fn left_out<'a>(plan: &'a Plan, seed: u64, exposed: &BTreeSet<usize>) -> Vec<&'a str> {
    let steps = schedule(plan, seed).into_iter();
    let users = steps.filter_map(|(_, step)| match step {
        Step::Do(action) => action.user(),
        Step::Look(_) => None,
    });
    let found: BTreeSet<_> = users.filter(|user| exposed.contains(user)).collect();
    let phones = found.into_iter().filter_map(|phone| plan.world.phones.get(phone));
    phones.map(|phone| phone.name.as_str()).collect()
}

/// Carries out actions, each after its time.
pub(super) async fn later(world: LiveWorld, actions: Vec<(polysim_base::Duration, Action)>) {
    let start = world.now();
    for (after, action) in actions {
        wait_until(&world, start.plus(after)).await;
        world.within(|simulation| simulation.apply(&action));
    }
}

async fn wait_until(world: &LiveWorld, at: Instant) {
    let wait = at.since(world.now());
    tokio::time::sleep(Duration::from_micros(wait.as_micros())).await;
}
