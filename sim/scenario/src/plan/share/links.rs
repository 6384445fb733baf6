use crate::expand::expand;
use crate::plan::Report;
use crate::plan::links;
use crate::plan::lookup::{Lookup, find};
use crate::plan::world::latency;
use crate::spec::{LinkSpec, Name, WorldSpec};
use polysim_base::Duration;
use polysim_world::{LatencyRange, LinkQuality, ShareConfig};

/// How long a message takes over a short-range link where the file does not say.
const LATENCY: LatencyRange =
    LatencyRange { min: Duration::from_millis(10), max: Duration::from_millis(40) };

/// All links are alike at first.
pub(super) fn defaults(spec: &WorldSpec, share: &mut ShareConfig) {
    let latency = spec.latency.share.map_or(LATENCY, latency);
    share.links.usual = LinkQuality { latency, ..LinkQuality::default() };
}

/// Returns whether a link is one of these.
pub(in crate::plan) fn is_own(spec: &LinkSpec, lookup: &Lookup) -> bool {
    let first = |name: &Name| expand(&name.text).unwrap_or_default().into_iter().next();
    let mut ends = spec.between.iter().filter_map(first);
    ends.any(|name| lookup.phones.get(&name).is_some_and(|it| lookup.members.contains_key(it)))
}

/// Describes the links between two names or patterns, both ways.
pub(super) fn resolve(
    spec: &LinkSpec,
    share: &mut ShareConfig,
    lookup: &Lookup,
    report: &mut Report<'_>,
) {
    let link = share.links.usual;
    let node = |name: &Name, report: &mut Report<'_>| find(&lookup.phones, "phone", name, report);
    let usual = |one, other| slave_of(one, other, lookup).map(|_| link);
    links::resolve(spec, &mut share.links.overrides, report, node, usual);
}

/// Returns which of two phones is a slave of the other one.
fn slave_of(one: usize, other: usize, lookup: &Lookup) -> Option<usize> {
    let is_slave = |slave: usize, master: usize| {
        slave != master && lookup.members.get(&slave).is_some_and(|it| it.master == master)
    };
    let mut found = [(one, other), (other, one)].into_iter();
    found.find(|(slave, master)| is_slave(*slave, *master)).map(|(slave, _)| slave)
}

/// Finds the slave whose link to its master is `a-b`.
pub(in crate::plan) fn link_named(name: &Name, lookup: &Lookup) -> Option<usize> {
    let phone = |name: &str| lookup.phones.get(name).copied();
    let mut ends = links::pairs(&name.text, phone);
    ends.find_map(|(one, other)| slave_of(one, other, lookup))
}
