//! The courier's server and its phones, in a file and in those it includes.

mod device;
mod links;
pub(super) mod verbs;

pub(super) use links::{is_own, link_named};

use super::Report;
use super::fleet::clock;
use super::lookup::Lookup;
use super::world::{Part, latency};
use crate::check::Mistake;
use crate::spec::{ContactsSpec, CourierLimitsSpec, CourierSpec};
use crate::units::{Span, Speed};
use polysim_base::Duration;
use polysim_courier::server::{Country, Limits};
use polysim_courier::{ContactMode, Rate};
use polysim_world::{
    CourierConfig, CourierLinks, CourierServerConfig, LatencyRange, LinkQuality, Thing, WorldConfig,
};
use std::ops::Range;

/// What the server is called where the file does not say.
const NAME: &str = "courier";
/// What A-law speech needs, with headers, and some more.
const THRESHOLD: Rate = Rate(100);
const RATE_AGE: Duration = Duration::from_secs(300);
const RING: Duration = Duration::from_secs(30);
const GRACE: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_secs(2);
const VERIFY_WITHIN: Duration = Duration::from_secs(3_600);
const HOLD_DOWN: Duration = Duration::from_secs(86_400);
const SYNC: LatencyRange =
    LatencyRange { min: Duration::from_millis(1), max: Duration::from_millis(4) };

const CODE_LIFETIME: Duration = Duration::from_secs(600);
const TRIES: u8 = 5;
const PER_NUMBER: u16 = 3;
const PER_RANGE: u16 = 10;
const PER_TENANT: u32 = 100_000;
const DEVICES: u8 = 8;
const CONTACTS: u16 = 1_000;
const LOOKUPS: u32 = 10_000;
const WAITING: u32 = 1_000;
/// Octets of a sealed text.
const TEXT_OCTETS: u32 = 10_000;

/// Adds the courier to the world, if there is one.
pub(super) fn resolve(
    parts: &[Part<'_>],
    world: &mut WorldConfig,
    lookup: &mut Lookup,
    mistakes: &mut Vec<Mistake>,
) {
    let has_courier = |part: &Part<'_>| {
        part.spec.courier.is_some() || part.spec.phone.iter().any(|phone| phone.courier.is_some())
    };
    if !parts.iter().any(has_courier) {
        return;
    }
    let default = CourierSpec::default();
    let written = parts.iter().rev().find_map(|part| Some((part, part.spec.courier?)));
    let own = written.or_else(|| parts.last().map(|part| (part, &default)));
    let Some((part, spec)) = own else { return };
    let mut courier = server(spec, lookup, &mut Report::new(part.source, mistakes));
    for part in parts {
        let report = &mut Report::new(part.source, mistakes);
        let phones = part.spec.phone.iter().filter(|phone| phone.courier.is_some());
        phones.for_each(|phone| device::resolve(phone, &mut courier, lookup, report));
    }
    for part in parts {
        let report = &mut Report::new(part.source, mistakes);
        part.spec.phone.iter().for_each(|phone| device::link(phone, &mut courier, lookup, report));
        let own = part.spec.link.iter().filter(|spec| is_own(spec, lookup));
        own.for_each(|spec| links::resolve(spec, &mut courier, lookup, report));
    }
    world.courier = Some(courier);
}

fn server(spec: &CourierSpec, lookup: &mut Lookup, report: &mut Report<'_>) -> CourierConfig {
    let name = spec.name.as_ref().map_or(NAME, |name| &name.text).to_owned();
    if let Some(kind) = lookup.taken(&name) {
        let place = spec.name.as_ref().map_or(0..0, |name| name.span.clone());
        report.at(place, format!("\"{name}\" is there already, as {kind}"));
    }
    lookup.couriers.insert(name.clone(), 0);
    let usual = LinkQuality {
        latency: spec.latency.map_or(super::links::LATENCY, latency),
        ..LinkQuality::default()
    };
    CourierConfig {
        server: CourierServerConfig {
            name,
            clock: clock(spec.clock),
            contacts: match spec.contacts {
                ContactsSpec::Digests => ContactMode::Digests,
                ContactsSpec::Numbers => ContactMode::Numbers,
            },
            limits: limits(&spec.limits, report),
            threshold: rate(spec.threshold),
            rate_age_max: span(spec.rate_age, RATE_AGE),
            ring: span(spec.ring, RING),
            call_grace: span(spec.grace, GRACE),
            retry: span(spec.retry, RETRY),
            verify_within: span(spec.verify_within, VERIFY_WITHIN),
            hold_down: span(spec.hold_down, HOLD_DOWN),
        },
        devices: Vec::new(),
        links: CourierLinks { usual, overrides: Vec::new() },
        sync: spec.disk.map_or(SYNC, latency),
    }
}

fn limits(spec: &CourierLimitsSpec, report: &mut Report<'_>) -> Limits {
    if spec.code.is_some_and(|code| code.0 > CODE_LIFETIME) {
        report.at(0..0, "a code holds for 10 min at most");
    }
    let mut countries = Vec::new();
    for (code, per_hour) in &spec.countries.0 {
        let digits = code.get_ref();
        let legal = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !legal {
            report.at(code.span(), "expected one to three digits, such as \"46\"");
        }
        countries.push(Country { code: digits.clone(), per_hour: *per_hour });
    }
    Limits {
        code_lifetime: span(spec.code, CODE_LIFETIME),
        tries: spec.tries.unwrap_or(TRIES),
        per_number: spec.per_number.unwrap_or(PER_NUMBER),
        per_range: spec.per_range.unwrap_or(PER_RANGE),
        per_tenant: spec.per_tenant.unwrap_or(PER_TENANT),
        countries,
        devices: spec.devices.unwrap_or(DEVICES),
        contacts: spec.contacts.unwrap_or(CONTACTS),
        waiting: spec.waiting.unwrap_or(WAITING),
        lookups_per_day: spec.lookups.unwrap_or(LOOKUPS),
        text_octets: TEXT_OCTETS,
    }
}

fn span(span: Option<Span>, usual: Duration) -> Duration {
    span.map_or(usual, |span| span.0)
}

fn rate(speed: Option<Speed>) -> Rate {
    speed.map_or(THRESHOLD, |speed| Rate(speed.0))
}

/// Finds a phone that has a courier, or reports that it has none.
pub(super) fn user(
    phone: usize,
    place: Range<usize>,
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Option<usize> {
    if lookup.courier_phones.contains(&phone) {
        return Some(phone);
    }
    let name = lookup.name(Thing::Phone, phone).unwrap_or_default();
    let help = Some("give it one: courier = {}".to_owned());
    report.with(place, format!("the phone \"{name}\" has no courier"), help);
    None
}
