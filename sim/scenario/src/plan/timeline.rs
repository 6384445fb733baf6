//! The timeline: what is done, when, for whom, and in how many cases.

use super::choice::{ALTERNATIVES_MAX, Choices};
use super::lookup::Lookup;
use super::verb::{Target, actions};
use super::{Mistake, Report};
use crate::spec::{AtSpec, Each, Verb};
use crate::units::SpanRange;
use polysim_base::{Duration, Instant};
use polysim_world::{Action, Thing};

/// The most actions that one timeline may have, repetitions included.
const ACTIONS_MAX: u64 = 50_000_000;
/// The most actions that one timeline may choose from.
const CHOICES_MAX: usize = 2_000_000;
/// No pause.
const AT_ONCE: SpanRange = SpanRange { min: Duration::ZERO, max: Duration::ZERO };

/// What is done at a moment, or again and again.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The line of the file that says what is done.
    pub line: usize,
    /// When first.
    pub first: Instant,
    /// Again after this time.
    pub every: Option<Duration>,
    /// No more from then on.
    pub until: Instant,
    /// The moment of each run is drawn from this time on.
    pub spread: Duration,
    /// In how many of a million cases it is done.
    pub chance_ppm: u32,
    /// What is done, for each of many or once.
    pub runs: Vec<Run>,
}

/// What is done for one, in order.
#[derive(Clone, Debug)]
pub struct Run {
    /// By which number its draws are made, where it is for one of many.
    pub number: Option<u64>,
    /// What.
    pub deeds: Vec<Deed>,
}

/// One of several actions, after a while.
#[derive(Clone, Debug)]
pub struct Deed {
    /// How long to wait before it and everything that follows.
    pub pause: SpanRange,
    /// How long after that it is done; what follows does not wait for it.
    pub after: Duration,
    /// One of these, drawn each time.
    pub any: Vec<Action>,
}

pub(super) fn resolve(
    specs: &[AtSpec],
    lookup: &Lookup,
    end: Instant,
    report: &mut Report<'_>,
) -> Vec<Entry> {
    let mut room = CHOICES_MAX;
    specs.iter().map(|spec| entry(spec, lookup, end, &mut room, report)).collect()
}

/// Resolves verbs outside a timeline: the first of several choices, the shortest of several pauses.
pub(super) fn spoken(
    verbs: &[Verb],
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Vec<(Duration, Action)> {
    let mut begins = Duration::ZERO;
    let mut all = Vec::new();
    for deed in deeds(verbs, Target::default(), lookup, report) {
        begins = begins.plus(deed.pause.min);
        all.extend(deed.any.into_iter().next().map(|action| (begins.plus(deed.after), action)));
    }
    all
}

fn entry(
    spec: &AtSpec,
    lookup: &Lookup,
    end: Instant,
    room: &mut usize,
    report: &mut Report<'_>,
) -> Entry {
    let targets = match &spec.each {
        Some(each) => targets(each, lookup, report),
        None => vec![Target::default()],
    };
    let first = spec.t.map_or(Instant::ZERO, |t| t.0);
    let every = spec.every.map(|span| span.0);
    let until = spec.until.map_or(end, |until| until.0.min(end));
    let place = spec.verbs.span();
    if let (Some(period), Some(_)) = (every, spec.each.as_ref())
        && repetitions(first, until, period) * targets.len() as u64 > ACTIONS_MAX
    {
        report.at(place.clone(), format!("more than {ACTIONS_MAX} actions"));
    }
    let mut runs = Vec::new();
    let mut told: Vec<Mistake> = Vec::new();
    for target in targets {
        // A mistake in a verb is much the same for everyone: it is reported once.
        let mut sink = Vec::new();
        let around = spec.verbs.span();
        let mut own = Report { source: report.source, mistakes: &mut sink, around };
        let deeds = deeds(spec.verbs.get_ref(), target, lookup, &mut own);
        if told.is_empty() {
            told = sink;
        }
        let choices = deeds.iter().map(|deed| deed.any.len()).sum();
        let Some(left) = room.checked_sub(choices) else {
            report.at(place.clone(), format!("more than {CHOICES_MAX} actions to choose from"));
            break;
        };
        *room = left;
        runs.push(Run { number: target.number(), deeds });
    }
    report.mistakes.append(&mut told);
    let (line, _) = report.source.position(place.start);
    let spread = spec.each.as_ref().and_then(|each| each.spread);
    Entry {
        line,
        first,
        every,
        until,
        spread: spread.map_or(Duration::ZERO, |spread| spread.0),
        chance_ppm: spec.chance.map_or(1_000_000, |share| share.0),
        runs,
    }
}

const fn repetitions(first: Instant, until: Instant, period: Duration) -> u64 {
    match until.since(first).as_micros().checked_div(period.as_micros()) {
        Some(count) => count + 1,
        None => u64::MAX / (1 << 32),
    }
}

/// Pairs up the phones, SIMs and terminals of an `each`; shorter lists begin again.
fn targets(each: &Each, lookup: &Lookup, report: &mut Report<'_>) -> Vec<Target> {
    let others = [&each.modem, &each.server, &each.site, &each.platform, &each.business];
    for other in others.into_iter().chain([&each.service, &each.group]).flatten() {
        let message = "an entry of the timeline is for each phone, SIM or terminal";
        report.at(other.span.clone(), message);
    }
    let mut list = |kind, pattern: &Option<_>| match pattern {
        Some(pattern) => lookup.things(kind, pattern, report),
        None => Vec::new(),
    };
    let phones = list("phone", &each.phone);
    let sims = list("sim", &each.sim);
    let terminals = list("terminal", &each.terminal);
    let count = phones.len().max(sims.len()).max(terminals.len());
    let nth = |list: &[(Thing, usize)], at: usize| {
        let at = at.checked_rem(list.len())?;
        list.get(at).map(|(_, index)| *index)
    };
    let target = |at| Target {
        phone: nth(&phones, at),
        sim: nth(&sims, at),
        terminal: nth(&terminals, at),
        nth: u32::try_from(at).ok(),
    };
    (0..count).map(target).collect()
}

fn deeds(verbs: &[Verb], target: Target, lookup: &Lookup, report: &mut Report<'_>) -> Vec<Deed> {
    let mut all = Vec::new();
    let mut pause = AT_ONCE;
    for verb in verbs {
        if let Verb::Wait(range) = verb {
            pause = SpanRange { min: pause.min.plus(range.min), max: pause.max.plus(range.max) };
            continue;
        }
        for (after, any) in alternatives(verb, target, lookup, report) {
            all.push(Deed { pause: core::mem::replace(&mut pause, AT_ONCE), after, any });
        }
    }
    all
}

/// Resolves a verb once for each alternative that its choices leave: what it does, and what it does
/// later, such as healing what it broke.
fn alternatives(
    verb: &Verb,
    target: Target,
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Vec<(Duration, Vec<Action>)> {
    let mut choices = Choices::default();
    let mut all: Vec<(Duration, Vec<Action>)> = Vec::new();
    loop {
        let before = report.mistakes.len();
        let found = actions(verb, target, &mut choices, lookup, report).unwrap_or_default();
        for (number, (after, action)) in found.into_iter().enumerate() {
            match all.get_mut(number) {
                Some((_, any)) => any.push(action),
                None => all.push((after, vec![action])),
            }
        }
        if choices.count() > ALTERNATIVES_MAX {
            let message = format!("a verb leaves more than {ALTERNATIVES_MAX} alternatives");
            report.at(0..0, message);
        }
        if report.mistakes.len() > before || !choices.advance() {
            return all;
        }
    }
}
