//! A checked scenario: every name resolved, ready to run with any seed.

mod choice;
mod courier;
mod expect;
mod fault;
mod fleet;
mod issuance;
mod links;
mod lookup;
mod numbers;
mod share;
mod steering;
mod timeline;
mod verb;
mod world;

pub use expect::{Expectation, Rule, Term, Test, Window};
pub(crate) use lookup::THINGS;
pub use timeline::{Deed, Entry, Run};

use crate::check::{self, Mistake, Mistakes, Source};
use crate::spec::{Included, Scenario};
use lookup::Lookup;
use polysim_base::{Duration, Instant};
use polysim_world::{Action, Thing, WorldConfig};

/// A scenario that can run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The scenario's name.
    pub name: String,
    /// The file's name, as it was given.
    pub file: String,
    /// How long it runs.
    pub duration: Duration,
    /// The seeds it runs with by default.
    pub seeds: Vec<u64>,
    /// The world, whose seed is set for every run.
    pub world: WorldConfig,
    /// The timeline.
    pub timeline: Vec<Entry>,
    /// What must happen, and what must not.
    pub expectations: Vec<Expectation>,
    /// Invariants that are switched off.
    pub invariants_off: Vec<String>,
    names: Lookup,
}

impl Plan {
    /// Reads verbs for this world as a timeline has them, such as `[{ power = { phone = "anna",
    /// on = false } }]`; returns what each does, and after how long.
    ///
    /// # Errors
    /// Every mistake, in order of places.
    pub fn verbs(&self, list: &str) -> Result<Vec<(Duration, Action)>, Mistakes> {
        let source = Source::new("verbs", &format!("do = {list}"));
        let check::Checked { sound, mut mistakes } = check::parse_verbs(&source);
        let spoken = sound.map_or_else(Vec::new, |spoken| spoken.verbs);
        let mut report = Report::new(&source, &mut mistakes);
        let actions = timeline::spoken(&spoken, &self.names, &mut report);
        if mistakes.is_empty() { Ok(actions) } else { Err(Mistakes(mistakes)) }
    }

    /// Finds the phones that a name or a pattern such as `p{1..3}` stands for, by index.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn phones(&self, pattern: &str) -> Result<Vec<usize>, Mistakes> {
        let source = Source::new("phones", pattern);
        let mut mistakes = Vec::new();
        let name = crate::spec::Name { text: pattern.to_owned(), span: 0..pattern.len() };
        let mut report = Report::new(&source, &mut mistakes);
        let phones = self.names.phones(&name, &mut report);
        if mistakes.is_empty() { Ok(phones) } else { Err(Mistakes(mistakes)) }
    }

    /// Returns the name of a thing, by index.
    #[must_use]
    pub fn name_of(&self, thing: Thing, index: usize) -> &str {
        self.names.name(thing, index).unwrap_or_default()
    }

    /// Finds the thing that a field of an event names.
    #[must_use]
    pub fn thing_named(&self, field: &str, name: &str) -> Option<(Thing, usize)> {
        self.names.thing(field, name)
    }
}

/// Collects the mistakes of one file.
pub(crate) struct Report<'a> {
    source: &'a Source,
    mistakes: &'a mut Vec<Mistake>,
    /// Where mistakes are that are nowhere: what is missing has no place of its own.
    around: core::ops::Range<usize>,
}

impl<'a> Report<'a> {
    const fn new(source: &'a Source, mistakes: &'a mut Vec<Mistake>) -> Self {
        Self { source, mistakes, around: 0..0 }
    }

    pub(crate) fn at(&mut self, span: core::ops::Range<usize>, message: impl Into<String>) {
        self.with(span, message, None);
    }

    pub(crate) fn with(
        &mut self,
        span: core::ops::Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let span = if span.is_empty() { self.around.clone() } else { span };
        self.mistakes.push(self.source.mistake(span, message).with_help(help));
    }
}

/// Checks a scenario and everything it includes; `load` reads an included file by the name that
/// the scenario gives.
///
/// # Errors
/// Every mistake, in order of files and places.
pub fn plan(
    source: &Source,
    load: &mut dyn FnMut(&str) -> Result<Source, String>,
) -> Result<Plan, Mistakes> {
    let check::Checked { sound, mut mistakes } = check::parse(source);
    let Some(scenario) = sound else { return Err(Mistakes(mistakes)) };
    let mut lookup = Lookup::default();
    let mut world = world::start(&scenario.world, &mut Report::new(source, &mut mistakes));
    let included = included(&scenario, source, load, &mut mistakes);
    let parts = included.iter().map(|(source, part)| world::Part { source, spec: part.part() });
    let own = world::Part { source, spec: scenario.part() };
    let parts: Vec<_> = parts.chain([own]).collect();
    share::claim_slaves(&parts, &mut lookup);
    world::resolve(&parts, &mut world, &mut lookup, &mut mistakes);
    issuance::resolve(&parts, &scenario.world, &mut world, &mut lookup, &mut mistakes);
    steering::resolve(&parts, &scenario.world, &mut world, &mut lookup, &mut mistakes);
    share::resolve(&parts, &scenario.world, &mut world, &mut lookup, &mut mistakes);
    courier::resolve(&parts, &mut world, &mut lookup, &mut mistakes);
    fleet::resolve(&parts, &scenario.world, &mut world, &mut lookup, &mut mistakes);

    let mut report = Report::new(source, &mut mistakes);
    let end = Instant::ZERO.plus(scenario.duration.0);
    let timeline = timeline::resolve(&scenario.at, &lookup, end, &mut report);
    let expectations = expect::resolve(&scenario.expect, &lookup, end, &mut report);
    let invariants_off = expect::invariants_off(&scenario.invariants, &mut report);
    if !mistakes.is_empty() {
        mistakes.sort_by(|a, b| {
            let key = |m: &Mistake| (*m.source.name != *source.name, m.span.start);
            key(a).cmp(&key(b))
        });
        return Err(Mistakes(mistakes));
    }
    Ok(Plan {
        file: source.name.to_string(),
        duration: scenario.duration.0,
        seeds: scenario.seeds.iter(),
        name: scenario.name,
        world,
        timeline,
        expectations,
        invariants_off,
        names: lookup,
    })
}

fn included(
    scenario: &Scenario,
    source: &Source,
    load: &mut dyn FnMut(&str) -> Result<Source, String>,
    mistakes: &mut Vec<Mistake>,
) -> Vec<(Source, Included)> {
    let mut parts = Vec::new();
    for name in &scenario.include {
        match load(&name.text) {
            Ok(part) => {
                let checked = check::parse_included(&part);
                mistakes.extend(checked.mistakes);
                parts.extend(checked.sound.map(|included| (part, included)));
            }
            Err(why) => mistakes.push(source.mistake(name.span.clone(), why)),
        }
    }
    parts
}
