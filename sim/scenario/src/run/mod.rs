//! Runs a plan with a seed and says what held.

mod judge;
mod schedule;
mod tally;
mod traced;

use crate::plan::{Expectation, Plan, Rule};
use crate::stage::Stage;
use judge::Judge;
use polysim_base::{Duration, Instant};
use polysim_world::{BuildError, Event, Simulation, Value};
pub use schedule::{Step, schedule};
use std::sync::Arc;
use tally::Tally;
pub use tally::{FleetReport, PolicyReport};
use traced::{Traced, lock};

/// Events shown with a failure.
const RELEVANT_MAX: usize = 12;

/// Things whose state is shown with a failure.
const STATES_MAX: usize = 4;

/// What became of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The scenario's name.
    pub name: String,
    /// The file, as it was given.
    pub file: String,
    /// The seed.
    pub seed: u64,
    /// How long it ran in virtual time.
    pub virtual_time: Duration,
    /// How many events the kernel handled.
    pub events: u64,
    /// The hash of all of them.
    pub trace: u64,
    /// What did not hold.
    pub failures: Vec<Failure>,
    /// How the fleet fared, if there is one.
    pub fleet: Option<FleetReport>,
}

/// Something that did not hold.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The expectation or invariant.
    pub id: String,
    /// When it was decided.
    pub at: Instant,
    /// What was expected, and what was found.
    pub message: String,
    /// The last relevant events.
    pub events: Vec<Event>,
    /// The state of the things that those events name.
    pub state: Vec<State>,
}

/// What something is called and what it is like.
pub type State = (String, Vec<(&'static str, Value)>);

impl Outcome {
    /// Returns whether everything held.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    /// Returns the command that runs exactly this again.
    #[must_use]
    pub fn replay(&self) -> String {
        format!("polysim run {} --seed {}", self.file, self.seed)
    }
}

/// Runs a plan in a simulated world; `watch` sees every event as it happens.
///
/// # Errors
/// [`BuildError`] where the plan's world cannot be built.
pub fn run(plan: &Plan, seed: u64, watch: &mut dyn FnMut(&Event)) -> Result<Outcome, BuildError> {
    let mut world = plan.world.clone();
    world.seed = seed;
    let mut stage = Simulation::new(&world)?;
    Ok(run_on(&mut stage, plan, seed, watch))
}

/// Runs a plan as [`run`] does and gives every message, decoded, to `write`: one line of JSON each.
///
/// # Errors
/// [`BuildError`] where the plan's world cannot be built.
pub fn run_traced(
    plan: &Plan,
    seed: u64,
    watch: &mut dyn FnMut(&Event),
    write: &mut dyn FnMut(&str),
) -> Result<Outcome, BuildError> {
    let mut world = plan.world.clone();
    world.seed = seed;
    let mut stage = Traced { simulation: Simulation::new(&world)?, lines: Arc::default(), write };
    let lines = stage.lines.clone();
    stage.simulation.trace_to(Box::new(move |line| lock(&lines).push(line.to_owned())));
    Ok(run_on(&mut stage, plan, seed, watch))
}

/// Runs a plan on a stage.
pub fn run_on(
    stage: &mut dyn Stage,
    plan: &Plan,
    seed: u64,
    watch: &mut dyn FnMut(&Event),
) -> Outcome {
    let mut judge = Judge::new(plan);
    let mut tally = Tally::new(plan);
    let end = Instant::ZERO.plus(plan.duration);
    for (at, step) in schedule(plan, seed) {
        stage.advance(at);
        listen(stage, &mut judge, &mut tally, watch);
        match step {
            Step::Do(action) => {
                tally.iter_mut().for_each(|tally| tally.asked(at, action));
                stage.apply(action);
            }
            Step::Look(expectation) => look(stage, plan, expectation, at, &mut judge),
        }
    }
    stage.advance(end);
    listen(stage, &mut judge, &mut tally, watch);
    let mut failures = judge.verdict(end);
    for failure in &mut failures {
        failure.state = named_things(plan, stage, &failure.events);
    }
    failures.extend(broken_invariants(stage, plan));
    let (events, trace) = stage.trace();
    Outcome {
        name: plan.name.clone(),
        file: plan.file.clone(),
        seed,
        virtual_time: plan.duration,
        events,
        trace,
        failures,
        fleet: tally.map(Tally::report),
    }
}

fn broken_invariants(stage: &dyn Stage, plan: &Plan) -> Vec<Failure> {
    let on = |name: &str| plan.invariants_off.iter().all(|off| off != name);
    let broken = stage.violations().iter().filter(|violation| on(violation.invariant));
    broken
        .map(|violation| Failure {
            id: violation.invariant.to_owned(),
            at: violation.at,
            message: violation.found.clone(),
            events: Vec::new(),
            state: Vec::new(),
        })
        .collect()
}

fn listen(
    stage: &mut dyn Stage,
    judge: &mut Judge<'_>,
    tally: &mut Option<Tally<'_>>,
    watch: &mut dyn FnMut(&Event),
) {
    for event in stage.take_events() {
        watch(&event);
        tally.iter_mut().for_each(|tally| tally.hear(&event));
        judge.hear(event);
    }
}

/// Looks at the state of things at the moment of a `state` expectation.
fn look(
    stage: &dyn Stage,
    plan: &Plan,
    expectation: &Expectation,
    at: Instant,
    judge: &mut Judge<'_>,
) {
    let Rule::State { things, terms, .. } = &expectation.rule else { return };
    for (thing, index) in things {
        let state = stage.state(*thing, *index);
        let wrong = terms.iter().find_map(|term| {
            let value = state.iter().find(|(name, _)| *name == term.field).map(|(_, value)| value);
            let holds = value.is_some_and(|value| judge::satisfies(&term.test, value, None));
            (!holds).then_some((term, value))
        });
        let Some((term, value)) = wrong else { continue };
        let found = value.map_or_else(|| "nothing".into(), Value::to_string);
        let name = plan.name_of(*thing, *index);
        let expected = judge::expected(&term.test);
        let message = format!("{name}: {} is {found}, expected {expected}", term.field);
        judge.fail(expectation, at, message, Some(name));
        return;
    }
}

/// The first things that events name, with what they are like now.
fn named_things(plan: &Plan, stage: &dyn Stage, events: &[Event]) -> Vec<State> {
    let mut found: Vec<State> = Vec::new();
    let fields = events.iter().flat_map(|event| &event.fields);
    for (field, value) in fields {
        let Value::Text(name) = value else { continue };
        let Some((thing, index)) = plan.thing_named(field, name) else { continue };
        if found.len() < STATES_MAX && found.iter().all(|(known, _)| known != name) {
            found.push((name.clone(), stage.state(thing, index)));
        }
    }
    found
}
