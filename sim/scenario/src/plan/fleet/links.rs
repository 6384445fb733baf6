use super::{Lookup, Report, spelt};
use crate::plan::world::latency;
use crate::spec::{LinkSpec, Name, WorldSpec};
use polysim_base::Duration;
use polysim_world::{FleetConfig, FleetLinks, FleetNode, LatencyRange, LinkQuality};

const LATENCY: LatencyRange =
    LatencyRange { min: Duration::from_millis(20), max: Duration::from_millis(60) };
/// The most links that one file may describe one by one.
const LINKS_MAX: usize = 100_000;

/// All links are alike at first.
pub(super) fn defaults(spec: &WorldSpec, fleet: &mut FleetConfig) {
    let link = usual(spec.latency.fleet.map_or(LATENCY, latency));
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
    let [one, other] = spec.between.as_slice() else {
        let span = spec.between.first().map_or(0..0, |name| name.span.clone());
        return report.at(span, "a link is between two");
    };
    let (ones, others) = (nodes(one, lookup, report), nodes(other, lookup, report));
    if fleet.links.overrides.len() + 2 * ones.len() * others.len() > LINKS_MAX {
        return report.at(one.span.clone(), format!("more than {LINKS_MAX} links"));
    }
    for from in &ones {
        for to in &others {
            let Some(usual) = between(&fleet.links, *from, *to) else {
                let message = format!("there is no link between \"{}\" and that", one.text);
                report.at(other.span.clone(), message);
                return;
            };
            let share = |share: Option<crate::units::Share>| share.map_or(0, |share| share.0);
            let link = LinkQuality {
                latency: spec.latency.map_or(usual.latency, latency),
                loss_ppm: share(spec.loss),
                duplicate_ppm: share(spec.duplicate),
                reorder_ppm: share(spec.reorder),
            };
            fleet.links.overrides.push((*from, *to, link));
            fleet.links.overrides.push((*to, *from, link));
        }
    }
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

/// Finds the ends of links that a name or a pattern stands for.
fn nodes(pattern: &Name, lookup: &Lookup, report: &mut Report<'_>) -> Vec<FleetNode> {
    let names = spelt(pattern, report).into_iter();
    names.filter_map(|name| lookup.node_named(&name, report)).collect()
}

/// Finds the link `a-b`; names may have dashes.
pub(in crate::plan) fn link_named(
    name: &Name,
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Option<(FleetNode, FleetNode)> {
    let dashes = name.text.match_indices('-').map(|(at, _)| at);
    let ends = dashes.filter_map(|at| {
        let (one, other) = name.text.split_at_checked(at)?;
        Some((lookup.node(one)?, lookup.node(other.strip_prefix('-')?)?))
    });
    let linked = |(one, other): &(_, _)| between(&FleetLinks::default(), *one, *other).is_some();
    let found = ends.collect::<Vec<_>>();
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
