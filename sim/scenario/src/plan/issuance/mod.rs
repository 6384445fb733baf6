//! What opens cards in a file and in those it includes.

mod links;
pub(super) mod verbs;

pub(super) use links::{is_own, link_named, node_named};

use super::lookup::{Lookup, find, spelt};
use super::world::{Part, latency};
use super::{Report, numbers};
use crate::check::Mistake;
use crate::expand::expand;
use crate::spec::{self, Name};
use polysim_base::Duration;
use polysim_issuance::business::Pooled;
use polysim_issuance::platform::{Policy, Retry};
use polysim_ota::{Integrity, Spi};
use polysim_world::{
    BusinessNodeConfig, IssuanceConfig, LatencyRange, OpenBearer, OpenCardConfig, OtaAlgorithm,
    PlatformNodeConfig, WorldConfig,
};
use std::collections::BTreeMap;

/// What the only platform is called where the file names none.
const PLATFORM: &str = "platform";
/// Numbers of pools are counted from here on, beyond those of phones.
const POOL_FIRST: usize = 5_000_000;
/// The most numbers of one operator in all pools.
const POOL_MAX: usize = 4_000_000;
const TEXTS_PER_S: u32 = 100;
const TRIES: u8 = 10;
const RETRY_FIRST: Duration = Duration::from_secs(120);
const RETRY_LONGEST: Duration = Duration::from_secs(3_600);
const VALIDITY: Duration = Duration::from_secs(3_600);
const PENDING_ALARM: Duration = Duration::from_secs(1_800);
const PATIENCE: Duration = Duration::from_secs(30);
const REST: Duration = Duration::from_secs(3_600);
const TRIAL: Duration = Duration::from_secs(600);
const SYNC: LatencyRange =
    LatencyRange { min: Duration::from_millis(1), max: Duration::from_millis(4) };

/// Adds to the world what opens cards, if anything does.
pub(super) fn resolve(
    parts: &[Part<'_>],
    spec: &spec::WorldSpec,
    world: &mut WorldConfig,
    lookup: &mut Lookup,
    mistakes: &mut Vec<Mistake>,
) {
    let nothing = |part: &spec::Part<'_>| {
        let cards = part.phone.iter().any(|phone| phone.card.is_some());
        part.platform.is_empty() && part.business.is_empty() && !cards
    };
    if parts.iter().all(|part| nothing(&part.spec)) {
        return;
    }
    let mut issuance = IssuanceConfig { sync: SYNC, ..IssuanceConfig::default() };
    links::defaults(spec, &mut issuance);
    let mut build = Build { world, issuance: &mut issuance, lookup };
    let mut each = |step: fn(&mut Build<'_>, &spec::Part<'_>, &mut Report<'_>)| {
        for part in parts {
            step(&mut build, &part.spec, &mut Report::new(part.source, mistakes));
        }
    };
    each(|b, part, report| part.platform.iter().for_each(|spec| b.platform(spec, report)));
    each(|b, _, _| b.some_platform());
    each(|b, part, report| part.business.iter().for_each(|spec| b.business(spec, report)));
    let mut held = BTreeMap::new();
    for part in parts {
        let report = &mut Report::new(part.source, mistakes);
        part.spec.phone.iter().for_each(|spec| build.cards(spec, &mut held, report));
    }
    for part in parts {
        let report = &mut Report::new(part.source, mistakes);
        let own = part.spec.link.iter().filter(|spec| is_own(spec, lookup));
        own.for_each(|spec| links::resolve(spec, &mut issuance, lookup, report));
    }
    world.issuance = Some(issuance);
}

struct Build<'a> {
    world: &'a mut WorldConfig,
    issuance: &'a mut IssuanceConfig,
    lookup: &'a mut Lookup,
}

impl Build<'_> {
    fn is_free(&self, name: &Name, report: &mut Report<'_>) -> bool {
        let taken = self.lookup.taken(&name.text);
        if let Some(kind) = taken {
            let message = format!("\"{}\" is there already, as {kind}", name.text);
            report.at(name.span.clone(), message);
        }
        taken.is_none()
    }

    fn platform(&mut self, spec: &spec::PlatformSpec, report: &mut Report<'_>) {
        if !self.is_free(&spec.name, report) {
            return;
        }
        let name = spec.name.text.clone();
        self.lookup.platforms.insert(name.clone(), self.issuance.platforms.len());
        let span = |span: Option<crate::units::Span>, usual| span.map_or(usual, |span| span.0);
        self.issuance.platforms.push(PlatformNodeConfig {
            name,
            clock: super::fleet::clock(spec.clock),
            spi: spi(spec.security),
            retry: Retry {
                first: span(spec.retry.first, RETRY_FIRST),
                longest: span(spec.retry.longest, RETRY_LONGEST),
                tries: spec.retry.tries.unwrap_or(TRIES),
            },
            validity: span(spec.validity, VALIDITY),
            pending_alarm: span(spec.pending_alarm, PENDING_ALARM),
            texts_per_s: spec.texts_per_s.unwrap_or(TEXTS_PER_S),
            moved: policy(spec.moved),
            conflict: policy(spec.conflict),
        });
    }

    /// There is a platform, even if the file names none.
    fn some_platform(&mut self) {
        if self.issuance.platforms.is_empty() {
            self.lookup.platforms.insert(PLATFORM.into(), 0);
            self.issuance.platforms.push(PlatformNodeConfig {
                name: PLATFORM.into(),
                clock: polysim_world::ClockConfig::default(),
                spi: Spi::FULL,
                retry: Retry { first: RETRY_FIRST, longest: RETRY_LONGEST, tries: TRIES },
                validity: VALIDITY,
                pending_alarm: PENDING_ALARM,
                texts_per_s: TEXTS_PER_S,
                moved: Policy::Accept,
                conflict: Policy::Refuse,
            });
        }
    }

    fn platform_named(&self, name: Option<&Name>, report: &mut Report<'_>) -> usize {
        let found = name.and_then(|name| find(&self.lookup.platforms, "platform", name, report));
        found.unwrap_or(0)
    }

    fn business(&mut self, spec: &spec::BusinessSpec, report: &mut Report<'_>) {
        if !self.is_free(&spec.name, report) {
            return;
        }
        let name = spec.name.text.clone();
        let platform = self.platform_named(spec.platform.as_ref(), report);
        let mut pool = Vec::new();
        for (operator, count) in &spec.pool.0 {
            let name = Name::from(operator);
            let Some(index) = find(&self.lookup.operators, "operator", &name, report) else {
                continue;
            };
            let before = self.issuance.businesses.iter().flat_map(|other| &other.pool);
            let before = before.filter(|pooled| pooled.operator == name.text).count();
            let count = usize::try_from(*count).unwrap_or(usize::MAX);
            if before.saturating_add(count) > POOL_MAX {
                let message = format!("more than {POOL_MAX} numbers of \"{}\"", name.text);
                report.at(name.span, message);
                continue;
            }
            pool.extend((before..before + count).filter_map(|at| pooled(self.world, index, at)));
        }
        self.lookup.businesses.insert(name.clone(), self.issuance.businesses.len());
        self.issuance.businesses.push(BusinessNodeConfig {
            name,
            clock: super::fleet::clock(spec.clock),
            platform,
            pool,
            patience: spec.patience.map_or(PATIENCE, |span| span.0),
            rest: spec.rest.map_or(REST, |span| span.0),
        });
    }

    /// Gives phones cards that can be opened; `held` counts the keys that cards hold, by operator.
    fn cards(
        &mut self,
        spec: &spec::PhoneSpec,
        held: &mut BTreeMap<usize, usize>,
        report: &mut Report<'_>,
    ) {
        let Some(card) = &spec.card else { return };
        let platform = self.platform_named(card.platform.as_ref(), report);
        let operators: Vec<_> = card
            .preloaded
            .iter()
            .filter_map(|name| find(&self.lookup.operators, "operator", name, report))
            .collect();
        let trial = card.trial.map_or(TRIAL, |span| span.0);
        let trial_min = u16::try_from(trial.as_secs() / 60).unwrap_or(u16::MAX).max(1);
        for name in expand(&spec.name.text).unwrap_or_default() {
            let phone = self.lookup.phones.get(&name).copied();
            let mut preloaded = Vec::new();
            for operator in &operators {
                let at = held.entry(*operator).or_default();
                preloaded.extend(pooled(self.world, *operator, *at).map(|pooled| pooled.imsi));
                *at += 1;
            }
            let config = OpenCardConfig {
                platform,
                applet: card.applet,
                seed: card.seed,
                bearer: match card.bearer {
                    spec::BearerSpec::Text => OpenBearer::Text,
                    spec::BearerSpec::Channel => OpenBearer::Channel,
                },
                preloaded,
                trial_min,
                keys: match card.keys {
                    spec::KeysSpec::Aes => OtaAlgorithm::Aes,
                    spec::KeysSpec::TripleDes => OtaAlgorithm::TripleDes,
                },
            };
            if let Some(phone) = phone.and_then(|phone| self.world.phones.get_mut(phone)) {
                phone.subscribed &= card.seed;
                phone.open_card = Some(Box::new(config));
            }
        }
    }
}

/// Returns a number of an operator for pools.
fn pooled(world: &WorldConfig, operator: usize, at: usize) -> Option<Pooled> {
    let home = world.operators.get(operator)?;
    Some(Pooled {
        operator: home.name.clone(),
        imsi: numbers::imsi(home.plmn, POOL_FIRST + at)?,
        msisdn: numbers::msisdn(&home.country_code, operator, POOL_FIRST + at)?,
    })
}

const fn policy(spec: spec::PolicySpec) -> Policy {
    match spec {
        spec::PolicySpec::Accept => Policy::Accept,
        spec::PolicySpec::Refuse => Policy::Refuse,
    }
}

const fn spi(security: spec::SecuritySpec) -> Spi {
    let mut spi = Spi::FULL;
    match security {
        spec::SecuritySpec::Full => {}
        spec::SecuritySpec::Authenticated => spi.ciphered = false,
        spec::SecuritySpec::None => {
            spi.ciphered = false;
            spi.integrity = Integrity::None;
            spi.proof.ciphered = false;
            spi.proof.integrity = Integrity::None;
        }
    }
    spi
}

/// Finds the phones that a list of names and patterns stands for.
fn phones(lookup: &Lookup, patterns: &[Name], report: &mut Report<'_>) -> Vec<usize> {
    let names = patterns.iter().flat_map(|pattern| spelt(pattern, report)).collect::<Vec<_>>();
    names.iter().filter_map(|name| find(&lookup.phones, "phone", name, report)).collect()
}

/// Links between the nodes here are described by this range.
fn usual(spec: &spec::WorldSpec) -> Option<LatencyRange> {
    spec.latency.fleet.map(latency)
}
