//! The courier of a phone, or of as many as its name is a pattern of.

use super::{GRACE, RATE_AGE, RETRY, clock, rate, span};
use crate::expand::expand;
use crate::plan::Report;
use crate::plan::lookup::{Lookup, spelt};
use crate::spec::{ChoiceSpec, CourierPhoneSpec, Name, PhoneSpec};
use polysim_base::{Duration, Msisdn};
use polysim_courier::TenantId;
use polysim_courier::client::Choice;
use polysim_world::{CourierConfig, CourierDeviceConfig, CourierUser};
use std::collections::BTreeMap;

const RATE_KBPS: u32 = 1_000;
const MEASURE_EVERY: Duration = Duration::from_secs(120);
const REFRESH_EVERY: Duration = Duration::from_secs(3_600);
const TENANT: u32 = 1;
/// After how long a user confirms the code that has come.
const CONFIRMS_AFTER: Duration = Duration::from_secs(10);
/// After how long a user chooses what is offered.
const CHOOSES_AFTER: Duration = Duration::from_secs(3);
/// A frame of speech.
const FRAME: Duration = Duration::from_millis(20);
/// The most contacts that one file may have.
const CONTACTS_MAX: usize = 10_000_000;

/// Adds the couriers of one table of phones.
pub(super) fn resolve(
    phone: &PhoneSpec,
    courier: &mut CourierConfig,
    lookup: &mut Lookup,
    report: &mut Report<'_>,
) {
    let Some(spec) = &phone.courier else { return };
    // A pattern that is none, or phones that are not there, are reported where phones are made.
    let names = expand(&phone.name.text).unwrap_or_default();
    let phones: Vec<usize> =
        names.iter().filter_map(|name| lookup.phones.get(name).copied()).collect();
    let Some(device) = device(phone, spec, lookup, report) else { return };
    let contacts = numbers(&spec.contacts, lookup, report);
    let so_far: usize = courier.devices.iter().map(|device| device.contacts.len()).sum();
    let each = contacts.len() + spec.neighbours;
    if each.saturating_mul(phones.len()).saturating_add(so_far) > CONTACTS_MAX {
        return report.at(phone.name.span.clone(), format!("more than {CONTACTS_MAX} contacts"));
    }
    if spec.neighbours > 0 && spec.neighbours >= phones.len() {
        let message = "a phone has as many neighbours as there are others in its pattern, at most";
        report.at(phone.name.span.clone(), message);
    }
    for (at, index) in phones.iter().enumerate() {
        lookup.courier_phones.insert(*index);
        let own = lookup.numbers.get(*index).copied();
        let following = phones.iter().cycle().skip(at + 1).take(spec.neighbours);
        let neighbours = following.filter_map(|phone| lookup.numbers.get(*phone).copied());
        let all = contacts.iter().copied().chain(neighbours);
        courier.devices.push(CourierDeviceConfig {
            phone: *index,
            contacts: all.filter(|number| Some(*number) != own).collect(),
            ..device.clone()
        });
    }
}

/// Returns what all couriers of a table are like.
fn device(
    phone: &PhoneSpec,
    spec: &CourierPhoneSpec,
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Option<CourierDeviceConfig> {
    let number = match &spec.number {
        Some(name) => Some(lookup.number(name, report)?),
        None => None,
    };
    if let (Some(_), Some(number)) = (&spec.linked_to, &spec.number) {
        report.at(number.span.clone(), "a linked device has the number of its primary one");
    }
    Some(CourierDeviceConfig {
        phone: 0,
        linked_to: None,
        number,
        tenant: TenantId(spec.tenant.unwrap_or(TENANT)),
        threshold: rate(spec.threshold),
        measure_every: span(spec.measure_every, MEASURE_EVERY),
        rate_age_max: span(spec.rate_age, RATE_AGE),
        refresh_every: span(spec.refresh_every, REFRESH_EVERY),
        retry: span(spec.retry, RETRY),
        call_grace: span(spec.grace, GRACE),
        carrier_rule: spec.carrier_rule,
        expires: spec.expires.map(|span| span.0),
        rate_kbps: spec.rate.map_or(RATE_KBPS, |speed| speed.0),
        contacts: Vec::new(),
        clock: clock(spec.clock),
        user: CourierUser {
            registers: spec.registers,
            confirms_after: spec.confirms.then_some(CONFIRMS_AFTER),
            answers_after: phone.answers_after.map(|span| span.0),
            of_calls: spec.call_offered.map(choice),
            of_texts: spec.text_offered.map(choice),
            chooses_after: CHOOSES_AFTER,
            reads: spec.reads,
            speaks_every: span(spec.speaks_every, FRAME),
        },
    })
}

pub(super) const fn choice(spec: ChoiceSpec) -> Choice {
    match spec {
        ChoiceSpec::Carrier => Choice::Carrier,
        ChoiceSpec::Quit => Choice::Quit,
        ChoiceSpec::Wait => Choice::Wait,
    }
}

/// Finds the numbers that names, patterns and numbers stand for.
pub(super) fn numbers(names: &[Name], lookup: &Lookup, report: &mut Report<'_>) -> Vec<Msisdn> {
    let names: Vec<_> = names.iter().flat_map(|name| spelt(name, report)).collect();
    names.iter().filter_map(|name| lookup.number(name, report)).collect()
}

/// Says of linked devices which primary ones they are linked to, once all are known.
pub(super) fn link(
    phone: &PhoneSpec,
    courier: &mut CourierConfig,
    lookup: &Lookup,
    report: &mut Report<'_>,
) {
    let Some(linked_to) = phone.courier.as_ref().and_then(|spec| spec.linked_to.as_ref()) else {
        return;
    };
    let primaries = lookup.phones(linked_to, report);
    let primaries: Vec<usize> = primaries
        .into_iter()
        .filter_map(|primary| super::user(primary, linked_to.span.clone(), lookup, report))
        .collect();
    let names = expand(&phone.name.text).unwrap_or_default();
    let phones = names.iter().filter_map(|name| lookup.phones.get(name).copied());
    let linked: BTreeMap<usize, usize> = phones.zip(primaries.iter().copied().cycle()).collect();
    if linked.iter().any(|(phone, primary)| phone == primary) {
        report.at(linked_to.span.clone(), "a phone is not linked to itself");
    }
    for device in &mut courier.devices {
        if let Some(primary) = linked.get(&device.phone) {
            device.linked_to = Some(*primary);
        }
    }
}
