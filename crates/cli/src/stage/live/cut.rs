//! What of a scenario can be done with modems alone: the rest is left out, and listed.

use super::config::{Config, PhoneConfig};
use polysim_base::Msisdn;
use polysim_scenario::{Expectation, Plan, Rule, Term, Test};
use polysim_world::{Action, Party, SIMULATED_ONLY, Thing, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The most names that one reason lists.
const NAMES_MAX: usize = 3;

/// A scenario, cut to what modems can do and see.
pub(crate) struct Cut {
    /// The plan, with the real numbers.
    pub(crate) plan: Plan,
    /// The phones that take part: their index, and which of the configuration they are.
    pub(crate) phones: BTreeMap<usize, usize>,
    /// What was left out.
    pub(crate) skipped: Vec<Skipped>,
}

/// Something that was left out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Skipped {
    /// Where the scenario says it.
    pub(crate) line: usize,
    pub(crate) what: What,
    /// Why it cannot be.
    pub(crate) why: String,
}

/// What was left out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum What {
    /// A verb, by its name.
    Verb(&'static str),
    /// An expectation, by its name.
    Expectation(String),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verb(name) => f.write_str(name),
            Self::Expectation(id) => write!(f, "expectation {id}"),
        }
    }
}

/// `12: move: anna: only a simulated world can do this`
impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.line, self.what, self.why)
    }
}

/// Why a verb cannot be done.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Reason {
    /// It needs a phone that has no modem.
    NoModem,
    /// It is done by a number outside.
    Outside,
    /// It is done to a simulated world.
    Simulated,
}

/// A reason, and the phone or number that it is about.
type Refusal = (Reason, String);

impl Cut {
    pub(crate) fn new(plan: &Plan, config: &Config) -> Self {
        let mut plan = plan.clone();
        let known = (0..).zip(&plan.world.phones);
        let known: BTreeMap<&str, usize> =
            known.map(|(index, phone)| (phone.name.as_str(), index)).collect();
        let phones = config.phones.iter().enumerate();
        let phones: BTreeMap<usize, usize> = phones
            .filter_map(|(number, phone)| Some((*known.get(phone.name.text.as_str())?, number)))
            .collect();
        let mut scissors = Scissors::new(&plan, config, &phones);
        let skipped_verbs = scissors.verbs(&mut plan);
        let mut skipped_expectations = Vec::new();
        plan.expectations.retain(|expectation| match scissors.unseen(&expectation.rule) {
            None => true,
            Some(why) => {
                skipped_expectations.push(left_out(expectation, why));
                false
            }
        });
        for (index, number) in &phones {
            let (phone, real) = (plan.world.phones.get_mut(*index), config.phones.get(*number));
            if let (Some(phone), Some(real)) = (phone, real) {
                // The PIN of the scenario is that of a simulated card.
                (phone.number, phone.user_pin) = (real.number, real.pin.clone());
            }
        }
        let skipped = skipped_verbs.into_iter().chain(skipped_expectations).collect();
        Self { plan, phones, skipped }
    }
}

fn left_out(expectation: &Expectation, why: String) -> Skipped {
    let what = What::Expectation(expectation.id.clone());
    Skipped { line: expectation.line, what, why }
}

struct Scissors<'a> {
    config: &'a str,
    names: Vec<String>,
    /// Real numbers of the phones that have a modem.
    numbers: BTreeMap<usize, Msisdn>,
    /// The numbers that phones have in the scenario.
    scenario: BTreeMap<Msisdn, usize>,
    /// Numbers outside that were to do something.
    silent: BTreeSet<String>,
}

impl<'a> Scissors<'a> {
    fn new(plan: &Plan, config: &'a Config, phones: &BTreeMap<usize, usize>) -> Self {
        let real =
            |number: &usize| config.phones.get(*number).map(|phone: &PhoneConfig| phone.number);
        let all = || plan.world.phones.iter();
        Self {
            config: config.file(),
            names: all().map(|phone| phone.name.clone()).collect(),
            numbers: phones.iter().filter_map(|(i, number)| Some((*i, real(number)?))).collect(),
            scenario: all().enumerate().map(|(index, phone)| (phone.number, index)).collect(),
            silent: BTreeSet::new(),
        }
    }

    /// Leaves out verbs; what a line has of one verb is listed once for each reason.
    fn verbs(&mut self, plan: &mut Plan) -> Vec<Skipped> {
        let mut refused: BTreeMap<(usize, &'static str, Reason), BTreeSet<String>> =
            BTreeMap::new();
        for entry in &mut plan.timeline {
            let line = entry.line;
            for run in &mut entry.runs {
                let actions = run.deeds.iter_mut().map(|deed| &mut deed.any);
                actions.for_each(|any| {
                    any.retain_mut(|action| {
                        let Err((reason, who)) = self.fit(action) else { return true };
                        if reason == Reason::Outside {
                            self.silent.insert(who.clone());
                        }
                        refused.entry((line, verb(action), reason)).or_default().insert(who);
                        false
                    });
                });
            }
        }
        let skipped = refused.into_iter().map(|((line, verb, reason), who)| {
            let who = list(&who);
            let why = match reason {
                Reason::NoModem => self.no_modem(&who),
                Reason::Outside => format!("{who} is outside: only phones with a modem act"),
                Reason::Simulated => format!("{who}: only a simulated world can do this"),
            };
            Skipped { line, what: What::Verb(verb), why }
        });
        skipped.collect()
    }

    fn no_modem(&self, who: &str) -> String {
        format!("no modem in {} for {who}", self.config)
    }

    /// Puts the real numbers into an action.
    fn fit(&self, action: &mut Action) -> Result<(), Refusal> {
        match action {
            Action::Text { from, to, .. } | Action::Call { from, to, .. } => {
                match from {
                    Party::Phone(phone) => self.has_modem(*phone)?,
                    Party::Outside(number) => return Err((Reason::Outside, number.to_string())),
                }
                self.dial(to)
            }
            Action::Forward { phone, to, .. } => {
                self.has_modem(*phone)?;
                to.as_mut().map_or(Ok(()), |to| self.dial(to))
            }
            Action::Power { phone, .. }
            | Action::Answer { phone }
            | Action::HangUp { phone }
            | Action::Swap { phone }
            | Action::Dtmf { phone, .. }
            | Action::Ussd { phone, .. }
            | Action::Data { phone, .. }
            | Action::EnterPin { phone, .. }
            | Action::SelectOperator { phone, .. }
            | Action::CallWaiting { phone, .. } => self.has_modem(*phone),
            Action::Move { phone, .. } => Err((Reason::Simulated, self.name(*phone))),
            Action::Fault { .. } => Err((Reason::Simulated, "a fault".into())),
            Action::Fleet(_) => Err((Reason::Simulated, "a fleet".into())),
            Action::Issuance(_) => Err((Reason::Simulated, "cards that are opened".into())),
            Action::Steering(_) => Err((Reason::Simulated, "eSIMs that are steered".into())),
            Action::Share(_) => Err((Reason::Simulated, "a subscription that is shared".into())),
            Action::Courier(_) => Err((Reason::Simulated, "calls and texts over data".into())),
        }
    }

    fn has_modem(&self, phone: usize) -> Result<(), Refusal> {
        if self.numbers.contains_key(&phone) {
            return Ok(());
        }
        Err((Reason::NoModem, self.name(phone)))
    }

    /// A number that a phone has in the scenario is made up: it becomes the real one, or is not
    /// dialled.
    fn dial(&self, to: &mut Msisdn) -> Result<(), Refusal> {
        let Some(phone) = self.scenario.get(to) else { return Ok(()) };
        let real = self.numbers.get(phone).ok_or_else(|| (Reason::NoModem, self.name(*phone)))?;
        *to = *real;
        Ok(())
    }

    fn name(&self, phone: usize) -> String {
        self.names.get(phone).cloned().unwrap_or_default()
    }

    /// Returns why a rule cannot be judged.
    fn unseen(&self, rule: &Rule) -> Option<String> {
        let (events, terms): (&[&str], Vec<&Term>) = match rule {
            Rule::Happens { event, terms, .. } | Rule::Never { event, terms, .. } => {
                (&[*event], terms.iter().collect())
            }
            Rule::ForEach { trigger, trigger_terms, event, terms, .. } => {
                (&[*trigger, *event], trigger_terms.iter().chain(terms).collect())
            }
            Rule::Percentile { from, to, .. } => (&[*from, *to], Vec::new()),
            Rule::State { things, terms, .. } => {
                let phones = things.iter().filter(|(thing, _)| *thing == Thing::Phone);
                let without = phones.filter_map(|(_, phone)| self.has_modem(*phone).err());
                let without: BTreeSet<_> = without.map(|(_, who)| who).collect();
                if !without.is_empty() {
                    return Some(self.no_modem(&list(&without)));
                }
                let region = terms.iter().any(|term| term.field == "region");
                return region.then(|| "no modem says in which region it is".into());
            }
        };
        if let Some(event) = events.iter().find(|event| SIMULATED_ONLY.contains(event)) {
            return Some(format!("no modem tells {event}"));
        }
        terms.iter().find_map(|term| self.unseen_party(term))
    }

    fn unseen_party(&self, term: &Term) -> Option<String> {
        let Test::AnyOf(values) = &term.test else { return None };
        if !matches!(term.field, "phone" | "peer" | "from" | "to") {
            return None;
        }
        let named = || {
            values.iter().filter_map(|value| match value {
                Value::Text(name) => Some(name),
                Value::Flag(_) | Value::Number(_) => None,
            })
        };
        let phone = |name: &String| self.names.iter().position(|known| known == name);
        let without =
            named().filter(|name| phone(name).is_some_and(|i| self.has_modem(i).is_err()));
        let without: BTreeSet<String> = without.cloned().collect();
        if !without.is_empty() {
            return Some(self.no_modem(&list(&without)));
        }
        let silent: BTreeSet<String> =
            named().filter(|name| self.silent.contains(*name)).cloned().collect();
        let acts = matches!(term.field, "peer" | "from");
        (acts && !silent.is_empty()).then(|| format!("{} does nothing here", list(&silent)))
    }
}

/// The name that scenarios have for an action.
const fn verb(action: &Action) -> &'static str {
    match action {
        Action::Power { .. } => "power",
        Action::Move { .. } => "move",
        Action::Text { .. } => "text",
        Action::Call { .. } => "call",
        Action::Answer { .. } => "answer",
        Action::HangUp { .. } => "hang_up",
        Action::Swap { .. } => "swap",
        Action::Dtmf { .. } => "dtmf",
        Action::Ussd { .. } => "ussd",
        Action::Data { .. } => "data",
        Action::EnterPin { .. } => "enter_pin",
        Action::SelectOperator { .. } => "select",
        Action::CallWaiting { .. } => "call_waiting",
        Action::Forward { .. } => "forward",
        Action::Fault { .. } => "fault",
        Action::Fleet(_) => "fleet",
        Action::Issuance(_) => "issuance",
        Action::Steering(_) => "steering",
        Action::Share(_) => "share",
        Action::Courier(_) => "courier",
    }
}

fn list(names: &BTreeSet<String>) -> String {
    let shown = names.iter().take(NAMES_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests;
