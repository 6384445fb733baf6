use super::usual;
use crate::check::did_you_mean;
use crate::plan::Report;
use crate::plan::lookup::{Lookup, spelt};
use crate::plan::world::latency;
use crate::spec::{LinkSpec, Name, WorldSpec};
use polysim_base::Duration;
use polysim_world::{IssuanceConfig, IssuanceNode, LatencyRange, LinkQuality};

const LATENCY: LatencyRange =
    LatencyRange { min: Duration::from_millis(20), max: Duration::from_millis(60) };

/// All links are alike at first.
pub(super) fn defaults(spec: &WorldSpec, issuance: &mut IssuanceConfig) {
    let latency = usual(spec).unwrap_or(LATENCY);
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
    let [one, other] = spec.between.as_slice() else {
        let span = spec.between.first().map_or(0..0, |name| name.span.clone());
        return report.at(span, "a link is between two");
    };
    let (ones, others) = (nodes(one, lookup, report), nodes(other, lookup, report));
    let share = |share: Option<crate::units::Share>| share.map_or(0, |share| share.0);
    let link = LinkQuality {
        latency: spec.latency.map_or(issuance.links.usual.latency, latency),
        loss_ppm: share(spec.loss),
        duplicate_ppm: share(spec.duplicate),
        reorder_ppm: share(spec.reorder),
    };
    for from in &ones {
        for to in &others {
            if !are_linked(*from, *to) {
                let message = format!("there is no link between \"{}\" and that", one.text);
                return report.at(other.span.clone(), message);
            }
            issuance.links.overrides.push((*from, *to, link));
            issuance.links.overrides.push((*to, *from, link));
        }
    }
}

/// Everybody speaks to platforms only.
const fn are_linked(one: IssuanceNode, other: IssuanceNode) -> bool {
    matches!(one, IssuanceNode::Platform(_)) != matches!(other, IssuanceNode::Platform(_))
}

fn nodes(pattern: &Name, lookup: &Lookup, report: &mut Report<'_>) -> Vec<IssuanceNode> {
    let names = spelt(pattern, report).into_iter();
    names.filter_map(|name| node_named(&name, lookup, report)).collect()
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

/// Finds the link `a-b` where it is one of these; names may have dashes.
pub(in crate::plan) fn link_named(
    name: &Name,
    lookup: &Lookup,
) -> Option<(IssuanceNode, IssuanceNode)> {
    let dashes = name.text.match_indices('-').map(|(at, _)| at);
    let mut ends = dashes.filter_map(|at| {
        let (one, other) = name.text.split_at_checked(at)?;
        Some((node(one, lookup)?, node(other.strip_prefix('-')?, lookup)?))
    });
    ends.find(|(one, other)| are_linked(*one, *other))
}
