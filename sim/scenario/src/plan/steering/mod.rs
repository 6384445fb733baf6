//! What steers eSIMs in a file and in those it includes.

mod links;
pub(super) mod verbs;

pub(super) use links::{is_own, link_named};

use super::Report;
use super::lookup::{Lookup, find};
use super::world::{Part, latency};
use crate::check::Mistake;
use crate::expand::expand;
use crate::spec::{self, Name, ServiceKindSpec};
use crate::units::Span;
use polysim_base::Duration;
use polysim_steering::agent::Retry;
use polysim_steering::wire::Order;
use polysim_world::{
    AdvisorNodeConfig, AgentPlace, AgentPolicy, EuiccPhoneConfig, EuiccVariant, LatencyRange,
    ServiceConfig, ServiceKind, SmdpNodeConfig, SteeringConfig, StockConfig, WorldConfig,
};
use std::collections::BTreeMap;

/// What a platform calls all other regions.
const ELSEWHERE: &str = "elsewhere";
/// Subscriptions of SM-DP+ are numbered from here on, beyond those of phones, pools and presets.
const STOCK_FIRST: u32 = 9_000_000;
/// The most profiles of one operator at all SM-DP+.
const STOCK_MAX: u32 = 900_000;
/// The most memory of an eUICC, in kilobytes.
const MEMORY_KB_MAX: u32 = 65_536;
const MEMORY_KB: u32 = 512;
const DOWNLOADS: u16 = 3;
const SYNC: LatencyRange =
    LatencyRange { min: Duration::from_millis(1), max: Duration::from_millis(4) };

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Adds to the world what steers eSIMs, if anything does.
pub(super) fn resolve(
    parts: &[Part<'_>],
    spec: &spec::WorldSpec,
    world: &mut WorldConfig,
    lookup: &mut Lookup,
    mistakes: &mut Vec<Mistake>,
) {
    let nothing = |part: &spec::Part<'_>| {
        part.service.is_empty() && part.phone.iter().all(|phone| phone.euicc.is_none())
    };
    if parts.iter().all(|part| nothing(&part.spec)) {
        return;
    }
    let mut steering = SteeringConfig { sync: SYNC, ..SteeringConfig::default() };
    links::defaults(spec, &mut steering);
    let mut build = Build { world, steering: &mut steering, lookup, stocks: BTreeMap::new() };
    for part in parts {
        let report = &mut Report::new(part.source, mistakes);
        part.spec.service.iter().for_each(|spec| build.service(spec, report));
    }
    for part in parts {
        let report = &mut Report::new(part.source, mistakes);
        part.spec.phone.iter().for_each(|spec| build.euiccs(spec, report));
    }
    for part in parts {
        let report = &mut Report::new(part.source, mistakes);
        links::of_services(part.spec.service, &mut steering, lookup);
        let own = part.spec.link.iter().filter(|spec| is_own(spec, lookup));
        own.for_each(|spec| links::resolve(spec, &mut steering, lookup, report));
    }
    world.steering = Some(steering);
}

struct Build<'a> {
    world: &'a mut WorldConfig,
    steering: &'a mut SteeringConfig,
    lookup: &'a mut Lookup,
    /// How many profiles of each operator SM-DP+ have.
    stocks: BTreeMap<usize, u32>,
}

impl Build<'_> {
    fn service(&mut self, spec: &spec::ServiceSpec, report: &mut Report<'_>) {
        if let Some(kind) = self.lookup.taken(&spec.name.text) {
            let message = format!("\"{}\" is there already, as {kind}", spec.name.text);
            return report.at(spec.name.span.clone(), message);
        }
        misplaced(spec, report);
        let kind = match spec.kind {
            ServiceKindSpec::Smdp => ServiceKind::Smdp(self.smdp(spec, report)),
            ServiceKindSpec::Smds => ServiceKind::Smds,
            ServiceKindSpec::Advisor => ServiceKind::Advisor(Box::new(self.advisor(spec, report))),
        };
        let name = spec.name.text.clone();
        let index = self.steering.services.len();
        self.lookup.services.insert(name.clone(), index);
        if spec.kind == ServiceKindSpec::Advisor {
            self.lookup.advisors.push(index);
        }
        let clock = super::fleet::clock(spec.clock);
        self.steering.services.push(ServiceConfig { name, clock, kind });
    }

    fn smdp(&mut self, spec: &spec::ServiceSpec, report: &mut Report<'_>) -> SmdpNodeConfig {
        let mut stock = Vec::new();
        for (operator, count) in &spec.profiles.0 {
            let name = Name::from(operator);
            let found = find(&self.lookup.operators, "operator", &name, report);
            let Some(operator) = found else { continue };
            let before = self.stocks.entry(operator).or_default();
            if before.saturating_add(*count) > STOCK_MAX {
                let message = format!("more than {STOCK_MAX} profiles of \"{}\"", name.text);
                report.at(name.span, message);
                continue;
            }
            let first = STOCK_FIRST + *before;
            *before += *count;
            stock.push(StockConfig { operator, count: *count, first });
        }
        SmdpNodeConfig {
            stock,
            order_lifetime: span(spec.order_lifetime, seconds(30 * 86_400)),
            session_lifetime: span(spec.session_lifetime, seconds(600)),
        }
    }

    fn advisor(&self, spec: &spec::ServiceSpec, report: &mut Report<'_>) -> AdvisorNodeConfig {
        let mut answers = Vec::new();
        let mut elsewhere = Vec::new();
        for (region, names) in &spec.answers.0 {
            let operators = self.operators(names, report);
            if region.get_ref() == ELSEWHERE {
                elsewhere = operators;
                continue;
            }
            let name = Name::from(region);
            let found = find(&self.lookup.regions, "region", &name, report);
            answers.extend(found.map(|region| (region, operators)));
        }
        let entitled = spec.entitled.as_ref().map(|names| self.operators(names, report));
        AdvisorNodeConfig {
            operators: (0..self.world.operators.len()).collect(),
            answers,
            elsewhere,
            order: spec.order.map(order),
            entitled,
            downloads_per_month: spec.downloads_per_month.unwrap_or(DOWNLOADS),
            make_room: spec.make_room.unwrap_or(true),
            retry: span(spec.retry, seconds(10)),
            order_age_max: span(spec.order_age, seconds(86_400)),
        }
    }

    fn operators(&self, names: &[Name], report: &mut Report<'_>) -> Vec<usize> {
        operators(names, self.lookup, report)
    }

    /// Gives phones their eUICCs.
    fn euiccs(&mut self, spec: &spec::PhoneSpec, report: &mut Report<'_>) {
        let Some(euicc) = &spec.euicc else {
            if spec.policy.is_some() {
                let message = "a \"policy\" is for the agent of an eUICC";
                report.at(spec.name.span.clone(), message);
            }
            return;
        };
        if spec.card.is_some() {
            let message = "a phone has an eUICC or a card that can be opened, not both";
            report.at(spec.name.span.clone(), message);
        }
        let Some(config) = self.euicc(spec, euicc, report) else { return };
        for name in expand(&spec.name.text).unwrap_or_default() {
            let phone = self.lookup.phones.get(&name).copied();
            if let Some(phone) = phone.and_then(|phone| self.world.phones.get_mut(phone)) {
                phone.euicc = Some(Box::new(config.clone()));
                if spec.model.is_none() {
                    "iot".clone_into(&mut phone.model);
                }
            }
        }
    }

    fn euicc(
        &self,
        spec: &spec::PhoneSpec,
        euicc: &spec::EuiccSpec,
        report: &mut Report<'_>,
    ) -> Option<EuiccPhoneConfig> {
        let profiles = self.operators(&euicc.profiles, report);
        if profiles.len() != euicc.profiles.len() {
            return None;
        }
        let own = spec.operator.as_ref().map(|name| &name.text);
        if let (Some(own), Some(first)) = (own, euicc.profiles.first())
            && *own != first.text
        {
            let message = "the first profile of the eUICC is the one of the phone's operator";
            report.at(first.span.clone(), message);
        }
        let memory_kb = euicc.memory_kb.unwrap_or(MEMORY_KB);
        if memory_kb > MEMORY_KB_MAX {
            let message = format!("an eUICC has {MEMORY_KB_MAX} kilobytes at most");
            report.at(spec.name.span.clone(), message);
        }
        let advisor = match &euicc.advisor {
            Some(name) => find(&self.lookup.services, "service", name, report)?,
            None => self.lookup.advisors.first().copied().unwrap_or(0),
        };
        Some(EuiccPhoneConfig {
            presets: profiles.into_iter().skip(1).collect(),
            memory: memory_kb.min(MEMORY_KB_MAX) * 1_024,
            variant: match euicc.variant {
                spec::VariantSpec::Standard => EuiccVariant::Standard,
                spec::VariantSpec::ResetNeeded => EuiccVariant::ResetNeeded,
                spec::VariantSpec::NoRefresh => EuiccVariant::NoRefresh,
            },
            agent: match euicc.agent {
                spec::AgentSpec::Card => Some(AgentPlace::Card),
                spec::AgentSpec::Host => Some(AgentPlace::Host),
                spec::AgentSpec::None => None,
            },
            advisor,
            policy: policy(euicc, spec.policy.unwrap_or_default()),
        })
    }
}

/// Reports keys that belong to another kind of service.
fn misplaced(spec: &spec::ServiceSpec, report: &mut Report<'_>) {
    let of_smdp = [
        (!spec.profiles.0.is_empty(), "profiles"),
        (spec.order_lifetime.is_some(), "order_lifetime"),
        (spec.session_lifetime.is_some(), "session_lifetime"),
    ];
    let of_advisor = [
        (!spec.answers.0.is_empty(), "answers"),
        (spec.order.is_some(), "order"),
        (spec.entitled.is_some(), "entitled"),
        (spec.downloads_per_month.is_some(), "downloads_per_month"),
        (spec.make_room.is_some(), "make_room"),
        (spec.retry.is_some(), "retry"),
        (spec.order_age.is_some(), "order_age"),
    ];
    let mut refuse = |keys: &[(bool, &str)], whose: &str| {
        for (_, key) in keys.iter().filter(|(there, _)| *there) {
            report.at(spec.name.span.clone(), format!("\"{key}\" is for {whose}"));
        }
    };
    if spec.kind != ServiceKindSpec::Smdp {
        refuse(&of_smdp, "a service of kind \"smdp+\"");
    }
    if spec.kind != ServiceKindSpec::Advisor {
        refuse(&of_advisor, "a service of kind \"preferred-operators\"");
    }
}

fn policy(euicc: &spec::EuiccSpec, spec: spec::SteeringPolicySpec) -> AgentPolicy {
    let spec::FallbackSpec::Original = spec.fallback;
    AgentPolicy {
        check_every: span(euicc.check_every, seconds(60)),
        away_dwell: span(spec.away, seconds(30)),
        home_dwell: span(spec.home, seconds(60)),
        home_level_dbm: spec.home_level.unwrap_or(-105),
        switch_gap: span(spec.gap, seconds(60)),
        switch_gap_max: span(spec.gap_max, seconds(3_600)),
        attach_deadline: span(spec.attach, seconds(120)),
        order: order(spec.order),
        list_age_max: span(spec.list_age, seconds(30 * 86_400)),
        presets_alone: spec.presets_alone.unwrap_or(true),
        retry: Retry {
            first: span(spec.retry.first, seconds(30)),
            longest: span(spec.retry.longest, seconds(600)),
            tries: spec.retry.tries.unwrap_or(5),
        },
        pause: span(spec.pause, seconds(600)),
        pause_max: span(spec.pause_max, seconds(86_400)),
        downloads_per_month: spec.downloads_per_month.unwrap_or(DOWNLOADS),
        makes_room: spec.make_room,
    }
}

const fn order(spec: spec::OrderBySpec) -> Order {
    match spec {
        spec::OrderBySpec::Tariff => Order::Tariff,
        spec::OrderBySpec::Signal => Order::Signal,
    }
}

fn span(span: Option<Span>, usual: Duration) -> Duration {
    span.map_or(usual, |span| span.0)
}

fn operators(names: &[Name], lookup: &Lookup, report: &mut Report<'_>) -> Vec<usize> {
    let found = names.iter();
    found.filter_map(|name| find(&lookup.operators, "operator", name, report)).collect()
}

/// Links between the nodes here are described by this range.
fn usual(spec: &spec::WorldSpec) -> Option<LatencyRange> {
    spec.latency.fleet.map(latency)
}
