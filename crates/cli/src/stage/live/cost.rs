//! What a run will do that may cost money, or cannot be taken back.

use super::config::Config;
use super::cut::Cut;
use polysim_base::Msisdn;
use polysim_scenario::{Step, schedule};
use polysim_sms::{Reference, SegmentOptions, segment};
use polysim_world::Action;
use std::collections::BTreeMap;
use std::fmt;

/// What a run will do, counted.
#[derive(Debug, Default)]
pub(crate) struct Cost {
    /// Texts and all their parts, by number.
    texts: BTreeMap<String, (u64, u64)>,
    /// Calls, by number.
    calls: BTreeMap<String, u64>,
    /// Forwardings, by number.
    forwardings: BTreeMap<String, u64>,
    /// USSD codes and answers.
    codes: BTreeMap<String, u64>,
    contexts: u64,
    pins: u64,
    /// A number is none of the configuration's phones.
    strangers: bool,
}

impl Cost {
    pub(crate) fn of(cut: &Cut, config: &Config, seed: u64) -> Self {
        let mut cost = Self::default();
        for (_, step) in schedule(&cut.plan, seed) {
            if let Step::Do(action) = step {
                cost.add(action, config);
            }
        }
        cost
    }

    /// Returns whether somebody must agree: numbers of others are dialled, or a network or a card
    /// is told what a simulated one would forgive.
    pub(crate) fn asks(&self) -> bool {
        self.strangers || !self.codes.is_empty() || self.pins > 0
    }

    fn add(&mut self, action: &Action, config: &Config) {
        match action {
            Action::Text { to, text, .. } => {
                let options = SegmentOptions::default().with_reference(Reference::Eight(1));
                let parts = segment(text, &options).map_or(0, |parts| parts.len());
                let to = self.party(*to, config);
                let (texts, all) = self.texts.entry(to).or_default();
                *texts += 1;
                *all += parts as u64;
            }
            Action::Call { to, .. } => {
                let to = self.party(*to, config);
                *self.calls.entry(to).or_default() += 1;
            }
            Action::Forward { to: Some(to), .. } => {
                let to = self.party(*to, config);
                *self.forwardings.entry(to).or_default() += 1;
            }
            Action::Ussd { code, .. } => *self.codes.entry(code.clone()).or_default() += 1,
            Action::Data { on: true, .. } => self.contexts += 1,
            Action::EnterPin { .. } => self.pins += 1,
            Action::Power { .. }
            | Action::Move { .. }
            | Action::Answer { .. }
            | Action::HangUp { .. }
            | Action::Swap { .. }
            | Action::Dtmf { .. }
            | Action::Data { on: false, .. }
            | Action::SelectOperator { .. }
            | Action::CallWaiting { .. }
            | Action::Forward { to: None, .. }
            | Action::Fault { .. }
            | Action::Fleet(_)
            | Action::Issuance(_)
            | Action::Steering(_)
            | Action::Share(_)
            | Action::Courier(_) => {}
        }
    }

    fn party(&mut self, number: Msisdn, config: &Config) -> String {
        match config.phones.iter().find(|phone| phone.number == number) {
            Some(phone) => format!("{} ({number})", phone.name.text),
            None => {
                self.strangers = true;
                number.to_string()
            }
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (to, (texts, parts)) in &self.texts {
            let parts = if parts > texts { format!(" in {parts} parts") } else { String::new() };
            writeln!(f, "  {}{parts} to {to}", count(*texts, "text"))?;
        }
        for (to, calls) in &self.calls {
            writeln!(f, "  {} to {to}", count(*calls, "call"))?;
        }
        for (to, forwardings) in &self.forwardings {
            writeln!(f, "  {} to {to}", count(*forwardings, "forwarding"))?;
        }
        for (code, times) in &self.codes {
            writeln!(f, "  USSD {code:?}, {}", count(*times, "time"))?;
        }
        if self.contexts > 0 {
            writeln!(f, "  {}", count(self.contexts, "packet context"))?;
        }
        if self.pins > 0 {
            writeln!(f, "  {} of cards entered by the timeline", count(self.pins, "PIN"))?;
        }
        if self.texts.is_empty() && self.calls.is_empty() {
            writeln!(f, "  no texts and no calls")?;
        }
        Ok(())
    }
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
