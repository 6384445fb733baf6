use super::usual;
use crate::check::did_you_mean;
use crate::plan::Report;
use crate::plan::links;
use crate::plan::lookup::Lookup;
use crate::spec::{LinkSpec, Name, WorldSpec};
use polysim_world::{IssuanceConfig, IssuanceNode, LinkQuality};

/// All links are alike at first.
pub(super) fn defaults(spec: &WorldSpec, issuance: &mut IssuanceConfig) {
    let latency = usual(spec).unwrap_or(links::LATENCY);
    issuance.links.usual = LinkQuality { latency, ..LinkQuality::default() };
}

/// Returns whether a link is one of these, and not of a fleet.
pub(in crate::plan) fn is_own(spec: &LinkSpec, lookup: &Lookup) -> bool {
    spec.between.iter().any(|name| {
        lookup.platforms.contains_key(&name.text) || lookup.businesses.contains_key(&name.text)
    })
}

/// Describes the links between two names or patterns, both ways.
pub(super) fn resolve(
    spec: &LinkSpec,
    issuance: &mut IssuanceConfig,
    lookup: &Lookup,
    report: &mut Report<'_>,
) {
    let link = issuance.links.usual;
    let node = |name: &Name, report: &mut Report<'_>| node_named(name, lookup, report);
    let usual = |one, other| are_linked(one, other).then_some(link);
    links::resolve(spec, &mut issuance.links.overrides, report, node, usual);
}

/// Everybody speaks to platforms only.
const fn are_linked(one: IssuanceNode, other: IssuanceNode) -> bool {
    matches!(one, IssuanceNode::Platform(_)) != matches!(other, IssuanceNode::Platform(_))
}

fn node(name: &str, lookup: &Lookup) -> Option<IssuanceNode> {
    let platform = || lookup.platforms.get(name).copied().map(IssuanceNode::Platform);
    let business = || lookup.businesses.get(name).copied().map(IssuanceNode::Business);
    let operator = || lookup.operators.get(name).copied().map(IssuanceNode::Operator);
    platform().or_else(business).or_else(operator)
}

/// Finds the end of a link, or reports it with the nearest name there is.
pub(in crate::plan) fn node_named(
    name: &Name,
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Option<IssuanceNode> {
    let found = node(&name.text, lookup);
    if found.is_none() {
        let names = [&lookup.platforms, &lookup.businesses, &lookup.operators];
        let names = names.into_iter().flat_map(|names| names.keys().map(String::as_str));
        let hint = did_you_mean(&name.text, names);
        let message = format!("no platform, business or operator is called \"{}\"", name.text);
        report.with(name.span.clone(), message, hint);
    }
    found
}

/// Finds the link `a-b` where it is one of these.
pub(in crate::plan) fn link_named(
    name: &Name,
    lookup: &Lookup,
) -> Option<(IssuanceNode, IssuanceNode)> {
    let mut ends = links::pairs(&name.text, |name| node(name, lookup));
    ends.find(|(one, other)| are_linked(*one, *other))
}
