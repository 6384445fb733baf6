use super::{Lookup, Report};
use crate::plan::links;
use crate::plan::world::latency;
use crate::spec::{LinkSpec, Name, WorldSpec};
use polysim_world::{FleetConfig, FleetLinks, FleetNode, LatencyRange, LinkQuality};

/// All links are alike at first.
pub(super) fn defaults(spec: &WorldSpec, fleet: &mut FleetConfig) {
    let link = usual(spec.latency.fleet.map_or(links::LATENCY, latency));
    fleet.links.site_server = link;
    fleet.links.terminal_server = link;
    fleet.links.terminal_site = link;
    fleet.links.site_site = link;
}

const fn usual(latency: LatencyRange) -> LinkQuality {
    LinkQuality { latency, loss_ppm: 0, duplicate_ppm: 0, reorder_ppm: 0 }
}

/// Describes the links between two names or patterns, both ways.
pub(super) fn resolve(
    spec: &LinkSpec,
    fleet: &mut FleetConfig,
    lookup: &Lookup,
    report: &mut Report<'_>,
) {
    let mut overrides = std::mem::take(&mut fleet.links.overrides);
    let node = |name: &Name, report: &mut Report<'_>| lookup.node_named(name, report);
    let usual = |one, other| between(&fleet.links, one, other);
    links::resolve(spec, &mut overrides, report, node, usual);
    fleet.links.overrides = overrides;
}

/// What the link between two ends is like unless the file says otherwise; `None` where there is no
/// link.
fn between(links: &FleetLinks, one: FleetNode, other: FleetNode) -> Option<LinkQuality> {
    use FleetNode::{Log, Server, Site, Terminal};
    match (one, other) {
        (Site(_), Server(_)) | (Server(_), Site(_)) => Some(links.site_server),
        (Terminal(_), Server(_)) | (Server(_), Terminal(_)) => Some(links.terminal_server),
        (Terminal(_), Site(_)) | (Site(_), Terminal(_)) => Some(links.terminal_site),
        (Site(a), Site(b)) => (a != b).then_some(links.site_site),
        (Server(_), Log) | (Log, Server(_)) => Some(LinkQuality::default()),
        (Server(_), Server(_)) | (Terminal(_), Terminal(_) | Log) | (Log | Site(_), Log) => None,
        (Log, Terminal(_) | Site(_)) => None,
    }
}

/// Finds the link `a-b`.
pub(in crate::plan) fn link_named(
    name: &Name,
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Option<(FleetNode, FleetNode)> {
    let linked = |(one, other): &(_, _)| between(&FleetLinks::default(), *one, *other).is_some();
    let found = links::pairs(&name.text, |name| lookup.node(name)).collect::<Vec<_>>();
    if let [ends] = found.as_slice() {
        if !linked(ends) {
            let message = format!("there is no link \"{}\": these two never meet", name.text);
            report.at(name.span.clone(), message);
            return None;
        }
        return Some(*ends);
    }
    let known = lookup.node_names().take(8).collect::<Vec<_>>().join(", ");
    let message = format!("no link is called \"{}\"", name.text);
    let help = Some(format!("write \"link:ONE-OTHER\", both of: {known}"));
    report.with(name.span.clone(), message, help);
    None
}
