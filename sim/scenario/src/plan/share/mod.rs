//! Groups of devices that share a subscription, in a file and in those it includes.

mod group;
mod links;
pub(super) mod verbs;

pub(super) use links::{is_own, link_named};

use super::Report;
use super::lookup::{Lookup, Member};
use super::world::Part;
use crate::check::Mistake;
use crate::expand::expand;
use crate::spec;
use polysim_base::Duration;
use polysim_world::{LatencyRange, ShareConfig, Thing, WorldConfig};
use std::ops::Range;

const SYNC: LatencyRange =
    LatencyRange { min: Duration::from_millis(1), max: Duration::from_millis(4) };

/// Notes which phones have no card of their own, before phones are made.
pub(super) fn claim_slaves(parts: &[Part<'_>], lookup: &mut Lookup) {
    let groups = parts.iter().flat_map(|part| part.spec.share);
    let patterns = groups.flat_map(|group| &group.slaves);
    // A pattern that is none is reported where its group is made.
    let names = patterns.flat_map(|pattern| expand(&pattern.text).unwrap_or_default());
    lookup.cardless.extend(names);
}

/// Adds the groups to the world, if there are any.
pub(super) fn resolve(
    parts: &[Part<'_>],
    spec: &spec::WorldSpec,
    world: &mut WorldConfig,
    lookup: &mut Lookup,
    mistakes: &mut Vec<Mistake>,
) {
    if parts.iter().all(|part| part.spec.share.is_empty()) {
        return;
    }
    let mut share = ShareConfig { sync: SYNC, ..ShareConfig::default() };
    links::defaults(spec, &mut share);
    for part in parts {
        let report = &mut Report::new(part.source, mistakes);
        for spec in part.spec.share {
            group::resolve(spec, &mut share, world, lookup, report);
        }
    }
    for part in parts {
        let report = &mut Report::new(part.source, mistakes);
        cards(part.spec.phone, lookup, report);
        let own = part.spec.link.iter().filter(|spec| is_own(spec, lookup));
        own.for_each(|spec| links::resolve(spec, &mut share, lookup, report));
    }
    world.share = Some(share);
}

/// Reports what belongs to a card where a phone has none, and cards that cannot be shared.
fn cards(phones: &[spec::PhoneSpec], lookup: &Lookup, report: &mut Report<'_>) {
    for spec in phones {
        let names = expand(&spec.name.text).unwrap_or_default();
        let is_slave = names.iter().any(|name| is_slave(name, lookup));
        let keys = if is_slave {
            vec![
                (spec.operator.is_some(), "operator"),
                (spec.number.is_some(), "number"),
                (spec.imsi.is_some(), "imsi"),
                (spec.card_pin.is_some(), "card_pin"),
                (spec.balance.is_some(), "balance"),
                (spec.card.is_some(), "card"),
                (spec.euicc.is_some(), "euicc"),
            ]
        } else if names.iter().any(|name| is_member(name, lookup)) {
            vec![
                (spec.card_pin.is_some(), "card_pin"),
                (spec.card.is_some(), "card"),
                (spec.euicc.is_some(), "euicc"),
            ]
        } else {
            continue;
        };
        for (_, key) in keys.into_iter().filter(|(there, _)| *there) {
            let message = if is_slave {
                format!("a slave has no card of its own, and so no \"{key}\"")
            } else {
                format!("a subscription with a \"{key}\" cannot be shared")
            };
            report.at(spec.name.span.clone(), message);
        }
    }
}

fn is_slave(name: &str, lookup: &Lookup) -> bool {
    let phone = lookup.phones.get(name);
    phone.is_some_and(|phone| lookup.members.get(phone).is_some_and(|it| it.master != *phone))
}

fn is_member(name: &str, lookup: &Lookup) -> bool {
    lookup.phones.get(name).is_some_and(|phone| lookup.members.contains_key(phone))
}

/// Finds the place of a phone in its group, or reports that it is in none.
pub(super) fn member(
    phone: usize,
    place: Range<usize>,
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Option<Member> {
    let found = lookup.members.get(&phone).copied();
    if found.is_none() {
        let name = lookup.name(Thing::Phone, phone).unwrap_or_default();
        let message = format!("the phone \"{name}\" shares no subscription");
        let help = "make it the master or one of the slaves of a [[share]]".to_owned();
        report.with(place, message, Some(help));
    }
    found
}
