//! Hears every event and decides what held.

use super::{Failure, RELEVANT_MAX};
use crate::plan::{Expectation, Plan, Rule, THINGS, Term, Test, Window};
use crate::units::Often;
use polysim_base::{Duration, Instant};
use polysim_world::{Event, Value};
use std::collections::{BTreeMap, VecDeque};

/// Events that name the same thing as a failure, kept per thing.
const KEPT_PER_THING: usize = RELEVANT_MAX;

/// Decides the expectations of one run.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    plan: &'a Plan,
    states: Vec<Progress>,
    recent: BTreeMap<String, VecDeque<Event>>,
    failures: Vec<Failure>,
}

/// What an expectation has seen so far.
#[derive(Debug, Default)]
struct Progress {
    /// Matching events.
    count: u64,
    /// First events that wait for their second one, with their deadlines.
    open: Vec<(Event, Instant)>,
    /// How long it took, per case.
    took: Vec<Duration>,
    failed: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let states = plan.expectations.iter().map(|_| Progress::default()).collect();
        Self { plan, states, recent: BTreeMap::new(), failures: Vec::new() }
    }

    pub(super) fn hear(&mut self, event: Event) {
        let plan = self.plan;
        for (number, expectation) in plan.expectations.iter().enumerate() {
            let Some(progress) = self.states.get_mut(number) else { continue };
            if let Some(message) = progress.hear(&expectation.rule, &event) {
                self.keep(event.clone());
                self.fail(expectation, event.at, message, None);
            }
        }
        self.keep(event);
    }

    /// Keeps an event for each thing that it names.
    fn keep(&mut self, event: Event) {
        let named = event.fields.iter().filter_map(|(field, value)| match value {
            Value::Text(name) if THINGS.contains(field) => Some(name.clone()),
            Value::Text(_) | Value::Flag(_) | Value::Number(_) => None,
        });
        let mut named: Vec<String> = named.collect();
        if named.is_empty() {
            named.push(String::new());
        }
        for name in named {
            let kept = self.recent.entry(name).or_default();
            if kept.back() == Some(&event) {
                continue;
            }
            if kept.len() == KEPT_PER_THING {
                kept.pop_front();
            }
            kept.push_back(event.clone());
        }
    }

    /// Notes a failure, once for each expectation.
    pub(super) fn fail(
        &mut self,
        expectation: &Expectation,
        at: Instant,
        message: String,
        thing: Option<&str>,
    ) {
        if self.failures.iter().any(|failure| failure.id == expectation.id) {
            return;
        }
        let events = self.relevant(expectation, thing);
        let id = expectation.id.clone();
        self.failures.push(Failure { id, at, message, events, state: Vec::new() });
    }

    /// The last events of the things that an expectation names; of all where it names none.
    fn relevant(&self, expectation: &Expectation, thing: Option<&str>) -> Vec<Event> {
        let named = named(&expectation.rule);
        let concerns = |name: &str| match thing {
            Some(thing) => thing == name,
            None => named.is_empty() || named.contains(&name),
        };
        let kept = self.recent.iter().filter(|(name, _)| concerns(name));
        let mut events: Vec<Event> = kept.flat_map(|(_, events)| events.iter().cloned()).collect();
        events.sort_by_key(|event| event.at);
        let mut told = Vec::with_capacity(events.len());
        events.retain(|event| {
            let new = !told.contains(event);
            if new {
                told.push(event.clone());
            }
            new
        });
        let surplus = events.len().saturating_sub(RELEVANT_MAX);
        events.split_off(surplus)
    }

    /// Decides what is still open at the end of the run.
    pub(super) fn verdict(mut self, end: Instant) -> Vec<Failure> {
        let plan = self.plan;
        for (number, expectation) in plan.expectations.iter().enumerate() {
            let Some(progress) = self.states.get(number) else { continue };
            if let Some((at, message)) = progress.verdict(&expectation.rule, end) {
                self.fail(expectation, at, message, None);
            }
        }
        self.failures
    }
}

impl Progress {
    /// Returns a message when this event breaks the rule.
    fn hear(&mut self, rule: &Rule, event: &Event) -> Option<String> {
        match rule {
            Rule::Happens { event: name, terms, window, .. } => {
                if *name == event.name && inside(*window, event.at) && matches(terms, event, None) {
                    self.count += 1;
                }
                None
            }
            Rule::Never { event: name, terms, window } => {
                let broken =
                    *name == event.name && inside(*window, event.at) && matches(terms, event, None);
                (broken && !core::mem::replace(&mut self.failed, true))
                    .then(|| format!("happened, and must not: {event}"))
            }
            Rule::ForEach { trigger, trigger_terms, event: name, terms, within } => {
                if *name == event.name {
                    self.open.retain(|(first, due)| {
                        event.at > *due || !matches(terms, event, Some(first))
                    });
                }
                if *trigger == event.name && matches(trigger_terms, event, None) {
                    self.open.push((event.clone(), event.at.plus(*within)));
                }
                None
            }
            Rule::Percentile { from, to, same, .. } => {
                if *to == event.name {
                    let whose = event.field(same);
                    let done = self.open.extract_if(.., |(first, _)| first.field(same) == whose);
                    self.took.extend(done.map(|(first, _)| event.at.since(first.at)));
                }
                if *from == event.name {
                    self.open.push((event.clone(), Instant::MAX));
                }
                None
            }
            Rule::State { .. } => None,
        }
    }

    /// Returns when and why the rule did not hold, at the end of the run.
    fn verdict(&self, rule: &Rule, end: Instant) -> Option<(Instant, String)> {
        match rule {
            Rule::Happens { event, terms, window, count } => {
                let (count, seen) = (count.as_ref(), self.count);
                let holds = count.map_or(seen > 0, |often| often.contains(seen));
                let often = count.map_or_else(|| "at least once".into(), Often::to_string);
                (!holds).then(|| {
                    let message = format!(
                        "expected {event}{} {often} from {} to {}, seen {} times",
                        describe(terms),
                        window.from,
                        window.to,
                        seen
                    );
                    (window.to.min(end), message)
                })
            }
            Rule::ForEach { event, terms, within, .. } => {
                let (first, due) = self.open.iter().find(|(_, due)| *due <= end)?;
                let message = format!("no {event}{} within {within} of {first}", describe(terms));
                Some((*due, message))
            }
            Rule::Percentile { from, to, p, max, .. } => {
                let mut took = self.took.clone();
                took.extend(self.open.iter().map(|(first, _)| end.since(first.at)));
                took.sort_unstable();
                let rank = (took.len() * usize::from(*p)).div_ceil(100).max(1) - 1;
                let Some(at_rank) = took.get(rank) else {
                    return Some((end, format!("{from} never happened, so nothing was measured")));
                };
                (at_rank > max).then(|| {
                    let cases = took.len();
                    let message = format!(
                        "{from} -> {to} took {at_rank} at the {p}th percentile of {cases} cases, \
                         at most {max} was expected"
                    );
                    (end, message)
                })
            }
            Rule::Never { .. } | Rule::State { .. } => None,
        }
    }
}

fn inside(window: Window, at: Instant) -> bool {
    window.from <= at && at <= window.to
}

fn matches(terms: &[Term], event: &Event, first: Option<&Event>) -> bool {
    terms.iter().all(|term| {
        event.field(term.field).is_some_and(|value| satisfies(&term.test, value, first))
    })
}

/// Returns whether a value is what a term asks for.
pub(super) fn satisfies(test: &Test, value: &Value, first: Option<&Event>) -> bool {
    match test {
        Test::AnyOf(values) => values.contains(value),
        Test::Between(low, high) => {
            matches!(value, Value::Number(number) if (low..=high).contains(&number))
        }
        Test::SameAs(field) => first.and_then(|first| first.field(field)) == Some(value),
    }
}

/// Returns what a term asks for, in words.
pub(super) fn expected(test: &Test) -> String {
    match test {
        Test::AnyOf(values) => values.iter().map(Value::to_string).collect::<Vec<_>>().join(" or "),
        Test::Between(low, high) => format!("{low} to {high}"),
        Test::SameAs(field) => format!("the same {field}"),
    }
}

fn describe(terms: &[Term]) -> String {
    terms.iter().map(|term| format!(" {}={}", term.field, expected(&term.test))).collect()
}

/// The things that a rule names.
fn named(rule: &Rule) -> Vec<&str> {
    let terms = match rule {
        Rule::Happens { terms, .. } | Rule::Never { terms, .. } => terms,
        Rule::ForEach { .. } | Rule::Percentile { .. } | Rule::State { .. } => return Vec::new(),
    };
    let names = terms.iter().filter(|term| {
        THINGS.contains(&term.field) || matches!(term.field, "peer" | "from" | "to")
    });
    names
        .flat_map(|term| match &term.test {
            Test::AnyOf(values) => values.as_slice(),
            Test::Between(..) => &[],
            Test::SameAs(_) => &[],
        })
        .filter_map(|value| match value {
            Value::Text(name) => Some(name.as_str()),
            Value::Flag(_) | Value::Number(_) => None,
        })
        .collect()
}
