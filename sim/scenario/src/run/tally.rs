//! How a fleet fared, in numbers: what a run prints at its end.

use crate::plan::Plan;
use polysim_base::{Duration, Instant};
use polysim_fleet::terminal::TerminalWish;
use polysim_fleet::wire::{KindWanted, ModemOrder, ModemWanted};
use polysim_world::{Action, Event, FleetAction, FleetConfig, Value};
use std::collections::BTreeMap;

/// How a fleet fared.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FleetReport {
    /// Configuration requests, by policy, in order of their names.
    pub policies: Vec<PolicyReport>,
    /// Calls that came in and are over.
    pub calls_in: u64,
    /// Of those, how many a terminal answered.
    pub answered: u64,
    /// How many nobody answered or refused.
    pub missed: u64,
    /// Calls that terminals dialled and that are over.
    pub calls_out: u64,
    /// Of those, how many were answered.
    pub connected: u64,
    /// Texts that servers have recorded.
    pub texts_in: u64,
    /// Texts that sites were to send.
    pub texts_out: u64,
    /// Of those, how many a service centre has.
    pub sent: u64,
    /// How many the recipient has, as terminals were told.
    pub delivered: u64,
    /// How many were certainly not sent or delivered.
    pub failed: u64,
    /// How many may or may not have been sent.
    pub unknown: u64,
}

impl FleetReport {
    /// Adds what another run has counted.
    pub fn add(&mut self, other: &Self) {
        let counts = [
            (&mut self.calls_in, other.calls_in),
            (&mut self.answered, other.answered),
            (&mut self.missed, other.missed),
            (&mut self.calls_out, other.calls_out),
            (&mut self.connected, other.connected),
            (&mut self.texts_in, other.texts_in),
            (&mut self.texts_out, other.texts_out),
            (&mut self.sent, other.sent),
            (&mut self.delivered, other.delivered),
            (&mut self.failed, other.failed),
            (&mut self.unknown, other.unknown),
        ];
        counts.into_iter().for_each(|(count, more)| *count += more);
        for policy in &other.policies {
            match self.policies.iter_mut().find(|own| own.policy == policy.policy) {
                Some(own) => own.add(policy),
                None => self.policies.push(policy.clone()),
            }
        }
    }
}

/// How requests fared that left the choice to one policy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PolicyReport {
    /// Pool, kind and order, or the modem that was asked for.
    pub policy: String,
    /// How many the timeline made.
    pub requests: u64,
    /// How many changed nothing: the SIM was there already.
    pub unchanged: u64,
    /// How many got a modem.
    pub assigned: u64,
    /// How many took the modem of another SIM.
    pub evictions: u64,
    /// How many were refused.
    pub refused: u64,
    /// How many were over before they got a modem.
    pub dropped: u64,
    /// How long those that got a modem waited for it, shortest first.
    pub waited: Vec<Duration>,
}

impl PolicyReport {
    fn add(&mut self, other: &Self) {
        let counts = [
            (&mut self.requests, other.requests),
            (&mut self.unchanged, other.unchanged),
            (&mut self.assigned, other.assigned),
            (&mut self.evictions, other.evictions),
            (&mut self.refused, other.refused),
            (&mut self.dropped, other.dropped),
        ];
        counts.into_iter().for_each(|(count, more)| *count += more);
        self.waited.extend(&other.waited);
        self.waited.sort_unstable();
    }

    /// Returns how long at most so many of a hundred waited, if any got a modem.
    #[must_use]
    pub fn waited_at(&self, percent: usize) -> Option<Duration> {
        let rank = (self.waited.len() * percent).div_ceil(100).max(1) - 1;
        self.waited.get(rank).copied()
    }
}

/// Hears what a fleet does.
#[derive(Debug)]
pub(super) struct Tally<'a> {
    fleet: &'a FleetConfig,
    report: FleetReport,
    policies: BTreeMap<String, PolicyReport>,
    /// Requests under way, by SIM: their policy, and since when.
    waiting: BTreeMap<String, (String, Instant)>,
    /// Recorded parts of texts, by the number of parts of the text.
    parts: BTreeMap<i64, u64>,
    /// How many deliveries each terminal was told of.
    delivered: BTreeMap<String, u64>,
}

impl<'a> Tally<'a> {
    /// Returns one for a plan with a fleet.
    pub(super) fn new(plan: &'a Plan) -> Option<Self> {
        Some(Self {
            fleet: plan.world.fleet.as_ref()?,
            report: FleetReport::default(),
            policies: BTreeMap::new(),
            waiting: BTreeMap::new(),
            parts: BTreeMap::new(),
            delivered: BTreeMap::new(),
        })
    }

    /// Notes what the timeline asks.
    pub(super) fn asked(&mut self, at: Instant, action: &Action) {
        let Action::Fleet(FleetAction::Wish { wish: TerminalWish::Assign(iccid, wanted), .. }) =
            action
        else {
            return;
        };
        let sim = self.fleet.sim_of(*iccid).and_then(|sim| self.fleet.sims.get(sim));
        let Some(sim) = sim.map(|sim| sim.name.clone()) else { return };
        let policy = self.policy(wanted.modem);
        self.of(&policy).requests += 1;
        self.waiting.insert(sim, (policy, at));
    }

    fn policy(&self, wanted: ModemWanted) -> String {
        match wanted {
            ModemWanted::Fixed(id) => {
                let site = self.fleet.sites.get(usize::from(id.site.0));
                let modem = site.and_then(|site| site.modems.get(usize::from(id.number)));
                modem.map_or_else(String::new, |modem| format!("modem {}", modem.name))
            }
            ModemWanted::Of { pool, kind, order } => {
                let pool = self.fleet.pools.get(usize::from(pool.0));
                let pool = pool.map_or("", String::as_str);
                let kind = match kind {
                    KindWanted::BuiltIn => " built-in",
                    KindWanted::Cloud => " cloud",
                    KindWanted::Any => "",
                };
                let order = match order {
                    ModemOrder::LeastRecentlyUsed => "least-recently-used",
                    ModemOrder::Spread => "spread",
                };
                format!("{pool}{kind} {order}")
            }
        }
    }

    fn of(&mut self, policy: &str) -> &mut PolicyReport {
        self.policies.entry(policy.to_owned()).or_insert_with(|| PolicyReport {
            policy: policy.to_owned(),
            ..PolicyReport::default()
        })
    }

    pub(super) fn hear(&mut self, event: &Event) {
        match event.name {
            "sim.assigned" | "sim.claims" | "sim.dropped" | "terminal.answer"
            | "terminal.refused" => self.request(event),
            "sim.call" => self.call(event),
            "sim.text" => *self.parts.entry(number(event, "parts").max(1)).or_default() += 1,
            "sim.text-out" => match text(event, "state") {
                "sent" => self.report.sent += 1,
                "failed" => self.report.failed += 1,
                "unknown" => self.report.unknown += 1,
                _ => self.report.texts_out += 1,
            },
            "terminal.text-state" if text(event, "state") == "delivered" => {
                *self.delivered.entry(text(event, "terminal").to_owned()).or_default() += 1;
            }
            _ => {}
        }
    }

    /// What becomes of a request that is under way.
    fn request(&mut self, event: &Event) {
        let sim = text(event, "sim");
        let Some((policy, since)) = self.waiting.get(sim).cloned() else { return };
        let policy = self.of(&policy);
        match (event.name, text(event, "answer"), text(event, "why")) {
            ("sim.claims", ..) => {
                policy.evictions += 1;
                return;
            }
            ("sim.assigned", ..) => {
                policy.assigned += 1;
                policy.waited.push(event.at.since(since));
            }
            // The request that took its place is the one that is known here.
            ("sim.dropped", _, "superseded") => {
                policy.dropped += 1;
                return;
            }
            ("sim.dropped", ..) => policy.dropped += 1,
            ("terminal.answer", "unchanged", _) => policy.unchanged += 1,
            ("terminal.answer", "refused", _) => policy.refused += 1,
            ("terminal.refused", ..) if text(event, "wish") == "assign" => policy.refused += 1,
            _ => return,
        }
        self.waiting.remove(sim);
    }

    fn call(&mut self, event: &Event) {
        let answered = number(event, "talked") >= 0;
        if text(event, "direction") == "outgoing" {
            self.report.calls_out += 1;
            self.report.connected += u64::from(answered);
            return;
        }
        self.report.calls_in += 1;
        self.report.answered += u64::from(answered);
        self.report.missed += u64::from(!answered && text(event, "why") != "hung-up");
    }

    pub(super) fn report(mut self) -> FleetReport {
        let texts = self.parts.iter().map(|(parts, count)| count / parts.unsigned_abs().max(1));
        self.report.texts_in = texts.sum();
        self.report.delivered = self.deliveries();
        self.report.policies = self.policies.into_values().collect();
        self.report.policies.iter_mut().for_each(|policy| policy.waited.sort_unstable());
        self.report
    }

    /// Every terminal of a user is told of a delivery, sooner or later: the one that was told most
    /// counts.
    fn deliveries(&self) -> u64 {
        let mut by_user: BTreeMap<usize, u64> = BTreeMap::new();
        for terminal in &self.fleet.terminals {
            let told = self.delivered.get(&terminal.name).copied().unwrap_or_default();
            let most = by_user.entry(terminal.user).or_default();
            *most = (*most).max(told);
        }
        by_user.values().sum()
    }
}

fn number(event: &Event, field: &str) -> i64 {
    match event.field(field) {
        Some(Value::Number(number)) => *number,
        Some(Value::Flag(_) | Value::Text(_)) | None => 0,
    }
}

fn text<'e>(event: &'e Event, field: &str) -> &'e str {
    match event.field(field) {
        Some(Value::Text(text)) => text,
        Some(Value::Flag(_) | Value::Number(_)) | None => "",
    }
}
