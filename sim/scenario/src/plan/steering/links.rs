use super::usual;
use crate::check::did_you_mean;
use crate::plan::Report;
use crate::plan::links;
use crate::plan::lookup::Lookup;
use crate::plan::world::latency;
use crate::spec::{LinkSpec, Name, ServiceSpec, WorldSpec};
use polysim_world::{LinkQuality, SteeringConfig, SteeringNode};

/// All links are alike at first.
pub(super) fn defaults(spec: &WorldSpec, steering: &mut SteeringConfig) {
    let latency = usual(spec).unwrap_or(links::LATENCY);
    steering.links.usual = LinkQuality { latency, ..LinkQuality::default() };
}

/// Returns whether a link is one of these.
pub(in crate::plan) fn is_own(spec: &LinkSpec, lookup: &Lookup) -> bool {
    spec.between.iter().any(|name| lookup.services.contains_key(&name.text))
}

/// Services may say how long messages to them take.
pub(super) fn of_services(
    services: &[ServiceSpec],
    steering: &mut SteeringConfig,
    lookup: &Lookup,
) {
    for (spec, range) in services.iter().filter_map(|it| Some((it, it.latency?))) {
        let Some(own) = lookup.services.get(&spec.name.text).copied() else { continue };
        let link = LinkQuality { latency: latency(range), ..steering.links.usual };
        let operators = lookup.operators.values().map(|it| SteeringNode::Operator(*it));
        let others = lookup.services.values().map(|it| SteeringNode::Service(*it));
        let own = SteeringNode::Service(own);
        for other in operators.chain(others).filter(|other| *other != own) {
            steering.links.overrides.extend([(own, other, link), (other, own, link)]);
        }
    }
}

/// Describes the links between two names or patterns, both ways.
pub(super) fn resolve(
    spec: &LinkSpec,
    steering: &mut SteeringConfig,
    lookup: &Lookup,
    report: &mut Report<'_>,
) {
    let link = steering.links.usual;
    let node = |name: &Name, report: &mut Report<'_>| node_named(name, lookup, report);
    let usual = |one, other| are_linked(one, other).then_some(link);
    links::resolve(spec, &mut steering.links.overrides, report, node, usual);
}

/// Operators have links of their own between them.
const fn are_linked(one: SteeringNode, other: SteeringNode) -> bool {
    matches!(one, SteeringNode::Service(_)) || matches!(other, SteeringNode::Service(_))
}

fn node(name: &str, lookup: &Lookup) -> Option<SteeringNode> {
    let service = || lookup.services.get(name).copied().map(SteeringNode::Service);
    let operator = || lookup.operators.get(name).copied().map(SteeringNode::Operator);
    service().or_else(operator)
}

/// Finds the end of a link, or reports it with the nearest name there is.
fn node_named(name: &Name, lookup: &Lookup, report: &mut Report<'_>) -> Option<SteeringNode> {
    let found = node(&name.text, lookup);
    if found.is_none() {
        let names = [&lookup.services, &lookup.operators];
        let names = names.into_iter().flat_map(|names| names.keys().map(String::as_str));
        let hint = did_you_mean(&name.text, names);
        let message = format!("no service or operator is called \"{}\"", name.text);
        report.with(name.span.clone(), message, hint);
    }
    found
}

/// Finds the link `a-b` where it is one of these.
pub(in crate::plan) fn link_named(
    name: &Name,
    lookup: &Lookup,
) -> Option<(SteeringNode, SteeringNode)> {
    let mut ends = links::pairs(&name.text, |name| node(name, lookup));
    ends.find(|(one, other)| are_linked(*one, *other))
}
