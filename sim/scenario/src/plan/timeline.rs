//! Verbs of the timeline as actions on the world.

use super::lookup::{Lookup, find};
use super::{Report, world};
use crate::spec::{AtSpec, FaultKind, FaultVerb, Name, TextVerb, Verb, When};
use polysim_base::{Duration, Instant};
use polysim_sms::{SegmentOptions, segment};
use polysim_world::{Action, Fault, ForwardWhen, Party};

const RINGS: Duration = Duration::from_secs(30);
/// Octets of a text above which it is tried whether it can be sent at all.
const LONG_TEXT: usize = 10_000;
const PPM: u64 = 1_000_000;
/// The most actions that one timeline may have, repetitions included.
const ACTIONS_MAX: u64 = 50_000_000;

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
    /// What is done, for one phone each or once.
    pub runs: Vec<Run>,
}

/// Actions with the time after which each is done.
#[derive(Clone, Debug)]
pub struct Run {
    /// For whom, where it is for each of many.
    pub phone: Option<usize>,
    /// What, and how long after the moment.
    pub actions: Vec<(Duration, Action)>,
}

pub(super) fn resolve(
    specs: &[AtSpec],
    lookup: &Lookup,
    end: Instant,
    report: &mut Report<'_>,
) -> Vec<Entry> {
    specs.iter().map(|spec| entry(spec, lookup, end, report)).collect()
}

/// Resolves verbs outside a timeline.
pub(super) fn spoken(
    verbs: &[Verb],
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Vec<(Duration, Action)> {
    verbs.iter().flat_map(|verb| actions(verb, None, lookup, report).unwrap_or_default()).collect()
}

fn entry(spec: &AtSpec, lookup: &Lookup, end: Instant, report: &mut Report<'_>) -> Entry {
    let targets: Vec<Option<usize>> = match &spec.each {
        Some(each) => lookup.phones(&each.phone, report).into_iter().map(Some).collect(),
        None => vec![None],
    };
    let first = spec.t.map_or(Instant::ZERO, |t| t.0);
    let every = spec.every.map(|span| span.0);
    let until = spec.until.map_or(end, |until| until.0.min(end));
    if let (Some(period), Some(each)) = (every, spec.each.as_ref())
        && repetitions(first, until, period) * targets.len() as u64 > ACTIONS_MAX
    {
        report.at(each.phone.span.clone(), format!("more than {ACTIONS_MAX} actions"));
    }
    let mut runs = Vec::new();
    for (number, phone) in targets.iter().enumerate() {
        // A mistake in a verb is the same for every phone: report it once.
        let mut sink = Vec::new();
        let mut own = Report { source: report.source, mistakes: &mut sink };
        let actions = spec
            .verbs
            .get_ref()
            .iter()
            .flat_map(|verb| actions(verb, *phone, lookup, &mut own).unwrap_or_default())
            .collect();
        if number == 0 {
            report.mistakes.append(&mut sink);
        }
        runs.push(Run { phone: *phone, actions });
    }
    let (line, _) = report.source.position(spec.verbs.span().start);
    Entry {
        line,
        first,
        every,
        until,
        spread: spec.each.as_ref().and_then(|each| each.spread).map_or(Duration::ZERO, |s| s.0),
        runs,
    }
}

const fn repetitions(first: Instant, until: Instant, period: Duration) -> u64 {
    match until.since(first).as_micros().checked_div(period.as_micros()) {
        Some(count) => count + 1,
        None => u64::MAX / (1 << 32),
    }
}

struct Resolve<'a, 'r> {
    each: Option<usize>,
    lookup: &'a Lookup,
    report: &'a mut Report<'r>,
}

impl Resolve<'_, '_> {
    fn phone(&mut self, name: Option<&Name>, verb: &str) -> Option<usize> {
        match (name, self.each) {
            (Some(name), _) => find(&self.lookup.phones, "phone", name, self.report),
            (None, Some(phone)) => Some(phone),
            (None, None) => self.nobody(verb),
        }
    }

    fn from(&mut self, name: Option<&Name>, verb: &str) -> Option<Party> {
        match (name, self.each) {
            (Some(name), _) => self.lookup.party(name, self.report),
            (None, Some(phone)) => Some(Party::Phone(phone)),
            (None, None) => self.nobody(verb),
        }
    }

    /// Reports a text that is longer than a text can be.
    fn sendable(&mut self, verb: &TextVerb) {
        // Cutting it up is dear, and a short text always fits.
        if verb.text.len() > LONG_TEXT
            && let Err(error) = segment(&verb.text, &SegmentOptions::default())
        {
            let start: String = verb.text.chars().take(20).collect();
            self.report.at(verb.to.span.clone(), format!("the text \"{start}…\": {error}"));
        }
    }

    fn nobody<T>(&mut self, verb: &str) -> Option<T> {
        let help = Some("name one, or give the entry an \"each\"".to_owned());
        self.report.with(0..0, format!("a \"{verb}\" does not say which phone"), help);
        None
    }
}

fn actions(
    verb: &Verb,
    each: Option<usize>,
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Option<Vec<(Duration, Action)>> {
    let mut r = Resolve { each, lookup, report };
    let action = match verb {
        Verb::Power(v) => Action::Power { phone: r.phone(v.phone.as_ref(), "power")?, on: v.on },
        Verb::Move(v) => {
            let region = find(&r.lookup.regions, "region", &v.to, r.report);
            Action::Move { phone: r.phone(v.phone.as_ref(), "move")?, region: region? }
        }
        Verb::Text(v) => {
            let to = r.lookup.number(&v.to, r.report);
            let from = r.from(v.from.as_ref(), "text")?;
            let validity = v.valid.map(|span| span.0);
            r.sendable(v);
            Action::Text { from, to: to?, text: v.text.clone(), report: v.report, validity }
        }
        Verb::Call(v) => {
            let to = r.lookup.number(&v.to, r.report);
            let from = r.from(v.from.as_ref(), "call")?;
            let rings = v.rings.map_or(RINGS, |span| span.0);
            Action::Call { from, to: to?, hide: v.hide, rings }
        }
        Verb::Answer(v) => Action::Answer { phone: r.phone(v.phone.as_ref(), "answer")? },
        Verb::HangUp(v) => Action::HangUp { phone: r.phone(v.phone.as_ref(), "hang_up")? },
        Verb::Swap(v) => Action::Swap { phone: r.phone(v.phone.as_ref(), "swap")? },
        Verb::Dtmf(v) => {
            let legal = v.digits.text.bytes().all(|b| b"0123456789*#ABCD".contains(&b));
            if !legal || v.digits.text.is_empty() {
                r.report.at(v.digits.span.clone(), "tones are 0-9, *, # and A-D");
            }
            let digits = v.digits.text.clone();
            Action::Dtmf { phone: r.phone(v.phone.as_ref(), "dtmf")?, digits }
        }
        Verb::Ussd(v) => {
            Action::Ussd { phone: r.phone(v.phone.as_ref(), "ussd")?, code: v.code.clone() }
        }
        Verb::Data(v) => {
            let apn = v.apn.clone().unwrap_or_else(|| "internet".into());
            Action::Data { phone: r.phone(v.phone.as_ref(), "data")?, apn, on: v.on }
        }
        Verb::EnterPin(v) => {
            world::check_pin(&v.pin, r.report);
            let pin = v.pin.text.clone();
            Action::EnterPin { phone: r.phone(v.phone.as_ref(), "enter_pin")?, pin }
        }
        Verb::Select(v) => {
            let operator = match &v.operator {
                Some(name) => Some(find(&r.lookup.operators, "operator", name, r.report)?),
                None => None,
            };
            Action::SelectOperator { phone: r.phone(v.phone.as_ref(), "select")?, operator }
        }
        Verb::CallWaiting(v) => {
            Action::CallWaiting { phone: r.phone(v.phone.as_ref(), "call_waiting")?, on: v.on }
        }
        Verb::Forward(v) => {
            let to = match &v.to {
                Some(name) => Some(r.lookup.number(name, r.report)?),
                None => None,
            };
            let when = match v.when {
                When::Always => ForwardWhen::Always,
                When::Busy => ForwardWhen::Busy,
                When::NoReply => ForwardWhen::NoReply,
                When::NotReachable => ForwardWhen::NotReachable,
            };
            Action::Forward { phone: r.phone(v.phone.as_ref(), "forward")?, when, to }
        }
        Verb::Fault(v) => return fault_actions(v, r.lookup, r.report),
    };
    Some(vec![(Duration::ZERO, action)])
}

fn fault_actions(
    spec: &FaultVerb,
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Option<Vec<(Duration, Action)>> {
    let fault = fault(spec, lookup, report)?;
    let begins = (Duration::ZERO, Action::Fault { fault: fault.clone(), on: true });
    let heals = spec.lasts.map(|span| (span.0, Action::Fault { fault, on: false }));
    Some([begins].into_iter().chain(heals).collect())
}

fn fault(spec: &FaultVerb, lookup: &Lookup, report: &mut Report<'_>) -> Option<Fault> {
    let (wanted, about) = match spec.kind {
        FaultKind::Outage => ("cell", "an outage is of a cell"),
        FaultKind::RejectAttach | FaultKind::TextCongestion => {
            ("operator", "this is an operator's")
        }
        FaultKind::ModemHang | FaultKind::ModemReset | FaultKind::CardPulled => {
            ("phone", "this is a phone's")
        }
    };
    let target = spec.target.text.strip_prefix(wanted).and_then(|rest| rest.strip_prefix(':'));
    let Some(target) = target else {
        let help = Some(format!("{about}: write \"{wanted}:NAME\""));
        report.with(spec.target.span.clone(), "the target does not fit the kind", help);
        return None;
    };
    let name = Name { text: target.to_owned(), span: spec.target.span.clone() };
    Some(match spec.kind {
        FaultKind::Outage => {
            let (region, cell) = find(&lookup.cells, "cell", &name, report)?;
            Fault::CellOutage { region, cell }
        }
        FaultKind::RejectAttach => {
            let operator = find(&lookup.operators, "operator", &name, report)?;
            let share = spec.share.map_or(PPM, |share| share.0);
            let share_ppm = u32::try_from(share.min(PPM)).unwrap_or(0);
            let cause = reject_cause(spec, report)?;
            Fault::RejectAttach { operator, cause, share_ppm }
        }
        FaultKind::TextCongestion => {
            Fault::TextCongestion { operator: find(&lookup.operators, "operator", &name, report)? }
        }
        FaultKind::ModemHang => {
            Fault::ModemHang { phone: find(&lookup.phones, "phone", &name, report)? }
        }
        FaultKind::ModemReset => {
            Fault::ModemReset { phone: find(&lookup.phones, "phone", &name, report)? }
        }
        FaultKind::CardPulled => {
            Fault::CardPulled { phone: find(&lookup.phones, "phone", &name, report)? }
        }
    })
}

fn reject_cause(spec: &FaultVerb, report: &mut Report<'_>) -> Option<u8> {
    let cause = spec.cause.unwrap_or(11);
    if polysim_radio::air::RejectCause::from_number(cause).is_none() {
        let known = polysim_radio::air::RejectCause::ALL.map(|c| c.number().to_string()).join(", ");
        let message = format!("no reject cause has the number {cause}");
        report.with(spec.target.span.clone(), message, Some(format!("known: {known}")));
        return None;
    }
    Some(cause)
}
