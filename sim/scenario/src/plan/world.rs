//! Operators, regions and phones of a file and of those it includes.

use super::lookup::{Lookup, find};
use super::{Report, numbers};
use crate::check::{Mistake, Source};
use crate::expand::expand;
use crate::spec::{self, Name, Power};
use crate::units::SpanRange;
use polysim_base::{Duration, Msisdn, Plmn};
use polysim_radio::air::Rat;
use polysim_world::{
    CellConfig, LatencyRange, MODELS, OperatorConfig, PhoneConfig, RegionConfig, Tariff,
    WorldConfig,
};
use std::collections::BTreeMap;

/// 2026-01-01T00:00:00Z.
const START_UNIX_S: u64 = 1_767_225_600;
const AIR: LatencyRange =
    LatencyRange { min: Duration::from_millis(8), max: Duration::from_millis(20) };
const BACKHAUL: LatencyRange =
    LatencyRange { min: Duration::from_millis(20), max: Duration::from_millis(60) };

/// The world's part of one file.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) source: &'a Source,
    pub(super) spec: spec::Part<'a>,
}

/// Returns a world with clock and latencies, and nothing in it.
pub(super) fn start(spec: &spec::WorldSpec, report: &mut Report<'_>) -> WorldConfig {
    let start = spec.start.as_ref().and_then(|name| {
        let start = unix_seconds(&name.text);
        if start.is_none() {
            let form = "expected a date in universal time such as \"2026-01-01T00:00:00Z\"";
            report.at(name.span.clone(), form);
        }
        start
    });
    WorldConfig {
        start_unix_s: start.unwrap_or(START_UNIX_S),
        encode_messages: spec.encode,
        lean_hosts: spec.lean,
        air: spec.latency.air.map_or(AIR, latency),
        backhaul: spec.latency.backhaul.map_or(BACKHAUL, latency),
        ..WorldConfig::default()
    }
}

pub(super) const fn latency(range: SpanRange) -> LatencyRange {
    LatencyRange { min: range.min, max: range.max }
}

/// Adds everything to the world: all operators first, then regions, then phones, so that files may
/// name each other's things.
pub(super) fn resolve(
    parts: &[Part<'_>],
    world: &mut WorldConfig,
    lookup: &mut Lookup,
    mistakes: &mut Vec<Mistake>,
) {
    for part in parts {
        let report = &mut Report::new(part.source, mistakes);
        part.spec.operator.iter().for_each(|spec| operator(spec, world, lookup, report));
    }
    for part in parts {
        let report = &mut Report::new(part.source, mistakes);
        part.spec.operator.iter().for_each(|spec| agreements(spec, world, lookup, report));
        part.spec.region.iter().for_each(|spec| region(spec, world, lookup, report));
    }
    for part in parts {
        let report = &mut Report::new(part.source, mistakes);
        part.spec.phone.iter().for_each(|spec| phones(spec, world, lookup, report));
    }
}

pub(super) fn claim<T>(
    names: &mut BTreeMap<String, T>,
    name: &Name,
    text: String,
    value: T,
    report: &mut Report<'_>,
) -> bool {
    if names.contains_key(&text) {
        report.at(name.span.clone(), format!("\"{text}\" is there already"));
        return false;
    }
    names.insert(text, value);
    true
}

fn parsed<T, E: core::fmt::Display>(
    name: &Name,
    parse: impl FnOnce(&str) -> Result<T, E>,
    report: &mut Report<'_>,
) -> Option<T> {
    parse(&name.text).map_err(|error| report.at(name.span.clone(), error.to_string())).ok()
}

fn operator(
    spec: &spec::OperatorSpec,
    world: &mut WorldConfig,
    lookup: &mut Lookup,
    report: &mut Report<'_>,
) {
    let index = world.operators.len();
    let plmn = parsed(&spec.plmn, Plmn::parse, report);
    let country_code = spec.country_code.as_ref().map_or("999", |code| code.text.as_str());
    let legal = (1..=3).contains(&country_code.len())
        && country_code.bytes().all(|b| b.is_ascii_digit())
        && !country_code.starts_with('0');
    if let (Some(code), false) = (&spec.country_code, legal) {
        report.at(code.span.clone(), "expected one to three digits, such as \"46\"");
    }
    let centre = match &spec.centre {
        Some(name) => parsed(name, Msisdn::parse, report),
        None => numbers::centre(country_code, index),
    };
    if let Some(plmn) = plmn
        && world.operators.iter().any(|other| other.plmn == plmn)
    {
        report.at(spec.plmn.span.clone(), format!("another operator has the network {plmn}"));
    }
    let claimed = claim(&mut lookup.operators, &spec.name, spec.name.text.clone(), index, report);
    let (Some(plmn), Some(centre), true) = (plmn, centre, claimed) else { return };
    world.operators.push(OperatorConfig {
        name: spec.name.text.clone(),
        plmn,
        full_name: spec.full_name.clone().unwrap_or_else(|| spec.name.text.clone()),
        country_code: country_code.to_owned(),
        centre,
        tariff: Tariff {
            call_per_min_micro: spec.tariff.call_per_min.0,
            text_micro: spec.tariff.sms.0,
            data_per_mb_micro: spec.tariff.data_per_mb.0,
            roaming_factor: spec.tariff.roaming_factor,
        },
        roaming: Vec::new(),
        apns: spec.apns.clone(),
    });
}

fn agreements(
    spec: &spec::OperatorSpec,
    world: &mut WorldConfig,
    lookup: &Lookup,
    report: &mut Report<'_>,
) {
    let partners = spec.roaming.iter();
    let partners: Vec<_> =
        partners.filter_map(|p| find(&lookup.operators, "operator", p, report)).collect();
    let own = lookup.operators.get(&spec.name.text).copied();
    if let Some(operator) = own.and_then(|own| world.operators.get_mut(own)) {
        operator.roaming = partners;
    }
}

fn region(
    spec: &spec::RegionSpec,
    world: &mut WorldConfig,
    lookup: &mut Lookup,
    report: &mut Report<'_>,
) {
    let index = world.regions.len();
    let zone_quarters = spec.zone.as_ref().map_or(0, |zone| {
        zone_quarters(&zone.text).unwrap_or_else(|| {
            report.at(zone.span.clone(), "expected an offset such as \"+01:00\" or \"-03:30\"");
            0
        })
    });
    if !claim(&mut lookup.regions, &spec.name, spec.name.text.clone(), index, report) {
        return;
    }
    let mut cells = Vec::new();
    for cell in &spec.cells {
        let operator = find(&lookup.operators, "operator", &cell.operator, report);
        let place = (index, cells.len());
        let claimed = claim(&mut lookup.cells, &cell.id, cell.id.text.clone(), place, report);
        let (Some(operator), true) = (operator, claimed) else { continue };
        cells.push(CellConfig {
            name: cell.id.text.clone(),
            operator,
            rat: match cell.rat {
                spec::RatSpec::Gsm => Rat::Gsm,
                spec::RatSpec::Umts => Rat::Umts,
                spec::RatSpec::Lte => Rat::Lte,
                spec::RatSpec::Nr => Rat::Nr,
            },
            level_dbm: cell.rssi,
            capacity: cell.capacity,
        });
    }
    world.regions.push(RegionConfig { name: spec.name.text.clone(), zone_quarters, cells });
}

fn phones(
    spec: &spec::PhoneSpec,
    world: &mut WorldConfig,
    lookup: &mut Lookup,
    report: &mut Report<'_>,
) {
    let region = find(&lookup.regions, "region", &spec.region, report);
    let operator = operator_of(spec, lookup, report);
    model(spec.model.as_ref(), report);
    for pin in [&spec.card_pin, &spec.user_pin].into_iter().flatten() {
        check_pin(pin, report);
    }
    let names = match expand(&spec.name.text) {
        Ok(names) => names,
        Err(error) => return report.at(spec.name.span.clone(), error.to_string()),
    };
    let (Some(region), Some(operator)) = (region, operator) else {
        // Claim the names all the same: what refers to them is no mistake of its own.
        for name in names {
            claim(&mut lookup.phones, &spec.name, name, usize::MAX, report);
        }
        return;
    };
    for (at, name) in (0_u64..).zip(names) {
        let index = world.phones.len();
        if !claim(&mut lookup.phones, &spec.name, name.clone(), index, report) {
            continue;
        }
        if let Some(phone) = phone(spec, name, (region, operator), at, world, report) {
            lookup.numbers.push(phone.number);
            world.phones.push(phone);
        }
    }
}

/// Returns whose subscription the card of a phone holds at first; of a phone without a card of its
/// own, any, until it is known whose it shares.
fn operator_of(spec: &spec::PhoneSpec, lookup: &Lookup, report: &mut Report<'_>) -> Option<usize> {
    let first = expand(&spec.name.text).ok().and_then(|names| names.into_iter().next());
    if spec.operator.is_none() && first.is_some_and(|name| lookup.cardless.contains(&name)) {
        return Some(0);
    }
    let name = subscription_of(spec, report)?;
    find(&lookup.operators, "operator", name, report)
}

/// Returns whose subscription the card of a phone holds at first.
fn subscription_of<'a>(spec: &'a spec::PhoneSpec, report: &mut Report<'_>) -> Option<&'a Name> {
    let of_euicc = spec.euicc.as_ref().and_then(|euicc| euicc.profiles.first());
    let found = spec.operator.as_ref().or(of_euicc);
    if found.is_none() {
        let help = "write operator = \"NAME\", or euicc = { profiles = [\"NAME\"] }, or name it among the \
                    slaves of a [[share]]";
        let help = Some(help.to_owned());
        let message = "the phone does not say whose subscription its card holds";
        report.with(spec.name.span.clone(), message, help);
    }
    found
}

fn phone(
    spec: &spec::PhoneSpec,
    name: String,
    (region, operator): (usize, usize),
    at: u64,
    world: &WorldConfig,
    report: &mut Report<'_>,
) -> Option<PhoneConfig> {
    let index = world.phones.len();
    let home = world.operators.get(operator)?;
    let imsi = match &spec.imsi {
        Some(pattern) => numbers::from_pattern(pattern, at, polysim_base::Imsi::parse, report),
        None => numbers::imsi(home.plmn, index),
    }?;
    let number = match &spec.number {
        Some(pattern) => numbers::from_pattern(pattern, at, Msisdn::parse, report),
        None => numbers::msisdn(&home.country_code, operator, index),
    }?;
    let imei = match &spec.imei {
        Some(pattern) => numbers::from_pattern(pattern, at, polysim_base::Imei::parse, report),
        None => numbers::imei(index),
    }?;
    if !imsi.belongs_to(home.plmn) {
        let place = spec.imsi.as_ref().or(spec.operator.as_ref()).unwrap_or(&spec.name);
        let message = format!("the subscription {imsi} is none of network {}", home.plmn);
        report.at(place.span.clone(), message);
    }
    let card_pin = spec.card_pin.as_ref().map(|pin| pin.text.clone());
    Some(PhoneConfig {
        name,
        region,
        operator,
        imsi,
        number,
        imei,
        model: spec.model.as_ref().map_or("generic", |model| &model.text).to_owned(),
        ports: spec.ports,
        power_on: match spec.power {
            Power::Off => None,
            Power::On(range) => Some(latency(range)),
        },
        user_pin: spec.user_pin.as_ref().map(|pin| pin.text.clone()).or_else(|| card_pin.clone()),
        card_pin,
        subscribed: spec.subscribed,
        balance_micro: spec.balance.map(|balance| balance.0),
        answers_after: spec.answers_after.map(|span| span.0),
        open_card: None,
        euicc: None,
    })
}

pub(super) fn model(model: Option<&Name>, report: &mut Report<'_>) {
    let Some(model) = model else { return };
    if !MODELS.contains(&model.text.as_str()) {
        let hint = crate::check::did_you_mean(&model.text, MODELS.iter().copied());
        let message = format!("no model is called \"{}\"", model.text);
        report.with(model.span.clone(), message, hint);
    }
}

/// A PIN is four to eight digits (TS 31.101, 9.5.1).
pub(super) fn check_pin(pin: &Name, report: &mut Report<'_>) -> bool {
    let legal = (4..=8).contains(&pin.text.len()) && pin.text.bytes().all(|b| b.is_ascii_digit());
    if !legal {
        report.at(pin.span.clone(), "a PIN has four to eight digits");
    }
    legal
}

/// Reads `+01:00` as quarters of an hour.
fn zone_quarters(text: &str) -> Option<i8> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (hours.parse::<i8>().ok()?, minutes.parse::<i8>().ok()?);
    let legal = (0..=14).contains(&hours) && (0..60).contains(&minutes) && minutes % 15 == 0;
    legal.then_some(sign * (hours * 4 + minutes / 15))
}

/// Reads a date and time in universal time as seconds since the Unix epoch (1970 to 9999).
fn unix_seconds(text: &str) -> Option<u64> {
    let datetime: toml::value::Datetime = text.parse().ok()?;
    let (date, time) = (datetime.date?, datetime.time?);
    if datetime.offset != Some(toml::value::Offset::Z) || date.year < 1970 {
        return None;
    }
    // Days since 1970-03-01 by counting years from March, so that the leap day comes last.
    let (year, month) = (u64::from(date.year), u64::from(date.month));
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days = year * 365 + leap_days + (month * 153 + 2) / 5 + u64::from(date.day) - 1;
    let since_epoch = days.checked_sub(719_468)?;
    let second = u64::from(time.second.unwrap_or(0));
    Some(since_epoch * 86_400 + u64::from(time.hour) * 3_600 + u64::from(time.minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_become_unix_time() {
        assert_eq!(unix_seconds("2026-01-01T00:00:00Z"), Some(START_UNIX_S));
        assert_eq!(unix_seconds("1970-01-01T00:00:01Z"), Some(1));
        assert_eq!(unix_seconds("2024-02-29T12:30:00Z"), Some(1_709_209_800));
        assert_eq!(unix_seconds("2026-01-01"), None);
        assert_eq!(unix_seconds("2026-01-01T00:00:00+01:00"), None);
    }

    #[test]
    fn zones_are_quarters_of_an_hour() {
        assert_eq!(zone_quarters("+01:00"), Some(4));
        assert_eq!(zone_quarters("-03:30"), Some(-14));
        assert_eq!(zone_quarters("+05:45"), Some(23));
        assert_eq!(zone_quarters("+1"), None);
        assert_eq!(zone_quarters("+15:00"), None);
    }
}
