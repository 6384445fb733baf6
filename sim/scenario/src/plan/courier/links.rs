//! Links between phones and the courier's server.

use crate::expand::expand;
use crate::plan::Report;
use crate::plan::links;
use crate::plan::lookup::{Lookup, find};
use crate::spec::{LinkSpec, Name};
use polysim_world::{CourierConfig, CourierEnd};

/// Returns whether a link is one of these.
pub(in crate::plan) fn is_own(spec: &LinkSpec, lookup: &Lookup) -> bool {
    let first = |name: &Name| expand(&name.text).unwrap_or_default().into_iter().next();
    let mut ends = spec.between.iter().filter_map(first);
    ends.any(|name| lookup.couriers.contains_key(&name))
}

/// Describes the links between the server and a name or a pattern, both ways.
pub(super) fn resolve(
    spec: &LinkSpec,
    courier: &mut CourierConfig,
    lookup: &Lookup,
    report: &mut Report<'_>,
) {
    let link = courier.links.usual;
    let node = |name: &Name, report: &mut Report<'_>| match end(&name.text, lookup) {
        Some(end) => Some(end),
        None => find(&lookup.phones, "phone", name, report).map(CourierEnd::Phone),
    };
    let usual = |one, other| phone_of(one, other, lookup).map(|_| link);
    let mut both_ways = Vec::new();
    links::resolve(spec, &mut both_ways, report, node, usual);
    let phones = both_ways.into_iter().filter_map(|(from, _, link)| match from {
        CourierEnd::Phone(phone) => Some((phone, link)),
        CourierEnd::Server => None,
    });
    courier.links.overrides.extend(phones);
}

/// Finds the phone whose link to the server is `a-b`.
pub(in crate::plan) fn link_named(name: &Name, lookup: &Lookup) -> Option<usize> {
    let mut ends = links::pairs(&name.text, |name| end(name, lookup));
    ends.find_map(|(one, other)| phone_of(one, other, lookup))
}

fn end(name: &str, lookup: &Lookup) -> Option<CourierEnd> {
    let phone = || lookup.phones.get(name).copied().map(CourierEnd::Phone);
    lookup.couriers.get(name).map(|_| CourierEnd::Server).or_else(phone)
}

/// Returns the phone with a courier where the other end is the server.
fn phone_of(one: CourierEnd, other: CourierEnd, lookup: &Lookup) -> Option<usize> {
    match (one, other) {
        (CourierEnd::Phone(phone), CourierEnd::Server)
        | (CourierEnd::Server, CourierEnd::Phone(phone)) => {
            Some(phone).filter(|phone| lookup.courier_phones.contains(phone))
        }
        (CourierEnd::Phone(_), CourierEnd::Phone(_)) | (CourierEnd::Server, CourierEnd::Server) => {
            None
        }
    }
}
