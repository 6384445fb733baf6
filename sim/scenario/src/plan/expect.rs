//! Expectations with their events, fields and names resolved.

use super::Report;
use super::lookup::{Lookup, THINGS, find};
use crate::check::did_you_mean;
use crate::expand::expand;
use crate::spec::{Each, ExpectSpec, Invariants, Matcher, Name, Terms};
use crate::units::Often;
use polysim_base::{Duration, Instant};
use polysim_world::{
    BUSINESS_STATE, COURIER_STATE, EVENTS, EventKind, GROUP_STATE, INVARIANTS, MODEM_STATE,
    PHONE_STATE, PLATFORM_STATE, SERVER_STATE, SERVICE_STATE, SIM_STATE, SITE_STATE,
    TERMINAL_STATE, Thing, Value,
};
use std::ops::Range;

/// Something that must hold of a run.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Its name in reports.
    pub id: String,
    /// The line of the file that names it.
    pub line: usize,
    /// What must hold.
    pub rule: Rule,
}

/// The five forms.
#[derive(Clone, Debug)]
pub enum Rule {
    /// Such an event happens in the window, `count` times or at least once.
    Happens {
        /// Its name.
        event: &'static str,
        /// Which of them.
        terms: Vec<Term>,
        /// When.
        window: Window,
        /// So often.
        count: Option<Often>,
    },
    /// No such event happens in the window.
    Never {
        /// Its name.
        event: &'static str,
        /// Which of them.
        terms: Vec<Term>,
        /// When.
        window: Window,
    },
    /// These things are like this at that moment.
    State {
        /// When.
        at: Instant,
        /// Which phones, SIMs, modems, terminals, servers or sites, by index.
        things: Vec<(Thing, usize)>,
        /// What they are like.
        terms: Vec<Term>,
    },
    /// Each such event is followed by such another one.
    ForEach {
        /// The first event.
        trigger: &'static str,
        /// Which of them.
        trigger_terms: Vec<Term>,
        /// The second.
        event: &'static str,
        /// Which of them.
        terms: Vec<Term>,
        /// How soon.
        within: Duration,
    },
    /// From one event to another of the same thing it takes no longer, in so many cases.
    Percentile {
        /// The first event.
        from: &'static str,
        /// The second.
        to: &'static str,
        /// The field that is the same in both.
        same: &'static str,
        /// So many of a hundred.
        p: u8,
        /// The most it takes.
        max: Duration,
    },
}

/// From a moment to another, both included.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// It opens.
    pub from: Instant,
    /// It closes.
    pub to: Instant,
}

/// A field and what it must be.
#[derive(Clone, Debug)]
pub struct Term {
    /// The field.
    pub field: &'static str,
    /// Its value.
    pub test: Test,
}

/// What a value must be.
#[derive(Clone, Debug)]
pub enum Test {
    /// One of these.
    AnyOf(Vec<Value>),
    /// A number from the first to the second, both included.
    Between(i64, i64),
    /// The same as this field of the first event.
    SameAs(&'static str),
}

pub(super) fn resolve(
    specs: &[ExpectSpec],
    lookup: &Lookup,
    end: Instant,
    report: &mut Report<'_>,
) -> Vec<Expectation> {
    let mut all: Vec<Expectation> = Vec::new();
    for spec in specs {
        if all.iter().any(|other| other.id == spec.id.text) {
            report.at(spec.id.span.clone(), format!("\"{}\" is there already", spec.id.text));
        }
        let rule = rule(spec, lookup, end, report);
        let (line, _) = report.source.position(spec.id.span.start);
        all.extend(rule.map(|rule| Expectation { id: spec.id.text.clone(), line, rule }));
    }
    all
}

pub(super) fn invariants_off(spec: &Invariants, report: &mut Report<'_>) -> Vec<String> {
    for (name, reason) in &spec.off.0 {
        let text = name.get_ref();
        if !INVARIANTS.iter().any(|(known, _)| known == text) {
            let hint = did_you_mean(text, INVARIANTS.iter().map(|(known, _)| *known));
            report.with(name.span(), format!("no invariant is called \"{text}\""), hint);
        }
        if reason.trim().is_empty() {
            report.at(name.span(), "an invariant is switched off with a reason");
        }
    }
    spec.off.0.keys().map(|name| name.get_ref().clone()).collect()
}

fn rule(spec: &ExpectSpec, lookup: &Lookup, end: Instant, report: &mut Report<'_>) -> Option<Rule> {
    let place = spec.id.span.clone();
    let from = spec.after.map_or(Instant::ZERO, |after| after.0);
    let to = spec.within.map_or(end, |within| from.plus(within.0));
    let window = Window { from, to };
    let forms = [&spec.event, &spec.never].into_iter().flatten().count()
        + usize::from(spec.state.is_some())
        + usize::from(spec.percentile.is_some());
    if forms != 1 {
        let message = "an expectation has one of \"event\", \"never\", \"state\", \"percentile\"";
        report.at(place, message);
        return None;
    }
    if spec.for_each.is_some() && (spec.event.is_none() || spec.count.is_some()) {
        report.at(place, "a \"for_each\" is for an \"event\" without a \"count\"");
        return None;
    }
    if let (Some(event), Some(each)) = (&spec.event, &spec.for_each) {
        let trigger = event_kind(&each.event, report);
        let event = event_kind(event, report);
        let (trigger, event) = (trigger?, event?);
        let Some(within) = spec.within else {
            report.at(place, "a \"for_each\" needs a \"within\"");
            return None;
        };
        let alias = Alias { name: &each.alias.text, kind: trigger };
        return Some(Rule::ForEach {
            trigger: trigger.name,
            trigger_terms: terms(&each.terms, trigger.fields, None, lookup, report),
            event: event.name,
            terms: terms(&spec.terms, event.fields, Some(alias), lookup, report),
            within: within.0,
        });
    }
    if let Some(event) = &spec.event {
        let kind = event_kind(event, report)?;
        let terms = terms(&spec.terms, kind.fields, None, lookup, report);
        return Some(Rule::Happens { event: kind.name, terms, window, count: spec.count });
    }
    if let Some(never) = &spec.never {
        let kind = event_kind(never, report)?;
        let terms = terms(&spec.terms, kind.fields, None, lookup, report);
        return Some(Rule::Never { event: kind.name, terms, window });
    }
    if let Some(percentile) = &spec.percentile {
        return percentile_rule(percentile, report);
    }
    state_rule(spec, lookup, end, report)
}

fn percentile_rule(spec: &crate::spec::Percentile, report: &mut Report<'_>) -> Option<Rule> {
    let Some((from, to)) = spec.of.text.split_once("->") else {
        let form = "expected two events: \"phone.refused -> phone.registered\"";
        report.at(spec.of.span.clone(), form);
        return None;
    };
    let name = |text: &str| Name { text: text.trim().to_owned(), span: spec.of.span.clone() };
    let from = event_kind(&name(from), report);
    let to = event_kind(&name(to), report);
    let (from, to) = (from?, to?);
    let same = same_field(spec, from, to, report)?;
    Some(Rule::Percentile { from: from.name, to: to.name, same, p: spec.p, max: spec.max.0 })
}

/// The field that tells which two events belong together.
fn same_field(
    spec: &crate::spec::Percentile,
    from: &EventKind,
    to: &EventKind,
    report: &mut Report<'_>,
) -> Option<&'static str> {
    if let Some(name) = &spec.same {
        let found = field(&name.text, from.fields, name.span.clone(), report);
        return found.and_then(|_| field(&name.text, to.fields, name.span.clone(), report));
    }
    let has = |kind: &EventKind, name: &str| kind.fields.iter().any(|(field, _)| *field == name);
    let found = THINGS.into_iter().find(|name| has(from, name) && has(to, name));
    if found.is_none() {
        let message = "these events have no thing in common: say which field is the \"same\"";
        report.at(spec.of.span.clone(), message);
    }
    found
}

fn state_rule(
    spec: &ExpectSpec,
    lookup: &Lookup,
    end: Instant,
    report: &mut Report<'_>,
) -> Option<Rule> {
    let at = spec.at.map_or(end, |at| at.0);
    if at > end {
        report.at(spec.id.span.clone(), "its moment lies behind the end of the run");
    }
    let named = match &spec.all {
        Some(all) => all_of(all),
        None => one_of(&spec.terms),
    };
    let Some((kind, patterns)) = named else {
        let message = "a \"state\" needs things of one kind: where = { phone = … } or \
                       all = { sim = … }";
        report.at(spec.id.span.clone(), message);
        return None;
    };
    let things = patterns.iter().flat_map(|name| lookup.things(kind, name, report)).collect();
    let fields = match kind {
        "sim" => SIM_STATE,
        "modem" => MODEM_STATE,
        "terminal" => TERMINAL_STATE,
        "server" => SERVER_STATE,
        "site" => SITE_STATE,
        "platform" => PLATFORM_STATE,
        "business" => BUSINESS_STATE,
        "service" => SERVICE_STATE,
        "group" => GROUP_STATE,
        "courier" => COURIER_STATE,
        _ => PHONE_STATE,
    };
    let terms = terms(spec.state.as_ref()?, fields, None, lookup, report);
    Some(Rule::State { at, things, terms })
}

/// The kind and the pattern of an `all` with one kind.
fn all_of(all: &Each) -> Option<(&'static str, Vec<Name>)> {
    let fleet = [&all.phone, &all.sim, &all.modem, &all.terminal, &all.server, &all.site];
    let others = [&all.platform, &all.business, &all.service, &all.group];
    let patterns = fleet.into_iter().chain(others);
    let mut named = THINGS.into_iter().zip(patterns).filter_map(|(kind, pattern)| {
        pattern.as_ref().map(|pattern| (kind, vec![pattern.clone()]))
    });
    named.next().filter(|_| named.next().is_none())
}

/// The kind and the names of a `where` with one kind.
fn one_of(terms: &Terms) -> Option<(&'static str, Vec<Name>)> {
    let mut named = terms.0.iter().filter_map(|(key, matcher)| {
        let kind = THINGS.into_iter().find(|kind| kind == key.get_ref())?;
        let span = matcher.span();
        let names = texts(matcher.get_ref()).into_iter();
        Some((kind, names.map(|text| Name { text, span: span.clone() }).collect()))
    });
    named.next().filter(|_| named.next().is_none())
}

fn event_kind(name: &Name, report: &mut Report<'_>) -> Option<&'static EventKind> {
    let found = EVENTS.iter().find(|kind| kind.name == name.text);
    if found.is_none() {
        let hint = did_you_mean(&name.text, EVENTS.iter().map(|kind| kind.name))
            .or_else(|| Some("`polysim events` lists them".into()));
        report.with(name.span.clone(), format!("no event is called \"{}\"", name.text), hint);
    }
    found
}

#[derive(Clone, Copy)]
struct Alias<'a> {
    name: &'a str,
    kind: &'static EventKind,
}

type Fields = &'static [(&'static str, &'static str)];

fn terms(
    spec: &Terms,
    fields: Fields,
    alias: Option<Alias<'_>>,
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Vec<Term> {
    let mut all = Vec::new();
    for (key, matcher) in &spec.0 {
        let Some(field) = field(key.get_ref(), fields, key.span(), report) else { continue };
        if let Some(test) = test(field, matcher.get_ref(), alias, matcher.span(), lookup, report) {
            all.push(Term { field, test });
        }
    }
    all
}

fn field(
    name: &str,
    fields: Fields,
    span: Range<usize>,
    report: &mut Report<'_>,
) -> Option<&'static str> {
    let found = fields.iter().find(|(known, _)| *known == name).map(|(known, _)| *known);
    if found.is_none() {
        let known = fields.iter().map(|(known, _)| *known).collect::<Vec<_>>();
        let hint = did_you_mean(name, known.iter().copied())
            .or_else(|| Some(format!("there are: {}", known.join(", "))));
        report.with(span, format!("there is no field \"{name}\" here"), hint);
    }
    found
}

fn test(
    field: &'static str,
    matcher: &Matcher,
    alias: Option<Alias<'_>>,
    span: Range<usize>,
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Option<Test> {
    if let (Matcher::Text(text), Some(alias)) = (matcher, alias)
        && let Some(reference) = text.strip_prefix('$')
    {
        let target = reference.strip_prefix(alias.name).and_then(|rest| rest.strip_prefix('.'));
        let Some(target) = target else {
            report.at(span, format!("expected \"${}.FIELD\"", alias.name));
            return None;
        };
        return self::field(target, alias.kind.fields, span, report).map(Test::SameAs);
    }
    if let Some((low, high)) = between(matcher) {
        return Some(Test::Between(low, high));
    }
    let mut values = Vec::new();
    collect(matcher, &mut values);
    let values = values.into_iter().flat_map(|value| match value {
        Value::Text(text) => names(field, text, &span, lookup, report),
        Value::Flag(_) | Value::Number(_) => vec![value],
    });
    Some(Test::AnyOf(values.collect()))
}

/// Reads `"10..40"`.
fn between(matcher: &Matcher) -> Option<(i64, i64)> {
    let Matcher::Text(text) = matcher else { return None };
    let (low, high) = text.split_once("..")?;
    Some((low.parse().ok()?, high.parse().ok()?)).filter(|(low, high)| low <= high)
}

fn collect(matcher: &Matcher, values: &mut Vec<Value>) {
    match matcher {
        Matcher::Flag(flag) => values.push(Value::Flag(*flag)),
        Matcher::Number(number) => values.push(Value::Number(*number)),
        Matcher::Text(text) => values.push(Value::Text(text.clone())),
        Matcher::Any(all) => all.iter().for_each(|matcher| collect(matcher, values)),
    }
}

fn texts(matcher: &Matcher) -> Vec<String> {
    let mut values = Vec::new();
    collect(matcher, &mut values);
    values
        .into_iter()
        .filter_map(|value| match value {
            Value::Text(text) => Some(text),
            Value::Flag(_) | Value::Number(_) => None,
        })
        .collect()
}

/// Fields that hold names are checked, and their patterns expanded; other texts stand as they are.
fn names(
    field: &str,
    text: String,
    span: &Range<usize>,
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Vec<Value> {
    let name = Name { text, span: span.clone() };
    if name.text.is_empty() {
        return vec![Value::Text(name.text)];
    }
    if let Some(kind) = THINGS.into_iter().find(|kind| *kind == field) {
        let names = expand(&name.text).unwrap_or_default();
        // Events of phones tell of modems, and of subscriptions, of a fleet as well.
        let others =
            |name: &String| lookup.modems.contains_key(name) || lookup.sims.contains_key(name);
        if kind != "phone" || names.is_empty() || !names.iter().all(others) {
            lookup.things(kind, &name, report);
        }
        return names.into_iter().map(Value::Text).collect();
    }
    let known = match field {
        "device" => find(&lookup.phones, "phone", &name, report).map(|_| ()),
        "operator" | "profile" | "subscription" => {
            find(&lookup.operators, "operator", &name, report).map(|_| ())
        }
        "region" => find(&lookup.regions, "region", &name, report).map(|_| ()),
        "place" => find(&lookup.sites, "site", &name, report).map(|_| ()),
        "user" => find(&lookup.users, "user", &name, report).map(|_| ()),
        "peer" | "from" | "to" => lookup.number(&name, report).map(|_| ()),
        _ => Some(()),
    };
    known.map_or_else(Vec::new, |()| vec![Value::Text(name.text)])
}
